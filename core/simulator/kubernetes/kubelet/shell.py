"""The few commands that simulated containers have."""

from __future__ import annotations

import base64
import shlex
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.simulator.kubernetes.errors import ApiError
from core.simulator.kubernetes.hooks import Streams
from core.simulator.kubernetes.kubelet.images import short_name
from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.shape import Object, stamp

_SHELLS = ("sh", "bash", "ash", "dash")
_DIRECTORIES = (
    "bin",
    "dev",
    "etc",
    "home",
    "lib",
    "mnt",
    "opt",
    "proc",
    "root",
    "run",
    "srv",
    "sys",
    "tmp",
    "usr",
    "var",
)
_WELCOME = "This container is simulated: it has hostname, env, cat, ls and a few more.\n"


@dataclass(frozen=True, slots=True)
class Box:
    """A running container as its commands see it."""

    pod: Object
    container: Object
    ip: str
    objects: Objects
    clock: Callable[[], float]

    @property
    def host(self) -> str:
        """Its host name."""
        return str(self.pod["spec"].get("hostname") or self.pod["metadata"]["name"])

    def environment(self) -> dict[str, str]:
        """Its variables."""
        given = {one["name"]: str(one.get("value", "")) for one in self.container.get("env") or ()}
        return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOSTNAME": self.host, "HOME": "/root", **given}

    def file(self, path: str) -> str | None:
        """A file's content, None where there is none."""
        known = {
            "/etc/hostname": f"{self.host}\n",
            "/etc/hosts": f"127.0.0.1\tlocalhost\n{self.ip}\t{self.host}\n",
            "/etc/os-release": f'PRETTY_NAME="{short_name(self.container["image"])} (simulated)"\n',
            "/etc/resolv.conf": f"search {self._namespace}.svc.cluster.local svc.cluster.local cluster.local\n",
        }
        return known.get(path) or dict(self._mounted()).get(path)

    @property
    def _namespace(self) -> str:
        return str(self.pod["metadata"]["namespace"])

    def _mounted(self) -> Iterator[tuple[str, str]]:
        """The files of ConfigMaps and Secrets, by their paths."""
        volumes = {one["name"]: one for one in self.pod["spec"].get("volumes") or ()}
        for mount in self.container.get("volumeMounts") or ():
            for name, content in self._contents(volumes.get(mount["name"], {})):
                yield f"{mount['mountPath'].rstrip('/')}/{name}", content

    def _contents(self, volume: Object) -> Iterator[tuple[str, str]]:
        if config := volume.get("configMap"):
            found = self.objects.get("configmaps", self._namespace, config["name"]) or {}
            yield from (found.get("data") or {}).items()
        if secret := volume.get("secret"):
            found = self.objects.get("secrets", self._namespace, secret["secretName"]) or {}
            for name, encoded in (found.get("data") or {}).items():
                yield name, base64.b64decode(encoded).decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended: its status and what it wrote."""

    status: int = 0
    out: str = ""
    err: str = ""


async def serve(box: Box, command: Sequence[str], streams: Streams) -> int:
    """Run a command with its streams; a shell without arguments takes commands from its input.

    Raises:
        ApiError: there is no such program.
    """
    name = command[0].rpartition("/")[2]
    if name in _SHELLS and len(command) == 1:
        return await _shell(box, streams)
    if command == ["cat"]:
        async for piece in streams.stdin:
            await streams.stdout(piece)
        return 0
    done = run(box, command)
    if done is None:
        why = f'exec: "{command[0]}": executable file not found in $PATH (simulated containers have few programs)'
        raise ApiError(500, "InternalError", f"error executing command in container: {why}")
    await _write(streams, done)
    return done.status


def run(box: Box, command: Sequence[str]) -> Done | None:
    """What a command does; None for a program that is not there."""
    name, arguments = command[0].rpartition("/")[2], list(command[1:])
    if name in _SHELLS:
        script = arguments[-1] if arguments else ""
        return _script(box, script)
    known = _COMMANDS.get(name)
    return known(box, arguments) if known else None


async def _shell(box: Box, streams: Streams) -> int:
    prompt = b"# " if streams.tty else b""
    if streams.tty:
        await streams.stdout(_WELCOME.replace("\n", "\r\n").encode() + prompt)
    status = 0
    async for line in _lines(streams):
        words = line.split()
        if words[:1] == ["exit"]:
            return int(words[1]) if len(words) > 1 and words[1].isdigit() else status
        if words:
            done = _script(box, line)
            status = done.status
            await _write(streams, done)
        if prompt:
            await streams.stdout(prompt)
    return status


async def _lines(streams: Streams) -> AsyncIterator[str]:
    """The lines of the input; a terminal's are echoed as they are typed, and end where it sends ^D."""
    rest = ""
    async for piece in streams.stdin:
        text = piece.decode(errors="replace")
        if streams.tty:
            await streams.stdout(text.replace("\r", "\r\n").encode())
        rest += text.replace("\r", "\n")
        *lines, rest = rest.split("\n")
        for line in lines:
            yield line
        if "\x04" in rest:
            return
    if rest:
        yield rest


async def _write(streams: Streams, done: Done) -> None:
    for text, send in ((done.out, streams.stdout), (done.err, streams.stderr)):
        if text:
            await send((text.replace("\n", "\r\n") if streams.tty else text).encode())


def _script(box: Box, script: str) -> Done:
    """Commands one after another, as long as they are plain ones."""
    out, err, status = "", "", 0
    for statement in script.replace("&&", ";").split(";"):
        try:
            words = shlex.split(statement)
        except ValueError as error:
            return Done(2, out, f"{err}sh: syntax error: {error}\n")
        if not words:
            continue
        values = box.environment()
        words = [values.get(word[1:], "") if word.startswith("$") else word for word in words]
        done = run(box, words) or Done(127, "", f"sh: {words[0]}: not found\n")
        out, err, status = out + done.out, err + done.err, done.status
        if words[0] == "exit" or (status and "&&" in script):
            break
    return Done(status, out, err)


def _cat(box: Box, paths: list[str]) -> Done:
    found = [(path, box.file(path)) for path in paths]
    out = "".join(content for _, content in found if content is not None)
    err = "".join(f"cat: {path}: No such file or directory\n" for path, content in found if content is None)
    return Done(1 if err else 0, out, err)


def _exit(box: Box, arguments: list[str]) -> Done:
    return Done(int(arguments[0]) if arguments and arguments[0].isdigit() else 0)


def _ps(box: Box, arguments: list[str]) -> Done:
    words = [*(box.container.get("command") or ()), *(box.container.get("args") or ())]
    program = shlex.join(words) or short_name(box.container["image"])
    return Done(0, f"PID   USER     TIME  COMMAND\n    1 root      0:00 {program}\n")


def _environment(box: Box, arguments: list[str]) -> Done:
    return Done(0, "".join(f"{name}={value}\n" for name, value in box.environment().items()))


_COMMANDS: Mapping[str, Callable[[Box, list[str]], Done]] = {
    "cat": _cat,
    "date": lambda box, arguments: Done(0, f"{stamp(box.clock())}\n"),
    "echo": lambda box, arguments: Done(0, f"{' '.join(arguments)}\n"),
    "env": _environment,
    "exit": _exit,
    "false": lambda box, arguments: Done(1),
    "hostname": lambda box, arguments: Done(0, f"{box.ip if '-i' in arguments else box.host}\n"),
    "id": lambda box, arguments: Done(0, "uid=0(root) gid=0(root) groups=0(root)\n"),
    "ls": lambda box, arguments: Done(0, "".join(f"{name}\n" for name in _DIRECTORIES)),
    "printenv": _environment,
    "ps": _ps,
    "pwd": lambda box, arguments: Done(0, "/\n"),
    "true": lambda box, arguments: Done(),
    "uname": lambda box, arguments: Done(
        0, "Linux\n" if not arguments else f"Linux {box.host} simulated x86_64 GNU/Linux\n"
    ),
    "whoami": lambda box, arguments: Done(0, "root\n"),
}

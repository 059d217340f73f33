"""Commands on files: what the product sends, what units run before their programs, and what a person looks with."""

from __future__ import annotations

import base64
import re
import shlex

from core.simulator.errors import no_file
from core.simulator.machine.machine import Machine
from core.simulator.shell.calls import Call, command
from core.simulator.shell.scripts import script


@script(r"if \[ -e .+ \]; then base64 -w0 < ")
async def read(call: Call, text: str) -> int:
    """A file's content in base64, or that there is none."""
    path = shlex.split(text.partition("[ -e ")[2].partition(" ]; then")[0])[0]
    content = call.machine.files.read(path)
    call.out("absent-\n" if content is None else base64.b64encode(content).decode())
    return 0


@command("test", "[")
async def test(call: Call) -> int:
    """-d, -e, -f, -s, -r, -x, -L of a path, -n and -z of a text, = and != of two; ! before it."""
    words = [word for word in call.arguments if word != "]"]
    negated = words[:1] == ["!"]
    return 0 if _holds(call.machine, words[negated:]) != negated else 1


def _holds(machine: Machine, words: list[str]) -> bool:
    if len(words) == 3:
        return (words[0] == words[2]) == (words[1] in ("=", "=="))
    if len(words) < 2:
        return bool(words and words[0])
    flag, value = words
    if flag in ("-n", "-z"):
        return bool(value) == (flag == "-n")
    found = machine.files.entry(value, follow=flag != "-L")
    if found is None:
        return False
    kinds = {"-d": found.kind == "d", "-f": found.kind == "f", "-L": found.kind == "l", "-s": found.size > 0}
    return kinds.get(flag, bool(found.mode & 0o111) if flag == "-x" else True)


@command("cat")
async def cat(call: Call) -> int:
    """Files, or standard input."""
    for path in call.arguments:
        content = call.machine.files.read(path)
        if content is None:
            raise no_file(path)
        call.stdout.write(content)
    if not call.arguments:
        call.stdout.write(await call.stdin.read())
    return 0


@command("ls")
async def ls(call: Call) -> int:
    """Names in directories; -l with what find knows."""
    flags = "".join(word for word in call.arguments if word.startswith("-"))
    for path in [word for word in call.arguments if not word.startswith("-")] or ["/root"]:
        found = call.machine.files.entry(path)
        if found is None:
            call.err(f"ls: cannot access '{path}': No such file or directory\n")
            return 2
        names = call.machine.files.listing(path) if found.kind == "d" else [path]
        for name in names:
            call.out(f"{_long(call.machine, path, name) if 'l' in flags else name}\n")
    return 0


def _long(machine: Machine, folder: str, name: str) -> str:
    entry = machine.files.entry(name if name.startswith("/") else f"{folder}/{name}", follow=False)
    if entry is None:
        return name
    arrow = f" -> {entry.target}" if entry.kind == "l" else ""
    kind = "-" if entry.kind == "f" else entry.kind
    return f"{kind}{entry.mode:04o} {entry.owner:8} {entry.group:8} {entry.size:>9} {name}{arrow}"


@command("mv")
async def mv(call: Call) -> int:
    """Renames."""
    source, target = (word for word in call.arguments if not word.startswith("-"))
    if not call.machine.files.exists(source):
        call.err(f"mv: cannot stat '{source}': No such file or directory\n")
        return 1
    call.machine.files.move(source, target)
    return 0


@command("rm")
async def rm(call: Call) -> int:
    """Removes; -r also directories, -f without a word about what is not there."""
    flags = "".join(word for word in call.arguments if word.startswith("-"))
    status = 0
    for path in (word for word in call.arguments if not word.startswith("-")):
        why = "Is a directory" if call.machine.files.is_directory(path) and "r" not in flags else ""
        if why or (not call.machine.files.remove(path) and "f" not in flags):
            call.err(f"rm: cannot remove '{path}': {why or 'No such file or directory'}\n")
            status = 1
    return status


@command("ln")
async def ln(call: Call) -> int:
    """-s: a symbolic link."""
    target, path = (word for word in call.arguments if not word.startswith("-"))
    if call.machine.files.entry(path, follow=False) and "-sf" not in call.arguments:
        call.err(f"ln: failed to create symbolic link '{path}': File exists\n")
        return 1
    call.machine.files.link(path, target)
    return 0


@command("mkdir")
async def mkdir(call: Call) -> int:
    """Makes directories with their parents."""
    for path in (word for word in call.arguments if not word.startswith("-")):
        call.machine.files.mkdir(path)
    return 0


@command("touch")
async def touch(call: Call) -> int:
    """Makes empty files where there are none."""
    for path in call.arguments:
        if not call.machine.files.exists(path):
            call.machine.files.write(path, b"")
    return 0


@command("grep")
async def grep(call: Call) -> int:
    """-q, -x, -F, -c, -v over standard input or files."""
    flags = "".join(word[1:] for word in call.arguments if word.startswith("-"))
    pattern, *paths = (word for word in call.arguments if not word.startswith("-"))
    text = "".join(call.machine.files.text(path) for path in paths) if paths else (await call.stdin.read()).decode()
    pattern = re.escape(pattern) if "F" in flags else pattern
    match = re.compile(pattern).fullmatch if "x" in flags else re.compile(pattern).search
    found = [line for line in text.splitlines() if bool(match(line)) != ("v" in flags)]
    if "c" in flags:
        call.out(f"{len(found)}\n")
    elif "q" not in flags:
        call.out("".join(f"{line}\n" for line in found))
    return 0 if found else 1


@command("head", "tail")
async def part(call: Call) -> int:
    """The first or last lines of standard input or a file; -n says how many."""
    words = list(call.arguments)
    count = 10
    if words and words[0].startswith("-n"):
        first = words.pop(0)
        count = int(first[2:] or words.pop(0))
    text = call.machine.files.text(words[0]) if words else (await call.stdin.read()).decode()
    lines = text.splitlines(keepends=True)
    call.out("".join(lines[:count] if call.argv[0].endswith("head") else lines[-count:]))
    return 0

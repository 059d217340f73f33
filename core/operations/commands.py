"""The command lines that do what the console does: what the journal keeps, and what people can copy."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence

from core.live.api import Arguments
from core.live.objects import Target

Words = Callable[[Target, Arguments], Sequence[str]]


def command_line(action: str, targets: Sequence[Target], arguments: Arguments | None = None) -> str:
    """The command line for each target, joined by `&&`; empty for what no command does."""
    words = COMMANDS.get(action)
    if words is None:
        return ""
    found = [_kubectl(target, words(target, arguments or {})) for target in targets]
    return " && ".join(dict.fromkeys(found))


def _kubectl(target: Target, words: Sequence[str]) -> str:
    if words[:1] == ["ssh"]:
        return shlex.join(words)
    """The words for kubectl: the context is named as `gondolier kubeconfig` names it, after the cluster."""
    inside = ["-n", target.namespace] if target.namespace else []
    return shlex.join(["kubectl", f"--context={target.cluster.cluster}", *inside, *words])


def _named(target: Target) -> str:
    """An object as kubectl takes it: "deployment/web", "pod/web-1", "widgets.example.org/w"."""
    kind = target.kind.kind.lower() if "." not in target.kind.group else target.kind.id
    return f"{kind}/{target.name}"


def _set(arguments: Arguments, *flags: str) -> list[str]:
    """The flags that were given a value: "grace" as --grace-period=30."""
    names = {"grace": "--grace-period", "timeout": "--timeout", "propagation": "--cascade"}
    found = []
    for flag in flags:
        value = arguments.get(flag)
        if value not in (None, "", False):
            unit = "s" if flag == "timeout" else ""
            found.append(f"{names[flag]}={str(value).lower()}{unit}")
    return found


def _delete(target: Target, arguments: Arguments) -> list[str]:
    forced = ["--grace-period=0", "--force"] if arguments.get("force") else _set(arguments, "grace")
    return ["delete", _named(target), *forced, *_set(arguments, "propagation")]


def _drain(target: Target, arguments: Arguments) -> list[str]:
    forced = ["--force"] if arguments.get("force") else []
    flags = ["--ignore-daemonsets", "--delete-emptydir-data", *_set(arguments, "timeout", "grace")]
    return ["drain", target.name, *flags, *forced]


def _logs(target: Target, arguments: Arguments) -> list[str]:
    container = [f"--container={target.container}"] if target.container else ["--all-containers"]
    return ["logs", _named(target), *container, "--timestamps", "--follow"]


def _exec(target: Target, arguments: Arguments) -> list[str]:
    container = [f"--container={target.container}"] if target.container else []
    return ["exec", "-it", target.name, *container, "--", "sh"]


def _image(target: Target, arguments: Arguments) -> list[str]:
    return ["set", "image", _named(target), f"{arguments.get('container')}={arguments.get('image')}"]


def _place(target: Target, path: object) -> str:
    return f"{target.name}:{path}"


def _scale(step: int) -> Words:
    def words(target: Target, arguments: Arguments) -> list[str]:
        wanted = getattr(getattr(target.row, "spec", None), "replicas", None)
        replicas = arguments.get("replicas") if not step else "N" if wanted is None else max(0, wanted + step)
        return ["scale", _named(target), f"--replicas={replicas}"]

    return words


def _undo(target: Target, arguments: Arguments) -> list[str]:
    revision = arguments.get("revision")
    return ["rollout", "undo", _named(target), *([f"--to-revision={revision}"] if revision else [])]


def _hold(target: Target, arguments: Arguments) -> list[str]:
    paused = getattr(getattr(target.row, "spec", None), "paused", False)
    return ["rollout", "resume" if paused else "pause", _named(target)]


def _suspend(target: Target, arguments: Arguments) -> list[str]:
    suspended = getattr(getattr(target.row, "spec", None), "suspend", False)
    change = f'{{"spec":{{"suspend":{str(not suspended).lower()}}}}}'
    return ["patch", _named(target), "--type=merge", "-p", change]


def _stop(target: Target, arguments: Arguments) -> list[str]:
    node = getattr(getattr(target.row, "spec", None), "node_name", "") or "NODE"
    label = f"io.kubernetes.pod.uid={target.uid}"
    return ["ssh", node, f"crictl ps --quiet --label {label} | xargs crictl stop --timeout 10"]


COMMANDS: Mapping[str, Words] = {
    "describe": lambda target, _: ["describe", _named(target)],
    "yaml": lambda target, _: ["get", _named(target), "-o", "yaml"],
    "reveal": lambda target, _: ["get", _named(target), "-o", "yaml"],
    "edit": lambda target, _: ["edit", _named(target)],
    "instance-logs": _logs,
    "previous-logs": lambda target, _: ["logs", target.name, "--previous"],
    "shell": _exec,
    "attach": lambda target, _: ["attach", "-it", target.name],
    "forward": lambda target, arguments: [
        "port-forward",
        _named(target),
        f"{arguments.get('local') or ''}:{arguments.get('remote')}",
    ],
    "history": lambda target, _: ["rollout", "history", _named(target)],
    "copy-from": lambda target, arguments: [
        "cp",
        _place(target, arguments.get("remote")),
        str(arguments.get("local")),
    ],
    "copy-to": lambda target, arguments: ["cp", str(arguments.get("local")), _place(target, arguments.get("remote"))],
    "scale": _scale(0),
    "scale-up": _scale(+1),
    "scale-down": _scale(-1),
    "restart": lambda target, _: ["rollout", "restart", _named(target)],
    "undo": _undo,
    "hold": _hold,
    "suspend": _suspend,
    "trigger": lambda target, _: ["create", "job", f"{target.name}-manual", f"--from=cronjob/{target.name}"],
    "set-image": _image,
    "recreate": lambda target, _: ["delete", _named(target)],
    "restart-instance": _stop,
    "cordon": lambda target, _: ["cordon", target.name],
    "uncordon": lambda target, _: ["uncordon", target.name],
    "drain": _drain,
    "delete": _delete,
}

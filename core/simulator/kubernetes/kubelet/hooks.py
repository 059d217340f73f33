"""The kubelets as the API server reaches them: logs, commands, ports."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import AsyncIterator

import msgspec

from core.simulator.kubernetes.errors import ApiError, bad_request
from core.simulator.kubernetes.hooks import LogOptions, Streams
from core.simulator.kubernetes.kubelet.fleet import Fleet
from core.simulator.kubernetes.kubelet.life import spec_of
from core.simulator.kubernetes.kubelet.log import RunLog
from core.simulator.kubernetes.kubelet.runs import ContainerRun, Ended, PodRun
from core.simulator.kubernetes.kubelet.shell import Box, serve
from core.simulator.kubernetes.kubelet.writing import writing_of
from core.simulator.kubernetes.shape import Object, key_of, uid_of
from core.simulator.machine.ports import Handler
from core.simulator.network.answers import handler
from core.simulator.network.rows import Pod

_PIECE = 200
_PULLING = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")


class KubeletHooks:
    """Asks the kubelet that has a pod; implements `Hooks`."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self._serving: set[asyncio.Task[None]] = set()

    async def logs(self, pod: Object, container: str, options: LogOptions) -> AsyncIterator[bytes]:
        """The log of the present run, or of the one before; with `follow` until that run ends."""
        run = self._run(pod)
        one = _container(run, container)
        log = _log(run, one, pod, previous=options.previous)
        now = self.fleet.clock()
        told = log.count(now)
        first = max(log.oldest(now), told - options.tail if options.tail is not None else 0)
        if options.since is not None:
            first = max(first, log.after(options.since.timestamp(), now))
        for start in range(first, told, _PIECE):
            yield b"".join(log.lines(start, min(told, start + _PIECE)))
        while options.follow and log.ended is None:
            news = self.fleet.news(run.uid)
            await _until(news, log.next(self.fleet.clock()) - self.fleet.clock())
            log = self._again(run, one, pod, log)
            count = log.count(self.fleet.clock())
            if count > told:
                yield b"".join(log.lines(told, count))
                told = count

    async def execute(self, pod: Object, container: str, command: list[str], streams: Streams) -> int:
        """Run one of the few commands that simulated containers have."""
        run = self._run(pod)
        one = _container(run, container)
        if one.state != "running":
            raise ApiError(500, "InternalError", f'container not found ("{container}")')
        box = Box(pod, spec_of(pod, container), run.ip, self.fleet.objects, self.fleet.clock)
        return await serve(box, command, streams)

    async def connect(self, pod: Object, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to whoever listens in the pod. Raises OSError where nobody does."""
        self._run(pod)
        served = msgspec.convert(pod, Pod).at(port)
        if served is None:
            raise ConnectionRefusedError(f"connect(5, AF=2 127.0.0.1:{port}, 16): Connection refused")
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=theirs)
        task = asyncio.create_task(_answer(handler(served), reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        return await asyncio.open_connection(sock=ours)

    def _run(self, pod: Object) -> PodRun:
        place = self.fleet.place(key_of(pod))
        if place is None or place[1].uid != uid_of(pod):
            node = pod["spec"].get("nodeName", "")
            raise ApiError(500, "InternalError", f"error dialing backend: the kubelet of {node} does not answer")
        return place[1]

    def _again(self, run: PodRun, one: ContainerRun, pod: Object, log: RunLog) -> RunLog:
        """The log as it is now: the run may have ended, and another one begun."""
        if one.state == "running" and one.started == log.started and run.stage == "running" and self._here(run):
            return log
        end = next((each for each in (one.end, one.last) if each and each.started == log.started), None)
        ended = end.finished if end else self.fleet.clock()
        return RunLog(log.seed, log.writing, log.started, ended, _last_words(end))

    def _here(self, run: PodRun) -> bool:
        place = self.fleet.place(run.key)
        return place is not None and place[1] is run


async def _answer(serve: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await serve(reader, writer)
    finally:
        writer.close()


async def _until(news: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(None if math.isinf(seconds) else max(0.01, seconds)):
            await news.wait()
    except TimeoutError:
        return


def _container(run: PodRun, name: str) -> ContainerRun:
    one = run.container(name)
    if one is None:
        raise bad_request(f"container {name} is not valid for pod {run.key[1]}")
    return one


def _log(run: PodRun, one: ContainerRun, pod: Object, *, previous: bool) -> RunLog:
    """The log that is asked for. ApiError 400 where there is none."""
    writing = writing_of(spec_of(pod, one.name))
    current = one.state == "running"
    end = (one.last if current or one.state == "ended" else one.end) if previous else one.end
    if previous and end is None:
        raise bad_request(f'previous terminated container "{one.name}" in pod "{run.key[1]}" not found')
    if end is not None:
        return RunLog(_seed(run, one, end.attempt), writing, end.started, end.finished, _last_words(end))
    if current:
        return RunLog(_seed(run, one, one.attempt), writing, one.started)
    why = "trying and failing to pull image" if one.reason in _PULLING else one.reason
    raise bad_request(f'container "{one.name}" in pod "{run.key[1]}" is waiting to start: {why}')


def _seed(run: PodRun, one: ContainerRun, attempt: int) -> str:
    return f"{run.uid}/{one.name}/{attempt}"


def _last_words(end: Ended | None) -> str:
    if end is None or end.exit_code == 0:
        return ""
    return f"FATAL: {end.reason}: process ended with status {end.exit_code} (simulated)"

"""The façade that the console and the command line call."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict, replace
from typing import Any

from core.actions import Selection, action
from core.clouds.choices import CloudChoices
from core.console_api import ConsoleApi
from core.containers.catalogue import mistakes_of
from core.deployment.build import deployment_graph, refuse_early
from core.deployment.choices import cloud_choices
from core.deployment.context import EnvironmentContext
from core.deployment.logs import pod_log
from core.deployment.outcome import Outcome, outcome_of
from core.deployment.planned import planned_steps, step_lines
from core.deployment.runs import LIVE, SCALINGS, deployment, destruction, live_action, scaling
from core.deployment.status import declared_status, live_status
from core.deployment.stored import deployed_far_enough, parsed
from core.engine.errors import Refusal, Trouble
from core.engine.events import StepReported
from core.engine.lock import acquire, current_user, live_holder, settle
from core.engine.plan import plan
from core.engine.run import Run
from core.engine.session import request_cancel
from core.model.counts import Limit
from core.model.document import dump, parse
from core.model.environment import Environment
from core.model.pod import KubernetesPod
from core.operations.live import Live
from core.output import Printer
from core.status import DeploymentStatus, EndpointStatus, EnvironmentStatus, ReportLine
from core.store.drafts import Draft
from core.store.environments import EnvironmentRecord
from core.store.keys import delete_keys
from core.store.store import Store

__all__ = ["Console", "ConsoleApi", "NotFound", "Outcome"]

LOOK_PAUSE = 2.0
"""Seconds between two looks for a listener of changes."""

FOLLOW_PAUSE = 0.2
"""Seconds between two looks into the database for report lines of another process."""


class NotFound(Trouble):
    """There is no environment, component or deployment of that name."""


class Console:
    """Everything a front end may ask for; opened with `Console.open`, it closes what it opened."""

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or Store()
        self._run: Run | None = None
        self.live = Live(self.store)

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Console]:
        """A façade on the home directory's database."""
        with Store() as store:
            console = cls(store)
            try:
                yield console
            finally:
                await console.live.close()

    # What is there

    async def environments(self) -> list[EnvironmentStatus]:
        records = [self._record(record.name) for record in self.store.environments.list()]
        return [self._listed(record) for record in records]

    def _listed(self, record: EnvironmentRecord) -> EnvironmentStatus:
        try:
            return declared_status(record, self._shown(record))
        except Trouble as trouble:
            return replace(declared_status(record, None), trouble=str(trouble))

    async def status(self, environment: str) -> EnvironmentStatus:
        record = self._record(environment)
        shown = self._shown(record)
        if shown is None:
            return declared_status(record, None)
        async with self._context(shown) as context:
            return await live_status(context, self._record(environment))

    async def changes(self, environment: str) -> AsyncIterator[EnvironmentStatus]:
        from core.deployment.changes import Changes

        while True:
            record = self._record(environment)
            shown = self._shown(record)
            if shown is None:
                yield declared_status(record, None)
                await asyncio.sleep(LOOK_PAUSE)
                continue
            async with self._context(shown) as context:
                changes = Changes(context)
                telling = asyncio.create_task(self._tell_stored(environment, changes.tell))
                try:
                    async for status in changes.statuses(lambda: live_status(context, self._record(environment))):
                        yield status
                        if self._shown(self._record(environment)) != shown:
                            break
                finally:
                    telling.cancel()

    async def _tell_stored(self, environment: str, tell: Callable[[], None]) -> None:
        """Tell when the database says something new of an environment; another process may have written it."""
        known: object = None
        while True:
            latest = self.store.deployments.latest(environment)
            number = self.store.lines.last_number(latest.id) if latest else 0
            found = (self.store.environments.get(environment), latest, number)
            if known is not None and found != known:
                tell()
            known = found
            await asyncio.sleep(LOOK_PAUSE / 2)

    async def endpoints(self, environment: str) -> list[EndpointStatus]:
        self._record(environment)
        return [
            EndpointStatus(
                component=record.component,
                application=record.application,
                address=record.address,
                port=record.port,
                scope=record.scope,
                port_scope=record.port_scope,
                container_port=record.container_port,
                protocol=record.protocol,
            )
            for record in self.store.endpoints.list(environment)
        ]

    async def choices(self, cloud: str, region: str | None = None, project: str | None = None) -> CloudChoices:
        """What a form for an OpenStack environment offers: flavors, images, keys, zones, networks, quotas."""
        return await cloud_choices(cloud, region, project)

    async def deployments(self, environment: str) -> list[DeploymentStatus]:
        self._record(environment)
        return [
            DeploymentStatus(entry.number, entry.action, entry.state, entry.started, entry.ended, entry.owner)
            for entry in self.store.deployments.list(environment)
        ]

    async def history(self, environment: str, number: int | None) -> Any:
        """The deployments as a list, or one with its document and report, as `history --json` prints them."""
        self._record(environment)
        if number is None:
            return [asdict(entry) for entry in await self.deployments(environment)]
        found = next((entry for entry in self.store.deployments.list(environment) if entry.number == number), None)
        if found is None:
            raise NotFound(f"there is no deployment {number} in environment {environment}")
        lines = self.store.lines.after(found.id)
        report = [{"time": ln.time, "component": ln.component, "level": ln.level, "text": ln.text} for ln in lines]
        head = DeploymentStatus(found.number, found.action, found.state, found.started, found.ended, found.owner)
        return asdict(head) | {"document": found.document, "report": report}

    async def kubeconfig(self, environment: str, cluster: str) -> str:
        """An administrator's kubeconfig."""
        declared = self._deployed(environment)
        async with self._context(declared) as context:
            context.machines = await context.cloud.machines()
            await context.observe()
            found = context.clusters.get(cluster)
            if found is None:
                raise NotFound(f"there is no cluster {cluster} in environment {environment}")
            with deployed_far_enough(cluster):
                return found.blueprint.kubeconfig(
                    "admin", server=context.api_address(cluster), user="gondolier-admin"
                ).decode()

    async def logs(self, environment: str, pod: str, follow: bool = True) -> AsyncGenerator[str, None]:
        declared = self._deployed(environment)
        found = self._pod(declared, pod)
        async with self._context(declared) as context:
            await context.observe()
            with deployed_far_enough(found.cluster):
                api = await context.clusters[found.cluster].api()
            async with aclosing(pod_log(api, found.name, follow)) as lines:
                async for line in lines:
                    yield line

    async def follow(self, environment: str) -> AsyncIterator[ReportLine]:
        latest = self.store.deployments.latest(environment)
        if latest is None:
            return
        last = 0
        while True:
            live = live_holder(self.store, environment) is not None
            for line in self.store.lines.after(latest.id, last):
                last = line.number
                yield ReportLine(line.number, line.time, line.component, line.level, line.text)
            if not live:
                return
            await asyncio.sleep(FOLLOW_PAUSE)

    # What is wanted

    async def apply(self, text: str, file: str) -> str:
        """Keep a document as its environment's draft; nothing is kept of one with mistakes."""
        environment = parse(text, file, further=mistakes_of)
        record = self.store.environments.get(environment.name)
        self.store.drafts.save(environment.name, text, current_user())
        if record is not None and record.document == text:
            return f"{environment.name}: the document is what is deployed"
        return f"{environment.name}: draft kept; `gondolier plan {environment.name}` shows what it changes"

    async def planned(self, environment: str) -> list[dict[str, Any]]:
        """The steps that a deployment would take, as `plan --json` prints them."""
        wanted, _, _ = self._wanted(environment)
        async with self._context(wanted) as context:
            steps = await plan(await deployment_graph(context))
            return planned_steps(steps, simulated=context.cloud.simulated)

    async def plan(self, environment: str) -> list[str]:
        return step_lines(await self.planned(environment))

    # What is done, in a process of its own

    async def deploy(self, environment: str) -> None:
        self._record(environment)
        await self._spawn(environment, "deploy", environment)

    async def act(self, environment: str, component: str, action: str) -> None:
        self._guard(environment, component, action)
        await self._spawn(environment, "action", f"{environment}/{component}", action)

    async def cancel(self, environment: str) -> None:
        if not await request_cancel(self.store.home, environment):
            raise Refusal(f"nothing runs in environment {environment}")

    async def _spawn(self, environment: str, *arguments: str) -> None:
        log = self.store.home / "logs" / f"run-{environment}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        known = self.store.deployments.latest(environment)
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "core",
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env=os.environ | {"GONDOLIER_HOME": str(self.store.home)},
            )
        # It is under way once its deployment is recorded; a process that ends before had a reason, in its output.
        while self.store.deployments.latest(environment) == known:
            if process.returncode is not None:
                lines = log.read_text(errors="replace").strip().splitlines()
                raise Refusal(lines[-1] if lines else f"the run ended with {process.returncode}", where=environment)
            await asyncio.sleep(FOLLOW_PAUSE / 2)

    # What is done, here

    def cancel_here(self) -> bool:
        """Ask what runs here to stop in an orderly way, the second time at once; False where nothing runs yet."""
        if self._run is not None:
            self._run.cancel()
        return self._run is not None

    async def deploy_here(self, environment: str, printer: Printer) -> Outcome:
        """Deploy the draft, or again what is deployed."""
        wanted, text, draft = self._wanted(environment)
        async with self._context(wanted) as context:
            await refuse_early(context)
            return await self._execute(context, deployment(context, text, draft), printer)

    async def act_here(self, environment: str, component: str, name: str, printer: Printer) -> Outcome:
        """Do an action on a component."""
        self._guard(environment, component, name)
        declared, record = self._deployed(environment), self._record(environment)
        if name in LIVE:
            pod = self._pod(declared, component)
            async with self._context(declared) as context:
                return await self._execute(context, live_action(context, record, pod, name), printer)
        try:
            changed = SCALINGS[name](declared, component)
        except Limit as limit:
            raise Refusal(str(limit), where=environment) from None
        async with self._context(changed) as context:
            await refuse_early(context)
            return await self._execute(context, scaling(context, record, name), printer)

    async def destroy_here(self, environment: str, printer: Printer) -> Outcome:
        """Take the environment away, machines first, its record last."""
        record = self._record(environment)
        shown = self._shown(record)
        if shown is None:
            raise Refusal("the environment has no document: abandon it", where=environment)
        async with self._context(shown) as context:
            text = record.document or dump(shown)
            outcome = await self._execute(context, destruction(context, text), printer)
        if outcome.good:
            self._forget(environment)
            return replace(outcome, message=f"environment {environment} is gone")
        return outcome

    async def removal_lines(self, environment: str) -> list[str]:
        """What a destruction would remove."""
        self._record(environment)
        names = [machine.name for machine in self.store.machines.list(environment)]
        machines = f"{len(names)} machines: {', '.join(names)}" if names else "no machines"
        return [f"environment {environment} has {machines}"]

    async def abandon(self, environment: str) -> str:
        """Forget an environment and leave everything as it runs."""
        self._record(environment)
        names = ", ".join(machine.name for machine in self.store.machines.list(environment)) or "none"
        self._forget(environment)
        return f"environment {environment} is forgotten; its machines stay as they are: {names}"

    def _forget(self, environment: str) -> None:
        """Remove record and keys, unless a run is live. Keys go first: what is left then can be forgotten again."""
        lock = acquire(self.store, environment)
        try:
            delete_keys(self.store.home, environment)
            self.store.environments.delete(environment)
        finally:
            lock.release()

    async def _execute(self, context: EnvironmentContext, run: Run, printer: Printer) -> Outcome:
        read = True

        def told(event: object) -> None:
            nonlocal read
            if read and isinstance(event, StepReported):
                try:
                    printer.line(event.component, event.target, event.level, event.text)
                except BrokenPipeError:
                    # Nobody reads any more; the run goes on, and its report is in the database.
                    read = False

        run.bus.listen(told)
        self._run = run
        try:
            return outcome_of(await run.execute(), simulated=context.cloud.simulated)
        finally:
            self._run = None

    # Looking things up

    def _record(self, environment: str) -> EnvironmentRecord:
        found = self.store.environments.get(environment)
        if found is None:
            raise NotFound(f"there is no environment {environment}", fix="`gondolier environments` lists them")
        if settle(self.store, environment):
            found = self.store.environments.require(environment)
        return found

    def _draft(self, environment: str) -> Draft | None:
        """One's own draft, else the newest of anybody."""
        return self.store.drafts.of(environment, current_user()) or next(
            iter(self.store.drafts.list(environment)), None
        )

    def _wanted(self, environment: str) -> tuple[Environment, str, Draft | None]:
        record = self._record(environment)
        draft = self._draft(environment)
        text = draft.document if draft else record.document
        if text is None:
            raise Refusal("there is no document to deploy", where=environment, fix="`gondolier apply FILE` first")
        return parsed(text, environment), text, draft

    def _shown(self, record: EnvironmentRecord) -> Environment | None:
        """What is deployed, or drafted where nothing is."""
        draft = self._draft(record.name)
        text = record.document or (draft.document if draft else None)
        return parsed(text, record.name) if text else None

    def _deployed(self, environment: str) -> Environment:
        record = self._record(environment)
        if record.document is None:
            raise Refusal("it has not been deployed yet", where=environment, fix=f"`gondolier deploy {environment}`")
        return parsed(record.document, environment)

    def _pod(self, declared: Environment, name: str) -> KubernetesPod:
        found = next((pod for pod in declared.pods() if pod.name == name), None)
        if found is None:
            raise NotFound(f"there is no pod {name} in environment {declared.name}")
        return found

    def _guard(self, environment: str, component: str, name: str) -> None:
        status = declared_status(self._record(environment), self._deployed(environment))
        found = next((part for part in status.components if part.name == component), None)
        if found is None:
            raise NotFound(f"there is no component {component} in environment {environment}")
        wanted = action(name)
        if found.kind not in wanted.kinds:
            raise Refusal(f"{name} is not something that a {found.kind} can do", where=component)
        if reason := wanted.guard(Selection(status, found)):
            raise Refusal(reason, where=component)

    @asynccontextmanager
    async def _context(self, environment: Environment) -> AsyncIterator[EnvironmentContext]:
        context = EnvironmentContext(self.store, environment)
        try:
            yield context
        finally:
            await context.close()

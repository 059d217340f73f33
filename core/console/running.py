"""What is wanted and what is done: drafts, plans, and runs in a process of their own or here."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from core.console.looking import FOLLOW_PAUSE
from core.console.records import Records
from core.deployment.build import deployment_graph, refuse_early
from core.deployment.checking import mistakes_of
from core.deployment.context import EnvironmentContext
from core.deployment.outcome import Outcome, outcome_of
from core.deployment.planned import planned_steps, step_lines
from core.deployment.runs import LIVE, SCALINGS, deployment, destruction, live_action, scaling
from core.engine.errors import Refusal
from core.engine.events import StepReported
from core.engine.lock import acquire, current_user
from core.engine.plan import plan
from core.engine.run import Run
from core.engine.session import request_cancel
from core.model.counts import Limit
from core.model.document import dump, parse
from core.operations.journal import Open
from core.output import Printer
from core.store.keys import delete_keys
from core.store.store import Store


class Running(Records):
    """The façade's part that changes environments; every run is in the journal of operations."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._run: Run | None = None

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
        wanted, _, _ = self.wanted(environment)
        async with self.context(wanted) as context:
            steps = await plan(await deployment_graph(context))
            return planned_steps(steps, simulated=context.cloud.simulated)

    async def plan(self, environment: str) -> list[str]:
        return step_lines(await self.planned(environment))

    # In a process of its own

    async def deploy(self, environment: str) -> None:
        self._record(environment)
        self._writable(environment)
        await self.spawn(environment, "deploy", environment)

    async def act(self, environment: str, component: str, action: str) -> None:
        self._writable(environment)
        self._guard(environment, component, action)
        await self.spawn(environment, "action", f"{environment}/{component}", action)

    async def cancel(self, environment: str) -> None:
        if not await request_cancel(self.store.home, environment):
            raise Refusal(f"nothing runs in environment {environment}")

    async def spawn(self, environment: str, *arguments: str) -> None:
        """Start a command of ours in a process of its own; returns when its run is recorded.

        Raises:
            Refusal: it ended before, with its last words.
        """
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

    # Here

    def cancel_here(self) -> bool:
        """Ask what runs here to stop in an orderly way, the second time at once; False where nothing runs yet."""
        if self._run is not None:
            self._run.cancel()
        return self._run is not None

    async def deploy_here(self, environment: str, printer: Printer) -> Outcome:
        """Deploy the draft, or again what is deployed."""
        wanted, text, draft = self.wanted(environment)
        with self._written("deploy", environment) as entry:
            async with self.context(wanted) as context:
                await refuse_early(context)
                return await self._execute(context, deployment(context, text, draft), printer, entry)

    async def act_here(self, environment: str, component: str, name: str, printer: Printer) -> Outcome:
        """Do an action on a component, or on one application of a Docker host, as "HOST/APPLICATION"."""
        self._guard(environment, component, name)
        with self._written(name, environment, component) as entry:
            return await self._act(environment, component, name, printer, entry)

    async def _act(self, environment: str, component: str, name: str, printer: Printer, entry: Open) -> Outcome:
        declared, record = self._deployed(environment), self._record(environment)
        if name in LIVE:
            holder, application = self._holder(declared, component)
            async with self.context(declared) as context:
                run = live_action(context, record, holder.name, application, name)
                return await self._execute(context, run, printer, entry)
        try:
            changed = SCALINGS[name](declared, component)
        except Limit as limit:
            raise Refusal(str(limit), where=environment) from None
        async with self.context(changed) as context:
            await refuse_early(context)
            return await self._execute(context, scaling(context, record, name), printer, entry)

    async def destroy_here(self, environment: str, printer: Printer) -> Outcome:
        """Take the environment away, machines first, its record last."""
        record = self._record(environment)
        shown = self._shown(record)
        if shown is None:
            raise Refusal("the environment has no document: abandon it", where=environment)
        with self._written("destroy", environment) as entry:
            async with self.context(shown, removing=True) as context:
                text = record.document or dump(shown)
                outcome = await self._execute(context, destruction(context, text), printer, entry)
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
        with self._written("abandon", environment) as entry:
            self._forget(environment)
            entry.text = f"environment {environment} is forgotten; its machines stay as they are: {names}"
        return entry.text

    def _forget(self, environment: str) -> None:
        """Remove record and keys, unless a run is live. Keys go first: what is left then can be forgotten again."""
        lock = acquire(self.store, environment)
        try:
            delete_keys(self.store.home, environment)
            self.store.environments.delete(environment)
        finally:
            lock.release()

    @contextmanager
    def _written(self, name: str, environment: str, component: str = "") -> Iterator[Open]:
        """An entry of the journal around an action.

        Raises:
            Refusal: the environment is read-only.
        """
        self._writable(environment)
        target = f"{environment}/{component}" if component else environment
        command = f"gondolier action {target} {name}" if component else f"gondolier {name} {environment}"
        with self.book.entry(name, environment=environment, subject=target, command=command) as entry:
            yield entry

    async def _execute(self, context: EnvironmentContext, run: Run, printer: Printer, entry: Open) -> Outcome:
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
            outcome = outcome_of(await run.execute(), simulated=context.cloud.simulated)
        finally:
            self._run = None
        entry.text = outcome.message
        entry.cancelled = outcome.state == "cancelled"
        if not outcome.good:
            entry.errors.append(outcome.message)
        return outcome

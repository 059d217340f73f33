"""Running a command with an open façade: trouble becomes a sentence and an exit code.

Exit codes: 0 done and every condition holds; 1 failed; 2 wrong usage; 3 the document is wrong; 4 refused, with the
reason; 5 no such environment, component or deployment; 130 cancelled.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NoReturn, TypeVar

import click

from core.console import Console, NotFound, Outcome
from core.engine.errors import Refusal, Trouble
from core.model.document import DocumentError
from core.output import Printer

FAILED, WRONG_USAGE, WRONG_DOCUMENT, REFUSED, NOT_FOUND, CANCELLED = 1, 2, 3, 4, 5, 130

Result = TypeVar("Result")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def run(work: Callable[[Console], Awaitable[Result]]) -> Result:
    """Run one command with an open façade; trouble becomes a sentence and an exit code."""

    async def inside() -> Result:
        async with Console.open() as console:
            return await work(console)

    try:
        return asyncio.run(inside())
    except DocumentError as error:
        stop(WRONG_DOCUMENT, *(str(problem) for problem in error.problems))
    except NotFound as error:
        stop(NOT_FOUND, str(error))
    except Refusal as error:
        stop(REFUSED, f"refused: {error}")
    except BrokenPipeError:
        # Whoever read has seen enough: click ends quietly.
        raise
    except (Trouble, OSError) as error:
        stop(FAILED, f"failed: {error}")
    except (KeyboardInterrupt, asyncio.CancelledError):
        stop(CANCELLED, "cancelled")


def run_here(start: Callable[[Console, Printer], Coroutine[Any, Any, Outcome]], out: Printer) -> NoReturn:
    """Run something here to its end, streaming its report; the first Ctrl-C asks it to stop in an orderly way."""

    async def work(console: Console) -> Outcome:
        task = asyncio.ensure_future(start(console, out))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, lambda: console.cancel_here() or task.cancel())
        outcome = await task
        out.end(outcome.state, outcome.message, simulated=outcome.simulated)
        return outcome

    outcome = run(work)
    sys.exit(0 if outcome.good else CANCELLED if outcome.state == "cancelled" else FAILED)


def stop(code: int, *lines: str) -> NoReturn:
    """End with an exit code and lines on standard error."""
    for line in lines:
        click.echo(line, err=True)
    sys.exit(code)


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    click.echo(json.dumps(value, indent=2))

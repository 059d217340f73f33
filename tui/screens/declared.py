"""The actions on environments that are more than a question and a run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.documents_api import DocumentState
from tui.messages import Told
from tui.verbs import Offer
from tui.view_models.form import Field

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

Do = Callable[["MainScreen", Offer], Awaitable[None]]


async def logs(screen: MainScreen, offer: Offer) -> None:
    """The logs of a declared pod or of a Docker host, beside the tree."""
    await screen.show_tab("logs")


async def plan(screen: MainScreen, offer: Offer) -> None:
    """What a deployment would do; it may be deployed from there."""
    await show_plan(screen, _name(offer))


async def show_plan(screen: MainScreen, environment: str) -> None:
    """Show what a deployment would do, and deploy where that is wanted."""
    from tui.screens.plan import PlanScreen

    if await current(screen, environment) and await screen.app.push_screen_wait(PlanScreen(screen.shared, environment)):
        await screen.shared.ask().deploy(environment)
        await screen.show_tab("deployment")


async def deploy(screen: MainScreen, offer: Offer) -> None:
    """Deploy what is drafted, once it is sure that the draft is not older than what runs."""
    from tui.screens.asking import question
    from tui.screens.confirm import ConfirmScreen

    environment = _name(offer)
    if await current(screen, environment) and await screen.app.push_screen_wait(
        ConfirmScreen(screen.shared, question(offer))
    ):
        await screen.shared.ask().deploy(environment)
        await screen.show_tab("deployment")


async def current(screen: MainScreen, environment: str) -> bool:
    """Whether the draft was made from what is deployed; if not, both sides are shown, and it may be put on top."""
    from tui.screens.conflict import ConflictScreen, Sides

    state = await screen.shared.ask().documents.state(environment)
    if not state.stale:
        return True
    message = (
        f"The draft of {environment} was made from version {state.base}; version {state.version} was deployed since. "
        "The first to deploy wins: look at both, and put yours on top of what is there now."
    )
    base = state.base_text if state.base_text is not None else state.deployed or ""
    sides = Sides(f"{environment}: the draft is stale", message, base, state.draft or "", state.deployed or "",
                  "What your draft changes", "What was deployed since")  # fmt: skip
    if await screen.app.push_screen_wait(ConflictScreen(screen.shared, sides, False)) == "edit":
        await edit_document(screen, state)
    return False


async def edit(screen: MainScreen, offer: Offer) -> None:
    """The document as a form."""
    await edit_document(screen, await screen.shared.ask().documents.state(_name(offer)))


async def edit_document(screen: MainScreen, state: DocumentState) -> None:
    """The document as a form, on top of what is deployed now."""
    await fill_in(screen, f"Document of {state.environment}", state.text, state.version)


async def fill_in(screen: MainScreen, title: str, text: str, base: int | None) -> None:
    """A form about this text; its draft may be planned from there."""
    from tui.screens.document import DocumentScreen

    left = await screen.app.push_screen_wait(DocumentScreen(screen.shared, title, text, base))
    if left is None:
        return
    name, way = left
    screen.action_retry()
    screen.tell(Told(f"{name}: the draft is kept; P shows what it changes", "ready"))
    if way == "plan":
        await show_plan(screen, name)


async def catalogue(screen: MainScreen, offer: Offer) -> None:
    """The catalogue, from which an application may be added."""
    await show_catalogue(screen, _name(offer))


async def show_catalogue(screen: MainScreen, environment: str, text: str = "") -> None:
    """Look through the catalogue; the draft with what was added may be planned from there."""
    from tui.screens.catalogue import CatalogueScreen

    left = await screen.app.push_screen_wait(CatalogueScreen(screen.shared, environment, text))
    if left is None:
        return
    name, way = left
    screen.action_retry()
    screen.tell(Told(f"{environment}: {name} is in the draft; P shows what it changes", "ready"))
    if way == "plan":
        await show_plan(screen, environment)


async def document(screen: MainScreen, offer: Offer) -> None:
    """The document as it would be deployed."""
    from tui.screens.text import TextScreen

    environment = _name(offer)

    async def read() -> str:
        return (await screen.shared.ask().documents.state(environment)).text

    screen.app.push_screen(TextScreen(screen.shared, f"document of {environment}", read, "yaml"))


async def draft(screen: MainScreen, offer: Offer) -> None:
    """What the draft changes in what is deployed."""
    from tui.screens.text import TextScreen
    from tui.view_models.sides import difference

    environment = _name(offer)

    async def read() -> str:
        state = await screen.shared.ask().documents.state(environment)
        head = f"draft of {state.author}, made from version {state.base}"
        return "\n".join([head, "", difference(state.deployed or "", state.draft or "")])

    screen.app.push_screen(TextScreen(screen.shared, f"draft of {environment}", read, "diff"))


async def drop_draft(screen: MainScreen, offer: Offer) -> None:
    """Forget the draft."""
    from tui.screens.confirm import ConfirmScreen, Question

    environment = _name(offer)
    text = "What was drafted and not deployed is forgotten; what runs stays as it is."
    question = Question(f"Drop the draft of {environment}?", [(text, "text")], "Drop it", careful=True)
    if await screen.app.push_screen_wait(ConfirmScreen(screen.shared, question)):
        await screen.shared.ask().documents.discard(environment)
        screen.action_retry()


async def rename(screen: MainScreen, offer: Offer) -> None:
    """Another name for an environment that was never deployed."""
    environment = _name(offer)
    name = await _ask_name(screen, f"Rename {environment}", environment, "its new name; only before it is deployed")
    if name:
        await screen.shared.ask().documents.rename(environment, name)
        screen.action_retry()


async def clone(screen: MainScreen, offer: Offer) -> None:
    """Another environment with the same document."""
    environment = _name(offer)
    name = await _ask_name(screen, f"Clone {environment}", f"{environment}-2", "what the other one is called")
    if name:
        await screen.shared.ask().documents.clone(environment, name)
        screen.action_retry()
        screen.tell(Told(f"{name} is drafted with the document of {environment}", "ready"))


async def export(screen: MainScreen, offer: Offer) -> None:
    """The document in a file."""
    environment = _name(offer)
    path = await _ask_name(screen, f"Export {environment}", f"{environment}.yaml", "a new file", "To")
    if path:
        written = await screen.shared.ask().documents.export(environment, Path(path))
        screen.tell(Told(f"written: {written}", "ready"))


async def destroy(screen: MainScreen, offer: Offer) -> None:
    """Take everything away, once the name was typed."""
    from tui.screens.ask import AskScreen
    from tui.screens.asking import destruction, destruction_fields

    environment, runs = _name(offer), screen.shared.ask().runs
    asked = destruction(environment, await runs.removal(environment))
    if await screen.app.push_screen_wait(AskScreen(screen.shared, asked, destruction_fields(environment))):
        await runs.destroy(environment)
        await screen.show_tab("deployment")


async def abandon(screen: MainScreen, offer: Offer) -> None:
    """Forget it and leave its machines, once the name was typed."""
    from tui.screens.ask import AskScreen
    from tui.screens.asking import abandonment, destruction_fields

    environment, runs = _name(offer), screen.shared.ask().runs
    asked = abandonment(environment, await runs.removal(environment))
    if await screen.app.push_screen_wait(AskScreen(screen.shared, asked, destruction_fields(environment))):
        said = await runs.abandon(environment)
        screen.action_retry()
        screen.tell(Told(said, "ready"))


async def runs(screen: MainScreen, offer: Offer) -> None:
    """The runs of the environment, each with its document and its report."""
    from tui.screens.runs import RunsScreen

    screen.app.push_screen(RunsScreen(screen.shared, _name(offer)))


async def component_log(screen: MainScreen, offer: Offer) -> None:
    """What all runs told about a component."""
    from datetime import datetime

    from tui.screens.text import TextScreen

    environment, component = _name(offer), offer.selection.component
    assert component is not None, "this is asked of a component"

    async def read() -> str:
        lines = await screen.shared.ask().runs.component_lines(environment, component.name)
        moments = (datetime.fromtimestamp(line.time).strftime("%Y-%m-%d %H:%M:%S") for line in lines)
        told = (f"{moment}  {line.level:<7}  {line.text}" for moment, line in zip(moments, lines, strict=True))
        return "\n".join(told) or "nothing was told about it yet"

    screen.app.push_screen(TextScreen(screen.shared, f"all runs of {component.name}", read))


async def new(screen: MainScreen) -> None:
    """A new environment, from a small one to begin with."""
    name = await _ask_name(screen, "New environment", "lab", "a name of at most 40 letters, digits and dashes")
    if name:
        text = await screen.shared.ask().documents.sample(name)
        await fill_in(screen, f"New environment {name}", text, None)


async def read_file(screen: MainScreen, path: str) -> None:
    """An environment out of a file."""
    text = await screen.shared.ask().documents.read(Path(path))
    await fill_in(screen, f"Document from {path}", text, None)


async def _ask_name(screen: MainScreen, title: str, suggested: str, help: str, label: str = "Name") -> str:
    """A text that the person types, "" for none."""
    from tui.screens.ask import AskScreen
    from tui.screens.confirm import Question

    asked = Question(title, [], title.partition(" ")[0])
    found = await screen.app.push_screen_wait(
        AskScreen(screen.shared, asked, [Field("name", label, text=suggested, help=help)])
    )
    return str(found["name"]) if found is not None else ""


def _name(offer: Offer) -> str:
    return offer.selection.environment.environment


DECLARED: Mapping[str, Do] = {
    "logs": logs,
    "plan": plan,
    "deploy": deploy,
    "edit-environment": edit,
    "catalogue": catalogue,
    "document": document,
    "draft": draft,
    "drop-draft": drop_draft,
    "rename-environment": rename,
    "clone-environment": clone,
    "export-environment": export,
    "destroy": destroy,
    "abandon": abandon,
    "runs": runs,
    "component-log": component_log,
}
"""What each of these actions does."""

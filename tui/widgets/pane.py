"""The right side: tabs about the selected line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget

from core.live.objects import ClusterRef, Target
from core.status import EndpointStatus, EnvironmentStatus
from tui.context import Context, sentence
from tui.messages import Told
from tui.view_models.overview import overview_lines, start_lines, title_of
from tui.view_models.text import Line
from tui.view_models.tree import TreeLine
from tui.widgets.line_view import LineView
from tui.widgets.pane_tab import PaneTab
from tui.widgets.tab_line import TabLine
from tui.working import begin

if TYPE_CHECKING:
    from tui.view_models.object_view import ObjectView
    from tui.widgets.objects_tab import ObjectsTab

Tab = Literal["overview", "endpoints", "objects", "logs", "events", "yaml", "deployment"]

TABS: tuple[Tab, ...] = ("overview", "endpoints", "objects", "logs", "events", "yaml", "deployment")


class Pane(Vertical):
    """Shows the selected line in the open tab; a tab is made when it is opened for the first time."""

    DEFAULT_CSS = """
    Pane {
        border: round $border-resting; border-title-color: $tone-strong; border-title-style: bold;
        &:focus-within { border: round $border-focused; }
        & > #overview { padding: 0 1; }
    }
    """

    @dataclass
    class TabOpened(Message):
        """Another tab is open."""

        tab: Tab

    def __init__(self, context: Context) -> None:
        super().__init__(id="pane")
        self._shared = context
        self._line: TreeLine | None = None
        self._loaded = False
        self._endpoints: dict[str, Sequence[EndpointStatus]] = {}
        self._read: EnvironmentStatus | None = None
        self.tab: Tab = "overview"

    def compose(self) -> ComposeResult:
        yield TabLine([title_of_tab(tab) for tab in TABS], self._shared.glyphs)
        yield LineView(self._shared.glyphs, id="overview")

    def on_mount(self) -> None:
        self.query_one(TabLine).show_tabs(0)
        self._fill()

    @property
    def content(self) -> Widget:
        """The widget of the open tab."""
        return self.query_one(f"#{self.tab}")

    def tick(self) -> None:
        """A second went by."""
        for tab in self.query(PaneTab):
            tab.tick()

    def show_line(self, line: TreeLine | None, loaded: bool, again: bool = False) -> None:
        """Show this line; `again` starts over a stream that may have ended."""
        self._line, self._loaded = line, loaded
        self.border_title = title_of(line) if line is not None else "Overview"
        self._read_endpoints()
        self._fill(again)

    async def open_tab(self, tab: Tab, again: bool = False) -> None:
        """Bring a tab to the front."""
        if not self.query(f"#{tab}"):
            await self.mount(self._make(tab))
        for name in TABS:
            for widget in self.query(f"#{name}"):
                widget.display = name == tab
        self.tab = tab
        self.query_one(TabLine).show_tabs(TABS.index(tab))
        self._fill(again)
        self.post_message(self.TabOpened(tab))

    def focus_content(self) -> None:
        """Give the focus to what scrolls in the open tab."""
        content = self.content
        (content.target if isinstance(content, PaneTab) else content).focus()

    async def on_tab_line_tab_clicked(self, event: TabLine.TabClicked) -> None:
        event.stop()
        await self.open_tab(TABS[event.number])
        self.focus_content()

    # Live objects

    @property
    def chosen(self) -> Sequence[Target]:
        """The live objects that actions are asked of in the open tab."""
        content = self.content
        return content.chosen if isinstance(content, PaneTab) else ()

    @property
    def clusters(self) -> Sequence[ClusterRef]:
        """The clusters whose objects are shown."""
        content = self.content
        return content.clusters if isinstance(content, PaneTab) else ()

    @property
    def keys(self) -> Sequence[tuple[str, str]]:
        """What the open tab's own keys do."""
        content = self.content
        return content.KEYS if isinstance(content, PaneTab) else ()

    def open_objects(self, view: ObjectView) -> None:
        """Show these live objects in the open tab."""
        self._objects().open(view)

    def show_namespaces(self, names: tuple[str, ...]) -> None:
        """Show the objects of these namespaces, all for none."""
        self._objects().show_namespaces(names)

    def usage_changed(self) -> None:
        """A cluster was measured again."""
        for tab in self.query(PaneTab):
            tab.usage_changed()

    def _objects(self) -> ObjectsTab:
        from tui.widgets.objects_tab import ObjectsTab

        return self.query_one("#objects", ObjectsTab)

    def _make(self, tab: Tab) -> Widget:
        if tab == "overview":
            return LineView(self._shared.glyphs, id=tab)
        # Imported when one is opened: nothing of them is needed for the first paint.
        from tui.widgets.tabs import make_tab

        return make_tab(tab, self._shared)

    def _fill(self, again: bool = False) -> None:
        content = self.content
        if isinstance(content, LineView):
            content.show(self._overview)
        elif isinstance(content, PaneTab):
            content.show_line(self._line, again)

    def _overview(self, width: int) -> list[Line]:
        if self._line is None:
            return start_lines(self._loaded, width)
        endpoints = self._known_endpoints(self._line)
        return overview_lines(self._line, endpoints, width, self._shared.clock(), self._shared.glyphs)

    def _known_endpoints(self, line: TreeLine) -> Sequence[EndpointStatus] | None:
        return self._endpoints.get(line.environment.environment)

    def _read_endpoints(self) -> None:
        """Endpoints are read again only when the selected environment, or its status, is another one."""
        if self._line is None or self._line.environment is self._read or self._shared.api is None:
            return
        self._read = self._line.environment
        begin(self, partial(self._fetch_endpoints, self._read.environment), "endpoints")

    async def _fetch_endpoints(self, environment: str) -> None:
        try:
            self._endpoints[environment] = await self._shared.ask().endpoints(environment)
        except Exception as error:
            self.post_message(Told(f"the endpoints of {environment}: {sentence(error)}"))
            return
        if self.tab == "overview":
            self._fill()


def title_of_tab(tab: Tab) -> str:
    """What a tab is called."""
    return "YAML" if tab == "yaml" else tab.capitalize()

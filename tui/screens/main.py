"""The main screen: the tree, the pane about the selected line, and the keys for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from core.live.objects import ClusterRef, Target
from core.status import EnvironmentStatus
from tui.context import Context, sentence
from tui.feeds import Connect, Feeds
from tui.messages import ChoiceMoved, ObjectOpened, Told, ViewKept
from tui.screens.acting import ActingScreen
from tui.view_models.board import Board
from tui.view_models.header import header_line
from tui.view_models.keys import key_hints
from tui.view_models.tree import Key, TreeLine, tree_lines
from tui.widgets.environment_tree import EnvironmentTree
from tui.widgets.header_line import HeaderLine
from tui.widgets.key_line import KeyLine
from tui.widgets.notice_line import NoticeLine
from tui.widgets.pane import TABS, Pane, Tab, title_of_tab
from tui.working import begin

if TYPE_CHECKING:
    from tui.commands import Commands
    from tui.view_models.object_view import ObjectView

_REFRESH = 0.1
"""Seconds between two repaints of the board at the least: what comes faster is coalesced."""

_WIDTHS: list[tuple[int, str]] | None = [(0, "-narrow"), (100, "-wide")]
"""From so many columns on tree and pane stand side by side."""

_LEAST_SIDE = 24
"""Columns that the tree and the pane have at the least when one of them is resized."""

_FEW = 3
"""Up to so many environments are shown open at first."""

_TAB_BINDINGS: list[BindingType] = [
    Binding(str(number), f"tab('{tab}')", title_of_tab(tab), id=f"pane.{tab}") for number, tab in enumerate(TABS, 1)
]

_EMPTY = "no environments yet"


class MainScreen(ActingScreen):
    """Owns the board and the selection; everything below it shows them and sends messages."""

    HORIZONTAL_BREAKPOINTS = _WIDTHS

    DEFAULT_CSS = """
    MainScreen {
        background: $background;
        & #body { height: 1fr; }
        & #side { width: 37%; min-width: 42; max-width: 58; border: round $border-resting; }
        & #side { border-title-color: $tone-strong; border-title-style: bold; }
        & #side:focus-within { border: round $border-focused; }
        & #tree { padding: 0; }
        & Pane { width: 1fr; }
        &.-ascii #side, &.-ascii Pane { border: ascii $border-resting; }
        &.-ascii #side:focus-within, &.-ascii Pane:focus-within { border: ascii $border-focused; }
        &.-narrow #side { width: 1fr; max-width: 100%; }
        &.-narrow Pane { display: none; }
        &.-narrow.-pane Pane { display: block; }
        &.-narrow.-pane #side { display: none; }
        &.-maximized #side { display: none; }
        &.-maximized.-tree #side { display: block; width: 1fr; max-width: 100%; }
        &.-maximized.-tree Pane { display: none; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "other_pane(1)", "To the other pane", id="pane.next"),
        Binding("shift+tab", "other_pane(-1)", "To the other pane", id="pane.previous", show=False),
        *_TAB_BINDINGS,
        Binding("right_square_bracket", "next_tab(1)", "Next tab", id="pane.next-tab"),
        Binding("left_square_bracket", "next_tab(-1)", "Tab before", id="pane.previous-tab"),
        Binding("z", "maximize", "Maximize the pane, or back", id="pane.maximize"),
        Binding("ctrl+right", "resize(4)", "The tree wider", id="pane.wider"),
        Binding("ctrl+left", "resize(-4)", "The tree narrower", id="pane.narrower"),
        Binding("escape", "back", "Back: notice, filter, pane", id="pane.back"),
        Binding("slash", "filter", "Filter the tree", id="tree.filter"),
        Binding("f5", "retry", "Try what is lost again now", id="tree.retry"),
        Binding("colon", "command", "Command", id="app.command"),
        Binding("J", "journal", "Journal of all actions", id="app.journal"),
        Binding("b", "bookmarks", "Kept views", id="app.bookmarks"),
        Binding("f6", "pulse", "Pulse: the health of everything", id="app.pulse"),
        Binding("f7", "operations", "What is being done", id="app.operations"),
        Binding("f8", "themes", "Themes", id="app.themes"),
        Binding("ctrl+r", "read_only", "Read-only, or not", id="app.read-only"),
        Binding("q", "leave", "Quit", id="app.leave"),
        Binding("ctrl+c", "screen.copy_text", "Copy the selected text", id="app.copy", show=False),
    ]

    def __init__(self, context: Context, connect: Connect, first: Key = ()) -> None:
        """`first` is the line of the tree that it begins on."""
        super().__init__()
        self._first = first
        self.shared = context
        self.board = Board()
        self.feeds = Feeds(connect, context, self.board, self.board_changed, self._tell_trouble)
        self._toggled: frozenset[Key] = frozenset()
        self._pages: dict[Key, int] = {}
        self._seen: set[str] = set()
        self._looked: frozenset[tuple[str, bool]] = frozenset()
        self._before: Widget | None = None
        self._filter = ""
        self.refreshing = False
        self._refreshed = 0.0
        self._usages: frozenset[ClusterRef] = frozenset()

    def compose(self) -> ComposeResult:
        glyphs = self.shared.glyphs
        yield HeaderLine(glyphs, id="header")
        with Horizontal(id="body"):
            with Vertical(id="side") as side:
                side.border_title = "Environments"
                yield EnvironmentTree(glyphs, first=self._first, id="tree")
            yield Pane(self.shared)
        yield NoticeLine(glyphs, id="notice")
        yield KeyLine(glyphs, id="keys")

    def on_mount(self) -> None:
        self.set_class(self.shared.glyphs.ascii, "-ascii")
        self.environments.focus()
        self.refresh_board()
        self.set_interval(1.0, self._tick)

    def start(self) -> None:
        """Connect and keep the board current from now on."""
        begin(self, self.feeds.run, "feeds")

    @property
    def environments(self) -> EnvironmentTree:
        """The tree of environments."""
        return self.query_one(EnvironmentTree)

    @property
    def pane(self) -> Pane:
        """The pane about the selected line."""
        return self.query_one(Pane)

    @property
    def line(self) -> TreeLine | None:
        return self.environments.selected

    @property
    def chosen(self) -> Sequence[Target]:
        return self.pane.chosen if self.pane.has_focus_within else ()

    def status_of(self, environment: str) -> EnvironmentStatus | None:
        branch = self.board.get(environment)
        return branch.status if branch is not None else None

    @cached_property
    def commands(self) -> Commands:
        """What `:` does; imported once it is wanted."""
        from tui.commands import Commands

        return Commands(self)

    def tell(self, message: Told) -> None:
        """Show a sentence that stays until it is dismissed."""
        self.query_one(NoticeLine).tell(message.text, message.state)

    # What changes the screen

    def board_changed(self) -> None:
        """Repaint soon, and once for everything that changes until then."""
        if self.refreshing:
            return
        self.refreshing = True
        self.set_timer(max(_REFRESH - (monotonic() - self._refreshed), 0.001), self.refresh_board)

    def refresh_board(self) -> None:
        """Show the board as it is now."""
        self.refreshing = False
        self._refreshed = monotonic()
        self._collapse_new()
        self._look_for_clusters()
        lines = tree_lines(self.board, self._toggled, self._filter, self.shared.clock(), self._pages)
        self.environments.show_tree(lines, self._placeholder())
        self._show_selection()

    def _collapse_new(self) -> None:
        """Many environments start closed, but for the first: a screen that is read from the top."""
        names = [branch.status.environment for branch in self.board]
        fresh = [name for name in names if name not in self._seen]
        self._seen.update(fresh)
        if len(names) > _FEW:
            self._toggled |= {(name,) for name in fresh if name != names[0]}

    def _look_for_clusters(self) -> None:
        """Ask which clusters run each time that an environment came, went or was deployed."""
        deployed = frozenset((branch.status.environment, branch.status.deployed) for branch in self.board)
        if deployed != self._looked and self.shared.api is not None:
            self._looked = deployed
            begin(self, self._look, "clusters")

    async def _look(self) -> None:
        try:
            await self.knowledge.look([branch.status.environment for branch in self.board])
        except Exception as error:
            self.tell(Told(f"the clusters: {sentence(error)}"))
        self.offers_changed()

    def _placeholder(self) -> str:
        if self._filter:
            return f"nothing is called {self._filter}"
        return _EMPTY if self.board.loaded else "reading environments"

    def _show_selection(self, again: bool = False) -> None:
        line = self.line
        self.pane.show_line(line, self.board.loaded, again)
        self.offers_changed()

    def offers_changed(self) -> None:
        line, shared = self.line, self.shared
        closed = shared.allowed.read_only
        header = self.query_one(HeaderLine)
        header.show(lambda width: [header_line(self.board, line, width, shared.glyphs, closed)])
        own = self.pane.keys if self.pane.has_focus_within else ()
        self.query_one(KeyLine).show_hints(key_hints(self.offers, own))

    def _tick(self) -> None:
        if self.board.ageing:
            self.refresh_board()
        self.pane.tick()

    def _tell_trouble(self, text: str) -> None:
        self.tell(Told(text))

    # Messages

    @on(Told)
    def _on_told(self, event: Told) -> None:
        event.stop()
        self.tell(event)

    @on(EnvironmentTree.LineHighlighted)
    def _on_highlighted(self) -> None:
        self._show_selection()
        self.review()

    @on(ChoiceMoved)
    def _on_choice_moved(self, event: ChoiceMoved) -> None:
        event.stop()
        self._follow_usages()
        self.offers_changed()
        self.review()

    @on(ObjectOpened)
    def _on_object_opened(self, event: ObjectOpened) -> None:
        event.stop()
        self.action_act("instance-logs" if event.row.kind.kind == "Pod" else "describe")

    @on(ViewKept)
    def _on_view_kept(self, event: ViewKept) -> None:
        event.stop()
        self.keep_view(event.command)

    def on_descendant_focus(self) -> None:
        self.offers_changed()

    @on(EnvironmentTree.LineToggled)
    def _on_toggled(self, event: EnvironmentTree.LineToggled) -> None:
        self._toggled ^= {event.key}
        self.refresh_board()

    @on(EnvironmentTree.LineOpened)
    def _on_opened(self) -> None:
        line = self.line
        if line is not None and line.kind == "more":
            self._pages[line.key[:-1]] = self._pages.get(line.key[:-1], 1) + 1
            self.refresh_board()
        else:
            self._open_pane()

    # Panes

    def _open_pane(self) -> None:
        self.add_class("-pane")
        self.remove_class("-tree")
        self.pane.focus_content()

    def _close_pane(self) -> None:
        self.remove_class("-pane")
        self.set_class(self.has_class("-maximized"), "-tree")
        self.environments.focus()

    def action_other_pane(self, step: int) -> None:
        if self.environments.has_focus:
            self._open_pane()
        else:
            self._close_pane()

    async def action_tab(self, tab: Tab) -> None:
        await self.pane.open_tab(tab)
        if not self.environments.has_focus or self.has_class("-narrow"):
            self._open_pane()

    async def action_next_tab(self, step: int) -> None:
        await self.action_tab(TABS[(TABS.index(self.pane.tab) + step) % len(TABS)])

    def action_maximize(self) -> None:
        self.toggle_class("-maximized")
        self.set_class(self.has_class("-maximized") and self.environments.has_focus, "-tree")

    def action_resize(self, by: int) -> None:
        """Give the tree more or less room, and the pane always enough."""
        side = self.query_one("#side", Widget)
        width = max(_LEAST_SIDE, min(side.outer_size.width + by, self.size.width - _LEAST_SIDE))
        side.styles.width = side.styles.min_width = side.styles.max_width = width

    def action_back(self) -> None:
        if self.query_one(NoticeLine).dismiss():
            return
        if self._filter and self.environments.has_focus:
            self._set_filter("")
        elif not self.environments.has_focus:
            self._close_pane()
        elif self.has_class("-maximized"):
            self.remove_class("-maximized", "-tree")

    # Filter

    async def action_filter(self) -> None:
        from tui.widgets.prompt_line import Asked, PromptLine

        self._close_pane()
        if not self.query(PromptLine):
            asked = Asked(
                "filter",
                self._filter,
                "filter by name",
                changed=self._set_filter,
                submitted=self._keep_filter,
                dropped=self._drop_filter,
            )
            await self.query_one("#side").mount(PromptLine(asked))
        self.query_one(PromptLine).focus()

    def _set_filter(self, text: str) -> None:
        self._filter = text.strip()
        self.query_one("#side", Widget).border_subtitle = f"filter: {self._filter}" if self._filter else ""
        self.refresh_board()

    def _keep_filter(self, text: str) -> None:
        self.environments.focus()

    def _drop_filter(self) -> None:
        self._set_filter("")
        self.environments.focus()

    # What is shown in the pane

    async def show_tab(self, tab: Tab) -> None:
        """Open a tab and give it the focus, its stream anew."""
        await self.pane.open_tab(tab, again=True)
        self._open_pane()

    async def open_objects(self, view: ObjectView) -> None:
        """Show these live objects, on top of what is shown."""
        await self.pane.open_tab("objects")
        self.pane.open_objects(view)
        self._open_pane()

    async def show_namespaces(self, names: tuple[str, ...]) -> None:
        """The objects of other namespaces, all for none."""
        await self.pane.open_tab("objects")
        self.pane.show_namespaces(names)
        self._open_pane()

    def _follow_usages(self) -> None:
        """Measure the clusters that are looked at, and no others."""
        wanted = frozenset(self.pane.clusters)
        if wanted == self._usages:
            return
        for cluster in self._usages - wanted:
            self.workers.cancel_group(self, f"usage {cluster}")
        for cluster in wanted - self._usages:
            begin(self, partial(self._measure, cluster), f"usage {cluster}")
        self._usages = wanted

    async def _measure(self, cluster: ClusterRef) -> None:
        try:
            async for usage in self.shared.ask().live.usage(cluster):
                self.shared.usages[cluster] = usage
                self.pane.usage_changed()
        except Exception as error:
            # A cluster without measures is none the worse; the table has no figures then, and the log says why.
            self.log.warning(f"no measures of {cluster}: {sentence(error)}")

    # Commands

    async def action_command(self, text: str = "") -> None:
        from tui.widgets.prompt_line import Asked, PromptLine

        begin(self, self.commands.prepare, "prepare")
        asked = Asked(
            "command",
            text,
            ":pods kube-system /coredns   :ctx   :env   :pulse   :journal",
            submitted=self._run_command,
            dropped=self._focus_again,
            suggest=self.commands.complete,
            history=self.commands.typed.lines,
        )
        self._before = self.focused
        await self.query(PromptLine).remove()
        await self.mount(PromptLine(asked), before="#keys")
        self.query_one(PromptLine).focus()

    def _run_command(self, text: str) -> None:
        self._focus_again()
        begin(self, partial(self.commands.run, text), "command", alone=False)

    def _focus_again(self) -> None:
        (self._before or self.environments).focus()

    def action_journal(self) -> None:
        from tui.screens.journal import JournalScreen

        self.app.push_screen(JournalScreen(self.shared))

    def action_pulse(self) -> None:
        self._run_command("pulse")

    def action_operations(self) -> None:
        self.show_operations()

    def action_bookmarks(self) -> None:
        begin(self, self._choose_bookmark, "bookmarks")

    async def _choose_bookmark(self) -> None:
        from tui.screens.choose import Choice, ChooseScreen

        kept = self.commands.bookmarks.lines
        if not kept:
            self.tell(Told("nothing is kept yet: B in a table keeps its view", "unknown"))
            return
        choices = [Choice(text, f":{text}") for text in kept]
        wanted = await self.app.push_screen_wait(ChooseScreen(self.shared, "Kept views", choices))
        if wanted:
            await self.commands.run(wanted[0])

    def keep_view(self, command: str) -> None:
        """Keep a view as a bookmark."""
        try:
            self.commands.bookmarks.add(command)
        except Exception as error:
            self.tell(Told(sentence(error)))
            return
        self.tell(Told(f"kept: :{command} – b lists what is kept", "ready"))

    def action_themes(self) -> None:
        from tui.screens.choose import Choice, ChooseScreen

        before = self.app.theme
        choices = [Choice(name, name) for name in sorted(self.app.available_themes)]
        screen = ChooseScreen(self.shared, "Themes", choices, at=before, moved=self._preview_theme)
        self.app.push_screen(screen, lambda chosen: None if chosen else self._preview_theme(before))

    def _preview_theme(self, name: str) -> None:
        self.app.theme = name

    def action_read_only(self) -> None:
        if self.line is not None:
            begin(self, partial(self._toggle_read_only, self.line.environment.environment), "read-only", alone=False)

    async def _toggle_read_only(self, environment: str) -> None:
        try:
            closed = await self.knowledge.toggle_read_only(environment)
        except Exception as error:
            self.tell(Told(sentence(error)))
            return
        words = "is read-only now: what changes it is refused" if closed else "may be changed again"
        self.tell(Told(f"{environment} {words}", "ready"))
        self.offers_changed()

    # The rest

    def action_retry(self) -> None:
        self.feeds.retry()
        if self.shared.api is not None:
            self.knowledge.forget()
        self._show_selection(again=True)

    @property
    def selected_words(self) -> str:
        """What is selected, in words."""
        objects = self.chosen
        if objects:
            return str(objects[0]) if len(objects) == 1 else f"{len(objects)} {objects[0].kind.resource}"
        return f"{self.line.key[-1]}, {self.line.kind}" if self.line is not None else "nothing yet"

    def action_leave(self) -> None:
        begin(self, self._leave, "leave")

    async def _leave(self) -> None:
        running = self.board.running
        if running:
            from tui.screens.leave import LeaveScreen

            answer = await self.app.push_screen_wait(LeaveScreen(self.shared, running))
            if answer == "stay" or (answer == "stop" and not await self._stopped(running)):
                return
        self.app.exit()

    async def _stopped(self, running: Sequence[str]) -> bool:
        """Ask the runs to stop; what cannot be asked is told, and keeps the console open."""
        try:
            for environment in running:
                await self.shared.ask().cancel(environment)
        except Exception as error:
            self.tell(Told(sentence(error)))
            return False
        return True

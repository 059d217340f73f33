"""The main screen: the tree, the pane about the selected line, and the keys for it."""

from __future__ import annotations

from time import monotonic
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget

from tui.context import Context, sentence
from tui.feeds import Connect, Feeds
from tui.messages import Told
from tui.verbs import KEYED, Offer, offer_of, offers, where
from tui.view_models.board import Board
from tui.view_models.header import header_line
from tui.view_models.keys import key_hints
from tui.view_models.tree import Key, TreeLine, tree_lines
from tui.widgets.environment_tree import EnvironmentTree
from tui.widgets.header_line import HeaderLine
from tui.widgets.key_line import KeyLine
from tui.widgets.notice_line import NoticeLine
from tui.widgets.pane import TABS, Pane, Tab

_REFRESH = 0.1
"""Seconds between two repaints of the board at the least: what comes faster is coalesced."""

_WIDTHS: list[tuple[int, str]] | None = [(0, "-narrow"), (100, "-wide")]
"""From so many columns on tree and pane stand side by side."""

_FEW = 3
"""Up to so many environments are shown open at first."""

_ACTION_BINDINGS: list[BindingType] = [
    Binding(action.key or "", f"act('{action.id}')", action.title, id=f"action.{action.id}") for action in KEYED
]

_TAB_BINDINGS: list[BindingType] = [
    Binding(str(number), f"tab('{tab}')", tab.capitalize(), id=f"pane.{tab}") for number, tab in enumerate(TABS, 1)
]

_EMPTY = "no environments yet"


class MainScreen(Screen[None], inherit_bindings=False):
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
        &.-ascii LineView { scrollbar-size-vertical: 0; }
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
        *_ACTION_BINDINGS,
        Binding("tab", "other_pane(1)", "To the other pane", id="pane.next"),
        Binding("shift+tab", "other_pane(-1)", "To the other pane", id="pane.previous", show=False),
        *_TAB_BINDINGS,
        Binding("right_square_bracket", "next_tab(1)", "Next tab", id="pane.next-tab"),
        Binding("left_square_bracket", "next_tab(-1)", "Tab before", id="pane.previous-tab"),
        Binding("z", "maximize", "Maximize the pane, or back", id="pane.maximize"),
        Binding("escape", "back", "Back: notice, filter, pane", id="pane.back"),
        Binding("slash", "filter", "Filter the tree", id="tree.filter"),
        Binding("r", "retry", "Try lost environments again now", id="tree.retry"),
        Binding("question_mark", "help", "Help", id="app.help"),
        Binding("q", "leave", "Quit", id="app.leave"),
        Binding("ctrl+c", "screen.copy_text", "Copy the selected text", id="app.copy", show=False),
    ]

    def __init__(self, context: Context, connect: Connect) -> None:
        super().__init__()
        self.shared = context
        self.board = Board()
        self.feeds = Feeds(connect, context, self.board, self.board_changed, self._tell_trouble)
        self._collapsed: frozenset[Key] = frozenset()
        self._seen: set[str] = set()
        self._filter = ""
        self.refreshing = False
        self._refreshed = 0.0

    def compose(self) -> ComposeResult:
        glyphs = self.shared.glyphs
        yield HeaderLine(glyphs, id="header")
        with Horizontal(id="body"):
            with Vertical(id="side") as side:
                side.border_title = "Environments"
                yield EnvironmentTree(glyphs, id="tree")
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
        self.run_worker(self.feeds.run(), group="feeds", exclusive=True)

    @property
    def environments(self) -> EnvironmentTree:
        """The tree of environments."""
        return self.query_one(EnvironmentTree)

    @property
    def pane(self) -> Pane:
        """The pane about the selected line."""
        return self.query_one(Pane)

    @property
    def offers(self) -> list[Offer]:
        """What the selected line can be asked."""
        return offers(self.environments.selected)

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
        lines = tree_lines(self.board, self._collapsed, self._filter, self.shared.clock())
        self.environments.show_tree(lines, self._placeholder())
        self._show_selection()

    def _collapse_new(self) -> None:
        """Many environments start closed, but for the first: a screen that is read from the top."""
        names = [branch.status.environment for branch in self.board]
        fresh = [name for name in names if name not in self._seen]
        self._seen.update(fresh)
        if len(names) > _FEW:
            self._collapsed |= {(name,) for name in fresh if name != names[0]}

    def _placeholder(self) -> str:
        if self._filter:
            return f"nothing is called {self._filter}"
        return _EMPTY if self.board.loaded else "reading environments"

    def _show_selection(self, again: bool = False) -> None:
        line = self.environments.selected
        header = self.query_one(HeaderLine)
        header.show(lambda width: [header_line(self.board, line, width, self.shared.glyphs)])
        self.query_one(KeyLine).show_hints(key_hints(offers(line)))
        self.pane.show_line(line, self.board.loaded, again)

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

    @on(EnvironmentTree.LineToggled)
    def _on_toggled(self, event: EnvironmentTree.LineToggled) -> None:
        self._collapsed = self._collapsed - {event.key} if event.opened else self._collapsed | {event.key}
        self.refresh_board()

    @on(EnvironmentTree.LineOpened)
    def _on_opened(self) -> None:
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

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Of the actions that share a key, the one that the line offers; where none is, the first says where."""
        if action != "act" or not self.is_mounted:
            return True
        name = str(parameters[0])
        offered = {offer.action.id for offer in self.offers}
        rivals = _rivals(name)
        return name in offered or (offered.isdisjoint(rivals) and name == rivals[0])

    def action_act(self, name: str) -> None:
        offer = offer_of(self.environments.selected, name)
        if offer is None:
            actions = [action for action in KEYED if action.id in _rivals(name)]
            self.tell(Told(f"{actions[0].key} is not for this line: {where(actions)}", "unknown"))
        elif offer.refusal is not None:
            self.tell(Told(f"{offer.action.title}: {offer.refusal}", "degraded"))
        else:
            self.run_worker(self._perform(offer), group="actions")

    async def _perform(self, offer: Offer) -> None:
        from tui.screens.performing import perform

        self.query_one(NoticeLine).dismiss()
        try:
            await perform(self, offer)
        except Exception as error:
            self.tell(Told(f"{offer.action.title}: {sentence(error)}"))

    async def show_tab(self, tab: Tab) -> None:
        """Open a tab and give it the focus, its stream anew."""
        await self.pane.open_tab(tab, again=True)
        self._open_pane()

    # The rest

    def action_retry(self) -> None:
        self.feeds.retry()
        self._show_selection(again=True)

    async def action_help(self) -> None:
        from tui.screens.help import HelpScreen

        line: TreeLine | None = self.environments.selected
        sections = [("Here", self.focused), ("Everywhere", self)]
        self.app.push_screen(HelpScreen(self.shared, self.offers, line, cast("list[tuple[str, Widget]]", sections)))

    def action_leave(self) -> None:
        self.run_worker(self._leave(), group="leave", exclusive=True)

    async def _leave(self) -> None:
        running = self.board.running
        if running:
            from tui.screens.confirm import ConfirmScreen
            from tui.screens.performing import leaving

            if not await self.app.push_screen_wait(ConfirmScreen(self.shared, leaving(running))):
                return
        self.app.exit()


def _rivals(name: str) -> list[str]:
    """The ids of the actions that share this one's default key, in the registry's order."""
    key = next(action.key for action in KEYED if action.id == name)
    return [action.id for action in KEYED if action.key == key]

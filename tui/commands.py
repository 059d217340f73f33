"""What `:` commands do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from core.live.objects import ClusterRef
from core.live.tables import TableQuery
from tui.context import sentence
from tui.messages import Told
from tui.remembered import Remembered
from tui.view_models.command import (
    Command,
    CommandError,
    Known,
    clusters_called,
    completion,
    parse_command,
)
from tui.view_models.live_targets import clusters_of
from tui.view_models.object_view import ObjectView

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

Run = Callable[[Command], Awaitable[None]]


class Commands:
    """Understands what is typed, completes it, remembers it, and does it on the main screen."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self.typed = Remembered("commands")
        self.bookmarks = Remembered("bookmarks")
        self._namespaces: dict[ClusterRef, Sequence[str]] = {}
        self._verbs: Mapping[str, Run] = {
            "ctx": self._ctx,
            "env": self._env,
            "ns": self._ns,
            "new": self._new,
            "import": self._import,
            "catalogue": self._catalogue,
            "pulse": self._pulse,
            "journal": self._journal,
            "forwards": self._forwards,
            "operations": self._operations,
            "bookmarks": self._bookmarks,
            "theme": self._theme,
            "help": self._help,
            "retry": self._retry,
            "quit": self._quit,
        }

    def complete(self, text: str) -> str | None:
        """The whole text that a beginning may become."""
        shared = self._screen.shared
        kinds = [kind for some in shared.kinds.values() for kind in some]
        names = {name for kind in kinds for name in (kind.resource, *kind.short)}
        known = Known(
            sorted(names) or ["pods", "nodes", "deployments", "services", "events"],
            sorted({name for some in self._namespaces.values() for name in some}),
            shared.clusters,
            [branch.status.environment for branch in self._screen.board],
            list(self._screen.app.available_themes),
        )
        return completion(text, known)

    async def prepare(self) -> None:
        """Learn what completion wants to know of the clusters that are looked at."""
        for cluster in self._clusters():
            try:
                await self._screen.knowledge.kinds(cluster)
                self._namespaces[cluster] = await self._screen.shared.ask().live.namespaces(cluster)
            except Exception:
                # Completion only helps: what cannot be asked is typed in full, and the command says what is wrong.
                continue

    async def run(self, text: str) -> None:
        """Do what was typed; what is wrong with it is told."""
        if not text.strip():
            return
        try:
            command = parse_command(text, self._screen.shared.clusters)
            await (self._verbs[command.verb](command) if command.is_verb else self._show(command))
            self.typed.add(text.strip())
        except CommandError as error:
            self._screen.tell(Told(str(error)))
        except Exception as error:
            self._screen.tell(Told(f":{text.strip()}: {sentence(error)}"))

    async def _show(self, command: Command) -> None:
        clusters = command.clusters if command.clusters is not None else tuple(self._clusters())
        if not clusters:
            raise CommandError("no cluster is looked at: select one, or name one as in `:pods @lab/alpha`")
        query = TableQuery(clusters, command.verb, command.namespaces or (), command.labels)
        await self._screen.open_objects(ObjectView(query, filter=command.filter))

    def _clusters(self) -> Sequence[ClusterRef]:
        """The clusters that are looked at: those of the table, else those of the line, else the only one there is."""
        shown = self._screen.pane.clusters or clusters_of(self._screen.line)
        known = self._screen.shared.clusters
        return shown or (known if len(known) == 1 else ())

    async def _ctx(self, command: Command) -> None:
        if not command.words:
            known = ", ".join(map(str, self._screen.shared.clusters)) or "none"
            raise CommandError(f"which cluster? There are: {known}")
        found = clusters_called(command.words[0], self._screen.shared.clusters)[0]
        self._screen.environments.select((found.environment, found.cluster))

    async def _env(self, command: Command) -> None:
        names = [branch.status.environment for branch in self._screen.board]
        wanted = command.words[0] if command.words else ""
        found = next((name for name in names if name == wanted), None) or next(
            (name for name in names if wanted and name.startswith(wanted)), None
        )
        if found is None:
            raise CommandError(f"there is no environment {wanted}; there are {', '.join(names) or 'none'}")
        self._screen.environments.select((found,))

    async def _ns(self, command: Command) -> None:
        names = tuple(name for word in command.words for name in word.split(",") if name != "all")
        await self._screen.show_namespaces(names)

    async def _new(self, command: Command) -> None:
        from tui.screens.declared import new

        await new(self._screen)

    async def _import(self, command: Command) -> None:
        from tui.screens.declared import read_file

        if not command.words:
            raise CommandError("which file? As in `:import lab.yaml`")
        await read_file(self._screen, command.words[0])

    async def _catalogue(self, command: Command) -> None:
        from tui.screens.declared import show_catalogue

        line = self._screen.line
        await show_catalogue(self._screen, line.environment.environment if line else "", " ".join(command.words))

    async def _pulse(self, command: Command) -> None:
        from tui.screens.pulse import PulseScreen

        self._screen.app.push_screen(PulseScreen(self._screen.shared, self._screen.board))

    async def _journal(self, command: Command) -> None:
        self._screen.action_journal()

    async def _forwards(self, command: Command) -> None:
        from tui.screens.forwards import ForwardsScreen

        self._screen.app.push_screen(ForwardsScreen(self._screen.shared))

    async def _operations(self, command: Command) -> None:
        self._screen.show_operations()

    async def _bookmarks(self, command: Command) -> None:
        self._screen.action_bookmarks()

    async def _theme(self, command: Command) -> None:
        names = list(self._screen.app.available_themes)
        if command.words and command.words[0] in names:
            self._screen.app.theme = command.words[0]
        elif command.words:
            raise CommandError(f"there is no theme {command.words[0]}; there are {', '.join(names)}")
        else:
            self._screen.action_themes()

    async def _help(self, command: Command) -> None:
        await self._screen.run_action("app.help")

    async def _retry(self, command: Command) -> None:
        self._screen.action_retry()

    async def _quit(self, command: Command) -> None:
        self._screen.action_leave()

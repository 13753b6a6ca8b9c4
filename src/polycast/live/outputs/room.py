"""The outputs, built: services for dialects and other features, daemons, listeners and events for the module."""

from collections.abc import Callable
from pathlib import Path

from polycast.core.clock import Clock
from polycast.core.events.model import Event, Listener
from polycast.core.module import Daemon
from polycast.core.storage import Database
from polycast.live.outputs.access import NetworkAccess
from polycast.live.outputs.artefacts import Artefacts
from polycast.live.outputs.capacity import Capacity
from polycast.live.outputs.events import PUBLISHED
from polycast.live.outputs.guides import Guides
from polycast.live.outputs.lineups import LineUps
from polycast.live.outputs.ports import Guide
from polycast.live.outputs.service import Origins, Playlists
from polycast.live.outputs.store import OutputStore
from polycast.live.people.service import People
from polycast.live.preferences.service import Preferences

SCRATCH = "tmp/live/outputs"


class Outputs:
    """What players are given. `access` is asked by every dialect of live TV."""

    def __init__(
        self,
        *,
        db: Database,
        preferences: Preferences,
        people: People,
        guide: Guide,
        clock: Clock,
        data_dir: Path,
        public_url: Callable[[], str | None],
    ) -> None:
        store = OutputStore()
        self.store = store
        self.access = NetworkAccess(db=db, preferences=preferences, people=people, clock=clock)
        self.lineups = LineUps(db=db, store=store, people=people, clock=clock)
        self.playlists = Playlists(db=db, store=store, lineups=self.lineups)
        self.artefacts = Artefacts(folder=data_dir / SCRATCH, clock=clock)
        self.guides = Guides(lineups=self.lineups, guide=guide, artefacts=self.artefacts, clock=clock)
        self.capacity = Capacity(db=db, store=store)
        self.origins = Origins(public_url)

    def daemons(self) -> list[Daemon]:
        """The web process's part."""
        return self.guides.daemons()

    def listeners(self) -> list[Listener]:
        """What keeps the kept things fresh."""
        return [*self.access.listeners(), *self.lineups.listeners(), *self.guides.listeners()]

    def events(self) -> list[type[Event]]:
        """What is published from here."""
        return list(PUBLISHED)

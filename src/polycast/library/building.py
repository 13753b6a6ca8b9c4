"""The rooms of the media library, each built from the core and from those that it needs."""

from polycast.core.events import Event, Listener
from polycast.core.house import Core
from polycast.core.jobs import Job
from polycast.core.module import Daemon
from polycast.core.net import Trust
from polycast.library.catalogue.room import Catalogue
from polycast.library.connections.room import Connections
from polycast.library.events import ItemsChanged, LibraryChanged, PathArrived, ScanChanged
from polycast.library.metadata.room import Metadata
from polycast.library.metadata.search import PREFIX, TitleIndex
from polycast.library.migration.discovery import Neighbours
from polycast.library.migration.service import Migration
from polycast.library.migration.store import MigrationStore
from polycast.library.people.room import People
from polycast.library.playback.progress import Progress, WatchRules
from polycast.library.playback.room import Playback
from polycast.library.playback.store_progress import ProgressStore
from polycast.library.probing.service import Prober
from polycast.library.providers.room import Providers
from polycast.library.scanning.matching import MatchPhase
from polycast.library.scanning.room import Scanning
from polycast.library.scanning.store import ScanStore
from polycast.library.scanning.store_match import MatchStore
from polycast.library.scanning.upkeep import Upkeep
from polycast.library.scanning.watching import FolderWatch
from polycast.library.settings import LibrarySettings
from polycast.library.workflows.service import Workflows
from polycast.library.workflows.store import WorkflowStore


class Rooms:
    """Everything the media library consists of below its dialects."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.catalogue = Catalogue(
            db=core.db, identity=core.identity, settings=core.settings, clock=core.clock, ids=core.ids
        )
        self.workflows = Workflows(db=core.db, store=WorkflowStore(), queue=core.queue, clock=core.clock, ids=core.ids)
        self.prober = Prober(media=core.media)
        self.progress = self._progress(core)
        self.services = Providers(core)
        self.people = People(
            core, catalogue=self.catalogue, progress=self.progress, workflows=self.workflows, services=self.services
        )
        self.playback = Playback(
            core, files=self.catalogue.files, progress=self.progress, screen_time=self.people.family
        )
        self.index = TitleIndex(items=self.catalogue.stores.items, viewers=self.catalogue.viewers)
        core.search.judge(PREFIX, self.index.judge)
        scan_store = ScanStore()
        matching = MatchPhase(db=core.db, store=scan_store, titles=MatchStore(), clock=core.clock, ids=core.ids)
        self.metadata = Metadata(
            core, catalogue=self.catalogue, matching=matching, index=self.index, workflows=self.workflows,
            tracks=self.playback.track_store, services=self.services, settings=self.settings,
        )  # fmt: skip
        self.scanning = self._scanning(core, matching, scan_store)
        self.upkeep = Upkeep(
            db=core.db,
            store=scan_store,
            titles=MatchStore(),
            index=self.index,
            clock=core.clock,
            settings=self.settings,
        )
        self.watching = FolderWatch(
            db=core.db, libraries=self.catalogue.stores.libraries, scans=self.scanning.scans, clock=core.clock,
            is_on=lambda: self.settings().watch,
        )  # fmt: skip
        self.connections = Connections(
            core, catalogue=self.catalogue, services=self.services, progress=self.progress, workflows=self.workflows, scans=self.scanning.scans, settings=self.settings,
        )  # fmt: skip
        self.migration = self._migration(core)
        self.neighbours = Neighbours(clock=core.clock, host=lambda: core.settings.core.host)
        self.catalogue.libraries.scan_with(self.scanning.scans)

    def settings(self) -> LibrarySettings:
        """As they are now."""
        return self._core.settings.of(LibrarySettings)

    def _progress(self, core: Core) -> Progress:
        return Progress(
            db=core.db,
            store=ProgressStore(),
            items=self.catalogue.stores.items,
            viewers=self.catalogue.viewers,
            clock=core.clock,
            rules=lambda: WatchRules(
                watched=self.settings().watched_percent, resume=self.settings().min_resume_percent
            ),
        )

    def _migration(self, core: Core) -> Migration:
        return Migration(
            db=core.db,
            store=MigrationStore(),
            libraries=self.catalogue.stores.libraries,
            items=self.catalogue.stores.items,
            titles=MatchStore(),
            progress=self.progress,
            workflows=self.workflows,
            identity=core.identity,
            out=lambda: core.net.client(Trust.SOURCE, owner="library.migration"),
            secrets=core.secrets,
            clock=core.clock,
            ids=core.ids,
        )

    def _scanning(self, core: Core, matching: MatchPhase, scan_store: ScanStore) -> Scanning:
        return Scanning(
            db=core.db,
            catalogue=self.catalogue,
            workflows=self.workflows,
            prober=self.prober,
            enriching=self.metadata.enriching,
            matching=matching,
            store=scan_store,
            settings=self.settings,
            tell=core.events.tell,
            clock=core.clock,
            ids=core.ids,
        )

    def jobs(self) -> list[Job]:
        """The worker's part."""
        return [
            *self.scanning.jobs(),
            *self.catalogue.libraries.jobs(),
            *self.workflows.jobs(),
            *self.people.jobs(),
            *self.metadata.jobs(),
            *self.migration.jobs(),
            *self.connections.jobs(),
            *self.upkeep.jobs(),
            *self.playback.jobs(),
        ]

    def daemons(self) -> list[Daemon]:
        """The web process's part."""
        return [*self.playback.daemons(), Daemon(name="library.folders", run=self.watching.run)]

    def listeners(self) -> list[Listener]:
        """What happens after something has happened."""
        return [*self.people.listeners(), *self.connections.listeners()]

    def events(self) -> list[type[Event]]:
        """What is published or told."""
        return [ScanChanged, LibraryChanged, ItemsChanged, PathArrived, *self.playback.publishes()]

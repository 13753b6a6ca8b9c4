"""The rooms of the stations' own people: music, playlists, grid, wishes."""

from polycast.core.house import Core
from polycast.core.jobs import Job
from polycast.radio.belongings.hooks import Hooks
from polycast.radio.belongings.service import Belongings
from polycast.radio.business import Business
from polycast.radio.engine.store import AudienceStore
from polycast.radio.grid.service import Grid
from polycast.radio.grid.store import GridStore
from polycast.radio.jingles.service import Parts
from polycast.radio.jingles.store import PartStore
from polycast.radio.library.arranging import Arranging
from polycast.radio.library.jobs import Scans
from polycast.radio.library.jobs import jobs as library_jobs
from polycast.radio.library.remotes import Remotes
from polycast.radio.library.service import Library
from polycast.radio.library.store import TrackStore
from polycast.radio.panel.gatekeeping import Gatekeeping
from polycast.radio.panel.service import Panel
from polycast.radio.playlists.service import Playlists
from polycast.radio.playlists.store import PlaylistStore
from polycast.radio.podcasts.service import Podcasts
from polycast.radio.podcasts.store import PodcastStore
from polycast.radio.recordings.service import Recordings
from polycast.radio.reports.service import Reports
from polycast.radio.reports.store import ReportStore
from polycast.radio.stations.access import Access
from polycast.radio.stations.service import Setups
from polycast.radio.wishes.service import Wishes
from polycast.radio.wishes.store import WishStore


class Studio:
    """Everything a broadcaster sets, below the dialects."""

    def __init__(self, core: Core, *, business: Business, setups: Setups) -> None:
        self._core, self._business, self._setups = core, business, setups
        self._tracks, self._playlists = TrackStore(), PlaylistStore()
        self._access = Access(accounts=business.store, stations=business.stations)
        self._stations()
        self._music()
        self._programme()
        self._shows()

    def _allowed(self) -> tuple[str, ...]:
        return self._business.settings().allowed_targets

    def _stations(self) -> None:
        """Stations and who may listen to them."""
        core, business = self._core, self._business
        self.panel = Panel(
            db=core.db,
            store=business.stations,
            making=business.making,
            access=self._access,
            secrets=core.secrets,
            clock=core.clock,
        )
        self.gatekeeping = Gatekeeping(
            db=core.db,
            stations=business.stations,
            audience=AudienceStore(),
            access=self._access,
            panel=self.panel,
            tokens=core.tokens,
            clock=core.clock,
        )
        self.belongings = Belongings(
            db=core.db,
            store=PartStore(),
            access=self._access,
            secrets=core.secrets,
            tokens=core.tokens,
            clock=core.clock,
        )
        self.hooks = Hooks(
            db=core.db,
            store=PartStore(),
            stations=business.stations,
            secrets=core.secrets,
            net=core.net,
            allowed=self._allowed,
            clock=core.clock,
        )

    def _music(self) -> None:
        """The library."""
        core, business, access, setups = self._core, self._business, self._access, self._setups
        self.library = Library(
            db=core.db,
            store=self._tracks,
            accounts=business.store,
            access=access,
            setups=setups,
            media=core.media,
            clock=core.clock,
        )
        self.arranging = Arranging(
            db=core.db,
            store=self._tracks,
            playlists=self._playlists,
            library=self.library,
            access=access,
            setups=setups,
        )
        self.remotes = Remotes(
            db=core.db, store=self._tracks, access=access, net=core.net, allowed=self._allowed, clock=core.clock
        )
        self._scans = Scans(db=core.db, stations=business.stations)

    def _programme(self) -> None:
        """What is on when, and what was."""
        core, business, access = self._core, self._business, self._access
        grid = GridStore()
        self.playlists = Playlists(
            db=core.db,
            store=self._playlists,
            tracks=self._tracks,
            grid=grid,
            access=access,
            clock=core.clock,
            ids=core.ids,
        )
        self.grid = Grid(db=core.db, store=grid, playlists=self._playlists, stations=business.stations, access=access)
        self.wishes = Wishes(db=core.db, store=WishStore(), tracks=self._tracks, access=access, clock=core.clock)
        self.parts = Parts(
            db=core.db,
            store=PartStore(),
            accounts=business.store,
            access=access,
            setups=self._setups,
            media=core.media,
            clock=core.clock,
        )
        self.reports = Reports(db=core.db, store=ReportStore(), access=access, clock=core.clock)

    def _shows(self) -> None:
        """What DJs have sent, and podcasts."""
        core, business = self._core, self._business
        self.recordings = Recordings(
            db=core.db,
            stations=business.stations,
            accounts=business.store,
            access=self._access,
            setups=self._setups,
            library=self.library,
        )
        self.podcasts = Podcasts(
            db=core.db,
            store=PodcastStore(),
            accounts=business.store,
            access=self._access,
            setups=self._setups,
            library=self.library,
            recordings=self.recordings,
            media=core.media,
            clock=core.clock,
            ids=core.ids,
        )

    def jobs(self) -> list[Job]:
        """The worker's part."""
        return [*library_jobs(self.library, self._scans), *self.hooks.jobs()]

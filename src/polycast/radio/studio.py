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
        tracks, playlists, grid = TrackStore(), PlaylistStore(), GridStore()
        access = Access(accounts=business.store, stations=business.stations)
        self.panel = Panel(
            db=core.db,
            store=business.stations,
            making=business.making,
            access=access,
            secrets=core.secrets,
            clock=core.clock,
        )
        self.library = Library(
            db=core.db,
            store=tracks,
            accounts=business.store,
            access=access,
            setups=setups,
            media=core.media,
            clock=core.clock,
        )
        self.arranging = Arranging(
            db=core.db,
            store=tracks,
            playlists=playlists,
            library=self.library,
            access=access,
            setups=setups,
        )
        self.remotes = Remotes(
            db=core.db,
            store=tracks,
            access=access,
            net=core.net,
            allowed=lambda: business.settings().allowed_targets,
            clock=core.clock,
        )
        self.playlists = Playlists(
            db=core.db, store=playlists, tracks=tracks, grid=grid, access=access, clock=core.clock, ids=core.ids
        )
        self.grid = Grid(db=core.db, store=grid, playlists=playlists, stations=business.stations, access=access)
        self.wishes = Wishes(db=core.db, store=WishStore(), tracks=tracks, access=access, clock=core.clock)
        self.parts = Parts(
            db=core.db,
            store=PartStore(),
            accounts=business.store,
            access=access,
            setups=setups,
            media=core.media,
            clock=core.clock,
        )
        self.reports = Reports(db=core.db, store=ReportStore(), access=access, clock=core.clock)
        self.recordings = Recordings(
            db=core.db,
            stations=business.stations,
            accounts=business.store,
            access=access,
            setups=setups,
            library=self.library,
        )
        self.podcasts = Podcasts(
            db=core.db,
            store=PodcastStore(),
            accounts=business.store,
            tracks=tracks,
            access=access,
            setups=setups,
            library=self.library,
            recordings=self.recordings,
            media=core.media,
            clock=core.clock,
            ids=core.ids,
        )
        self.belongings = Belongings(
            db=core.db, store=PartStore(), access=access, secrets=core.secrets, tokens=core.tokens, clock=core.clock
        )
        self.hooks = Hooks(
            db=core.db,
            store=PartStore(),
            stations=business.stations,
            secrets=core.secrets,
            net=core.net,
            allowed=lambda: business.settings().allowed_targets,
            clock=core.clock,
        )
        self.gatekeeping = Gatekeeping(
            db=core.db,
            stations=business.stations,
            audience=AudienceStore(),
            access=access,
            panel=self.panel,
            tokens=core.tokens,
            clock=core.clock,
        )
        self._scans = Scans(db=core.db, stations=business.stations)

    def jobs(self) -> list[Job]:
        """The worker's part."""
        return [*library_jobs(self.library, self._scans), *self.hooks.jobs()]

"""What people do with titles besides watching, built: finding, collecting, arranging, raising children, running it all."""

from polycast.core.events import Listener
from polycast.core.house import Core
from polycast.core.jobs import Job
from polycast.core.net import API, FEED, Limits, Outbound, Trust, jitter
from polycast.library.administration.dashboard import Dashboards
from polycast.library.administration.flags import Flags
from polycast.library.administration.members import Members
from polycast.library.administration.store import AdministrationStore
from polycast.library.catalogue.room import Catalogue
from polycast.library.collections.service import Collections
from polycast.library.collections.store import CollectionStore
from polycast.library.collections.store_watchlist import WatchlistStore
from polycast.library.collections.watchlist import Watchlist
from polycast.library.family.service import Family
from polycast.library.family.store import FamilyStore
from polycast.library.family.tries import PinTries
from polycast.library.home.service import HomeRows
from polycast.library.home.store import PreferenceStore
from polycast.library.people.devices import DeviceLogins
from polycast.library.people.invites import Invites
from polycast.library.people.persons import Persons
from polycast.library.people.preferences import Preferences
from polycast.library.people.store_devices import DeviceLoginStore
from polycast.library.people.store_invites import InviteStore
from polycast.library.people.store_persons import PersonStore
from polycast.library.playback.progress import Progress
from polycast.library.podcasts.keeping import Keeping
from polycast.library.podcasts.service import Podcasts
from polycast.library.podcasts.store import PodcastStore
from polycast.library.podcasts.store_keeping import KeepingStore
from polycast.library.providers.room import Providers
from polycast.library.search.service import SearchRoom
from polycast.library.search.store import SearchStore
from polycast.library.settings import LibrarySettings
from polycast.library.workflows.service import Workflows


class People:
    """Everything around titles that belongs to somebody."""

    def __init__(
        self, core: Core, *, catalogue: Catalogue, progress: Progress, workflows: Workflows, services: Providers
    ) -> None:
        db, clock, ids, titles = core.db, core.clock, core.ids, catalogue.titles
        stores, counting, preferences = catalogue.stores, AdministrationStore(), PreferenceStore()
        self.invites = Invites(
            db=db, store=InviteStore(), libraries=stores.libraries, identity=core.identity, secrets=core.secrets,
            tokens=core.tokens, clock=clock, ids=ids,
        )  # fmt: skip
        self.devices = DeviceLogins(
            db=db, store=DeviceLoginStore(), identity=core.identity, tokens=core.tokens, clock=clock
        )
        self.collections = Collections(
            db=db, store=CollectionStore(), titles=titles, lists=stores.lists, clock=clock, ids=ids
        )
        self.watchlist = Watchlist(db=db, store=WatchlistStore(), titles=titles, clock=clock, ids=ids)
        self.family = Family(
            db=db, store=FamilyStore(), titles=titles, viewers=catalogue.viewers, libraries=stores.libraries,
            identity=core.identity, tries=PinTries(db=db, store=FamilyStore(), clock=clock), tokens=core.tokens,
            clock=clock, ids=ids, zone=core.zone(),
        )  # fmt: skip
        self.search = SearchRoom(db=db, search=core.search, titles=titles, store=SearchStore())
        self.persons = Persons(db=db, store=PersonStore(), titles=titles)
        self.home = HomeRows(
            db=db, titles=titles, lists=stores.lists, alike=stores.alike, progress=progress, preferences=preferences,
            clock=clock,
        )  # fmt: skip
        self.preferences = Preferences(db=db, store=preferences, counting=counting, clock=clock)
        self.flags = Flags(db=db, store=counting, clock=clock)
        self.members = Members(db=db, store=counting, libraries=stores.libraries, identity=core.identity, clock=clock)
        self.dashboards = Dashboards(
            db=db, store=counting, titles=titles, identity=core.identity, queue=core.queue, workflows=workflows,
            clock=clock, data_dir=core.data_dir,
        )  # fmt: skip

        def out(limits: Limits) -> Outbound:
            hosts = core.settings.of(LibrarySettings).podcast_hosts
            return core.net.client(Trust.USER, owner="library.podcasts", limits=limits, allowed=hosts)

        self.podcasts = Podcasts(
            db=db, store=PodcastStore(), out=lambda: out(FEED),
            clock=clock, ids=ids, spread=jitter, index=services.podcast_index,
        )  # fmt: skip
        self.keeping = Keeping(
            db=db, store=KeepingStore(), podcasts=self.podcasts, rows=PodcastStore(),
            out=lambda: out(API),
            folder=core.data_dir / "library" / "podcasts", clock=clock,
        )  # fmt: skip

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [*self.collections.jobs(), *self.podcasts.jobs(), *self.keeping.jobs()]

    def listeners(self) -> list[Listener]:
        """What happens after something has happened."""
        return self.collections.listeners()

    def services(self) -> dict[str, object]:
        """By the names that handlers of `/v1` take them."""
        return {
            "invites": self.invites,
            "collections": self.collections,
            "watchlist": self.watchlist,
            "family": self.family,
            "search_room": self.search,
            "persons": self.persons,
            "home_rows": self.home,
            "preferences": self.preferences,
            "flags": self.flags,
            "members": self.members,
            "dashboards": self.dashboards,
            "podcasts": self.podcasts,
            "keeping": self.keeping,
        }

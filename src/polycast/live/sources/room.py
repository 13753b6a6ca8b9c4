"""The sources of live TV, built: services for dialects and other features, jobs and events for the module."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from polycast.core.clock import Clock
from polycast.core.events.model import Event
from polycast.core.files import open_compressed
from polycast.core.jobs.model import Job, Lane, Retry, Tick
from polycast.core.net import Net
from polycast.core.secrets import Secrets
from polycast.core.storage import Database
from polycast.live.folders import FolderWatch
from polycast.live.preferences.service import Preferences
from polycast.live.sources.accounts.parts import AccountGroups, Filters, ServerGroups
from polycast.live.sources.accounts.profiles import AccountProfiles
from polycast.live.sources.accounts.service import Accounts
from polycast.live.sources.accounts.state import AccountState, Keeper
from polycast.live.sources.accounts.store import AccountStore
from polycast.live.sources.files import AccountFiles
from polycast.live.sources.model import (
    AccountChanged,
    AccountInfoRefreshed,
    DeleteAccount,
    RefreshAccount,
    RefreshInfo,
    RehashProgress,
    SourceFailed,
    SourceProgress,
    SourceRefreshed,
    StreamsRehashed,
)
from polycast.live.sources.ports import AccountChannels, AfterImport, Teller
from polycast.live.sources.refresh.dry_run import DryRuns
from polycast.live.sources.refresh.fetch import Fetches
from polycast.live.sources.refresh.importing import Importer
from polycast.live.sources.refresh.info import AccountInfos
from polycast.live.sources.refresh.rehash import Rehash
from polycast.live.sources.refresh.service import Refreshes
from polycast.live.sources.refresh.settling import GroupSettling
from polycast.live.sources.refresh.store import RefreshStore
from polycast.live.sources.refresh.store_groups import GroupStore
from polycast.live.sources.refresh.store_rehash import RehashStore
from polycast.live.sources.refresh.watch import WatchedAccounts
from polycast.live.sources.streams.preview import Previews
from polycast.live.sources.streams.service import Streams
from polycast.live.sources.streams.store import StreamStore
from polycast.live.sources.streams.store_query import StreamFinder
from polycast.live.sources.upstreams.service import Upstreams
from polycast.live.sources.upstreams.store import UpstreamStore

SCRATCH = "tmp/live"
ASIDE = "tmp/live-dry"


class Sources:
    """Everything about where streams come from."""

    def __init__(
        self,
        *,
        db: Database,
        secrets: Secrets,
        net: Net,
        preferences: Preferences,
        teller: Teller,
        clock: Clock,
        zone: ZoneInfo,
        data_dir: Path,
        after: AfterImport,
        channels: AccountChannels,
    ) -> None:
        store, streams, groups = AccountStore(), RefreshStore(), GroupStore()
        keeper = Keeper(secrets)
        state = AccountState(store=store, keeper=keeper, zone=zone)
        self.files = AccountFiles(data_dir)
        fetches = Fetches(net=net, unpack=open_compressed, folder=data_dir / SCRATCH, files=self.files)
        importer = Importer(db=db, store=streams, groups=groups)
        self.accounts = _accounts(db, store, streams, keeper, self.files, channels, clock, zone)
        self.profiles = AccountProfiles(db=db, store=store)
        self.filters = Filters(db=db, store=store)
        self.groups = AccountGroups(db=db, store=store)
        self.server_groups = ServerGroups(db=db, store=store)
        stream_store = StreamStore(streams)
        self.streams = Streams(
            db=db, store=stream_store, finder=StreamFinder(), preferences=preferences, secrets=secrets, clock=clock
        )
        self.previews = Previews(db=db, store=stream_store)
        self.upstreams = Upstreams(store=UpstreamStore(), keeper=keeper, secrets=secrets)
        self.dry_runs = _dry_runs(db, state, fetches.beside(data_dir / ASIDE), importer, preferences)
        self.rehash = Rehash(
            db=db, store=RehashStore(), bulk=streams, state=state, preferences=preferences, teller=teller
        )
        watched = WatchedAccounts(accounts=self.accounts, store=store)
        self.watch = FolderWatch(db=db, files=self.files, preferences=preferences, watched=watched)
        self.infos = AccountInfos(db=db, store=store, state=state, fetches=fetches, teller=teller, clock=clock)
        self.refreshes = Refreshes(
            db=db,
            importer=importer,
            settling=GroupSettling(db=db, store=groups, state=state, fetches=fetches),
            state=state,
            fetches=fetches,
            rehash=self.rehash,
            after=after,
            teller=teller,
            clock=clock,
        )

    def jobs(self) -> list[Job]:
        """The worker's part."""
        return [*self._refreshing(), *self._upkeep()]

    def _refreshing(self) -> list[Job]:
        return [
            Job(
                name="live.refresh_account",
                payload=RefreshAccount,
                run=self.refreshes.refresh,
                one_per="account_id",
                timeout=timedelta(minutes=45),
                # The fetch has its own tries; the next refresh comes by schedule. One more is for a killed worker.
                retry=Retry(attempts=2, first_wait=timedelta(minutes=2)),
                title="Refresh a source",
            ),
            Job(
                name="live.refresh_due_accounts",
                payload=Tick,
                run=self.refreshes.refresh_due,
                one_per="",
                every=timedelta(minutes=1),
                title="Refresh sources that are due",
            ),
        ]

    def _upkeep(self) -> list[Job]:
        return [
            Job(
                name="live.delete_account",
                payload=DeleteAccount,
                run=self.accounts.remove_deleted,
                one_per="account_id",
                timeout=timedelta(minutes=60),
                title="Remove a source",
            ),
            Job(
                name="live.rehash_streams",
                payload=Tick,
                run=self.rehash.enqueue_all,
                one_per="",
                title="Give streams their identities anew",
            ),
            Job(
                name="live.watch_files",
                payload=Tick,
                run=self.watch.look,
                lane=Lane.QUICK,
                one_per="",
                every=timedelta(seconds=20),
                title="Look for new playlist files",
            ),
            Job(
                name="live.refresh_account_info",
                payload=RefreshInfo,
                run=self.infos.refresh,
                one_per="profile_id",
                retry=Retry(attempts=1),
                title="Ask a panel about a login",
            ),
        ]

    def events(self) -> list[type[Event]]:
        """What is published or told from here."""
        return [
            AccountChanged,
            AccountInfoRefreshed,
            RehashProgress,
            SourceFailed,
            SourceProgress,
            SourceRefreshed,
            StreamsRehashed,
        ]


def _accounts(
    db: Database,
    store: AccountStore,
    streams: RefreshStore,
    keeper: Keeper,
    files: AccountFiles,
    channels: AccountChannels,
    clock: Clock,
    zone: ZoneInfo,
) -> Accounts:
    return Accounts(
        db=db, store=store, streams=streams, keeper=keeper, files=files, channels=channels, clock=clock, zone=zone
    )


def _dry_runs(
    db: Database, state: AccountState, fetches: Fetches, importer: Importer, preferences: Preferences
) -> DryRuns:
    bulk = RefreshStore()
    return DryRuns(
        db=db,
        state=state,
        fetches=fetches,
        importer=importer,
        bulk=bulk,
        streams=StreamStore(bulk),
        preferences=preferences,
    )

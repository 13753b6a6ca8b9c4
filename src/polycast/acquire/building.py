"""The rooms of acquisition, each built from the core and from those that it needs."""

from urllib.parse import quote

import msgspec

from polycast.acquire.actions.service import Actions
from polycast.acquire.arrs.cleanup import Cleanup
from polycast.acquire.arrs.cleanup_store import CleanupStore
from polycast.acquire.arrs.owner import ArrOwner
from polycast.acquire.arrs.service import Arrs
from polycast.acquire.arrs.store import ArrStore
from polycast.acquire.catalogue.store import EntryStore
from polycast.acquire.catalogue.store_parts import PartStore
from polycast.acquire.catalogue.tree import Tree
from polycast.acquire.catalogue.tree_store import TreeStore
from polycast.acquire.config.service import ConfigChanged, Configs
from polycast.acquire.config.store import DocumentStore
from polycast.acquire.diagnosis import RecentLog
from polycast.acquire.links.service import Links
from polycast.acquire.links.store import LinkStore
from polycast.acquire.mounting.service import Mounts
from polycast.acquire.providers.accounts import WEB_SHARE, Accounts
from polycast.acquire.providers.kinds import KINDS
from polycast.acquire.providers.store import AccountStore
from polycast.acquire.providers.upkeep import Upkeep
from polycast.acquire.reading.remote import RemoteSources
from polycast.acquire.reading.service import Meters, Reading
from polycast.acquire.repair.probing import Probes
from polycast.acquire.repair.running import Runner
from polycast.acquire.repair.searching import Searches
from polycast.acquire.repair.service import Repairs
from polycast.acquire.repair.store import RepairStore
from polycast.acquire.settings import AcquireSettings
from polycast.acquire.transfers.adding import Adding
from polycast.acquire.transfers.changes import Changes, Drops
from polycast.acquire.transfers.events import (
    EntryAdded,
    EntryChanged,
    EntryRemoved,
    LibraryChanged,
    PlaybackFailed,
    Progressed,
)
from polycast.acquire.transfers.finishing import Finishing
from polycast.acquire.transfers.labels import Labels
from polycast.acquire.transfers.labels_store import LabelStore
from polycast.acquire.transfers.leftovers import Leftovers
from polycast.acquire.transfers.mending import Mending
from polycast.acquire.transfers.packed import Packs
from polycast.acquire.transfers.queue import TransferQueue
from polycast.acquire.transfers.records import Records
from polycast.acquire.transfers.reports import Reports
from polycast.acquire.transfers.submitting import Submitting
from polycast.acquire.transfers.switching import Switching
from polycast.acquire.transfers.verdicts import Verdicts
from polycast.acquire.usenet.importing import NzbImport
from polycast.acquire.usenet.intake import Intake
from polycast.acquire.usenet.probing import PostProbes
from polycast.acquire.usenet.service import News
from polycast.acquire.usenet.store import PostStore
from polycast.core.events import Event, Listener
from polycast.core.house import Core
from polycast.core.module import Daemon

LINK_PURPOSE = "acquire.strm"


class Rooms:
    """Everything acquisition consists of below its dialects."""

    def __init__(self, core: Core) -> None:
        self._core = core
        db, clock = core.db, core.clock
        self.entries, self.parts, self.label_rows = EntryStore(), PartStore(), LabelStore()
        self.log = RecentLog()
        self.documents, self.account_rows = DocumentStore(), AccountStore()
        self.configs = self._configs(core)
        self.records = Records(db=db, entries=self.entries, parts=self.parts, clock=clock)
        self.arrs = Arrs(
            db=db, store=ArrStore(core.secrets), configs=self.configs, net=core.net, tokens=core.tokens, clock=clock
        )
        self.owner = ArrOwner(arrs=self.arrs, db=db, clock=clock)
        self.accounts = self._accounts(core)
        self.links = Links(db=db, store=LinkStore(), secrets=core.secrets, accounts=self.accounts, clock=clock)
        self.packs = Packs(self.accounts)
        self.submitting = Submitting(
            configs=self.configs,
            accounts=self.accounts,
            records=self.records,
            packs=self.packs,
            wishes=self.owner,
            clock=clock,
        )
        self.mending = Mending(
            db=db,
            entries=self.entries,
            records=self.records,
            submitting=self.submitting,
            accounts=self.accounts,
            configs=self.configs,
            clock=clock,
        )
        self.meters = Meters(db=db, store=self.account_rows, clock=clock)
        self.posts = PostStore(core.secrets)
        self.news = News(
            configs=self.configs,
            net=core.net,
            db=db,
            store=self.posts,
            meter=self.meters,
            folder=core.data_dir / "cache" / "usenet",
            clock=clock,
        )
        self.reading = self._reading()
        self.actions = self._actions(core)
        self.verdicts = Verdicts()
        self.queue = self._queue(core)
        self.adding = self._adding(core)
        self.changes = self._changes(core)
        self._finish(core)

    def _configs(self, core: Core) -> Configs:
        fixed = core.settings.of(AcquireSettings).fixed.plain
        return Configs(
            db=core.db,
            store=self.documents,
            secrets=core.secrets,
            data_dir=core.data_dir,
            fixed=msgspec.json.decode(fixed, type=dict[str, str]) if fixed else {},
        )

    def _finish(self, core: Core) -> None:
        """What stands on all the others."""
        db, clock = core.db, core.clock
        self.labels = Labels(
            db=db, store=self.label_rows, entries=self.entries, configs=self.configs, arrs=self.arrs, clock=clock
        )
        self.tree = Tree(
            db=db, store=TreeStore(), records=self.records, labels=self.label_rows, configs=self.configs, clock=clock
        )
        self.drops = Drops(accounts=self.accounts)
        self.leftovers = Leftovers(db=db, parts=self.parts, accounts=self.accounts, clock=clock)
        self.nzbs = Intake(self.adding)
        self.mounts = Mounts(configs=self.configs, net=core.net)
        self.switching = Switching(
            db=db, accounts=self.accounts, records=self.records, submitting=self.submitting, clock=clock
        )
        self.upkeep = self._upkeep(core)
        self.repairs, self.runner = self._repairs(core), self._runner(core)
        self.reports = Reports(configs=self.configs, net=core.net, tokens=core.tokens, clock=clock)
        self.cleanup = Cleanup(
            db=db, store=CleanupStore(), entries=self.entries, arrs=self.arrs, configs=self.configs, clock=clock
        )

    def _accounts(self, core: Core) -> Accounts:
        return Accounts(
            configs=self.configs,
            kinds=KINDS,
            net=core.net,
            db=core.db,
            store=self.account_rows,
            clock=core.clock,
            share=WEB_SHARE if core.is_web else 1 - WEB_SHARE,
        )

    def _reading(self) -> Reading:
        torrents = RemoteSources(accounts=self.accounts, links=self.links, mender=self.mending, meter=self.meters)
        return Reading([torrents, self.news], configs=self.configs)

    def _actions(self, core: Core) -> Actions:
        return Actions(
            configs=self.configs,
            db=core.db,
            entries=self.entries,
            parts=self.parts,
            opener=self.reading.remote,
            linker=self.link_to,
            sight=self.owner,
            clock=core.clock,
        )

    def link_to(self, path: str) -> str:
        """An address of ours for a `.strm` file, with its own signature: a player has no credential to show."""
        base = (self.configs.last.app_url or self._core.settings.core.public_url).rstrip("/") or self.base_url()
        signature = self._core.tokens.mac(path, purpose=LINK_PURPOSE).hex()
        return f"{base}{path}?token={quote(signature)}"

    def base_url(self) -> str:
        """Where programs on this machine find us."""
        settings = self._core.settings.core
        host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared
        return f"http://{host}:{settings.port}"

    def is_linked(self, path: str, signature: str) -> bool:
        """Whether `link_to` has made this address."""
        return self._core.tokens.same(self._core.tokens.mac(path, purpose=LINK_PURPOSE).hex(), signature)

    def _queue(self, core: Core) -> TransferQueue:
        finishing = Finishing(
            configs=self.configs,
            db=core.db,
            entries=self.entries,
            parts=self.parts,
            records=self.records,
            owner=self.owner,
            clock=core.clock,
        )
        return TransferQueue(
            configs=self.configs,
            accounts=self.accounts,
            records=self.records,
            submitting=self.submitting,
            packs=self.packs,
            actions=self.actions,
            finishing=finishing,
            verdicts=self.verdicts,
            imports={
                self.news.protocol: NzbImport(
                    configs=self.configs, news=self.news, records=self.records, db=core.db, store=self.posts
                )
            },
            events=core.events,
            clock=core.clock,
        )

    def _adding(self, core: Core) -> Adding:
        return Adding(
            configs=self.configs,
            db=core.db,
            entries=self.entries,
            parts=self.parts,
            labels=self.label_rows,
            queue=self.queue,
            verdicts=self.verdicts,
            net=core.net,
            clock=core.clock,
        )

    def _changes(self, core: Core) -> Changes:
        return Changes(
            configs=self.configs,
            db=core.db,
            entries=self.entries,
            parts=self.parts,
            labels=self.label_rows,
            records=self.records,
            actions=self.actions,
            queue=self.queue,
            clock=core.clock,
        )

    def _upkeep(self, core: Core) -> Upkeep:
        return Upkeep(
            db=core.db,
            store=self.account_rows,
            links=LinkStore(),
            entries=self.entries,
            parts=self.parts,
            records=self.records,
            configs=self.configs,
            accounts=self.accounts,
            packs=self.packs,
            clock=core.clock,
        )

    def _repairs(self, core: Core) -> Repairs:
        return Repairs(
            db=core.db,
            store=RepairStore(),
            configs=self.configs,
            arrs=self.arrs,
            queue=core.queue,
            ids=core.ids,
            clock=core.clock,
            zone=core.zone(),
        )

    def _runner(self, core: Core) -> Runner:
        posts = PostProbes(configs=self.configs, news=self.news, db=core.db, store=self.posts)
        return Runner(
            db=core.db,
            store=RepairStore(),
            searches=Searches(db=core.db, cleanups=CleanupStore(), arrs=self.arrs, clock=core.clock),
            records=self.records,
            probes=Probes(accounts=self.accounts, posts=posts),
            mending=self.mending,
            arrs=self.arrs,
            configs=self.configs,
            clock=core.clock,
        )

    def daemons(self) -> list[Daemon]:
        """The web process's part."""
        return [
            Daemon(name="acquire.log", run=self.log.run, everywhere=True),
            Daemon(name="acquire.queue", run=self.queue.run),
            Daemon(name="acquire.tree", run=self.tree.run, everywhere=True),
            Daemon(name="acquire.meters", run=self.meters.run, everywhere=True),
            Daemon(name="acquire.news", run=self.news.run, everywhere=True),
        ]

    def listeners(self) -> list[Listener]:
        """What happens after something has happened."""
        return [
            Listener(name="acquire.grow_tree", event=LibraryChanged, here=self.tree.on_library_changed),
            Listener(name="acquire.refresh_mount", event=LibraryChanged, once=self.mounts.on_library_changed),
            Listener(name="acquire.reread_config", event=ConfigChanged, here=self.configs.on_changed),
            Listener(name="acquire.regroup_tree", event=ConfigChanged, here=self.tree.on_config_changed),
        ]

    def events(self) -> list[type[Event]]:
        """What is published or told."""
        return [
            ConfigChanged,
            EntryAdded,
            EntryChanged,
            EntryRemoved,
            LibraryChanged,
            PlaybackFailed,
            Progressed,
        ]

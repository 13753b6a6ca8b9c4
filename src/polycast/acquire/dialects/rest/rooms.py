"""What the dialect speaks for."""

from collections.abc import Callable

from msgspec import Struct

from polycast.acquire.arrs.service import Arrs
from polycast.acquire.catalogue.store import EntryStore
from polycast.acquire.catalogue.tree import Tree
from polycast.acquire.config.service import Configs
from polycast.acquire.diagnosis import RecentLog
from polycast.acquire.dialects.gate import Gate
from polycast.acquire.providers.accounts import Accounts
from polycast.acquire.providers.upkeep import Upkeep
from polycast.acquire.reading.service import Meters, Reading
from polycast.acquire.repair.service import Repairs
from polycast.acquire.transfers.adding import Adding
from polycast.acquire.transfers.changes import Changes
from polycast.acquire.transfers.labels import Labels
from polycast.acquire.transfers.ports import NzbIntake
from polycast.acquire.transfers.records import Records
from polycast.acquire.transfers.switching import Switching
from polycast.acquire.usenet.service import News
from polycast.core.clock import Clock
from polycast.core.identity.service import Identity
from polycast.core.storage import Database


class Rooms(Struct, frozen=True, kw_only=True):
    """Given to every part of it."""

    db: Database
    configs: Configs
    records: Records
    entries: EntryStore
    labels: Labels
    adding: Adding
    changes: Changes
    switching: Switching
    tree: Tree
    reading: Reading
    meters: Meters
    arrs: Arrs
    accounts: Accounts
    upkeep: Upkeep
    repairs: Repairs
    nzbs: NzbIntake | None
    news: News
    log: RecentLog
    gate: Gate
    identity: Identity
    clock: Clock
    version: str
    base_url: Callable[[], str]  # where this server is, for programs on this machine

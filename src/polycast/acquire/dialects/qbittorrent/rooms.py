"""What the dialect speaks for."""

from msgspec import Struct

from polycast.acquire.catalogue.store import EntryStore
from polycast.acquire.catalogue.store_parts import PartStore
from polycast.acquire.config.service import Configs
from polycast.acquire.diagnosis import RecentLog
from polycast.acquire.dialects.gate import Gate
from polycast.acquire.dialects.qbittorrent.board import Board
from polycast.acquire.dialects.qbittorrent.preferences import Preferences
from polycast.acquire.reading.service import Meters
from polycast.acquire.repair.service import Repairs
from polycast.acquire.transfers.adding import Adding
from polycast.acquire.transfers.changes import Changes
from polycast.acquire.transfers.labels import Labels
from polycast.acquire.transfers.records import Records
from polycast.core.identity.service import Identity
from polycast.core.storage import Database


class Rooms(Struct, frozen=True, kw_only=True):
    """Given to every part of it."""

    db: Database
    configs: Configs
    records: Records
    entries: EntryStore
    parts: PartStore
    labels: Labels
    adding: Adding
    changes: Changes
    board: Board
    preferences: Preferences
    meters: Meters
    log: RecentLog
    repairs: Repairs
    gate: Gate
    identity: Identity
    port: int

"""What the dialect speaks for."""

from msgspec import Struct

from polycast.acquire.config.service import Configs
from polycast.acquire.dialects.gate import Gate
from polycast.acquire.reading.service import Meters
from polycast.acquire.transfers.adding import Adding
from polycast.acquire.transfers.changes import Changes
from polycast.acquire.transfers.labels import Labels
from polycast.acquire.transfers.records import Records
from polycast.acquire.usenet.service import News
from polycast.core.clock import Clock


class Rooms(Struct, frozen=True, kw_only=True):
    """Given to every part of it."""

    configs: Configs
    records: Records
    adding: Adding
    changes: Changes
    labels: Labels
    news: News
    meters: Meters
    gate: Gate
    clock: Clock

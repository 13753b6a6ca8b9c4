"""What the dialect speaks for."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from polycast.acquire.catalogue.tree import Tree
from polycast.acquire.config.service import Configs
from polycast.acquire.dialects.gate import Gate
from polycast.acquire.dialects.webdav.inbox import Inbox
from polycast.acquire.reading.service import Reading
from polycast.acquire.transfers.changes import Changes
from polycast.acquire.transfers.records import Records
from polycast.core.clock import Clock


class Rooms(Struct, frozen=True, kw_only=True):
    """Given to every part of it."""

    configs: Configs
    tree: Tree
    reading: Reading
    records: Records
    changes: Changes
    inbox: Inbox
    gate: Gate
    clock: Clock
    version: str
    is_linked: Callable[[str, str], bool]
    data_dir: Path

"""A folder of the tree, as little of it as listings need."""

from datetime import datetime

from msgspec import Struct


class Folder(Struct, frozen=True, kw_only=True, gc=False):
    """Entries that share a name, shown as one folder."""

    name: str
    size_bytes: int
    added_at: datetime
    hashes: tuple[str, ...]  # the newest first
    ids: tuple[int, ...]
    protocols: frozenset[str]
    categories: frozenset[str]
    providers: frozenset[str]
    active: str
    file_count: int
    is_bad: bool

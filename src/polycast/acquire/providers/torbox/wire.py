"""What TorBox sends. Source: its API v1; `specs/acquire.md` 4.2.4."""

from datetime import datetime
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")
Id = int | str


class Envelope(Struct, Generic[T], frozen=True, kw_only=True):
    success: bool = False
    error: str | None = None
    detail: str = ""
    data: T | None = None


class User(Struct, frozen=True, kw_only=True):
    """`GET /user/me`."""

    email: str = ""
    plan: int = 0
    premium_expires_at: datetime | None = None
    cooldown_until: str | None = None
    total_downloaded: int = 0


class Created(Struct, frozen=True, kw_only=True):
    """`POST /torrents/createtorrent`."""

    torrent_id: Id | None = None
    hash: str = ""


class ItemFile(Struct, frozen=True, kw_only=True):
    id: Id = 0
    name: str = ""
    short_name: str = ""
    size: int = 0
    infected: bool | None = None


class Item(Struct, frozen=True, kw_only=True):
    """A row of `GET /torrents/mylist`."""

    id: Id = 0
    hash: str = ""
    name: str = ""
    size: int = 0
    created_at: datetime | None = None
    download_state: str = ""
    progress: float = 0
    download_speed: int = 0
    seeds: int = 0
    download_present: bool = False
    download_finished: bool = False
    files: list[ItemFile] | None = None
    cached: bool | None = None


class CachedRow(Struct, frozen=True, kw_only=True):
    hash: str = ""

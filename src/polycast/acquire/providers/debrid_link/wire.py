"""What Debrid-Link sends. Source: its API v2; `specs/acquire.md` 4.2.3."""

from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")
Id = int | str


class Paging(Struct, frozen=True, kw_only=True):
    page: int = 0
    pages: int = 1
    next: int = -1


class Envelope(Struct, Generic[T], frozen=True, kw_only=True):
    success: bool = False
    value: T | None = None
    pagination: Paging | None = None
    error: str = ""
    error_description: str = ""


class User(Struct, frozen=True, kw_only=True, rename="camel"):
    """`GET /account/infos`."""

    username: str = ""
    email: str = ""
    account_type: int = 0
    premium_left: int = 0  # seconds
    pts: int = 0


class TorrentFile(Struct, frozen=True, kw_only=True, rename="camel"):
    id: Id = ""
    name: str = ""
    download_url: str = ""
    size: int = 0
    download_percent: float = 0


class Torrent(Struct, frozen=True, kw_only=True, rename="camel"):
    """An item of the seedbox."""

    id: Id = ""
    name: str = ""
    hash_string: str = ""
    status: int = 0
    total_size: int = 0
    files: list[TorrentFile] = []
    created: int = 0
    download_percent: float = 0
    download_speed: int = 0
    peers_connected: int = 0
    error: int = 0
    error_string: str = ""

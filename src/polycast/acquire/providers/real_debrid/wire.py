"""What Real-Debrid sends. Source: its REST API 1.0; `specs/acquire.md` 4.2.1."""

from datetime import datetime
from typing import Any

from msgspec import Struct

Id = int | str  # it comes as either


class Failure(Struct, frozen=True, kw_only=True):
    error: str = ""
    error_code: int = 0


class User(Struct, frozen=True, kw_only=True):
    """`GET /user`."""

    username: str = ""
    email: str = ""
    points: int = 0
    type: str = ""
    premium: int = 0  # seconds left
    expiration: datetime | None = None


class ActiveCount(Struct, frozen=True, kw_only=True):
    """`GET /torrents/activeCount`."""

    nb: int = 0
    limit: int | None = None


class TorrentFile(Struct, frozen=True, kw_only=True):
    id: Id
    path: str
    bytes: int = 0
    selected: int = 0


class Torrent(Struct, frozen=True, kw_only=True):
    """An element of `GET /torrents`, and with `files` the answer of `GET /torrents/info/{id}`."""

    id: Id
    filename: str = ""
    original_filename: str = ""
    hash: str = ""
    bytes: int = 0
    original_bytes: int = 0
    progress: float = 0
    status: str = ""
    added: datetime | None = None
    ended: datetime | None = None
    links: tuple[str, ...] = ()
    files: tuple[TorrentFile, ...] = ()
    speed: int | None = None
    seeders: int | None = None


class Added(Struct, frozen=True, kw_only=True):
    """`POST /torrents/addMagnet`, `PUT /torrents/addTorrent`."""

    id: Id
    uri: str = ""


class Unrestricted(Struct, frozen=True, kw_only=True):
    """`POST /unrestrict/link`."""

    id: Id = ""
    filename: str = ""
    filesize: int = 0
    download: str = ""


Traffic = dict[str, dict[str, Any]]

"""What AllDebrid sends. Source: its API v4 and v4.1; `specs/acquire.md` 4.2.2."""

from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")
Id = int | str  # it comes as either


class Failure(Struct, frozen=True, kw_only=True):
    code: str = ""
    message: str = ""


class Envelope(Struct, Generic[T], frozen=True, kw_only=True):
    """Around every answer, always with HTTP 200."""

    status: str = ""
    data: T | None = None
    error: Failure | None = None


class User(Struct, frozen=True, kw_only=True, rename="camel"):
    username: str = ""
    email: str = ""
    is_premium: bool = False
    is_subscribed: bool = False
    premium_until: int = 0
    fidelity_points: int = 0


class UserData(Struct, frozen=True, kw_only=True):
    user: User = User()


class Uploaded(Struct, frozen=True, kw_only=True):
    """An element of `magnet/upload` and `magnet/upload/file`."""

    id: Id = 0
    hash: str = ""
    name: str = ""
    size: int = 0
    ready: bool = False
    error: Failure | None = None


class UploadData(Struct, frozen=True, kw_only=True):
    magnets: list[Uploaded] = []
    files: list[Uploaded] = []


class Node(Struct, frozen=True, kw_only=True):
    """A file (`s`, `l`) or a folder (`e`) of the tree."""

    n: str = ""
    s: int = 0
    l: str = ""  # noqa: E741 - its name
    e: list["Node"] = []


class Magnet(Struct, frozen=True, kw_only=True, rename="camel"):
    """A row of `magnet/status`."""

    id: Id = 0
    filename: str = ""
    hash: str = ""
    size: int = 0
    status: str = ""
    status_code: int = 0
    downloaded: int = 0
    seeders: int = 0
    download_speed: int = 0
    upload_date: int = 0
    files: list[Node] = []


class StatusData(Struct, frozen=True, kw_only=True):
    """An object for one id, a list or a map of them otherwise."""

    magnets: Any = None


class FilesOf(Struct, frozen=True, kw_only=True):
    id: Id = 0
    files: list[Node] = []
    error: Failure | None = None


class FilesData(Struct, frozen=True, kw_only=True):
    magnets: list[FilesOf] = []


class Unlocked(Struct, frozen=True, kw_only=True):
    """`link/unlock`; with `delayed` the link comes later."""

    link: str = ""
    filename: str = ""
    filesize: int = 0
    id: Id = ""
    delayed: int = 0


class Delayed(Struct, frozen=True, kw_only=True):
    status: int = 0  # 1 wait, 2 ready, 3 error
    link: str = ""


class Info(Struct, frozen=True, kw_only=True):
    link: str = ""
    error: Failure | None = None


class InfoData(Struct, frozen=True, kw_only=True):
    infos: list[Info] = []

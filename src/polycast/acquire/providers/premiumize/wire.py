"""What Premiumize sends. Source: its API; `specs/acquire.md` 4.2.5."""

from msgspec import Struct

Id = int | str


class Head(Struct, frozen=True, kw_only=True):
    """Of every answer, always with HTTP 200."""

    status: str = "success"
    message: str = ""
    code: str | int | None = None


class User(Struct, frozen=True, kw_only=True):
    """`account/info`."""

    customer_id: Id = ""
    premium_until: int | None = None
    limit_used: float = 0
    space_used: float = 0


class Created(Struct, frozen=True, kw_only=True):
    """`transfer/create`."""

    id: Id = ""
    name: str = ""


class Transfer(Struct, frozen=True, kw_only=True):
    """An element of `transfer/list`."""

    id: Id = ""
    name: str = ""
    message: str | None = None
    status: str = ""
    progress: float | None = None
    src: str | None = None
    folder_id: Id | None = None
    file_id: Id | None = None


class Transfers(Struct, frozen=True, kw_only=True):
    transfers: list[Transfer] = []


class Item(Struct, frozen=True, kw_only=True):
    """An element of `folder/list`, and `item/details`."""

    id: Id = ""
    name: str = ""
    type: str = ""
    size: int = 0
    link: str | None = None
    created_at: int = 0


class Folder(Struct, frozen=True, kw_only=True):
    content: list[Item] = []


class CacheCheck(Struct, frozen=True, kw_only=True):
    response: list[bool] = []

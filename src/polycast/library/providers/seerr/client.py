"""Asking a Seerr server. Source: the public API document of Overseerr and Jellyseerr, v1."""

from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from msgspec import Struct, field

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Unavailable
from polycast.core.net import BadAnswer, Body, Outbound
from polycast.library.providers.asking import Asker

T = TypeVar("T")
BETWEEN: Final = timedelta(milliseconds=50)
API: Final = "/api/v1"
PAGE: Final = 50
MOST_PAGES: Final = 100
OF_REQUEST: Final = {1: "pending", 2: "approved", 3: "declined", 4: "failed", 5: "available"}
HERE: Final = 5  # of a title: all of it is there


class Status(Struct, kw_only=True):
    """What server it is."""

    version: str = ""


class Person(Struct, kw_only=True, rename="camel"):
    """Who has asked."""

    display_name: str | None = ""
    username: str | None = ""
    email: str | None = ""


class Media(Struct, kw_only=True, rename="camel"):
    """The title that was asked for."""

    media_type: str = ""
    tmdb_id: int | None = None
    tvdb_id: int | None = None
    status: int = 1


class Asked(Struct, kw_only=True, rename="camel"):
    """A request."""

    id: int
    status: int = 1
    type: str = ""
    media: Media = field(default_factory=Media)
    requested_by: Person | None = None
    created_at: datetime | None = None

    @property
    def state(self) -> str:
        """In the words of our own API."""
        return "available" if self.media.status == HERE else OF_REQUEST.get(self.status, "pending")

    @property
    def who(self) -> str:
        one = self.requested_by
        return (one.display_name or one.username or one.email or "") if one else ""


class Pages(Struct, kw_only=True):
    """How many there are."""

    pages: int = 1


class AskedPage(Struct, kw_only=True, rename="camel"):
    """Some requests."""

    page_info: Pages = field(default_factory=Pages)
    results: list[Asked] = []


class Named(Struct, kw_only=True):
    """A film or show."""

    title: str | None = ""
    name: str | None = ""


class Seerr:
    """A client of one server."""

    def __init__(self, url: str, key: str, *, out: Outbound, clock: Clock) -> None:
        self._asker = Asker("Seerr", out=lambda: out, clock=clock, between=BETWEEN)
        self._base = url.rstrip("/") + API
        self._headers = {"X-Api-Key": key}

    async def status(self) -> Status:
        """Raises: BadKey; Unavailable."""
        found = await self._get("/status", Status)
        await self._get("/request/count", dict[str, Any])  # the status is open to all: only this wants the key
        return found

    async def requests(self) -> list[Asked]:
        """All of them, the youngest first. Raises: BadKey; Unavailable; Busy."""
        found: list[Asked] = []
        for page in range(MOST_PAGES):
            params = {"take": str(PAGE), "skip": str(page * PAGE), "filter": "all", "sort": "added"}
            answer = await self._asker.get(self._base + "/request", AskedPage, params=params, headers=self._headers)
            found += answer.results
            if page + 1 >= answer.page_info.pages:
                break
        return found

    async def title(self, media_type: str, tmdb: int) -> str:
        """What a title is called; "" when Seerr does not know. Raises: BadKey; Unavailable; Busy."""
        found = await self._asker.get(
            f"{self._base}/{media_type}/{tmdb}", Named, headers=self._headers, life=timedelta(hours=24)
        )
        return found.title or found.name or ""

    async def ask(self, media_type: str, tmdb: int, *, seasons: list[int] | str | None, is_4k: bool) -> Asked:
        """A new request. Raises: Conflict when there is one; BadKey; Unavailable; Busy."""
        told: dict[str, Any] = {"mediaType": media_type, "mediaId": tmdb, "is4k": is_4k}
        if media_type == "tv":
            told["seasons"] = seasons or "all"
        try:
            return await self._asker.send(
                "POST", f"{self._base}/request", Asked, headers=self._headers, body=Body(json=told)
            )
        except Unavailable as error:
            if isinstance(error.__cause__, BadAnswer) and error.__cause__.status in (202, 409):
                raise Conflict("This has been asked for already.", reason="asked") from error
            raise

    async def take_back(self, request_id: int) -> None:
        """Raises: NotFound; BadKey; Unavailable."""
        await self._asker.fetch("DELETE", f"{self._base}/request/{request_id}", headers=self._headers)

    async def _get(self, path: str, kind: type[T]) -> T:
        return await self._asker.get(self._base + path, kind, headers=self._headers)

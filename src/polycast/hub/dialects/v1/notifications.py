"""News for the bell."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from polycast.core.http import Route, delete, get, post
from polycast.core.identity.caller import SIGNED_IN, Caller
from polycast.core.notify import Level, Notification, Notify

LEVELS: Final[Mapping[Level, str]] = {
    Level.INFO: "info",
    Level.SUCCESS: "good",
    Level.WARNING: "warning",
    Level.ERROR: "bad",
}


class News(Struct, frozen=True, kw_only=True):
    """One piece of news."""

    id: int
    at: datetime
    level: str  # info, good, warning, bad
    title: str
    text: str
    url: str | None
    is_read: bool

    @classmethod
    def of(cls, news: Notification) -> "News":
        return cls(
            id=news.id,
            at=news.at,
            level=LEVELS[news.level],
            title=news.title,
            text=news.text,
            url=news.link or None,
            is_read=False,  # what was read is not listed any more
        )


class NewsPage(Struct, frozen=True, kw_only=True):
    """What nobody has read yet, at most 200."""

    items: list[News]
    next: str | None
    unread: int


MOST: Final = 200


def routes() -> Sequence[Route]:
    """The bell's list."""
    return [news, read_all, read, put_away]


@get("/polycast/v1/notifications", policy=SIGNED_IN)
async def news(caller: Caller, notify: Notify) -> NewsPage:
    """News for the caller, the youngest first."""
    found = [News.of(one) for one in await notify.list(caller, limit=MOST)]
    return NewsPage(items=found, next=None, unread=len(found))


@post("/polycast/v1/notifications/read-all", policy=SIGNED_IN, status=204)
async def read_all(caller: Caller, notify: Notify) -> None:
    """All of it has been read."""
    await notify.dismiss_all(caller)


@post("/polycast/v1/notifications/{id}/read", policy=SIGNED_IN, status=204)
async def read(caller: Caller, id: int, notify: Notify) -> None:
    """One has been read."""
    await notify.dismiss(caller, id)


@delete("/polycast/v1/notifications/{id}", policy=SIGNED_IN, status=204)
async def put_away(caller: Caller, id: int, notify: Notify) -> None:
    """Put one away."""
    await notify.dismiss(caller, id)

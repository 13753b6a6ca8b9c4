"""`/api/core/notifications/`: news for people, until each puts it away."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.core.http import Docs, Route, get, post
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.notify import Level, Notification, NotificationAdded, Notify
from polycast.live.dialects.rest.levels import SELF

ROOT = "/api/core/notifications/"
TAGS = Docs(tags=["core"])
MOST = 200
KINDS: Final[Mapping[Level, tuple[str, str]]] = {
    Level.INFO: ("info", "normal"),
    Level.SUCCESS: ("info", "low"),
    Level.WARNING: ("warning", "high"),
    Level.ERROR: ("warning", "critical"),
}


class NewsOut(Struct, frozen=True, kw_only=True):
    """One piece of news."""

    id: int
    notification_key: str
    notification_type: str
    priority: str
    title: str
    message: str
    action_data: dict[str, Any]
    is_active: bool
    admin_only: bool
    expires_at: datetime | None
    created_at: datetime
    is_dismissed: bool
    source: str

    @classmethod
    def of(cls, news: Notification) -> "NewsOut":
        kind, priority = KINDS[news.level]
        return cls(
            id=news.id,
            notification_key=key_of(news),
            notification_type=kind,
            priority=priority,
            title=news.title,
            message=news.text,
            action_data={"url": news.link} if news.link else {},
            is_active=True,
            admin_only=False,
            expires_at=None,
            created_at=news.at,
            is_dismissed=False,
            source="system",
        )

    @classmethod
    def told(cls, event: NotificationAdded, at: datetime) -> "NewsOut":
        """As it is pushed, the moment it is there."""
        news = Notification(
            id=event.notification_id,
            level=event.level,
            title=event.title,
            text=event.text,
            link=event.link,
            at=at,
            times=1,
            key=None,
        )
        is_admins = event.to.scope in (Scope.LIVE_ADMIN, Scope.CORE_ADMIN, Scope.CORE_WRITE)
        return msgspec.structs.replace(cls.of(news), admin_only=is_admins)


class NewsList(Struct, frozen=True, kw_only=True):
    """What one has not put away."""

    notifications: list[NewsOut]
    count: int
    unread_count: int


class Unread(Struct, frozen=True, kw_only=True):
    """How many pieces of news wait."""

    unread_count: int


class Taken(Struct, frozen=True, kw_only=True):
    """What somebody did about it."""

    action_taken: str = ""


class Dismissed(Struct, frozen=True, kw_only=True):
    """One is put away."""

    success: bool
    message: str
    notification_key: str


class AllDismissed(Struct, frozen=True, kw_only=True):
    """All are put away."""

    success: bool
    dismissed_count: int


def key_of(news: Notification) -> str:
    """What the news is about, or what is unique of it."""
    return news.key or f"notification-{news.id}"


def routes() -> list[Route]:
    """Look, count, put away."""
    return [many, count, dismiss_all, dismiss]


@get(ROOT, policy=SELF, docs=TAGS)
async def many(caller: Caller, notify: Notify, include_dismissed: bool = False) -> NewsList:
    """What one has not put away; what is put away is not kept for showing."""
    found = [NewsOut.of(news) for news in await notify.list(caller, limit=MOST)]
    return NewsList(notifications=found, count=len(found), unread_count=len(found))


@get(f"{ROOT}count/", policy=SELF, docs=TAGS)
async def count(caller: Caller, notify: Notify) -> Unread:
    """How many wait."""
    return Unread(unread_count=len(await notify.list(caller, limit=MOST)))


@post(f"{ROOT}dismiss-all/", policy=SELF, docs=TAGS)
async def dismiss_all(caller: Caller, notify: Notify) -> AllDismissed:
    """Put all away."""
    waiting = len(await notify.list(caller, limit=MOST))
    await notify.dismiss_all(caller)
    return AllDismissed(success=True, dismissed_count=waiting)


@post(f"{ROOT}{{news_id}}/dismiss/", policy=SELF, sent=Taken, docs=TAGS)
async def dismiss(caller: Caller, news_id: int, sent: Taken, notify: Notify) -> Dismissed:
    """Put one away."""
    waiting: Sequence[Notification] = await notify.list(caller, limit=MOST)
    key = next((key_of(news) for news in waiting if news.id == news_id), f"notification-{news_id}")
    await notify.dismiss(caller, news_id)
    return Dismissed(success=True, message="Notification dismissed", notification_key=key)

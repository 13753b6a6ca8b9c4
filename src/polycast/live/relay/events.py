"""What the relay tells others."""

from collections.abc import Mapping
from typing import Any, ClassVar

from polycast.core.events.model import Audience, Event
from polycast.core.identity.scopes import Scope


class SessionChanged(Event, frozen=True, kw_only=True):
    """A running channel, as the pages show it; told at most once a second."""

    name: ClassVar[str] = "live.session_changed"
    coalesce: ClassVar[str | None] = "uuid"
    uuid: str
    session: Mapping[str, Any]

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIVE_ADMIN)


class SessionEnded(Event, frozen=True, kw_only=True):
    """A channel runs no more."""

    name: ClassVar[str] = "live.session_ended"
    uuid: str

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIVE_ADMIN)


class ChannelStats(Event, frozen=True, kw_only=True):
    """All running channels in short, in the original's words."""

    name: ClassVar[str] = "live.channel_stats"
    coalesce: ClassVar[str | None] = ""
    channels: list[Mapping[str, Any]]
    count: int

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIVE_ADMIN)


class OnAirChanged(Event, frozen=True, kw_only=True):
    """That a channel runs and how, for everybody who may see line-ups: without addresses, users, or what could be played."""

    name: ClassVar[str] = "live.on_air_changed"
    coalesce: ClassVar[str | None] = "channel_id"
    channel_id: int
    state: str  # as in `LiveSession`; "ended" once it runs no more
    viewers: int

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIVE_PLAY)


class ChannelStopped(Event, frozen=True, kw_only=True):
    """Somebody has ended a channel for everybody, on whichever node they watch."""

    name: ClassVar[str] = "live.channel_stopped"
    uuid: str
    node: str  # where it was asked, and has ended already

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIVE_ADMIN)


PUBLISHED: tuple[type[Event], ...] = (SessionChanged, SessionEnded, ChannelStats, OnAirChanged, ChannelStopped)

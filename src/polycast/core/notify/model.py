"""News for people, shown in the app until they put it away."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from msgspec import Struct

from polycast.core.events.model import Audience, Event


class Level(StrEnum):
    """How much it matters."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


class Notification(Struct, frozen=True, kw_only=True):
    """One piece of news."""

    id: int
    level: Level
    title: str
    text: str
    link: str  # path on our own origin, or empty
    at: datetime  # when it was last said
    times: int  # how often
    key: str | None  # what it is about; said again, it is the same piece of news


class NotificationAdded(Event, frozen=True, kw_only=True):
    """There is something new to show."""

    name: ClassVar[str] = "core.notification_added"

    notification_id: int
    level: Level
    title: str
    text: str = ""
    link: str = ""
    to: Audience

    def audience(self) -> Audience:
        return self.to

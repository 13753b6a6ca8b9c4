"""A message on its way to one destination, and what became of it."""

from datetime import datetime, timedelta
from typing import ClassVar, Final

from msgspec import Struct

from polycast.core.events import Audience, Event
from polycast.core.identity.scopes import Scope
from polycast.monitor.alerts.model import Alert, AlertKind

APPRISE: Final = ("pushover", "discord", "email", "telegram", "slack", "gotify", "matrix", "custom")
CHANNELS: Final = (*APPRISE, "webhook")
SCHEMES: Final = {
    "pushover": "pover",
    "telegram": "tgram",
    "slack": "slack",
    "gotify": "gotify",
    "matrix": "matrix",
}
PENDING: Final = "pending"
SHORT_LIVED: Final = frozenset({AlertKind.CHANNEL, AlertKind.VOD})
LIFE: Final = timedelta(hours=24)
SHORT_LIFE: Final = timedelta(minutes=5)
WAITS: Final = tuple(timedelta(seconds=2**power) for power in range(1, 6))  # 2, 4, 8, 16, 32
SHORT_WAITS: Final = (timedelta(seconds=5),)
HOOK_WAITS: Final = (timedelta(seconds=1), timedelta(seconds=2))


class Destination(Struct, frozen=True, kw_only=True):
    """One place that messages go to."""

    channel: str  # of CHANNELS
    channel_id: str = ""  # which of several
    provider_type: str = "apprise"
    address: str = ""  # never shown

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.channel_id}" if self.channel_id else self.channel


class Delivery(Struct, frozen=True, kw_only=True):
    """A row of `monitor_deliveries`."""

    id: int = 0
    uuid: str
    dvr_id: str
    activity_uuid: str
    provider_type: str
    channel: str
    channel_id: str
    event_type: str
    severity: str = "info"
    status: str = PENDING
    tries: int = 0
    payload_size: int = 0
    error: str = ""
    notice: Alert
    created_at: datetime
    due_at: datetime
    expires_at: datetime
    at: datetime
    latency_ms: int = 0

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.channel_id}" if self.channel_id else self.channel

    @property
    def waits(self) -> tuple[timedelta, ...]:
        if self.channel == "webhook":
            return HOOK_WAITS
        return SHORT_WAITS if self.notice.kind in SHORT_LIVED else WAITS


class Result(Struct, frozen=True, kw_only=True):
    """How one try went."""

    ok: bool
    text: str = ""  # the destination's answer, without secrets
    is_final: bool = False  # trying again is of no use
    retry_after: int | None = None  # seconds
    size: int = 0  # bytes sent
    latency: timedelta = timedelta()


class DeliveryChanged(Event, frozen=True, kw_only=True):
    """A message reached its destination, or did not."""

    name: ClassVar[str] = "monitor.delivery_changed"

    delivery_id: int
    channel: str
    event_type: str
    status: str

    def audience(self) -> Audience:
        return Audience(scope=Scope.MONITOR_READ)


def life_of(kind: AlertKind) -> timedelta:
    """How long a message is worth sending."""
    return SHORT_LIFE if kind in SHORT_LIVED else LIFE

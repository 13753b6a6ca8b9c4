"""What is relayed, to whom, and how it goes."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from polycast.core.errors import PolycastError
from polycast.live.relay.course import State


class Target(Struct, frozen=True, kw_only=True):
    """What is played: a channel, or a single stream to look at."""

    ref: str  # the channel's UUID, or the stream's hash
    channel_id: int | None
    stream_id: int | None  # of a single stream
    name: str
    number: int | None = None  # thousandths
    logo_id: int | None = None
    stream_profile_id: int | None = None
    options: Mapping[str, Any] = {}  # constants that differ for this channel

    @property
    def holder(self) -> str:
        """Whom slots are held for."""
        return f"channel:{self.ref}" if self.channel_id is not None else f"stream:{self.ref}"


class Format(StrEnum):
    """What clients are sent."""

    TS = "mpegts"
    MP4 = "fmp4"


class Outlet(Struct, frozen=True):
    """A way to send a channel: each one in use is made once for all who want it."""

    format: Format = Format.TS
    profile_id: int | None = None  # output profile: a transcode before delivery

    @property
    def is_plain(self) -> bool:
        return self.format is Format.TS and self.profile_id is None


class Guest(Struct, frozen=True, kw_only=True):
    """Who wants to watch."""

    address: str
    user_agent: str = ""
    user_id: int | None = None
    username: str = ""


class ClientView(Struct, frozen=True, kw_only=True):
    """A client at one moment."""

    client_id: str  # "client_<ms>_<4 digits>"
    guest: Guest
    outlet: Outlet
    connected_at: datetime
    seen_at: datetime  # when it last took something
    sent_bytes: int
    rate_bps: float  # bits a second, lately
    average_bps: float
    behind_s: float
    failovers: int


class SessionView(Struct, frozen=True, kw_only=True):
    """A running channel at one moment."""

    target: Target
    state: State
    state_since: datetime
    started_at: datetime
    message: str
    node: str
    stream_id: int | None
    stream_name: str
    account_name: str
    account_profile_id: int | None
    stream_profile: str
    url: str  # credentials as ***
    switches: int
    received_bytes: int
    rate_bps: float
    speed: float  # 1.0: as fast as it plays; 0 while unknown
    is_healthy: bool
    data_at: datetime | None
    chunks: int
    held_bytes: int
    stats: Mapping[str, Any]  # the keys of `stream_stats`
    clients: tuple[ClientView, ...]


class LimitReached(PolycastError):
    """A user watches as many streams as they may."""

    code = "too_many"


class NoSlot(PolycastError):
    """Every connection to the provider is in use; `waited_s` is how long we hoped."""

    code = "busy"

    def __init__(self, message: str, *, waited_s: float, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.waited_s = waited_s
        self.retry_after = retry_after

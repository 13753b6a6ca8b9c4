"""What the panel needs of the engine. The engine implements `Air`; without it nothing is on air."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct


class OnAir(Struct, frozen=True, kw_only=True):
    """What listeners of a station hear now."""

    station_id: int
    state: int  # 0 stopped, 1 running without programme, 2 on air
    metadata: str = ""
    started_at: datetime | None = None  # of what is heard
    length_ms: int = 0
    track_id: int | None = None
    playlist_id: int | None = None
    playlist_title: str = ""
    dj_id: int | None = None  # the live one; None: AutoDJ
    live_since: datetime | None = None
    is_request: bool = False
    next_track_id: int | None = None
    next_at: datetime | None = None
    next_playlist_title: str = ""


class ChannelLoad(Struct, frozen=True, kw_only=True):
    """Who listens to a channel."""

    channel_id: int
    state: int  # 0 offline, 1 online without source, 2 broadcasting
    listeners: int = 0
    unique: int = 0
    peak: int = 0
    hls_listeners: int = 0


class DjState(Struct, frozen=True, kw_only=True):
    """Whether a DJ is there."""

    dj_id: int
    connected: bool
    on_air: bool


class Session(Struct, frozen=True, kw_only=True):
    """Somebody who listens."""

    id: int
    station_id: int
    channel_id: int
    address: str
    country: str
    city: str
    agent: str
    player: str
    since: datetime
    sent_bytes: int


class Planned(Struct, frozen=True, kw_only=True):
    """Something that will be on."""

    at: datetime
    kind: str  # track, event, jingle
    title: str
    length_ms: int = 0
    track_id: int | None = None
    playlist_title: str = ""
    why: str = ""


class Air(Protocol):
    """The engine, as far as panels and public pages ask it. Reads are from memory and never wait long."""

    def on_air(self, station_id: int) -> OnAir:
        """What is heard; state 0 of a station it does not run."""
        ...

    def load(self, channel_id: int) -> ChannelLoad:
        """Who listens to a channel, by every way."""
        ...

    def djs(self, station_id: int) -> list[DjState]:
        """The DJs that are connected."""
        ...

    def sessions(self, station_id: int) -> list[Session]:
        """Who listens to a station now, the longest first."""
        ...

    def listeners(self, account_id: int | None = None) -> int:
        """How many listen to an account's stations, or to all."""
        ...

    async def forecast(self, station_id: int, *, hours: int) -> list[Planned]:
        """What the programme would be if nobody changed it."""
        ...


class NoAir:
    """Nothing is on: what a worker process knows, and a house without an engine."""

    def on_air(self, station_id: int) -> OnAir:
        return OnAir(station_id=station_id, state=0)

    def load(self, channel_id: int) -> ChannelLoad:
        return ChannelLoad(channel_id=channel_id, state=0)

    def djs(self, station_id: int) -> list[DjState]:
        return []

    def sessions(self, station_id: int) -> list[Session]:
        return []

    def listeners(self, account_id: int | None = None) -> int:
        return 0

    async def forecast(self, station_id: int, *, hours: int) -> list[Planned]:
        return []

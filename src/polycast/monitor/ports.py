"""What the watch hears of the server it runs in: events of other modules, with the few fields that it reads."""

from collections.abc import Mapping
from typing import Any, ClassVar

from polycast.core.events import Event


class LiveSessionChanged(Event, frozen=True, kw_only=True):
    """A channel of live TV runs; `session` tells its name, number and clients."""

    name: ClassVar[str] = "live.session_changed"

    uuid: str
    session: Mapping[str, Any] = {}


class LiveSessionEnded(Event, frozen=True, kw_only=True):
    """A channel of live TV runs no more."""

    name: ClassVar[str] = "live.session_ended"

    uuid: str


class LiveHappened(Event, frozen=True, kw_only=True):
    """An entry of live TV's ring of events: recordings that start and end are among them."""

    name: ClassVar[str] = "live.system_event"

    event_type: str
    channel_name: str = ""
    details: Mapping[str, Any] = {}


class PlaybackStarted(Event, frozen=True, kw_only=True):
    """A title of the library begins to play."""

    name: ClassVar[str] = "library.playback_started"

    user_id: int
    session: str
    item: str
    title: str
    mode: str
    device: str


class PlaybackProgressed(Event, frozen=True, kw_only=True):
    """Where a playback is, in seconds."""

    name: ClassVar[str] = "library.playback_progressed"

    session: str
    position: float


class PlaybackStopped(Event, frozen=True, kw_only=True):
    """A playback is over."""

    name: ClassVar[str] = "library.playback_stopped"

    session: str


class StationUp(Event, frozen=True, kw_only=True):
    """A station can be heard again."""

    name: ClassVar[str] = "radio.stream_up"

    station_id: int


class StationDown(Event, frozen=True, kw_only=True):
    """A station cannot be heard any more."""

    name: ClassVar[str] = "radio.stream_down"

    station_id: int
    why: str


class StationSilent(Event, frozen=True, kw_only=True):
    """A station sends silence."""

    name: ClassVar[str] = "radio.silence_detected"

    station_id: int
    seconds: float


class StationAudience(Event, frozen=True, kw_only=True):
    """How many listen to a station."""

    name: ClassVar[str] = "radio.audience_changed"

    station_id: int
    listeners: int


class StationTitle(Event, frozen=True, kw_only=True):
    """What a station plays."""

    name: ClassVar[str] = "radio.now_playing_changed"

    station_id: int
    text: str


class StationRemoved(Event, frozen=True, kw_only=True):
    """A station is gone."""

    name: ClassVar[str] = "radio.station_removed"

    station_id: int


class TransferChanged(Event, frozen=True, kw_only=True):
    """A transfer has another state."""

    name: ClassVar[str] = "acquire.entry_changed"

    info_hash: str
    title: str
    state: str
    error: str = ""
    provider: str = ""


class TransferProgressed(Event, frozen=True, kw_only=True):
    """How far a transfer is."""

    name: ClassVar[str] = "acquire.progressed"

    info_hash: str
    progress: float
    speed_bps: int


class TransferRemoved(Event, frozen=True, kw_only=True):
    """A transfer is no more."""

    name: ClassVar[str] = "acquire.entry_removed"

    info_hash: str

"""What happens on air."""

from datetime import datetime
from typing import ClassVar

from polycast.core.events import Event
from polycast.radio.events import StationEvent


class NowPlayingChanged(StationEvent, frozen=True, kw_only=True):
    """Something else is heard."""

    name: ClassVar[str] = "radio.now_playing_changed"
    coalesce: ClassVar[str | None] = "station_id"

    text: str
    dj_id: int | None = None
    at: datetime


class AudienceChanged(StationEvent, frozen=True, kw_only=True):
    """Somebody came or went; told at most once a second."""

    name: ClassVar[str] = "radio.audience_changed"
    coalesce: ClassVar[str | None] = "station_id"

    listeners: int


class DjConnected(StationEvent, frozen=True, kw_only=True):
    """A DJ's encoder is there."""

    name: ClassVar[str] = "radio.dj_connected"

    dj_id: int


class DjLeft(StationEvent, frozen=True, kw_only=True):
    """It is gone."""

    name: ClassVar[str] = "radio.dj_left"

    dj_id: int
    why: str = ""


class SilenceDetected(StationEvent, frozen=True, kw_only=True):
    """Nothing was heard for so long; `dj_id` of the DJ who was silent."""

    name: ClassVar[str] = "radio.silence_detected"

    seconds: float
    dj_id: int | None = None


class StreamDown(StationEvent, frozen=True, kw_only=True):
    """The player dies again and again, or a port is held by another program; tried again all the same."""

    name: ClassVar[str] = "radio.stream_down"

    why: str


class StreamUp(StationEvent, frozen=True, kw_only=True):
    """After `StreamDown`."""

    name: ClassVar[str] = "radio.stream_up"


class SourceCut(StationEvent, frozen=True, kw_only=True):
    """A direct source was disconnected."""

    name: ClassVar[str] = "radio.source_cut"

    why: str


class TrackMeasured(StationEvent, frozen=True, kw_only=True):
    """How loud a track is, and where its sound begins and ends, is known now."""

    name: ClassVar[str] = "radio.track_measured"

    track_id: int


PUBLISHED: tuple[type[Event], ...] = (
    NowPlayingChanged,
    AudienceChanged,
    DjConnected,
    DjLeft,
    SilenceDetected,
    StreamDown,
    StreamUp,
    SourceCut,
    TrackMeasured,
)

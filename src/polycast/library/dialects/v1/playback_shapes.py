"""What `/v1/playback` takes and gives. Source: specs/library.md 3.5."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from polycast.library.dialects.v1.titles_shapes import Card
from polycast.library.dialects.v1.wire import Out, Sent
from polycast.library.playback.model import Asked, AudioRule, Profile, VideoRule
from polycast.library.playback.profiles import WEB

HEARTBEAT_S = 10
HDR_WORDS = {
    "hdr10": "hdr10",
    "hdr10+": "hdr10",
    "hlg": "hlg",
    "dolbyvision": "dolby_vision",
    "dolby_vision": "dolby_vision",
}
Word = Annotated[str, Meta(min_length=1, max_length=40)]
Words = Annotated[list[Word], Meta(max_length=100)]
Seconds = Annotated[float, Meta(ge=0, le=10_000_000)]
Bits = Annotated[int, Meta(ge=1, le=10_000_000_000)]
Track = Annotated[int, Meta(ge=0, le=10_000)]
Short = Annotated[str, Meta(max_length=200)]


class VideoIn(Sent, frozen=True, kw_only=True):
    """A video codec of a device."""

    codec: Word
    max_level: Annotated[int, Meta(ge=0, le=1000)] | None = None
    max_height: Annotated[int, Meta(ge=1, le=20_000)] | None = None
    bit_depth: Annotated[int, Meta(ge=1, le=16)] | None = None
    profiles: Words | None = None


class AudioIn(Sent, frozen=True, kw_only=True):
    """An audio codec of a device."""

    codec: Word
    max_channels: Annotated[int, Meta(ge=1, le=64)] | None = None


class ProfileIn(Sent, frozen=True, kw_only=True):
    """What a device plays. An empty list means nothing of the kind, an absent one what a browser plays."""

    containers: Words | UnsetType = UNSET
    video_codecs: Annotated[list[VideoIn], Meta(max_length=100)] | UnsetType = UNSET
    audio_codecs: Annotated[list[AudioIn], Meta(max_length=100)] | UnsetType = UNSET
    hdr: Words | UnsetType = UNSET
    subtitles: Words | UnsetType = UNSET
    hls: bool = True
    hls_fmp4: bool = True
    max_bitrate: Bits | None = None

    def profile(self, base: Profile) -> Profile:
        """As playback judges by it."""
        return Profile(
            name="client",
            containers=base.containers if self.containers is UNSET else _low(self.containers),
            video=base.video if self.video_codecs is UNSET else tuple(_video(one) for one in self.video_codecs),
            audio=base.audio if self.audio_codecs is UNSET else tuple(_audio(one) for one in self.audio_codecs),
            hdr=base.hdr if self.hdr is UNSET else tuple(HDR_WORDS.get(one, one) for one in _low(self.hdr)),
            subtitles=base.subtitles if self.subtitles is UNSET else _low(self.subtitles),
            hls=self.hls,
            max_bitrate=self.max_bitrate,
        )


class ClientIn(Sent, frozen=True, kw_only=True):
    """Who plays."""

    name: Short = ""
    device: Short = ""
    device_id: Short = ""
    network: Literal["lan", "wan"] | None = None
    profile: ProfileIn | None = None


class SessionIn(Sent, frozen=True, kw_only=True):
    """What somebody wants to watch."""

    media_type: Literal["movie", "episode"]
    media_id: Annotated[str, Meta(max_length=64)]
    file_id: Annotated[str, Meta(max_length=64)] | None = None
    start_position: Seconds | None = None
    quality: Short = "auto"
    max_bitrate: Bits | None = None
    audio_track: Track | None = None
    subtitle_track: Track | None = None
    client: ClientIn = ClientIn()

    def asked(self) -> Asked:
        return Asked(
            quality=self.quality,
            max_bitrate=self.max_bitrate,
            audio_track=self.audio_track,
            subtitle_track=self.subtitle_track,
        )

    def profile(self, base: Profile = WEB) -> Profile:
        return base if self.client.profile is None else self.client.profile.profile(WEB)


class SessionChange(Sent, frozen=True, kw_only=True):
    """Other tracks or another quality. Absent keeps."""

    quality: Short | UnsetType = UNSET
    max_bitrate: Bits | UnsetType | None = UNSET
    audio_track: Track | UnsetType | None = UNSET
    subtitle_track: Track | UnsetType | None = UNSET


class HeartbeatIn(Sent, frozen=True, kw_only=True):
    """A player's sign of life."""

    position: Seconds | None = None
    paused: bool = False
    buffered_until: Seconds | None = None
    bandwidth: Annotated[int, Meta(ge=0, le=1_000_000_000_000)] | None = None
    dropped_frames: Annotated[int, Meta(ge=0, le=1_000_000_000)] | None = None
    audio_track: Track | None = None
    subtitle_track: Track | None = None


class HeartbeatOut(Out, frozen=True, kw_only=True, omit_defaults=True):
    """What the server has to say."""

    ok: bool
    token: str | None = None
    commands: list[dict[str, str]]


class SeekIn(Sent, frozen=True, kw_only=True):
    """Where to."""

    position: Seconds


class SeekOut(Out, frozen=True, kw_only=True):
    """What is there."""

    position: float
    ready: bool
    segment: int
    restarted: bool


class CommandIn(Sent, frozen=True, kw_only=True):
    """What a player is asked to do."""

    command: Literal["pause", "play", "stop", "seek", "message"]
    position: Seconds | None = None
    text: Annotated[str, Meta(max_length=500)] = ""


class Quality(Out, frozen=True, kw_only=True):
    """A choice."""

    id: str
    height: int
    bitrate: int


class AudioTrack(Out, frozen=True, kw_only=True):
    """Sound to choose."""

    index: int
    language: str | None
    codec: str
    channels: int
    label: str
    default: bool
    selected: bool
    delivery: str


class SubtitleChoice(Out, frozen=True, kw_only=True):
    """Subtitles to choose."""

    index: int
    language: str | None
    codec: str
    label: str
    forced: bool
    hearing_impaired: bool
    delivery: str
    url: str | None
    selected: bool


class Chapter(Out, frozen=True, kw_only=True):
    """A chapter; seconds."""

    start: float
    end: float
    title: str


class SegmentOut(Out, frozen=True, kw_only=True):
    """An intro, the credits ...; seconds."""

    type: str
    start: float
    end: float
    source: str
    confidence: int


class Trickplay(Out, frozen=True, kw_only=True):
    """Small pictures for the seek bar."""

    url: str
    interval: int


class Following(Out, frozen=True, kw_only=True):
    """What comes after it."""

    media_type: str
    media_id: str
    title: str
    autoplay_countdown: int


class SessionOut(Out, frozen=True, kw_only=True):
    """A session, ready to be played."""

    id: str
    mode: str
    tier: int
    reasons: list[str]
    reason_texts: list[str]
    url: str
    direct_url: str | None
    token: str
    token_expires_at: str
    start_position: float
    duration: float
    segment_duration: int
    quality: str
    qualities: list[Quality]
    audio_tracks: list[AudioTrack]
    subtitle_tracks: list[SubtitleChoice]
    chapters: list[Chapter]
    segments: list[SegmentOut]
    trickplay: Trickplay | None
    next: Following | None
    heartbeat_interval: int


class DecisionOut(Out, frozen=True, kw_only=True):
    """How a title would be played."""

    mode: str
    tier: int
    reasons: list[str]
    reason_texts: list[str]
    container: str
    video: dict[str, Any] | None
    audio: dict[str, Any] | None
    quality: str


class UserRef(Out, frozen=True, kw_only=True):
    """Who."""

    id: str
    name: str


class ActiveOut(Out, frozen=True, kw_only=True):
    """Somebody watches."""

    id: str
    user: UserRef
    media: dict[str, Any]
    mode: str
    quality: str
    bitrate: int
    position: float
    duration: float
    paused: bool
    state: str
    device: str
    client: str
    ip: str
    network: str
    encoder: str | None
    speed: float | None
    bandwidth: int | None
    started_at: str


class ContinueOut(Out, frozen=True, kw_only=True):
    """Something to go on with."""

    media_type: str
    media: Card
    show: Card | None
    position: float
    duration: float
    percent: float
    updated_at: str | None
    reason: str


class PlayOut(Out, frozen=True, kw_only=True):
    """A viewing that was."""

    id: str
    media_type: str
    title: str
    started_at: str
    ended_at: str | None
    played_seconds: float
    completed: bool
    mode: str
    client: str
    device: str


def _low(values: list[str]) -> tuple[str, ...]:
    return tuple(value.lower() for value in values)


def _video(one: VideoIn) -> VideoRule:
    profiles = None if one.profiles is None else _low(one.profiles)
    return VideoRule(
        codec=one.codec.lower(),
        max_level=one.max_level,
        max_height=one.max_height,
        bit_depth=one.bit_depth,
        profiles=profiles,
    )


def _audio(one: AudioIn) -> AudioRule:
    return AudioRule(codec=one.codec.lower(), max_channels=one.max_channels)

"""Words of playback: what a device can do, what is asked for, what was decided."""

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Mode(StrEnum):
    """How a file reaches a player, the cheapest first."""

    DIRECT_PLAY = "direct_play"
    DIRECT_AUDIO = "direct_audio_transcode"
    REMUX = "remux"
    REMUX_AUDIO = "remux_audio_transcode"
    REMUX_HLS = "remux_hls"
    REMUX_HLS_AUDIO = "remux_hls_audio_transcode"
    TRANSCODE_HLS = "transcode_hls"

    @property
    def tier(self) -> int:
        """1 to 7."""
        return list(Mode).index(self) + 1

    @property
    def is_hls(self) -> bool:
        return self.tier >= 5


class Delivery(StrEnum):
    """How a chosen track reaches the player."""

    COPY = "copy"
    TRANSCODE = "transcode"
    EXTERNAL = "external"  # a file beside the stream
    BURN = "burn"  # drawn into the picture
    DROP = "drop"


class VideoRule(Struct, frozen=True, kw_only=True, rename="camel"):
    """A video codec that a device plays; absent bounds do not bind."""

    codec: str
    max_level: int | None = None
    max_height: int | None = None
    bit_depth: int | None = None
    profiles: tuple[str, ...] | None = None


class AudioRule(Struct, frozen=True, kw_only=True, rename="camel"):
    """An audio codec that a device plays."""

    codec: str
    max_channels: int | None = None


class Profile(Struct, frozen=True, kw_only=True):
    """What a device plays. "*" in a list stands for everything."""

    name: str = "web"
    containers: tuple[str, ...] = ("mp4", "webm")
    video: tuple[VideoRule, ...] = ()
    audio: tuple[AudioRule, ...] = ()
    hdr: tuple[str, ...] = ()  # "hdr10", "hlg", "dolby_vision"
    subtitles: tuple[str, ...] = ("webvtt",)
    hls: bool = True
    max_bitrate: int | None = None  # bits a second

    def video_rule(self, codec: str) -> VideoRule | None:
        return next((rule for rule in self.video if rule.codec in (codec, "*")), None)

    def audio_rule(self, codec: str) -> AudioRule | None:
        return next((rule for rule in self.audio if rule.codec in (codec, "*")), None)


class Asked(Struct, frozen=True, kw_only=True):
    """What somebody wants of a file. Tracks are indexes in the container; None lets us choose."""

    quality: str = "auto"  # "auto", "original", "1080p" ...
    max_bitrate: int | None = None
    audio_track: int | None = None
    subtitle_track: int | None = None
    can_copy: bool = True  # False: encode the picture whatever it is
    can_direct: bool = True


class VideoPlan(Struct, frozen=True, kw_only=True):
    """What happens to the picture."""

    stream: int
    delivery: Delivery
    codec: str
    height: int
    width: int
    bitrate: int  # bits a second, most of the time not above
    tonemap: bool = False
    burn: int | None = None  # index of the subtitles drawn in
    deinterlace: bool = False


class AudioPlan(Struct, frozen=True, kw_only=True):
    """What happens to the sound."""

    stream: int
    delivery: Delivery
    codec: str
    channels: int
    bitrate: int


class Decision(Struct, frozen=True, kw_only=True):
    """How a file is played, and why no cheaper way would do."""

    mode: Mode
    reasons: tuple[str, ...]  # Jellyfin's words; `reason_text` makes sentences of them
    container: str
    video: VideoPlan | None
    audio: AudioPlan | None
    subtitle: int | None = None
    subtitle_delivery: Delivery | None = None
    quality: str = "original"


class Rung(Struct, frozen=True):
    """A step of the quality ladder. Source: specs/library.md 5.5.4."""

    name: str
    height: int
    average: int  # bits a second
    most: int


LADDER: Final = (
    Rung("240p", 240, 400_000, 700_000),
    Rung("360p", 360, 800_000, 1_400_000),
    Rung("480p", 480, 1_200_000, 2_100_000),
    Rung("720p", 720, 2_400_000, 4_000_000),
    Rung("1080p", 1080, 4_800_000, 8_000_000),
    Rung("1440p", 1440, 9_600_000, 12_000_000),
    Rung("2160p", 2160, 16_000_000, 28_000_000),
)
RUNGS: Final = {rung.name: rung for rung in LADDER}

TEXTS: Final = {
    "ContainerNotSupported": "The device does not open this kind of file.",
    "VideoCodecNotSupported": "The device does not play the picture's codec.",
    "VideoProfileNotSupported": "The device does not play this profile of the picture's codec.",
    "VideoLevelNotSupported": "The picture's level is above what the device plays.",
    "VideoResolutionNotSupported": "The picture is larger than the device plays.",
    "VideoBitDepthNotSupported": "The picture has more bits a colour than the device plays.",
    "VideoRangeTypeNotSupported": "The device does not show this kind of HDR.",
    "AudioCodecNotSupported": "The device does not play the sound's codec.",
    "AudioChannelsNotSupported": "The sound has more channels than the device plays.",
    "SecondaryAudioNotSupported": "The device cannot choose another sound track in this file.",
    "SubtitleCodecNotSupported": "These subtitles are pictures, which the device does not draw.",
    "ContainerBitrateExceedsLimit": "The file needs more bandwidth than there is.",
    "NoIndex": "The file has no index to enter its pictures by.",
    "InterlacedVideoNotSupported": "The picture is interlaced.",
    "DirectPlayError": "The player failed over the file as it is.",
}


def reason_text(word: str) -> str:
    """A reason as a sentence for people."""
    return TEXTS.get(word, word)

"""What well-known devices play, for clients that do not say. Source: specs/library.md 5.5.2."""

from typing import Final

from polycast.library.playback.model import AudioRule, Profile, VideoRule

PLAIN_AUDIO: Final = (AudioRule(codec="aac", max_channels=2), AudioRule(codec="flac"), AudioRule(codec="mp3"))
EVERYTHING: Final = Profile(
    name="everything",
    containers=("*",),
    video=(VideoRule(codec="*"),),
    audio=(AudioRule(codec="*"),),
    hdr=("*",),
    subtitles=("*",),
)
WEB: Final = Profile(
    name="web",
    containers=("mp4", "webm"),
    video=(
        VideoRule(codec="h264", max_level=52, bit_depth=8),
        VideoRule(codec="vp9"),
        VideoRule(codec="vp8"),
        VideoRule(codec="av1"),
    ),
    audio=(*PLAIN_AUDIO, AudioRule(codec="opus")),
)
APPLE_TV: Final = Profile(
    name="apple_tv",
    containers=("mp4",),
    video=(VideoRule(codec="h264", bit_depth=8), VideoRule(codec="hevc")),
    audio=(
        AudioRule(codec="aac", max_channels=6),
        AudioRule(codec="ac3"),
        AudioRule(codec="eac3"),
        AudioRule(codec="flac"),
        AudioRule(codec="mp3"),
    ),
    hdr=("hdr10", "hlg", "dolby_vision"),
)
ANDROID_TV: Final = Profile(
    name="android_tv",
    containers=(),
    video=(VideoRule(codec="h264", bit_depth=8), VideoRule(codec="hevc"), VideoRule(codec="vp9")),
    audio=(
        *PLAIN_AUDIO,
        AudioRule(codec="opus"),
        AudioRule(codec="ac3"),
        AudioRule(codec="eac3"),
        AudioRule(codec="dts"),
    ),
    hdr=("hdr10", "hlg"),
)
SHIELD: Final = Profile(
    name="shield",
    containers=("mp4", "mkv"),
    video=ANDROID_TV.video,
    audio=(*ANDROID_TV.audio, AudioRule(codec="truehd")),
    hdr=("hdr10", "hlg", "dolby_vision"),
    subtitles=("webvtt", "subrip", "ass", "hdmv_pgs_subtitle"),
)
BUILT_IN: Final = {one.name: one for one in (WEB, APPLE_TV, ANDROID_TV, SHIELD, EVERYTHING)}
# Words in X-Dubby-Client or User-Agent, and whose profile they stand for; the first that is found counts.
SIGNS: Final = (
    ("shield", SHIELD),
    ("dubbytv", APPLE_TV),
    ("tvos", APPLE_TV),
    ("appletv", APPLE_TV),
    ("android tv", ANDROID_TV),
    ("androidtv", ANDROID_TV),
    ("libmpv", EVERYTHING),
    ("mpv", EVERYTHING),
    ("vlc", EVERYTHING),
    ("kodi", EVERYTHING),
    ("lavf", EVERYTHING),
)


def profile_of(client: str) -> Profile:
    """The profile that a client's own words point at; a careful web browser's for any other."""
    words = client.lower()
    return next((profile for sign, profile in SIGNS if sign in words), WEB)

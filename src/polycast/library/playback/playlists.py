"""HLS playlists, complete from the first request. Source: RFC 8216."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from polycast.library.playback.encoding import level_of
from polycast.library.playback.model import AudioPlan, Delivery, VideoPlan
from polycast.library.playback.plan import Plan, longest_s
from polycast.library.probing.mime import AUDIO, codec_word
from polycast.library.probing.model import ProbedStream
from polycast.library.tracks.languages import bcp47

SUBTITLE_S: Final = 60  # seconds of a segment of subtitles
FASTEST: Final = 300  # pictures a second; a stream that claims more has no rate
RANGES: Final = {"hdr10": "PQ", "hlg": "HLG", "dolby_vision": "PQ"}


class Variant(Struct, frozen=True, kw_only=True):
    """A quality as the master playlist lists it."""

    name: str
    video: VideoPlan | None
    audio: AudioPlan | None
    source: ProbedStream | None  # of the pictures
    sound: ProbedStream | None


class Words(Struct, frozen=True, kw_only=True):
    """Subtitles that a player may choose."""

    name: str  # of the file: "4"
    label: str
    language: str
    is_default: bool = False
    is_forced: bool = False
    is_hearing_impaired: bool = False


def master(
    variants: Sequence[Variant],
    sounds: Sequence[tuple[ProbedStream, str]],
    words: Sequence[Words],
    query: str,
    *,
    base: str = "",
) -> str:
    """All qualities, further sound tracks, subtitles. `query` goes onto every address, `base` before it."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    chosen = variants[0].audio.stream if variants[0].audio else None
    has_choice = len(sounds) > 1
    if has_choice:
        lines += [_sound(stream, label, chosen, query, base) for stream, label in sounds]
    lines += [_words(one, query, base) for one in words]
    for variant in variants:
        lines.append(_variant(variant, has_sounds=has_choice, has_words=bool(words)))
        lines.append(f"{base}{variant.name}/playlist.m3u8?{query}")
    return "\n".join(lines) + "\n"


def media(plan: Plan, query: str) -> str:
    """All segments of one quality."""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{longest_s(plan)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="init.mp4?{query}"',
    ]
    for number in range(plan.count):
        lines.append(f"#EXTINF:{plan.seconds(number):.6f},")
        lines.append(f"seg-{number}.m4s?{query}")
    lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def subtitles(name: str, duration_s: float, query: str) -> str:
    """Subtitles in pieces, so that a position far into a film needs no look at all before it."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{SUBTITLE_S}", "#EXT-X-MEDIA-SEQUENCE:0"]
    lines.append("#EXT-X-PLAYLIST-TYPE:VOD")
    count = max(1, -(-int(duration_s * 1000) // (SUBTITLE_S * 1000)))
    for number in range(count):
        length = min(SUBTITLE_S, max(0.001, duration_s - number * SUBTITLE_S))
        lines += [f"#EXTINF:{length:.6f},", f"{name}-{number}.vtt?{query}"]
    lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def codecs(variant: Variant) -> str:
    """The value of CODECS; "" when a part has no name."""
    found = []
    if variant.video is not None:
        if variant.video.delivery is Delivery.COPY and variant.source is not None:
            found.append(codec_word(variant.source))
        else:
            _, level = level_of(variant.video.height, variant.video.width)
            found.append(f"avc1.6400{level:02X}")
    if variant.audio is not None:
        copied = variant.audio.delivery is Delivery.COPY and variant.sound is not None
        found.append(codec_word(variant.sound) if copied and variant.sound else AUDIO.get(variant.audio.codec, ""))
    return ",".join(found) if all(found) else ""


def _variant(variant: Variant, *, has_sounds: bool, has_words: bool) -> str:
    video, audio = variant.video, variant.audio
    sound = audio.bitrate if audio else 0
    peak = (video.bitrate * (3 if video.delivery is Delivery.COPY else 2) // 2 if video else 0) + sound
    average = (video.bitrate if video else 0) + sound
    parts = [f"BANDWIDTH={max(1, peak)}", f"AVERAGE-BANDWIDTH={max(1, average)}"]
    if video is not None:
        parts.append(f"RESOLUTION={video.width}x{video.height}")
        if variant.source is not None and variant.source.fps and variant.source.fps < FASTEST:
            parts.append(f"FRAME-RATE={variant.source.fps:.3f}")
    if words := codecs(variant):
        parts.append(f'CODECS="{words}"')
    if video is not None:
        hdr = variant.source.hdr if variant.source and video.delivery is Delivery.COPY else None
        parts.append(f"VIDEO-RANGE={RANGES.get(hdr or '', 'SDR')}")
    if has_sounds:
        parts.append('AUDIO="sound"')
    if has_words:
        parts.append('SUBTITLES="subs"')
    parts.append("CLOSED-CAPTIONS=NONE")
    return "#EXT-X-STREAM-INF:" + ",".join(parts)


def _sound(stream: ProbedStream, label: str, chosen: int | None, query: str, base: str) -> str:
    is_chosen = stream.index == chosen
    parts = ["TYPE=AUDIO", 'GROUP-ID="sound"', f'NAME="{quoted(label)}"']
    if language := bcp47(stream.language or ""):
        parts.append(f'LANGUAGE="{language}"')
    parts.append(f"DEFAULT={'YES' if is_chosen else 'NO'}")
    parts.append(f"AUTOSELECT={'NO' if stream.is_comment else 'YES'}")
    if not is_chosen:  # the chosen one is in the segments of the pictures
        parts.append(f'URI="{base}audio-{stream.index}/playlist.m3u8?{query}"')
    return "#EXT-X-MEDIA:" + ",".join(parts)


def _words(one: Words, query: str, base: str) -> str:
    parts = ["TYPE=SUBTITLES", 'GROUP-ID="subs"', f'NAME="{quoted(one.label)}"']
    if language := bcp47(one.language):
        parts.append(f'LANGUAGE="{language}"')
    parts += ["AUTOSELECT=YES", f"DEFAULT={'YES' if one.is_default else 'NO'}"]
    parts.append(f"FORCED={'YES' if one.is_forced else 'NO'}")
    if one.is_hearing_impaired:
        parts.append('CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog"')
    parts.append(f'URI="{base}subtitles/{one.name}.m3u8?{query}"')
    return "#EXT-X-MEDIA:" + ",".join(parts)


def quoted(text: str) -> str:
    """A text that may stand in quotation marks of a playlist."""
    return "".join(" " if ch in '"\r\n' or ord(ch) < 32 else ch for ch in text)[:200]


def token_query(token: str) -> str:
    """`token=...`, escaped."""
    return f"token={quote(token, safe='')}"

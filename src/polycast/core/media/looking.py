"""Inside a media child: what a file holds, as libavformat tells it."""

import importlib
import io
import os
import pkgutil
import re
import wave
from collections.abc import Callable, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any, Final, TypeVar

import av
import av.error
from msgspec.structs import replace

from polycast.core.media.model import Failed, ProbeAnswer, Probed, ProbedChapter, ProbedStream
from polycast.core.processes.allowed import DECODERS, FORMATS

T = TypeVar("T")

TAG_CHARS: Final = 2000
TAGS: Final = 200
STREAMS: Final = 200
CHAPTERS: Final = 1000
ALLOWED: Final = {
    "format_whitelist": ",".join(FORMATS),
    "codec_whitelist": ",".join(DECODERS),
    "protocol_whitelist": "fd",
    # 5 s and 5 MB are ffmpeg's own; sparse subtitles need no more, since all we want of them stands in the header.
    "probesize": "5000000",
    "analyzeduration": "5000000",
    "max_streams": str(STREAMS),
}
KINDS: Final = {"video", "audio", "subtitle", "attachment", "data"}
UNSPECIFIED: Final = 2
FRAMES: Final = 60  # packets looked at for a first frame
PQ, HLG = 16, 18  # transfer characteristics of ISO/IEC 23091-2
DEFAULT, ORIGINAL, COMMENT, FORCED, DEAF, PICTURE = 0x1, 0x4, 0x8, 0x40, 0x80, 0x400


def look_into(descriptor: int) -> ProbeAnswer | Failed:
    """Probe an open file."""
    try:
        with av.open("fd:", options={**ALLOWED, "fd": str(descriptor)}, metadata_errors="replace") as container:
            return ProbeAnswer(_probed(container, os.fstat(descriptor).st_size))
    except (av.error.FFmpegError, ValueError, OverflowError, UnicodeError) as error:
        return Failed(f"{type(error).__name__}: {error}"[:300])


def warm_up() -> None:
    """Touch what probing imports lazily, while imports are still possible: PyAV loads a part for each kind of stream."""
    for part in pkgutil.walk_packages(av.__path__, "av."):
        if part.name not in {"av.__main__", "av.datasets"}:  # these fetch examples and parse arguments
            importlib.import_module(part.name)
    sound = io.BytesIO()
    with wave.open(sound, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(bytes(16000))
    sound.seek(0)
    with av.open(sound) as container:
        _probed(container, 16044)
    "ä".encode("utf-8", "replace").decode("latin-1").encode("idna")
    look_into(0)


def _probed(container: Any, size_bytes: int) -> Probed:
    duration = timedelta(microseconds=container.duration) if container.duration and container.duration > 0 else None
    chapters, tags = [_chapter(mark) for mark in container.chapters()[:CHAPTERS]], _tags(container.metadata)
    streams = [_stream(stream) for stream in list(container.streams)[:STREAMS]]
    return Probed(
        container=container.format.name,
        size_bytes=size_bytes,
        duration=duration,
        bitrate_bps=container.bit_rate or None,
        streams=[_seen(container, stream) for stream in streams],
        chapters=chapters,
        tags=tags,
    )


def _seen(container: Any, stream: ProbedStream) -> ProbedStream:
    """A picture of more than 8 bits whose container says nothing of its colours: its first frame does."""
    if (stream.bit_depth or 8) <= 8 or (stream.color_transfer or UNSPECIFIED) != UNSPECIFIED:
        return stream
    for count, packet in enumerate(container.demux(container.streams[stream.index])):
        for frame in _tried(packet.decode) or []:
            transfer = int(frame.color_trc)
            return replace(
                stream,
                color_transfer=transfer,
                color_primaries=int(frame.color_primaries),
                hdr=stream.hdr or {PQ: "hdr10", HLG: "hlg"}.get(transfer),
            )
        if count >= FRAMES:
            break
    return stream


def _stream(stream: Any) -> ProbedStream:
    context = stream.codec_context
    tags = _tags(stream.metadata)
    flags = int(stream.disposition)
    common = {
        "index": stream.index,
        "kind": stream.type if stream.type in KINDS else "data",
        "codec": _codec(context),
        "profile": _tried(lambda: context.profile),
        "level": _positive(lambda: context.level),
        "codec_tag": _tried(lambda: _plain(context.codec_tag)),
        "bitrate_bps": _positive(lambda: context.bit_rate) or _number(tags, "bps"),
        "language": tags.get("language"),
        "title": tags.get("title"),
        "is_default": bool(flags & DEFAULT),
        "is_forced": bool(flags & FORCED),
        "is_original": bool(flags & ORIGINAL),
        "is_comment": bool(flags & COMMENT),
        "is_hearing_impaired": bool(flags & DEAF),
        "is_attached_picture": bool(flags & PICTURE),
        "duration": _duration(stream),
    }
    if stream.type == "video" and context is not None:
        common |= _picture(stream, context)
    elif stream.type == "audio" and context is not None:
        common |= {
            "channels": _positive(lambda: context.channels),
            "layout": _tried(lambda: context.layout.name),
            "sample_rate_hz": _positive(lambda: context.sample_rate),
        }
    return ProbedStream(**common)


def _picture(stream: Any, context: Any) -> dict[str, Any]:
    pixel_format = _tried(lambda: context.pix_fmt)
    transfer = _positive(lambda: int(context.color_trc))
    tag = (_tried(lambda: context.codec_tag) or "").lower()
    hdr = {PQ: "hdr10", HLG: "hlg"}.get(transfer or 0)
    if tag.startswith(("dvh", "dva", "dav")) and tag != "davc":
        hdr = "dolby_vision"
    order = _tried(lambda: str(getattr(context.field_order, "name", context.field_order)).lower())
    return {
        "width": _positive(lambda: context.width),
        "height": _positive(lambda: context.height),
        "fps": _ratio(lambda: stream.average_rate) or _ratio(lambda: stream.guessed_rate),
        "pixel_format": pixel_format,
        "bit_depth": _depth(pixel_format),
        "sample_aspect": _ratio(lambda: stream.sample_aspect_ratio),
        "is_interlaced": None if order in {None, "unknown", "0"} else order not in {"progressive", "1"},
        "hdr": hdr,
        "color_primaries": _positive(lambda: int(context.color_primaries)),
        "color_transfer": transfer,
        "color_space": _positive(lambda: int(context.colorspace)),
    }


def _codec(context: Any) -> str:
    if context is None:
        return ""
    return _tried(lambda: str(context.codec.canonical_name)) or _tried(lambda: str(context.name)) or ""


def _chapter(mark: Mapping[str, Any]) -> ProbedChapter:
    base = Fraction(mark["time_base"])
    return ProbedChapter(
        start=timedelta(seconds=float(mark["start"] * base)),
        end=timedelta(seconds=float(mark["end"] * base)),
        title=str(mark.get("metadata", {}).get("title", ""))[:TAG_CHARS],
    )


def _tags(metadata: Mapping[str, str]) -> dict[str, str]:
    return {_plain(name).lower()[:100]: _plain(value)[:TAG_CHARS] for name, value in list(metadata.items())[:TAGS]}


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _duration(stream: Any) -> timedelta | None:
    if not stream.duration or stream.duration < 0 or not stream.time_base:
        return None
    return timedelta(seconds=float(stream.duration * stream.time_base))


def _depth(pixel_format: str | None) -> int | None:
    if not pixel_format:
        return None
    found = re.search(r"(?:p|gray|bayer_\w+|x2rgb|x2bgr)(9|10|12|14|16)(?:le|be)?$", pixel_format)
    return int(found[1]) if found else 8


def _number(tags: Mapping[str, str], name: str) -> int | None:
    """Matroska's statistics tags: "BPS", or "BPS-eng" as older writers had it."""
    text = tags.get(name) or next((value for key, value in tags.items() if key.startswith(f"{name}-")), "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else None


def _positive(get: Callable[[], int | None]) -> int | None:
    found = _tried(get)
    return found if found and found > 0 else None


def _ratio(get: Callable[[], Fraction | None]) -> float | None:
    found = _tried(get)
    return round(float(found), 4) if found and found > 0 else None


def _tried(get: Callable[[], T | None]) -> T | None:
    """A property that PyAV may not have for this stream."""
    try:
        return get()
    except (AttributeError, TypeError, ValueError, ZeroDivisionError, UnicodeError, av.error.FFmpegError):
        return None

"""Inside a media child: pieces of films as fragmented MP4, copied or with new sound, the same however they are asked for.

A piece depends on nothing but the file and its two ends, so pieces made by different children at different times join
without a gap: pictures are cut at entry points, new sound stands on one grid of frames from the beginning of the file.
"""

import os
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from typing import Any, Final

import av
import av.error
import numpy as np

from polycast.core.media.asks import CutAsk, Keyframes, KeyframesAsk, MadeAnswer, SoundAsk
from polycast.core.media.boxes import BadBoxes, split
from polycast.core.media.looking import ALLOWED
from polycast.core.media.model import Failed

SECOND: Final = 1_000_000
MUXING: Final = {
    "movflags": "frag_custom+delay_moov+default_base_moof+frag_discont",
    "avoid_negative_ts": "disabled",
    "strict": "experimental",  # TrueHD in MP4
}
PREROLL_US: Final = SECOND  # decoders need to run in, and containers lay sound a little apart from its pictures
RUN_IN: Final = 8  # frames an encoder is given before the first one that counts
RATES: Final = frozenset({32_000, 44_100, 48_000})
UNINDEXED: Final = frozenset({"mpegts", "mpeg", "mpegtsraw"})  # a seek in these lands about where it should
LAYOUTS: Final = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
TICKS: Final = 2_000_000  # entries of an index
FAILURES: Final = (av.error.FFmpegError, ValueError, OverflowError, UnicodeError, BadBoxes, IndexError, TypeError)


def opened(descriptor: int) -> Any:
    """A container that reads an open file, with our lists of what may be read."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    return av.open("fd:", options={**ALLOWED, "fd": str(descriptor)}, metadata_errors="replace")


def origin_us(container: Any) -> int:
    """When the container says that it begins."""
    return max(0, int(container.start_time or 0))


def find_keyframes(ask: KeyframesAsk, descriptor: int) -> Keyframes | Failed:
    """The index of a stream, or what a look at every packet tells."""
    try:
        with opened(descriptor) as container:
            stream = container.streams[ask.stream]
            by_dts = "mov" in container.format.name
            ticks = _index(container, stream)
            shift = 0
            if by_dts and ticks:
                shift = max(0, int(stream.start_time or 0) - ticks[0])
            if not ticks:
                if not ask.may_scan:
                    return Failed("the file has no index")
                ticks, by_dts = _scan(container, stream), False
            base = stream.time_base
            return Keyframes(
                ticks=ticks,
                by_dts=by_dts,
                shift=shift,
                numerator=base.numerator,
                denominator=base.denominator,
                origin_us=origin_us(container),
                end_us=_end_us(container, stream),
            )
    except FAILURES as error:
        return _failed(error)


def cut(ask: CutAsk, source: int, target: int, init: int) -> MadeAnswer | Failed:
    """Pictures as they are in the file."""
    try:
        with opened(source) as container:
            stream = container.streams[ask.stream]
            return _copied(stream, _pictures(container, stream, ask), ask.origin_us, target, init)
    except FAILURES as error:
        return _failed(error)


def sound(ask: SoundAsk, source: int, target: int, init: int) -> MadeAnswer | Failed:
    """Sound as it is in the file, or encoded anew."""
    try:
        with opened(source) as container:
            stream = container.streams[ask.stream]
            if not ask.codec:
                return _copied(stream, _sounds(container, stream, ask), ask.origin_us, target, init)
            return _encoded(container, stream, ask, target, init)
    except FAILURES as error:
        return _failed(error)


def _index(container: Any, stream: Any) -> list[int]:
    """The key frames in the container's index, rising; empty when it has none worth the name."""
    if container.format.name in UNINDEXED or not stream.time_base:
        return []
    length = container.duration or 0
    container.seek(max(0, length // 2) + int(container.start_time or 0))  # Matroska reads its index at the first seek
    found: list[int] = []
    for entry in stream.index_entries:
        if entry.is_keyframe and (not found or entry.timestamp > found[-1]):
            found.append(int(entry.timestamp))
        if len(found) > TICKS:
            raise ValueError("too many entries")
    container.seek(int(container.start_time or 0))
    seconds = length / SECOND
    return found if len(found) > 1 or seconds <= 15 else []  # one entry for a long film is no index


def _scan(container: Any, stream: Any) -> list[int]:
    found: list[int] = []
    for packet in container.demux(stream):
        if packet.is_keyframe and packet.pts is not None and (not found or packet.pts > found[-1]):
            found.append(int(packet.pts))
        if len(found) > TICKS:
            raise ValueError("too many entries")
    return found


def _end_us(container: Any, stream: Any) -> int:
    if container.duration and container.duration > 0:
        return int(container.duration)
    return int(stream.duration * stream.time_base * SECOND) if stream.duration else 0


def _pictures(container: Any, stream: Any, ask: CutAsk) -> Iterator[Any]:
    if container.format.name not in UNINDEXED:
        container.seek(ask.start, stream=stream)
    elif (early := ask.start - _ticks(3 * PREROLL_US, stream.time_base)) > (stream.start_time or 0):
        container.seek(early, stream=stream)
    is_on = False
    for packet in container.demux(stream):
        if packet.dts is None and packet.pts is None:
            continue
        if packet.is_keyframe:
            tick = packet.dts if ask.by_dts else packet.pts
            if ask.end is not None and tick is not None and tick >= ask.end:
                return
            is_on = is_on or (tick is not None and tick >= ask.start)
        if is_on:
            yield packet


def _sounds(container: Any, stream: Any, ask: SoundAsk) -> Iterator[Any]:
    base = stream.time_base
    first, last = _ticks(ask.start_us + ask.origin_us, base), None
    if ask.end_us is not None:
        last = _ticks(ask.end_us + ask.origin_us, base)
    container.seek(max(0, _ticks(ask.start_us + ask.origin_us - PREROLL_US, base)), stream=stream)
    for packet in container.demux(stream):
        if packet.pts is None or packet.pts < first:
            continue
        if last is not None and packet.pts >= last:
            return
        yield packet


def _copied(stream: Any, packets: Iterator[Any], origin: int, target: int, init: int) -> MadeAnswer:
    made = BytesIO()
    count = 0
    back = _ticks(origin, stream.time_base)
    with av.open(made, "w", format="mp4", options=MUXING) as muxer:
        track = muxer.add_stream_from_template(stream)
        track.metadata.clear()
        if stream.codec_context.name == "hevc":
            track.codec_context.codec_tag = "hvc1"  # Apple plays no hev1
        bare = stream.codec_context.name == "aac" and not stream.codec_context.extradata
        for read in packets:
            packet = read
            if bare:
                packet, track.codec_context.extradata = _without_adts(read)
            if back:
                packet.pts = None if packet.pts is None else packet.pts - back
                packet.dts = None if packet.dts is None else packet.dts - back
            packet.stream = track
            muxer.mux(packet)
            count += 1
    return _written(made, count, target, init)


def _without_adts(packet: Any) -> tuple[Any, bytes]:
    """AAC of a transport stream as MP4 wants it: without a head of its own, which becomes the track's configuration.

    Source: ISO/IEC 13818-7, 6.2 (ADTS); ISO/IEC 14496-3, 1.6.2.1.
    """
    content = bytes(packet)
    if len(content) < 8 or content[0] != 0xFF or content[1] & 0xF0 != 0xF0:
        raise ValueError("AAC without a head")
    profile, rate = (content[2] >> 6) + 1, content[2] >> 2 & 15
    channels = (content[2] & 1) << 2 | content[3] >> 6
    made = av.Packet(content[7 if content[1] & 1 else 9 :])
    made.pts, made.dts, made.duration = packet.pts, packet.dts, packet.duration
    made.time_base = packet.time_base
    return made, (profile << 11 | rate << 7 | channels << 3).to_bytes(2)


def _written(made: BytesIO, count: int, target: int, init: int) -> MadeAnswer:
    head, fragments = split(made.getvalue()) if count else (b"", b"")
    write_all(target, fragments)
    write_all(init, head)
    return MadeAnswer(size_bytes=len(fragments), init_bytes=len(head), count=count)


def _encoded(container: Any, stream: Any, ask: SoundAsk, target: int, init: int) -> MadeAnswer:
    rate = stream.codec_context.sample_rate
    rate = rate if rate in RATES and ask.codec != "libopus" else 48_000
    layout = LAYOUTS[ask.channels]
    made, count = BytesIO(), 0
    with av.open(made, "w", format="mp4", options=MUXING) as muxer:
        track: Any = muxer.add_stream(ask.codec, rate=rate, layout=layout)
        track.bit_rate = ask.bitrate_bps
        encoder = track.codec_context
        encoder.open()
        frame = encoder.frame_size or 1024
        first = _frame_at(ask.start_us, rate, frame)
        end = _last_us(container, stream, ask)
        last = max(first + 1, _frame_at(end, rate, frame))
        low, high = (first - RUN_IN) * frame, (last + 2) * frame
        samples = _samples(container, stream, ask.origin_us, low, high, rate, layout)
        for packet in _frames(track, samples, low, frame, rate, layout):
            if packet.pts is not None and first * frame <= packet.pts < last * frame:
                packet.stream = track
                muxer.mux(packet)
                count += 1
    return _written(made, count, target, init)


def _frame_at(at_us: int, rate: int, frame: int) -> int:
    """The number of the first frame that begins at or after a time."""
    return -(-at_us * rate // (SECOND * frame))


def _last_us(container: Any, stream: Any, ask: SoundAsk) -> int:
    if ask.end_us is not None:
        return ask.end_us
    return max(ask.start_us, _end_us(container, stream))


def _frames(track: Any, samples: Any, low: int, frame: int, rate: int, layout: str) -> Iterator[Any]:
    base = Fraction(1, rate)
    kind = track.codec_context.format.name
    for at in range(0, samples.shape[1], frame):
        piece = np.ascontiguousarray(samples[:, at : at + frame])
        plain = av.AudioFrame.from_ndarray(piece, format="fltp", layout=layout)
        plain.sample_rate, plain.pts, plain.time_base = rate, low + at, base
        if kind == "fltp":
            yield from track.encode(plain)
            continue
        for shaped in av.AudioResampler(format=kind, layout=layout, rate=rate).resample(plain):
            shaped.pts, shaped.time_base = low + at, base
            yield from track.encode(shaped)
    yield from track.encode(None)


def _samples(container: Any, stream: Any, origin: int, low: int, high: int, rate: int, layout: str) -> Any:
    """The sound between two places of the grid; silence where the file has none."""
    resampler = av.AudioResampler(format="fltp", layout=layout, rate=rate)
    found = np.zeros((len(av.AudioLayout(layout).channels), high - low), np.float32)
    from_us = max(0, low * SECOND // rate - PREROLL_US)
    container.seek(_ticks(from_us + origin, stream.time_base), stream=stream)
    place = _Place(stream, origin, rate)
    for frame in _decoded(container, stream):
        at = place.of(frame)
        if at >= high:
            break
        for piece in resampler.resample(frame):
            part = piece.to_ndarray()
            begin, end = max(at, low), min(at + part.shape[1], high)
            if end > begin:
                found[:, begin - low : end - low] = part[:, begin - at : end - at]
            at += part.shape[1]
        place.reached(at)
    return found


class _Place:
    """Where on the grid decoded sound belongs. Containers round times; a run of frames has none of that in itself."""

    def __init__(self, stream: Any, origin: int, rate: int) -> None:
        self._base = stream.time_base
        self._rate = rate
        self._origin = Fraction(origin, SECOND)
        self._start = Fraction(int(stream.start_time or 0)) * stream.time_base
        self._at: int | None = None

    def of(self, frame: Any) -> int:
        if frame.pts is None:
            return self._at or 0
        seconds = Fraction(frame.pts) * self._base
        if self._at is not None and abs(seconds - self._origin - Fraction(self._at, self._rate)) < Fraction(1, 10):
            return self._at
        # In frames of one length counted from the first one, so that every piece lays the same sound on the same place.
        length = Fraction(frame.samples, frame.sample_rate)
        number = round((seconds - self._start) / length)
        at: int = round((self._start + number * length - self._origin) * self._rate)
        return at

    def reached(self, at: int) -> None:
        self._at = at


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    """Frames; damaged packets are passed over."""
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.error.FFmpegError:
            continue


def _ticks(at_us: int, base: Fraction) -> int:
    return int(Fraction(at_us, SECOND) / Fraction(base))


def write_all(target: int, content: bytes) -> None:
    """Write from the beginning of an open file."""
    view = memoryview(content)
    at = 0
    while at < len(view):
        at += os.pwrite(target, view[at : at + 1024 * 1024], at)


def _failed(error: Exception) -> Failed:
    return Failed(f"{type(error).__name__}: {error}"[:300])

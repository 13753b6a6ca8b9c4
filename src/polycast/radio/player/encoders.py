"""Sound into what listeners get. Each `encode` gives what is whole."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Final, Protocol

import av
import numpy as np

from polycast.radio.player.sound import RATE, Block, frame_of, silence
from polycast.radio.player.wire import FILLER, HEAD, SOUND, Output

OPUS_RATE: Final = 48000
PAGE_US: Final = "200000"
FILLER_S: Final = 1.0
ADTS_44100: Final = 4
LAME_QUALITY: Final = "7"  # 0 to 9; the default, 5, takes half as much again and is not heard at these rates
Packed = tuple[int, float, bytes]  # kind of frame, seconds, data


class Encoder(Protocol):
    """Of one output."""

    output: Output

    def encode(self, block: Block) -> Iterator[Packed]:
        """What has become whole."""
        ...

    def retitle(self, text: str) -> Iterator[Packed]:
        """Begin anew under another title, where titles are part of the stream."""
        ...


def encoder_for(output: Output) -> Encoder:
    """Made ready. Raises: ValueError for a format that is none of ours."""
    match output.format:
        case "mp3":
            return FrameEncoder(output, "libmp3lame", wrap=bytes)
        case "aac":
            return FrameEncoder(output, "aac", wrap=_adts)
        case "opus" | "ogg" | "flac":
            return OggEncoder(output)
    raise ValueError(f"no encoder for {output.format}")


def filler_of(output: Output) -> Iterator[Packed]:
    """A second of silence in frames that stand for themselves: the server sends them when no player does."""
    if output.format == "aac":
        encoder = FrameEncoder(output, "aac", wrap=_adts)
        found: list[Packed] = []
        for _ in range(20):
            found += encoder.encode(silence())
        for _, seconds, data in found[5:48]:
            yield FILLER, seconds, data
    # MP3's silence the edge makes itself; silence of an Ogg stream would have to continue the page numbers of another.


class FrameEncoder:
    """MP3 and AAC: frame after frame, no container."""

    def __init__(self, output: Output, codec: str, *, wrap: Callable[[Any], bytes]) -> None:
        self.output = output
        self._wrap = wrap
        made: Any = av.CodecContext.create(codec, "w")
        self._context = made
        self._context.sample_rate = RATE
        self._context.layout = "stereo"
        self._context.format = "fltp"
        self._context.bit_rate = output.kbps * 1000
        if codec == "libmp3lame":
            self._context.options = {"compression_level": LAME_QUALITY}
        self._context.time_base = Fraction(1, RATE)
        self._context.open()
        self._size: int = self._context.frame_size or 1152
        self._fifo = av.AudioFifo()

    def encode(self, block: Block) -> Iterator[Packed]:
        self._fifo.write(frame_of(block))
        while (frame := self._fifo.read(self._size)) is not None:
            frame.pts = None
            for packet in self._context.encode(frame):
                yield SOUND, self._size / RATE, self._wrap(packet)

    def retitle(self, text: str) -> Iterator[Packed]:
        return iter(())


class OggEncoder:
    """Opus, Vorbis, FLAC: pages; each title begins a stream of its own, as Icecast's clients expect."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self._text = ""
        self._waiting_s = 0.0
        self._open()

    def _open(self) -> None:
        form = self.output.format
        self._sink = _Sink()
        self._container: Any = av.open(
            self._sink, "w", format="ogg", options={"page_duration": PAGE_US, "flush_packets": "1"}
        )
        self._container.metadata["title"] = self._text
        codec = {"opus": "libopus", "ogg": "vorbis", "flac": "flac"}[form]  # PyAV brings no libvorbis
        rate = OPUS_RATE if form == "opus" else RATE
        made: Any = self._container.add_stream(
            codec, rate=rate, layout="stereo", options={"strict": "experimental"} if form == "ogg" else {}
        )
        self._stream = made
        if form != "flac":
            self._stream.bit_rate = self.output.kbps * 1000
        self._stream.metadata["title"] = self._text
        kind = {"opus": "flt", "ogg": "fltp", "flac": "s16"}[form]
        self._stream.format = kind
        self._stream.codec_context.open()
        size = self._stream.codec_context.frame_size or 4096
        self._resampler = av.AudioResampler(format=kind, layout="stereo", rate=rate, frame_size=size)
        self._rate = rate
        self._at = 0
        self._container.start_encoding()
        self._is_new = True

    def encode(self, block: Block) -> Iterator[Packed]:
        frame = frame_of(block)
        frame.pts = None
        for piece in self._resampler.resample(frame):
            piece.pts = self._at
            piece.time_base = Fraction(1, self._rate)
            self._at += piece.samples
            self._mux(self._stream.encode(piece))
        yield from self._taken(block.shape[1] / RATE)

    def retitle(self, text: str) -> Iterator[Packed]:
        if text == self._text:
            return
        self._text = text
        self._mux(self._stream.encode(None))
        self._container.close()
        yield from self._taken(0.0)
        self._open()

    def _mux(self, packets: Any) -> None:
        for packet in packets:
            if packet.pts is None:  # the last one of the native Vorbis encoder
                packet.pts = packet.dts = self._at
            self._container.mux(packet)

    def _taken(self, seconds: float) -> Iterator[Packed]:
        data = self._sink.taken()
        if self._is_new and data:
            self._is_new = False
            yield HEAD, 0.0, b""
        self._waiting_s += seconds
        if data:
            yield SOUND, self._waiting_s, data
            self._waiting_s = 0.0


class _Sink:
    """Where a container writes to."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def taken(self) -> bytes:
        found = bytes(self._data)
        self._data.clear()
        return found


def _adts(packet: Any) -> bytes:
    body = bytes(packet)
    size = len(body) + 7
    head = bytearray(b"\xff\xf1\x00\x00\x00\x1f\xfc")
    head[2] = 1 << 6 | ADTS_44100 << 2
    head[3] = 2 << 6 | size >> 11
    head[4] = size >> 3 & 0xFF
    head[5] = (size & 7) << 5 | 0x1F
    return bytes(head) + body


def tone(seconds: float, hz: float = 440.0) -> Block:
    """For warming up."""
    wave = 0.2 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)
    return np.stack([wave, wave]).astype(np.float32)

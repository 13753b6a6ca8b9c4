"""Sound out of files and out of what sources send: decoded, 44.1 kHz, planar."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

import av
import av.error
import numpy as np

from polycast.core.processes.allowed import DECODERS, FORMATS
from polycast.radio.player.sound import RATE, Block

ALLOWED: Final = {
    "format_whitelist": ",".join(FORMATS),
    "codec_whitelist": ",".join(DECODERS),
    "protocol_whitelist": "fd",
    "max_streams": "20",
}
QUICK: Final = {"probesize": "32768", "analyzeduration": "200000"}
BAD_FRAMES: Final = 50  # in a row before a file counts as broken
RAW_MOST: Final = 2 * 1024 * 1024  # bytes of a source that wait to be decoded
AHEAD_S: Final = 12.0  # of decoded sound; the source is held back then
FAILED: Final = (av.error.FFmpegError, ValueError, OverflowError, UnicodeError, MemoryError)


def planar(frame: Any) -> Block:
    """What a resampler to `fltp` made."""
    found: Block = frame.to_ndarray()
    return found


class Broken(Exception):
    """It does not play."""


class Store:
    """Blocks in, any number of samples out."""

    def __init__(self) -> None:
        self._blocks: deque[Block] = deque()
        self.samples = 0

    def put(self, block: Block) -> None:
        if block.shape[1]:
            self._blocks.append(block)
            self.samples += block.shape[1]

    def take(self, count: int) -> Block:
        """At most `count` samples."""
        parts: list[Block] = []
        wanted = min(count, self.samples)
        self.samples -= wanted
        while wanted:
            block = self._blocks[0]
            if block.shape[1] <= wanted:
                parts.append(self._blocks.popleft())
            else:
                parts.append(block[:, :wanted])
                self._blocks[0] = block[:, wanted:]
            wanted -= parts[-1].shape[1]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts, axis=1) if parts else np.zeros((2, 0), dtype=np.float32)


class FileSound:
    """A file from `start_s` to `end_s`. The descriptor is closed with it."""

    def __init__(self, descriptor: int, *, start_s: float, end_s: float | None) -> None:
        """Raises: Broken."""
        self._store = Store()
        self._is_over = False
        try:
            self._container: Any = av.open("fd:", options={**ALLOWED, "fd": str(descriptor)}, metadata_errors="replace")
            self._stream: Any = next(iter(self._container.streams.audio), None)
            if self._stream is None:
                raise Broken("no sound in it")
            length = self._length()
            if start_s > 0.05:
                self._container.seek(int(start_s * 1_000_000), backward=True, any_frame=False)
        except FAILED as error:
            raise Broken(f"{type(error).__name__}: {error}"[:200]) from error
        self._start_s = start_s
        self._end_s = min(end_s, length) if end_s is not None and length else (end_s or length)
        self._resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
        self._frames = self._decoded()
        self._given = 0

    def _length(self) -> float | None:
        if self._stream.duration and self._stream.time_base:
            return float(self._stream.duration * self._stream.time_base)
        return self._container.duration / 1_000_000 if self._container.duration else None

    @property
    def length_s(self) -> float:
        """From start to end; 0.0 when the file does not tell."""
        return max(0.0, self._end_s - self._start_s) if self._end_s is not None else 0.0

    @property
    def played_s(self) -> float:
        return self._given / RATE

    @property
    def left_s(self) -> float:
        """As far as is known."""
        if self._is_over:
            return self._store.samples / RATE
        return max(0.0, self.length_s - self.played_s) if self._end_s is not None else 60.0

    def read(self, count: int) -> Block:
        """Fewer samples at the end only. Raises: Broken."""
        if self._end_s is not None:
            count = min(count, max(0, round(self.length_s * RATE) - self._given))
        while self._store.samples < count and not self._is_over:
            frame = next(self._frames, None)
            if frame is None:
                self._is_over = True
            else:
                self._store.put(frame)
        found = self._store.take(count)
        self._given += found.shape[1]
        return found

    def _decoded(self) -> Iterator[Block]:
        bad, is_first = 0, True
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
                frames = packet.decode()
                bad = 0
            except StopIteration:
                break
            except av.error.EOFError:
                break
            except FAILED as error:
                bad += 1
                if bad > BAD_FRAMES:
                    raise Broken(f"{type(error).__name__}: {error}"[:200]) from error
                continue
            for frame in frames:
                block = self._plain(frame)
                if is_first and frame.time is not None and block.shape[1]:
                    early = round((self._start_s - float(frame.time)) * RATE) if self._start_s > 0.05 else 0
                    if early >= block.shape[1]:
                        continue
                    block = block[:, max(0, early) :]
                is_first = False
                yield block
        for piece in self._resampler.resample(None):
            yield planar(piece)

    def _plain(self, frame: Any) -> Block:
        pieces = [planar(piece) for piece in self._resampler.resample(frame)]
        if not pieces:
            return np.zeros((2, 0), dtype=np.float32)
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=1)

    def close(self) -> None:
        self._frames.close()  # type: ignore[attr-defined]  # it is a generator
        self._container.close()


class LiveSound:
    """What a source sends, decoded by a thread of its own: a demuxer waits for bytes."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._store = Store()
        self._raw: deque[bytes] = deque()
        self._raw_bytes = 0
        self._turn = threading.Condition()
        self._is_closed = False
        self.title = ""
        self.why = ""  # why it cannot be read
        self._thread = threading.Thread(target=self._decode, daemon=True)
        self._thread.start()

    def feed(self, data: bytes) -> None:
        """Bytes as they came. A source much faster than time loses its oldest."""
        with self._turn:
            self._raw.append(data)
            self._raw_bytes += len(data)
            while self._raw_bytes > RAW_MOST:
                self._raw_bytes -= len(self._raw.popleft())
            self._turn.notify_all()

    @property
    def buffered_s(self) -> float:
        return self._store.samples / RATE

    def take(self, count: int) -> Block:
        """At most `count` samples of what is decoded."""
        with self._turn:
            found = self._store.take(count)
            self._turn.notify_all()
            return found

    def close(self) -> None:
        """Nothing follows."""
        with self._turn:
            self._is_closed = True
            self._turn.notify_all()

    def read(self, count: int) -> bytes:
        """For the demuxer, in its thread: waits for bytes; nothing at the end."""
        with self._turn:
            while not self._raw and not self._is_closed:
                self._turn.wait()
            if not self._raw:
                return b""
            data = self._raw.popleft()
            if len(data) > count:
                self._raw.appendleft(data[count:])
                data = data[:count]
            self._raw_bytes -= len(data)
            return data

    def _decode(self) -> None:
        try:
            while not self._is_closed:
                self._decode_stream()
        except FAILED as error:
            self.why = f"{type(error).__name__}: {error}"[:200]

    def _decode_stream(self) -> None:
        """One stream; an encoder may begin a new one at each title."""
        options = {key: value for key, value in ALLOWED.items() if key != "protocol_whitelist"}
        with av.open(self, "r", format=self._form, options={**options, **QUICK}, metadata_errors="replace") as opened:
            container: Any = opened
            stream = next(iter(container.streams.audio), None)
            if stream is None:
                raise ValueError("no sound in it")
            resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
            bad = 0
            for packet in container.demux(stream):
                try:
                    frames = packet.decode()
                    bad = 0
                except av.error.EOFError:
                    return
                except av.error.FFmpegError:
                    bad += 1
                    if bad > BAD_FRAMES:
                        raise
                    continue
                self._note_title(stream, container)
                for frame in frames:
                    for piece in resampler.resample(frame):
                        self._put(planar(piece))

    def _note_title(self, stream: Any, container: Any) -> None:
        words = {key.lower(): value for key, value in {**container.metadata, **stream.metadata}.items()}
        if title := words.get("title"):
            artist = words.get("artist", "")
            self.title = f"{artist} - {title}" if artist else title

    def _put(self, block: Block) -> None:
        with self._turn:
            while self._store.samples > AHEAD_S * RATE and not self._is_closed:
                self._turn.wait()
            self._store.put(block)

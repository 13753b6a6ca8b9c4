"""A stream and those who hear it: what comes in goes out to all, and stays a while for those who come next."""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Final

from polycast.radio.edge.frames import Cut, OggPages, silent_mp3
from polycast.radio.edge.listener import Listener
from polycast.radio.edge.metadata import block, cleaned
from polycast.radio.edge.model import IN_OGG, Format, MountSpec, Title

BATCH_S: Final = 0.5  # of sound sent at once when many listen
MANY: Final = 24  # listeners
LEAD_S: Final = 0.3  # silence begins when no more than this is left of what was sent
GAP_MOST_S: Final = 10.0  # of lost time that is not made up for


class Mount:
    """One stream. All of it happens in the loop's thread; times are monotonic seconds."""

    def __init__(self, spec: MountSpec, *, clock: Callable[[], float], started_at: datetime) -> None:
        self.spec = spec
        self.title = Title()
        self.block = block("")
        self.block_number = 0
        self.listeners: dict[int, Listener] = {}
        self.peak = 0
        self.sent_bytes = 0
        self.received_bytes = 0
        self.slow_count = 0
        self.started_at = started_at
        self.has_source = False  # a player or a direct source feeds it
        self.is_on = False  # silence is sent when nothing else is
        self.source_agent = ""
        self.source_address = ""
        self.audio_info = ""
        self.kbps = spec.bitrate_kbps
        self.taps: list[Callable[[bytes, float], None]] = []
        self._clock = clock
        self._head = b""
        self._pages: OggPages | None = None  # follows an Ogg stream that is fed without telling its head
        self._ring: deque[bytes] = deque()
        self._ring_bytes = 0
        self._batch: list[bytes] = []
        self._batch_s = 0.0
        self._until = 0.0  # how far, in monotonic seconds, listeners have sound
        self._filler: list[bytes] = []
        self._filler_s = 0.0
        self._filler_at = 0
        self.silent_frames = 0
        if spec.format is Format.MP3:
            frames = silent_mp3(spec.bitrate_kbps)
            self.set_filler(frames, 1152 / 44100)

    def set_filler(self, frames: list[bytes], seconds: float) -> None:
        """What is sent while nobody feeds the mount: frames that stand for themselves, each `seconds` long."""
        self._filler, self._filler_s, self._filler_at = frames, seconds, 0

    def configure(self, spec: MountSpec) -> None:
        """Other words or limits; whoever listens goes on listening. The format stays: another one is another mount."""
        self.spec = spec

    def retitle(self, title: Title) -> None:
        """From the next byte on."""
        title = Title(cleaned(title.text), title.url)
        if title == self.title:
            return
        self.flush()
        self.title = title
        self.block = block(title.text, title.url)
        self.block_number += 1

    def set_head(self, head: bytes) -> None:
        """What a listener of an Ogg stream must have first; the pages before belong to a stream that is over."""
        if head != self._head:
            self.flush()
            self._head = head
            self._ring.clear()
            self._ring_bytes = 0

    def expect_head(self) -> None:
        """An Ogg stream begins anew: what listeners need first comes with its first sound."""
        self.flush()
        self._pages = OggPages()
        self._ring.clear()
        self._ring_bytes = 0

    def feed(self, cut: Cut) -> None:
        """Sound, whole frames, in order."""
        now = self._clock()
        self._until = max(self._until, now - GAP_MOST_S) + cut.seconds
        self._until = max(self._until, now)
        self.received_bytes += len(cut.data)
        head_size = cut.head_size
        if self._pages is not None and (pages := self._pages.feed(cut.data)) is not None:
            self._head = self._pages.head
            head_size = pages.head_size
        self._take(cut.data, cut.seconds, head_size)

    def tick(self) -> None:
        """Several times a second: send what waits, and silence when there is nothing."""
        if self._batch and self._batch_s and len(self.listeners) < MANY:
            self.flush()
        if not self.is_on or not self._filler:
            return
        now = self._clock()
        if self._until < now - GAP_MOST_S:
            self._until = now
        parts = []
        while self._until < now + LEAD_S:
            parts.append(self._filler[self._filler_at])
            self._filler_at = (self._filler_at + 1) % len(self._filler)
            self._until += self._filler_s
        if parts:
            self.silent_frames += len(parts)
            self._take(b"".join(parts), len(parts) * self._filler_s)

    def _take(self, data: bytes, seconds: float, head_size: int = 0) -> None:
        for tap in self.taps:
            tap(data, seconds)
        kept = data[head_size:] if head_size else data  # whoever comes later gets the head by itself
        self._ring.append(kept)
        self._ring_bytes += len(kept)
        while self._ring and self._ring_bytes - len(self._ring[0]) > self.spec.burst_bytes:
            self._ring_bytes -= len(self._ring.popleft())
        if not self.listeners:
            return
        self._batch.append(data)
        self._batch_s += seconds or 0.1
        if self._batch_s >= BATCH_S or len(self.listeners) < MANY:
            self.flush()

    def flush(self) -> None:
        """Send what was gathered."""
        if not self._batch:
            return
        data = self._batch[0] if len(self._batch) == 1 else b"".join(self._batch)
        self._batch.clear()
        self._batch_s = 0.0
        stuck = [one for one in self.listeners.values() if not one.give(data)]
        self.sent_bytes += len(data) * len(self.listeners)
        for one in stuck:
            self.slow_count += 1
            one.end("slow")

    def join(self, listener: Listener, *, intro: bytes = b"") -> None:
        """Let somebody listen, beginning with what is kept."""
        self.flush()
        self.listeners[listener.id] = listener
        self.peak = max(self.peak, len(self.listeners))
        burst = self._head + intro + b"".join(self._ring)
        listener.give(burst)
        self.sent_bytes += len(burst)

    def kept(self) -> list[bytes]:
        """The sound that those who come next begin with."""
        return list(self._ring)

    def leave(self, listener: Listener) -> None:
        """Somebody listens no more."""
        self.listeners.pop(listener.id, None)

    def end_all(self, why: str) -> None:
        """Everybody out."""
        for one in list(self.listeners.values()):
            one.end(why)

    @property
    def titles_in_stream(self) -> bool:
        """Ogg carries its titles itself."""
        return self.spec.format not in IN_OGG

    @property
    def is_live(self) -> bool:
        """Whether there is something to hear."""
        return self.has_source or self.is_on

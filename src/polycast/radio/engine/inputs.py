"""Sources that were let in: those that go to a mount as they are, and DJs, whose sound the player mixes."""

from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from polycast.radio.edge.frames import framer_for
from polycast.radio.edge.model import Format
from polycast.radio.edge.mount import Mount
from polycast.radio.edge.ports import Hangup

WINDOW_S: Final = 10.0  # over which a bit rate is measured
TOLERATED: Final = 1.05
OVER_S: Final = 15.0  # above the limit before the source is cut
UNSOUND_BYTES: Final = 128 * 1024  # without a frame before a source is refused
EARLY_BYTES: Final = 262_144  # at once at the beginning: encoders fill buffers


class Tap(Protocol):
    """Keeps what a source sends."""

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class Gauge:
    """How many bits a second come, over the last ten seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()
        self._sum = 0
        self._from = clock()

    def add(self, count: int) -> float:
        """kbit/s; 0.0 until there is enough to tell."""
        now = self._clock()
        self._seen.append((now, count))
        self._sum += count
        while now - self._seen[0][0] > WINDOW_S:
            self._sum -= self._seen.popleft()[1]
        if now - self._from < WINDOW_S:
            return 0.0
        return self._sum * 8 / WINDOW_S / 1000


class DirectSource:
    """Feeds a mount as it is, whole frames only."""

    def __init__(
        self,
        mount: Mount,
        hangup: Hangup,
        *,
        form: Format,
        limit_kbps: Callable[[], int],
        clock: Callable[[], float],
        over: Callable[["DirectSource", str], None],
    ) -> None:
        self.mount = mount
        self.kbps = 0.0
        self._hangup = hangup
        self._framer = framer_for(form)
        self._limit = limit_kbps
        self._clock = clock
        self._over = over
        self._gauge = Gauge(clock)
        self._above_since: float | None = None
        self._bytes = 0
        self._head_kbps = 0
        self._why = "left"
        self._is_over = False

    def feed(self, fresh: bytes) -> bool:
        if self._is_over:
            return False
        self._bytes += len(fresh)
        cut = self._framer.feed(fresh)
        if not self._framer.is_sound:
            if self._bytes > UNSOUND_BYTES:
                return self._refuse("it sends no sound of its type")
            if cut is None:
                return True
        if cut is not None:
            if self._framer.head:
                self.mount.set_head(self._framer.head)
            self.mount.feed(cut)
            self._head_kbps = cut.kbps
        elif self._framer.junk_bytes > UNSOUND_BYTES and self._framer.junk_bytes * 2 > self._bytes:
            return self._refuse("it sends no sound of its type")
        return self._is_within(self._gauge.add(len(fresh)))

    def _is_within(self, measured: float) -> bool:
        limit = self._limit()
        self.kbps = measured or float(self._head_kbps)
        if not limit or max(self.kbps if measured else 0.0, float(self._head_kbps)) <= limit * TOLERATED:
            self._above_since = None
            return True
        now = self._clock()
        self._above_since = self._above_since or now
        if now - self._above_since < OVER_S:
            return True
        return self._refuse(f"{self.kbps:.0f} kbit/s, {limit} are allowed")

    def _refuse(self, why: str) -> bool:
        self._why = why
        return False

    def cut(self, why: str) -> None:
        """Hang up."""
        self._why = why
        self._hangup.hang_up()
        self.ended(why)

    def ended(self, why: str) -> None:
        if not self._is_over:
            self._is_over = True
            self._over(self, self._why)


class DjInput:
    """Hands a DJ's bytes on to the player, and to a recording."""

    def __init__(
        self,
        dj_id: int,
        hangup: Hangup,
        *,
        form: Format,
        demuxer: str,
        send: Callable[[bytes], bool],
        over: Callable[["DjInput", str], None],
    ) -> None:
        self.dj_id = dj_id
        self.form = form
        self.demuxer = demuxer
        self.tap: Tap | None = None
        self.received_bytes = 0
        self._hangup = hangup
        self._send = send
        self._over = over
        self._why = "left"
        self._is_over = False

    def feed(self, fresh: bytes) -> bool:
        if self._is_over:
            return False
        self.received_bytes += len(fresh)
        if self.tap is not None:
            self.tap.write(fresh)
        return self._send(fresh)

    def cut(self, why: str) -> None:
        """Hang up."""
        self._why = why
        self._hangup.hang_up()
        self.ended(why)

    def ended(self, why: str) -> None:
        if not self._is_over:
            self._is_over = True
            if self.tap is not None:
                self.tap.close()
            self._over(self, self._why)

"""One who listens."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from polycast.radio.edge.metadata import NOTHING_NEW
from polycast.radio.edge.model import Guest

if TYPE_CHECKING:
    from polycast.radio.edge.mount import Mount

METAINT: Final = 16000  # bytes of sound between two metadata blocks
METAINT_SHOUTCAST: Final = 8192


class Sink(Protocol):
    """Where a listener's bytes go."""

    def write(self, parts: list[bytes]) -> None:
        """Without waiting."""
        ...

    def backlog(self) -> int:
        """Bytes that were written and have not left."""
        ...

    def close(self) -> None:
        """End the answer."""
        ...


class Listener:
    """Counts the bytes between two titles, and those that were sent."""

    def __init__(
        self,
        number: int,
        mount: "Mount",
        guest: Guest,
        sink: Sink,
        *,
        metaint: int,
        since: datetime,
        gone: "Callable[[Listener, str], None]",
    ) -> None:
        self.id = number
        self.mount = mount
        self.guest = guest
        self.since = since
        self.sent_bytes = 0
        self.metaint = metaint  # 0: no titles
        self.is_over = False
        self._sink = sink
        self._left = metaint
        self._seen = -1
        self._gone = gone

    def give(self, data: bytes) -> bool:
        """Send on; False when too much waits already."""
        if self._sink.backlog() > self.mount.spec.queue_bytes:
            return False
        self.sent_bytes += len(data)
        if not self.metaint:
            self._sink.write([data])
        elif len(data) < self._left:
            self._left -= len(data)
            self._sink.write([data])
        else:
            self._sink.write(self._interleaved(data))
        return True

    def _interleaved(self, data: bytes) -> list[bytes]:
        parts: list[bytes] = []
        at = 0
        while len(data) - at >= self._left:
            parts.append(data[at : at + self._left])
            at += self._left
            self._left = self.metaint
            if self._seen == self.mount.block_number:
                parts.append(NOTHING_NEW)
            else:
                parts.append(self.mount.block)
                self._seen = self.mount.block_number
        if at < len(data):
            parts.append(data[at:])
            self._left -= len(data) - at
        return parts

    def move(self, mount: "Mount") -> None:
        """Go on with another mount of the same format."""
        self.mount.leave(self)
        self.mount = mount
        self._seen = -1
        mount.listeners[self.id] = self
        mount.peak = max(mount.peak, len(mount.listeners))

    def end(self, why: str) -> None:
        """Close; `why` is for the log of sessions."""
        if not self.is_over:
            self.is_over = True
            self.mount.leave(self)
            self._sink.close()
            self._gone(self, why)

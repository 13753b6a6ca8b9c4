"""Somebody who watches: a place in a running channel, and what went over it."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from polycast.live.relay.model import ClientView, Guest, Outlet
from polycast.live.relay.rate import Rate

BACKLOG_BYTES: Final = 16 * 1024 * 1024  # more than this waiting, and a client is let go
GHOST_S: Final = 50.0  # nothing taken for so long


class Client:
    """One connection. `ended` is settled, with a word why, when it has to go."""

    def __init__(
        self, client_id: str, guest: Guest, outlet: Outlet, *, at: datetime, now: Callable[[], float], failovers: int
    ) -> None:
        self.client_id = client_id
        self.guest = guest
        self.outlet = outlet
        self.connected_at = at
        self.began_at = now()
        self.sent_bytes = 0
        self.taken_at = now()  # when it last took something
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.behind: Callable[[], float] = lambda: 0.0  # seconds
        self.backlog: Callable[[], int] = lambda: 0  # bytes
        self.first_backlog = 0  # who rewinds begins with one
        self.rate = Rate()
        self._now = now
        self._failovers = failovers

    def sent(self, size: int) -> None:
        """`size` bytes were taken."""
        self.sent_bytes += size
        self.taken_at = self._now()

    def end(self, why: str) -> None:
        """Let it go: "left", "stopped", "stalled", "limit", "source", "shutdown"."""
        if not self.ended.done():
            self.ended.set_result(why)

    def look(self) -> None:
        """Measure, and let go who takes nothing."""
        now = self._now()
        self.rate.add(now, self.sent_bytes)
        if now - self.taken_at > GHOST_S or self.backlog() > self.first_backlog + BACKLOG_BYTES:
            self.end("stalled")

    def view(self, at: datetime, switches: int) -> ClientView:
        """How it goes at `at`; `switches` are the channel's so far."""
        now = self._now()
        lasted = max(now - self.began_at, 0.001)
        return ClientView(
            client_id=self.client_id,
            guest=self.guest,
            outlet=self.outlet,
            connected_at=self.connected_at,
            seen_at=at,
            sent_bytes=self.sent_bytes,
            rate_bps=self.rate.bps,
            average_bps=self.sent_bytes * 8 / lasted,
            behind_s=self.behind(),
            failovers=max(0, switches - self._failovers),
        )

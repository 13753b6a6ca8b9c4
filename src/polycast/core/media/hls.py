"""Live HLS cut from a ring: transport-stream segments that begin at keyframes, with no process and no decoding.

Source: RFC 8216; durations from the stream's own presentation times.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from math import ceil
from typing import Final

from msgspec import Struct

from polycast.core.errors import NotFound
from polycast.core.media.ring import Ring
from polycast.core.media.ts import PTS_TICKS, PTS_WRAP, TsScan, read_pts

TARGET: Final = timedelta(seconds=2)
WINDOW: Final = 6  # segments in the playlist
KEPT: Final = 4  # more behind it, for players that are slow
OPEN_BYTES: Final = 64 * 1024 * 1024
LONGEST_S: Final = 20.0  # a longer step between two pictures is a jump of the clock


class Segment(Struct, frozen=True):
    """A piece of the stream that can be played alone."""

    number: int
    data: bytes
    duration_s: float
    is_jump: bool  # clocks do not go on from the one before


class LiveSegments:
    """The last segments of a ring. `run` fills it until the ring ends; playlists and segments may be asked for meanwhile."""

    def __init__(
        self, ring: Ring, *, target: timedelta = TARGET, window: int = WINDOW, behind: timedelta | None = None
    ) -> None:
        self._ring = ring
        # What the ring holds already fills the first playlist at once.
        self._behind = target * window if behind is None else behind
        self._target_s = target.total_seconds()
        self._window = window
        self._segments: deque[Segment] = deque(maxlen=window + KEPT)
        self._scan = TsScan()
        self._parts: list[bytes] = []
        self._open_bytes = 0
        self._began: int | None = None  # presentation time of the first picture in the open segment
        self._next = 0
        self._jumps = 0  # discontinuities that have left the playlist
        self._is_jump = False
        self._news = asyncio.Event()
        self.is_ended = False

    async def run(self) -> None:
        """Cut until the ring ends. Raises what the ring ends with."""
        cursor = self._ring.join(behind=self._behind)
        skips = 0
        try:
            while (chunk := await cursor.read()) is not None:
                if cursor.skips != skips:
                    skips = cursor.skips
                    self._restart()
                self._take(chunk)
        finally:
            self._close(None)
            self.is_ended = True
            self._news.set()

    async def playlist(
        self, uri: Callable[[int], str], *, least: int = 1, timeout: timedelta = timedelta(seconds=15)
    ) -> str:
        """The media playlist, once there are `least` segments. Raises: NotFound when there are none in time."""
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                while len(self._segments) < least and not self.is_ended:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError as error:
            raise NotFound("The stream") from error
        if not self._segments:
            raise NotFound("The stream")
        return self._spelled(uri)

    def segment(self, number: int) -> Segment:
        """Raises: NotFound for one that has gone, or is still to come."""
        for segment in self._segments:
            if segment.number == number:
                return segment
        raise NotFound("Segment")

    def _spelled(self, uri: Callable[[int], str]) -> str:
        shown = list(self._segments)[-self._window :]
        jumps = self._jumps + sum(segment.is_jump for segment in self._segments if segment.number < shown[0].number)
        longest = max(segment.duration_s for segment in shown)
        lines = ["#EXTM3U", "#EXT-X-VERSION:6", f"#EXT-X-TARGETDURATION:{max(ceil(longest), ceil(self._target_s))}"]
        lines += [f"#EXT-X-MEDIA-SEQUENCE:{shown[0].number}", f"#EXT-X-DISCONTINUITY-SEQUENCE:{jumps}"]
        lines.append("#EXT-X-INDEPENDENT-SEGMENTS")
        for segment in shown:
            lines += ["#EXT-X-DISCONTINUITY"] if segment.is_jump else []
            lines += [f"#EXTINF:{segment.duration_s:.3f},", uri(segment.number)]
        lines += ["#EXT-X-ENDLIST"] if self.is_ended else []
        return "\n".join([*lines, ""])

    def _take(self, chunk: bytes) -> None:
        last = 0
        for at in self._scan.scan(chunk).keyframes:
            shown = read_pts(chunk, at)
            if shown is None:
                continue
            if self._began is None:
                self._parts, last, self._began = [], at, shown
                continue
            passed = _step(self._began, shown)
            if passed >= self._target_s - 0.05 or passed < 0:
                self._parts.append(chunk[last:at])
                last = at
                self._close(shown)
        self._parts.append(chunk[last:])
        self._open_bytes += len(chunk)
        if self._open_bytes > OPEN_BYTES:  # no keyframe for minutes: nothing that a player could begin with
            self._restart()

    def _close(self, following: int | None) -> None:
        """End the open segment; `following` is the time of the first picture of the next one."""
        if self._began is None or not self._parts:
            return
        passed = _step(self._began, following) if following is not None else self._target_s
        is_jump = not 0 < passed <= LONGEST_S
        if len(self._segments) == self._segments.maxlen:
            self._jumps += self._segments[0].is_jump
        duration = self._target_s if is_jump else passed
        data = self._scan.tables + b"".join(self._parts)
        self._segments.append(Segment(self._next, data, duration, self._is_jump))
        self._next += 1
        self._parts = []
        self._open_bytes = 0
        self._began = following
        self._is_jump = is_jump
        self._news.set()

    def _restart(self) -> None:
        self._close(None)
        self._began = None
        self._parts = []
        self._open_bytes = 0
        self._is_jump = bool(self._segments)


def _step(first: int, last: int) -> float:
    """Seconds between two presentation times, over a wrap; negative when the clock went back."""
    ticks = (last - first) % PTS_WRAP
    return (ticks - PTS_WRAP if ticks > PTS_WRAP // 2 else ticks) / PTS_TICKS

"""A file that was cut into several, read as one."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from polycast.acquire.archives.model import Extent, Unmappable, Volume, Why


class Spanned:
    """Itself a volume."""

    def __init__(self, volumes: Sequence[Volume]) -> None:
        self._volumes = list(volumes)
        self._starts = [0, *accumulate(volume.size_bytes for volume in volumes)]
        self.name = volumes[0].name
        self.size_bytes = self._starts[-1]

    def extents(self, start: int, length: int) -> tuple[Extent, ...]:
        """Where a stretch lies in the parts. Raises: Unmappable when it leads beyond them."""
        if start < 0 or length < 0 or start + length > self.size_bytes:
            raise Unmappable(Why.INCOMPLETE, "The last parts of the archive are missing.")
        found: list[Extent] = []
        while length:
            at = bisect_right(self._starts, start) - 1
            inside = start - self._starts[at]
            size = min(length, self._volumes[at].size_bytes - inside)
            found.append(Extent(at, inside, size))
            start, length = start + size, length - size
        return tuple(found)

    async def read_at(self, offset: int, length: int) -> bytes:
        length = max(0, min(length, self.size_bytes - offset))
        pieces = [
            await self._volumes[one.volume].read_at(one.start, one.length) for one in self.extents(offset, length)
        ]
        return b"".join(pieces)

"""Posted files, and members of archives, as volumes that can be read at any place while a post is looked at."""

from collections.abc import Sequence

from polycast.acquire.usenet.model import Geometry, Member, Run
from polycast.acquire.usenet.reading import PostReader
from polycast.acquire.usenet.segments import Segments


class PostVolume:
    """A stretch of posts under a name."""

    def __init__(self, member: Member, geometries: Sequence[Geometry], segments: Segments) -> None:
        self.name = member.name
        self.size_bytes = member.size_bytes
        self.member = member
        self._reader = PostReader(member, geometries, segments, ahead=2, fills_holes=False)

    async def read_at(self, offset: int, length: int) -> bytes:
        """Fewer bytes only at the end. Raises: Unavailable."""
        return b"".join([piece async for piece in self._reader.read(offset, length)])

    def runs(self, start: int, length: int) -> list[Run]:
        """Where a stretch of this volume lies in the posted files."""
        found: list[Run] = []
        at = 0
        for run in self.member.runs:
            low, high = max(start, at), min(start + length, at + run.length)
            if low < high:
                found.append(Run(run.file, run.start + low - at, high - low))
            at += run.length
        return found


def whole_file(name: str, file: int, size_bytes: int) -> Member:
    """A posted file as a member of its own."""
    return Member(name=name, size_bytes=size_bytes, runs=(Run(file, 0, size_bytes),))

"""Looking into media files without trusting them."""

import asyncio
import hashlib
import logging
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from polycast.core.errors import Invalid, Problem, Unavailable
from polycast.core.files import write_bytes
from polycast.core.media.asks import Answer, Ask
from polycast.core.media.cuts import Cuts, open_regular
from polycast.core.media.model import Failed, ProbeAnswer, ProbeAsk, Probed
from polycast.core.processes.forks import Crashed, Forks, open_forks

log = logging.getLogger("polycast.media")

PROBE_TIMEOUT: Final = timedelta(seconds=30)
CUTTERS: Final = 3  # pictures and sound of one viewer, and a second viewer's
CRASHES: Final = 2  # before a file is left alone
PLACE: Final = re.compile(r"([0-9a-f]{1,16})-[0-9a-f]{32}")
HASHED_BYTES: Final = 1024 * 1024
CHILD: Final = "polycast.core.media.child"


class BadMedia(Invalid):
    """A file that is no media we read, is damaged, or is quarantined (`code` of its problem: "not_media", "quarantined")."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__([Problem("file", code, {}, why)])


class Quarantine:
    """Files that made tools crash, by size and hash of their beginning; kept as small files in a folder of ours."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sizes: set[int] = set()
        if folder.exists():
            named = (PLACE.fullmatch(path.name) for path in folder.iterdir())
            self._sizes = {int(found[1], 16) for found in named if found}

    def holds(self, descriptor: int) -> bool:
        """Whether this file is to be left alone. Reads the file only when one of its size is known. Blocking."""
        size = os.fstat(descriptor).st_size
        if size not in self._sizes:
            return False
        return self._count(self._place(descriptor, size)) >= CRASHES

    def crashed(self, descriptor: int) -> int:
        """Count a crash; how many it is now. Blocking."""
        size = os.fstat(descriptor).st_size
        place = self._place(descriptor, size)
        count = self._count(place) + 1
        self._folder.mkdir(parents=True, exist_ok=True)
        write_bytes(place, str(count).encode())
        self._sizes.add(size)
        return count

    def _place(self, descriptor: int, size: int) -> Path:
        digest = hashlib.sha256(os.pread(descriptor, HASHED_BYTES, 0)).hexdigest()
        return self._folder / f"{size:x}-{digest[:32]}"

    @staticmethod
    def _count(place: Path) -> int:
        try:
            return int(place.read_bytes() or b"0")
        except (FileNotFoundError, ValueError):
            return 0


class Media:
    """What files hold. Hostile ones crash or hang a child, never us, and are left alone after the second time."""

    def __init__(self, *, forks: Forks, quarantine: Quarantine, cutters: Forks | None = None) -> None:
        """`cutters` are children that answer players; a scan that keeps the others busy does not keep these."""
        self._forks = forks
        self._quarantine = quarantine
        self._encoder = msgspec.json.Encoder()
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Answer)
        self.cuts = Cuts(self if cutters is None else Media(forks=cutters, quarantine=quarantine))

    async def probe(self, file: Path | int, *, timeout: timedelta = PROBE_TIMEOUT) -> Probed:
        """Container, streams, chapters and tags of a file given by path or open descriptor (which stays the caller's).

        Raises: NotFound; BadMedia; Unavailable when a child died over it for the first time, or none can be made.
        """
        descriptor = await asyncio.to_thread(open_regular, file) if isinstance(file, Path) else file
        try:
            answer = await self.ask(ProbeAsk(), descriptor, timeout=timeout)
        finally:
            if isinstance(file, Path):
                os.close(descriptor)
        if isinstance(answer, ProbeAnswer):
            return answer.probed
        reason = answer.reason if isinstance(answer, Failed) else "an answer to another question"
        log.info("not a media file: %s", reason)
        raise BadMedia("not_media", "The file is no media that can be read, or it is damaged.")

    async def ask(self, ask: Ask, descriptor: int, *others: int, timeout: timedelta) -> Answer:
        """A child's answer about an open file, the first descriptor. Raises: BadMedia when quarantined; Unavailable."""
        if self._quarantine.holds(descriptor):
            raise BadMedia("quarantined", "The file made a media tool crash twice and is left alone.")
        try:
            answer = await self._forks.ask(self._encoder.encode(ask), fds=(descriptor, *others), timeout=timeout)
        except Crashed as crash:
            count = await asyncio.to_thread(self._quarantine.crashed, descriptor)
            log.warning("a media child %s (%d)", "took too long" if crash.was_killed else "crashed", count)
            if count >= CRASHES:
                raise BadMedia("quarantined", "The file made a media tool crash twice and is left alone.") from crash
            raise Unavailable("The media tool failed over this file.") from crash
        found: Answer = self._decoder.decode(answer)
        return found


@asynccontextmanager
async def open_media(folder: Path, *, children: int = 1) -> AsyncIterator[Media]:
    """Media for the length of the block; `folder` is the room's own below the data directory (`quarantine/` is in it).

    The fork server starts with the first question and ends after a minute without one.
    """
    async with open_forks(CHILD, size=children) as forks, open_forks(CHILD, size=CUTTERS) as cutters:
        yield Media(forks=forks, quarantine=Quarantine(folder / "quarantine"), cutters=cutters)

"""News servers as the configuration names them, and files read from them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol

from msgspec.structs import replace

from polycast.acquire.catalogue.model import Detail, File
from polycast.acquire.config.model import Usenet
from polycast.acquire.config.service import Configs
from polycast.acquire.config.units import size
from polycast.acquire.usenet.model import Member
from polycast.acquire.usenet.pool import Pool
from polycast.acquire.usenet.reading import PostReader
from polycast.acquire.usenet.segments import HOT_BYTES, Segments
from polycast.acquire.usenet.store import PostStore
from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.net import Net
from polycast.core.storage import Database

SWEEP: Final = timedelta(seconds=5)
QUIET: Final = timedelta(minutes=2)  # without a reader; then the memory is given back
NAME: Final = "usenet"
MOST_AHEAD: Final = 40


class Meter(Protocol):
    """Counts what was read from whom."""

    def served(self, provider: str, count: int) -> None: ...


class News:
    """The pool of today's configuration, and sources for entries of protocol "nzb"."""

    protocol = "nzb"

    def __init__(
        self, *, configs: Configs, net: Net, db: Database, store: PostStore, meter: Meter, folder: Path, clock: Clock
    ) -> None:
        self._configs = configs
        self._net = net
        self._db = db
        self._store = store
        self._clock = clock
        self._folder = folder
        self._settings: Usenet | None = None
        self._percent = 0
        self._pool = Pool([], net=net, clock=clock)
        self._old: list[Pool] = []
        self._notes: set[asyncio.Task[None]] = set()
        self._read_at = clock.monotonic()
        self.segments = Segments(folder, fetcher=lambda: self._pool, served=lambda count: meter.served(NAME, count))

    async def pool(self) -> Pool:
        """The servers as they are configured now."""
        config = await self._configs.read()
        wanted, percent = config.usenet, config.repair.nntp_connection_percent
        if (wanted, percent) != (self._settings, self._percent):
            self._percent = percent
            self._settings = wanted
            buffer = size(wanted.buffer_memory, path="buffer_memory")
            own = Path(wanted.disk_buffer_path) / "polycast-usenet" if wanted.disk_buffer_path else self._folder
            self.segments.arrange(folder=own, hot_bytes=HOT_BYTES if buffer is None else buffer)
            self._old.append(self._pool)
            servers = [
                replace(one, priority=one.priority or at + 1) for at, one in enumerate(wanted.providers) if one.host
            ]
            self._pool = Pool(servers, net=self._net, clock=self._clock, repair_share=percent / 100)
        return self._pool

    @property
    def settings(self) -> Usenet:
        return self._settings or Usenet()

    def source(self, detail: Detail, file: File) -> "PostSource":
        return PostSource(self, detail, file)

    async def run(self) -> None:
        """Close what nobody uses, until cancelled."""
        try:
            while True:
                await self._clock.sleep(SWEEP)
                await self._pool.sweep()
                old, self._old = self._old, []
                for pool in old:
                    await pool.close()
                if self._clock.monotonic() - self._read_at > QUIET:
                    self.segments.forget_hot()
        finally:
            await asyncio.shield(self.close())

    async def close(self) -> None:
        await self.segments.close()
        await self._pool.close()

    async def reader(self, entry_id: int, path: str) -> PostReader:
        """Of one file of a post. Raises: NotFound; Unavailable."""
        self._read_at = self._clock.monotonic()
        pool = await self.pool()
        members = await self._db.read(self._store.members, entry_id)
        member = next((one for one in members if one.name == path), None)
        if member is None:
            raise NotFound("The file")
        own, positions = own_files(member)
        found = await self._db.read(self._store.geometries, entry_id, positions)
        if len(found) != len(positions):
            raise NotFound("The file")
        geometries = [found[position] for position in positions]
        settings = self.settings
        ahead = (size(settings.read_ahead, path="read_ahead") or 0) // max(geometries[0].part_bytes, 1)

        def filled(message_id: str, count: int) -> None:
            task = asyncio.ensure_future(self._db.write(self._store.filled, entry_id, count))
            self._notes.add(task)
            task.add_done_callback(self._notes.discard)

        return PostReader(
            own,
            geometries,
            self.segments,
            ahead=max(2, min(ahead, settings.max_connections, pool.room, MOST_AHEAD)),
            fills_holes=settings.hole_policy == "zero_fill",
            on_hole=filled,
        )


class PostSource:
    """A `FileSource`; what it needs of the rows is read at the first read."""

    def __init__(self, news: News, detail: Detail, file: File) -> None:
        self.size_bytes = file.size_bytes
        self._news = news
        self._entry_id = detail.entry.id
        self._path = file.path
        self._reader: PostReader | None = None

    async def read(self, offset: int, length: int) -> AsyncIterator[bytes]:
        """Raises: NotFound; Unavailable."""
        if self._reader is None:
            self._reader = await self._news.reader(self._entry_id, self._path)
        async for piece in self._reader.read(offset, length):
            yield piece


def own_files(member: Member) -> tuple[Member, list[int]]:
    """The member with its posted files counted from 0, and their positions in the post."""
    positions = list(dict.fromkeys(run.file for run in member.runs))
    at = {position: number for number, position in enumerate(positions)}
    runs = tuple(replace(run, file=at[run.file]) for run in member.runs)
    return replace(member, runs=runs), positions

"""Opening a file of an entry, wherever it lies."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, timedelta
from pathlib import Path
from typing import Final

from polycast.acquire.catalogue.model import Action, Detail, File
from polycast.acquire.config.service import Configs
from polycast.acquire.providers.store import AccountStore
from polycast.acquire.reading.source import FileSource, SourceMaker
from polycast.core.clock import Clock
from polycast.core.errors import NotFound, Unavailable
from polycast.core.files import UnsafePath, open_content, safe_path
from polycast.core.storage import Database

PIECE: Final = 1024 * 1024
FLUSH_EVERY: Final = timedelta(seconds=30)


class LocalSource:
    """A file that was downloaded."""

    def __init__(self, path: Path, size_bytes: int) -> None:
        self.path = path
        self.size_bytes = size_bytes

    async def read(self, offset: int, length: int) -> AsyncIterator[bytes]:
        async with open_content(self.path) as content:
            at, end = offset, min(offset + length, content.size_bytes)
            while at < end:
                piece = await content.read(at, min(PIECE, end - at))
                if not piece:
                    raise Unavailable("The file has become shorter.")
                at += len(piece)
                yield piece


class Reading:
    """Knows all kinds of sources; the tree, WebDAV and downloads read through it."""

    def __init__(self, makers: Iterable[SourceMaker], *, configs: Configs) -> None:
        self._makers = {maker.protocol: maker for maker in makers}
        self._configs = configs

    def remote(self, detail: Detail, file: File) -> FileSource:
        """Where the file comes from. Raises: NotFound for a protocol that nobody knows."""
        maker = self._makers.get(detail.entry.protocol)
        if maker is None:
            raise NotFound("The file")
        return maker.source(detail, file)

    async def source(self, detail: Detail, file: File) -> FileSource:
        """The downloaded file when there is one, else where it comes from."""
        local = await asyncio.to_thread(self._local, detail, file)
        return self.remote(detail, file) if local is None else local

    def _local(self, detail: Detail, file: File) -> LocalSource | None:
        entry = detail.entry
        if entry.action is not Action.DOWNLOAD or not entry.is_complete:
            return None
        root = Path(self._configs.last.download_folder)
        try:
            path = safe_path(root, str((Path(entry.save_path) / entry.folder / file.name).relative_to(root)))
        except (UnsafePath, ValueError):
            return None
        if path.is_file() and path.stat().st_size == file.size_bytes:
            return LocalSource(path, file.size_bytes)
        return None


class Meters:
    """Bytes by account and day, written down now and then."""

    def __init__(self, *, db: Database, store: AccountStore, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._clock = clock
        self._counts: dict[str, int] = {}
        self.total = 0

    def served(self, provider: str, count: int) -> None:
        self._counts[provider] = self._counts.get(provider, 0) + count
        self.total += count

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._clock.sleep(FLUSH_EVERY)
            await self.flush()

    async def flush(self) -> None:
        counts, self._counts = self._counts, {}
        if counts:
            day = self._clock.now().astimezone(UTC).date().isoformat()
            await self._db.write(self._store.served, day, counts)

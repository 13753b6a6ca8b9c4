"""Decoded articles, each fetched once however many want it, kept on disk for a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

from polycast.acquire.usenet.yenc import Part

HOT_BYTES: Final = 24 * 1024 * 1024  # in memory, for readers that go through a file
DISK_BYTES: Final = 256 * 1024 * 1024


class Fetcher(Protocol):
    """Where articles come from."""

    async def part(self, message_id: str) -> Part: ...


class Segments:
    """Bytes of articles by message id. `served(count)` is told what came over the network."""

    def __init__(
        self,
        folder: Path,
        *,
        fetcher: Callable[[], Fetcher],
        served: Callable[[int], None],
        disk_bytes: int = DISK_BYTES,
    ) -> None:
        self._folder = folder
        self._fetcher = fetcher
        self._served = served
        self._disk_bytes = disk_bytes
        self._hot_bytes = HOT_BYTES
        self._hot: OrderedDict[str, bytes] = OrderedDict()
        self._hot_size = 0
        self._files: OrderedDict[str, int] | None = None  # name -> size, the longest unused first
        self._files_size = 0
        self._lock = Lock()  # the files are known to several threads
        self._flying: dict[str, asyncio.Task[bytes]] = {}

    async def get(self, message_id: str) -> bytes:
        """The decoded bytes. Raises: Missing, Unavailable."""
        if (held := self._hot.get(message_id)) is not None:
            self._hot.move_to_end(message_id)
            return held
        task = self._flying.get(message_id)
        if task is None:
            task = asyncio.ensure_future(self._bring(message_id))
            self._flying[message_id] = task
            task.add_done_callback(lambda _: self._landed(message_id))
        return await asyncio.shield(task)

    def hold(self, message_id: str, data: bytes) -> None:
        """What somebody has fetched already."""
        self._warm(message_id, data)

    def arrange(self, *, folder: Path, hot_bytes: int) -> None:
        """Keep articles in another folder, and no more than this in memory."""
        self._hot_bytes = min(HOT_BYTES, hot_bytes)
        if folder != self._folder:
            with self._lock:
                self._folder, self._files, self._files_size = folder, None, 0

    def forget_hot(self) -> None:
        """Give the memory back; the disk keeps its part."""
        self._hot.clear()
        self._hot_size = 0

    async def close(self) -> None:
        """End what is on its way."""
        for task in list(self._flying.values()):
            task.cancel()
        await asyncio.gather(*self._flying.values(), return_exceptions=True)

    def _landed(self, message_id: str) -> None:
        task = self._flying.pop(message_id, None)
        if task is not None and not task.cancelled():
            task.exception()  # whoever waits has it; without anybody it is nobody's fault

    async def _bring(self, message_id: str) -> bytes:
        name = blake2b(message_id.encode(), digest_size=20).hexdigest()
        data = await asyncio.to_thread(self._load, name)
        if data is None:
            data = (await self._fetcher().part(message_id)).data
            self._served(len(data))
            await asyncio.to_thread(self._keep, name, data)
        self._warm(message_id, data)
        return data

    def _warm(self, message_id: str, data: bytes) -> None:
        if message_id in self._hot:
            return
        self._hot[message_id] = data
        self._hot_size += len(data)
        while self._hot_size > self._hot_bytes and len(self._hot) > 1:
            _, old = self._hot.popitem(last=False)
            self._hot_size -= len(old)

    def _load(self, name: str) -> bytes | None:
        files = self._known()
        if name not in files:
            return None
        try:
            data = (self._folder / name).read_bytes()
        except OSError:
            with self._lock:
                self._files_size -= files.pop(name, 0)
            return None
        with self._lock:
            if name in files:
                files.move_to_end(name)
        return data

    def _keep(self, name: str, data: bytes) -> None:
        """On the disk while there is room; a full disk costs only speed."""
        files = self._known()
        if not self._disk_bytes:
            return
        part = self._folder / f".{name}.part"
        try:
            part.write_bytes(data)  # not flushed: after a power cut it is fetched again
            part.replace(self._folder / name)
        except OSError:
            return
        dropped = []
        with self._lock:
            self._files_size += len(data) - files.pop(name, 0)
            files[name] = len(data)
            while self._files_size > self._disk_bytes and len(files) > 1:
                old, size = files.popitem(last=False)
                self._files_size -= size
                dropped.append(old)
        for old in dropped:
            (self._folder / old).unlink(missing_ok=True)

    def _known(self) -> OrderedDict[str, int]:
        with self._lock:
            if self._files is None:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                found = sorted((one.stat().st_mtime, one.name, one.stat().st_size) for one in self._folder.iterdir())
                self._files = OrderedDict((name, size) for _, name, size in found if not name.startswith("."))
                self._files_size = sum(self._files.values())
            return self._files

"""What is made in the download folder: links, `.strm` files, or the files themselves."""

import asyncio
import errno
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from polycast.acquire.actions import folder as disk
from polycast.acquire.actions.ports import Sight
from polycast.acquire.catalogue.model import Action, Detail, Entry, File
from polycast.acquire.catalogue.store import EntryStore
from polycast.acquire.catalogue.store_parts import PartStore
from polycast.acquire.config.model import Config
from polycast.acquire.config.service import Configs
from polycast.acquire.reading.source import FileSource
from polycast.core.clock import Clock
from polycast.core.errors import PolycastError, Unavailable
from polycast.core.files import UnsafePath
from polycast.core.storage import Database

VISIBLE_WITHIN: Final = timedelta(seconds=60)
PROGRESS_EVERY: Final = timedelta(milliseconds=500)
WRITE_BYTES: Final = 4 * 1024 * 1024
AGAIN: Final = timedelta(seconds=2)
WARMED: Final = 3  # files of an entry
WARM_BYTES: Final = 64 * 1024
SIGHT_PATIENCE: Final = timedelta(minutes=10)

Opener = Callable[[Detail, File], FileSource]
Linker = Callable[[str], str]  # path below the tree -> an address that opens without more credentials


class ActionFailed(PolycastError):
    """It cannot be done; `word` is for machines."""

    code = "action"

    def __init__(self, message: str, word: str) -> None:
        super().__init__(message)
        self.word = word


class NotYet(Exception):
    """It is to be tried again after `after`; the text says what is missing."""

    def __init__(self, why: str, *, code: str, after: timedelta = AGAIN) -> None:
        super().__init__(why)
        self.code = code
        self.after = after


class Actions:
    """Runs once for each entry that has arrived, and again after a restart: nothing is done twice."""

    def __init__(
        self,
        *,
        configs: Configs,
        db: Database,
        entries: EntryStore,
        parts: PartStore,
        opener: Opener,
        linker: Linker,
        sight: Sight,
        clock: Clock,
    ) -> None:
        self._configs = configs
        self._db = db
        self._entries = entries
        self._parts = parts
        self._opener = opener
        self._linker = linker
        self._sight = sight
        self._clock = clock

    async def run(self, detail: Detail) -> None:
        """Raises: ActionFailed; NotYet."""
        config, entry = await self._configs.read(), detail.entry
        if entry.action is Action.NONE:
            return
        works = {Action.SYMLINK: self._symlinks, Action.STRM: self._strm, Action.DOWNLOAD: self._download}
        try:
            folder = await asyncio.to_thread(disk.make_folder, Path(config.download_folder), *_below(entry, config))
            await self._note(entry, [(str(folder), "folder")])
            await works[entry.action](detail, config, folder)
        except UnsafePath as error:
            raise ActionFailed("the folder's name leads elsewhere", "unsafe_path") from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NotYet("disk full", code="disk_full", after=timedelta(seconds=30)) from error
            raise ActionFailed(f"the download folder cannot be written: {error.strerror}", "folder") from error
        if entry.action is not Action.STRM:
            await self._seen_by_its_owner(detail)

    async def warm(self, detail: Detail) -> None:
        """Read the beginning of a few files. Raises: Unavailable, when one cannot be read."""
        for file in detail.shown[:WARMED]:
            async with aclosing(self._opener(detail, file).read(0, min(WARM_BYTES, file.size_bytes))) as pieces:  # type: ignore[type-var]
                async for _ in pieces:
                    pass

    async def _seen_by_its_owner(self, detail: Detail) -> None:
        why = await self._sight.blind(detail)
        if not why:
            return
        if self._clock.now() - (detail.entry.moved_at or detail.entry.added_at) > SIGHT_PATIENCE:
            raise ActionFailed(why, "invisible")
        raise NotYet(why, code="invisible", after=timedelta(seconds=10))

    async def _symlinks(self, detail: Detail, config: Config, folder: Path) -> None:
        verify = config.mount.symlink_verify or ("catalog" if config.mount.type == "none" else "mount")
        targets = {file.name: _target(config, detail.entry, file) for file in detail.shown}
        if verify == "mount":
            await self._mounted(detail, [Path(target) for target in targets.values()])
        made = []
        for name, target in targets.items():
            path = await asyncio.to_thread(disk.put_link, folder, name, target)
            made.append((str(path), "link"))
        await self._note(detail.entry, made)

    async def _mounted(self, detail: Detail, paths: list[Path]) -> None:
        for path in paths[:5]:
            if await asyncio.to_thread(disk.can_read, path):
                continue
            waited = self._clock.now() - (detail.entry.moved_at or detail.entry.added_at)
            why = f"{path.parent.parent} does not show this file: is the mount there?"
            if waited > VISIBLE_WITHIN:
                raise ActionFailed(why, "mount_missing")
            raise NotYet(why, code="mount_missing")

    async def _strm(self, detail: Detail, config: Config, folder: Path) -> None:
        made = []
        for file in detail.shown:
            path = f"/webdav/stream/__all__/{quote(detail.entry.folder, safe='')}/{quote(file.name, safe='')}"
            text = f"{self._linker(path)}\n"
            written = await asyncio.to_thread(disk.put_text, folder, f"{file.name}.strm", text)
            made.append((str(written), "file"))
        await self._note(detail.entry, made)

    async def _download(self, detail: Detail, config: Config, folder: Path) -> None:
        entry = detail.entry
        if not await asyncio.to_thread(disk.has_room, folder, entry.size_bytes - entry.fetched_bytes):
            raise NotYet("disk full", code="disk_full", after=timedelta(seconds=30))
        before = 0
        for file in detail.shown:
            if not await asyncio.to_thread(disk.is_there, folder, file.name, file.size_bytes):
                try:
                    await self._fetch(entry, self._opener(detail, file), folder, file, before)
                except Unavailable as error:
                    raise ActionFailed(error.message, "download") from error
            await self._note(entry, [(str(folder / file.name), "file")])
            before += file.size_bytes

    async def _fetch(self, entry: Entry, source: FileSource, folder: Path, file: File, before: int) -> None:
        """From where the last attempt ended."""
        part, at = await asyncio.to_thread(disk.open_part, folder, file.name)
        try:
            if at > file.size_bytes:
                await asyncio.to_thread(part.truncate, 0)
                at = await asyncio.to_thread(part.seek, 0)
            waiting, told = bytearray(), self._clock.monotonic()
            pieces = source.read(at, file.size_bytes - at)
            async with aclosing(pieces):  # type: ignore[type-var]
                async for piece in pieces:
                    waiting += piece
                    if len(waiting) < WRITE_BYTES:
                        continue
                    await asyncio.to_thread(part.write, bytes(waiting))
                    at += len(waiting)
                    waiting.clear()
                    if self._clock.monotonic() - told > PROGRESS_EVERY:
                        told = self._clock.monotonic()
                        await self._db.write(_fetched, self._entries, entry.id, before + at)
            await asyncio.to_thread(part.write, bytes(waiting))
            at += len(waiting)
            if at != file.size_bytes:
                raise Unavailable(f"{file.name} has another length than it should have.")
            await asyncio.to_thread(disk.finish_part, part, folder, file.name)
            await self._db.write(_fetched, self._entries, entry.id, before + at)
        finally:
            await asyncio.to_thread(part.close)

    async def _note(self, entry: Entry, made: list[tuple[str, str]]) -> None:
        await self._db.write(self._parts.note_made, entry.id, made)

    async def undo(self, entry: Entry) -> None:
        """Remove what was made for an entry, and nothing else."""
        config = await self._configs.read()
        made = await self._db.read(self._parts.made, entry.id)
        parts = [
            (str(Path(path).parent / f".{Path(path).name[:100]}.part"), "file") for path, kind in made if kind == "file"
        ]
        await asyncio.to_thread(disk.remove, Path(config.download_folder), [*parts, *made])
        await self._db.write(self._parts.forget_made, entry.id)


def _fetched(unit: Any, entries: EntryStore, entry_id: int, count: int) -> None:
    entries.update(unit, entry_id, fetched_bytes=count)


def _below(entry: Entry, config: Config) -> list[str]:
    """The entry's folder relative to the download folder."""
    save, root = Path(entry.save_path), Path(config.download_folder)
    if not save.is_relative_to(root):
        raise ActionFailed("the save path is outside the download folder", "unsafe_path")
    return [*save.relative_to(root).parts, entry.folder]


def _target(config: Config, entry: Entry, file: File) -> str:
    return f"{config.mount.mount_path.rstrip('/')}/__all__/{entry.folder}/{file.name}"

"""Folders that are watched: what changes is scanned a few seconds after it has become quiet."""

import asyncio
import os
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final

from watchfiles import Change, awatch

from polycast.core.clock import Clock
from polycast.core.storage import Database
from polycast.library.catalogue.model import Library
from polycast.library.catalogue.store_libraries import LibraryStore
from polycast.library.scanning.scans import Scans
from polycast.library.scanning.walk import kind_of

QUIET_MS: Final = 5_000
LONGEST_MS: Final = 60_000
LOOK: Final = timedelta(seconds=30)  # how soon a new library is watched
MOST_PATHS: Final = 200  # changed folders of one turn; beyond that the whole library is scanned
NETWORK: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "fuse.rclone", "9p"})


class FolderWatch:
    """The daemon of the web process that notices new files. Folders of other machines tell nothing and are left to scans."""

    def __init__(
        self, *, db: Database, libraries: LibraryStore, scans: Scans, clock: Clock, is_on: Callable[[], bool]
    ) -> None:
        self._db = db
        self._libraries = libraries
        self._scans = scans
        self._clock = clock
        self._is_on = is_on

    async def run(self) -> None:
        """Watch until cancelled; what is watched follows the libraries."""
        while True:
            wanted = await self._wanted()
            if not wanted:
                await self._clock.sleep(LOOK)
                continue
            await self._watch(wanted)

    async def _wanted(self) -> list[str]:
        if not self._is_on():
            return []
        found = [one for one in await self._db.read(self._libraries.all) if one.enabled and one.watch_enabled]
        return await asyncio.to_thread(watchable, found)

    async def _watch(self, paths: list[str]) -> None:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            looking = tasks.create_task(self._until_others(paths, stop))
            async for changes in awatch(
                *paths, stop_event=stop, debounce=LONGEST_MS, step=QUIET_MS, ignore_permission_denied=True,
                raise_interrupt=False,
            ):  # fmt: skip
                folders = folders_of(changes)
                if folders:
                    await self._scans.arrived(folders if len(folders) <= MOST_PATHS else paths)
            looking.cancel()

    async def _until_others(self, paths: list[str], stop: asyncio.Event) -> None:
        """Set `stop` once other folders are to be watched."""
        while not stop.is_set():
            await self._clock.sleep(LOOK)
            if await self._wanted() != paths:
                stop.set()


def folders_of(changes: Iterable[tuple[Change, str]]) -> list[str]:
    """The folders in which something that concerns us has changed."""
    found: set[str] = set()
    for _, path in changes:
        name = os.path.basename(path).lower()  # noqa: PTH119 - many
        if kind_of(name) or "." not in name:
            found.add(os.path.dirname(path))  # noqa: PTH120
    return sorted(found)


def watchable(libraries: Iterable[Library]) -> list[str]:
    """Folders on this machine's own disks. Blocking."""
    remote = _remote_mounts()
    paths = [path for library in libraries for path in library.paths]
    return sorted(
        path
        for path in paths
        if Path(path).is_dir() and not any(path == one or path.startswith(f"{one}/") for one in remote)
    )


def _remote_mounts() -> list[str]:
    try:
        lines = Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    parts = [line.split(" ") for line in lines]
    return [part[1] for part in parts if len(part) > 2 and part[2] in NETWORK]

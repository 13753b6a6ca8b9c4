"""Where sources may lie as files: a folder for uploads, and one that people may put files into, which is watched."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

from msgspec import Struct

from polycast.core.errors import Invalid
from polycast.core.files import UnsafePath, safe_name, safe_path, write_bytes
from polycast.core.ids import Ids
from polycast.core.jobs.model import Run, Tick
from polycast.core.storage import Database, Unit, clean
from polycast.live.preferences.groups import SystemSettings
from polycast.live.preferences.service import Preferences

FILES_LIMIT: Final = 500  # of a watched folder


class SourceFolders:
    """Turns the stored `file_path` of a source into a path; only its two folders are open to it."""

    def __init__(self, data_dir: Path, *, uploads: str, watched: str) -> None:
        self._data_dir = data_dir
        self._uploads = uploads
        self._watched = watched

    @property
    def uploads(self) -> Path:
        """Where uploads go; made when it is missing."""
        return made(self._data_dir / self._uploads)

    @property
    def watched(self) -> Path:
        """Where people put files; it may be missing."""
        return self._data_dir / self._watched

    def __call__(self, file_path: str) -> Path:
        """`file_path` as stored ("m3us/list.m3u8") or as an absolute path inside one of the folders.

        Raises: Invalid at `file_path`.
        """
        for folder in (self._uploads, self._watched):
            root = (self._data_dir / folder).resolve()
            for start in (f"{folder}/", f"{root}/"):
                if file_path.startswith(start):
                    return _inside(root, file_path.removeprefix(start))
        raise Invalid.one("file_path", "invalid", f"The file must lie in {self.watched}.")

    async def keep(self, ids: Ids, filename: str, content: bytes, endings: Sequence[str]) -> str:
        """Store an upload under a name of ours; its `file_path`. Raises: Invalid at `file`."""
        name = safe_name(PurePosixPath(filename.replace("\\", "/")).name)
        if PurePosixPath(name).suffix.lower() not in endings:
            told = f"{', '.join(endings[:-1])} or {endings[-1]}"
            raise Invalid.one("file", "invalid", f"The file must end in {told}.")
        stored = f"{ids.nanoid()}-{name}"
        await asyncio.to_thread(lambda: write_bytes(self.uploads / stored, content))
        return f"{self._uploads}/{stored}"

    def drop(self, file_path: str) -> None:
        """Remove an upload that nobody reads any more; what people put into the other folder is theirs."""
        if file_path.startswith(f"{self._uploads}/"):
            with suppress(Invalid, OSError):
                self(file_path).unlink()

    def found(self, endings: Sequence[str]) -> dict[str, int]:
        """Names and times (nanoseconds) of the files that people put there; links and hidden ones are left out."""
        if not self.watched.is_dir():
            return {}
        files = {
            path.name: path.stat().st_mtime_ns
            for path in sorted(self.watched.iterdir())
            if path.name.lower().endswith(tuple(endings))
            and not path.name.startswith(".")
            and path.is_file()
            and not path.is_symlink()
        }
        return dict(list(files.items())[:FILES_LIMIT])

    def holds(self, file_path: str, found: dict[str, int]) -> str | None:
        """The name under which a watched file was `found`; None for one that was not, or lies elsewhere."""
        name = file_path.rpartition("/")[2]
        return name if name in found and Path(file_path).parent.name == self.watched.name else None

    def stored(self, name: str) -> str:
        """The `file_path` of a watched file."""
        return f"{self._watched}/{name}"


class Known(Struct, frozen=True):
    """A source that is read from a file."""

    id: int
    file_path: str
    stamp: str  # its file's time at the last look
    is_active: bool = True  # one that is off is left alone, and what has changed meanwhile is read once it is on again
    is_ready: bool = True  # one that waits to be set up is read then


class Watched(Protocol):
    """What is made from the files of a folder: accounts, guides."""

    endings: Sequence[str]
    otherwise: str  # what one is called whose file's name gives none

    def known(self, unit: Unit) -> Sequence[Known]: ...

    def keep(self, unit: Unit, source_id: int, stamp: str) -> None: ...

    def refresh(self, unit: Unit, source_id: int) -> None: ...

    async def names(self) -> set[str]:
        """Those that are taken."""
        ...

    async def add(self, name: str, file_path: str) -> None:
        """A new one."""
        ...


class FolderWatch:
    """Looks into the folder: new files become sources, unless the settings say otherwise; changed ones are read again."""

    def __init__(self, *, db: Database, files: SourceFolders, preferences: Preferences, watched: Watched) -> None:
        self._db = db
        self._files = files
        self._preferences = preferences
        self._watched = watched

    async def look(self, payload: Tick, run: Run) -> None:
        """The job."""
        found = await asyncio.to_thread(self._files.found, self._watched.endings)
        if not found:
            return
        known = await self._db.write(self._enqueue_changed, found)
        settings = await self._db.read(self._preferences.group_in, SystemSettings)
        if not settings.auto_import_mapped_files:
            return
        for name in sorted(found.keys() - known):
            free = free_name(name, await self._watched.names(), otherwise=self._watched.otherwise)
            await self._watched.add(free, self._files.stored(name))

    def _enqueue_changed(self, unit: Unit, found: dict[str, int]) -> set[str]:
        """Queue those whose file has another time than at the last look; names of files that have a source."""
        names: set[str] = set()
        for one in self._watched.known(unit):
            name = self._files.holds(one.file_path, found)
            if name is None:
                continue
            names.add(name)
            if one.is_active and one.stamp != str(found[name]):
                # Remembered at once, so that a file that cannot be read is not tried every twenty seconds.
                self._watched.keep(unit, one.id, str(found[name]))
                if one.is_ready:
                    self._watched.refresh(unit, one.id)
        return names


def free_name(file_name: str, taken: set[str], *, otherwise: str) -> str:
    """A source's name from its file's: without its ending, with a number when another one has it."""
    name = clean(file_name.partition(".")[0], 200) or otherwise
    number, free = 2, name
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free


def made(folder: Path) -> Path:
    """`folder`, there from now on, for nobody else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _inside(root: Path, rest: str) -> Path:
    try:
        path = safe_path(root, rest)
    except UnsafePath as error:
        raise Invalid.one("file_path", "invalid", "This is not a path of a file we may read.") from error
    if not path.is_file():
        raise Invalid.one("file_path", "does_not_exist", "The file does not exist.")
    return path

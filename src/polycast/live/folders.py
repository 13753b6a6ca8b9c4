"""Where sources may lie as files: a folder for uploads, and one that people may put files into."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final

from polycast.core.errors import Invalid
from polycast.core.files import UnsafePath, safe_name, safe_path, write_bytes
from polycast.core.ids import Ids
from polycast.core.storage import clean

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

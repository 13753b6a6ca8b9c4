"""Walking a library's folders: only names, sizes and times, no byte of content."""

import fnmatch
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from polycast.library.scanning.model import (
    AUDIO,
    GLOBS,
    IGNORE_FILES,
    IMAGES,
    SKIPPED_NAMES,
    SUBTITLES,
    UNFINISHED,
    VIDEO,
    Entry,
    Folder,
)

DEEPEST: Final = 64
GLOB_BYTES: Final = 64 * 1024
NS: Final = 1_000_000_000


class Walk:
    """One pass over a library's folder.

    `known`: modification times of folders by path, of the last scan. A `quick` pass does not open those that have
    theirs still; their sub-folders are known, too. `young_ns`: files changed after it are not finished yet.
    """

    def __init__(
        self, root: str, *, known: Mapping[str, int], quick: bool, young_ns: int, check: Callable[[], None],
        with_audio: bool = False,
    ) -> None:  # fmt: skip
        self._root = root
        self._known = known
        self._quick = quick
        self._young_ns = young_ns
        self._check = check
        self._with_audio = with_audio
        self._below: dict[str, list[str]] = {}
        self._seen: set[tuple[int, int]] = set()
        self.postponed = 0
        if quick:
            for path in known:
                self._below.setdefault(os.path.dirname(path), []).append(path)  # noqa: PTH120 - a hundred thousand of them

    def run(self, start: Sequence[str] = ()) -> Iterator[Folder]:
        """Every folder from the root, or from each of `start`, outer ones first. Raises: OSError without the root."""
        waiting = [(path, 0) for path in (start or (self._root,))]
        Path(self._root).stat()
        while waiting:
            path, depth = waiting.pop()
            self._check()
            found, below = self._folder(path)
            if found is None:
                continue
            yield found
            if depth < DEEPEST:
                waiting.extend((one, depth + 1) for one in reversed(below))

    def _folder(self, path: str) -> tuple[Folder | None, list[str]]:
        try:
            told = os.stat(path)  # noqa: PTH116
        except OSError:
            return None, []
        if not stat.S_ISDIR(told.st_mode) or (told.st_dev, told.st_ino) in self._seen:
            return None, []
        self._seen.add((told.st_dev, told.st_ino))
        parent = None if path == self._root else os.path.dirname(path)  # noqa: PTH120
        if self._quick and self._known.get(path) == told.st_mtime_ns:
            same = Folder(path=path, parent=parent, mtime_ns=told.st_mtime_ns, is_unchanged=True)
            return same, self._below.get(path, [])
        return self._read(path, parent, told.st_mtime_ns)

    def _read(self, path: str, parent: str | None, mtime_ns: int) -> tuple[Folder | None, list[str]]:
        skipped: list[tuple[str, str]] = []
        try:
            with os.scandir(path) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            why = f"the folder cannot be read: {error.strerror or 'unknown'}"
            return Folder(path=path, parent=parent, mtime_ns=0, skipped=((path, why),)), []
        names = {entry.name.lower() for entry in entries}
        if names & IGNORE_FILES:
            return Folder(path=path, parent=parent, mtime_ns=mtime_ns, skipped=((path, "ignored by a file in it"),)), []
        globs = _globs(path) if GLOBS in names else []
        files: list[Entry] = []
        below: list[str] = []
        for entry in entries:
            why = self._take(entry, globs, files, below)
            if why:
                skipped.append((_shown(entry.path), why))
        young = [one for one in files if one.mtime_ns > self._young_ns]
        skipped.extend((f"{path}/{one.name}", "still being written; looked at again soon") for one in young)
        self.postponed += len(young)
        kept = tuple(one for one in files if one.mtime_ns <= self._young_ns)
        return Folder(
            path=path,
            parent=parent,
            mtime_ns=0 if young else mtime_ns,
            signature=_signature(kept),
            entries=kept,
            skipped=tuple(skipped),
        ), below

    def _take(self, entry: "os.DirEntry[str]", globs: list[str], files: list[Entry], below: list[str]) -> str:
        """Sort an entry in; why it was passed over, "" when that is not worth a word."""
        name, low = entry.name, entry.name.lower()
        if _is_strange(name):
            return "its name is no UTF-8"
        if low in SKIPPED_NAMES or name.startswith("."):
            return ""
        if any(fnmatch.fnmatchcase(name, glob) for glob in globs):
            return f"ignored by {GLOBS}"
        try:
            told = entry.stat()
        except OSError:
            return "a link that leads nowhere" if entry.is_symlink() else "it cannot be read"
        if stat.S_ISDIR(told.st_mode):
            below.append(entry.path)
            return ""
        if not stat.S_ISREG(told.st_mode):
            return "no regular file"
        if low.endswith(UNFINISHED):
            return "an unfinished download"
        kind = kind_of(low, with_audio=self._with_audio)
        if not kind:
            return ""
        if kind == "video" and told.st_size == 0:
            return "the file is empty"
        files.append(Entry(name, kind, told.st_size, told.st_mtime_ns, told.st_ino, told.st_dev))
        return ""


def kind_of(low: str, *, with_audio: bool = False) -> str:
    """What a file is by its ending; "" for what we have no use for."""
    ending = low.rpartition(".")[2]
    if ending in VIDEO:
        return "video"
    if ending in SUBTITLES:
        return "subtitle"
    if ending == "nfo":
        return "nfo"
    if ending in IMAGES:
        return "image"
    if ending in AUDIO:
        return "video" if with_audio else "audio"
    return ""


def _globs(folder: str) -> list[str]:
    try:
        with Path(folder, GLOBS).open("rb") as file:
            text = file.read(GLOB_BYTES).decode("utf-8", "replace")
    except OSError:
        return []
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")][:500]


def _is_strange(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return True
    return False


def _shown(path: str) -> str:
    return path.encode("utf-8", "replace").decode()


def _signature(entries: Sequence[Entry]) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for one in entries:
        digest.update(f"{one.name}\0{one.size}\0{one.mtime_ns}\0".encode())
    return digest.hexdigest()

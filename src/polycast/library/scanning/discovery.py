"""The first phase: what lies in a library's folders, compared with what was there."""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.ids import Ids
from polycast.core.jobs import Run
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import MAIN, Library, LibraryType, ScanMode
from polycast.library.catalogue.store_libraries import LibraryStore
from polycast.library.scanning.model import Counts, Entry, Folder
from polycast.library.scanning.names import read_path, split_part
from polycast.library.scanning.sidecars import owner_of, read_beside
from polycast.library.scanning.store import ScanStore
from polycast.library.scanning.walk import Walk

UNPLUGGED: Final = 20  # files that a folder held before; an empty one is then a missing disk
DISC_FOLDERS: Final = frozenset({"VIDEO_TS", "STREAM"})
MICRO: Final = 1000


class Prepared(Struct, frozen=True):
    """A folder that differs, with its names read: done outside the transaction."""

    folder: Folder
    videos: tuple[tuple[Entry, str, str, str], ...]  # entry, role, title, what its name says as JSON
    besides: tuple[Entry, ...]


class Root(Struct, frozen=True, kw_only=True):
    """A library's folder."""

    id: int
    path: str
    file_count: int


class Discovery:
    """Compares folders with rows. What is gone is hidden, never deleted; a folder that is empty all at once is believed
    to be an unplugged disk."""

    def __init__(self, *, db: Database, store: ScanStore, libraries: LibraryStore, clock: Clock, ids: Ids) -> None:
        self._db = db
        self._store = store
        self._libraries = libraries
        self._clock = clock
        self._ids = ids

    async def run(
        self, library: Library, mode: ScanMode, run: Run, counts: Counts, *, paths: Sequence[str], settle: timedelta
    ) -> set[int]:
        """Walk all folders of `library`, or only `paths`; the keys of titles whose files came or went."""
        touched: set[int] = set()
        rows = await self._db.read(self._libraries.path_rows, library.id)
        for row in rows:
            root = Root(id=row.id, path=row.path, file_count=row.file_count)
            starts = [path for one in paths if (path := _inside(root.path, one))]
            if paths and not starts:
                continue
            error = await run.thread(_trouble, root)
            if error:
                counts.errors.append(error)
                await self._db.write(self._libraries.note_path, root.id, file_count=None, error=error)
                continue
            await self._root(library, root, mode, run, counts, starts=starts, settle=settle, touched=touched)
        return touched

    async def _root(
        self, library: Library, root: Root, mode: ScanMode, run: Run, counts: Counts, *, starts: Sequence[str],
        settle: timedelta, touched: set[int],
    ) -> None:  # fmt: skip
        known = await self._db.read(self._store.folders, root.id)
        held = await self._db.read(self._store.signatures, root.id)
        now_ns = int(self._clock.now().timestamp() * 1_000_000_000)
        walk = Walk(
            root.path,
            known=known,
            quick=mode is not ScanMode.FULL and not starts,
            young_ns=now_ns - settle // timedelta(microseconds=1) * MICRO if settle else now_ns + 10**18,
            check=run.check,
            with_audio=library.type is LibraryType.MUSIC,
        )
        visited: set[str] = set()

        def differing() -> Iterator[Prepared]:
            for folder in walk.run(starts):
                visited.add(folder.path)
                counts.folders += 1
                if not folder.is_unchanged:
                    counts.folders_read += 1
                    if known.get(folder.path) != folder.mtime_ns or held.get(folder.path) != folder.signature:
                        yield prepare(folder, root.path, library.type)

        def apply(unit: Unit, batch: Sequence[Prepared]) -> None:
            self._apply(unit, library, root, batch, counts, touched)

        await self._db.write_bulk(apply, differing())
        counts.postponed += walk.postponed
        gone = [path for path in known if path not in visited and (not starts or _below(path, starts))]
        await self._db.write_bulk(lambda unit, some: self._forget(unit, some, counts, touched), gone)
        total = await self._db.read(self._store.available_count, root.id)
        counts.files += total
        await self._db.write(self._libraries.note_path, root.id, file_count=total, error="")
        await run.progress(counts.folders, counts.folders, "discover")

    def _apply(
        self, unit: Unit, library: Library, root: Root, batch: Sequence[Prepared], counts: Counts, touched: set[int]
    ) -> None:
        self._store.put_folders(
            unit,
            [
                {
                    "library_id": library.id,
                    "path_id": root.id,
                    "path": one.folder.path,
                    "parent": one.folder.parent,
                    "mtime_ns": one.folder.mtime_ns,
                    "signature": one.folder.signature,
                }
                for one in batch
            ],
        )
        ids = self._store.folder_ids(unit, [one.folder.path for one in batch])
        known: dict[int, dict[str, Any]] = {}
        for row in self._store.files_in(unit, list(ids.values())):
            known.setdefault(row.folder_id, {})[row.path] = row
        beside: dict[int, dict[str, Any]] = {}
        for row in self._store.sidecars_in(unit, list(ids.values())):
            beside.setdefault(row.folder_id, {})[row.path] = row
        for one in batch:
            folder_id = ids[one.folder.path]
            self._folder(unit, library, root, folder_id, one, known.get(folder_id, {}), counts, touched)
            self._beside(unit, library, folder_id, one, beside.get(folder_id, {}))
            self._store.clear_skipped(unit, library.id, one.folder.path)
            if one.folder.skipped:
                self._store.put_skipped(unit, library.id, one.folder.skipped, self._clock.now())
                counts.skipped += len(one.folder.skipped)

    def _folder(
        self, unit: Unit, library: Library, root: Root, folder_id: int, one: Prepared, known: dict[str, Any],
        counts: Counts, touched: set[int],
    ) -> None:  # fmt: skip
        now = self._clock.now()
        fresh = [f"{one.folder.path}/{entry.name}" for entry, *_ in one.videos]
        elsewhere = self._store.by_paths(unit, [path for path in fresh if path not in known])
        for path, (entry, role, title, parsed) in zip(fresh, one.videos, strict=True):
            row = known.pop(path, None)
            told = {
                "size": entry.size,
                "mtime_ns": entry.mtime_ns,
                "inode": entry.inode,
                "device": entry.device,
                "folder_id": folder_id,
                "path_id": root.id,
                "state": "available",
                "missing_since": None,
            }
            if row is None and path in elsewhere:
                self._store.change_file(
                    unit, elsewhere[path].id, **told, library_id=library.id, probe_status="pending", probe_tries=0
                )
                counts.changed += 1
            elif row is None:
                self._store.add_file(
                    unit,
                    nanoid=self._ids.nanoid(),
                    library_id=library.id,
                    path=path,
                    role=role,
                    title=title,
                    parsed=parsed,
                    probe_status="pending",
                    added_at=now,
                    **told,
                )
                counts.added += 1
            elif (row.size, row.mtime_ns) != (entry.size, entry.mtime_ns):
                self._store.change_file(unit, row.id, **told, probe_status="pending", probe_tries=0)
                counts.changed += 1
                _touch(touched, row)
            elif row.state != "available":
                self._store.change_file(unit, row.id, state="available", missing_since=None, folder_id=folder_id)
                _touch(touched, row)
        self._lose(unit, one, list(known.values()), counts, touched)

    def _lose(self, unit: Unit, one: Prepared, left: Sequence[Any], counts: Counts, touched: set[int]) -> None:
        """Files that are known and were not met; those of a folder that could not be read are not lost by that."""
        if one.folder.mtime_ns == 0 and not one.videos:
            return
        skipped = {path for path, _ in one.folder.skipped}
        lost = [row for row in left if row.state == "available" and row.path not in skipped]
        self._store.lose_files(unit, [row.id for row in lost], self._clock.now())
        counts.missing += len(lost)
        for row in lost:
            _touch(touched, row)

    def _beside(self, unit: Unit, library: Library, folder_id: int, one: Prepared, known: dict[str, Any]) -> None:
        videos = {entry.name: f"{one.folder.path}/{entry.name}" for entry, *_ in one.videos}
        wanted = [entry for entry in one.besides if entry.kind in ("subtitle", "audio")]
        owners = {entry.name: owner_of(entry.name, list(videos)) for entry in wanted}
        used = [videos[owner] for owner in owners.values() if owner]
        rows = self._store.by_paths(unit, used)
        for entry in wanted:
            path = f"{one.folder.path}/{entry.name}"
            row = known.pop(path, None)
            if row is not None and (row.size, row.mtime_ns) == (entry.size, entry.mtime_ns):
                continue
            owner = owners[entry.name]
            said = read_beside(entry.name, owner or "")
            self._store.put_sidecar(
                unit,
                nanoid=self._ids.nanoid(),
                library_id=library.id,
                folder_id=folder_id,
                file_id=rows[videos[owner]].id if owner and videos[owner] in rows else None,
                path=path,
                kind=entry.kind,
                format=entry.name.rpartition(".")[2].lower(),
                language=said.language,
                title=said.title,
                is_forced=said.is_forced,
                is_hearing_impaired=said.is_hearing_impaired,
                size=entry.size,
                mtime_ns=entry.mtime_ns,
            )
        self._store.drop_sidecars(unit, [row.id for row in known.values()])

    def _forget(self, unit: Unit, folders: Sequence[str], counts: Counts, touched: set[int]) -> None:
        """Folders that are not there any more."""
        ids = self._store.folder_ids(unit, folders)
        rows = [row for row in self._store.files_in(unit, list(ids.values())) if row.state == "available"]
        self._store.lose_files(unit, [row.id for row in rows], self._clock.now())
        counts.missing += len(rows)
        for row in rows:
            _touch(touched, row)
        self._store.drop_folders(unit, list(ids.values()))


def prepare(folder: Folder, root: str, kind: LibraryType) -> Prepared:
    """Read the names in a folder."""
    videos: list[tuple[Entry, str, str, str]] = []
    entries = [one for one in folder.entries if one.kind == "video"]
    if PurePosixPath(folder.path).name.upper() in DISC_FOLDERS and entries:
        entries = [max(entries, key=lambda one: one.size)]  # the film of a disc; its menus are no titles
    parts = _parts([entry.name for entry in entries])
    for entry in entries:
        base, number = parts.get(entry.name, (entry.name, None))
        named = read_path(f"{folder.path}/{base}"[len(root) :].lstrip("/"), kind=kind.value, size_bytes=entry.size)
        named = replace(named, part=number)
        title = named.episode_title[:300] if named.extra else ""
        videos.append((entry, named.extra or MAIN, title, msgspec.json.encode(named).decode()))
    return Prepared(folder, tuple(videos), tuple(one for one in folder.entries if one.kind != "video"))


def _parts(names: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Files that are parts of one title (`cd1`, `cd2`): the name without the part, and its number."""
    groups: dict[tuple[str, str], dict[int, str]] = {}
    for name in names:
        stem, _, ending = name.rpartition(".")
        base, number = split_part(stem)
        if number is not None:
            groups.setdefault((base.lower(), ending.lower()), {})[number] = name
    found: dict[str, tuple[str, int]] = {}
    for members in groups.values():
        if len(members) > 1 and sorted(members) == list(range(1, len(members) + 1)):
            for number, name in members.items():
                stem, _, ending = name.rpartition(".")
                found[name] = (f"{split_part(stem)[0]}.{ending}", number)
    return found


def _trouble(root: Root) -> str:
    """Why a folder must not be believed; "" when it may."""
    try:
        with os.scandir(root.path) as scan:
            is_empty = next(scan, None) is None
    except OSError as error:
        return f"{root.path}: path unavailable ({error.strerror or 'it cannot be read'})"
    if is_empty and root.file_count > UNPLUGGED:
        return f"{root.path}: path unavailable (it is empty, but held {root.file_count} files)"
    return ""


def _inside(root: str, path: str) -> str | None:
    """The folder of `path` when it lies in `root`."""
    plain = os.path.normpath(path)
    if plain != root and not plain.startswith(f"{root.rstrip('/')}/"):
        return None
    while plain != root and not os.path.isdir(plain):  # noqa: PTH112
        plain = os.path.dirname(plain)  # noqa: PTH120
    return plain


def _below(path: str, starts: Sequence[str]) -> bool:
    return any(path == start or path.startswith(f"{start}/") for start in starts)


def _touch(touched: set[int], row: Any) -> None:
    if row.item_id is not None:
        touched.add(row.item_id)


Check = Callable[[], None]

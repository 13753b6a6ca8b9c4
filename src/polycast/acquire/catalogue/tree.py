"""The virtual tree: groups, folders, files. Folders are in memory, files are read when somebody looks."""

import asyncio
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

from msgspec import Struct

from polycast.acquire.catalogue.filters import compiled, needs_names
from polycast.acquire.catalogue.folder import Folder
from polycast.acquire.catalogue.model import Detail, File
from polycast.acquire.catalogue.tree_store import TreeStore
from polycast.acquire.config.model import Config
from polycast.acquire.config.service import ConfigChanged, Configs
from polycast.acquire.transfers.events import LibraryChanged
from polycast.acquire.transfers.labels_store import LabelStore
from polycast.acquire.transfers.records import Records
from polycast.core.clock import Clock
from polycast.core.errors import Busy, NotFound
from polycast.core.storage import Database, fold

ALL: Final = "__all__"
BAD: Final = "__bad__"
TORRENTS: Final = "torrents"
NZBS: Final = "nzbs"
PATIENCE: Final = 5  # seconds until somebody who came too early should come again
TIMED: Final = timedelta(minutes=1)  # how old a list may be that depends on the time


class Row(Struct, frozen=True, gc=False):
    """An entry's part of the tree."""

    id: int
    info_hash: str
    folder: str
    size_bytes: int
    added_at: Any
    protocol: str
    category: str
    is_bad: bool
    active: str
    providers: frozenset[str]
    file_count: int


class Shown(Struct, frozen=True, kw_only=True):
    """A file, and the entry that it comes from."""

    file: File
    detail: Detail


class Tree:
    """Of one web process. Loaded in the background at start; changes arrive as events."""

    def __init__(
        self, *, db: Database, store: TreeStore, records: Records, labels: LabelStore, configs: Configs, clock: Clock
    ) -> None:
        self._db = db
        self._store = store
        self._records = records
        self._labels = labels
        self._configs = configs
        self._clock = clock
        self._rows: dict[str, Row] = {}
        self._by_folder: dict[str, dict[str, Row]] = {}
        self._folders: dict[str, Folder] = {}
        self._lists: dict[str, tuple[int, timedelta, Sequence[Folder]]] = {}
        self._keys: dict[str, tuple[Sequence[Folder], list[str]]] = {}  # names as they are searched, of a group's list
        self._sets: dict[str, frozenset[str]] = {}  # providers and the like, one object for equal ones
        self.version = 0
        self._is_loaded = asyncio.Event()

    async def run(self) -> None:
        """Load everything, then stay for as long as the process does."""
        after = 0
        while rows := await self._db.read(self._store.page, after):
            between = (rows[0].id, rows[-1].id)
            providers = await self._db.read(self._store.providers, between)
            counts = await self._db.read(self._store.counts, between)
            self._take(rows, providers, counts)
            after = rows[-1].id
            await asyncio.sleep(0)
        self._is_loaded.set()
        self.version += 1
        await asyncio.Event().wait()

    def require_loaded(self) -> None:
        """Raises: Busy, while the tree is read from the database."""
        if not self._is_loaded.is_set():
            raise Busy("The catalogue is being loaded.", retry_after=PATIENCE)

    async def on_library_changed(self, event: LibraryChanged) -> None:
        await self.reread(event.hashes)

    async def on_config_changed(self, event: ConfigChanged) -> None:
        self._lists.clear()
        self._keys.clear()
        self.version += 1

    async def reread(self, hashes: Sequence[str]) -> None:
        """Take over how entries are now."""
        rows = await self._db.read(self._store.some, list(hashes))
        for info_hash in hashes:
            self._forget(info_hash)
        for row in rows:
            between = (row.id, row.id)
            providers = await self._db.read(self._store.providers, between)
            counts = await self._db.read(self._store.counts, between)
            self._take([row], providers, counts)
        self.version += 1

    def _take(self, rows: Iterable[Any], providers: Iterable[Any], counts: Iterable[Any]) -> None:
        by_entry: dict[int, list[str]] = {}
        for entry_id, provider in providers:
            by_entry.setdefault(entry_id, []).append(provider)
        numbers = {entry_id: int(count) for entry_id, count in counts}
        for row in rows:
            made = Row(
                row.id,
                row.info_hash,
                row.folder,
                row.size_bytes,
                row.added_at,
                row.protocol,
                row.category,
                row.is_bad,
                row.active_provider,
                self._set(by_entry.get(row.id, ())),
                numbers.get(row.id, 0),
            )
            self._rows[made.info_hash] = made
            group = self._by_folder.setdefault(made.folder, {})
            group[made.info_hash] = made
            self._folders[made.folder] = self._merged(made.folder, group)

    def _set(self, words: Iterable[str]) -> frozenset[str]:
        return self._sets.setdefault("\0".join(sorted(words)), frozenset(words))

    def _forget(self, info_hash: str) -> None:
        row = self._rows.pop(info_hash, None)
        if row is None:
            return
        group = self._by_folder[row.folder]
        del group[info_hash]
        if group:
            self._folders[row.folder] = self._merged(row.folder, group)
        else:
            del self._by_folder[row.folder], self._folders[row.folder]

    def _merged(self, name: str, group: dict[str, Row]) -> Folder:
        rows = sorted(group.values(), key=lambda row: (row.added_at, row.id), reverse=True)
        return Folder(
            name=name,
            size_bytes=sum(row.size_bytes for row in rows),
            added_at=rows[0].added_at,
            hashes=tuple(row.info_hash for row in rows),
            ids=tuple(row.id for row in rows),
            protocols=self._set({row.protocol for row in rows}),
            categories=self._set({row.category for row in rows if row.category}),
            providers=rows[0].providers if len(rows) == 1 else self._set({p for row in rows for p in row.providers}),
            active=rows[0].active,
            file_count=sum(row.file_count for row in rows),
            is_bad=any(row.is_bad for row in rows),
        )

    async def groups(self) -> list[str]:
        """The names at the root, in the order that they are shown in."""
        config = await self._configs.read()
        stored = await self._db.read(self._labels.categories)
        used = {category for folder in self._folders.values() for category in folder.categories}
        names = [ALL, BAD, TORRENTS, NZBS]
        names += [one.name for one in config.debrids] + ["usenet"] * bool(config.usenet.providers)
        names += sorted({*config.categories, *stored, *used})
        names += list(config.custom_folders)
        return list(dict.fromkeys(names))

    async def folders(self, group: str) -> Sequence[Folder]:
        """The folders of a group, by name. Raises: NotFound; Busy while loading."""
        self.require_loaded()
        known = self._lists.get(group)
        now = self._clock.monotonic()
        if known is not None and known[0] == self.version and known[1] > now:
            return known[2]
        config = await self._configs.read()
        if group not in await self.groups():
            raise NotFound("The group")
        version = self.version
        found = await self._chosen(group, config)
        ends = now + (TIMED if group in config.custom_folders else timedelta(days=1))
        self._lists[group] = (version, ends, found)
        return found

    async def found(self, group: str, search: str) -> Sequence[Folder]:
        """The folders of a group that have every word of `search` in their names. Raises: NotFound; Busy while loading."""
        folders = await self.folders(group)
        words = fold(search).split()
        if not words:
            return folders
        known = self._keys.get(group)
        if known is None or known[0] is not folders:
            known = self._keys[group] = (folders, [fold(folder.name) for folder in folders])
        first, *others = words
        found = [folder for folder, key in zip(folders, known[1], strict=True) if first in key]
        return [folder for folder in found if all(word in fold(folder.name) for word in others)] if others else found

    async def _chosen(self, group: str, config: Config) -> Sequence[Folder]:
        everything = sorted(self._folders.values(), key=_by_name)
        if group == ALL:
            return everything
        if group == BAD:
            return [folder for folder in everything if folder.is_bad]
        if group in (TORRENTS, NZBS):
            protocol = "nzb" if group == NZBS else "torrent"
            return [folder for folder in everything if protocol in folder.protocols]
        if group in config.custom_folders:
            filters = config.custom_folders[group].filters
            names: dict[int, list[str]] = {}
            if needs_names(filters):
                names = await self._db.read(self._store.names, [one for folder in everything for one in folder.ids])
            test = compiled(filters, self._clock.now())
            return await asyncio.to_thread(_filtered, everything, names, test)
        return [folder for folder in everything if group in folder.providers or group in folder.categories]

    async def folder(self, group: str, name: str) -> Folder:
        """Raises: NotFound; Busy while loading."""
        await self.known(name)
        found = await self.folders(group)
        at = bisect_left(found, fold(name), key=lambda folder: fold(folder.name))
        while at < len(found) and fold(found[at].name) == fold(name):
            if found[at].name == name:
                return found[at]
            at += 1
        raise NotFound("The folder")

    async def known(self, name: str) -> Folder | None:
        """A folder of any group; one that was finished a moment ago, and whose event is on its way, counts."""
        if name not in self._folders and (hashes := await self._db.read(self._store.hashes, name)):
            await self.reread(hashes)
        return self._folders.get(name)

    async def files(self, folder: Folder) -> list[Shown]:
        """The files of all its entries by name; of equal names the newest."""
        found: dict[str, Shown] = {}
        for info_hash in folder.hashes:
            detail = await self._records.detail(info_hash)
            for file in detail.shown:
                found.setdefault(file.name, Shown(file=file, detail=detail))
        return [found[name] for name in sorted(found, key=fold)]

    async def file(self, folder: Folder, name: str) -> Shown:
        """Raises: NotFound."""
        for shown in await self.files(folder):
            if shown.file.name == name:
                return shown
        raise NotFound("The file")

    def count(self) -> tuple[int, int]:
        """Folders, and bytes in them."""
        return len(self._folders), sum(folder.size_bytes for folder in self._folders.values())


def _by_name(folder: Folder) -> str:
    return fold(folder.name)


def _filtered(folders: Sequence[Folder], names: dict[int, list[str]], test: Any) -> list[Folder]:
    return [folder for folder in folders if test(folder, [name for one in folder.ids for name in names.get(one, ())])]

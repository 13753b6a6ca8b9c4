"""What people and download clients do to entries that are there."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from msgspec import Struct

from polycast.acquire.actions.service import Actions
from polycast.acquire.catalogue.model import ClientSettings, Entry, State
from polycast.acquire.catalogue.store import EntryStore
from polycast.acquire.catalogue.store_parts import PartStore
from polycast.acquire.config.service import Configs
from polycast.acquire.providers.accounts import Accounts
from polycast.acquire.transfers.adding import clean_tags, save_path_of
from polycast.acquire.transfers.events import EntryRemoved, LibraryChanged
from polycast.acquire.transfers.labels_store import LabelStore
from polycast.acquire.transfers.queue import TransferQueue
from polycast.acquire.transfers.records import Records
from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound
from polycast.core.files import safe_name
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.jobs import Run
from polycast.core.storage import Database, Unit, clean

EVERYTHING: Final = "all"


class DropRemote(Struct, frozen=True):
    """Payload: an item at an account that nobody wants any more."""

    provider: str
    remote_id: str


class Changes:
    """Of entries by their hashes; unknown hashes are passed over, as download clients expect."""

    def __init__(
        self,
        *,
        configs: Configs,
        db: Database,
        entries: EntryStore,
        parts: PartStore,
        labels: LabelStore,
        records: Records,
        actions: Actions,
        queue: TransferQueue,
        clock: Clock,
    ) -> None:
        self._configs = configs
        self._db = db
        self._entries = entries
        self._parts = parts
        self._labels = labels
        self._records = records
        self._actions = actions
        self._queue = queue
        self._clock = clock

    async def chosen(self, hashes: Sequence[str] | None) -> list[Entry]:
        """What a client shows of `hashes`; all of it for None."""
        return await self._db.read(self._entries.in_client, hashes=hashes)

    async def require(self, info_hash: str) -> Entry:
        """Raises: NotFound, also for an entry that clients do not see any more."""
        found = await self._db.read(self._entries.by_hash, info_hash.lower())
        if found is None or not found.in_client:
            raise NotFound("The torrent")
        return found

    async def delete(self, caller: Caller, entries: Iterable[Entry], *, files: bool, remote: bool | None = None) -> int:
        """Take entries from the client; how many.

        `files` removes what was made for them. The accounts' copies go with `remote`; when it is None those of entries
        that are not complete, because an Arr's library points at the others.
        """
        caller.require(Scope.ACQUIRE_WRITE)
        count = 0
        for entry in entries:
            await self._queue.stop(entry.info_hash)
            if files:
                await self._actions.undo(entry)
            count += await self._db.write(self._delete, entry.id, remote)
        return count

    def _delete(self, unit: Unit, entry_id: int, remote: bool | None) -> int:
        entry = self._entries.by_id(unit, entry_id)
        if entry is None:
            return 0
        placements = self._parts.placements(unit, [entry_id])[entry_id]
        drops = not entry.is_complete if remote is None else remote
        keeps_row = entry.is_complete and not drops and bool(placements)
        if drops:
            for placement in placements:
                if not self._is_shared(unit, entry):
                    unit.enqueue("acquire.drop_remote", DropRemote(placement.provider, placement.remote_id))
        if keeps_row:
            self._entries.update(unit, entry_id, in_client=False, imported_at=self._clock.now())
        else:
            self._entries.delete(unit, entry_id)
            unit.publish(LibraryChanged(hashes=[entry.info_hash]))
        unit.publish(
            EntryRemoved(info_hash=entry.info_hash, title=entry.name, category=entry.category, is_gone=not keeps_row)
        )
        return 1

    def _is_shared(self, unit: Unit, entry: Entry) -> bool:
        """Whether seasons of one pack live in the same item."""
        return bool(entry.options.parent) and self._entries.by_hash(unit, entry.options.parent) is not None

    async def pause(self, caller: Caller, entries: Iterable[Entry], *, paused: bool) -> None:
        caller.require(Scope.ACQUIRE_WRITE)
        for entry in entries:
            await self._db.write(self._update, entry.id, is_paused=paused)
        self._queue.ring()

    async def force(self, caller: Caller, entries: Iterable[Entry], *, forced: bool) -> None:
        """Pass the queue of slots."""
        caller.require(Scope.ACQUIRE_WRITE)
        for entry in entries:
            await self._db.write(self._update, entry.id, is_forced=forced, **({"is_paused": False} if forced else {}))
        self._queue.ring()

    async def retry(self, caller: Caller, entries: Iterable[Entry]) -> int:
        """Try again what has failed; how many there were."""
        caller.require(Scope.ACQUIRE_WRITE)
        count = 0
        for entry in entries:
            if entry.state in (State.FAILED, State.MISSING) or entry.retry_at is not None:
                state = entry.state if entry.state is State.MOVING else State.QUEUED
                await self._records.change(
                    entry, state, error="", error_code="", retry_at=None, moved_at=self._clock.now()
                )
                count += 1
        self._queue.ring()
        return count

    async def set_category(self, caller: Caller, entries: Iterable[Entry], category: str) -> None:
        """Raises: Conflict for a category that nobody has made."""
        caller.require(Scope.ACQUIRE_WRITE)
        config = await self._configs.read()
        known = await self._db.read(self._labels.categories)
        if category and category not in config.categories and category not in known:
            raise Conflict("There is no such category.", reason="unknown_category")
        for entry in entries:
            values: dict[str, Any] = {"category": category}
            if not entry.is_complete:
                values["save_path"] = save_path_of(config, known.get(category, ""), category)
            await self._db.write(self._update, entry.id, **values)
            await self._db.write(self._tell_tree, entry)

    def _tell_tree(self, unit: Unit, entry: Entry) -> None:
        unit.publish(LibraryChanged(hashes=[entry.info_hash]))

    async def tag(self, caller: Caller, entries: Iterable[Entry], tags: Sequence[str], *, adds: bool) -> None:
        """Add tags, or remove them; to remove none is to remove all."""
        caller.require(Scope.ACQUIRE_WRITE)
        given = clean_tags(tuple(tags))
        if adds:
            await self._db.write(self._labels.add_tags, given)
        for entry in entries:
            kept = {*entry.tags, *given} if adds else (set(entry.tags) - set(given) if given else set())
            await self._db.write(self._update, entry.id, tags=sorted(kept))

    async def set_client(
        self, caller: Caller, entries: Iterable[Entry], change: Callable[[ClientSettings], ClientSettings]
    ) -> None:
        """Keep what a client wants to read back."""
        caller.require(Scope.ACQUIRE_WRITE)
        for entry in entries:
            await self._db.write(self._update, entry.id, client=change(entry.client))

    async def move(self, caller: Caller, entries: Iterable[Entry], path: str) -> None:
        """Another place in the download folder, for what is not there yet. Raises: Invalid; Conflict."""
        caller.require(Scope.ACQUIRE_WRITE)
        config = await self._configs.read()
        kept = save_path_of(config, path, "")
        for entry in entries:
            if entry.is_complete:
                raise Conflict("What is complete stays where it is.", reason="complete")
            await self._db.write(self._update, entry.id, save_path=kept)

    async def rename(self, caller: Caller, entry: Entry, name: str) -> None:
        """The name that is shown; paths stay. Raises: Invalid."""
        caller.require(Scope.ACQUIRE_WRITE)
        kept = clean(name, 500)
        if not kept:
            raise Conflict("A name is missing.", reason="blank")
        await self._db.write(self._update, entry.id, name=kept)

    async def prioritise(self, caller: Caller, entries: Sequence[Entry], where: str) -> None:
        """`top`, `bottom`, `up` or `down` in the queue."""
        caller.require(Scope.ACQUIRE_WRITE)
        await self._db.write(self._prioritise, [entry.id for entry in entries], where)

    def _prioritise(self, unit: Unit, ids: Sequence[int], where: str) -> None:
        first, last = self._entries.positions(unit)
        for number, entry_id in enumerate(reversed(ids) if where in ("top", "down") else ids):
            entry = self._entries.by_id(unit, entry_id)
            if entry is None:
                continue
            places = {
                "top": first - 1 - number,
                "bottom": last + 1 + number,
                "up": entry.position - 2,
                "down": entry.position + 2,
            }
            self._entries.update(unit, entry_id, position=places[where])

    async def file_priority(self, caller: Caller, entry: Entry, indexes: Sequence[int], priority: int) -> None:
        """0 hides files. Raises: Conflict for a file that is not there."""
        caller.require(Scope.ACQUIRE_WRITE)
        if priority not in (0, 1, 6, 7):
            raise Invalid.one("priority", "invalid", "A priority is 0, 1, 6 or 7.")
        await self._db.write(self._file_priority, entry, indexes, priority)

    def _file_priority(self, unit: Unit, entry: Entry, indexes: Sequence[int], priority: int) -> None:
        files = self._parts.files(unit, [entry.id])[entry.id]
        if any(not 0 <= index < len(files) for index in indexes):
            raise Conflict("There is no such file.", reason="no_file")
        for index in indexes:
            self._parts.change_file(unit, files[index].id, priority=priority, is_deleted=priority == 0)
        unit.publish(LibraryChanged(hashes=[entry.info_hash]))

    async def rename_file(self, caller: Caller, entry: Entry, old: str, new: str) -> None:
        """Raises: Conflict, when there is no such file or the name is taken."""
        caller.require(Scope.ACQUIRE_WRITE)
        await self._db.write(self._rename_file, entry, old, new)

    def _rename_file(self, unit: Unit, entry: Entry, old: str, new: str) -> None:
        files = self._parts.files(unit, [entry.id])[entry.id]
        wanted, name = old.rpartition("/")[2], safe_name(new.rpartition("/")[2])
        found = next((file for file in files if old in (file.name, file.path) or file.name == wanted), None)
        if found is None or any(file.name == name and file.id != found.id for file in files):
            raise Conflict("There is no such file, or the name is taken.", reason="name")
        for placement in self._parts.placements(unit, [entry.id])[entry.id]:
            refs = {name if key == found.name else key: ref for key, ref in placement.remote_files.items()}
            self._parts.change_placement(unit, placement.id, remote_files=refs)
        self._parts.change_file(unit, found.id, name=name)
        unit.publish(LibraryChanged(hashes=[entry.info_hash]))

    async def rename_folder(self, caller: Caller, entry: Entry, new: str) -> None:
        """Of what is not complete; links point into the folders of the rest. Raises: Conflict."""
        caller.require(Scope.ACQUIRE_WRITE)
        if entry.is_complete:
            raise Conflict("What is complete stays where it is.", reason="complete")
        await self._db.write(self._update, entry.id, folder=safe_name(new.strip("/").rpartition("/")[2]))

    def _update(self, unit: Unit, entry_id: int, /, **values: Any) -> None:
        self._entries.update(unit, entry_id, updated_at=self._clock.now(), **values)


class Drops:
    """Carries out what deletions leave to be done at the accounts. In the worker."""

    def __init__(self, *, accounts: Accounts) -> None:
        self._accounts = accounts

    async def drop(self, payload: DropRemote, run: Run) -> None:
        """The job `acquire.drop_remote`."""
        live = await self._accounts.named(payload.provider)
        if live is not None:
            await live.provider.delete(payload.remote_id)


__all__ = ["EVERYTHING", "Changes", "DropRemote", "Drops"]

"""Writing what happened to an entry: rows, events and the tree in one commit."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from polycast.acquire.catalogue.model import Detail, Entry, NewFile, RemoteRef, State, Status
from polycast.acquire.catalogue.store import EntryStore
from polycast.acquire.catalogue.store_parts import PartStore
from polycast.acquire.providers.model import RemoteItem
from polycast.acquire.transfers.events import EntryChanged, LibraryChanged
from polycast.acquire.transfers.selection import file_names, total
from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.storage import Database, Unit, clean

RETRY_AFTER: Final = timedelta(seconds=30)


class Records:
    """The rows of entries as the queue sees them."""

    def __init__(self, *, db: Database, entries: EntryStore, parts: PartStore, clock: Clock) -> None:
        self._db = db
        self._entries = entries
        self._parts = parts
        self._clock = clock

    async def unfinished(self) -> list[Entry]:
        return await self._db.read(self._entries.unfinished)

    async def detail(self, info_hash: str) -> Detail:
        """Raises: NotFound."""
        found = await self._db.read(self.detail_in, info_hash)
        if found is None:
            raise NotFound("The entry")
        return found

    def detail_in(self, unit: Unit, info_hash: str) -> Detail | None:
        entry = self._entries.by_hash(unit, info_hash)
        return None if entry is None else self.details_in(unit, [entry])[0]

    def details_in(self, unit: Unit, entries: Sequence[Entry]) -> list[Detail]:
        """Entries with their files and placements, in the same order."""
        ids = [entry.id for entry in entries]
        files, placements = self._parts.files(unit, ids), self._parts.placements(unit, ids)
        return [Detail(entry=one, files=tuple(files[one.id]), placements=tuple(placements[one.id])) for one in entries]

    async def intend(self, entry: Entry, provider: str) -> bool:
        """Write down that a provider is about to be asked; whether a call before it was cut off by a crash."""
        return await self._db.write(self._parts.intend, entry.info_hash, provider, self._clock.now())

    async def settled(self, entry: Entry, provider: str) -> None:
        await self._db.write(self._parts.settled, entry.info_hash, provider)

    async def torrent(self, entry: Entry) -> bytes | None:
        return await self._db.read(self._parts.torrent, entry.id)

    async def taken(
        self, entry: Entry, provider: str, item: RemoteItem, files: Sequence[NewFile], *, state: State
    ) -> None:
        """A provider works on it, or has it."""
        await self._db.write(self._taken, entry.id, provider, item, files, state)

    def _taken(
        self, unit: Unit, entry_id: int, provider: str, item: RemoteItem, files: Sequence[NewFile], state: State
    ) -> None:
        entry = self._entries.by_id(unit, entry_id)
        if entry is None:
            return
        now = self._clock.now()
        self.placed_in(unit, entry, provider, item, files)
        self._parts.settled(unit, entry.info_hash, provider)
        named = entry.name != entry.info_hash
        values: dict[str, Any] = {
            "active_provider": provider,
            "progress": item.progress if item.status is not Status.DOWNLOADED else 1.0,
            "speed_bps": item.speed_bps,
            "seeders": item.seeders,
            "moved_at": now,
            "is_bad": False,
        }
        if not named and item.name:
            values["name"] = clean(item.name, 500)
        if not entry.original_name:
            values["original_name"] = clean(item.original_name or item.name, 500)
        if files:
            values["size_bytes"] = total(files)
        self.change_in(unit, entry, state, **values)

    def placed_in(self, unit: Unit, entry: Entry, provider: str, item: RemoteItem, files: Sequence[NewFile]) -> None:
        """Note where it is, with the files that the provider has selected."""
        now = self._clock.now()
        names = file_names(files)
        done = item.status is Status.DOWNLOADED
        self._parts.put_placement(
            unit,
            entry.id,
            provider,
            remote_id=item.id,
            status=item.status,
            progress=1.0 if done else item.progress,
            added_at=item.added_at or now,
            downloaded_at=now if done else None,
            remote_files={
                name: RemoteRef(id=file.remote_id, link=file.link, path=file.path, start=file.range_start or 0)
                for name, file in zip(names, files, strict=True)
            },
            fingerprint=item.fingerprint,
        )
        if files:
            rows = [
                {
                    "name": name,
                    "path": clean(file.path, 1000),
                    "size_bytes": file.size_bytes,
                    "added_at": item.added_at or now,
                    "range_start": file.range_start,
                }
                for name, file in zip(names, files, strict=True)
            ]
            self._parts.replace_files(unit, entry.id, rows)

    async def moved(self, entry: Entry, item: RemoteItem, state: State) -> None:
        """How far the provider is."""
        await self._db.write(self._moved, entry.id, item, state)

    def _moved(self, unit: Unit, entry_id: int, item: RemoteItem, state: State) -> None:
        entry = self._entries.by_id(unit, entry_id)
        if entry is None:
            return
        values: dict[str, Any] = {"progress": item.progress, "speed_bps": item.speed_bps, "seeders": item.seeders}
        if item.progress > entry.progress or (item.speed_bps and not entry.speed_bps):
            values["moved_at"] = self._clock.now()
        self.change_in(unit, entry, state, **values)

    async def change(self, entry: Entry, state: State, **values: Any) -> Entry | None:
        """Give an entry another state; None when it has gone meanwhile."""
        return await self._db.write(self._change, entry.id, state, values)

    def _change(self, unit: Unit, entry_id: int, state: State, values: dict[str, Any]) -> Entry | None:
        entry = self._entries.by_id(unit, entry_id)
        if entry is None:
            return None
        self.change_in(unit, entry, state, **values)
        return self._entries.by_id(unit, entry_id)

    def change_in(self, unit: Unit, entry: Entry, state: State, **values: Any) -> None:
        """The new state and whatever goes with it; told to everybody when the state is another."""
        now = self._clock.now()
        self._entries.update(unit, entry.id, state=state.value, updated_at=now, **values)
        if state is not entry.state or "error" in values:
            unit.publish(
                EntryChanged(
                    info_hash=entry.info_hash,
                    title=str(values.get("name", entry.name)),
                    category=entry.category,
                    state=state.value,
                    error=str(values.get("error", "")),
                    provider=str(values.get("active_provider", entry.active_provider)),
                    path=entry.content_path,
                )
            )
        if state is State.DONE or entry.state is State.DONE:
            unit.publish(LibraryChanged(hashes=[entry.info_hash]))

    async def waits(self, entry: Entry, why: str, *, after: timedelta = RETRY_AFTER) -> None:
        """It is tried again later."""
        await self.change(
            entry, State.QUEUED, error=clean(why, 1000), error_code="waiting", retry_at=self._clock.now() + after
        )

    async def failed(self, entry: Entry, why: str, code: str) -> None:
        """It will not be tried again by itself."""
        await self.change(
            entry,
            State.FAILED,
            error=clean(why, 1000),
            error_code=code,
            error_count=entry.error_count + 1,
            error_at=self._clock.now(),
            speed_bps=0,
        )

    async def done(self, entry: Entry) -> Entry | None:
        """It is there, and whatever was wanted has been made of it."""
        at: datetime = self._clock.now()
        return await self.change(
            entry,
            State.DONE,
            progress=1.0,
            speed_bps=0,
            completed_at=entry.completed_at or at,
            error="",
            error_code="",
            retry_at=None,
        )

    async def drop_placement(self, detail: Detail, provider: str) -> None:
        """An account has lost it."""
        for placement in detail.placements:
            if placement.provider == provider:
                await self._db.write(self._parts.drop_placement, placement.id, self._clock.now())

"""What follows when an entry has arrived or failed: packs split, programs told, messages sent."""

from typing import Any, Protocol

from msgspec.structs import replace

from polycast.acquire.catalogue.model import Detail, Entry, File, State
from polycast.acquire.catalogue.store import EntryStore
from polycast.acquire.catalogue.store_parts import PartStore
from polycast.acquire.config.service import Configs
from polycast.acquire.transfers.events import EntryAdded, LibraryChanged
from polycast.acquire.transfers.records import Records
from polycast.acquire.transfers.seasons import season_hash, season_name, seasons
from polycast.acquire.transfers.selection import folder_name
from polycast.core.clock import Clock
from polycast.core.storage import Database, Unit


class Owner(Protocol):
    """The program that asked for an entry, and people who want to know."""

    async def arrived(self, entry: Entry) -> None: ...

    async def failed(self, entry: Entry, why: str) -> None: ...


class Finishing:
    """The last steps of an entry."""

    def __init__(
        self,
        *,
        configs: Configs,
        db: Database,
        entries: EntryStore,
        parts: PartStore,
        records: Records,
        owner: Owner,
        clock: Clock,
    ) -> None:
        self._configs = configs
        self._db = db
        self._entries = entries
        self._parts = parts
        self._records = records
        self._owner = owner
        self._clock = clock

    async def finished(self, entry: Entry) -> None:
        await self._owner.arrived(entry)

    async def failed(self, entry: Entry, why: str) -> None:
        await self._owner.failed(entry, why)

    async def split(self, detail: Detail) -> bool:
        """Make an entry of each season of a pack; whether there was anything to split."""
        config, entry = await self._configs.read(), detail.entry
        if (
            config.skip_multi_season
            or entry.options.skip_multi_season
            or entry.options.parent
            or entry.protocol == "nzb"
        ):
            return False
        if not seasons(entry.name, detail.shown):
            return False
        made = await self._db.write(self._split, entry.info_hash)
        if made:
            finished = await self._records.done(entry)
            if finished is not None:
                await self._owner.arrived(finished)
        return made

    def _split(self, unit: Unit, info_hash: str) -> bool:
        detail = self._records.detail_in(unit, info_hash)
        if detail is None:
            return False
        config, entry, now = self._configs.read_in(unit), detail.entry, self._clock.now()
        for season, files in seasons(entry.name, detail.shown).items():
            hashed, name = season_hash(info_hash, season), season_name(entry.name, season)
            if self._entries.by_hash(unit, hashed) is not None:
                continue
            child = replace(
                entry,
                id=0,
                info_hash=hashed,
                name=name,
                original_name=name,
                folder=folder_name(config, name=name, original=name, info_hash=hashed),
                size_bytes=sum(file.size_bytes for file in files),
                state=State.MOVING,
                options=replace(entry.options, parent=info_hash),
                added_at=now,
                updated_at=now,
                moved_at=now,
            )
            child_id = self._entries.insert(unit, child)
            self._parts.replace_files(
                unit,
                child_id,
                [_row(file) for file in files],
            )
            for placement in detail.placements:
                self._parts.put_placement(
                    unit,
                    child_id,
                    placement.provider,
                    remote_id=placement.remote_id,
                    status=placement.status,
                    progress=placement.progress,
                    added_at=placement.added_at,
                    downloaded_at=placement.downloaded_at,
                    remote_files={file.name: placement.remote_files[file.name] for file in files},
                    fingerprint=placement.fingerprint,
                )
            unit.publish(EntryAdded(info_hash=hashed, title=name, category=entry.category))
        unit.publish(LibraryChanged(hashes=[info_hash]))
        return True


def _row(file: File) -> dict[str, Any]:
    return {
        "name": file.name,
        "path": file.path,
        "size_bytes": file.size_bytes,
        "added_at": file.added_at,
        "range_start": file.range_start,
    }

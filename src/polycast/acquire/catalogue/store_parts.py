"""Rows of what belongs to an entry: files, placements, the torrent itself, what was made for it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, delete, func, select, update

from polycast.acquire.catalogue.model import File, Placement, RemoteRef, Status
from polycast.acquire.tables import entries, files, intents, made, placements, torrents
from polycast.core.storage import Unit

CHUNK: Final = 500
FILE_COLUMNS: Final = tuple(files.c[name] for name in File.__struct_fields__)
PLACEMENT_COLUMNS: Final = tuple(placements.c[name] for name in Placement.__struct_fields__)


def _as(row: Row[Any], kind: Any) -> Any:
    return msgspec.convert(row._mapping, kind, strict=False)


class PartStore:
    """What hangs on entries."""

    def files(self, unit: Unit, entry_ids: Sequence[int]) -> dict[int, list[File]]:
        """By entry, in order."""
        found: dict[int, list[File]] = {entry_id: [] for entry_id in entry_ids}
        for at in range(0, len(entry_ids), CHUNK):
            query = select(*FILE_COLUMNS).where(files.c.entry_id.in_(entry_ids[at : at + CHUNK]))
            for row in unit.execute(query.order_by(files.c.entry_id, files.c.position, files.c.id)):
                found[row.entry_id].append(_as(row, File))
        return found

    def replace_files(self, unit: Unit, entry_id: int, rows: Iterable[Mapping[str, Any]]) -> None:
        """Set what files an entry has; those that stay keep what people have set on them."""
        kept = {row.name: row for row in self.files(unit, [entry_id])[entry_id]}
        unit.execute(delete(files).where(files.c.entry_id == entry_id))
        for position, row in enumerate(rows):
            before = kept.get(row["name"])
            own = {"priority": before.priority, "is_deleted": before.is_deleted} if before else {}
            unit.insert(files, entry_id=entry_id, position=position, **{**row, **own})

    def change_file(self, unit: Unit, file_id: int, **values: Any) -> None:
        unit.execute(update(files).where(files.c.id == file_id).values(**values))

    def placements(self, unit: Unit, entry_ids: Sequence[int]) -> dict[int, list[Placement]]:
        """By entry; those that have been removed are left out."""
        found: dict[int, list[Placement]] = {entry_id: [] for entry_id in entry_ids}
        for at in range(0, len(entry_ids), CHUNK):
            query = select(*PLACEMENT_COLUMNS).where(
                placements.c.entry_id.in_(entry_ids[at : at + CHUNK]), placements.c.removed_at.is_(None)
            )
            for row in unit.execute(query.order_by(placements.c.id)):
                found[row.entry_id].append(_as(row, Placement))
        return found

    def at_provider(self, unit: Unit, provider: str) -> list[Placement]:
        """Everything that one account holds."""
        query = select(*PLACEMENT_COLUMNS).where(placements.c.provider == provider, placements.c.removed_at.is_(None))
        return [_as(row, Placement) for row in unit.execute(query)]

    def known_at(self, unit: Unit, provider: str) -> dict[str, tuple[str, int, str, int]]:
        """Remote id -> (hash, placement id, fingerprint, missed): what a sync compares with."""
        query = (
            select(
                placements.c.remote_id,
                entries.c.info_hash,
                placements.c.id,
                placements.c.fingerprint,
                placements.c.missed,
            )
            .join(entries, entries.c.id == placements.c.entry_id)
            .where(placements.c.provider == provider, placements.c.removed_at.is_(None))
        )
        return {row[0]: (row[1], row[2], row[3], row[4]) for row in unit.execute(query)}

    def put_placement(
        self,
        unit: Unit,
        entry_id: int,
        provider: str,
        *,
        remote_id: str,
        status: Status,
        progress: float,
        added_at: datetime,
        downloaded_at: datetime | None = None,
        remote_files: Mapping[str, RemoteRef] | None = None,
        fingerprint: str = "",
    ) -> None:
        """The entry is at this provider now. Without `remote_files` those that are known stay."""
        row: dict[str, Any] = {
            "entry_id": entry_id,
            "provider": provider,
            "remote_id": remote_id,
            "status": status.value,
            "progress": progress,
            "remote_files": msgspec.to_builtins(remote_files or {}),
            "added_at": added_at,
            "downloaded_at": downloaded_at,
            "removed_at": None,
            "missed": 0,
            "fingerprint": fingerprint,
        }
        changed = ["remote_id", "status", "progress", "downloaded_at", "removed_at", "missed", "fingerprint"]
        if remote_files is not None:
            changed.append("remote_files")
        unit.upsert(placements, [row], key=["entry_id", "provider"], update=changed)

    def change_placement(self, unit: Unit, placement_id: int, **values: Any) -> None:
        unit.execute(update(placements).where(placements.c.id == placement_id).values(**values))

    def missed(self, unit: Unit, placement_ids: Sequence[int]) -> None:
        """Count a sync that did not list them."""
        for at in range(0, len(placement_ids), CHUNK):
            unit.execute(
                update(placements)
                .where(placements.c.id.in_(placement_ids[at : at + CHUNK]))
                .values(missed=placements.c.missed + 1)
            )

    def drop_placement(self, unit: Unit, placement_id: int, at: datetime) -> None:
        unit.execute(update(placements).where(placements.c.id == placement_id).values(removed_at=at))

    def torrent(self, unit: Unit, entry_id: int) -> bytes | None:
        """The torrent file, when one was sent."""
        return unit.execute(select(torrents.c.content).where(torrents.c.entry_id == entry_id)).scalar()

    def put_torrent(self, unit: Unit, entry_id: int, content: bytes) -> None:
        unit.upsert(torrents, [{"entry_id": entry_id, "content": content}], key=["entry_id"], update=["content"])

    def made(self, unit: Unit, entry_id: int) -> list[tuple[str, str]]:
        """(path, kind) of what was created for an entry, in the order of its making."""
        query = select(made.c.path, made.c.kind).where(made.c.entry_id == entry_id).order_by(made.c.id)
        return [(row.path, row.kind) for row in unit.execute(query)]

    def note_made(self, unit: Unit, entry_id: int, rows: Iterable[tuple[str, str]]) -> None:
        values = [{"entry_id": entry_id, "path": path, "kind": kind} for path, kind in rows]
        unit.upsert(made, values, key=["entry_id", "path"], update=["kind"])

    def forget_made(self, unit: Unit, entry_id: int) -> None:
        unit.execute(delete(made).where(made.c.entry_id == entry_id))

    def who_made(self, unit: Unit, paths: Sequence[str]) -> dict[str, int]:
        """Path -> entry, for paths that some entry has made."""
        found: dict[str, int] = {}
        for at in range(0, len(paths), CHUNK):
            query = select(made.c.path, made.c.entry_id).where(made.c.path.in_(paths[at : at + CHUNK]))
            found |= {row.path: row.entry_id for row in unit.execute(query)}
        return found

    def intend(self, unit: Unit, info_hash: str, provider: str, at: datetime) -> bool:
        """Say before the call that this hash may soon be at this provider; whether nobody has seen the end of an earlier one."""
        known = select(intents.c.id).where(intents.c.info_hash == info_hash, intents.c.provider == provider)
        is_open = unit.execute(known).first() is not None
        row = {"info_hash": info_hash, "provider": provider, "made_at": at}
        unit.upsert(intents, [row], key=["info_hash", "provider"], update=["made_at"])
        return is_open

    def ownerless(self, unit: Unit, before: datetime) -> list[tuple[str, str]]:
        """(hash, provider) of calls that nobody has seen the end of, and whose entry is not wanted any more."""
        query = select(intents.c.info_hash, intents.c.provider).where(
            intents.c.made_at < before, intents.c.info_hash.not_in(select(entries.c.info_hash))
        )
        return [(row.info_hash, row.provider) for row in unit.execute(query.limit(CHUNK))]

    def settled(self, unit: Unit, info_hash: str, provider: str) -> None:
        unit.execute(delete(intents).where(intents.c.info_hash == info_hash, intents.c.provider == provider))

    def count_at(self, unit: Unit) -> dict[str, int]:
        """How many live placements each account has."""
        query = (
            select(placements.c.provider, func.count())
            .where(placements.c.removed_at.is_(None))
            .group_by(placements.c.provider)
        )
        return {name: int(count) for name, count in unit.execute(query)}

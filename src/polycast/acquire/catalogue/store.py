"""Rows of entries."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Row, Select, delete, func, or_, select, update

from polycast.acquire.catalogue.model import Entry, State
from polycast.acquire.tables import entries, files, placements
from polycast.core.storage import Unit, fold

COLUMNS: Final = tuple(column for column in entries.c if column.name in Entry.__struct_fields__)
SORTS: Final[Mapping[str, Any]] = {
    "name": entries.c.name_key,
    "size": entries.c.size_bytes,
    "added_on": entries.c.added_at,
    "progress": entries.c.progress,
    "category": entries.c.category,
    "state": entries.c.state,
}
CHUNK: Final = 500


def as_entry(row: Row[Any]) -> Entry:
    """A row of `COLUMNS` as a struct."""
    return msgspec.convert(row._mapping, Entry, strict=False, from_attributes=False)


class EntryStore:
    """Entries by hash, state, category and page."""

    def by_hash(self, unit: Unit, info_hash: str) -> Entry | None:
        row = unit.execute(select(*COLUMNS).where(entries.c.info_hash == info_hash)).one_or_none()
        return as_entry(row) if row else None

    def by_id(self, unit: Unit, entry_id: int) -> Entry | None:
        row = unit.execute(select(*COLUMNS).where(entries.c.id == entry_id)).one_or_none()
        return as_entry(row) if row else None

    def many(self, unit: Unit, hashes: Iterable[str]) -> list[Entry]:
        """Those that exist, the newest first."""
        wanted = list(dict.fromkeys(hashes))
        found: list[Entry] = []
        for at in range(0, len(wanted), CHUNK):
            query = select(*COLUMNS).where(entries.c.info_hash.in_(wanted[at : at + CHUNK]))
            found += [as_entry(row) for row in unit.execute(query)]
        return sorted(found, key=lambda entry: (entry.added_at, entry.id), reverse=True)

    def in_client(self, unit: Unit, *, category: str | None = None, hashes: Sequence[str] | None = None) -> list[Entry]:
        """What a download client shows, the newest first."""
        query = select(*COLUMNS).where(entries.c.in_client.is_(True))
        if category is not None:
            query = query.where(entries.c.category == category)
        if hashes is not None:
            query = query.where(entries.c.info_hash.in_(list(hashes)[: 10 * CHUNK]))
        ordered = query.order_by(entries.c.added_at.desc(), entries.c.id.desc())
        return [as_entry(row) for row in unit.execute(ordered)]

    def unfinished(self, unit: Unit) -> list[Entry]:
        """What the queue works on, in its order."""
        ended = [State.DONE.value, State.FAILED.value, State.MISSING.value]
        query = select(*COLUMNS).where(entries.c.state.not_in(ended))
        order = (entries.c.is_forced.desc(), entries.c.position, entries.c.added_at, entries.c.id)
        return [as_entry(row) for row in unit.execute(query.order_by(*order))]

    def page(
        self,
        unit: Unit,
        *,
        category: str | None = None,
        state: Sequence[str] = (),
        search: str = "",
        sort: str = "added_on",
        descending: bool = True,
        limit: int | None = None,
        offset: int = 0,
    ) -> tuple[list[Entry], int]:
        """A page of all entries, and how many there are in all."""
        query = _filtered(select(*COLUMNS), category, state, search)
        total = unit.execute(_filtered(select(func.count()).select_from(entries), category, state, search)).scalar_one()
        column = SORTS[sort]
        order = (column.desc(), entries.c.id.desc()) if descending else (column, entries.c.id)
        rows = unit.execute(query.order_by(*order).limit(limit).offset(offset))
        return [as_entry(row) for row in rows], int(total)

    def insert(self, unit: Unit, entry: Entry) -> int:
        """A new row; its key. `entry.id` does not count."""
        return unit.insert(entries, **_values(entry))

    def update(self, unit: Unit, entry_id: int, **values: Any) -> None:
        if "name" in values:
            values["name_key"] = fold(values["name"])
        for name in ("options", "client"):
            if name in values:
                values[name] = msgspec.to_builtins(values[name])
        unit.execute(update(entries).where(entries.c.id == entry_id).values(**values))

    def delete(self, unit: Unit, entry_id: int) -> None:
        """The entry and all that hangs on it."""
        unit.execute(delete(entries).where(entries.c.id == entry_id))

    def positions(self, unit: Unit) -> tuple[int, int]:
        """The lowest and the highest place in the queue."""
        row = unit.execute(
            select(func.min(entries.c.position), func.max(entries.c.position)).where(entries.c.in_client.is_(True))
        ).one()
        return int(row[0] or 0), int(row[1] or 0)

    def categories(self, unit: Unit) -> list[str]:
        """Those that entries have."""
        return [name for (name,) in unit.execute(select(entries.c.category).distinct()) if name]

    def in_category(self, unit: Unit, category: str) -> list[Entry]:
        query = select(*COLUMNS).where(entries.c.category == category)
        return [as_entry(row) for row in unit.execute(query)]

    def bytes_and_count(self, unit: Unit) -> tuple[int, int]:
        row = unit.execute(select(func.sum(entries.c.size_bytes), func.count())).one()
        return int(row[0] or 0), int(row[1])

    def without_placement(self, unit: Unit) -> list[Entry]:
        """Complete entries that no provider has."""
        live = select(placements.c.entry_id).where(placements.c.removed_at.is_(None))
        query = select(*COLUMNS).where(entries.c.state == State.DONE.value, entries.c.id.not_in(live))
        return [as_entry(row) for row in unit.execute(query)]

    def same_file(self, unit: Unit, name: str, size_bytes: int, *, but: int) -> list[Entry]:
        """Other entries with a file of the same name and size."""
        query = (
            select(*COLUMNS)
            .join(files, files.c.entry_id == entries.c.id)
            .where(files.c.name == name, files.c.size_bytes == size_bytes, entries.c.id != but)
            .limit(20)
        )
        return [as_entry(row) for row in unit.execute(query)]


def _filtered(query: Select[Any], category: str | None, state: Sequence[str], search: str) -> Select[Any]:
    if category is not None:
        query = query.where(entries.c.category == category)
    if state:
        query = query.where(entries.c.state.in_(list(state)))
    for word in fold(search).split()[:10]:
        query = query.where(
            or_(
                entries.c.name_key.contains(word, autoescape=True),
                entries.c.info_hash.contains(word, autoescape=True),
            )
        )
    return query


def _values(entry: Entry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in Entry.__struct_fields__ if name != "id"}
    values["name_key"] = fold(entry.name)
    values["tags"] = list(entry.tags)
    values["state"], values["action"] = entry.state.value, entry.action.value
    values["options"], values["client"] = msgspec.to_builtins(entry.options), msgspec.to_builtins(entry.client)
    return values

"""The rows that the tree is made of, read straight and quickly."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Row, func, or_, select

from polycast.acquire.catalogue.model import State, Status
from polycast.acquire.tables import entries, files, placements
from polycast.core.storage import Unit

PAGE: Final = 5_000
CHUNK: Final = 500
COLUMNS: Final = (
    entries.c.id,
    entries.c.info_hash,
    entries.c.folder,
    entries.c.size_bytes,
    entries.c.added_at,
    entries.c.protocol,
    entries.c.category,
    entries.c.is_bad,
    entries.c.active_provider,
)
_LIVE: Final = (
    select(placements.c.entry_id)
    .where(placements.c.removed_at.is_(None), placements.c.status == Status.DOWNLOADED.value)
    .distinct()
)
_SHOWN: Final = or_(
    entries.c.state == State.DONE.value,
    entries.c.is_bad.is_(True),
    entries.c.id.in_(_LIVE),
)


class TreeStore:
    """Entries that have a folder in the tree."""

    def page(self, unit: Unit, after: int) -> list[Row[Any]]:
        """The next ones by key."""
        query = select(*COLUMNS).where(_SHOWN, entries.c.id > after).order_by(entries.c.id).limit(PAGE)
        return list(unit.execute(query).all())

    def some(self, unit: Unit, hashes: Sequence[str]) -> list[Row[Any]]:
        found: list[Row[Any]] = []
        for at in range(0, len(hashes), CHUNK):
            found += unit.execute(
                select(*COLUMNS).where(_SHOWN, entries.c.info_hash.in_(hashes[at : at + CHUNK]))
            ).all()
        return found

    def hashes(self, unit: Unit, folder: str) -> list[str]:
        """Of the entries whose folder has this name."""
        query = select(entries.c.info_hash).where(_SHOWN, entries.c.folder == folder).limit(CHUNK)
        return list(unit.execute(query).scalars())

    def providers(self, unit: Unit, between: tuple[int, int]) -> list[Row[Any]]:
        """(entry, provider) of every live placement of entries with keys in a range, ends included."""
        query = select(placements.c.entry_id, placements.c.provider).where(
            placements.c.entry_id.between(*between),
            placements.c.removed_at.is_(None),
            placements.c.status == Status.DOWNLOADED.value,
        )
        return list(unit.execute(query).all())

    def counts(self, unit: Unit, between: tuple[int, int]) -> list[Row[Any]]:
        """(entry, number of its files)."""
        query = (
            select(files.c.entry_id, func.count())
            .where(files.c.entry_id.between(*between), files.c.is_deleted.is_(False))
            .group_by(files.c.entry_id)
        )
        return list(unit.execute(query).all())

    def names(self, unit: Unit, entry_ids: Iterable[int]) -> dict[int, list[str]]:
        """File names by entry."""
        wanted = list(entry_ids)
        found: dict[int, list[str]] = {}
        for at in range(0, len(wanted), CHUNK):
            query = select(files.c.entry_id, files.c.name).where(
                files.c.entry_id.in_(wanted[at : at + CHUNK]), files.c.is_deleted.is_(False)
            )
            for row in unit.execute(query):
                found.setdefault(row.entry_id, []).append(row.name)
        return found

"""Rows of titles, read: one item, its family, its words, people, ratings. Lists are in `store_lists.py`."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Row, select

from polycast.core.storage import Unit
from polycast.library.catalogue.model import Item, Kind, MatchStatus, Viewer
from polycast.library.catalogue.store_viewer import visible
from polycast.library.tables.catalogue import items, parts, people, ratings, tags

KEY_DIGITS: Final = 19
EPOCH: Final = date(1970, 1, 1)
NOT_SHOWN: Final = frozenset({"is_rated", "match_key", "candidates", "retry_at", "tries", "refreshed_at"})
SHOWN: Final = tuple(column for column in items.c if column.name not in NOT_SHOWN)


class Credit(Struct, frozen=True, kw_only=True):
    """Somebody's part in a title."""

    person_id: int
    person_nanoid: str
    person_uuid: str
    name: str
    image: str
    kind: str  # cast, crew
    character: str
    job: str
    department: str
    position: int


class Rating(Struct, frozen=True, kw_only=True):
    """What somebody thinks of a title, in their own scale."""

    source: str
    value: float
    scale: int
    votes: int | None
    url: str


class ItemStore:
    """Titles by name, key or family. Every question but those of our own work carries a viewer."""

    def get(self, unit: Unit, nanoid: str, viewer: Viewer, kind: Kind | None = None) -> Item | None:
        # Refs of the house (`library.movie:12`) name a title by its key, which is never as long as an id.
        is_key = nanoid.isdecimal() and len(nanoid) < KEY_DIGITS
        query = select(*SHOWN).where(items.c.id == int(nanoid) if is_key else items.c.nanoid == nanoid, visible(viewer))
        if kind is not None:
            query = query.where(items.c.kind == kind.value)
        row = unit.execute(query).first()
        return None if row is None else item_of(row)

    def by_uuid(self, unit: Unit, uuid: str, viewer: Viewer) -> Item | None:
        row = unit.execute(select(*SHOWN).where(items.c.uuid == uuid, visible(viewer))).first()
        return None if row is None else item_of(row)

    def by_id(self, unit: Unit, item_id: int, viewer: Viewer | None = None) -> Item | None:
        """Without a viewer: for work of our own."""
        query = select(*SHOWN).where(items.c.id == item_id)
        if viewer is not None:
            query = query.where(visible(viewer))
        row = unit.execute(query).first()
        return None if row is None else item_of(row)

    def by_ids(self, unit: Unit, item_ids: Sequence[int], viewer: Viewer | None = None) -> dict[int, Item]:
        """Those that are there and may be seen."""
        found: dict[int, Item] = {}
        for start in range(0, len(item_ids), 500):
            query = select(*SHOWN).where(items.c.id.in_(list(item_ids[start : start + 500])))
            if viewer is not None:
                query = query.where(visible(viewer))
            found |= {row.id: item_of(row) for row in unit.execute(query)}
        return found

    def by_tmdb(self, unit: Unit, viewer: Viewer, wanted: dict[int, str]) -> dict[int, str]:
        """Names by TMDB's id, of those that are of the kind that is wanted."""
        query = select(items.c.tmdb, items.c.kind, items.c.nanoid).where(
            items.c.tmdb.in_(list(wanted)), items.c.kind.in_(("movie", "show")), visible(viewer)
        )
        return {row.tmdb: row.nanoid for row in unit.execute(query) if wanted.get(row.tmdb) == row.kind}

    def seasons(self, unit: Unit, show_id: int, viewer: Viewer) -> list[Item]:
        query = select(*SHOWN).where(items.c.top_id == show_id, items.c.kind == Kind.SEASON.value, visible(viewer))
        return [item_of(row) for row in unit.execute(query.order_by(items.c.season_number, items.c.id))]

    def season(self, unit: Unit, show_id: int, number: int, viewer: Viewer) -> Item | None:
        query = select(*SHOWN).where(
            items.c.top_id == show_id,
            items.c.kind == Kind.SEASON.value,
            items.c.season_number == number,
            visible(viewer),
        )
        row = unit.execute(query).first()
        return None if row is None else item_of(row)

    def episodes(
        self, unit: Unit, show_id: int, viewer: Viewer, *, season: int | None = None, missing: bool = False
    ) -> list[Item]:
        """In order. Those without a file only with `missing`."""
        query = select(*SHOWN).where(items.c.top_id == show_id, items.c.kind == Kind.EPISODE.value, visible(viewer))
        if season is not None:
            query = query.where(items.c.season_number == season)
        if not missing:
            query = query.where(items.c.is_available.is_(True))
        query = query.order_by(items.c.season_number, items.c.episode_number, items.c.id)
        return [item_of(row) for row in unit.execute(query)]

    def episode(self, unit: Unit, show_id: int, season: int, number: int, viewer: Viewer) -> Item | None:
        query = select(*SHOWN).where(
            items.c.top_id == show_id,
            items.c.kind == Kind.EPISODE.value,
            items.c.season_number == season,
            items.c.episode_number == number,
            visible(viewer),
        )
        row = unit.execute(query.order_by(items.c.is_available.desc(), items.c.id)).first()
        return None if row is None else item_of(row)

    def words(self, unit: Unit, item_ids: Sequence[int]) -> dict[int, dict[str, list[str]]]:
        """Genres, keywords, studios ... by item and kind."""
        found: dict[int, dict[str, list[str]]] = {}
        if item_ids:
            query = select(tags.c.item_id, tags.c.kind, tags.c.value).where(tags.c.item_id.in_(list(item_ids)))
            for item_id, kind, value in unit.execute(query.order_by(tags.c.position, tags.c.value_key)):
                found.setdefault(item_id, {}).setdefault(kind, []).append(value)
        return found

    def credits(self, unit: Unit, item_id: int) -> list[Credit]:
        """The cast, then the crew, in their order."""
        query = (
            select(
                people.c.id.label("person_id"),
                people.c.nanoid.label("person_nanoid"),
                people.c.uuid.label("person_uuid"),
                people.c.name,
                people.c.image,
                parts.c.kind,
                parts.c.character,
                parts.c.job,
                parts.c.department,
                parts.c.position,
            )
            .join(people, people.c.id == parts.c.person_id)
            .where(parts.c.item_id == item_id)
        )
        rows = unit.execute(query.order_by(parts.c.kind, parts.c.position, parts.c.id))
        return [Credit(**row._mapping) for row in rows]

    def ratings(self, unit: Unit, item_ids: Sequence[int]) -> dict[int, list[Rating]]:
        found: dict[int, list[Rating]] = {}
        if item_ids:
            query = select(ratings).where(ratings.c.item_id.in_(list(item_ids))).order_by(ratings.c.source)
            for row in unit.execute(query):
                one = Rating(source=row.source, value=row.value / 1000, scale=row.scale, votes=row.votes, url=row.url)
                found.setdefault(row.item_id, []).append(one)
        return found


def item_of(row: Row[Any]) -> Item:
    """A row of `SHOWN` as a struct."""
    values = dict(row._mapping)
    for name in ("released", "last_aired"):
        values[name] = None if values[name] is None else EPOCH + timedelta(days=values[name])
    values["kind"] = Kind(values["kind"])
    values["match_status"] = MatchStatus(values["match_status"])
    return Item(**{name: values[name] for name in Item.__struct_fields__})


def days_of(day: date | None) -> int | None:
    """A date as it is stored."""
    return None if day is None else (day - EPOCH).days

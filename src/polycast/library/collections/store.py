"""Rows of collections and what is in them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Row, delete, func, literal, or_, select, tuple_, update

from polycast.core.storage import Unit
from polycast.library.catalogue.model import Viewer
from polycast.library.catalogue.store_viewer import visible
from polycast.library.collections.model import Collection
from polycast.library.tables.catalogue import items
from polycast.library.tables.collections import collection_items, collections

SHOWN: Final = tuple(one for one in collections.c if one.name not in ("name_key", "tmdb"))
SORTS: Final[dict[str, Any]] = {
    "title": items.c.title_key, "year": func.coalesce(items.c.year, -1), "releaseDate": func.coalesce(items.c.released, -1),
    "addedAt": items.c.added_at, "rating": func.coalesce(items.c.rating, -1),
    "runtime": func.coalesce(items.c.runtime, -1), "fileSize": items.c.file_size,
    "random": (items.c.id * 7919) % 1_000_003,
}  # fmt: skip


class CollectionStore:
    """The only place that writes `library_collections` and their items."""

    def insert(self, unit: Unit, **values: Any) -> int:
        return unit.insert(collections, **values)

    def update(self, unit: Unit, collection_id: int, **values: Any) -> None:
        unit.execute(update(collections).where(collections.c.id == collection_id).values(**values))

    def delete(self, unit: Unit, collection_id: int) -> None:
        unit.execute(delete(collections).where(collections.c.id == collection_id))

    def get(self, unit: Unit, nanoid: str, user_id: int | None) -> Collection | None:
        row = unit.execute(select(*SHOWN).where(collections.c.nanoid == nanoid, _may_see(user_id))).first()
        return None if row is None else _collection(row)

    def by_id(self, unit: Unit, collection_id: int) -> Collection | None:
        row = unit.execute(select(*SHOWN).where(collections.c.id == collection_id)).first()
        return None if row is None else _collection(row)

    def page(
        self, unit: Unit, user_id: int | None, *, after: tuple[str, int] | None, limit: int
    ) -> list[tuple[Collection, tuple[str, int]]]:
        """By name."""
        query = select(*SHOWN, collections.c.name_key).where(_may_see(user_id))
        if after is not None:
            place = tuple_(literal(after[0], collections.c.name_key.type), literal(after[1], BigInteger))
            query = query.where(tuple_(collections.c.name_key, collections.c.id) > place)
        rows = unit.execute(query.order_by(collections.c.name_key, collections.c.id).limit(limit))
        return [(_collection(row), (row.name_key, row.id)) for row in rows]

    def has_name(self, unit: Unit, name_key: str, user_id: int | None, *, but: int | None) -> bool:
        query = select(collections.c.id).where(collections.c.name_key == name_key, collections.c.created_by == user_id)
        if but is not None:
            query = query.where(collections.c.id != but)
        return unit.execute(query.limit(1)).first() is not None

    def ruled(self, unit: Unit) -> list[Collection]:
        """Those that rules fill."""
        rows = unit.execute(select(*SHOWN).where(collections.c.type.in_(("auto", "smart"))).order_by(collections.c.id))
        return [_collection(row) for row in rows]

    def visible_count(self, unit: Unit, collection_ids: Sequence[int], viewer: Viewer) -> dict[int, int]:
        """How many titles of each the viewer may see."""
        if not collection_ids:
            return {}
        query = (
            select(collection_items.c.collection_id, func.count())
            .join(items, items.c.id == collection_items.c.item_id)
            .where(
                collection_items.c.collection_id.in_(list(collection_ids)),
                items.c.is_available.is_(True),
                visible(viewer),
            )
            .group_by(collection_items.c.collection_id)
        )
        return {key: int(count) for key, count in unit.execute(query)}

    def members(
        self, unit: Unit, one: Collection, viewer: Viewer, *, after: tuple[Any, int] | None, limit: int
    ) -> list[tuple[int, tuple[Any, int]]]:
        """Keys of titles in the collection's order, each with its place."""
        key = (
            collection_items.c.position
            if one.type == "manual" and one.sort_by == "custom"
            else SORTS.get(one.sort_by, items.c.title_key)
        )
        is_down = one.sort_order == "desc"
        query = (
            select(items.c.id, key.label("sort_value"))
            .join(collection_items, collection_items.c.item_id == items.c.id)
            .where(collection_items.c.collection_id == one.id, items.c.is_available.is_(True), visible(viewer))
        )
        if after is not None:
            kind = items.c.title_key.type if isinstance(after[0], str) else BigInteger()
            here, place = tuple_(key, items.c.id), tuple_(literal(after[0], kind), literal(after[1], BigInteger))
            query = query.where(here < place if is_down else here > place)
        order = (key.desc(), items.c.id.desc()) if is_down else (key, items.c.id)
        return [(row.id, (row.sort_value, row.id)) for row in unit.execute(query.order_by(*order).limit(limit))]

    def member_ids(self, unit: Unit, collection_id: int) -> list[int]:
        """All, in their own order."""
        query = select(collection_items.c.item_id).where(collection_items.c.collection_id == collection_id)
        return [row[0] for row in unit.execute(query.order_by(collection_items.c.position, collection_items.c.item_id))]

    def add(self, unit: Unit, collection_id: int, item_ids: Sequence[int], *, start: int, at: datetime) -> None:
        rows = [
            {"collection_id": collection_id, "item_id": one, "position": start + place, "added_at": at}
            for place, one in enumerate(item_ids)
        ]
        unit.upsert(collection_items, rows, key=["collection_id", "item_id"], update=[])

    def place(self, unit: Unit, collection_id: int, item_ids: Sequence[int], at: datetime) -> None:
        """Give these, which are all, a new order."""
        rows = [
            {"collection_id": collection_id, "item_id": one, "position": place, "added_at": at}
            for place, one in enumerate(item_ids)
        ]
        unit.upsert(collection_items, rows, key=["collection_id", "item_id"], update=["position"])

    def remove(self, unit: Unit, collection_id: int, item_ids: Sequence[int]) -> int:
        query = delete(collection_items).where(
            collection_items.c.collection_id == collection_id, collection_items.c.item_id.in_(list(item_ids))
        )
        return unit.execute(query).rowcount

    def matching(self, unit: Unit, wanted: ColumnElement[bool], viewer: Viewer | None, *, limit: int | None,
                 sort_by: str = "title", descending: bool = False) -> list[int]:  # fmt: skip
        """Keys of titles that fulfil a condition."""
        key = SORTS.get(sort_by, items.c.title_key)
        query = select(items.c.id).where(wanted)
        if viewer is not None:
            query = query.where(visible(viewer))
        query = query.order_by(*((key.desc(), items.c.id.desc()) if descending else (key, items.c.id)))
        return [row[0] for row in unit.execute(query if limit is None else query.limit(limit))]

    def count_matching(self, unit: Unit, wanted: ColumnElement[bool], viewer: Viewer) -> int:
        query = select(func.count()).select_from(items).where(wanted, visible(viewer))
        return int(unit.execute(query).scalar_one())


def _may_see(user_id: int | None) -> ColumnElement[bool]:
    return or_(collections.c.visibility == "server", collections.c.created_by == user_id)


def _collection(row: Row[Any]) -> Collection:
    values = {name: value for name, value in row._mapping.items() if name in Collection.__struct_fields__}
    return Collection(**values)

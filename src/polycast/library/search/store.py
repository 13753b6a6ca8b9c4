"""People, collections and genres by the beginning of a word of their name."""

from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select

from polycast.core.storage import Unit, fold, sort_key
from polycast.library.catalogue.model import Viewer
from polycast.library.catalogue.store_viewer import visible
from polycast.library.tables.catalogue import items, parts, people, tags
from polycast.library.tables.collections import collections


class SearchStore:
    """What the one search does not hold, because who may find it depends on titles."""

    def people(self, unit: Unit, viewer: Viewer, text: str, *, limit: int) -> list[Row[Any]]:
        """Somebody is found by those who may see a title they had a part in."""
        seen = (
            select(parts.c.person_id)
            .join(items, items.c.id == parts.c.item_id)
            .where(parts.c.person_id == people.c.id, items.c.is_available.is_(True), visible(viewer))
        )
        query = select(people.c.nanoid, people.c.name, people.c.image).where(
            _begins(people.c.name_key, sort_key(text)), seen.exists()
        )
        return list(unit.execute(query.order_by(people.c.name_key, people.c.id).limit(limit)))

    def collections(self, unit: Unit, user_id: int | None, text: str, *, limit: int) -> list[Row[Any]]:
        query = select(collections.c.nanoid, collections.c.name, collections.c.poster).where(
            _begins(collections.c.name_key, sort_key(text)),
            or_(collections.c.visibility == "server", collections.c.created_by == user_id),
        )
        return list(unit.execute(query.order_by(collections.c.name_key).limit(limit)))

    def genres(self, unit: Unit, viewer: Viewer, text: str, *, limit: int) -> list[str]:
        query = (
            select(func.min(tags.c.value))
            .join(items, items.c.id == tags.c.item_id)
            .where(tags.c.kind == "genre", _begins(tags.c.value_key, fold(text)), visible(viewer))
            .group_by(tags.c.value_key)
        )
        return [row[0] for row in unit.execute(query.limit(limit))]


def _begins(column: Any, text: str) -> ColumnElement[bool]:
    """Some word of `column` begins with `text`."""
    return or_(column.startswith(text, autoescape=True), column.contains(f" {text}", autoescape=True))

"""Rows of watchlists."""

from typing import Any

from sqlalchemy import Row, delete, or_, select

from polycast.core.storage import Unit
from polycast.library.catalogue.model import Viewer
from polycast.library.catalogue.store_viewer import visible
from polycast.library.tables.catalogue import items
from polycast.library.tables.collections import watchlist


class WatchlistStore:
    """The only place that writes `library_watchlist`."""

    def page(self, unit: Unit, viewer: Viewer, *, before: int | None, limit: int) -> list[Row[Any]]:
        user, profile = viewer.key
        seen = select(items.c.id).where(visible(viewer))
        query = select(watchlist).where(
            watchlist.c.user_id == user,
            watchlist.c.profile_id == profile,
            or_(watchlist.c.item_id.is_(None), watchlist.c.item_id.in_(seen)),
        )
        if before is not None:
            query = query.where(watchlist.c.id < before)
        return list(unit.execute(query.order_by(watchlist.c.id.desc()).limit(limit)))

    def row(self, unit: Unit, key: int) -> Row[Any]:
        return unit.execute(select(watchlist).where(watchlist.c.id == key)).one()

    def has(self, unit: Unit, viewer: Viewer, identity: str) -> bool:
        user, profile = viewer.key
        query = select(watchlist.c.id).where(
            watchlist.c.user_id == user, watchlist.c.profile_id == profile, watchlist.c.identity == identity
        )
        return unit.execute(query).first() is not None

    def insert(self, unit: Unit, **values: Any) -> int:
        return unit.insert(watchlist, **values)

    def delete(self, unit: Unit, nanoid: str, viewer: Viewer) -> bool:
        user, profile = viewer.key
        query = delete(watchlist).where(
            watchlist.c.nanoid == nanoid, watchlist.c.user_id == user, watchlist.c.profile_id == profile
        )
        return unit.execute(query).rowcount > 0

    def item_of_tmdb(self, unit: Unit, media_type: str, tmdb: int, viewer: Viewer) -> int | None:
        query = select(items.c.id).where(items.c.kind == media_type, items.c.tmdb == tmdb, visible(viewer))
        row = unit.execute(query.order_by(items.c.id).limit(1)).first()
        return None if row is None else int(row[0])

"""Rows of ratings that others have given."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, select

from polycast.core.storage import Unit
from polycast.library.metadata.model import Rated
from polycast.library.tables.catalogue import items, ratings
from polycast.library.tables.connections import rated


class RatingStore:
    """Ratings besides those that come with a title's facts."""

    def unrated(self, unit: Unit, *, before: datetime, among: Sequence[int] | None, limit: int) -> list[Row[Any]]:
        """Films and shows with an id at TMDB that were not asked about since `before`."""
        asked = exists().where(rated.c.item_id == items.c.id, rated.c.at > before)
        query = select(items.c.id, items.c.kind, items.c.tmdb).where(
            items.c.kind.in_(("movie", "show")), items.c.tmdb.is_not(None), ~asked
        )
        if among is None:
            return list(unit.execute(query.order_by(items.c.id).limit(limit)))
        found: list[Row[Any]] = []
        for start in range(0, len(among), 500):
            some = query.where(items.c.id.in_(list(among[start : start + 500])))
            found += unit.execute(some.order_by(items.c.id))
        return found[:limit]

    def put(self, unit: Unit, item_id: int, found: Sequence[Rated], at: datetime) -> None:
        """Keep these, and that it was asked."""
        rows = [
            {"item_id": item_id, "source": one.source, "value": round(one.value * 1000), "scale": one.scale,
             "votes": one.votes, "url": one.url, "fetched_at": at}
            for one in found
        ]  # fmt: skip
        unit.upsert(ratings, rows, key=["item_id", "source"], update=["value", "scale", "votes", "url", "fetched_at"])
        unit.upsert(rated, [{"item_id": item_id, "at": at}], key=["item_id"], update=["at"])

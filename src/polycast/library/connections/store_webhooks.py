"""Rows of addresses that are told what happens here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from polycast.core.storage import Unit
from polycast.library.tables.catalogue import items, libraries
from polycast.library.tables.connections import webhooks


class WebhookStore:
    """The only place that writes `library_webhooks`."""

    def all(self, unit: Unit) -> list[Row[Any]]:
        return list(unit.execute(select(webhooks).order_by(webhooks.c.id)))

    def get(self, unit: Unit, nanoid: str) -> Row[Any] | None:
        return unit.execute(select(webhooks).where(webhooks.c.nanoid == nanoid)).first()

    def by_id(self, unit: Unit, key: int) -> Row[Any] | None:
        return unit.execute(select(webhooks).where(webhooks.c.id == key)).first()

    def insert(self, unit: Unit, **values: Any) -> int:
        return unit.insert(webhooks, **values)

    def update(self, unit: Unit, key: int, **values: Any) -> None:
        unit.execute(update(webhooks).where(webhooks.c.id == key).values(**values))

    def delete(self, unit: Unit, key: int) -> None:
        unit.execute(delete(webhooks).where(webhooks.c.id == key))

    def youngest(self, unit: Unit) -> int:
        """The highest key that a title has."""
        return int(unit.execute(select(func.max(items.c.id))).scalar_one() or 0)

    def titles(self, unit: Unit, item_ids: Sequence[int], *, after: int) -> list[Row[Any]]:
        """Of these the films and episodes with a file whose key is higher than `after`."""
        shows = items.alias("shows")
        query = (
            select(
                items.c.id, items.c.nanoid, items.c.kind, items.c.title, items.c.year, items.c.season_number,
                items.c.episode_number, items.c.tmdb, items.c.imdb, items.c.tvdb, items.c.added_at,
                shows.c.title.label("show_title"), libraries.c.nanoid.label("library"),
            )
            .join(libraries, libraries.c.id == items.c.library_id)
            .outerjoin(shows, shows.c.id == items.c.top_id)
            .where(
                items.c.id.in_(list(item_ids)), items.c.id > after, items.c.kind.in_(("movie", "episode")),
                items.c.is_available.is_(True),
            )
        )  # fmt: skip
        return list(unit.execute(query.order_by(items.c.id)))

    def title_of(self, unit: Unit, nanoid: str) -> str:
        found = unit.execute(select(items.c.title).where(items.c.nanoid == nanoid)).scalar_one_or_none()
        return found or ""

    def said(self, unit: Unit, key: int, *, status: int, error: str, failures: int, at: datetime) -> None:
        self.update(unit, key, last_status=status, error=error[:300], failures=failures, last_at=at)

"""Rows of other servers, and finding our titles by theirs."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, or_, select, update

from polycast.core.storage import Unit
from polycast.library.migration.model import Entry
from polycast.library.tables.catalogue import items
from polycast.library.tables.playback import progress
from polycast.library.tables.podcasts import sources


class MigrationStore:
    """The only place that writes `library_sources`."""

    def all(self, unit: Unit, kinds: tuple[str, ...]) -> list[Row[Any]]:
        return list(unit.execute(select(sources).where(sources.c.type.in_(kinds)).order_by(sources.c.id)))

    def get(self, unit: Unit, nanoid: str, kinds: tuple[str, ...]) -> Row[Any] | None:
        query = select(sources).where(sources.c.nanoid == nanoid, sources.c.type.in_(kinds))
        return unit.execute(query).first()

    def by_id(self, unit: Unit, key: int) -> Row[Any] | None:
        return unit.execute(select(sources).where(sources.c.id == key)).first()

    def insert(self, unit: Unit, **values: Any) -> int:
        return unit.insert(sources, **values)

    def update(self, unit: Unit, key: int, **values: Any) -> None:
        unit.execute(update(sources).where(sources.c.id == key).values(**values))

    def delete(self, unit: Unit, key: int) -> None:
        unit.execute(delete(sources).where(sources.c.id == key))

    def find(self, unit: Unit, kind: str, one: Entry, library_id: int, match_key: str) -> int | None:
        """Our film or show for theirs: by ids, else by name. `library_id` 0 for any."""
        told = (one.tmdb, one.imdb, one.tvdb) if kind == "movie" else (one.show_tmdb, one.show_imdb, one.show_tvdb)
        columns = (items.c.tmdb, items.c.imdb, items.c.tvdb)
        same = [column == value for column, value in zip(columns, told, strict=True) if value is not None]
        base = select(items.c.id).where(items.c.kind == kind)
        if library_id:
            base = base.where(items.c.library_id == library_id)
        if same and (row := unit.execute(base.where(or_(*same)).order_by(items.c.id)).first()):
            return int(row[0])
        row = unit.execute(base.where(items.c.match_key == match_key).order_by(items.c.id)).first()
        return None if row is None else int(row[0])

    def episode(self, unit: Unit, show_id: int, season: int, number: int) -> int | None:
        query = select(items.c.id).where(
            items.c.top_id == show_id,
            items.c.kind == "episode",
            items.c.season_number == season,
            items.c.episode_number == number,
        )
        row = unit.execute(query.order_by(items.c.id)).first()
        return None if row is None else int(row[0])

    def played_at(self, unit: Unit, user_id: int, item_id: int) -> tuple[bool, datetime | None]:
        """Whether somebody's state of a title is known, and of when."""
        query = select(progress.c.last_played_at).where(
            progress.c.user_id == user_id, progress.c.profile_id == 0, progress.c.item_id == item_id
        )
        row = unit.execute(query).first()
        return row is not None, None if row is None else row[0]

    def shells(self, unit: Unit, *, after: int, limit: int) -> list[Row[Any]]:
        query = select(items).where(items.c.is_shell.is_(True), items.c.kind.in_(("movie", "show")), items.c.id > after)
        return list(unit.execute(query.order_by(items.c.id).limit(limit)))

    def count_shells(self, unit: Unit) -> dict[str, int]:
        query = select(items.c.kind).where(items.c.is_shell.is_(True), items.c.kind.in_(("movie", "show")))
        found: dict[str, int] = {}
        for row in unit.execute(query):
            found[row.kind] = found.get(row.kind, 0) + 1
        return found

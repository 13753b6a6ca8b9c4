"""Rows of podcasts and their episodes."""

from typing import Any, Final

from sqlalchemy import delete, func, select, update

from polycast.core.storage import Unit
from polycast.radio.podcasts.model import Episode, Podcast
from polycast.radio.tables import episodes, podcasts

_COLUMNS: Final = tuple(name for name in Podcast.__struct_fields__ if name != "episodes_count")


class PodcastStore:
    """The only place that reads and writes them, but for backups."""

    def get(self, unit: Unit, podcast_id: int) -> Podcast | None:
        found = self._many(unit, podcasts.c.id == podcast_id)
        return found[0] if found else None

    def of_station(self, unit: Unit, station_id: int) -> list[Podcast]:
        """The oldest first."""
        return self._many(unit, podcasts.c.station_id == station_id)

    def _many(self, unit: Unit, meant: Any) -> list[Podcast]:
        counted = (
            select(episodes.c.podcast_id, func.count().label("number"))
            .where(episodes.c.published.is_(True))
            .group_by(episodes.c.podcast_id)
            .subquery()
        )
        query = select(podcasts, counted.c.number).outerjoin(counted, counted.c.podcast_id == podcasts.c.id)
        return [
            Podcast(**{name: row._mapping[name] for name in _COLUMNS}, episodes_count=row.number or 0)
            for row in unit.execute(query.where(meant).order_by(podcasts.c.id))
        ]

    def insert(self, unit: Unit, **values: Any) -> int:
        return unit.insert(podcasts, **values)

    def update(self, unit: Unit, podcast_id: int, **values: Any) -> None:
        if values:
            unit.execute(update(podcasts).where(podcasts.c.id == podcast_id).values(**values))

    def delete(self, unit: Unit, podcast_id: int) -> None:
        unit.execute(delete(podcasts).where(podcasts.c.id == podcast_id))

    def episode(self, unit: Unit, episode_id: int) -> Episode | None:
        row = unit.execute(select(episodes).where(episodes.c.id == episode_id)).first()
        return None if row is None else _episode(row)

    def episodes(self, unit: Unit, podcast_id: int) -> list[Episode]:
        """The latest first."""
        order = (episodes.c.pub_date.desc(), episodes.c.id.desc())
        query = select(episodes).where(episodes.c.podcast_id == podcast_id).order_by(*order)
        return [_episode(row) for row in unit.execute(query)]

    def insert_episode(self, unit: Unit, **values: Any) -> int:
        return unit.insert(episodes, **values)

    def update_episode(self, unit: Unit, episode_id: int, **values: Any) -> None:
        if values:
            unit.execute(update(episodes).where(episodes.c.id == episode_id).values(**values))

    def delete_episode(self, unit: Unit, episode_id: int) -> None:
        unit.execute(delete(episodes).where(episodes.c.id == episode_id))


def _episode(row: Any) -> Episode:
    return Episode(**{name: row._mapping[name] for name in Episode.__struct_fields__})

"""Rows of Trakt accounts, and what was watched since Trakt was told last."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from polycast.core.storage import Unit
from polycast.library.tables.catalogue import items
from polycast.library.tables.connections import trakt_links
from polycast.library.tables.playback import progress, sessions


class TraktStore:
    """The only place that writes `library_trakt_links`."""

    def get(self, unit: Unit, user_id: int) -> Row[Any] | None:
        return unit.execute(select(trakt_links).where(trakt_links.c.user_id == user_id)).first()

    def all(self, unit: Unit) -> list[Row[Any]]:
        return list(unit.execute(select(trakt_links).order_by(trakt_links.c.user_id)))

    def put(self, unit: Unit, user_id: int, **values: Any) -> None:
        """A new link in place of an old one."""
        self.delete(unit, user_id)
        unit.execute(trakt_links.insert().values(user_id=user_id, **values))

    def update(self, unit: Unit, user_id: int, **values: Any) -> None:
        unit.execute(update(trakt_links).where(trakt_links.c.user_id == user_id).values(**values))

    def delete(self, unit: Unit, user_id: int) -> None:
        unit.execute(delete(trakt_links).where(trakt_links.c.user_id == user_id))

    def to_push(self, unit: Unit, user_id: int, since: datetime | None, *, limit: int) -> list[Row[Any]]:
        """What the user has seen to its end after `since`, the longest ago first; nothing that came from Trakt."""
        shows = items.alias("shows")
        query = (
            select(
                items.c.kind, items.c.tmdb, items.c.imdb, items.c.tvdb, items.c.season_number, items.c.episode_number,
                shows.c.tmdb.label("show_tmdb"), shows.c.imdb.label("show_imdb"), shows.c.tvdb.label("show_tvdb"),
                progress.c.last_played_at, progress.c.item_id,
            )
            .join(progress, progress.c.item_id == items.c.id)
            .outerjoin(shows, shows.c.id == items.c.top_id)
            .where(
                progress.c.user_id == user_id, progress.c.profile_id == 0, progress.c.watched.is_(True),
                progress.c.source != "trakt", progress.c.last_played_at.is_not(None),
                items.c.kind.in_(("movie", "episode")),
            )
        )  # fmt: skip
        if since is not None:
            query = query.where(progress.c.last_played_at > since)
        return list(unit.execute(query.order_by(progress.c.last_played_at, progress.c.id).limit(limit)))

    def known_there(self, unit: Unit, user_id: int, item_ids: Sequence[int]) -> None:
        """Trakt knows that these were seen: they are not told again."""
        unit.execute(
            update(progress)
            .where(progress.c.user_id == user_id, progress.c.profile_id == 0, progress.c.item_id.in_(list(item_ids)))
            .values(source="trakt")
        )

    def session(self, unit: Unit, nanoid: str) -> Row[Any] | None:
        """Whose a playback is, and how far it is."""
        query = select(
            sessions.c.user_id,
            sessions.c.profile_id,
            sessions.c.item_id,
            sessions.c.position_ms,
            sessions.c.duration_ms,
        )
        return unit.execute(query.where(sessions.c.nanoid == nanoid)).first()

    def what(self, unit: Unit, item_id: int) -> Row[Any] | None:
        """The ids of a film, or of an episode and its show."""
        shows = items.alias("shows")
        query = select(
            items.c.kind, items.c.title, items.c.year, items.c.tmdb, items.c.imdb, items.c.tvdb, items.c.season_number,
            items.c.episode_number, shows.c.title.label("show_title"), shows.c.tmdb.label("show_tmdb"),
            shows.c.imdb.label("show_imdb"), shows.c.tvdb.label("show_tvdb"),
        ).outerjoin(shows, shows.c.id == items.c.top_id)  # fmt: skip
        return unit.execute(query.where(items.c.id == item_id)).first()

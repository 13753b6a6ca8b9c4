"""Rows of podcasts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, and_, delete, func, literal, or_, select, tuple_, update

from polycast.core.storage import Unit
from polycast.library.tables.podcasts import podcast_episodes, podcast_positions, podcast_subscriptions, podcasts


class PodcastStore:
    """The only place that writes the tables of podcasts."""

    def subscribed(self, unit: Unit, user_id: int) -> list[Row[Any]]:
        query = (
            select(podcasts, podcast_subscriptions.c.settings)
            .join(podcast_subscriptions, podcast_subscriptions.c.podcast_id == podcasts.c.id)
            .where(podcast_subscriptions.c.user_id == user_id)
        )
        return list(unit.execute(query.order_by(podcasts.c.title_key, podcasts.c.id)))

    def get(self, unit: Unit, nanoid: str, user_id: int) -> Row[Any] | None:
        """One that the user has subscribed to."""
        query = (
            select(podcasts, podcast_subscriptions.c.settings)
            .join(podcast_subscriptions, podcast_subscriptions.c.podcast_id == podcasts.c.id)
            .where(podcasts.c.nanoid == nanoid, podcast_subscriptions.c.user_id == user_id)
        )
        return unit.execute(query).first()

    def by_url(self, unit: Unit, url: str) -> Row[Any] | None:
        return unit.execute(select(podcasts).where(podcasts.c.feed_url == url)).first()

    def by_id(self, unit: Unit, key: int) -> Row[Any] | None:
        return unit.execute(select(podcasts).where(podcasts.c.id == key)).first()

    def due(self, unit: Unit, now: datetime, *, limit: int) -> list[Row[Any]]:
        query = select(podcasts).where(podcasts.c.due_at <= now).order_by(podcasts.c.due_at).limit(limit)
        return list(unit.execute(query))

    def insert(self, unit: Unit, **values: Any) -> int:
        return unit.insert(podcasts, **values)

    def update(self, unit: Unit, key: int, **values: Any) -> None:
        unit.execute(update(podcasts).where(podcasts.c.id == key).values(**values))

    def subscribe(self, unit: Unit, user_id: int, key: int, at: datetime) -> bool:
        """Whether it is new."""
        query = select(podcast_subscriptions.c.id).where(
            podcast_subscriptions.c.user_id == user_id, podcast_subscriptions.c.podcast_id == key
        )
        if unit.execute(query).first() is not None:
            return False
        unit.insert(podcast_subscriptions, user_id=user_id, podcast_id=key, settings={}, created_at=at)
        return True

    def unsubscribe(self, unit: Unit, user_id: int, key: int) -> None:
        """The feed goes with its last subscriber."""
        unit.execute(
            delete(podcast_subscriptions).where(
                podcast_subscriptions.c.user_id == user_id, podcast_subscriptions.c.podcast_id == key
            )
        )
        left = select(func.count()).where(podcast_subscriptions.c.podcast_id == key)
        if not unit.execute(left).scalar_one():
            unit.execute(delete(podcasts).where(podcasts.c.id == key))

    def put_episodes(self, unit: Unit, rows: Sequence[dict[str, Any]]) -> None:
        names = ("title", "description", "published_at", "duration_s", "season", "episode", "audio_url", "audio_type",
                 "audio_bytes", "image", "chapters_url", "transcript_url")  # fmt: skip
        unit.upsert(podcast_episodes, rows, key=["podcast_id", "guid"], update=names)

    def counted(self, unit: Unit, key: int) -> tuple[int, datetime | None]:
        """How many episodes there are, and when the youngest was published."""
        query = select(func.count(), func.max(podcast_episodes.c.published_at)).where(
            podcast_episodes.c.podcast_id == key
        )
        count, latest = unit.execute(query).one()
        return int(count), latest

    def episodes(
        self, unit: Unit, key: int, user_id: int, *, after: tuple[datetime, int] | None, limit: int, unplayed: bool
    ) -> list[Row[Any]]:
        """The youngest first."""
        mine = and_(podcast_positions.c.episode_id == podcast_episodes.c.id, podcast_positions.c.user_id == user_id)
        query = (
            select(podcast_episodes, podcast_positions.c.position_ms, podcast_positions.c.played)
            .outerjoin(podcast_positions, mine)
            .where(podcast_episodes.c.podcast_id == key)
        )
        if unplayed:
            query = query.where(or_(podcast_positions.c.played.is_(None), podcast_positions.c.played.is_(False)))
        if after is not None:
            place = tuple_(literal(after[0], podcast_episodes.c.published_at.type), literal(after[1], BigInteger))
            query = query.where(tuple_(podcast_episodes.c.published_at, podcast_episodes.c.id) < place)
        order = (podcast_episodes.c.published_at.desc(), podcast_episodes.c.id.desc())
        return list(unit.execute(query.order_by(*order).limit(limit)))

    def episode(self, unit: Unit, nanoid: str, user_id: int) -> Row[Any] | None:
        """One of a podcast that the user has subscribed to."""
        query = (
            select(podcast_episodes)
            .join(podcast_subscriptions, podcast_subscriptions.c.podcast_id == podcast_episodes.c.podcast_id)
            .where(podcast_episodes.c.nanoid == nanoid, podcast_subscriptions.c.user_id == user_id)
        )
        return unit.execute(query).first()

    def put_position(
        self, unit: Unit, user_id: int, episode_id: int, position_ms: int, played: bool, at: datetime
    ) -> None:
        row = {
            "user_id": user_id,
            "episode_id": episode_id,
            "position_ms": position_ms,
            "played": played,
            "updated_at": at,
        }
        unit.upsert(
            podcast_positions, [row], key=["user_id", "episode_id"], update=["position_ms", "played", "updated_at"]
        )

"""Rows of kept episodes, queues, and subscriptions' settings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, or_, select, update

from polycast.core.storage import Unit
from polycast.library.tables.connections import podcast_files, podcast_queue
from polycast.library.tables.podcasts import podcast_episodes, podcast_positions, podcast_subscriptions, podcasts


class KeepingStore:
    """`library_podcast_files`, `library_podcast_queue`, and the settings of subscriptions."""

    def file(self, unit: Unit, episode_id: int) -> Row[Any] | None:
        return unit.execute(select(podcast_files).where(podcast_files.c.episode_id == episode_id)).first()

    def files(self, unit: Unit, episode_ids: Sequence[int]) -> dict[int, str]:
        """The states of kept episodes among these."""
        query = select(podcast_files.c.episode_id, podcast_files.c.status)
        return {row[0]: row[1] for row in unit.execute(query.where(podcast_files.c.episode_id.in_(list(episode_ids))))}

    def put_file(self, unit: Unit, episode_id: int, **values: Any) -> None:
        unit.upsert(podcast_files, [{"episode_id": episode_id, **values}], key=["episode_id"], update=list(values))

    def change_file(self, unit: Unit, episode_id: int, **values: Any) -> None:
        unit.execute(update(podcast_files).where(podcast_files.c.episode_id == episode_id).values(**values))

    def drop_file(self, unit: Unit, episode_id: int) -> None:
        unit.execute(delete(podcast_files).where(podcast_files.c.episode_id == episode_id))

    def kept_bytes(self, unit: Unit) -> int:
        return int(unit.execute(select(func.coalesce(func.sum(podcast_files.c.bytes), 0))).scalar_one())

    def ownerless(self, unit: Unit) -> list[Row[Any]]:
        """Files whose episode is gone."""
        query = select(podcast_files).outerjoin(podcast_episodes, podcast_episodes.c.id == podcast_files.c.episode_id)
        return list(unit.execute(query.where(podcast_episodes.c.id.is_(None))))

    def episode_by_id(self, unit: Unit, key: int) -> Row[Any] | None:
        return unit.execute(select(podcast_episodes).where(podcast_episodes.c.id == key)).first()

    def settings(self, unit: Unit, user_id: int, podcast_id: int) -> dict[str, Any]:
        query = select(podcast_subscriptions.c.settings).where(
            podcast_subscriptions.c.user_id == user_id, podcast_subscriptions.c.podcast_id == podcast_id
        )
        found = unit.execute(query).scalar_one_or_none()
        return dict(found or {})

    def set_settings(self, unit: Unit, user_id: int, podcast_id: int, settings: dict[str, Any]) -> None:
        unit.execute(
            update(podcast_subscriptions)
            .where(podcast_subscriptions.c.user_id == user_id, podcast_subscriptions.c.podcast_id == podcast_id)
            .values(settings=settings)
        )

    def queue(self, unit: Unit, user_id: int) -> list[Row[Any]]:
        """In order, with where the user is."""
        mine = and_(podcast_positions.c.episode_id == podcast_episodes.c.id, podcast_positions.c.user_id == user_id)
        query = (
            select(podcast_episodes, podcast_positions.c.position_ms, podcast_positions.c.played)
            .join(podcast_queue, podcast_queue.c.episode_id == podcast_episodes.c.id)
            .outerjoin(podcast_positions, mine)
            .where(podcast_queue.c.user_id == user_id)
        )
        return list(unit.execute(query.order_by(podcast_queue.c.position, podcast_queue.c.episode_id)))

    def set_queue(self, unit: Unit, user_id: int, episode_ids: Sequence[int], at: datetime) -> None:
        """These and no others, in this order."""
        unit.execute(delete(podcast_queue).where(podcast_queue.c.user_id == user_id))
        rows = [
            {"user_id": user_id, "episode_id": key, "position": place, "added_at": at}
            for place, key in enumerate(episode_ids)
        ]
        unit.upsert(podcast_queue, rows, key=["user_id", "episode_id"], update=["position"])

    def newest(self, unit: Unit, user_id: int, *, since: datetime, limit: int) -> list[Row[Any]]:
        """Unplayed episodes of the user's podcasts, the youngest first."""
        mine = and_(podcast_positions.c.episode_id == podcast_episodes.c.id, podcast_positions.c.user_id == user_id)
        query = (
            select(podcast_episodes, podcast_positions.c.position_ms, podcast_positions.c.played)
            .join(podcast_subscriptions, podcast_subscriptions.c.podcast_id == podcast_episodes.c.podcast_id)
            .outerjoin(podcast_positions, mine)
            .where(
                podcast_subscriptions.c.user_id == user_id, podcast_episodes.c.published_at >= since,
                or_(podcast_positions.c.played.is_(None), podcast_positions.c.played.is_(False)),
            )
        )  # fmt: skip
        order = (podcast_episodes.c.published_at.desc(), podcast_episodes.c.id.desc())
        return list(unit.execute(query.order_by(*order).limit(limit)))

    def subscribed_urls(self, unit: Unit, user_id: int) -> set[str]:
        query = select(podcasts.c.feed_url).join(
            podcast_subscriptions, podcast_subscriptions.c.podcast_id == podcasts.c.id
        )
        return {row[0] for row in unit.execute(query.where(podcast_subscriptions.c.user_id == user_id))}

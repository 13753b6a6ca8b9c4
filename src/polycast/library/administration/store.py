"""Counting plays, and rows of flags."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from polycast.core.storage import Unit
from polycast.library.tables.catalogue import items, libraries
from polycast.library.tables.family import profiles
from polycast.library.tables.members import flags
from polycast.library.tables.playback import plays


class AdministrationStore:
    """What the dashboard counts."""

    def plays_since(self, unit: Unit, since: datetime) -> list[Row[Any]]:
        """Start and kind of every viewing since then."""
        query = select(plays.c.started_at, plays.c.kind, plays.c.user_id, plays.c.played_ms, plays.c.item_id,
                       plays.c.top_id).where(plays.c.started_at >= since)  # fmt: skip
        return list(unit.execute(query.order_by(plays.c.started_at).limit(50_000)))

    def top_users(self, unit: Unit, since: datetime, *, limit: int) -> list[Row[Any]]:
        """Who watched most: `user_id`, `plays`, `movies`, `played_ms`."""
        count = func.count().label("plays")
        query = (
            select(
                plays.c.user_id, count, func.sum(plays.c.played_ms).label("played_ms"),
                func.count().filter(plays.c.kind == "movie").label("movies"),
            )
            .where(plays.c.started_at >= since)
            .group_by(plays.c.user_id)
        )  # fmt: skip
        return list(unit.execute(query.order_by(count.desc(), plays.c.user_id).limit(limit)))

    def top_titles(self, unit: Unit, since: datetime, kind: str, *, limit: int) -> list[Row[Any]]:
        """What was watched most: `top_id`, `plays`, `viewers`."""
        count = func.count().label("plays")
        query = (
            select(plays.c.top_id, count, func.count(plays.c.user_id.distinct()).label("viewers"))
            .where(plays.c.started_at >= since, plays.c.kind == kind, plays.c.top_id.is_not(None))
            .group_by(plays.c.top_id)
        )
        return list(unit.execute(query.order_by(count.desc(), plays.c.top_id).limit(limit)))

    def seconds_by_user(self, unit: Unit, since: datetime) -> dict[int, int]:
        query = select(plays.c.user_id, func.sum(plays.c.played_ms)).where(plays.c.started_at >= since)
        return {user: int(ms or 0) // 1000 for user, ms in unit.execute(query.group_by(plays.c.user_id))}

    def counts(self, unit: Unit) -> dict[str, int]:
        query = select(items.c.kind, func.count()).where(items.c.is_available.is_(True)).group_by(items.c.kind)
        return {kind: int(count) for kind, count in unit.execute(query)}

    def profile_counts(self, unit: Unit) -> dict[int, int]:
        query = select(profiles.c.user_id, func.count()).group_by(profiles.c.user_id)
        return {user: int(count) for user, count in unit.execute(query)}

    def scanning(self, unit: Unit) -> list[Row[Any]]:
        query = select(libraries.c.id, libraries.c.nanoid).where(libraries.c.scan_status.in_(("queued", "scanning")))
        return list(unit.execute(query.where(libraries.c.removed_at.is_(None))))

    def flags(self, unit: Unit) -> dict[str, bool]:
        return {row.name: row.enabled for row in unit.execute(select(flags))}

    def set_flag(self, unit: Unit, name: str, enabled: bool, at: datetime) -> None:
        row = {"name": name, "enabled": enabled, "updated_at": at}
        unit.upsert(flags, [row], key=["name"], update=["enabled", "updated_at"])

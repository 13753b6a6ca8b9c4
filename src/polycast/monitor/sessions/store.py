"""Rows of viewings."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, func, select

from polycast.core.storage import Unit
from polycast.monitor.sessions.model import Session, SessionKind
from polycast.monitor.tables import sessions

S = sessions.c
CHANGING: Final = (
    "title", "channel_name", "device", "ip", "resolution", "image_url", "position_s", "alerted_position_s",
    "alerted_at", "seen_at", "ended_at", "end_reason", "watched_s",
)  # fmt: skip
SECOND: Final = timedelta(seconds=1)


class SessionStore:
    """Running while `ended_at` is null."""

    def put(self, unit: Unit, rows: Sequence[Session]) -> None:
        """Store or bring up to date; the last of the same viewing counts."""
        latest = {(row.dvr_id, row.key, row.started_at): row for row in rows}
        values = [_values(row) for row in latest.values()]
        unit.upsert(sessions, values, key=["dvr_id", "key", "started_at"], update=CHANGING)

    def running(self, unit: Unit, dvr_id: str | None = None) -> list[Session]:
        query = select(sessions).where(S.ended_at.is_(None)).order_by(S.id)
        return [_session(row) for row in unit.execute(query if dvr_id is None else query.where(S.dvr_id == dvr_id))]

    def past(
        self, unit: Unit, *, dvr_id: str, since: datetime | None, until: datetime | None, offset: int, limit: int
    ) -> tuple[list[Session], int]:
        """Those that are over, newest first, and how many."""
        where: list[ColumnElement[bool]] = [S.ended_at.is_not(None)]
        if dvr_id:
            where.append(S.dvr_id == dvr_id)
        if since is not None:
            where.append(S.started_at >= since)
        if until is not None:
            where.append(S.started_at < until)
        total = int(unit.execute(select(func.count()).select_from(sessions).where(*where)).scalar_one())
        query = select(sessions).where(*where).order_by(S.started_at.desc(), S.id.desc()).offset(offset).limit(limit)
        return [_session(row) for row in unit.execute(query)], total

    def watched(
        self, unit: Unit, *, group: str, since: datetime, until: datetime, dvr_id: str
    ) -> list[tuple[str, int, int]]:
        """(what, seconds, viewings) by device, channel, program or user, the most watched first."""
        named = {"device": S.device, "channel": S.channel_name, "program": S.title, "user": S.user_name}[group]
        query = (
            select(named, func.sum(S.watched_s), func.count())
            .where(S.started_at >= since, S.started_at < until, named != "")
            .group_by(named)
            .order_by(func.sum(S.watched_s).desc(), named)
            .limit(100)
        )
        rows = unit.execute(query.where(S.dvr_id == dvr_id) if dvr_id else query)
        return [(str(what), int(seconds or 0), int(count)) for what, seconds, count in rows]

    def starts(self, unit: Unit, *, since: datetime, until: datetime, dvr_id: str) -> list[tuple[datetime, int]]:
        """(start, seconds watched) of each viewing in a span."""
        query = select(S.started_at, S.watched_s).where(S.started_at >= since, S.started_at < until).limit(200_000)
        rows = unit.execute(query.where(S.dvr_id == dvr_id) if dvr_id else query)
        return [(at, int(seconds)) for at, seconds in rows]

    def drop_before(self, unit: Unit, moment: datetime, limit: int = 5000) -> int:
        ids = select(S.id).where(S.started_at < moment, S.ended_at.is_not(None)).limit(limit)
        return unit.execute(delete(sessions).where(S.id.in_(ids.scalar_subquery()))).rowcount

    def drop_of(self, unit: Unit, dvr_id: str) -> None:
        unit.execute(delete(sessions).where(S.dvr_id == dvr_id))


def _values(row: Session) -> dict[str, Any]:
    return {
        "dvr_id": row.dvr_id,
        "kind": row.kind.value,
        "key": row.key,
        "track": row.track,
        "title": row.title,
        "channel_number": row.channel_number,
        "channel_name": row.channel_name,
        "device": row.device,
        "user_name": row.user_name,
        "ip": row.ip,
        "source": row.source,
        "resolution": row.resolution,
        "file_id": row.file_id,
        "image_url": row.image_url,
        "position_s": row.position // SECOND,
        "alerted_position_s": row.alerted_position // SECOND,
        "alerted_at": row.alerted_at,
        "started_at": row.started_at,
        "seen_at": row.seen_at,
        "ended_at": row.ended_at,
        "end_reason": row.end_reason,
        "watched_s": row.watched // SECOND,
    }


def _session(row: Row[Any]) -> Session:
    values = dict(row._mapping)
    del values["id"], values["watched_s"]
    position, alerted = values.pop("position_s"), values.pop("alerted_position_s")
    return Session(
        **{
            **values,
            "kind": SessionKind(values["kind"]),
            "position": timedelta(seconds=position),
            "alerted_position": timedelta(seconds=alerted),
        }
    )

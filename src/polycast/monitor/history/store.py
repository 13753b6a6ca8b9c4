"""Rows of what has happened."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, Select, and_, delete, func, or_, select

from polycast.core.storage import Unit, fold, instant_in
from polycast.monitor.history.model import Activity, Filter, Page, device_key
from polycast.monitor.tables import activities, texts

COLUMNS: Final = (
    "uuid", "dvr_id", "dvr_name", "event_type", "title", "message", "at", "icon", "channel_name", "channel_number",
    "device_name", "device_key", "device_ip", "program_title", "image_url", "stream_source", "extra", "is_test",
    "text_id",
)  # fmt: skip
_FIELDS: Final = Activity.__struct_fields__
MOST_TEXTS: Final = 400  # that match a search; above it the rows are joined instead of listed


class ActivityStore:
    """Its rows."""

    def add(self, unit: Unit, rows: Sequence[Activity]) -> None:
        """Store `rows`; each distinct text once."""
        ids = self._text_ids(unit, [_text(row) for row in rows])
        unit.insert_rows(activities, COLUMNS, [_stored(row, ids[_digest(_text(row))]) for row in rows])

    def page(self, unit: Unit, wanted: Filter, *, offset: int, limit: int, newest_first: bool) -> Page:
        """A cut of what matches, by time."""
        where = self._where(unit, wanted)
        total = int(unit.execute(_matching(select(func.count()).select_from(activities), where)).scalar_one())
        limit = max(0, min(limit, total - offset))
        if not limit:
            return Page(items=[], total=total)
        # What lies in the second half is reached from the other end: a deep page costs no more than the first.
        from_end = offset > total // 2
        skip = total - offset - limit if from_end else offset
        descending = newest_first != from_end
        order = (activities.c.at.desc(), activities.c.id.desc()) if descending else (activities.c.at, activities.c.id)
        query = _matching(select(activities), where).order_by(*order).offset(skip).limit(limit)
        found = [activity_of(row) for row in unit.execute(query)]
        return Page(items=found[::-1] if from_end else found, total=total)

    def after(
        self, unit: Unit, wanted: Filter, last: tuple[datetime, int] | None, limit: int
    ) -> list[tuple[int, Activity]]:
        """Oldest first, those that follow `last` (time and key); for exports, piece by piece."""
        where = self._where(unit, wanted)
        if last is not None:
            at, key = last
            where = [*where, or_(activities.c.at > at, and_(activities.c.at == at, activities.c.id > key))]
        query = _matching(select(activities), where).order_by(activities.c.at, activities.c.id).limit(limit)
        return [(row.id, activity_of(row)) for row in unit.execute(query)]

    def recent(
        self, unit: Unit, *, since: datetime | None, limit: int, dvr_ids: Sequence[str] | None = None
    ) -> list[Activity]:
        """Newest first."""
        query = select(activities).order_by(activities.c.at.desc(), activities.c.id.desc()).limit(limit)
        if since is not None:
            query = query.where(activities.c.at >= since)
        if dvr_ids is not None:
            query = query.where(activities.c.dvr_id.in_(dvr_ids))
        return [activity_of(row) for row in unit.execute(query)]

    def counts_since(self, unit: Unit, since: datetime) -> dict[str, int]:
        """How many there are by server; tests do not count."""
        query = (
            select(activities.c.dvr_id, func.count())
            .where(activities.c.at >= since, activities.c.is_test.is_(False))
            .group_by(activities.c.dvr_id)
        )
        return {dvr_id: int(count) for dvr_id, count in unit.execute(query)}

    def clients(self, unit: Unit, wanted: Filter) -> list[tuple[str, int]]:
        """Names of devices and how often each was seen, the most frequent first."""
        query = (
            _matching(select(func.max(activities.c.device_name), func.count()), self._where(unit, wanted))
            .where(activities.c.device_key != "")
            .group_by(activities.c.device_key)
            .order_by(func.count().desc(), activities.c.device_key)
            .limit(500)
        )
        return [(str(name), int(count)) for name, count in unit.execute(query)]

    def known(self, unit: Unit, uuids: Sequence[str]) -> list[str]:
        """Which of `uuids` are there; a thousand at most are asked for at once."""
        return list(unit.execute(select(activities.c.uuid).where(activities.c.uuid.in_(uuids))).scalars())

    def set_extra(self, unit: Unit, uuid: str, extra: Mapping[str, Any]) -> None:
        unit.execute(activities.update().where(activities.c.uuid == uuid).values(extra=dict(extra)))

    def clear(self, unit: Unit, *, dvr_id: str = "", before: datetime | None = None, limit: int = 5000) -> int:
        """Delete at most `limit` of the oldest; how many."""
        where = [activities.c.dvr_id == dvr_id] if dvr_id else []
        if before is not None:
            where.append(activities.c.at < before)
        ids = _matching(select(activities.c.id), where).order_by(activities.c.at, activities.c.id).limit(limit)
        return unit.execute(delete(activities).where(activities.c.id.in_(ids.scalar_subquery()))).rowcount

    def drop_unused_texts(self, unit: Unit, limit: int = 5000) -> int:
        """Delete sentences that no activity says any more; how many."""
        used = select(activities.c.id).where(activities.c.text_id == texts.c.id).exists()
        ids = select(texts.c.id).where(~used).limit(limit)
        return unit.execute(delete(texts).where(texts.c.id.in_(ids.scalar_subquery()))).rowcount

    def _where(self, unit: Unit, wanted: Filter) -> list[ColumnElement[bool]]:
        where: list[ColumnElement[bool]] = []
        if wanted.dvr_id:
            where.append(activities.c.dvr_id == wanted.dvr_id)
        if len(wanted.types) == 1:
            where.append(activities.c.event_type == wanted.types[0])
        elif wanted.types:
            where.append(activities.c.event_type.in_(wanted.types))
        if wanted.client:
            where.append(activities.c.device_key == device_key(wanted.client))
        if wanted.since is not None:
            where.append(activities.c.at >= wanted.since)
        if wanted.until is not None:
            where.append(activities.c.at < wanted.until)
        if wanted.is_test is not None:
            where.append(activities.c.is_test.is_(wanted.is_test))
        if wanted.search:
            where.append(self._saying(unit, wanted.search))
        return where

    def _saying(self, unit: Unit, search: str) -> ColumnElement[bool]:
        says = texts.c.folded.contains(fold(search), autoescape=True)
        ids = list(unit.execute(select(texts.c.id).where(says).limit(MOST_TEXTS + 1)).scalars())
        if len(ids) > MOST_TEXTS:
            return activities.c.text_id.in_(select(texts.c.id).where(says))
        return activities.c.text_id.in_(ids)

    def _text_ids(self, unit: Unit, said: Iterable[str]) -> dict[bytes, int]:
        by_digest = {_digest(text): text for text in said}
        unit.upsert(
            texts,
            [{"digest": digest, "folded": text} for digest, text in by_digest.items()],
            key=["digest"],
            update=[],
        )
        found: dict[bytes, int] = {}
        digests = list(by_digest)
        for start in range(0, len(digests), 500):
            part = digests[start : start + 500]
            query = select(texts.c.digest, texts.c.id).where(texts.c.digest.in_(part))
            found |= {bytes(digest): key for digest, key in unit.execute(query)}
        return found


def activity_of(row: Row[Any]) -> Activity:
    values = row._mapping
    return Activity(**{name: values[name] for name in _FIELDS})


def _matching(query: "Select[Any]", where: Sequence[ColumnElement[bool]]) -> "Select[Any]":
    return query.where(*where) if where else query


def _text(row: Activity) -> str:
    said = (
        row.title, row.message, row.event_type, row.channel_name, row.channel_number, row.device_name, row.device_ip,
        row.program_title, row.stream_source, row.dvr_name, *map(str, row.extra.values()),
    )  # fmt: skip
    return fold("\n".join(said))[:4000]


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _stored(row: Activity, text_id: int) -> tuple[Any, ...]:
    return (
        row.uuid, row.dvr_id, row.dvr_name, row.event_type, row.title, row.message, instant_in(row.at), row.icon,
        row.channel_name, row.channel_number, row.device_name, device_key(row.device_name), row.device_ip,
        row.program_title, row.image_url, row.stream_source, msgspec.json.encode(row.extra).decode(), int(row.is_test),
        text_id,
    )  # fmt: skip

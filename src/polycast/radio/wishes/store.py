"""Rows of the queue, of listeners' requests, and of the history as people read it."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from polycast.core.storage import Unit
from polycast.radio.stations.model import Played
from polycast.radio.stations.programme import Queued, TrackRequest
from polycast.radio.stations.store_rows import played_of
from polycast.radio.tables import history, queue, requests

WINDOW = 500  # rows of the history that the public sees


class WishStore:
    """What is to be played before the programme, and what was played."""

    def queued(self, unit: Unit, station_id: int) -> list[Queued]:
        rows = unit.execute(select(queue).where(queue.c.station_id == station_id).order_by(queue.c.id))
        return [_plain(Queued, row) for row in rows]

    def enqueue(self, unit: Unit, station_id: int, track_id: int, *, immediately: bool, at: datetime) -> int:
        return unit.insert(queue, station_id=station_id, track_id=track_id, immediately=immediately, added_at=at)

    def drop_queued(self, unit: Unit, station_id: int, queued_id: int | None) -> int:
        """One, or all of a station; how many."""
        query = delete(queue).where(queue.c.station_id == station_id)
        if queued_id is not None:
            query = query.where(queue.c.id == queued_id)
        return unit.execute(query).rowcount

    def requests(self, unit: Unit, station_id: int, *, pending: bool, limit: int, offset: int) -> list[TrackRequest]:
        """The latest first."""
        query = select(requests).where(requests.c.station_id == station_id)
        if pending:
            query = query.where(requests.c.played_at.is_(None))
        rows = unit.execute(query.order_by(requests.c.at.desc(), requests.c.id.desc()).limit(limit).offset(offset))
        return [_plain(TrackRequest, row) for row in rows]

    def request(self, unit: Unit, request_id: int) -> TrackRequest | None:
        row = unit.execute(select(requests).where(requests.c.id == request_id)).first()
        return None if row is None else _plain(TrackRequest, row)

    def add_request(self, unit: Unit, **values: Any) -> int:
        return unit.insert(requests, **values)

    def accept(self, unit: Unit, request_id: int, *, accepted: bool) -> None:
        unit.execute(update(requests).where(requests.c.id == request_id).values(moderated=accepted))

    def delete_request(self, unit: Unit, request_id: int) -> None:
        unit.execute(delete(requests).where(requests.c.id == request_id))

    def last_of_address(self, unit: Unit, station_id: int, address: str) -> datetime | None:
        found: datetime | None = unit.execute(
            select(func.max(requests.c.at)).where(requests.c.station_id == station_id, requests.c.address == address)
        ).scalar()
        return found

    def last_of_track(self, unit: Unit, track_id: int) -> datetime | None:
        found: datetime | None = unit.execute(
            select(func.max(requests.c.at)).where(requests.c.track_id == track_id)
        ).scalar()
        return found

    def history(self, unit: Unit, station_id: int, *, limit: int, offset: int) -> list[Played]:
        """The latest first."""
        query = select(history).where(history.c.station_id == station_id)
        rows = unit.execute(query.order_by(history.c.at.desc(), history.c.id.desc()).limit(limit).offset(offset))
        return [played_of(row) for row in rows]

    def history_count(self, unit: Unit, station_id: int) -> int:
        """Never more than the public window."""
        query = select(func.count()).select_from(history).where(history.c.station_id == station_id)
        return min(int(unit.execute(query).scalar_one()), WINDOW)


def _plain(kind: Any, row: Any) -> Any:
    return kind(**{name: row._mapping[name] for name in kind.__struct_fields__})

"""What was heard and by whom, added up."""

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, func, select

from polycast.core.storage import Unit
from polycast.radio.stations.model import Played, Track
from polycast.radio.stations.store_rows import played_of, track_of
from polycast.radio.tables import history, minutes, sessions, tracks

SHORTEST_MS = 10_000  # who leaves sooner was no listener


class Total(Struct, frozen=True, kw_only=True):
    """Sessions added up."""

    name: str = ""
    sessions: int = 0
    listened_ms: int = 0
    sent_bytes: int = 0
    addresses: int = 0


class Counted(Struct, frozen=True):
    """How many listened then."""

    at: datetime
    listeners: int
    unique: int


class Plays(Struct, frozen=True, kw_only=True):
    """A track, and how often it was on."""

    track: Track
    plays: int
    listeners: int  # at the starts, added up


class ReportStore:
    """Only reads. Times: from `first` on, before `last`."""

    def total(self, unit: Unit, station_id: int, first: datetime, last: datetime) -> Total:
        """Of everybody who listened longer than a moment."""
        row = unit.execute(self._sums(station_id, first, last)).one()
        return Total(
            sessions=row.number, listened_ms=int(row.listened), sent_bytes=int(row.sent), addresses=row.addresses
        )

    def by(self, unit: Unit, column: str, station_id: int, first: datetime, last: datetime) -> list[Total]:
        """By a column of words: country, player, referer; the longest heard first."""
        words = sessions.c[column]
        query = self._sums(station_id, first, last).add_columns(words.label("name")).group_by(words)
        rows = unit.execute(query.order_by(func.sum(sessions.c.length_ms).desc(), words))
        return [
            Total(
                name=row.name,
                sessions=row.number,
                listened_ms=int(row.listened),
                sent_bytes=int(row.sent),
                addresses=row.addresses,
            )
            for row in rows
        ]

    def _sums(self, station_id: int, first: datetime, last: datetime) -> Select[Any]:
        table = sessions.c
        query = select(
            func.count().label("number"),
            func.coalesce(func.sum(table.length_ms), 0).label("listened"),
            func.coalesce(func.sum(table.sent_bytes), 0).label("sent"),
            func.count(table.address.distinct()).label("addresses"),
        )
        is_meant = (table.station_id == station_id, table.at >= first, table.at < last, table.length_ms >= SHORTEST_MS)
        return query.where(*is_meant)

    def minutes(self, unit: Unit, station_id: int, first: datetime, last: datetime) -> list[Counted]:
        """A sample for each minute that there is one of, in order."""
        table = minutes.c
        query = select(table.at, table.listeners, table.unique_listeners)
        rows = unit.execute(
            query.where(table.station_id == station_id, table.at >= first, table.at < last).order_by(table.at)
        )
        return [Counted(row.at, row.listeners, row.unique_listeners) for row in rows]

    def tracks(self, unit: Unit, station_id: int, first: datetime, last: datetime) -> list[Plays]:
        """Every track of the station with its plays in that time."""
        heard = (
            select(history.c.track_id, func.count().label("plays"), func.sum(history.c.n_listeners).label("ears"))
            .where(history.c.station_id == station_id, history.c.at >= first, history.c.at < last)
            .group_by(history.c.track_id)
            .subquery()
        )
        query = select(tracks, heard.c.plays, heard.c.ears).outerjoin(heard, heard.c.track_id == tracks.c.id)
        rows = unit.execute(query.where(tracks.c.station_id == station_id).order_by(tracks.c.id))
        return [Plays(track=track_of(row), plays=row.plays or 0, listeners=int(row.ears or 0)) for row in rows]

    def played(
        self, unit: Unit, station_id: int, first: datetime, last: datetime, *, after: int, limit: int
    ) -> list[Played]:
        """Rows of the history by key, those after `after`."""
        table = history.c
        is_meant = (table.station_id == station_id, table.at >= first, table.at < last, table.id > after)
        return [
            played_of(row) for row in unit.execute(select(history).where(*is_meant).order_by(table.id).limit(limit))
        ]

    def spans(
        self, unit: Unit, station_id: int, first: datetime, last: datetime, *, after: int, limit: int
    ) -> list[tuple[int, datetime, int]]:
        """(key, beginning, length in ms) of sessions by key, those after `after`; no shorter ones."""
        table = sessions.c
        is_meant = (table.station_id == station_id, table.at >= first, table.at < last, table.id > after)
        query = select(table.id, table.at, table.length_ms).where(*is_meant, table.length_ms >= SHORTEST_MS)
        return [(row.id, row.at, row.length_ms) for row in unit.execute(query.order_by(table.id).limit(limit))]

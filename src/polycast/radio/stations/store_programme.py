"""What decides what a station plays, read whole."""

from datetime import date, time
from typing import Any, TypeVar

from msgspec import Struct
from sqlalchemy import BigInteger, Row, Select, Table, cast, func, select

from polycast.core.storage import Unit
from polycast.radio.stations.model import Track
from polycast.radio.stations.programme import (
    GridEvent,
    Jingle,
    JingleBlock,
    JingleScheme,
    Playlist,
    Programme,
    Queued,
    Rotation,
    TrackRequest,
)
from polycast.radio.stations.store_rows import track_of
from polycast.radio.tables import (
    grid_events,
    jingle_blocks,
    jingle_schemes,
    jingles,
    playlist_entries,
    playlists,
    queue,
    requests,
    rotations,
    tracks,
)

T = TypeVar("T", bound=Struct)


class ProgrammeStore:
    """One station's programme, its tracks, and what people want before it."""

    def programme(self, unit: Unit, station_id: int) -> Programme:
        lists = self.playlists(unit, station_id)
        entries: dict[int, list[int]] = {one.id: [] for one in lists}
        query = (
            select(playlist_entries.c.playlist_id, playlist_entries.c.track_id)
            .join(tracks, tracks.c.id == playlist_entries.c.track_id)
            .where(playlist_entries.c.playlist_id.in_(list(entries)), tracks.c.state == "ready")
            .order_by(playlist_entries.c.playlist_id, playlist_entries.c.position, playlist_entries.c.id)
        )
        for row in unit.execute(query):
            entries[row.playlist_id].append(row.track_id)
        return Programme(
            station_id=station_id,
            playlists=lists,
            entries=entries,
            rotations=[_plain(Rotation, row) for row in _all(unit, rotations, station_id)],
            grid=[grid_event_of(row) for row in _all(unit, grid_events, station_id)],
            jingles=[_plain(Jingle, row) for row in _all(unit, jingles, station_id)],
            schemes=[scheme_of(row) for row in _all(unit, jingle_schemes, station_id)],
            blocks=[_plain(JingleBlock, row) for row in _all(unit, jingle_blocks, station_id)],
        )

    def playlists(self, unit: Unit, station_id: int, *, playlist_id: int | None = None) -> list[Playlist]:
        """With the number and length of their tracks."""
        query = _playlists().where(playlists.c.station_id == station_id)
        if playlist_id is not None:
            query = query.where(playlists.c.id == playlist_id)
        return [_plain(Playlist, row) for row in unit.execute(query.order_by(playlists.c.id))]

    def tracks(self, unit: Unit, station_id: int) -> list[Track]:
        """All that can be played, by key."""
        query = select(tracks).where(tracks.c.station_id == station_id, tracks.c.state == "ready")
        return [track_of(row) for row in unit.execute(query.order_by(tracks.c.id))]

    def queue(self, unit: Unit, station_id: int) -> list[Queued]:
        """What goes before the programme, first in first out."""
        return [_plain(Queued, row) for row in _all(unit, queue, station_id)]

    def requests(self, unit: Unit, station_id: int) -> list[TrackRequest]:
        """Accepted and not yet played, the oldest first."""
        query = select(requests).where(
            requests.c.station_id == station_id, requests.c.played_at.is_(None), requests.c.moderated.is_(True)
        )
        return [_plain(TrackRequest, row) for row in unit.execute(query.order_by(requests.c.at, requests.c.id))]


def _playlists() -> Select[Any]:
    counted = (
        select(
            playlist_entries.c.playlist_id,
            func.count().label("tracks_num"),
            # PostgreSQL's sum of 64-bit numbers is a decimal.
            cast(func.coalesce(func.sum(tracks.c.length_ms), 0), BigInteger).label("duration_ms"),
        )
        .join(tracks, tracks.c.id == playlist_entries.c.track_id)
        .group_by(playlist_entries.c.playlist_id)
        .subquery()
    )
    return select(
        playlists,
        func.coalesce(counted.c.tracks_num, 0).label("tracks_num"),
        func.coalesce(counted.c.duration_ms, 0).label("duration_ms"),
    ).outerjoin(counted, counted.c.playlist_id == playlists.c.id)


def _all(unit: Unit, table: Table, station_id: int) -> list[Row[Any]]:
    return list(unit.execute(select(table).where(table.c.station_id == station_id).order_by(table.c.id)))


def _plain(kind: type[T], row: Row[Any]) -> T:
    return kind(**{name: row._mapping[name] for name in kind.__struct_fields__})


def bits_of(number: int, first: int) -> frozenset[int]:
    """The numbers whose bits are set, counted from `first`."""
    return frozenset(first + bit for bit in range(number.bit_length()) if number >> bit & 1)


def grid_event_of(row: Row[Any]) -> GridEvent:
    values = dict(row._mapping)
    values["weekdays"], values["weeks"] = bits_of(values["weekdays"], 0), bits_of(values["weeks"], 1)
    for name in ("start_date", "finish_date"):
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    for name in ("start_time", "finish_time"):
        values[name] = time.fromisoformat(values[name]) if values[name] else None
    values["start_time"] = values["start_time"] or time()
    return GridEvent(**{name: values[name] for name in GridEvent.__struct_fields__})


def scheme_of(row: Row[Any]) -> JingleScheme:
    values = dict(row._mapping)
    values["weekdays"] = bits_of(values["weekdays"], 0)
    values["times"] = [time.fromisoformat(one) for one in values["times"]]
    for name in ("date_from", "date_to"):
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    return JingleScheme(**{name: values[name] for name in JingleScheme.__struct_fields__})

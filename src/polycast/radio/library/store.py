"""Rows of tracks and of the playlists they are in: the panel's side."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update

from polycast.core.storage import Unit, fold, sort_key
from polycast.radio.stations.model import Track
from polycast.radio.stations.store_rows import track_of
from polycast.radio.tables import playlist_entries, playlists, tracks, votes

BATCH: Final = 500


class TrackFind(Struct, frozen=True, kw_only=True):
    """Which tracks of a station are meant."""

    station_id: int
    text: str = ""
    genre: str = ""
    folder: str | None = None
    with_tags_only: bool = False
    requestable: bool | None = None
    remote: bool | None = None
    order: str = ""  # author, title, random, up, down; else by key


class TrackStore:
    """The only place that writes `radio_tracks` and `radio_playlist_entries`, but for what the engine notes."""

    def get(self, unit: Unit, track_id: int) -> Track | None:
        row = unit.execute(select(tracks).where(tracks.c.id == track_id)).first()
        return None if row is None else track_of(row)

    def many(self, unit: Unit, track_ids: Sequence[int]) -> dict[int, Track]:
        found: dict[int, Track] = {}
        for start in range(0, len(track_ids), BATCH):
            rows = unit.execute(select(tracks).where(tracks.c.id.in_(track_ids[start : start + BATCH])))
            found |= {row.id: track_of(row) for row in rows}
        return found

    def by_path(self, unit: Unit, station_id: int, path: str) -> Track | None:
        row = unit.execute(select(tracks).where(tracks.c.station_id == station_id, tracks.c.path == path)).first()
        return None if row is None else track_of(row)

    def page(self, unit: Unit, find: TrackFind, *, limit: int, offset: int) -> list[Track]:
        query = _found(select(tracks), find).order_by(*_order(find.order)).limit(limit).offset(offset)
        return [track_of(row) for row in unit.execute(query)]

    def count(self, unit: Unit, find: TrackFind) -> int:
        return int(unit.execute(_found(select(func.count()).select_from(tracks), find)).scalar_one())

    def files(self, unit: Unit, station_id: int) -> dict[str, tuple[int, int, datetime, str]]:
        """Path -> (key, size, time of change, state) of every track that is a file."""
        table = tracks.c
        query = select(table.path, table.id, table.size_bytes, table.mtime, table.state)
        rows = unit.execute(query.where(table.station_id == station_id, table.is_remote.is_(False)))
        return {row.path: (row.id, row.size_bytes, row.mtime, row.state) for row in rows}

    def put(self, unit: Unit, station_id: int, path: str, values: Mapping[str, Any], *, at: datetime) -> int:
        """Add a track, or renew the one at this path; a new one joins the default playlist."""
        keyed = dict(values) | {
            "author_key": fold(str(values.get("author", ""))),
            "title_key": fold(str(values.get("title", ""))),
        }
        known = unit.execute(select(tracks.c.id).where(tracks.c.station_id == station_id, tracks.c.path == path))
        found = known.scalar()
        if found is not None:
            unit.execute(update(tracks).where(tracks.c.id == found).values(**keyed))
            return int(found)
        track_id = unit.insert(tracks, station_id=station_id, path=path, added_at=at, **keyed)
        default = unit.execute(
            select(playlists.c.id).where(playlists.c.station_id == station_id, playlists.c.is_default.is_(True))
        ).scalar()
        if default is not None:
            self.add_entries(unit, default, [track_id], at=at)
        return track_id

    def update(self, unit: Unit, track_id: int, /, **values: Any) -> None:
        if "author" in values:
            values["author_key"] = fold(values["author"])
        if "title" in values:
            values["title_key"] = fold(values["title"])
        if values:
            unit.execute(update(tracks).where(tracks.c.id == track_id).values(**values))

    def delete(self, unit: Unit, track_ids: Sequence[int]) -> None:
        """Their places in playlists and their votes go with them."""
        for start in range(0, len(track_ids), BATCH):
            unit.execute(delete(tracks).where(tracks.c.id.in_(track_ids[start : start + BATCH])))

    def words(self, unit: Unit, station_id: int, column: str) -> list[str]:
        """The different values of a text column, in order."""
        query = select(tracks.c[column]).where(tracks.c.station_id == station_id, tracks.c[column] != "").distinct()
        return sorted(unit.execute(query).scalars(), key=sort_key)

    def folders(self, unit: Unit, station_id: int) -> list[tuple[str, int]]:
        """Folder and number of its tracks."""
        query = select(tracks.c.folder, func.count()).where(tracks.c.station_id == station_id)
        rows = unit.execute(query.group_by(tracks.c.folder).order_by(tracks.c.folder)).all()
        return [(str(folder), int(number)) for folder, number in rows]

    def vote(self, unit: Unit, track_id: int, address: str, *, up: bool, at: datetime, since: datetime) -> bool:
        """Count a vote; False when this address has voted for the track since then."""
        mine = (votes.c.track_id == track_id, votes.c.address == address)
        last = unit.execute(select(votes.c.at).where(*mine)).scalar()
        if last is not None and last > since:
            return False
        unit.upsert(
            votes, [{"track_id": track_id, "address": address, "at": at}], key=["track_id", "address"], update=["at"]
        )
        column = tracks.c.human_up if up else tracks.c.human_down
        unit.execute(update(tracks).where(tracks.c.id == track_id).values({column: column + 1}))
        return True

    def reset_votes(self, unit: Unit, station_id: int) -> None:
        """Counters of a station's tracks to nothing; whoever has voted may do so again."""
        mine = select(tracks.c.id).where(tracks.c.station_id == station_id)
        unit.execute(delete(votes).where(votes.c.track_id.in_(mine)))
        unit.execute(update(tracks).where(tracks.c.station_id == station_id).values(human_up=0, human_down=0))

    def playlists_of(self, unit: Unit, track_id: int) -> list[int]:
        """Playlists that a track is in, once each."""
        entry = playlist_entries.c
        query = select(entry.playlist_id).where(entry.track_id == track_id).distinct().order_by(entry.playlist_id)
        return list(unit.execute(query).scalars())

    def drop_track(self, unit: Unit, track_id: int, playlist_ids: Sequence[int]) -> None:
        """Take a track out of playlists."""
        entry = playlist_entries.c
        if playlist_ids:
            mine = (entry.track_id == track_id, entry.playlist_id.in_(playlist_ids))
            unit.execute(delete(playlist_entries).where(*mine))

    def bytes_of(self, unit: Unit, station_ids: Sequence[int]) -> int:
        query = select(func.coalesce(func.sum(tracks.c.size_bytes), 0)).where(tracks.c.station_id.in_(station_ids))
        return int(unit.execute(query).scalar_one())

    def add_entries(self, unit: Unit, playlist_id: int, track_ids: Sequence[int], *, at: datetime) -> None:
        """At the end, in this order."""
        entries = playlist_entries.c
        last = unit.execute(
            select(func.coalesce(func.max(entries.position), 0)).where(entries.playlist_id == playlist_id)
        ).scalar_one()
        for number, track_id in enumerate(track_ids, int(last) + 1):
            unit.insert(playlist_entries, playlist_id=playlist_id, track_id=track_id, position=number, added_at=at)

    def entries(
        self, unit: Unit, playlist_id: int, *, limit: int, offset: int, text: str = "", only: Collection[int] = ()
    ) -> list[tuple[int, int, int, datetime, Track]]:
        """(key, position, flag, added, track) in order."""
        entry = playlist_entries.c
        query = select(
            entry.id.label("entry_id"), entry.position, entry.flag, entry.added_at.label("joined_at"), tracks
        )
        query = query.join(tracks, tracks.c.id == entry.track_id).where(entry.playlist_id == playlist_id)
        if text:
            query = query.where(_text(text))
        if only:
            query = query.where(entry.id.in_(only))
        rows = unit.execute(query.order_by(entry.position, entry.id).limit(limit).offset(offset))
        return [(row.entry_id, row.position, row.flag, row.joined_at, track_of(row)) for row in rows]

    def entry_count(self, unit: Unit, playlist_id: int, *, text: str = "") -> int:
        query = select(func.count()).select_from(playlist_entries)
        if text:
            query = query.join(tracks, tracks.c.id == playlist_entries.c.track_id).where(_text(text))
        return int(unit.execute(query.where(playlist_entries.c.playlist_id == playlist_id)).scalar_one())

    def entry_ids(self, unit: Unit, playlist_id: int) -> list[tuple[int, int]]:
        """(key, track) in order."""
        entry = playlist_entries.c
        query = select(entry.id, entry.track_id).where(entry.playlist_id == playlist_id)
        return [(row.id, row.track_id) for row in unit.execute(query.order_by(entry.position, entry.id))]

    def drop_entries(self, unit: Unit, playlist_id: int, entry_ids: Sequence[int]) -> None:
        entry = playlist_entries.c
        for start in range(0, len(entry_ids), BATCH):
            wanted = entry_ids[start : start + BATCH]
            unit.execute(delete(playlist_entries).where(entry.playlist_id == playlist_id, entry.id.in_(wanted)))

    def place(self, unit: Unit, entry_ids: Sequence[int]) -> None:
        """Give entries the positions 1, 2, 3 in this order."""
        for number, entry_id in enumerate(entry_ids, 1):
            unit.execute(update(playlist_entries).where(playlist_entries.c.id == entry_id).values(position=number))


def _found(query: Select[Any], find: TrackFind) -> Select[Any]:
    query = query.where(tracks.c.station_id == find.station_id)
    if find.text:
        query = query.where(_text(find.text))
    if find.genre:
        query = query.where(tracks.c.genre == find.genre)
    if find.folder is not None:
        query = query.where(tracks.c.folder == find.folder)
    if find.with_tags_only:
        query = query.where(tracks.c.author_key != "", tracks.c.title_key != "")
    if find.requestable is not None:
        query = query.where(tracks.c.requestable.is_(find.requestable))
    if find.remote is not None:
        query = query.where(tracks.c.is_remote.is_(find.remote))
    return query


def _text(text: str) -> ColumnElement[bool]:
    wanted = fold(text)
    columns = (tracks.c.author_key, tracks.c.title_key)
    return or_(
        *[column.contains(wanted, autoescape=True) for column in columns], tracks.c.path.contains(text, autoescape=True)
    )


def _order(order: str) -> tuple[Any, ...]:
    known: dict[str, tuple[Any, ...]] = {
        "author": (tracks.c.author_key, tracks.c.title_key, tracks.c.id),
        "title": (tracks.c.title_key, tracks.c.id),
        "random": (func.random(),),
        "up": (tracks.c.human_up.desc(), tracks.c.id),
        "down": (tracks.c.human_down.desc(), tracks.c.id),
    }
    return known.get(order, (tracks.c.id,))

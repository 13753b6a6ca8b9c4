"""Playlists: made, filled, ordered, put on air."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.identity.caller import Caller
from polycast.core.ids import Ids
from polycast.core.storage import Database, Unit, clean
from polycast.radio.events import ProgrammeChanged
from polycast.radio.grid.store import GridStore
from polycast.radio.library.store import TrackStore
from polycast.radio.playlists.m3u import matched, names_in
from polycast.radio.playlists.store import PlaylistStore
from polycast.radio.stations.access import Access, Seen
from polycast.radio.stations.model import Track
from polycast.radio.stations.programme import Playlist

Entry = tuple[int, int, int, datetime, Track]


class Playlists:
    """A station's playlists. The default one holds every track and stays."""

    def __init__(
        self,
        *,
        db: Database,
        store: PlaylistStore,
        tracks: TrackStore,
        grid: GridStore,
        access: Access,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._db = db
        self._store = store
        self._tracks = tracks
        self._grid = grid
        self._access = access
        self._clock = clock
        self._ids = ids

    async def of_station(self, caller: Caller, station_id: int) -> list[Playlist]:
        """Raises: NotFound."""
        return await self._db.read(self._of_station, caller, station_id)

    def _of_station(self, unit: Unit, caller: Caller, station_id: int) -> list[Playlist]:
        self._access.see(unit, caller, station_id)
        return self._store.of_station(unit, station_id)

    async def get(self, caller: Caller, playlist_id: int) -> Playlist:
        """Raises: NotFound."""
        return (await self._db.read(self._own, caller, playlist_id))[1]

    def _own(self, unit: Unit, caller: Caller, playlist_id: int) -> tuple[Seen, Playlist]:
        found = self._store.get(unit, playlist_id)
        if found is None:
            raise NotFound("The playlist")
        return self._access.own(unit, caller, found.station_id), found

    async def create(self, caller: Caller, station_id: int, name: str, *, is_random: bool) -> Playlist:
        """Raises: NotFound; Invalid."""
        return await self._db.write(self._create, caller, station_id, name, is_random)

    def _create(self, unit: Unit, caller: Caller, station_id: int, name: str, is_random: bool) -> Playlist:
        seen = self._access.own(unit, caller, station_id)
        playlist_id = self._store.insert(unit, seen.station.id, _named(name), is_random=is_random, at=self._clock.now())
        self._changed(unit, seen)
        return self._own(unit, caller, playlist_id)[1]

    async def update(self, caller: Caller, playlist_id: int, values: Mapping[str, Any]) -> Playlist:
        """Name, order and folder. Raises: NotFound; Invalid."""
        return await self._db.write(self._update, caller, playlist_id, values)

    def _update(self, unit: Unit, caller: Caller, playlist_id: int, values: Mapping[str, Any]) -> Playlist:
        seen, _ = self._own(unit, caller, playlist_id)
        given = dict(values)
        if "name" in given:
            given["name"] = _named(str(given["name"]))
        self._store.update(unit, playlist_id, **given)
        self._changed(unit, seen)
        return self._own(unit, caller, playlist_id)[1]

    async def delete(self, caller: Caller, playlist_id: int) -> None:
        """Raises: NotFound; Invalid ("default_playlist")."""
        await self._db.write(self._delete, caller, playlist_id)

    def _delete(self, unit: Unit, caller: Caller, playlist_id: int) -> None:
        seen, playlist = self._own(unit, caller, playlist_id)
        if playlist.is_default:
            raise Invalid([Problem("non_field_errors", "default_playlist")])
        self._store.delete(unit, playlist_id)
        self._changed(unit, seen)

    async def copy(self, caller: Caller, playlist_id: int, name: str) -> Playlist:
        """The same tracks under another name. Raises: NotFound; Invalid."""
        return await self._db.write(self._copy, caller, playlist_id, name)

    def _copy(self, unit: Unit, caller: Caller, playlist_id: int, name: str) -> Playlist:
        seen, playlist = self._own(unit, caller, playlist_id)
        made = self._create(unit, caller, seen.station.id, name, playlist.is_random)
        track_ids = [track_id for _, track_id in self._tracks.entry_ids(unit, playlist_id)]
        self._tracks.add_entries(unit, made.id, track_ids, at=self._clock.now())
        return self._own(unit, caller, made.id)[1]

    async def add(self, caller: Caller, playlist_id: int, track_ids: Sequence[int]) -> None:
        """At the end, in this order. Raises: NotFound; Invalid, when one is none of the station's."""
        await self._db.write(self._add, caller, playlist_id, track_ids)

    def _add(self, unit: Unit, caller: Caller, playlist_id: int, track_ids: Sequence[int]) -> None:
        seen, playlist = self._own(unit, caller, playlist_id)
        known = self._tracks.many(unit, track_ids)
        wrong = [one for one in track_ids if one not in known or known[one].station_id != playlist.station_id]
        if wrong:
            raise Invalid([Problem("tracks", "does_not_exist", {"value": wrong[0]})])
        self._tracks.add_entries(unit, playlist_id, track_ids, at=self._clock.now())
        self._changed(unit, seen)

    async def import_m3u(
        self, caller: Caller, station_id: int, name: str, content: bytes, *, is_random: bool
    ) -> tuple[Playlist, int, list[str]]:
        """A new one of the files that an M3U names; how many were found, and which were not. Raises: NotFound; Invalid."""
        return await self._db.write(self._import, caller, station_id, name, names_in(content), is_random)

    def _import(
        self, unit: Unit, caller: Caller, station_id: int, name: str, names: Sequence[str], is_random: bool
    ) -> tuple[Playlist, int, list[str]]:
        self._access.own(unit, caller, station_id)
        if not names:
            raise Invalid([Problem("m3u", "empty")])
        paths = {path: row[0] for path, row in self._tracks.files(unit, station_id).items()}
        found, missing = matched(names, paths)
        made = self._create(unit, caller, station_id, name, is_random)
        self._tracks.add_entries(unit, made.id, found, at=self._clock.now())
        return self._own(unit, caller, made.id)[1], len(found), missing

    async def entries(
        self, caller: Caller, playlist_id: int, *, limit: int, offset: int, text: str = "", only: Sequence[int] = ()
    ) -> tuple[list[Entry], int]:
        """What is in it, in order, and how many. Raises: NotFound."""
        return await self._db.read(self._entries, caller, playlist_id, limit, offset, text, only)

    def _entries(  # a page of a list
        self, unit: Unit, caller: Caller, playlist_id: int, limit: int, offset: int, text: str, only: Sequence[int]
    ) -> tuple[list[Entry], int]:
        self._own(unit, caller, playlist_id)
        rows = self._tracks.entries(unit, playlist_id, limit=limit, offset=offset, text=text, only=only)
        return rows, self._tracks.entry_count(unit, playlist_id, text=text)

    async def sheet(self, caller: Caller, playlist_id: int, *, limit: int) -> tuple[Playlist, list[Entry]]:
        """What is in it, for whoever may see the station. Raises: NotFound."""
        return await self._db.read(self._sheet, caller, playlist_id, limit)

    def _sheet(self, unit: Unit, caller: Caller, playlist_id: int, limit: int) -> tuple[Playlist, list[Entry]]:
        found = self._store.get(unit, playlist_id)
        if found is None:
            raise NotFound("The playlist")
        self._access.see(unit, caller, found.station_id)
        return found, self._tracks.entries(unit, playlist_id, limit=limit, offset=0)

    async def drop(self, caller: Caller, playlist_id: int, entry_ids: Sequence[int]) -> tuple[int, list[int]]:
        """The playlist's length afterwards in ms, and the tracks that were dropped. Raises: NotFound."""
        return await self._db.write(self._drop, caller, playlist_id, entry_ids)

    def _drop(self, unit: Unit, caller: Caller, playlist_id: int, entry_ids: Sequence[int]) -> tuple[int, list[int]]:
        seen, _ = self._own(unit, caller, playlist_id)
        known = dict(self._tracks.entry_ids(unit, playlist_id))
        dropped = [known[one] for one in entry_ids if one in known]
        self._tracks.drop_entries(unit, playlist_id, [one for one in entry_ids if one in known])
        self._changed(unit, seen)
        return self._own(unit, caller, playlist_id)[1].duration_ms, dropped

    async def order(self, caller: Caller, playlist_id: int, entry_ids: Sequence[int]) -> None:
        """Entries in this order; those that are not named follow as they were. Raises: NotFound."""
        await self._db.write(self._order, caller, playlist_id, entry_ids)

    def _order(self, unit: Unit, caller: Caller, playlist_id: int, entry_ids: Sequence[int]) -> None:
        seen, _ = self._own(unit, caller, playlist_id)
        present = [entry_id for entry_id, _ in self._tracks.entry_ids(unit, playlist_id)]
        wanted = [one for one in dict.fromkeys(entry_ids) if one in set(present)]
        self._tracks.place(unit, [*wanted, *[one for one in present if one not in set(wanted)]])
        self._changed(unit, seen)

    async def move(self, caller: Caller, playlist_id: int, entry_ids: Sequence[int], position: int) -> None:
        """Entries together to `position`, from 1. Raises: NotFound."""
        await self._db.write(self._move, caller, playlist_id, entry_ids, position)

    def _move(self, unit: Unit, caller: Caller, playlist_id: int, entry_ids: Sequence[int], position: int) -> None:
        self._own(unit, caller, playlist_id)
        present = [entry_id for entry_id, _ in self._tracks.entry_ids(unit, playlist_id)]
        moved = [one for one in dict.fromkeys(entry_ids) if one in set(present)]
        rest = [one for one in present if one not in set(moved)]
        at = min(max(position - 1, 0), len(rest))
        self._order(unit, caller, playlist_id, [*rest[:at], *moved, *rest[at:]])

    async def shuffle(self, caller: Caller, playlist_id: int) -> None:
        """Another order, once. Raises: NotFound."""
        await self._db.write(self._shuffle, caller, playlist_id)

    def _shuffle(self, unit: Unit, caller: Caller, playlist_id: int) -> None:
        present = [entry_id for entry_id, _ in self._tracks.entry_ids(unit, playlist_id)]
        self._order(unit, caller, playlist_id, sorted(present, key=lambda _: self._ids.uuid()))

    async def clean_duplicates(self, caller: Caller, playlist_id: int) -> None:
        """Each track once, where it stood first. Raises: NotFound."""
        await self._db.write(self._clean, caller, playlist_id)

    def _clean(self, unit: Unit, caller: Caller, playlist_id: int) -> None:
        seen: set[int] = set()
        double = []
        for entry_id, track_id in self._tracks.entry_ids(unit, playlist_id):
            if track_id in seen:
                double.append(entry_id)
            seen.add(track_id)
        self._drop(unit, caller, playlist_id, double)

    async def start(self, caller: Caller, playlist_id: int) -> int:
        """On air at the next full minute of the station: the key of the event. Raises: NotFound."""
        return await self._db.write(self._start, caller, playlist_id)

    def _start(self, unit: Unit, caller: Caller, playlist_id: int) -> int:
        seen, playlist = self._own(unit, caller, playlist_id)
        local = self._clock.now().astimezone(ZoneInfo(seen.station.timezone)) + timedelta(minutes=1)
        event_id = self._grid.insert(
            unit,
            seen.station.id,
            name=playlist.name,
            periodicity="onetime",
            cast_type="playlist",
            break_track=True,
            start_date=f"{local:%Y-%m-%d}",
            start_time=f"{local:%H:%M}:00",
            playlist_id=playlist.id,
            timezone=seen.station.timezone,
        )
        self._changed(unit, seen)
        return event_id

    def _changed(self, unit: Unit, seen: Seen) -> None:
        unit.publish(ProgrammeChanged(account_id=seen.account.id, station_id=seen.station.id))


def _named(name: str) -> str:
    found = clean(name, 150)
    if not found:
        raise Invalid([Problem("name", "required")])
    return found

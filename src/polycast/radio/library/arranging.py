"""A library put in order: renamed, moved, marked, cut, thrown away; many tracks at once."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.files import UnsafePath, safe_name, safe_path, segments
from polycast.core.identity.caller import Caller
from polycast.core.jobs import Tick
from polycast.core.storage import Database, Unit
from polycast.radio.events import ProgrammeChanged
from polycast.radio.library.model import ENDINGS
from polycast.radio.library.service import Library
from polycast.radio.library.store import TrackFind, TrackStore
from polycast.radio.playlists.store import PlaylistStore
from polycast.radio.stations.access import Access, Seen
from polycast.radio.stations.model import Track
from polycast.radio.stations.service import Setups

BATCH_FIELDS: Final = (
    "author", "author_other", "title", "album", "genre", "performance_type", "composer", "lyricist", "publisher",
    "label", "year", "comment", "isrc",
)  # fmt: skip
MOST: Final = 10_000  # tracks of one call


class Moved(Struct, frozen=True, kw_only=True):
    """A file that has another folder now."""

    id: int
    old_path: str
    new_path: str
    filename: str


class Arranging:
    """What is done to tracks that are there already."""

    def __init__(
        self, *, db: Database, store: TrackStore, playlists: PlaylistStore, library: Library, access: Access,
        setups: Setups,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._playlists = playlists
        self._library = library
        self._access = access
        self._setups = setups

    async def rename(self, caller: Caller, track_id: int, name: str) -> Track:
        """Another file name in the same folder; the ending stays. Raises: NotFound; Invalid ("required", "unique")."""
        seen, track = await self._db.read(self._own_file, caller, track_id)
        ending = track.path.rpartition(".")[2]
        if not name.strip():
            raise Invalid.one("new_name", "required")
        stem = name.strip().removesuffix(f".{ending}")
        await self._shift(seen, track, track.folder.strip("/"), safe_name(f"{stem}.{ending}", extensions=ENDINGS))
        return await self._library.get(caller, track_id)

    async def move(
        self, caller: Caller, station_id: int, track_ids: Sequence[int], folder: str
    ) -> tuple[list[Moved], int]:
        """Files to another folder, made where it is missing; those moved, and how many stayed. Raises: NotFound; Invalid."""
        try:
            target = "/".join(safe_name(one) for one in segments(folder.strip("/")))
        except UnsafePath as error:
            raise Invalid.one("target_directory", "invalid") from error
        seen, known = await self._db.read(self._all_of, caller, station_id, track_ids)
        moved: list[Moved] = []
        for track in known:
            name = track.path.rpartition("/")[2]
            try:
                path = await self._shift(seen, track, target, name)
            except (Invalid, NotFound, OSError):
                continue
            moved.append(Moved(id=track.id, old_path=track.path, new_path=path, filename=track.filename))
        return moved, len(track_ids) - len(moved)

    async def _shift(self, seen: Seen, track: Track, folder: str, name: str) -> str:
        """The file and then the row. Raises: NotFound; Invalid ("unique")."""
        path = f"{folder}/{name}" if folder else name
        if path == track.path:
            return path
        root = self._setups.media(seen.account.id, seen.station.id)
        await asyncio.to_thread(_renamed, root, track.path, path)
        await self._db.write(self._note_path, seen, track.id, path)
        return path

    def _note_path(self, unit: Unit, seen: Seen, track_id: int, path: str) -> None:
        folder, _, name = path.rpartition("/")
        stem = name.rpartition(".")[0]
        self._store.update(unit, track_id, path=path, folder=f"/{folder}/" if folder else "/", filename=stem)
        self._changed(unit, seen)

    async def remove(
        self, caller: Caller, station_id: int, *, track_ids: Sequence[int], paths: Sequence[str], folders: Sequence[str]
    ) -> int:
        """Files by key or path, and whole folders with all below; how many tracks. Raises: NotFound."""
        found = await self._db.read(self._meant, caller, station_id, track_ids, paths, folders)
        return await self._library.remove(caller, found)

    def _meant(
        self,
        unit: Unit,
        caller: Caller,
        station_id: int,
        ids: Sequence[int],
        paths: Sequence[str],
        folders: Sequence[str],
    ) -> list[int]:
        self._access.own(unit, caller, station_id)
        wanted = {one.id for one in self._all_of(unit, caller, station_id, ids)[1]} if ids else set()
        tops = [f"{one.strip('/')}/" for one in folders if one.strip("/")]
        named = {one.strip("/") for one in paths}
        for path, row in self._store.files(unit, station_id).items():
            if path in named or any(path.startswith(top) for top in tops):
                wanted.add(row[0])
        return sorted(wanted)

    async def batch(
        self, caller: Caller, track_ids: Sequence[int], fields: Mapping[str, str], *, fills_only: bool
    ) -> int:
        """Words for many tracks, over what is there or only where nothing is; how many changed. Raises: NotFound; Invalid."""
        wrong = [name for name in fields if name not in BATCH_FIELDS]
        if wrong:
            raise Invalid([Problem("fields", "invalid", {"value": wrong[0]})])
        return await self._db.write(self._batch, caller, track_ids, fields, fills_only)

    def _batch(
        self, unit: Unit, caller: Caller, track_ids: Sequence[int], fields: Mapping[str, str], fills_only: bool
    ) -> int:
        changed, stations = 0, dict[int, Seen]()
        for track_id in dict.fromkeys(track_ids):
            seen, track = self._library.own_in(unit, caller, track_id)
            wanted = {name: text for name, text in fields.items() if not (fills_only and getattr(track, name))}
            if any(getattr(track, name) != text for name, text in wanted.items()):
                self._store.update(unit, track_id, **wanted)
                changed += 1
                stations[seen.station.id] = seen
        for seen in stations.values():
            self._changed(unit, seen)
        return changed

    async def mark(self, caller: Caller, wanted: Mapping[int, bool]) -> None:
        """Which tracks listeners may ask for. Raises: NotFound."""
        await self._db.write(self._mark, caller, wanted)

    def _mark(self, unit: Unit, caller: Caller, wanted: Mapping[int, bool]) -> None:
        for track_id, requestable in wanted.items():
            seen, _ = self._library.own_in(unit, caller, track_id)
            self._store.update(unit, track_id, requestable=requestable)
            self._changed(unit, seen)

    async def reset_votes(self, caller: Caller, station_id: int) -> None:
        """Nobody has voted yet. Raises: NotFound."""
        await self._db.write(self._reset_votes, caller, station_id)

    def _reset_votes(self, unit: Unit, caller: Caller, station_id: int) -> None:
        self._access.own(unit, caller, station_id)
        self._store.reset_votes(unit, station_id)

    async def cut(self, caller: Caller, track_id: int, start_s: float | None, end_s: float | None) -> Track:
        """Play only from here to there; None is the beginning, the end. Raises: NotFound; Invalid."""
        return await self._db.write(self._cut, caller, track_id, start_s, end_s)

    def _cut(self, unit: Unit, caller: Caller, track_id: int, start_s: float | None, end_s: float | None) -> Track:
        seen, track = self._library.own_in(unit, caller, track_id)
        length = track.length_ms / 1000
        if start_s is not None and (start_s < 0 or (length and start_s >= length)):
            raise Invalid.one("playback_start_time", "invalid")
        if end_s is not None and (end_s <= (start_s or 0) or (length and end_s > length + 1)):
            raise Invalid.one("playback_end_time", "invalid")
        status = "" if start_s is None and end_s is None else "done"
        self._store.update(unit, track_id, region_start=start_s, region_end=end_s, region_status=status)
        self._changed(unit, seen)
        return self._library.own_in(unit, caller, track_id)[1]

    async def playlists_of(self, caller: Caller, track_id: int) -> list[int]:
        """The playlists that a track is in. Raises: NotFound."""
        track = await self._library.get(caller, track_id)
        return await self._db.read(self._store.playlists_of, track.id)

    async def set_playlists(
        self, caller: Caller, track_id: int, wanted: Collection[int]
    ) -> tuple[list[int], list[int]]:
        """Exactly these; the default one holds every track and stays. Added, and removed. Raises: NotFound; Invalid."""
        return await self._db.write(self._set_playlists, caller, track_id, wanted)

    def _set_playlists(
        self, unit: Unit, caller: Caller, track_id: int, wanted: Collection[int]
    ) -> tuple[list[int], list[int]]:
        seen, track = self._library.own_in(unit, caller, track_id)
        lists = {one.id: one for one in self._playlists.of_station(unit, track.station_id)}
        if foreign := [one for one in wanted if one not in lists]:
            raise Invalid([Problem("playlists", "does_not_exist", {"value": foreign[0]})])
        before = set(self._store.playlists_of(unit, track_id))
        kept = {one.id for one in lists.values() if one.is_default}
        added, removed = sorted(set(wanted) - before), sorted(before - set(wanted) - kept)
        for playlist_id in added:
            self._store.add_entries(unit, playlist_id, [track_id], at=track.added_at)
        self._store.drop_track(unit, track_id, removed)
        self._changed(unit, seen)
        return added, removed

    async def in_folders(self, caller: Caller, station_id: int, folders: Sequence[str], text: str) -> list[Track]:
        """Tracks that lie right in one of `folders`, or anywhere when none is named. Raises: NotFound."""
        return await self._db.read(self._in_folders, caller, station_id, folders, text)

    def _in_folders(
        self, unit: Unit, caller: Caller, station_id: int, folders: Sequence[str], text: str
    ) -> list[Track]:
        self._access.own(unit, caller, station_id, write=False)
        wanted: Sequence[str | None] = [f"/{one.strip('/')}/" if one.strip("/") else "/" for one in folders] or [None]
        finds = [TrackFind(station_id=station_id, text=text, folder=folder, order="title") for folder in wanted]
        return [one for find in finds for one in self._store.page(unit, find, limit=MOST, offset=0)]

    async def measure_again(self, caller: Caller, track_id: int) -> None:
        """Loudness, ends and the drawing of its sound, anew, by a job. Raises: NotFound."""
        await self._db.write(self._measure_again, caller, track_id)

    def _measure_again(self, unit: Unit, caller: Caller, track_id: int) -> None:
        self._library.own_in(unit, caller, track_id)
        self._store.update(unit, track_id, loudness_lufs=None)
        unit.enqueue("radio.measure_tracks", Tick())

    async def wave(self, caller: Caller, track_id: int) -> Path:
        """The drawing of a track's sound. Raises: NotFound, while there is none."""
        track = await self._library.get(caller, track_id)
        setup = await self._setups.of_station(track.station_id)
        if setup is None or not track.has_waveform:
            raise NotFound("The waveform")
        return self._setups.wave(setup.owner.id, track.id)

    def _own_file(self, unit: Unit, caller: Caller, track_id: int) -> tuple[Seen, Track]:
        seen, track = self._library.own_in(unit, caller, track_id)
        if track.is_remote:
            raise NotFound("The file")
        return seen, track

    def _all_of(self, unit: Unit, caller: Caller, station_id: int, ids: Sequence[int]) -> tuple[Seen, list[Track]]:
        """Raises: NotFound, when one is another station's."""
        seen = self._access.own(unit, caller, station_id)
        known = self._store.many(unit, ids)
        if any(one not in known or known[one].station_id != station_id for one in ids):
            raise NotFound("The track")
        return seen, [known[one] for one in dict.fromkeys(ids) if not known[one].is_remote]

    def _changed(self, unit: Unit, seen: Seen) -> None:
        unit.publish(ProgrammeChanged(account_id=seen.account.id, station_id=seen.station.id))


def _renamed(root: Path, old: str, new: str) -> None:
    """Blocking. Raises: NotFound; Invalid ("unique")."""
    source, target = safe_path(root, old), safe_path(root, new)
    if not source.is_file():
        raise NotFound("The file")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if target.exists():
        raise Invalid.one("new_name", "unique")
    source.rename(target)

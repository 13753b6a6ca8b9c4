"""Music comes in, is looked into, changed, voted for, and goes."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, PolycastError, Problem
from polycast.core.files import UnsafePath, safe_name, segments, walk
from polycast.core.identity.caller import Caller
from polycast.core.jobs import Run
from polycast.core.media import Media
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.model import Account
from polycast.radio.accounts.store import AccountStore
from polycast.radio.events import ProgrammeChanged
from polycast.radio.library.files import Place
from polycast.radio.library.model import ENDINGS, LARGEST, ScanStation, values_of
from polycast.radio.library.placing import descriptor, remove
from polycast.radio.library.store import TrackFind, TrackStore
from polycast.radio.stations.access import Access, Seen
from polycast.radio.stations.model import Station, Track
from polycast.radio.stations.service import Setups

ONE_VOTE: Final = timedelta(hours=24)
WRITABLE: Final = (
    "author", "author_other", "title", "album", "genre", "performance_type", "composer", "lyricist", "publisher",
    "label", "year", "comment", "isrc", "requestable", "category_id", "disable_crossfade",
)  # fmt: skip
Probe = tuple[str, int, datetime]


class Library:
    """A station's music."""

    def __init__(
        self, *, db: Database, store: TrackStore, accounts: AccountStore, access: Access, setups: Setups,
        media: Media, clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._accounts = accounts
        self._access = access
        self._setups = setups
        self._media = media
        self._clock = clock

    async def upload(
        self, caller: Caller, station_id: int, *, folder: str, filename: str, chunks: AsyncIterator[bytes]
    ) -> Track:
        """Take a file in, within the account's disk. Raises: NotFound; Invalid ("disk_quota_exceeded", "invalid")."""
        seen = await self._db.read(self._access.own, caller, station_id)
        name = safe_name(filename, extensions=ENDINGS)
        if name.rpartition(".")[2].lower() not in ENDINGS:
            raise Invalid([Problem("filename", "invalid_format")])
        try:
            path = "/".join([*[safe_name(one) for one in segments(folder.strip("/"))], name])
        except UnsafePath as error:
            raise Invalid([Problem("parent_dir", "invalid")]) from error
        root = self._setups.media(seen.account.id, station_id)
        place = Place(root, path)
        size = await place.receive(chunks, most=min(place.left(seen.account), LARGEST))
        await self._db.write(self._accounts.add_du, seen.account.id, size)
        return await self._look(seen.station, seen.account, root, path)

    async def _look(self, station: Station, account: Account, root: Path, path: str) -> Track:
        """Probe a file that has just come; one that is no sound goes again. Raises: Invalid."""
        try:
            found = await self._probed(root, path, station.charset)
        except PolycastError as error:
            size = await asyncio.to_thread(remove, root, path)
            await self._db.write(self._accounts.add_du, account.id, -size)
            raise Invalid([Problem("filename", "invalid_format")]) from error
        track_id = await self._db.write(self._put, station, path, found)
        track = await self._db.read(self._store.get, track_id)
        if track is None:
            raise NotFound("The track")
        return track

    async def _probed(self, root: Path, path: str, charset: str) -> dict[str, Any]:
        opened = await asyncio.to_thread(descriptor, root, path)
        try:
            known = os.fstat(opened)
            probed = await self._media.probe(opened)
        finally:
            os.close(opened)
        if not probed.audio:
            raise Invalid([Problem("filename", "invalid_format")])
        at = datetime.fromtimestamp(known.st_mtime, UTC)
        return values_of(path, probed, charset) | {"size_bytes": known.st_size, "mtime": at, "state": "ready"}

    def _put(self, unit: Unit, station: Station, path: str, values: Mapping[str, Any]) -> int:
        track_id = self._store.put(unit, station.id, path, values, at=self._clock.now())
        unit.publish(ProgrammeChanged(account_id=station.account_id, station_id=station.id))
        return track_id

    async def scan(self, payload: ScanStation, run: Run) -> None:
        """The job: files that came by another way are taken in, rows of files that are gone go."""
        setup = await self._setups.of_station(payload.station_id)
        if setup is None:
            return
        station, root = setup.station, self._setups.media(setup.owner.id, payload.station_id)
        on_disk = await run.thread(_files, root)
        known = await self._db.read(self._store.files, station.id)
        fresh = [
            path for path, (size, mtime) in on_disk.items() if path not in known or known[path][1:3] != (size, mtime)
        ]
        for number, path in enumerate(fresh):
            run.check()
            await run.progress(number, len(fresh), path)
            try:
                values = await self._probed(root, path, station.charset)
            except PolycastError:
                size, mtime = on_disk[path]
                values = {"size_bytes": size, "mtime": mtime, "state": "broken", "title": path}
            await self._db.write(self._put, station, path, values)
        gone = [row[0] for path, row in known.items() if path not in on_disk]
        if gone:
            await self._db.write(self._drop, station, gone)
        await self.count_disk(setup.owner.id)

    def _drop(self, unit: Unit, station: Station, track_ids: Sequence[int]) -> None:
        self._store.delete(unit, track_ids)
        unit.publish(ProgrammeChanged(account_id=station.account_id, station_id=station.id))

    async def count_disk(self, account_id: int) -> None:
        """What an account really uses."""
        size = await asyncio.to_thread(_size, self._setups.folder(account_id))
        await self._db.write(self._accounts.update, account_id, du_bytes=size)

    async def page(self, caller: Caller, find: TrackFind, *, limit: int, offset: int) -> tuple[list[Track], int, Seen]:
        """Tracks, how many there are, and whose. Raises: NotFound."""
        return await self._db.read(self._page, caller, find, limit, offset)

    def _page(
        self, unit: Unit, caller: Caller, find: TrackFind, limit: int, offset: int
    ) -> tuple[list[Track], int, Seen]:
        seen = self._access.see(unit, caller, find.station_id)
        return self._store.page(unit, find, limit=limit, offset=offset), self._store.count(unit, find), seen

    async def get(self, caller: Caller, track_id: int) -> Track:
        """Raises: NotFound."""
        return await self._db.read(self._get, caller, track_id)

    def _get(self, unit: Unit, caller: Caller, track_id: int) -> Track:
        track = self._store.get(unit, track_id)
        if track is None:
            raise NotFound("The track")
        self._access.see(unit, caller, track.station_id)
        return track

    def own_in(self, unit: Unit, caller: Caller, track_id: int) -> tuple[Seen, Track]:
        """Raises: NotFound, for another's too."""
        track = self._store.get(unit, track_id)
        if track is None:
            raise NotFound("The track")
        return self._access.own(unit, caller, track.station_id), track

    async def change(self, caller: Caller, track_id: int, values: Mapping[str, Any]) -> Track:
        """Change words and switches of a track. Raises: NotFound."""
        return await self._db.write(self._change, caller, track_id, values)

    def _change(self, unit: Unit, caller: Caller, track_id: int, values: Mapping[str, Any]) -> Track:
        seen, track = self.own_in(unit, caller, track_id)
        self._store.update(unit, track.id, **{name: value for name, value in values.items() if name in WRITABLE})
        unit.publish(ProgrammeChanged(account_id=seen.account.id, station_id=seen.station.id))
        return self._get(unit, caller, track_id)

    async def remove(self, caller: Caller, track_ids: Sequence[int], *, station_id: int | None = None) -> int:
        """Files and rows; how many. Raises: NotFound, when one is another's."""
        found = await self._db.read(self._all_own, caller, track_ids)
        for seen, track in found:
            size = 0
            if not track.is_remote:
                root = self._setups.media(seen.account.id, track.station_id)
                size = await asyncio.to_thread(remove, root, track.path)
            wave = self._setups.wave(seen.account.id, track.id)
            await asyncio.to_thread(wave.unlink, True)
            await self._db.write(self._removed, seen, track.id, size)
        return len(found)

    def _all_own(self, unit: Unit, caller: Caller, track_ids: Sequence[int]) -> list[tuple[Seen, Track]]:
        return [self.own_in(unit, caller, track_id) for track_id in track_ids]

    def _removed(self, unit: Unit, seen: Seen, track_id: int, size: int) -> None:
        self._drop(unit, seen.station, [track_id])
        self._accounts.add_du(unit, seen.account.id, -size)

    async def vote(self, caller: Caller, track_id: int, *, up: bool) -> tuple[Track, bool]:
        """The track after it, and whether the vote counted: one a day and address. Raises: NotFound."""
        return await self._db.write(self._vote, caller, track_id, up)

    def _vote(self, unit: Unit, caller: Caller, track_id: int, up: bool) -> tuple[Track, bool]:
        track, now = self._get(unit, caller, track_id), self._clock.now()
        if not self._access.see(unit, caller, track.station_id).station.likes_enabled:
            raise NotFound("Voting")
        counted = self._store.vote(unit, track.id, caller.address, up=up, at=now, since=now - ONE_VOTE)
        return self._get(unit, caller, track_id), counted

    async def words(self, caller: Caller, station_id: int, column: str) -> list[str]:
        """The different authors or genres. Raises: NotFound."""
        return await self._db.read(self._words, caller, station_id, column)

    def _words(self, unit: Unit, caller: Caller, station_id: int, column: str) -> list[str]:
        self._access.see(unit, caller, station_id)
        return self._store.words(unit, station_id, column)

    async def folders(self, caller: Caller, station_id: int) -> list[tuple[str, int]]:
        """Folders with the number of their tracks. Raises: NotFound."""
        return await self._db.read(self._folders, caller, station_id)

    def _folders(self, unit: Unit, caller: Caller, station_id: int) -> list[tuple[str, int]]:
        self._access.see(unit, caller, station_id)
        return self._store.folders(unit, station_id)

    async def file(self, caller: Caller, track_id: int) -> Path:
        """Where a track's file is, for its owner. Raises: NotFound."""
        seen, track = await self._db.read(self.own_in, caller, track_id)
        return self._setups.file_of(seen.account.id, track)


def _files(root: Path) -> dict[str, tuple[int, datetime]]:
    if not root.is_dir():
        return {}
    return {
        found.path: (found.size_bytes, datetime.fromtimestamp(found.modified_ns // 1000 / 1_000_000, UTC))
        for found in walk(root)
        if found.path.rpartition(".")[2].lower() in ENDINGS
    }


def _size(folder: Path) -> int:
    return sum(found.size_bytes for found in walk(folder)) if folder.is_dir() else 0

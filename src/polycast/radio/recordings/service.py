"""What DJs sent, as files: listed, taken away, put into the library."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec import Struct

from polycast.core.errors import Invalid, NotAllowed, NotFound
from polycast.core.files import Root, UnsafePath, segments, walk
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.store import AccountStore
from polycast.radio.library.placing import remove
from polycast.radio.library.service import Library
from polycast.radio.stations.access import Access, Seen
from polycast.radio.stations.model import Dj, Track
from polycast.radio.stations.service import Setups
from polycast.radio.stations.store import StationStore

PIECE: Final = 256 * 1024
FOLDER: Final = "/Recordings/"  # of the library


class Recording(Struct, frozen=True, kw_only=True):
    """One file of a DJ's."""

    dj_id: int
    dj_name: str
    name: str
    size_bytes: int
    at: datetime  # of the last byte


class Recordings:
    """For the owner of the station alone, and only where the account may keep them."""

    def __init__(
        self, *, db: Database, stations: StationStore, accounts: AccountStore, access: Access, setups: Setups,
        library: Library,
    ) -> None:  # fmt: skip
        self._db = db
        self._stations = stations
        self._accounts = accounts
        self._access = access
        self._setups = setups
        self._library = library

    async def of_station(self, caller: Caller, station_id: int) -> list[Recording]:
        """The latest first. Raises: NotFound; NotAllowed ("feature_disabled")."""
        seen, djs = await self._db.read(self._people, caller, station_id)
        found = await asyncio.to_thread(_found, self._folder(seen), djs)
        return sorted(found, key=lambda one: (one.at, one.name), reverse=True)

    async def of_dj(self, caller: Caller, dj_id: int) -> list[Recording]:
        """The latest first. Raises: NotFound; NotAllowed."""
        seen, dj = await self._db.read(self._own_dj, caller, dj_id)
        found = await asyncio.to_thread(_found, self._folder(seen), [dj])
        return sorted(found, key=lambda one: (one.at, one.name), reverse=True)

    async def file(self, caller: Caller, dj_id: int, name: str) -> Path:
        """Where it is. Raises: NotFound; NotAllowed."""
        seen, _ = await self._db.read(self._own_dj, caller, dj_id)
        path = self._folder(seen) / str(dj_id) / _plain(name)
        if not await asyncio.to_thread(path.is_file):
            raise NotFound("The recording")
        return path

    async def delete(self, caller: Caller, dj_id: int, name: str) -> None:
        """Its room on the disk is free again. Raises: NotFound; NotAllowed."""
        path = await self.file(caller, dj_id, name)
        seen, _ = await self._db.read(self._own_dj, caller, dj_id)
        size = await asyncio.to_thread(remove, path.parent, path.name)
        await self._db.write(self._accounts.add_du, seen.account.id, -size)

    async def to_library(self, caller: Caller, dj_id: int, names: Sequence[str]) -> list[Track]:
        """Copies of them among the station's music. Raises: NotFound; NotAllowed; Invalid ("disk_quota_exceeded")."""
        if not names:
            raise Invalid.one("recordings", "required")
        seen, _ = await self._db.read(self._own_dj, caller, dj_id)
        paths = [await self.file(caller, dj_id, name) for name in names]
        return [
            await self._library.upload(
                caller, seen.station.id, folder=FOLDER, filename=path.name, chunks=pieces(path.parent, path.name)
            )
            for path in paths
        ]

    def _folder(self, seen: Seen) -> Path:
        return self._setups.folder(seen.account.id) / "recordings"

    def _people(self, unit: Unit, caller: Caller, station_id: int) -> tuple[Seen, list[Dj]]:
        seen = self._access.own(unit, caller, station_id, write=False)
        _require(seen)
        return seen, self._stations.djs(unit, [station_id])

    def _own_dj(self, unit: Unit, caller: Caller, dj_id: int) -> tuple[Seen, Dj]:
        seen, dj = self._access.own_dj(unit, caller, dj_id)
        _require(seen)
        return seen, dj


def _require(seen: Seen) -> None:
    if not seen.account.features.save_dj_streams_enabled:
        raise NotAllowed("feature_disabled", "feature_disabled")


def _plain(name: str) -> str:
    """One segment. Raises: NotFound."""
    try:
        parts = segments(name)
    except UnsafePath as error:
        raise NotFound("The recording") from error
    if len(parts) != 1:
        raise NotFound("The recording")
    return parts[0]


def _found(folder: Path, djs: Sequence[Dj]) -> list[Recording]:
    return [
        Recording(
            dj_id=dj.id,
            dj_name=dj.name,
            name=one.path,
            size_bytes=one.size_bytes,
            at=datetime.fromtimestamp(one.modified_ns // 1_000_000_000, UTC),
        )
        for dj in djs
        if (folder / str(dj.id)).is_dir()
        for one in walk(folder / str(dj.id))
        if "/" not in one.path
    ]


async def pieces(folder: Path, name: str) -> AsyncIterator[bytes]:
    """A file's bytes; no link is followed. Raises: NotFound."""

    def opened() -> int:
        with Root(folder) as root:
            return root.descriptor(name)

    descriptor = await asyncio.to_thread(opened)
    try:
        while piece := await asyncio.to_thread(os.read, descriptor, PIECE):
            yield piece
    finally:
        os.close(descriptor)

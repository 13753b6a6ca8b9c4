"""What the engine reads of stations, and where it writes what happened."""

from pathlib import Path

from polycast.core.errors import NotFound
from polycast.core.storage import Database, Unit
from polycast.radio.stations.model import StationSetup, Track
from polycast.radio.stations.programme import Programme, Queued, TrackRequest
from polycast.radio.stations.store_air import AirStore
from polycast.radio.stations.store_programme import ProgrammeStore
from polycast.radio.stations.store_setup import SetupStore


class Setups:
    """Reads for the engine: no caller is asked, so no dialect may use it for somebody."""

    def __init__(self, *, db: Database, setups: SetupStore, programmes: ProgrammeStore, data_dir: Path) -> None:
        self._db = db
        self._setups = setups
        self._programmes = programmes
        self._root = data_dir / "radio" / "accounts"
        self._cache = data_dir / "radio" / "cache"
        self.air = AirStore()

    async def all(self) -> list[StationSetup]:
        """Every station there is; `may_run` tells which are to be on air."""
        return await self._db.read(self._setups.all)

    async def of_account(self, account_id: int) -> list[StationSetup]:
        """An account's stations, the oldest first."""
        return await self._db.read(self._setups.of_account, account_id)

    async def of_station(self, station_id: int) -> StationSetup | None:
        """One station; None when it is gone."""
        found = await self._db.read(self._setups.many, [station_id])
        return found[0] if found else None

    async def programme(self, station_id: int) -> Programme:
        """Playlists, rotations, grid and jingles; empty for a station that is gone."""
        return await self._db.read(self._programmes.programme, station_id)

    async def tracks(self, station_id: int) -> dict[int, Track]:
        """Everything that can be played, by key."""
        found = await self._db.read(self._programmes.tracks, station_id)
        return {track.id: track for track in found}

    async def wishes(self, station_id: int) -> tuple[list[Queued], list[TrackRequest]]:
        """The queue, and listeners' accepted requests that were not played yet."""
        return await self._db.read(self._wishes, station_id)

    def _wishes(self, unit: Unit, station_id: int) -> tuple[list[Queued], list[TrackRequest]]:
        return self._programmes.queue(unit, station_id), self._programmes.requests(unit, station_id)

    def folder(self, account_id: int) -> Path:
        """An account's own folder; FOLDERS of the model are in it."""
        return self._root / str(account_id)

    def media(self, account_id: int, station_id: int) -> Path:
        """A station's music."""
        return self.folder(account_id) / "media" / f"Server_{station_id}"

    def cache(self, station_id: int) -> Path:
        """What a station plays from elsewhere, as long as there is room; nothing in it is anybody's."""
        return self._cache / str(station_id)

    def wave(self, account_id: int, track_id: int) -> Path:
        """The drawing of a track's sound: a byte for each piece, 0 silent to 255 full."""
        return self.folder(account_id) / "waves" / f"{track_id}.bin"

    def file_of(self, account_id: int, track: Track) -> Path:
        """Where a track's file is. Raises: NotFound for a remote one."""
        if track.is_remote:
            raise NotFound("The file")
        return self.media(account_id, track.station_id) / track.path

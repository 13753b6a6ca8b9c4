"""Rows of playlists."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from polycast.core.storage import Unit
from polycast.radio.stations.programme import Playlist
from polycast.radio.stations.store_programme import ProgrammeStore
from polycast.radio.tables import playlists


class PlaylistStore:
    """The only place that writes `radio_playlists`, but for the engine's place in them."""

    def __init__(self) -> None:
        self._programmes = ProgrammeStore()

    def get(self, unit: Unit, playlist_id: int) -> Playlist | None:
        station_id = unit.execute(select(playlists.c.station_id).where(playlists.c.id == playlist_id)).scalar()
        found = self._programmes.playlists(unit, station_id, playlist_id=playlist_id) if station_id else []
        return found[0] if found else None

    def of_station(self, unit: Unit, station_id: int) -> list[Playlist]:
        return self._programmes.playlists(unit, station_id)

    def insert(self, unit: Unit, station_id: int, name: str, *, is_random: bool, at: datetime) -> int:
        return unit.insert(playlists, station_id=station_id, name=name, is_random=is_random, created_at=at)

    def update(self, unit: Unit, playlist_id: int, /, **values: Any) -> None:
        if values:
            unit.execute(update(playlists).where(playlists.c.id == playlist_id).values(**values))

    def delete(self, unit: Unit, playlist_id: int) -> None:
        unit.execute(delete(playlists).where(playlists.c.id == playlist_id))

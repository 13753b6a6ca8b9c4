"""What stations have to play, kept until somebody changes it."""

from collections.abc import Awaitable, Mapping
from typing import Protocol

from msgspec import Struct

from polycast.radio.engine.picking.model import Shelf
from polycast.radio.stations.model import StationSetup, Track
from polycast.radio.stations.programme import Programme, Queued, TrackRequest


class Rows(Protocol):
    """Where it is read from."""

    def of_station(self, station_id: int) -> Awaitable[StationSetup | None]: ...

    def programme(self, station_id: int) -> Awaitable[Programme]: ...

    def tracks(self, station_id: int) -> Awaitable[dict[int, Track]]: ...

    def wishes(self, station_id: int) -> Awaitable[tuple[list[Queued], list[TrackRequest]]]: ...


class _Kept(Struct):
    setup: StationSetup
    programme: Programme
    tracks: Mapping[int, Track]


class Shelves:
    """Reads each station's once, and again after `forget`."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._kept: dict[int, _Kept] = {}
        self._wishes: dict[int, tuple[list[Queued], list[TrackRequest]]] = {}

    async def of(self, station_id: int) -> Shelf | None:
        """None for a station that is gone."""
        kept = self._kept.get(station_id)
        if kept is None:
            setup = await self._rows.of_station(station_id)
            if setup is None:
                return None
            programme = await self._rows.programme(station_id)
            kept = _Kept(setup, programme, await self._rows.tracks(station_id))
            self._kept[station_id] = kept
        wishes = self._wishes.get(station_id)
        if wishes is None:
            wishes = await self._rows.wishes(station_id)
            self._wishes[station_id] = wishes
        return Shelf(
            station=kept.setup.station,
            programme=kept.programme,
            tracks=kept.tracks,
            queue=wishes[0],
            requests=wishes[1],
        )

    def kept(self, station_id: int) -> _Kept | None:
        """What is in memory, without asking anybody."""
        return self._kept.get(station_id)

    def forget(self, station_id: int) -> None:
        """Read it anew when it is next needed."""
        self._kept.pop(station_id, None)
        self._wishes.pop(station_id, None)

    def forget_wishes(self, station_id: int) -> None:
        """Only queue and requests."""
        self._wishes.pop(station_id, None)

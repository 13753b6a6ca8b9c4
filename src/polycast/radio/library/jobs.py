"""Jobs of the library."""

from datetime import timedelta

from polycast.core.jobs import Job, Run, Tick
from polycast.core.storage import Database, Unit
from polycast.radio.library.model import ScanStation
from polycast.radio.library.service import Library
from polycast.radio.stations.store import StationStore


class Scans:
    """Queues a look through every station's folder."""

    def __init__(self, *, db: Database, stations: StationStore) -> None:
        self._db = db
        self._stations = stations

    async def queue(self, payload: Tick, run: Run) -> None:
        """The job."""
        await self._db.write(self._queue)

    def _queue(self, unit: Unit) -> None:
        for station in self._stations.all(unit):
            unit.enqueue("radio.scan_station", ScanStation(station_id=station.id))


def jobs(library: Library, scans: Scans) -> list[Job]:
    """Looking through folders: by schedule, and when something was brought."""
    return [
        Job(
            name="radio.scan_station",
            payload=ScanStation,
            run=library.scan,
            one_per="station_id",
            timeout=timedelta(hours=2),
            title="Look through a station's music",
        ),
        Job(
            name="radio.scan_stations",
            payload=Tick,
            run=scans.queue,
            one_per="",
            every=timedelta(minutes=5),
            title="Look through all stations' music",
        ),
    ]

"""What happens to stations, told to the house and written into their diaries."""

import logging
from collections.abc import Mapping

from polycast.radio.edge.model import Format
from polycast.radio.engine import events as told
from polycast.radio.engine.inputs import Tap
from polycast.radio.engine.model import Teller
from polycast.radio.engine.running_station import OnAirStation
from polycast.radio.engine.shelves import Shelves
from polycast.radio.engine.station import StationAir
from polycast.radio.engine.taping import Tapes
from polycast.radio.stations.model import Dj

log = logging.getLogger("polycast.radio")


class Noting:
    """For every station of the engine; `stations` is the engine's own."""

    def __init__(self, stations: Mapping[int, OnAirStation], *, teller: Teller, tapes: Tapes, shelves: Shelves) -> None:
        self._stations = stations
        self._teller = teller
        self._tapes = tapes
        self._shelves = shelves
        self._counts: dict[int, int] = {}

    def counts(self) -> None:
        """Tell of stations whose number of listeners is another than a moment ago."""
        for number, one in self._stations.items():
            count = one.air.listener_count()
            if self._counts.get(number, 0) != count:
                self._counts[number] = count
                account_id = one.air.setup.owner.id
                self._teller.tell(told.AudienceChanged(account_id=account_id, station_id=number, listeners=count))
        for number in [each for each in self._counts if each not in self._stations]:
            del self._counts[number]

    def source_over(self, station: StationAir, why: str) -> None:
        setup = station.setup
        if why != "left":
            log.info("station %d: a source was cut: %s", setup.station.id, why)
            self._teller.tell(told.SourceCut(account_id=setup.owner.id, station_id=setup.station.id, why=why))

    def dj_came(self, station: StationAir, dj: Dj, form: Format) -> Tap | None:
        setup = station.setup
        if (one := self._stations.get(setup.station.id)) is not None:
            one.diary.connected(dj.id)
        self._teller.tell(told.DjConnected(account_id=setup.owner.id, station_id=setup.station.id, dj_id=dj.id))
        wants = dj.do_recording and setup.owner.features.save_dj_streams_enabled
        return self._tapes.begin(setup, dj, form) if wants else None

    def dj_left(self, station: StationAir, dj_id: int, why: str) -> None:
        setup = station.setup
        if (one := self._stations.get(setup.station.id)) is not None:
            one.diary.left(dj_id)
        self._teller.tell(told.DjLeft(account_id=setup.owner.id, station_id=setup.station.id, dj_id=dj_id, why=why))

    def on_air(self, station: StationAir, before: int | None) -> None:
        if (one := self._stations.get(station.setup.station.id)) is not None:
            one.diary.live(station.on_air_dj)
        self.changed(station)

    def live_title(self, station: StationAir, dj_id: int) -> None:
        if (one := self._stations.get(station.setup.station.id)) is not None:
            one.diary.live(dj_id)
        self.changed(station)

    def changed(self, station: StationAir) -> None:
        setup = station.setup
        one = self._stations.get(setup.station.id)
        if one is not None and one.diary.on_took:
            one.diary.on_took = False
            self._shelves.forget_wishes(setup.station.id)
        self._teller.tell(
            told.NowPlayingChanged(
                account_id=setup.owner.id,
                station_id=setup.station.id,
                text=station.title.text,
                dj_id=station.on_air_dj,
                at=station.titled_at,
            )
        )

    def silent(self, station: StationAir, seconds: float, dj_id: int | None) -> None:
        setup = station.setup
        one = self._stations.get(setup.station.id)
        if seconds and dj_id is None and one is not None:
            log.warning("station %d is silent; on to the next", setup.station.id)
            one.runner.skip()
        self._teller.tell(
            told.SilenceDetected(account_id=setup.owner.id, station_id=setup.station.id, seconds=seconds, dj_id=dj_id)
        )

    def down(self, station: StationAir, why: str) -> None:
        setup = station.setup
        self._teller.tell(told.StreamDown(account_id=setup.owner.id, station_id=setup.station.id, why=why))

    def up(self, station: StationAir) -> None:
        setup = station.setup
        self._teller.tell(told.StreamUp(account_id=setup.owner.id, station_id=setup.station.id))

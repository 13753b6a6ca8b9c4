"""A station with all that serves it."""

import asyncio

from msgspec import Struct

from polycast.radio.edge.ports import Place
from polycast.radio.engine.diary import StationDiary
from polycast.radio.engine.relaying import Relaying
from polycast.radio.engine.restreaming import Restreaming
from polycast.radio.engine.running import Runner
from polycast.radio.engine.station import StationAir


class OnAirStation(Struct, kw_only=True):
    """As long as its rows are there, on air or not."""

    air: StationAir
    runner: Runner
    diary: StationDiary
    relaying: Relaying
    restreaming: Restreaming
    task: "asyncio.Task[None] | None" = None
    relay_task: "asyncio.Task[None] | None" = None
    restream_task: "asyncio.Task[None] | None" = None
    places: dict[int, Place] = {}
    tokens: frozenset[bytes] = frozenset()

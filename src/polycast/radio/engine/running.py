"""Keeps a station's player alive and passes on what it says."""

import asyncio
import logging
import os
from collections import deque
from datetime import timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.errors import Unavailable
from polycast.core.processes.lasting import Line
from polycast.radio.edge.model import Title
from polycast.radio.engine.conducting import Conductor
from polycast.radio.engine.players import Players
from polycast.radio.engine.ports import RunNotes
from polycast.radio.engine.station import StationAir
from polycast.radio.player import wire

WAITS_S: Final = (0.05, 1, 2, 5, 10, 30)
DEATHS: Final = 5
DEATHS_WITHIN: Final = timedelta(minutes=2)
STEADY: Final = timedelta(minutes=1)
MUTE_S: Final = 6.0  # without a word a player hangs

log = logging.getLogger("polycast.radio")


class Runner:
    """One station's. Cancelled, it lets the player go."""

    def __init__(
        self, station: StationAir, conductor: Conductor, *, players: Players, clock: Clock, notes: RunNotes
    ) -> None:
        self.station = station
        self.conductor = conductor
        self.is_down = False
        self.level_db = 0.0
        self.pid: int | None = None
        self._players = players
        self._clock = clock
        self._notes = notes
        self._line: Line | None = None
        self._heard_at = clock.monotonic()
        self._filler: dict[int, list[bytes]] = {}
        self._filler_s: dict[int, float] = {}
        self._deaths: deque[timedelta] = deque(maxlen=DEATHS)
        self._work: asyncio.Queue[wire.Want | None] = asyncio.Queue(16)

    async def run(self) -> None:
        """Until cancelled."""
        attempt = 0
        while True:
            started = self._clock.monotonic()
            try:
                await self._one_life()
            except Unavailable as error:
                log.warning("station %d has no player: %s", self.station.setup.station.id, error)
            if self._clock.monotonic() - started > STEADY:
                attempt = 0
            self._died()
            await self._clock.sleep(timedelta(seconds=WAITS_S[min(attempt, len(WAITS_S) - 1)]))
            attempt += 1

    def _died(self) -> None:
        now = self._clock.monotonic()
        log.warning("the player of station %d has died", self.station.setup.station.id)
        self._deaths.append(now)
        if len(self._deaths) == DEATHS and now - self._deaths[0] < DEATHS_WITHIN and not self.is_down:
            self.is_down = True
            self._notes.down(self.station, "the player dies again and again")

    async def _one_life(self) -> None:
        line = await self._players.start()
        self._line, self.pid = line, line.pid
        self._heard_at = self._clock.monotonic()
        self._filler.clear()
        try:
            self.conductor.begin()
            self.reconfigure()
            self.station.connect(line.tell)
            async with asyncio.TaskGroup() as tasks:
                hearing = tasks.create_task(self._hear(line))
                others = [tasks.create_task(self._conduct()), tasks.create_task(self._watch(line))]
                await asyncio.wait([hearing])
                for task in others:
                    task.cancel()
        finally:
            self._line = self.pid = None
            line.close()
            self.station.disconnect()

    # To the player

    def order(self, order: wire.Order, descriptor: int | None = None) -> None:
        """Tell it; the descriptor is closed here."""
        try:
            if self._line is not None:
                self._line.tell(wire.pack(order), () if descriptor is None else (descriptor,))
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def reconfigure(self) -> None:
        """The station's setup has changed."""
        setup = self.station.setup.station
        self.order(self.station.player_setup())
        self.order(wire.Keep(resume=setup.resume_after_live != "next"))

    def replan(self) -> None:
        """The programme has changed."""
        self.conductor.replan(self)
        if self.conductor.on is None and not self._work.full():
            self._work.put_nowait(wire.Want(0.0))

    def skip(self) -> None:
        """On to the next."""
        self.order(wire.Skip())

    def restart(self) -> None:
        """A new player, at once; nobody who listens is disturbed."""
        self._deaths.clear()
        if self._line is not None:
            self._line.close()

    async def _conduct(self) -> None:
        """What waits for files and rows: never in the way of the sound."""
        ahead = 0.0
        while True:
            try:
                async with asyncio.timeout(1.0):
                    want = await self._work.get()
            except TimeoutError:
                want = None
            if want is not None:
                await self.conductor.wanted(self, want.left_s)
            now = self._clock.monotonic().total_seconds()
            if now - ahead >= 1.0:
                ahead = now
                await self.conductor.look_ahead(self)

    async def _watch(self, line: Line) -> None:
        while True:
            await self._clock.sleep(timedelta(seconds=1))
            if (self._clock.monotonic() - self._heard_at).total_seconds() > MUTE_S:
                log.warning("the player of station %d hangs", self.station.setup.station.id)
                line.close()
                return

    # From the player

    async def _hear(self, line: Line) -> None:
        async for body in line.frames():
            if body[0] == wire.SOUND:
                self._heard_at = self._clock.monotonic()
                self.station.sounded(*wire.sound(body))
            elif body[0] == wire.SAID:
                self._heard_at = self._clock.monotonic()
                self._said(wire.report(body))
            elif body[0] == wire.HEAD:
                self.station.headed(wire.sound(body)[0])
            elif body[0] == wire.FILLER:
                output, seconds, frame = wire.sound(body)
                self._filler.setdefault(output, []).append(frame)
                self.station.filled(output, self._filler[output], seconds)

    def _said(self, report: wire.Report) -> None:
        station = self.station
        match report:
            case wire.Want():
                if not self._work.full():
                    self._work.put_nowait(report)
            case wire.Began():
                self._began(report)
            case wire.Ended():
                self.conductor.ended(report)
            case wire.OnAir(id=number):
                station.went_on_air(number)
                if not number and self.conductor.on is not None:
                    station.retitle(Title(self.conductor.on.text))
            case wire.LiveBad(id=number, why=why):
                log.info("station %d: DJ %d cannot be read: %s", station.setup.station.id, number, why)
                station.cut_dj(number, "cannot be read")
            case wire.LiveTitle(id=number, text=text):
                station.retitle_dj(number, Title(text))
            case wire.Silent():
                self._notes.silent(station, report.seconds, report.live or None)
            case wire.Meter(level_db=level):
                self.level_db = level
                if self.is_down and len(self._deaths) and self._clock.monotonic() - self._deaths[-1] > STEADY:
                    self.is_down = False
                    self._notes.up(station)

    def _began(self, report: wire.Began) -> None:
        playing = self.conductor.began(self, report, listeners=self.station.listener_count())
        if playing is not None and self.station.on_air_dj is None:
            self.station.retitle(Title(playing.text))
            self._notes.changed(self.station)

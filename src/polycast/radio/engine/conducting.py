"""One station's programme: gives the player what the picker picks, and notes what is heard."""

import logging
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from polycast.core.clock import Clock
from polycast.radio.engine.files import Files, Unplayable
from polycast.radio.engine.model import Playing, title_of
from polycast.radio.engine.picking.drawing import Draws
from polycast.radio.engine.picking.model import Kind, Memory, Pick, Shelf
from polycast.radio.engine.picking.picker import Picker
from polycast.radio.engine.ports import Desk, Diary
from polycast.radio.engine.shelves import Shelves
from polycast.radio.player import wire

HORIZON: Final = timedelta(seconds=12)  # what begins to the second is cued so early
JUMP: Final = timedelta(seconds=30)  # of the wall clock
BROKEN_MOST: Final = 5  # in a row, before the fallback file
OVERDUE: Final = timedelta(seconds=5)
TRIES: Final = 8  # picks that cannot be opened, at one asking

log = logging.getLogger("polycast.radio")


class Conductor:
    """Lives as long as the station runs; a player may come and go meanwhile."""

    def __init__(
        self, *, station_id: int, shelves: Shelves, files: Files, diary: Diary, clock: Clock, seed: str
    ) -> None:
        self.station_id = station_id
        self.on: Playing | None = None
        self.ahead: Playing | None = None  # cued to follow
        self._shelves = shelves
        self._files = files
        self._diary = diary
        self._clock = clock
        self._memory = Memory()
        self._draws = Draws(seed)
        self._numbers = count(1)
        self._cued: dict[int, Playing] = {}
        self._timed: dict[int, Playing] = {}
        self._cut_until = clock.now()
        self._skew = clock.now() - datetime.fromtimestamp(0, clock.now().tzinfo) - clock.monotonic()
        self._broken = 0
        self._is_asked = False
        self._cued_for: tuple[datetime, tuple[int, datetime] | None] | None = None

    async def picker(self) -> Picker | None:
        """Of what the station has now; None when it is gone."""
        shelf = await self._shelves.of(self.station_id)
        return None if shelf is None else Picker(shelf, self._memory, self._draws)

    def memory(self) -> Memory:
        """What was played, for a forecast to go on from."""
        return self._memory

    def begin(self) -> None:
        """A fresh player: nothing is cued, and what was on is over."""
        self._cued.clear()
        self._timed.clear()
        self.ahead = None
        self._cut_until = self._clock.now()
        if self.on is not None:
            self._over(self.on, None)

    async def wanted(self, desk: Desk, left_s: float) -> None:
        """The player will have nothing to play in so many seconds."""
        if self._cued or self._is_asked:
            return
        self._is_asked = True
        try:
            at = self._clock.now() + timedelta(seconds=left_s)
            await self._cue_next(desk, at)
        finally:
            self._is_asked = False

    async def _cue_next(self, desk: Desk, at: datetime) -> None:
        picker = await self.picker()
        if picker is None or not picker.shelf.station.autodj_enabled:
            return
        for _ in range(TRIES):
            if self._broken >= BROKEN_MOST and picker.shelf.station.fallback_file:
                pick = Pick(kind=Kind.FALLBACK, why=f"{self._broken} files in a row did not play")
                self._broken = 0
            else:
                pick = picker.after(at)
            self._diary.relayed(pick.dj_id if pick.kind is Kind.RELAY else None)
            if pick.kind in (Kind.SILENCE, Kind.RELAY):
                return
            if await self._cue(desk, picker.shelf, pick, timed=False):
                self._cued_for = (at, _event(picker, at))
                return

    async def look_ahead(self, desk: Desk) -> None:
        """Once a second: cue what begins to the second, before it does."""
        now = self._clock.now()
        self._look_at_clock(desk, now)
        picker = await self.picker()
        if picker is None or not picker.shelf.station.autodj_enabled:
            return
        relay = picker.relay_at(now)
        if relay is not None:
            self._diary.relayed(relay)
        elif self.on is not None:
            self._diary.relayed(None)
        first, last = max(self._cut_until, now - timedelta(seconds=1)), now + HORIZON
        pick = picker.cut(first, last) if first < last else None
        self._cut_until = pick.at if pick is not None and pick.at is not None else max(first, last)
        if pick is not None and pick.kind in (Kind.TRACK, Kind.JINGLE):
            await self._cue(desk, picker.shelf, pick, timed=True)
        await self._hurry(desk, picker.shelf)
        await self._freshen(desk, picker, now)

    async def _freshen(self, desk: Desk, picker: Picker, now: datetime) -> None:
        """Under a long live show: what waits to follow it may belong to an event that is over."""
        if self._cued_for is None or not self._cued or now < self._cued_for[0] + OVERDUE:
            return
        if _event(picker, now) != self._cued_for[1]:
            self.replan(desk)
            await self.wanted(desk, 0.0)

    async def _hurry(self, desk: Desk, shelf: Shelf) -> None:
        """What its owner wants at once."""
        for queued in shelf.queue:
            track = shelf.playable(queued.track_id)
            if queued.immediately and track is not None and not self._is_cued(queued.id):
                why = "from the queue, at once"
                pick = Pick(kind=Kind.TRACK, why=why, track=track, queued_id=queued.id, at=self._clock.now())
                await self._cue(desk, shelf, pick, timed=True)
                return

    def _is_cued(self, queued_id: int) -> bool:
        there = [*self._cued.values(), *self._timed.values(), *([self.on] if self.on else [])]
        return any(one.pick.queued_id == queued_id for one in there)

    def _look_at_clock(self, desk: Desk, now: datetime) -> None:
        skew = now - datetime.fromtimestamp(0, now.tzinfo) - self._clock.monotonic()
        if abs(skew - self._skew) > JUMP:
            log.warning("the clock has jumped; station %d plans anew", self.station_id)
            self.replan(desk)
            self._cut_until = now
        self._skew = skew

    def replan(self, desk: Desk) -> None:
        """The programme has changed: what is cued was chosen by the old one."""
        for number in [*self._cued, *self._timed]:
            desk.order(wire.Drop(number))
        self._cued.clear()
        self._timed.clear()
        self.ahead = None
        self._cut_until = self._clock.now()

    async def _cue(self, desk: Desk, shelf: Shelf, pick: Pick, *, timed: bool) -> bool:
        station = shelf.station
        try:
            opened = await self._files.open(shelf, pick)
        except Unplayable as error:
            log.info("station %d: %s", self.station_id, error)
            if pick.track is not None:
                self._diary.broken(pick.track)
            return False
        playing = Playing(id=next(self._numbers), pick=pick, text=title_of(station, pick))
        at: float | None = None
        if timed and pick.at is not None:
            wait = max(timedelta(), pick.at - self._clock.now())
            at = (self._clock.monotonic() + wait).total_seconds()
        cue = wire.Cue(
            id=playing.id,
            gain_db=opened.gain_db,
            start_s=opened.start_s,
            end_s=opened.end_s,
            fades=opened.fades,
            at=at,
            mix_level=pick.mix_level,
            text=playing.text,
        )
        (self._timed if timed else self._cued)[playing.id] = playing
        self.ahead = playing
        desk.order(cue, opened.descriptor)
        return True

    # What the player says

    def began(self, desk: Desk, told: wire.Began, *, listeners: int) -> Playing | None:
        """It is heard from here on; the item, unless it lies over the music."""
        was_timed = told.id in self._timed
        playing = self._timed.pop(told.id, None) or self._cued.pop(told.id, None)
        if playing is None:
            return None
        if playing.pick.mix_level is not None:
            return None
        if was_timed:  # what was to follow was chosen before
            for number in list(self._cued):
                desk.order(wire.Drop(number))
            self._cued.clear()
        if self.on is not None:
            self._over(self.on, None)
        playing.began_at = self._clock.now()
        playing.length_s = told.length_s
        playing.listeners = listeners
        self.on = playing
        self.ahead = None
        self._diary.began(playing)
        return playing

    def ended(self, told: wire.Ended) -> None:
        """It is not heard any more, or never was."""
        playing = self.on if self.on is not None and self.on.id == told.id else None
        waiting = self._cued.pop(told.id, None) or self._timed.pop(told.id, None)
        if told.why == "broken":
            self._broken += 1
            found = playing or waiting
            if found is not None and found.pick.track is not None:
                self._diary.broken(found.pick.track)
        elif told.played_s > 5:
            self._broken = 0
        if playing is not None:
            self._over(playing, told.played_s)
            self.on = None

    def _over(self, playing: Playing, played_s: float | None) -> None:
        began = playing.began_at or self._clock.now()
        seconds = played_s if played_s is not None else (self._clock.now() - began).total_seconds()
        self._diary.ended(playing, seconds)


def _event(picker: Picker, at: datetime) -> tuple[int, datetime] | None:
    found = picker.event_at(at)
    return None if found is None else (found.event.id, found.start)

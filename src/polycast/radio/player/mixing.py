"""What is heard: the programme's items one after another, what lies over them, and live sources before both."""

from collections.abc import Callable
from typing import Final, Protocol

from polycast.radio.player.reading import Broken, LiveSound
from polycast.radio.player.sound import BLOCK, QUIET, RATE, Block, Ramp, amplitude, level, silence
from polycast.radio.player.wire import Began, Cue, Ended, Live, LiveBad, LiveTitle, OnAir, Report, Silent, Want

AHEAD_S: Final = 20.0  # before the end of what is on, the next is asked for
CUT_S: Final = 0.4  # fade of what is cut off
LIVE_S: Final = 1.0  # fade between the programme and a live source
DUCK_S: Final = 0.3
ASK_AGAIN_S: Final = 2.0


class Sounding(Protocol):
    """A file being read."""

    @property
    def length_s(self) -> float: ...
    @property
    def played_s(self) -> float: ...
    @property
    def left_s(self) -> float: ...
    def read(self, count: int) -> Block: ...
    def close(self) -> None: ...


class Item:
    """Something cued, or on."""

    def __init__(self, cue: Cue, sound: Sounding) -> None:
        self.cue = cue
        self.sound = sound
        self.gain = Ramp(1.0)
        self.is_leaving = False  # fades out beside what follows
        self._level = amplitude(cue.gain_db)

    def read(self, count: int) -> Block:
        """At most `count` samples with its gain. Raises: Broken."""
        return self.gain.over(self.sound.read(count)) * self._level


class LiveItem:
    """A source, on air or waiting."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.sound = LiveSound(live.format)
        self.is_ready = False  # has filled its buffer since it last ran dry
        self.is_silent = False
        self.quiet_s = 0.0
        self.has_failed = False
        self.title = ""

    def look(self) -> None:
        """Whether it has enough to go on."""
        if self.sound.buffered_s >= self.live.buffer_s:
            self.is_ready = True


class Mixer:
    """Blocks out, reports on the way. It knows nothing of clocks but the time each block is for."""

    def __init__(self, tell: Callable[[Report], None]) -> None:
        self.mode = "smart"
        self.crossfade_s = 3.0
        self.silence_s = 15.0
        self.resume = True
        self._tell = tell
        self._on: Item | None = None
        self._leaving: list[Item] = []
        self._next: list[Item] = []
        self._timed: list[Item] = []
        self._over: Item | None = None
        self._music = Ramp(1.0)  # lowered under what lies over it
        self._programme = Ramp(1.0)  # lowered under a live source
        self._lives: dict[int, LiveItem] = {}
        self._live: LiveItem | None = None
        self._live_gain = Ramp(0.0)
        self._asked_s = 0.0
        self._quiet_s = 0.0

    # What the server orders

    def cue(self, item: Item) -> None:
        """Let it follow, cut in, or lie over the music."""
        self._asked_s = 0.0
        if item.cue.at is not None:
            self._timed.append(item)
            self._timed.sort(key=lambda one: one.cue.at or 0.0)
        else:
            self._next.append(item)

    def drop(self, number: int) -> None:
        """Forget what has not begun."""
        for line in (self._next, self._timed):
            for item in [one for one in line if one.cue.id == number]:
                line.remove(item)
                item.sound.close()

    def skip(self) -> None:
        """End what is on."""
        if self._on is not None:
            self._leave(self._on, CUT_S, "skipped")
            self._on = None

    def join(self, live: Live) -> None:
        """A source has come."""
        self._lives[live.id] = LiveItem(live)

    def feed(self, number: int, data: bytes) -> None:
        """Its bytes."""
        if (found := self._lives.get(number)) is not None:
            found.sound.feed(data)

    def part(self, number: int) -> None:
        """It has gone; what it sent is not played out: who left wants to be off air."""
        found = self._lives.pop(number, None)
        if found is not None:
            found.sound.close()

    @property
    def left_s(self) -> float:
        """Of what is on."""
        return self._on.sound.left_s if self._on is not None else 0.0

    @property
    def playing(self) -> Item | None:
        return self._on

    # Sound

    def block(self, now: float) -> Block:
        """The next 100 ms; `now` is when it leaves the server, in monotonic seconds."""
        self._choose_live()
        mixed = silence()
        if self._live is not None or self._live_gain.is_moving:
            mixed = mixed + self._live_block(now)
        if self._programme.value > 0 or self._programme.is_moving:
            mixed = mixed + self._programme.over(self._programme_block(now))
        if self._on is None and not self._next:  # also under a live source: something must follow it at once
            self._ask(0.0)
        self._watch_silence(mixed)
        return mixed

    def _programme_block(self, now: float) -> Block:
        self._cut_in(now)
        mixed = silence()
        at = 0
        while at < BLOCK:
            if self._on is None and not self._begin_next():
                break
            at += self._play_on(mixed, at)
        for item in list(self._leaving):
            self._play_leaving(mixed, item)
        mixed = self._music.over(mixed)
        if self._over is not None:
            mixed = mixed + self._over_block()
        self._look_ahead()
        return mixed

    def _play_on(self, mixed: Block, at: int) -> int:
        item = self._on
        if item is None:
            return BLOCK
        piece = self._read(item, BLOCK - at)
        count: int = piece.shape[1]
        mixed[:, at : at + count] += piece
        if self._on is item and count < BLOCK - at:
            self._end(item, "end")
            self._on = None
        return count

    def _play_leaving(self, mixed: Block, item: Item) -> None:
        piece = self._read(item, BLOCK)
        mixed[:, : piece.shape[1]] += piece
        if piece.shape[1] < BLOCK or (item.gain.value == 0 and not item.gain.is_moving):
            if item in self._leaving:
                self._leaving.remove(item)
            item.sound.close()

    def _read(self, item: Item, count: int) -> Block:
        try:
            return item.read(count)
        except Broken:
            if item is self._on:
                self._end(item, "broken")
                self._on = None
            elif item in self._leaving:
                self._leaving.remove(item)
            return silence(0)

    def _begin_next(self) -> bool:
        if not self._next:
            return False
        self._begin(self._next.pop(0))
        return True

    def _begin(self, item: Item) -> None:
        self._on = item
        self._asked_s = 0.0
        self._tell(Began(item.cue.id, item.sound.length_s))

    def _end(self, item: Item, why: str) -> None:
        self._tell(Ended(item.cue.id, why, item.sound.played_s))
        if why != "faded":
            item.sound.close()

    def _leave(self, item: Item, seconds: float, why: str) -> None:
        """Fade it out beside what follows."""
        item.gain.to(0.0, seconds)
        self._leaving.append(item)
        self._tell(Ended(item.cue.id, why, item.sound.played_s))

    def _look_ahead(self) -> None:
        """Cross over to the next when its time has come; ask for one when there is none."""
        item = self._on
        if item is None:
            return
        left = item.sound.left_s
        if self._next:
            following = self._next[0]
            span = self._fade_s(item, following)
            if 0 < left <= span:
                if self.mode != "mix":
                    item.gain.to(0.0, left)
                    following.gain = Ramp(0.0)
                    following.gain.to(1.0, min(left, 1.0))
                self._leaving.append(item)
                self._tell(Ended(item.cue.id, "end", item.sound.played_s + left))
                self._begin_next()
        elif left <= AHEAD_S:
            self._ask(left)

    def _fade_s(self, item: Item, following: Item) -> float:
        if self.mode == "off" or not item.cue.fades or not following.cue.fades:
            return 0.0
        lengths = [one.sound.length_s / 3 for one in (item, following) if one.sound.length_s]
        return min([self.crossfade_s, *lengths])

    def _ask(self, left: float) -> None:
        if self._asked_s <= 0:
            self._asked_s = ASK_AGAIN_S
            self._tell(Want(left))
        else:
            self._asked_s -= BLOCK / RATE

    def _cut_in(self, now: float) -> None:
        while self._timed and (self._timed[0].cue.at or 0.0) <= now:
            item = self._timed.pop(0)
            if item.cue.mix_level is not None:
                self._lay_over(item)
                continue
            if self._on is not None:
                self._leave(self._on, CUT_S, "cut")
            self._begin(item)

    def _lay_over(self, item: Item) -> None:
        if self._over is not None:
            self._end(self._over, "cut")
        self._over = item
        self._music.to((item.cue.mix_level or 0) / 100, DUCK_S)
        self._tell(Began(item.cue.id, item.sound.length_s))

    def _over_block(self) -> Block:
        mixed = silence()
        item = self._over
        if item is None:
            return mixed
        try:
            piece = item.read(BLOCK)
        except Broken:
            piece = silence(0)
        mixed[:, : piece.shape[1]] = piece
        if piece.shape[1] < BLOCK:
            self._over = None
            self._music.to(1.0, DUCK_S)
            self._end(item, "end")
        return mixed

    # Live

    def _choose_live(self) -> None:
        for number, one in self._lives.items():
            one.look()
            if one.sound.why and not one.has_failed:
                one.has_failed = True
                self._tell(LiveBad(number, one.sound.why))
            if one.sound.title != one.title:
                one.title = one.sound.title
                self._tell(LiveTitle(number, one.title))
        fit = [one for one in self._lives.values() if one.is_ready and not one.is_silent]
        first = min(fit, key=lambda one: (one.live.priority, one is not self._live), default=None)
        for one in self._lives.values():  # those who wait stay fresh
            if one is not first and one.sound.buffered_s > one.live.buffer_s + 1:
                self._wait(one)
        if first is not self._live:
            self._switch(first)

    def _wait(self, one: LiveItem) -> None:
        piece = one.sound.take(int((one.sound.buffered_s - one.live.buffer_s) * RATE))
        if one.is_silent and level(piece) > QUIET:
            one.is_silent, one.quiet_s = False, 0.0
            self._tell(Silent(0.0, one.live.id))

    def _switch(self, to: LiveItem | None) -> None:
        if to is not None:
            if self._live is None:
                self._programme.to(0.0, LIVE_S)
                self._live_gain.to(1.0, LIVE_S / 4)
        else:
            self._live_gain.to(0.0, 0.0)
            if not self.resume:
                self.skip()
            self._programme.to(1.0, LIVE_S / 4)
        self._live = to
        self._tell(OnAir(to.live.id if to is not None else 0))

    def _live_block(self, now: float) -> Block:
        mixed = silence()
        one = self._live
        if one is None:
            self._live_gain.over(mixed)
            return mixed
        piece = one.sound.take(BLOCK)
        count = piece.shape[1]
        mixed[:, :count] = piece * one.live.gain
        mixed = self._live_gain.over(mixed)
        self._listen_to(one, piece)
        if count < BLOCK:
            # It has run dry: the programme, or another source, is heard from this very block on.
            one.is_ready = False
            self._choose_live()
        return mixed

    def _listen_to(self, one: LiveItem, piece: Block) -> None:
        if not one.live.silence_s or not piece.shape[1]:
            return
        one.quiet_s = one.quiet_s + piece.shape[1] / RATE if level(piece) < QUIET else 0.0
        if one.quiet_s >= one.live.silence_s:
            one.is_silent = True
            self._tell(Silent(one.quiet_s, one.live.id))

    def _watch_silence(self, mixed: Block) -> None:
        if not self.silence_s:
            return
        if level(mixed) >= QUIET:
            if self._quiet_s >= self.silence_s:
                self._tell(Silent(0.0))
            self._quiet_s = 0.0
            return
        before = self._quiet_s
        self._quiet_s += BLOCK / RATE
        if before < self.silence_s <= self._quiet_s:
            self._tell(Silent(self._quiet_s))

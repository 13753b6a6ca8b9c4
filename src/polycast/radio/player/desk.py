"""The player's loop: orders in, sound out, at the pace of time."""

import os
import time
from typing import Final

from polycast.core.processes.lasting import FarLine
from polycast.radio.player import wire
from polycast.radio.player.encoders import Encoder, encoder_for, filler_of
from polycast.radio.player.mixing import Item, Mixer
from polycast.radio.player.reading import Broken, FileSound
from polycast.radio.player.sound import BLOCK, RATE, Block, Limiter, Tone, decibels, level

LEAD_S: Final = 2.0  # how far ahead of time sound leaves
BLOCK_S: Final = BLOCK / RATE
JUMP_S: Final = 5.0  # behind time by more than this, what is lost is lost


class Desk:
    """One station. Times are monotonic seconds, which the server shares."""

    def __init__(self, line: FarLine) -> None:
        self._line = line
        self._mixer = Mixer(self._tell)
        self._encoders: list[Encoder] = []
        self._tone: Tone | None = None
        self._tone_words: tuple[bool, tuple[float, ...]] | None = None
        self._limiter = Limiter()
        self._until = time.monotonic()
        self._text = ""
        self._metered = 0.0

    def run(self) -> None:
        """Until the server hangs up."""
        while True:
            ahead = self._until - time.monotonic()
            wait = max(0.0, ahead - LEAD_S) if self._encoders else 1.0
            for body in self._line.heard(wait):
                self._obey(body)
            if self._encoders and self._until - time.monotonic() <= LEAD_S:
                self._step()

    def _step(self) -> None:
        now = time.monotonic()
        if now - self._until > JUMP_S:
            self._until = now
        block = self._mixer.block(max(now, self._until - LEAD_S))
        if self._tone is not None:
            block = self._tone(block)
        block = self._limiter(block)
        for encoder in self._encoders:
            for kind, seconds, data in encoder.encode(block):
                self._line.tell(wire.pack_sound(kind, encoder.output.number, seconds, data))
        self._until += BLOCK_S
        self._meter(block, now)

    def _meter(self, block: Block, now: float) -> None:
        if now - self._metered >= 1.0:
            self._metered = now
            told = wire.Meter(decibels(level(block)), self._mixer.left_s, self._until - now)
            self._line.tell(wire.pack(told))

    def _tell(self, report: wire.Report) -> None:
        self._line.tell(wire.pack(report))
        if isinstance(report, wire.Began):
            item = self._mixer.playing
            if item is not None and item.cue.id == report.id:
                self._retitle(item.cue.text)
        elif isinstance(report, wire.LiveTitle):
            self._retitle(report.text)

    def _retitle(self, text: str) -> None:
        for encoder in self._encoders:
            for kind, seconds, data in encoder.retitle(text):
                self._line.tell(wire.pack_sound(kind, encoder.output.number, seconds, data))

    def _obey(self, body: bytes) -> None:
        if body[0] == wire.RAW:
            self._mixer.feed(*wire.raw(body))
            return
        match wire.order(body):
            case wire.Setup() as setup:
                self._set_up(setup)
            case wire.Cue() as cue:
                self._cue(cue)
            case wire.Drop(id=number):
                self._mixer.drop(number)
            case wire.Skip():
                self._mixer.skip()
            case wire.Live() as live:
                self._mixer.join(live)
            case wire.LiveOver(id=number):
                self._mixer.part(number)
            case wire.Keep(resume=resume):
                self._mixer.resume = resume

    def _cue(self, cue: wire.Cue) -> None:
        descriptor = self._line.descriptor()
        try:
            sound = FileSound(descriptor, start_s=cue.start_s, end_s=cue.end_s)
        except Broken:
            os.close(descriptor)
            self._line.tell(wire.pack(wire.Ended(cue.id, "broken")))
            return
        self._mixer.cue(Item(cue, _Closing(sound, descriptor)))

    def _set_up(self, setup: wire.Setup) -> None:
        """What has not changed goes on undisturbed."""
        self._mixer.mode = setup.crossfade_mode
        self._mixer.crossfade_s = setup.crossfade_s
        self._mixer.silence_s = setup.silence_s
        words = (setup.dc_filter, tuple(setup.eq_gains))
        if words != self._tone_words:
            self._tone_words = words
            self._tone = Tone(dc_filter=setup.dc_filter, eq_gains=setup.eq_gains)
        known = {encoder.output: encoder for encoder in self._encoders}
        if not self._encoders:
            self._until = time.monotonic()
        for output in setup.outputs:
            if output not in known:
                for kind, seconds, data in filler_of(output):
                    self._line.tell(wire.pack_sound(kind, output.number, seconds, data))
        self._encoders = [known.get(output) or encoder_for(output) for output in setup.outputs]


class _Closing:
    """A file and the descriptor it is read from."""

    def __init__(self, sound: FileSound, descriptor: int) -> None:
        self._sound = sound
        self._descriptor = descriptor

    @property
    def length_s(self) -> float:
        return self._sound.length_s

    @property
    def played_s(self) -> float:
        return self._sound.played_s

    @property
    def left_s(self) -> float:
        return self._sound.left_s

    def read(self, count: int) -> Block:
        return self._sound.read(count)

    def close(self) -> None:
        if self._descriptor >= 0:
            self._sound.close()
            os.close(self._descriptor)
            self._descriptor = -1

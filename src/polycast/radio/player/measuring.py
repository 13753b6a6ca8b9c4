"""How loud a piece is, and where its sound begins and ends. Source: ITU-R BS.1770-4, EBU R 128.

The weighting is applied to the spectrum of each 100 ms: by Parseval's theorem the energy is that of the filtered sound.
"""

import math
import os
from typing import Any, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from polycast.radio.player.reading import Broken, FileSound
from polycast.radio.player.sound import RATE, Block, decibels

STEP: Final = RATE // 10  # samples of 100 ms; four make a gating block
ABSOLUTE_LUFS: Final = -70.0
RELATIVE_LU: Final = -10.0
SILENT: Final = 10 ** (-60 / 20)
CHUNK: Final = STEP * 50
WAVE_POINTS: Final = 2000  # pieces that a drawing has at most
LONGEST_S: Final = 4 * 3600.0
# The two filters of BS.1770 at 48 kHz: a shelf for the head, a high-pass.
SHELF: Final = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
HIGH_PASS: Final = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


class Measured(Struct, frozen=True):
    """What was found."""

    lufs: float  # -70.0 for what is never louder
    peak_db: float  # of the samples
    start_s: float  # where sound begins
    end_s: float  # where it ends
    length_s: float
    wave: bytes = b""  # its drawing: the peak of each of at most 2000 pieces, 255 is full scale


class Unmeasurable(Struct, frozen=True):
    """It does not play."""

    why: str


def weights() -> NDArray[np.float64]:
    """What each frequency of a 100 ms spectrum counts, as power."""
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(STEP, 1 / RATE) / 48000)
    response = np.ones_like(turn)
    for over, under in (SHELF, HIGH_PASS):
        top = over[0] + over[1] * turn + over[2] * turn**2
        response = response * top / (under[0] + under[1] * turn + under[2] * turn**2)
    found: NDArray[np.float64] = np.abs(response) ** 2
    return found


class Meter:
    """Sound in, one figure for each 100 ms kept."""

    def __init__(self) -> None:
        self._weights = weights()
        self._powers: list[NDArray[np.float64]] = []
        self._peaks: list[NDArray[np.float32]] = []
        self._samples = 0

    def add(self, block: Block) -> None:
        """A multiple of 100 ms; a shorter rest at the very end is filled with silence."""
        self._samples += block.shape[1]
        count = -(-block.shape[1] // STEP)
        whole = np.zeros((2, count * STEP), dtype=np.float32)
        whole[:, : block.shape[1]] = block
        steps = whole.reshape(2, count, STEP)
        spectrum = np.abs(np.fft.rfft(steps, axis=2)) ** 2
        spectrum[:, :, 1:] *= 2  # the other half of a real signal's spectrum
        power = (spectrum * self._weights).sum(axis=2) / STEP**2
        self._powers.append(power.sum(axis=0))
        self._peaks.append(np.abs(steps).max(axis=(0, 2)))

    def result(self) -> Measured:
        """Over all that was added."""
        length = self._samples / RATE
        if not self._powers:
            return Measured(ABSOLUTE_LUFS, -120.0, 0.0, 0.0, 0.0)
        powers, peaks = np.concatenate(self._powers), np.concatenate(self._peaks)
        loud = np.flatnonzero(peaks > SILENT)
        start = float(loud[0]) / 10 if len(loud) else 0.0
        end = min(length, float(loud[-1] + 1) / 10) if len(loud) else length
        wave = drawn(peaks)
        return Measured(_gated(powers), decibels(float(peaks.max())), start, end, length, wave)


def drawn(peaks: NDArray[np.float32]) -> bytes:
    """The peaks of a piece, so many that a page can draw them."""
    step = -(-len(peaks) // WAVE_POINTS)
    padded = np.pad(peaks, (0, -len(peaks) % step))
    highest = padded.reshape(-1, step).max(axis=1)
    return bytes(np.clip(np.rint(highest * 255), 0, 255).astype(np.uint8))


def _gated(powers: NDArray[np.float64]) -> float:
    blocks = np.convolve(powers, np.ones(4) / 4, mode="valid") if len(powers) >= 4 else powers
    kept = blocks[blocks > _power(ABSOLUTE_LUFS)]
    if not len(kept):
        return ABSOLUTE_LUFS
    kept = kept[kept > _power(_lufs(float(kept.mean())) + RELATIVE_LU)]
    return max(ABSOLUTE_LUFS, _lufs(float(kept.mean())))


def _lufs(power: float) -> float:
    return -0.691 + 10 * math.log10(power)


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def measure(descriptor: int) -> Measured | Unmeasurable:
    """A whole file. The descriptor stays the caller's."""
    own = os.dup(descriptor)
    try:
        sound = FileSound(own, start_s=0.0, end_s=LONGEST_S)
        meter = Meter()
        try:
            while (block := sound.read(CHUNK)).shape[1]:
                meter.add(block)
        finally:
            sound.close()
    except Broken as error:
        return Unmeasurable(str(error))
    finally:
        os.close(own)
    return meter.result()


def answer(found: Measured | Unmeasurable) -> dict[str, Any]:
    """As JSON can hold it."""
    return {name: getattr(found, name) for name in found.__struct_fields__}

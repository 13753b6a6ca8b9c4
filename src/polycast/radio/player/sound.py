"""Arithmetic on sound: planar 32 bit float, shape (2, samples), 44.1 kHz."""

from collections.abc import Sequence
from typing import Any, Final

import av
import av.filter
import numpy as np
from numpy.typing import NDArray

RATE: Final = 44100
BLOCK: Final = 4410  # samples, 100 ms
CEILING: Final = 10 ** (-1 / 20)
QUIET: Final = 10 ** (-50 / 20)
BANDS_HZ: Final = (31, 62, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)
ATTACK: Final = 220  # samples
RELEASE: Final = 1.06  # a block

Block = NDArray[np.float32]


def silence(samples: int = BLOCK) -> Block:
    """Nothing to hear."""
    return np.zeros((2, samples), dtype=np.float32)


def level(block: Block) -> float:
    """Root of the mean square; 0.0 to about 1.0."""
    return float(np.sqrt(np.mean(np.square(block)))) if block.size else 0.0


def decibels(value: float) -> float:
    """Of an amplitude; -120 for silence."""
    return max(-120.0, 20 * float(np.log10(value))) if value > 0 else -120.0


def amplitude(gain_db: float) -> float:
    """Of decibels, held within what a fader has."""
    return float(10 ** (min(max(gain_db, -60.0), 24.0) / 20))


class Ramp:
    """A gain that changes steadily."""

    def __init__(self, value: float = 1.0) -> None:
        self.value = value
        self.target = value
        self._step = 0.0

    def to(self, target: float, seconds: float) -> None:
        """Be there after `seconds`."""
        self.target = target
        self._step = (target - self.value) / max(1.0, seconds * RATE)
        if seconds <= 0:
            self.value = target

    @property
    def is_moving(self) -> bool:
        return self.value != self.target

    def over(self, block: Block) -> Block:
        """The block with the gain applied."""
        count = block.shape[1]
        if not self.is_moving:
            return block if self.value == 1.0 else block * np.float32(self.value)
        curve = self.value + self._step * np.arange(1, count + 1, dtype=np.float32)
        low, high = min(self.value, self.target), max(self.value, self.target)
        curve = np.clip(curve, low, high)
        self.value = float(curve[-1]) if count else self.value
        if abs(self.value - self.target) <= abs(self._step):
            self.value = self.target
        return (block * curve).astype(np.float32, copy=False)


class Limiter:
    """Keeps below the ceiling: quickly down, slowly up."""

    def __init__(self) -> None:
        self._gain = 1.0

    def __call__(self, block: Block) -> Block:
        peak = float(np.max(np.abs(block))) if block.size else 0.0
        wanted = 1.0 if peak <= CEILING else CEILING / peak
        before = self._gain
        after = min(wanted, before * RELEASE, 1.0)
        self._gain = after
        if before == 1.0 and after == 1.0:
            return block
        count = block.shape[1]
        curve = np.full(count, after, dtype=np.float32)
        ramp = min(ATTACK if after < before else count, count)
        curve[:ramp] = np.linspace(before, after, ramp, dtype=np.float32)
        limited: Block = np.clip(block * curve, -CEILING, CEILING)
        return limited


class Tone:
    """The station's filters: rumble out, ten bands up or down."""

    def __init__(self, *, dc_filter: bool, eq_gains: Sequence[float]) -> None:
        words: list[tuple[str, str]] = [("highpass", "f=20")] if dc_filter else []
        for band, gain in zip(BANDS_HZ, eq_gains, strict=False):
            bounded = min(max(float(gain), -12.0), 12.0)
            if bounded:
                words.append(("equalizer", f"f={band}:t=o:w=1:g={bounded:.1f}"))
        self._graph: Any = _graph(words) if words else None
        self._at = 0

    def __call__(self, block: Block) -> Block:
        if self._graph is None:
            return block
        frame = frame_of(block)
        frame.pts = self._at
        self._at += block.shape[1]
        self._graph.push(frame)
        found: Block = self._graph.pull().to_ndarray()
        return found


def _graph(words: Sequence[tuple[str, str]]) -> Any:
    graph = av.filter.Graph()
    last: Any = graph.add_abuffer(sample_rate=RATE, format="fltp", layout="stereo", time_base=None)
    for name, options in words:
        following = graph.add(name, options)
        last.link_to(following)
        last = following
    last.link_to(graph.add("abuffersink"))
    graph.configure()
    return graph


def frame_of(block: Block) -> Any:
    """For an encoder or a filter."""
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="stereo")
    frame.sample_rate = RATE
    return frame

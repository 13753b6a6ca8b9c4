"""How much has passed lately."""

from collections import deque
from typing import Final

SAMPLES: Final = 6


class Rate:
    """Bits a second over the last few looks."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int]] = deque(maxlen=SAMPLES)

    def add(self, now: float, total_bytes: int) -> None:
        """`total_bytes` have passed since the beginning."""
        if not self._looks or now - self._looks[-1][0] >= 0.5:
            self._looks.append((now, total_bytes))

    @property
    def bps(self) -> float:
        if len(self._looks) < 2:
            return 0.0
        (first_at, first), (last_at, last) = self._looks[0], self._looks[-1]
        return max(0.0, (last - first) * 8 / max(last_at - first_at, 0.001))

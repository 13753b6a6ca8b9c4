"""Chance for waits, so that many who wait do not come back together. Never for secrets."""

import random


def jitter() -> float:
    """Somewhere in [0, 1)."""
    return random.random()  # noqa: S311 - no secret

"""Chance that can be repeated: a picker given the same seed picks the same."""

import hashlib
from collections.abc import MutableSequence, Sequence
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """Numbers nobody foresees, made of a seed. Not for secrets."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._count = 0

    def below(self, limit: int) -> int:
        """0 to `limit` - 1."""
        self._count += 1
        made = hashlib.blake2b(self._seed + self._count.to_bytes(8, "big"), digest_size=8).digest()
        return int.from_bytes(made, "big") % max(1, limit)

    def choice(self, among: Sequence[T]) -> T:
        """One of several; at least one must be there."""
        return among[self.below(len(among))]

    def shuffle(self, items: MutableSequence[T]) -> None:
        """In place."""
        for index in range(len(items) - 1, 0, -1):
            other = self.below(index + 1)
            items[index], items[other] = items[other], items[index]

"""Which RAR volumes belong together, when names may say anything: by their names and by what is in them."""

import re
from collections.abc import Sequence
from typing import Final

from polycast.acquire.archives.rar_model import RarVolume

_PATTERNS: Final = (
    re.compile(r"^(.*)\.part\d{1,5}\.rar$", re.IGNORECASE),
    re.compile(r"^(.*)\.(?:rar|[r-z]\d{2})$", re.IGNORECASE),
    re.compile(r"^(.*)\.\d{1,5}$"),
)


def volume_sets(names: Sequence[str], volumes: Sequence[RarVolume]) -> list[list[int]]:
    """Positions of the volumes of each set, sets in the order of their first volume."""
    parents = list(range(len(names)))

    def root(at: int) -> int:
        while parents[at] != at:
            parents[at] = parents[parents[at]]
            at = parents[at]
        return at

    seen: dict[object, int] = {}
    for at, (name, volume) in enumerate(zip(names, volumes, strict=True)):
        marks: list[object] = [(file.name, file.size_bytes) for file in volume.files]
        if stem := _stem(name):
            marks.append(stem)
        for mark in marks:
            first = seen.setdefault(mark, at)
            low, high = sorted((root(first), root(at)))
            parents[high] = low
    sets: dict[int, list[int]] = {}
    for at in range(len(names)):
        sets.setdefault(root(at), []).append(at)
    return [sets[first] for first in sorted(sets)]


def _stem(name: str) -> str:
    for pattern in _PATTERNS:
        if found := pattern.match(name):
            return found[1].lower()
    return ""

"""Intros and credits: told by chapters, else found as the sound that neighbouring episodes share. Source: specs/library.md 5.6."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from polycast.library.probing.model import Probed

Print = npt.NDArray[np.uint32]
RATE: Final = 11_025 / 1365  # samples a second of a chromaprint: its hop is a third of 4,096
SILENCE: Final = 627_964_279
KEY_BITS: Final = 18  # below the 14 that are voted with
LEAST_VOTES: Final = 0.02
BLOCK: Final = 16
WRONG_BITS: Final = 6  # of 32, on average over a block, that still sound the same
GAP: Final = 24  # samples: three seconds of speech over a theme
SHORTEST: Final = timedelta(seconds=15)
LONGEST: Final = {"intro": timedelta(seconds=120), "credits": timedelta(seconds=300)}
TITLES: Final = (
    ("intro", re.compile(r"^(intro(duction)?|opening( credits)?|op|titles?|vorspann|générique( de début)?|apertura|オープニング)$", re.I)),
    ("credits", re.compile(r"^(end )?(credits?|ending|ed|outro|abspann|générique de fin|créditos|titoli di coda|エンディング)$", re.I)),
    ("recap", re.compile(r"^(recap|previously( on .*)?|rückblick|résumé|resumen|あらすじ)$", re.I)),
    ("preview", re.compile(r"^(preview|next (time|episode)( on .*)?|vorschau|予告)$", re.I)),
)  # fmt: skip


class Found(Struct, frozen=True, kw_only=True):
    """A stretch, from the beginning of what was compared."""

    kind: str
    start: timedelta
    end: timedelta
    source: str
    confidence: int


def of_chapters(probed: Probed) -> list[Found]:
    """Chapters whose titles say what they are."""
    found = []
    for chapter in probed.chapters:
        for kind, pattern in TITLES:
            if pattern.fullmatch(chapter.title.strip()) and chapter.end > chapter.start:
                found.append(Found(kind=kind, start=chapter.start, end=chapter.end, source="chapter", confidence=100))
                break
    return found


def shared(first: Print, second: Print) -> tuple[int, int] | None:
    """The longest stretch of `first` that `second` holds too, as (first sample, sample after the last)."""
    if len(first) < BLOCK * 2 or len(second) < BLOCK * 2:
        return None
    offset = _offset(first, second)
    if offset is None:
        return None
    start = max(0, -offset)
    end = min(len(first), len(second) - offset)
    if end - start < BLOCK * 2:
        return None
    differing = np.bitwise_xor(first[start:end], second[start + offset : end + offset])
    wrong = np.unpackbits(differing.view(np.uint8)).reshape(-1, 32).sum(axis=1)
    padded = np.pad(wrong, (BLOCK // 2, BLOCK - 1 - BLOCK // 2), mode="edge")
    even = np.convolve(padded, np.ones(BLOCK) / BLOCK, mode="valid")
    run = _longest(even <= WRONG_BITS)
    if run is None or (run[1] - run[0]) / RATE < SHORTEST.total_seconds():
        return None
    return run[0] + start, run[1] + start


def of_neighbours(mine: Print, others: Sequence[Print], kind: str) -> Found | None:
    """What an episode shares with at least two of its neighbours, or with the only one there is."""
    runs = [run for run in (shared(mine, other) for other in others) if run is not None]
    needed = min(2, len(others))
    if not needed or len(runs) < needed:
        return None
    start = float(np.median([run[0] for run in runs])) / RATE
    end = float(np.median([run[1] for run in runs])) / RATE
    length = timedelta(seconds=end - start)
    if not SHORTEST <= length <= LONGEST[kind]:
        return None
    confidence = min(99, 60 + 40 * len(runs) // len(others))
    return Found(
        kind=kind,
        start=timedelta(seconds=start),
        end=timedelta(seconds=end),
        source="fingerprint",
        confidence=confidence,
    )


def read_print(content: bytes) -> Print:
    """A raw fingerprint as the muxer writes it."""
    return np.frombuffer(content[: len(content) // 4 * 4], dtype="<u4").astype(np.uint32)


def _offset(first: Print, second: Print) -> int | None:
    """By how many samples `second` runs behind where both sound the same."""
    keys = second >> KEY_BITS
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    votes: dict[int, int] = {}
    for place, value in enumerate(first):
        if value == SILENCE:
            continue
        key = value >> KEY_BITS
        low, high = np.searchsorted(ranked, [key, key + 1])
        for other in order[low : min(high, low + 50)]:
            difference = int(other) - place
            votes[difference] = votes.get(difference, 0) + 1
    if not votes:
        return None
    winner = max(votes, key=lambda one: votes[one])
    return winner if votes[winner] >= LEAST_VOTES * min(len(first), len(second)) else None


def _longest(same: Any) -> tuple[int, int] | None:
    """The longest run of True, small gaps joined."""
    best: tuple[int, int] | None = None
    begin = last = -1
    for place in np.flatnonzero(same):
        at = int(place)
        if begin < 0 or at - last > GAP:
            begin = at
        last = at
        if best is None or last - begin > best[1] - best[0] - 1:
            best = (begin, last + 1)
    return best

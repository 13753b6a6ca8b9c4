"""Which of the rows that match is meant most likely, and which word by one that nobody wrote."""

from collections.abc import Iterable, Sequence
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

SAME: Final = 100.0  # the title is what was asked
BEGINS: Final = 70.0  # the title begins with it
WORDS: Final = 60.0  # all words are in the title
NEAR: Final = 15.0  # title and question look alike as a whole
WEIGHT: Final = 0.2  # a point of weight
EXACT_WORD: Final = 1.0
BEGUN_WORD: Final = 0.8
LIKE_WORD: Final = 0.6
ELSEWHERE: Final = 0.2  # not in the title, so in the other text
SIMILAR: Final = 0.6  # below, two words have nothing to do with each other
MOST_GUESSES: Final = 4


def score(asked: Sequence[str], title: str, weight: int) -> float:
    """How well `title` (its words joined by spaces) answers `asked`."""
    question = " ".join(asked)
    if title == question:
        points = SAME
    elif title.startswith(question):
        points = BEGINS
    else:
        there = title.split()
        points = WORDS * sum(_share(word, there) for word in asked) / len(asked)
    return points + NEAR * fuzz.ratio(question, title) / 100 + WEIGHT * weight


def _share(word: str, there: Sequence[str]) -> float:
    if word in there:
        return EXACT_WORD
    if any(one.startswith(word) for one in there):
        return BEGUN_WORD
    likeness = max((OSA.normalized_similarity(word, one) for one in there), default=0.0)
    return LIKE_WORD * likeness if likeness >= SIMILAR else ELSEWHERE


def errors_allowed(word: str) -> int:
    """How many letters may be wrong, missing, too many or swapped."""
    if len(word) <= 5:
        return 1
    return 2 if len(word) <= 10 else 3


def guesses(word: str, known: Iterable[str], *, is_begun: bool) -> list[str]:
    """The words of `known` that were most likely meant by `word`, best first; `is_begun`: it may not be complete."""
    most = errors_allowed(word)
    found: list[tuple[float, str]] = []
    for one in known:
        errors: float = OSA.distance(word, one, score_cutoff=most)
        if errors > most and is_begun and len(one) > len(word):
            errors = OSA.distance(word, one[: len(word)], score_cutoff=most) + 0.5
        if errors <= most + 0.5 and one != word:
            found.append((errors, one))
    found.sort()
    return [one for _, one in found[:MOST_GUESSES]]

"""From content ratings to ages. Source: specs/library.md 5.3."""

import re
from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, int]] = {
    "G": 0, "PG": 8, "PG-13": 13, "R": 17, "NC-17": 18, "X": 18, "TV-Y": 0, "TV-Y7": 7, "TV-Y7-FV": 7, "TV-G": 0,
    "TV-PG": 8, "TV-14": 14, "TV-MA": 17, "U": 0, "UC": 0, "12A": 12, "M": 15, "MA15+": 15, "MA 15+": 15, "R18+": 18,
    "R 18+": 18, "R18": 18, "TP": 0, "TOUS PUBLICS": 0, "ALL": 0, "PG12": 12, "R15+": 15, "AL": 0, "T": 0, "APTA": 0,
    "L": 0, "A": 18, "UA": 12, "I": 18,
}  # fmt: skip
UNRATED: Final = frozenset({"", "NR", "NOT RATED", "UNRATED", "N/A", "0+"})
NUMBER: Final = re.compile(r"(?:^|[^0-9])(\d{1,2})(?:\+|A)?(?:$|[^0-9])")


def min_age(rating: str) -> int | None:
    """The youngest age that a content rating lets watch; None when it says none.

    Takes "US:PG-13", "FSK 12", "PEGI-16", "de/16", "15".
    """
    text = rating.strip().upper()
    text = re.sub(r"^(?:RATED\s+|[A-Z]{2}\s*[:/]\s*)", "", text).strip()
    if text in UNRATED:
        return None
    if text in WORDS:
        return WORDS[text]
    if match := NUMBER.search(text):
        age = int(match[1])
        return age if age <= 21 else None
    return None

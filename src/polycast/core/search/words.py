"""Text cut into words, the same way for what is stored and what is asked."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

WORD: Final = re.compile(r"[^\W_]+")
APOSTROPHES: Final = str.maketrans("", "", "'\u2019\u02bc`")  # "don't" is one word, with whatever sign
LONGEST_WORD: Final = 40  # characters
SHORTEST_GUESS: Final = 3  # of words that may be spelled wrongly
LONGEST_GUESS: Final = 30


def words_of(text: str, most: int) -> list[str]:
    """The first `most` words of `text`: without case and accents, in order."""
    text = text.translate(APOSTROPHES).casefold()
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return [word[:LONGEST_WORD] for word, _ in zip(WORD.findall(text), range(most), strict=False)]


def grams_of(word: str) -> set[str]:
    """The groups of three letters of `word`, its beginning and its end marked."""
    padded = f" {word} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


def guessable(words: list[str]) -> Iterator[str]:
    """Those of `words` that a person may have meant by another spelling."""
    return (word for word in words if SHORTEST_GUESS <= len(word) <= LONGEST_GUESS and not word.isdigit())

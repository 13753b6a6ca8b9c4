"""The grammar of guide searches: words, "quoted phrases", AND, OR and parentheses. Source: `specs/live.md` 3.4."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from polycast.core.errors import Invalid
from polycast.core.storage import fold
from polycast.live.regexes import Budget, compile_pattern

TOKEN: Final = re.compile(r'\s*(?:"([^"]*)"|([()])|([^\s()"]+))')
MOST_TERMS: Final = 50
LENGTH: Final = 500
SEARCH_SECONDS: Final = 5.0  # for all regular expressions of one search

Test = Callable[[str], bool]  # given a text and its folded form as one


class TextQuery:
    """A parsed query. Words that follow each other are one phrase; AND binds closer than OR."""

    def __init__(self, text: str, *, path: str, is_regex: bool = False, whole_words: bool = False) -> None:
        """Raises: Invalid at `path`, for a query that is too long or a broken expression."""
        if len(text) > LENGTH:
            raise Invalid.one(path, "max_length", limit=LENGTH)
        self.required: list[str] = []  # folded phrases that each match holds; a superset is found by them
        self._path = path
        self._is_regex = is_regex
        self._whole_words = whole_words
        self._budget = Budget(SEARCH_SECONDS)
        self._terms = 0
        self._tokens = list(_tokens(text))
        self._at = 0
        self._test = self._either(is_top=True) if self._tokens else _anything

    def matches(self, text: str) -> bool:
        """Whether `text` is what is looked for. Raises: TooSlow."""
        return self._test(text)

    def _either(self, *, is_top: bool) -> Test:
        first = self.required.copy()
        tests = [self._both()]
        while self._take("OR"):
            tests.append(self._both())
        if len(tests) == 1:
            return tests[0]
        if is_top or len(self.required) > len(first):
            self.required = first  # no phrase of an alternative is in every match
        return lambda text: any(test(text) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take("AND") or (self._at < len(self._tokens) and self._tokens[self._at] == ("mark", "(")):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda text: all(test(text) for test in tests)

    def _one(self) -> Test:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("mark", "("):
            self._at += 1
            found = self._either(is_top=False)
            if self._at < len(self._tokens) and self._tokens[self._at] == ("mark", ")"):
                self._at += 1
            return found
        words: list[str] = []
        while self._at < len(self._tokens):
            kind, text = self._tokens[self._at]
            if kind == "mark" or (kind == "word" and text.upper() in {"AND", "OR"}):
                break
            words.append(text)
            self._at += 1
        if not words and self._at < len(self._tokens) and self._tokens[self._at][1] == ")":
            self._at += 1
        return self._term(" ".join(words))

    def _term(self, phrase: str) -> Test:
        if not phrase:
            return _anything
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise Invalid.one(self._path, "max_items", limit=MOST_TERMS)
        if self._is_regex or self._whole_words:
            text = phrase if self._is_regex else rf"\b{re.escape(phrase)}\b"
            pattern, budget = compile_pattern(text, flags="i", path=self._path), self._budget
            if not self._is_regex:
                self.required.append(fold(phrase))
            return lambda subject: pattern.matches(subject, budget)
        folded = fold(phrase)
        self.required.append(folded)
        return lambda subject: folded in (subject.lower() if subject.isascii() else fold(subject))

    def _take(self, word: str) -> bool:
        if self._at < len(self._tokens):
            kind, text = self._tokens[self._at]
            if kind == "word" and text.upper() == word:
                self._at += 1
                return True
        return False


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    for found in TOKEN.finditer(text):
        if found[1] is not None:
            yield "phrase", found[1]
        elif found[2]:
            yield "mark", found[2]
        else:
            yield "word", found[3]


def _anything(_: str) -> bool:
    return True

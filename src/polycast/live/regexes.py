"""The one engine for regular expressions that people write: time-outs, and the tokens that JavaScript has.

Patterns are those of Python's `regex`, which reads `(?<name>...)` too. Replacements know `$1`, `$<name>`, `$&`, `$$`
(JavaScript) and `\\1`, `\\g<name>` (Python). Limits: `specs/security.md` 3.10.
"""

import re
import time
from typing import Final

import regex
from msgspec import Struct

from polycast.core.errors import Invalid, PolycastError

PATTERN_LIMIT: Final = 1000  # characters
CALL_SECONDS: Final = 0.1
BATCH_SECONDS: Final = 2.0
FLAGS: Final = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL, "g": 0, "u": 0}
TOKEN: Final = re.compile(r"\$(?:(\$)|(&)|(\d{1,2})|<([A-Za-z_]\w*)>)|\\(?:(\d{1,2})|g<(\w+)>|(\\))")


class TooSlow(PolycastError):
    """A pattern took longer than a tenth of a second for one text, or a batch more than two seconds."""

    code = "regex_too_slow"

    def __init__(self, pattern: str) -> None:
        super().__init__(f"The regular expression takes too long: {pattern[:80]}")


class Budget:
    """The time that one batch of matches may take together."""

    def __init__(self, seconds: float = BATCH_SECONDS) -> None:
        self._left = seconds

    def allow(self) -> float:
        """Seconds for the next match; 0 when the batch has used its time up."""
        return min(CALL_SECONDS, self._left)

    def spend(self, seconds: float) -> None:
        self._left = max(0.0, self._left - seconds)


class Span(Struct, frozen=True):
    """Where a match lies, in characters."""

    start: int
    end: int


class Pattern:
    """A compiled expression. Every use has a time-out; a call is safe from any thread."""

    def __init__(self, text: str, compiled: "regex.Pattern[str]") -> None:
        self.text = text
        self._compiled = compiled

    def matches(self, subject: str, budget: Budget | None = None) -> bool:
        """Whether it is found anywhere in `subject`. Raises: TooSlow."""
        return self.find(subject, budget) is not None

    def find(self, subject: str, budget: Budget | None = None) -> Span | None:
        """The first match. Raises: TooSlow."""
        started = time.monotonic()
        try:
            found = self._compiled.search(subject, timeout=self._allowed(budget))
        except TimeoutError:
            raise TooSlow(self.text) from None
        finally:
            if budget is not None:
                budget.spend(time.monotonic() - started)
        return None if found is None else Span(found.start(), found.end())

    def groups(self, subject: str, budget: Budget | None = None) -> dict[str, str] | None:
        """The named groups of the first match, those that took no part empty; None without a match. Raises: TooSlow."""
        started = time.monotonic()
        try:
            found = self._compiled.search(subject, timeout=self._allowed(budget))
        except TimeoutError:
            raise TooSlow(self.text) from None
        finally:
            if budget is not None:
                budget.spend(time.monotonic() - started)
        return None if found is None else {name: text or "" for name, text in found.groupdict().items()}

    def replace(self, replacement: "Replacement", subject: str, budget: Budget | None = None, *, count: int = 0) -> str:
        """`subject` with each match (the first `count` when given) replaced. Raises: TooSlow."""
        started = time.monotonic()
        try:
            return str(self._compiled.sub(replacement.expand, subject, count=count, timeout=self._allowed(budget)))
        except TimeoutError:
            raise TooSlow(self.text) from None
        finally:
            if budget is not None:
                budget.spend(time.monotonic() - started)

    def _allowed(self, budget: Budget | None) -> float:
        seconds = CALL_SECONDS if budget is None else budget.allow()
        if seconds <= 0:
            raise TooSlow(self.text)
        return seconds


class Replacement:
    """A replacement text, its tokens found once. A token that names no group stays as it is written."""

    def __init__(self, text: str) -> None:
        self._parts: list[str | int] = []  # text, or group; named groups are texts behind a NUL
        at = 0
        for found in TOKEN.finditer(text):
            self._parts.append(text[at : found.start()])
            self._parts.append(_token(found))
            at = found.end()
        self._parts.append(text[at:])

    def expand(self, found: "regex.Match[str]") -> str:
        """The text that takes the place of `found`."""
        return "".join(_expanded(part, found) for part in self._parts)


def _token(found: "re.Match[str]") -> str | int:
    if found[1] or found[7]:
        return found[1] or "\\"
    if found[2]:
        return 0
    if number := found[3] or found[5]:
        return int(number) if number.lstrip("0") else f"${number}"
    return f"\0{found[4] or found[6]}"


def _expanded(part: str | int, found: "regex.Match[str]") -> str:
    if isinstance(part, str):
        if part[:1] != "\0":
            return part
        name = part[1:]
        if name.isdigit():
            return _expanded(int(name), found)
        return (found[name] or "") if name in found.re.groupindex else f"$<{name}>"
    if part <= found.re.groups:
        return found[part] or ""
    if part >= 10 and part // 10 <= found.re.groups:
        return (found[part // 10] or "") + str(part % 10)  # "$10" with fewer groups is "$1" and a "0", as in JavaScript
    return f"${part}"


def compile_pattern(text: str, *, flags: str = "", path: str = "pattern", limit: int = PATTERN_LIMIT) -> Pattern:
    """Compile what a person wrote. `flags` are JavaScript's letters; unknown ones are refused.

    Raises: Invalid at `path`: max_length, bad_regex.
    """
    if len(text) > limit:
        raise Invalid.one(path, "max_length", max=limit)
    if unknown := [letter for letter in flags if letter not in FLAGS]:
        raise Invalid.one(path, "bad_regex", f"Unknown flag {unknown[0]!r}.")
    value = 0
    for letter in flags:
        value |= FLAGS[letter]
    try:
        return Pattern(text, regex.compile(text, value | regex.VERSION0))
    except (regex.error, RecursionError, OverflowError, MemoryError) as error:
        raise Invalid.one(path, "bad_regex", f"Not a valid regular expression: {error}") from None

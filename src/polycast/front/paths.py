"""One spelling for each path, and one dialect for each spelling.

The path is decoded once. What two readers could understand differently (dot segments, encoded slashes, backslashes,
control characters) is refused, so that no dialect and no policy ever sees it. Claims are compared by whole segments.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Generic, TypeVar
from urllib.parse import quote, unquote_to_bytes

from msgspec import Struct

from polycast.core.http import BadPath

T = TypeVar("T")
MAX_PATH_BYTES: Final = 8192
_SAFE: Final = "/:@!$&'()*+,;=~-._"
_REFUSED_RAW: Final = re.compile(rb"[\x00-\x20\x7f\\]|%(?:2[fF]|5[cC]|00|[01][0-9a-fA-F]|7[fF])|%(?![0-9a-fA-F]{2})")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SLASHES: Final = re.compile("/{2,}")
_DOTS: Final = frozenset({".", ".."})
_BRACES: Final = re.compile(r"\{([a-z_]+)\}")


def clean_path(raw: bytes) -> str:
    """The path of a request line, decoded once: `//` made one, everything ambiguous refused.

    A segment's parameters (`;jsessionid=1`) do not hide its dots. Raises: BadPath.
    """
    if not raw.startswith(b"/") or len(raw) > MAX_PATH_BYTES or _REFUSED_RAW.search(raw):
        raise BadPath
    try:
        path = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadPath from error
    if _CONTROL.search(path):
        raise BadPath
    if any(segment.partition(";")[0] in _DOTS for segment in path.split("/")):
        raise BadPath
    return _SLASHES.sub("/", path)


def raw_of(path: str) -> bytes:
    """`path` as it stands in a request line or a `Location`."""
    return quote(path, safe=_SAFE).encode("ascii")


def segments(path: str) -> tuple[str, ...]:
    """The words of a path; a slash at the end adds none."""
    return tuple(word for word in path.split("/") if word)


class Claim(Struct, Generic[T], frozen=True):
    """Paths that belong to one target."""

    text: str
    words: tuple[str, ...]
    is_prefix: bool
    target: T
    ignores_case: bool = False
    pattern: re.Pattern[str] | None = None


class ClaimedTwice(ValueError):
    """Two dialects claim the same paths; the server does not start."""


class PathTable(Generic[T]):
    """Which target a path belongs to: the longest claim wins, patterns come last.

    Claims: `/a/b` (with and without a slash at its end), `/a/*` (also `/a` itself), patterns `/{user}/{pass}/{digits}`
    where `{digits}` may end in `.ts`, `.mp4` or `.m3u8` when it is a whole segment, and `/tuner{digits}/*`.
    """

    def __init__(self) -> None:
        self._exact: dict[tuple[str, ...], Claim[T]] = {}
        self._prefixes: dict[tuple[str, ...], Claim[T]] = {}
        self._patterns: list[Claim[T]] = []
        self._taken: dict[str, str] = {}
        self._longest = 0

    def add(self, claims: Iterable[str], target: T, *, owner: str, ignores_case: bool = False) -> None:
        """Raises: ClaimedTwice, naming both owners; ValueError for a claim that is not one."""
        for text in claims:
            claim = _parsed(text, target, ignores_case=ignores_case)
            key = _BRACES.sub("{}", "/".join(claim.words)).lower() + ("/*" if claim.is_prefix else "")
            if key in self._taken:
                raise ClaimedTwice(f"{owner} and {self._taken[key]} both claim {text}")
            self._taken[key] = owner
            if claim.pattern is not None:
                self._patterns.append(claim)
                continue
            words = tuple(word.lower() for word in claim.words) if ignores_case else claim.words
            (self._prefixes if claim.is_prefix else self._exact)[words] = claim
            self._longest = max(self._longest, len(words))

    def find(self, path: str) -> T | None:
        """The target of a path as `clean_path` gives it; None when nobody claims it."""
        words = segments(path)
        if (claim := self._claimed(self._exact, words)) is not None:
            return claim.target
        for length in range(min(len(words), self._longest), 0, -1):
            if (claim := self._claimed(self._prefixes, words[:length])) is not None:
                return claim.target
        plain = "/" + "/".join(words)
        for claim in self._patterns:
            if claim.pattern is not None and claim.pattern.fullmatch(plain):
                return claim.target
        root = self._prefixes.get(())
        return None if root is None else root.target

    @staticmethod
    def _claimed(claims: Mapping[tuple[str, ...], Claim[T]], words: tuple[str, ...]) -> Claim[T] | None:
        if (claim := claims.get(words)) is not None:
            return claim
        folded = claims.get(tuple(word.lower() for word in words))
        return folded if folded is not None and folded.ignores_case else None

    def first_words(self) -> frozenset[str]:
        """The first segments that somebody claims; no user may have such a name."""
        claims: Sequence[Claim[T]] = (*self._exact.values(), *self._prefixes.values())
        return frozenset(claim.words[0].lower() for claim in claims if claim.words)


def _parsed(text: str, target: T, *, ignores_case: bool) -> Claim[T]:
    is_prefix = text.endswith("/*")
    words = segments(text.removesuffix("/*"))
    if not text.startswith("/") or any("*" in word for word in words):
        raise ValueError(f"{text!r} is not a claim")
    pattern = None
    if any("{" in word for word in words):
        flags = re.IGNORECASE if ignores_case else 0
        tail = "(?:/.*)?" if is_prefix else ""
        pattern = re.compile("".join("/" + _segment_pattern(word) for word in words) + tail, flags)
    return Claim(text, words, is_prefix, target, ignores_case, pattern)


def _segment_pattern(word: str) -> str:
    if word == "{digits}":
        return r"[0-9]+(?:\.(?:ts|mp4|m3u8))?"
    pieces = []
    at = 0
    for match in _BRACES.finditer(word):
        pieces.append(re.escape(word[at : match.start()]))
        pieces.append("[0-9]+" if match[1] == "digits" else "[^/]+")
        at = match.end()
    return "".join(pieces) + re.escape(word[at:])

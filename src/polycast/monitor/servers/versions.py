"""Whether a server's version is one that is known to work. Source: specs/monitor.md 3.2.2."""

import re
from typing import Final

from msgspec import Struct

_PARTS: Final = re.compile(r"\d{1,6}(?:\.\d{1,6}){2,4}$")


class Range(Struct, frozen=True, kw_only=True):
    """Tested versions, both ends included."""

    min: str
    max: str


class Judged(Struct, frozen=True, kw_only=True):
    """None: nobody can tell."""

    is_compatible: bool | None
    warning: str | None


def judge(version: str, tested: Range) -> Judged:
    """As many parts are compared as the bound has; a missing one is 0."""
    if not version:
        return Judged(is_compatible=None, warning=None)
    if not _PARTS.match(version):
        return Judged(is_compatible=None, warning=f"Compatibility of DVR version {version[:60]} is unknown.")
    span = f"({tested.min} - {tested.max})"
    if _cut(version, tested.min) < _parts(tested.min):
        return Judged(is_compatible=False, warning=f"DVR version {version} is below the tested range {span}.")
    if _cut(version, tested.max) > _parts(tested.max):
        return Judged(is_compatible=False, warning=f"DVR version {version} is above the tested range {span}.")
    return Judged(is_compatible=True, warning=None)


def _parts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _cut(version: str, bound: str) -> tuple[int, ...]:
    size = len(bound.split("."))
    parts = _parts(version)[:size]
    return parts + (0,) * (size - len(parts))

"""The `Range` header: which bytes of a content are wanted."""

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

RANGES: Final = 8  # more in one request are an attack or a fault: the whole content is sent instead
SPEC: Final = re.compile(r"(\d{0,19})-(\d{0,19})", re.ASCII)


class Span(Struct, frozen=True):
    """Bytes `start` to before `end`."""

    start: int
    end: int

    @property
    def size_bytes(self) -> int:
        return self.end - self.start


class Unsatisfiable(Exception):
    """None of the ranges touches the content: 416."""


def parse_range(header: str, size_bytes: int) -> Sequence[Span] | None:
    """The wanted spans in ascending order, overlapping and touching ones joined; None when the header does not count.

    Raises: Unsatisfiable.
    Source: RFC 9110, 14.1.2 and 14.2: a header that is not understood, or another unit, is ignored.
    """
    unit, equals, rest = header.partition("=")
    if not equals or unit.strip().lower() != "bytes" or rest.count(",") >= RANGES:
        return None
    wanted: list[Span] = []
    for text in rest.split(","):
        if not text.strip():
            continue
        matched = SPEC.fullmatch(text.strip())
        if matched is None or matched[0] == "-" or (matched[1] and matched[2] and int(matched[1]) > int(matched[2])):
            return None
        wanted.append(_span(matched[1], matched[2], size_bytes))
    if not wanted:
        return None
    return _joined([span for span in wanted if span.size_bytes > 0])


def _span(first: str, last: str, size_bytes: int) -> Span:
    if not first:
        return Span(max(0, size_bytes - int(last)), size_bytes)
    start = int(first)
    end = min(int(last) + 1, size_bytes) if last else size_bytes
    return Span(start, max(start, end) if start < size_bytes else start)


def _joined(spans: Sequence[Span]) -> Sequence[Span]:
    if not spans:
        raise Unsatisfiable
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined

"""Requests of Jellyfin's clients: names in any case, ids with or without dashes, numbers that may be text."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import msgspec

from polycast.core.errors import Invalid, Problem
from polycast.core.http import Request

LONGEST: Final = 4096
BODY: Final = 1024 * 1024
TICK: Final = 10_000  # in a millisecond
MOST_FIELDS: Final = 1000
BARRED: Final = frozenset({"genres", "officialratings", "tags", "studios"})  # lists with `|` between
YES: Final = frozenset({"true", "1"})


class Asked:
    """The query of a request, and its body when there is one; the names of both in lower case."""

    def __init__(self, query: Mapping[str, str], body: Mapping[str, Any]) -> None:
        self.query = query
        self.body = body

    def text(self, name: str) -> str:
        """From the query, else the body; "" when absent or no text."""
        key = name.lower()
        found = self.query.get(key, self.body.get(key, ""))
        return found if isinstance(found, str) else str(found) if isinstance(found, int | float) else ""

    def number(self, name: str) -> int | None:
        text = self.text(name).strip()
        sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
        digits = digits.partition(".")[0]
        return sign * int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else None

    def flag(self, name: str) -> bool | None:
        """None when absent."""
        value = self.body.get(name.lower())
        if isinstance(value, bool):
            return value
        text = self.text(name).lower()
        return None if not text else text in YES

    def words(self, name: str, *, apart: str = ",") -> tuple[str, ...]:
        return tuple(word.strip() for word in self.text(name).split(apart) if word.strip())[:500]

    def id(self, name: str) -> str:
        return plain_id(self.text(name))

    def ids(self, name: str) -> tuple[str, ...]:
        return tuple(plain_id(word) for word in self.words(name))


def query_of(scope: Mapping[str, Any]) -> dict[str, str]:
    """The query with names in lower case; of one given twice all, with commas between."""
    found: dict[str, str] = {}
    try:
        told = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Invalid([Problem(path="query", code="too_many")]) from error
    for name, value in told:
        key = name.lower()
        apart = "|" if key in BARRED else ","
        found[key] = f"{found[key]}{apart}{value}" if key in found else value
    return found


async def asked_of(request: Request) -> Asked:
    """Everything that was asked. A body that is no object says nothing."""
    body: Mapping[str, Any] = {}
    if request.method in {"POST", "PUT", "DELETE"}:
        content = await request.body()
        try:
            found = msgspec.json.decode(content) if content and len(content) <= BODY else {}
        except msgspec.DecodeError:
            found = {}
        body = low(found) if isinstance(found, dict) else {}
    return Asked(query_of(request.scope), body)


def low(found: Mapping[str, Any]) -> dict[str, Any]:
    """The same with names in lower case, one level deep."""
    return {str(name).lower(): value for name, value in found.items()}


def plain_id(text: str) -> str:
    """32 lower-case hexadecimal digits, as all ids here are; what is none stays as it is."""
    return text.replace("-", "").lower()


def shown_words(header: str) -> dict[str, str]:
    """`MediaBrowser Client="...", Token=...`: values quoted or bare, percent-encoded or not, in any order."""
    scheme, _, rest = header[:LONGEST].partition(" ")
    if scheme.lower() not in {"mediabrowser", "emby"}:
        return {}
    found: dict[str, str] = {}
    name, value, is_name, is_quoted = "", "", True, False
    for ch in f"{rest},":
        if ch == '"':
            is_quoted = not is_quoted
        elif ch == "," and not is_quoted:
            if name.strip():
                found[name.strip().lower()] = unquote(value.strip())
            name, value, is_name = "", "", True
        elif ch == "=" and is_name:
            is_name = False
        elif is_name:
            name += ch
        else:
            value += ch
    return found

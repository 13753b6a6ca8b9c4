"""What clients say to us: a rewriting to be tried, events to be told, signs of life."""

import asyncio
from html import escape
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from polycast.core.errors import Invalid
from polycast.live.regexes import Replacement, TooSlow, compile_pattern

LONGEST: Final = 32 * 1024  # characters of a message
URL_LIMIT: Final = 8192
PATTERN_LIMIT: Final = 255
_Name = Annotated[str, Meta(max_length=100)]


class ProfileTest(Struct, frozen=True, kw_only=True, tag="m3u_profile_test"):
    """A rewriting of addresses to be tried on one."""

    url: Annotated[str, Meta(max_length=URL_LIMIT)] = ""
    search: Annotated[str, Meta(max_length=PATTERN_LIMIT)] = ""
    replace: Annotated[str, Meta(max_length=PATTERN_LIMIT)] = ""


class Subscribe(Struct, frozen=True, kw_only=True, tag="subscribe"):
    """Only these types from now on; none named: all again."""

    events: Annotated[list[_Name], Meta(max_length=100)] = []


class Ping(Struct, frozen=True, kw_only=True, tag="ping"):
    """Is anybody there?"""


Asked = ProfileTest | Subscribe | Ping
_decoder: Final = msgspec.json.Decoder(Asked)


def read(text: str) -> Asked | None:
    """What a client wants; None for what we do not know, which the original ignores too."""
    if len(text) > LONGEST:
        return None
    try:
        asked: Asked = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
    return asked


async def tried(asked: ProfileTest) -> dict[str, Any]:
    """What the pattern finds in the address, marked up, and what the rewriting makes of it."""
    return await asyncio.to_thread(_tried, asked)


def _tried(asked: ProfileTest) -> dict[str, Any]:
    preview, result = escape(asked.url), asked.url
    try:
        if asked.search:
            pattern = compile_pattern(asked.search, path="search", limit=PATTERN_LIMIT)
            result = pattern.replace(Replacement(asked.replace), asked.url)
            # Two control characters mark the matches until the rest is escaped.
            marked = pattern.replace(Replacement("\x01$&\x02"), asked.url.replace("\x01", "").replace("\x02", ""))
            preview = escape(marked).replace("\x01", "<mark>").replace("\x02", "</mark>")
    except (Invalid, TooSlow) as error:
        return {"type": "m3u_profile_test", "search_preview": preview, "result": result, "error": error.message}
    return {"type": "m3u_profile_test", "search_preview": preview, "result": result}

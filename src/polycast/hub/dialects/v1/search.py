"""One search over everything."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from polycast.core.http import Route, get
from polycast.core.identity.caller import SIGNED_IN, Caller
from polycast.core.search import Search

MOST: Final = 50
PAGES: Final[Mapping[str, str]] = {  # where a hit of a kind leads
    "live.channel": "/app/live/channels?id={id}",
    "live.programme": "/app/guide?programme={id}",
}


class SearchHit(Struct, frozen=True, kw_only=True):
    """Something found."""

    ref: str
    kind: str
    title: str
    subtitle: str
    image_url: str | None
    url: str


class Hits(Struct, frozen=True, kw_only=True):
    """What was found, best first."""

    items: list[SearchHit]


def routes() -> Sequence[Route]:
    """The search."""
    return [find]


@get("/polycast/v1/search", policy=SIGNED_IN)
async def find(caller: Caller, finder: Search, q: str, limit: int = 20) -> Hits:
    """Titles, people, channels; the last word may be incomplete, wrong letters are forgiven."""
    found = await finder.find(caller, q, limit=max(1, min(limit, MOST)))
    return Hits(
        items=[
            SearchHit(
                ref=hit.ref,
                kind=hit.kind,
                title=hit.title,
                subtitle=hit.subtitle,
                image_url=hit.image or None,
                url=_page(hit.ref),
            )
            for hit in found
        ]
    )


def _page(ref: str) -> str:
    kind, _, key = ref.partition(":")
    return PAGES.get(kind, "/app/").format(id=key)

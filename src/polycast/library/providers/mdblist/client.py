"""Asking MDBList for ratings, several titles in one question. Source: docs.mdblist.com."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from msgspec import Struct, field

from polycast.core.clock import Clock
from polycast.core.net import Body, Outbound
from polycast.library.metadata.model import Rated
from polycast.library.providers.asking import Asker, NoKey

BETWEEN: Final = timedelta(milliseconds=500)
AT_ONCE: Final = 10  # what everybody may ask for in one question
SCALES: Final = {  # theirs -> (ours, native scale)
    "imdb": ("imdb", 10), "trakt": ("trakt", 100), "metacritic": ("metacritic", 100), "letterboxd": ("letterboxd", 5),
    "tomatoes": ("rt_critics", 100), "popcorn": ("rt_audience", 100), "tomatoesaudience": ("rt_audience", 100),
}  # fmt: skip


class Rating(Struct, kw_only=True):
    """One of a title's ratings. `value` is in the source's own scale."""

    source: str = ""
    value: float | None = None
    votes: int | None = None
    url: str | int | None = None


class TitleIds(Struct, kw_only=True):
    """Its names."""

    tmdb: int | None = None


class Title(Struct, kw_only=True):
    """A film or show. `ids` came later than `id`; both are seen."""

    id: Any = None
    ids: TitleIds = field(default_factory=TitleIds)
    ratings: list[Rating] = []


class MdbList:
    """A client. `key` is asked each time."""

    def __init__(
        self, *, out: Callable[[], Outbound], key: Callable[[], str], base: Callable[[], str], clock: Clock
    ) -> None:
        self._asker = Asker("MDBList", out=out, clock=clock, between=BETWEEN)
        self._key = key
        self._base = base

    @property
    def has_key(self) -> bool:
        return bool(self._key())

    async def ratings(self, kind: str, tmdb: Sequence[int]) -> dict[int, tuple[Rated, ...]]:
        """By TMDB's ids, `AT_ONCE` at most; what is not known there is left out.

        Raises: NotFound when it knows none of them; Busy when the day's questions are used up; Unavailable.
        """
        word = "movie" if kind == "movie" else "show"
        url = f"{self._base()}/tmdb/{word}"
        body = Body(json={"ids": list(tmdb)[:AT_ONCE]})
        found = await self._asker.send("POST", url, list[Title], params={"apikey": self._required()}, body=body)
        wanted = set(tmdb)
        told: dict[int, tuple[Rated, ...]] = {}
        for one in found:
            key = one.ids.tmdb if one.ids.tmdb is not None else one.id
            if key in wanted:
                told[key] = tuple(_rated(one.ratings))
        return told

    async def check(self) -> str:
        """Whether the key is good. Raises: Unavailable; Busy."""
        await self._asker.get(f"{self._base()}/user", dict[str, Any], params={"apikey": self._required()})
        return "The key is good."

    def _required(self) -> str:
        key = self._key()
        if not key:
            raise NoKey("There is no key for MDBList.")
        return key


def _rated(found: Sequence[Rating]) -> list[Rated]:
    return [
        Rated(source=SCALES[one.source][0], value=one.value, scale=SCALES[one.source][1], votes=one.votes,
              url=one.url if isinstance(one.url, str) and one.url.startswith("https://") else "")
        for one in found
        if one.source in SCALES and one.value is not None and one.value > 0
    ]  # fmt: skip

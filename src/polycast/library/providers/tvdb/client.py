"""Asking TheTVDB: signed in with a token that is made anew when it has run out, answers remembered."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar

from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.net import Body, Outbound
from polycast.library.metadata.model import Facts
from polycast.library.metadata.scoring import Candidate
from polycast.library.providers.asking import DETAILS, SEARCH, Asker, BadKey, NoKey
from polycast.library.providers.tvdb import wire
from polycast.library.providers.tvdb.facts import ENGLISH, facts_of, three
from polycast.library.scanning.names import Ids

T = TypeVar("T")
BASE: Final = "https://api4.thetvdb.com/v4"
BETWEEN: Final = timedelta(milliseconds=100)
FOUND: Final = "20"
MOST_PAGES: Final = 40  # of 500 episodes each
WORDS: Final = {"movie": "movies", "show": "series"}


class Tvdb:
    """A client. `key` and `pin` are asked each time, so that new ones count at once."""

    name: Final = "tvdb"

    def __init__(
        self, *, out: Callable[[], Outbound], key: Callable[[], str], pin: Callable[[], str], base: Callable[[], str],
        clock: Clock,
    ) -> None:  # fmt: skip
        self._asker = Asker("TheTVDB", out=out, clock=clock, between=BETWEEN)
        self._key = key
        self._pin = pin
        self._base = base
        self._token = ("", "")  # the key it was made with, and the token

    @property
    def has_key(self) -> bool:
        return bool(self._key())

    async def offers(self, kind: str, title: str, year: int | None, *, language: str) -> list[Candidate]:
        """Films or shows of that name. Raises: Unavailable; Busy."""
        asked = {"query": title, "type": "movie" if kind == "movie" else "series", "limit": FOUND}
        if year is not None:
            asked["year"] = str(year)
        found = await self._list("/search", wire.Found, SEARCH, asked)
        return [_candidate(one, three(language)) for one in found if one.tvdb_id.isdigit()]

    async def by_ids(self, kind: str, ids: Ids, *, language: str) -> int | None:
        """TheTVDB's id for others'. Raises: Unavailable; Busy."""
        del language  # ids are the same in all of them
        if ids.tvdb is not None:
            return ids.tvdb
        for other in (ids.imdb, ids.tmdb):
            if other is None:
                continue
            for one in await self._list(f"/search/remoteid/{other}", wire.ByOther, DETAILS):
                found = one.movie if kind == "movie" else one.series
                if found is not None:
                    return found.id
        return None

    async def details(self, kind: str, key: int, *, language: str, country: str) -> Facts:
        """Everything of a film, or of a show with its episodes. Raises: NotFound; Unavailable; Busy."""
        path = f"/{WORDS[kind]}/{key}/extended"
        one = (await self._envelope(path, wire.Extended, DETAILS, {"meta": "translations", "short": "false"})).data
        if one is None:
            raise NotFound("The title")
        episodes = await self._episodes(key, three(language)) if kind == "show" else []
        return facts_of(one, episodes, kind, language=three(language), country=country)

    async def check(self) -> str:
        """Whether the key is good. Raises: Unavailable."""
        self._token = ("", "")
        await self._signed_in()
        return "The key is good."

    async def _episodes(self, key: int, language: str) -> list[wire.Episode]:
        """In the order they were aired; what `language` lacks is told in English, then as it was made."""
        found = await self._paged(f"/series/{key}/episodes/default/{language}")
        for other in (f"/{ENGLISH}", ""):
            lacking = [one for one in found.values() if not one.name or not one.overview]
            if not lacking or other == f"/{language}":
                continue
            told = await self._paged(f"/series/{key}/episodes/default{other}")
            for one in lacking:
                if there := told.get(one.id):
                    one.name, one.overview = one.name or there.name, one.overview or there.overview
            for one_id, there in told.items():
                found.setdefault(one_id, there)
        return list(found.values())

    async def _paged(self, path: str) -> dict[int, wire.Episode]:
        found: dict[int, wire.Episode] = {}
        for page in range(MOST_PAGES):
            answer = await self._envelope(path, wire.EpisodePage, DETAILS, {"page": str(page)})
            found |= {one.id: _own(one) for one in (answer.data.episodes if answer.data else None) or []}
            if not answer.links.next:
                break
        return found

    async def _list(self, path: str, kind: type[T], life: timedelta, params: dict[str, str] | None = None) -> list[T]:
        """What is found; null stands for nothing."""
        return (await self._envelope(path, list[kind], life, params)).data or []  # type: ignore[valid-type]

    async def _envelope(
        self, path: str, kind: type[T], life: timedelta, params: dict[str, str] | None = None
    ) -> wire.Envelope[T]:
        """Signed in; once more with a new token when the old one is not taken any more."""
        for attempt in range(2):
            headers = {"Authorization": f"Bearer {await self._signed_in()}"}
            try:
                return await self._asker.get(
                    self._base() + path, wire.Envelope[kind], params=params, headers=headers, life=life  # type: ignore[valid-type]
                )  # fmt: skip
            except BadKey:
                self._token = ("", "")
                if attempt:
                    raise
        raise AssertionError("the second attempt returns or raises")

    async def _signed_in(self) -> str:
        key, pin = self._key(), self._pin()
        if not key:
            raise NoKey("There is no key for TheTVDB.")
        if self._token[0] != key + pin:
            sent = {"apikey": key} | ({"pin": pin} if pin else {})
            body = Body(json=sent)
            answer = await self._asker.send("POST", f"{self._base()}/login", wire.Envelope[wire.Token], body=body)
            if answer.data is None:
                raise BadKey("TheTVDB does not take the key.")
            self._token = (key + pin, answer.data.token)
        return self._token[1]


def _candidate(one: wire.Found, language: str) -> Candidate:
    names, overviews = one.translations or {}, one.overviews or {}
    return Candidate(
        provider="tvdb", id=int(one.tvdb_id), title=names.get(language) or one.name, original_title=one.name,
        year=int(one.year) if one.year and one.year.isdigit() else None,
        overview=overviews.get(language) or one.overview or "", poster=one.image_url or "",
    )  # fmt: skip


def _own(one: wire.Episode) -> wire.Episode:
    """A copy: the remembered answer stays as it came."""
    return wire.Episode(**{name: getattr(one, name) for name in one.__struct_fields__})

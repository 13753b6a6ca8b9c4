"""Asking the Podcast Index: every question signed with the time. Source: podcastindex-org.github.io/docs-api."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.net import Outbound
from polycast.library.providers.asking import SEARCH, TREND, Asker, NoKey

T = TypeVar("T")
BETWEEN: Final = timedelta(milliseconds=200)


class Feed(Struct, kw_only=True, rename="camel"):
    """A podcast. `categories` by their numbers."""

    id: int = 0
    title: str = ""
    url: str = ""
    author: str | None = ""
    description: str | None = ""
    image: str | None = ""
    artwork: str | None = ""
    language: str | None = ""
    itunes_id: int | None = None
    episode_count: int | None = 0
    categories: dict[str, str] | None = None


class Feeds(Struct, kw_only=True):
    """Results."""

    feeds: list[Feed] = []


class OneFeed(Struct, kw_only=True):
    """A podcast by its number; an empty list when there is none."""

    feed: Feed | list[Feed] = []


class PodcastIndex:
    """A client. `keys` are asked each time: key and secret."""

    def __init__(
        self, *, out: Callable[[], Outbound], keys: Callable[[], tuple[str, str]], base: Callable[[], str], clock: Clock
    ) -> None:
        self._asker = Asker("The Podcast Index", out=out, clock=clock, between=BETWEEN)
        self._keys = keys
        self._base = base
        self._clock = clock

    @property
    def has_key(self) -> bool:
        return all(self._keys())

    async def search(self, text: str, *, most: int) -> list[Feed]:
        """Podcasts by name, author or owner. Raises: Unavailable; Busy."""
        return (await self._get("/search/byterm", Feeds, SEARCH, q=text, max=str(most))).feeds

    async def trending(self, *, most: int, category: str, language: str) -> list[Feed]:
        """What is much heard of late. Raises: Unavailable; Busy."""
        told = {"cat": category, "lang": language}
        some = {name: value for name, value in told.items() if value}
        return (await self._get("/podcasts/trending", Feeds, TREND, max=str(most), **some)).feeds

    async def feed_url(self, *, index_id: int | None = None, itunes_id: int | None = None) -> str:
        """Where a podcast's feed is. Raises: NotFound; Unavailable; Busy."""
        path, number = ("/podcasts/byfeedid", index_id) if index_id is not None else ("/podcasts/byitunesid", itunes_id)
        found = (await self._get(path, OneFeed, SEARCH, id=str(number))).feed
        if isinstance(found, list) or not found.url:
            raise NotFound("The podcast")
        return found.url

    async def check(self) -> str:
        """Whether key and secret are good. Raises: Unavailable; Busy."""
        await self._get("/podcasts/trending", Feeds, timedelta(), max="1")
        return "The key is good."

    async def _get(self, path: str, kind: type[T], life: timedelta, **params: str) -> T:
        key, secret = self._keys()
        if not key or not secret:
            raise NoKey("There is no key for the Podcast Index.")
        at = str(int(self._clock.now().timestamp()))
        # Their signature is SHA-1 by contract; it guards a key, not a person.
        signed = hashlib.sha1((key + secret + at).encode(), usedforsecurity=False).hexdigest()
        headers = {"X-Auth-Date": at, "X-Auth-Key": key, "Authorization": signed}
        return await self._asker.get(self._base() + path, kind, params=params, headers=headers, life=life)

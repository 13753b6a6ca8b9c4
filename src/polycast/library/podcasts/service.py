"""Podcasts: subscribing, keeping feeds fresh, positions, and the sound itself, fetched by us."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Final

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound, NotSignedIn, PolycastError, Unavailable
from polycast.core.identity.caller import Caller
from polycast.core.ids import Ids
from polycast.core.jobs import Job, Run, Tick
from polycast.core.net import LIVE, Incoming, Outbound
from polycast.core.storage import Database, Unit, sort_key
from polycast.library.podcasts.feed import Feed, read_feed
from polycast.library.podcasts.store import PodcastStore
from polycast.library.providers.podcast_index.client import PodcastIndex

HOUR: Final = timedelta(hours=1)
LONGEST: Final = timedelta(hours=24)
AT_ONCE: Final = 50
PLAYED: Final = 90  # percent


class Podcasts:
    """Each person's subscriptions; feeds are kept once."""

    def __init__(
        self, *, db: Database, store: PodcastStore, out: Callable[[], Outbound], clock: Clock, ids: Ids,
        spread: Callable[[], float], index: PodcastIndex,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._out = out
        self._clock = clock
        self._ids = ids
        self._spread = spread
        self.index = index

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [
            Job(name="library.refresh_podcasts", payload=Tick, run=self.refresh_due, every=timedelta(minutes=10),
                title="Read podcast feeds")
        ]  # fmt: skip

    async def subscribed(self, caller: Caller) -> list[Any]:
        """The caller's, by title."""
        return await self._db.read(self._store.subscribed, _user(caller))

    async def subscribe(self, caller: Caller, url: str) -> Any:
        """Raises: Invalid for what is no feed; Unavailable when it cannot be had; Conflict when it is subscribed to."""
        user = _user(caller)
        known = await self._db.read(self._store.by_url, url)
        feed = None if known is not None else await self._fetch(url)

        def work(unit: Unit) -> Any:
            there = self._store.by_url(unit, url)
            if there is None and feed is None:
                raise Unavailable("The feed has just been removed; try again.")
            key = there.id if there is not None else self._insert(unit, url, feed)
            if not self._store.subscribe(unit, user, key, self._clock.now()):
                raise Conflict("This podcast is subscribed to already.", reason="subscribed")
            row = self._store.by_id(unit, key)
            return self._store.get(unit, row.nanoid if row is not None else "", user)

        return await self._db.write(work)

    async def unsubscribe(self, caller: Caller, nanoid: str) -> None:
        """Raises: NotFound."""
        user = _user(caller)

        def work(unit: Unit) -> None:
            self._store.unsubscribe(unit, user, self._require(unit, nanoid, user).id)

        await self._db.write(work)

    async def episodes(
        self, caller: Caller, nanoid: str, *, after: tuple[datetime, int] | None, limit: int, unplayed: bool
    ) -> list[Any]:
        """The youngest first. Raises: NotFound."""
        user = _user(caller)

        def work(unit: Unit) -> list[Any]:
            row = self._require(unit, nanoid, user)
            return self._store.episodes(unit, row.id, user, after=after, limit=limit, unplayed=unplayed)

        return await self._db.read(work)

    async def note(self, caller: Caller, episode: str, position: timedelta, duration: timedelta | None) -> bool:
        """Take down where somebody is; whether the episode counts as played. Raises: NotFound."""
        user = _user(caller)

        def work(unit: Unit) -> bool:
            row = self._store.episode(unit, episode, user)
            if row is None:
                raise NotFound("The episode")
            length = duration.total_seconds() if duration else row.duration_s
            played = length > 0 and position.total_seconds() * 100 >= length * PLAYED
            at = 0 if played else position // timedelta(milliseconds=1)
            self._store.put_position(unit, user, row.id, at, played, self._clock.now())
            return played

        return await self._db.write(work)

    async def audio(self, caller: Caller, episode: str, *, span: str | None) -> AbstractAsyncContextManager[Incoming]:
        """The sound, from its own server, without telling that one who listens. Raises: NotFound; Unavailable."""
        row = await self._db.read(self._store.episode, episode, _user(caller))
        if row is None:
            raise NotFound("The episode")
        headers = {"Range": span} if span else {}
        return self._out().stream("GET", row.audio_url, headers=headers, limits=LIVE)

    async def refresh(self, caller: Caller, nanoid: str) -> None:
        """Read a feed now. Raises: NotFound; Invalid; Unavailable."""
        user = _user(caller)
        row = await self._db.read(self._require, nanoid, user)
        await self._read(row)

    async def refresh_due(self, _tick: Tick, run: Run) -> None:
        """The job."""
        for row in await self._db.read(self._store.due, self._clock.now(), limit=AT_ONCE):
            run.check()
            try:
                await self._read(row)
            except PolycastError as error:
                wait = min(LONGEST, HOUR * 2 ** min(row.failures, 5))
                told = {"error": error.message, "failures": row.failures + 1, "due_at": self._clock.now() + wait}
                await self._db.write(lambda unit, key=row.id, told=told: self._store.update(unit, key, **told))  # type: ignore[misc]

    async def _read(self, row: Any) -> None:
        headers = {"If-None-Match": row.etag} if row.etag else {}
        if row.last_modified:
            headers["If-Modified-Since"] = row.last_modified
        got = await self._out().fetch(row.feed_url, headers=headers)
        due = self._clock.now() + HOUR * (1 + self._spread() / 4)
        if got.status == 304:
            await self._db.write(lambda unit: self._store.update(unit, row.id, due_at=due, failures=0, error=""))
            return
        if got.status != 200:
            raise Unavailable(f"The feed answers with status {got.status}.")
        feed = read_feed(got.body)
        told = {name.lower(): value for name, value in got.headers.items()}
        marks = {"etag": told.get("etag", "")[:200], "last_modified": told.get("last-modified", "")[:100]}
        await self._db.write(lambda unit: self._fill(unit, row.id, feed, due_at=due, **marks))

    async def _fetch(self, url: str) -> Feed:
        try:
            got = await self._out().fetch(url)
        except Invalid as error:
            raise Invalid.one("feedUrl", "invalid", "This address cannot be used") from error
        except PolycastError as error:
            raise Unavailable("The feed cannot be reached.") from error
        if got.status != 200:
            raise Unavailable("The feed cannot be reached.")
        return read_feed(got.body)

    def _insert(self, unit: Unit, url: str, feed: Feed | None) -> int:
        now = self._clock.now()
        key = self._store.insert(
            unit, nanoid=self._ids.nanoid(), feed_url=url, title="", categories=[], created_at=now, due_at=now + HOUR
        )
        if feed is not None:
            self._fill(unit, key, feed, due_at=now + HOUR)
        return key

    def _fill(self, unit: Unit, key: int, feed: Feed, **values: Any) -> None:
        rows = [
            {"podcast_id": key, "nanoid": self._ids.nanoid()}
            | {name: getattr(one, name) for name in one.__struct_fields__}
            for one in feed.episodes
        ]
        for start in range(0, len(rows), 500):
            self._store.put_episodes(unit, rows[start : start + 500])
        count, latest = self._store.counted(unit, key)
        self._store.update(
            unit, key, title=feed.title, title_key=sort_key(feed.title), author=feed.author, description=feed.description,
            language=feed.language, image=feed.image, link=feed.link, explicit=feed.explicit, categories=feed.categories,
            episode_count=count, latest_at=latest, refreshed_at=self._clock.now(), failures=0, error="", **values,
        )  # fmt: skip

    def _require(self, unit: Unit, nanoid: str, user: int) -> Any:
        row = self._store.get(unit, nanoid, user)
        if row is None:
            raise NotFound("The podcast")
        return row


def _user(caller: Caller) -> int:
    if caller.user_id is None:
        raise NotSignedIn
    return caller.user_id

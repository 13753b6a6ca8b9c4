"""Podcasts beyond feeds: episodes kept here, what to hear next, settings of each subscription, lists in and out."""

import asyncio
import html
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound, NotSignedIn, PolycastError, Unavailable
from polycast.core.identity.caller import Caller
from polycast.core.jobs import Job, Retry, Run, Tick
from polycast.core.net import Limits, Outbound
from polycast.core.storage import Database, Unit
from polycast.core.xmlin import Element, read_xml
from polycast.library.podcasts.service import Podcasts
from polycast.library.podcasts.store import PodcastStore
from polycast.library.podcasts.store_keeping import KeepingStore

JOB: Final = "library.fetch_episode"
GIB: Final = 1024**3
KEPT: Final = 50 * GIB  # of all episodes together
EPISODE: Final = Limits(total=timedelta(hours=2), size_bytes=2 * GIB, attempts=2)
MOST_QUEUED: Final = 500
MOST_LISTED: Final = 500
NEW: Final = timedelta(days=14)
ENDINGS: Final = {"audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/x-m4a": "m4a", "audio/aac": "aac", "audio/ogg": "ogg",
                  "audio/opus": "opus", "video/mp4": "mp4"}  # fmt: skip


class FetchEpisode(Struct, frozen=True):
    """Payload."""

    episode_id: int


class Kept(Struct, frozen=True, kw_only=True):
    """An episode that lies here."""

    path: Path
    type: str


class Keeping:
    """What people do with episodes besides hearing them from afar."""

    def __init__(
        self, *, db: Database, store: KeepingStore, podcasts: Podcasts, rows: PodcastStore,
        out: Callable[[], Outbound], folder: Path, clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._podcasts = podcasts
        self._rows = rows
        self._out = out
        self._folder = folder
        self._clock = clock

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [
            Job(name=JOB, payload=FetchEpisode, run=self.fetch, one_per="episode_id", timeout=timedelta(hours=2),
                retry=Retry(attempts=3), title="Keep an episode of a podcast"),
            Job(name="library.tidy_episodes", payload=Tick, run=self.tidy, every=timedelta(hours=6),
                title="Forget episodes that nobody has subscribed to"),
        ]  # fmt: skip

    async def keep(self, caller: Caller, episode: str) -> str:
        """Have an episode fetched; its state. Raises: NotFound; Conflict when there is no room."""
        user = _user(caller)

        def work(unit: Unit) -> str:
            row = self._episode(unit, episode, user)
            known = self._store.file(unit, row.id)
            if known is not None and known.status != "failed":
                return str(known.status)
            if self._store.kept_bytes(unit) + row.audio_bytes > KEPT:
                raise Conflict("There is no room for more episodes.", reason="full")
            name = f"{row.nanoid}.{ENDINGS.get(row.audio_type.partition(';')[0].strip().lower(), 'mp3')}"
            self._store.put_file(
                unit, row.id, name=name, type=row.audio_type, bytes=0, status="pending", error="", asked_by=user,
                created_at=self._clock.now(),
            )  # fmt: skip
            unit.enqueue(JOB, FetchEpisode(row.id), by=user)
            return "pending"

        return await self._db.write(work)

    async def drop(self, caller: Caller, episode: str) -> None:
        """Keep an episode no more. Raises: NotFound."""
        user = _user(caller)

        def work(unit: Unit) -> str:
            row = self._store.file(unit, self._episode(unit, episode, user).id)
            if row is None:
                raise NotFound("The file")
            self._store.drop_file(unit, row.episode_id)
            return str(row.name)

        name = await self._db.write(work)
        await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)

    async def kept(self, caller: Caller, episode: str) -> Kept | None:
        """The file of an episode that lies here. Raises: NotFound for an episode that is not the caller's."""
        user = _user(caller)
        row = await self._db.read(lambda unit: self._store.file(unit, self._episode(unit, episode, user).id))
        return Kept(path=self._folder / row.name, type=row.type) if row is not None and row.status == "ready" else None

    async def states(self, rows: Sequence[Any]) -> dict[int, str]:
        """Which of these episodes are kept: pending, ready, failed; by key."""
        return await self._db.read(self._store.files, [row.id for row in rows])

    async def fetch(self, payload: FetchEpisode, run: Run) -> None:
        """The job. Raises: what fetching raises, so that it is tried again."""
        row = await self._db.read(self._store.file, payload.episode_id)
        episode = await self._db.read(self._store.episode_by_id, payload.episode_id)
        if row is None or episode is None or row.status == "ready":
            return
        run.check()
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        try:
            saved = await self._out().save(episode.audio_url, self._folder / row.name, limits=EPISODE)
        except PolycastError as error:
            told = {"status": "failed", "error": error.message}
            await self._db.write(lambda unit: self._store.change_file(unit, row.episode_id, **told))
            raise
        size = await asyncio.to_thread(_size, self._folder / row.name)
        kind = saved.content_type if saved.content_type.startswith(("audio/", "video/")) else row.type
        done = {"status": "ready", "error": "", "bytes": size, "type": kind}
        await self._db.write(lambda unit: self._store.change_file(unit, row.episode_id, **done))

    async def tidy(self, _tick: Tick, run: Run) -> None:
        """The job that removes files whose podcast has lost its last subscriber."""
        for row in await self._db.read(self._store.ownerless):
            run.check()
            await self._db.write(self._store.drop_file, row.episode_id)
            await asyncio.to_thread((self._folder / row.name).unlink, missing_ok=True)

    async def change_settings(self, caller: Caller, podcast: str, told: dict[str, Any]) -> Any:
        """Settings of a subscription; the podcast with them. Raises: NotFound."""
        user = _user(caller)

        def work(unit: Unit) -> Any:
            row = self._rows.get(unit, podcast, user)
            if row is None:
                raise NotFound("The podcast")
            self._store.set_settings(unit, user, row.id, self._store.settings(unit, user, row.id) | told)
            return self._rows.get(unit, podcast, user)

        return await self._db.write(work)

    async def queue(self, caller: Caller) -> list[Any]:
        """What the caller wants to hear, in order."""
        return await self._db.read(self._store.queue, _user(caller))

    async def enqueue(self, caller: Caller, episode: str, *, place: str) -> list[Any]:
        """Put an episode at the front ("next") or the end ("last"). Raises: NotFound; Conflict when it is full."""
        user = _user(caller)

        def work(unit: Unit) -> list[Any]:
            row = self._episode(unit, episode, user)
            others = [one.id for one in self._store.queue(unit, user) if one.id != row.id]
            if len(others) >= MOST_QUEUED:
                raise Conflict("The queue is full.", reason="full")
            order = [row.id, *others] if place == "next" else [*others, row.id]
            self._store.set_queue(unit, user, order, self._clock.now())
            return self._store.queue(unit, user)

        return await self._db.write(work)

    async def arrange(self, caller: Caller, episodes: Sequence[str]) -> list[Any]:
        """These in this order; none empties the queue. Raises: Invalid for an episode that is not the caller's."""
        user = _user(caller)

        def work(unit: Unit) -> list[Any]:
            keys: list[int] = []
            for place, name in enumerate(dict.fromkeys(episodes)):
                row = self._rows.episode(unit, name, user)
                if row is None:
                    raise Invalid.one(f"episodes.{place}", "does_not_exist", "No such episode")
                keys.append(row.id)
            self._store.set_queue(unit, user, keys[:MOST_QUEUED], self._clock.now())
            return self._store.queue(unit, user)

        return await self._db.write(work)

    async def newest(self, caller: Caller, *, limit: int) -> list[Any]:
        """Unplayed episodes of the last two weeks, the youngest first."""
        return await self._db.read(self._store.newest, _user(caller), since=self._clock.now() - NEW, limit=limit)

    async def export(self, caller: Caller) -> bytes:
        """The caller's podcasts as OPML 2.0."""
        rows = await self._podcasts.subscribed(caller)
        lines = [_outline(row) for row in rows]
        head = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0"><head><title>Podcasts</title></head><body>\n'
        )
        return (head + "\n".join(lines) + "\n</body></opml>\n").encode()

    async def take_over(self, caller: Caller, content: bytes) -> tuple[int, int, list[dict[str, str]]]:
        """Subscribe to what an OPML file lists: how many are new, how many were there, which cannot be had and why.

        Raises: Invalid for what is no OPML.
        """
        try:
            root = read_xml(content)
        except PolycastError as error:
            raise Invalid.one("file", "not_opml", "This is no OPML file") from error
        if root.name.lower() != "opml":
            raise Invalid.one("file", "not_opml", "This is no OPML file")
        urls = list(dict.fromkeys(_urls(root)))[:MOST_LISTED]
        there = await self._db.read(self._store.subscribed_urls, _user(caller))
        added, failed = 0, []
        for url in urls:
            if url in there:
                continue
            try:
                await self._podcasts.subscribe(caller, url)
                added += 1
            except (Invalid, Unavailable, Conflict) as error:
                failed.append({"feedUrl": url, "error": error.message})
        return added, sum(url in there for url in urls), failed

    def _episode(self, unit: Unit, nanoid: str, user: int) -> Any:
        row = self._rows.episode(unit, nanoid, user)
        if row is None:
            raise NotFound("The episode")
        return row


def _outline(row: Any) -> str:
    told = {"type": "rss", "text": row.title, "xmlUrl": row.feed_url, "htmlUrl": row.link}
    words = [f'{name}="{html.escape(value)}"' for name, value in told.items() if value]
    return f"<outline {' '.join(words)}/>"


def _urls(root: Element) -> list[str]:
    found = [
        one.attributes.get("xmlUrl") or one.attributes.get("xmlurl") or ""
        for one in _outlines(root)
    ]  # fmt: skip
    return [url for url in found if url.startswith(("http://", "https://")) and len(url) <= 2000]


def _outlines(element: Element) -> list[Element]:
    """All of them, however deep: apps put podcasts into folders."""
    found: list[Element] = []
    left = [element]
    while left:
        here = left.pop(0)
        found += [one for one in here.children if one.name == "outline"]
        left += here.children
    return found


def _size(path: Path) -> int:
    return path.stat().st_size


def _user(caller: Caller) -> int:
    if caller.user_id is None:
        raise NotSignedIn
    return caller.user_id

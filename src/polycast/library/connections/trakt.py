"""People's accounts at Trakt: linked by a code, told what is played, and kept alike in both directions."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Busy, Conflict, NotAllowed, NotFound, NotSignedIn, Unavailable
from polycast.core.events import Listener
from polycast.core.identity.caller import Caller
from polycast.core.jobs import Job, Retry, Run, Tick
from polycast.core.secrets import Secrets
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import Viewer
from polycast.library.catalogue.store_items import ItemStore
from polycast.library.connections.store_trakt import TraktStore
from polycast.library.migration.model import Entry
from polycast.library.migration.store import MigrationStore
from polycast.library.playback.events import PlaybackStarted, PlaybackStopped
from polycast.library.playback.progress import Progress
from polycast.library.providers.asking import BadKey
from polycast.library.providers.trakt import wire
from polycast.library.providers.trakt.client import Trakt
from polycast.library.scanning.matching import movie_key
from polycast.library.workflows.model import Workflow
from polycast.library.workflows.service import Workflows

SYNC: Final = "library.trakt_sync"
SCROBBLE: Final = "library.trakt_scrobble"
EARLY: Final = timedelta(days=1)  # tokens are renewed so long before their end
AT_ONCE: Final = 500  # titles told in one go
EVERY: Final = timedelta(minutes=30)


class SyncUser(Struct, frozen=True):
    """Payload. `workflow_id` 0: nobody has asked, nobody is told."""

    user_id: int
    workflow_id: int = 0


class Scrobble(Struct, frozen=True):
    """Payload."""

    user_id: int
    item_id: int
    action: str
    progress: float  # percent


class Begun(Struct, frozen=True, kw_only=True):
    """What somebody has to do at Trakt."""

    user_code: str
    url: str
    expires_in: int
    interval: int


class Linked(Struct, frozen=True, kw_only=True):
    """How somebody's account is doing."""

    is_connected: bool = False
    is_pending: bool = False
    username: str = ""
    synced_at: datetime | None = None
    error: str = ""


class Synced(Struct, kw_only=True):
    """What a run has done."""

    pulled: int = 0
    pushed: int = 0


class TraktLinks:
    """One account a user."""

    def __init__(
        self, *, db: Database, store: TraktStore, client: Trakt, titles: MigrationStore, items: ItemStore,
        progress: Progress, workflows: Workflows, secrets: Secrets, clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._client = client
        self._titles = titles
        self._items = items
        self._progress = progress
        self._workflows = workflows
        self._secrets = secrets
        self._clock = clock

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [
            Job(name=SYNC, payload=SyncUser, run=self.run, one_per="user_id", retry=Retry(attempts=1),
                title="Compare with Trakt"),
            Job(name=SCROBBLE, payload=Scrobble, run=self.scrobble, retry=Retry(attempts=3), title="Tell Trakt"),
            Job(name="library.trakt_due", payload=Tick, run=self.due, every=EVERY, title="Compare all accounts with Trakt"),
            Job(name="library.trakt_poll", payload=Tick, run=self.poll_all, every=timedelta(minutes=1),
                title="See who has allowed us at Trakt"),
        ]  # fmt: skip

    def listeners(self) -> list[Listener]:
        """Whoever plays tells Trakt."""
        return [
            Listener(name="library.trakt_started", event=PlaybackStarted, once=self._started),
            Listener(name="library.trakt_stopped", event=PlaybackStopped, once=self._stopped),
        ]

    async def connect(self, caller: Caller) -> Begun:
        """Begin to link an account. Raises: Unavailable without an application; Busy."""
        user, code = _user(caller), await self._client.begin()
        now = self._clock.now()
        sealed = self._secrets.seal(code.device_code, context=_context(user, "device"))
        await self._db.write(
            lambda unit: self._store.put(
                unit, user, device=sealed, device_until=now + timedelta(seconds=code.expires_in), interval_s=code.interval,
                poll_at=now + timedelta(seconds=code.interval), seen={}, created_at=now,
            )
        )  # fmt: skip
        return Begun(
            user_code=code.user_code, url=code.verification_url, expires_in=code.expires_in, interval=code.interval
        )

    async def status(self, caller: Caller) -> Linked:
        """How the caller's account is doing; asks Trakt when a code waits."""
        user = _user(caller)
        row = await self._db.read(self._store.get, user)
        if row is not None and row.access is None:
            await self._poll(row)
            row = await self._db.read(self._store.get, user)
        if row is None:
            return Linked()
        return Linked(
            is_connected=row.access is not None, is_pending=row.device is not None, username=row.username,
            synced_at=row.synced_at, error=row.error,
        )  # fmt: skip

    async def disconnect(self, caller: Caller) -> None:
        """Forget the account, there too when Trakt answers. Raises: NotFound."""
        user = _user(caller)
        row = await self._db.read(self._store.get, user)
        if row is None:
            raise NotFound("The account")
        await self._db.write(self._store.delete, user)
        if row.access is not None:
            try:
                await self._client.revoke(self._secrets.open(row.access, context=_context(user, "access")))
            except (Unavailable, Busy, NotFound):
                return  # the token dies of age; here it is gone

    async def sync(self, caller: Caller) -> Workflow:
        """Compare now. Raises: Conflict without a linked account; AlreadyRunning."""
        user = _user(caller)

        def work(unit: Unit) -> Workflow:
            row = self._store.get(unit, user)
            if row is None or row.access is None:
                raise Conflict("No account of Trakt is linked.", reason="not_linked")
            return self._workflows.start_in(
                unit, "trakt.sync", "Compare with Trakt", job=SYNC, payload=lambda key: SyncUser(user, key),
                subject=f"user:{user}", by=user,
            )  # fmt: skip

        return await self._db.write(work)

    async def due(self, _tick: Tick, run: Run) -> None:
        """The job that queues one for each account."""
        run.check()

        def work(unit: Unit) -> None:
            for row in self._store.all(unit):
                if row.access is not None:
                    unit.enqueue(SYNC, SyncUser(row.user_id))

        await self._db.write(work)

    async def poll_all(self, _tick: Tick, run: Run) -> None:
        """The job for those who close the page before they have typed the code."""
        for row in await self._db.read(self._store.all):
            run.check()
            if row.access is None:
                await self._poll(row)

    async def run(self, payload: SyncUser, run: Run) -> None:
        """The job."""

        async def work() -> Synced:
            return await self._synced(payload.user_id, run)

        if payload.workflow_id:
            await self._workflows.run(payload.workflow_id, run, work)
        else:
            await work()

    async def scrobble(self, payload: Scrobble, run: Run) -> None:
        """The job. What Trakt does not know is let be."""
        run.check()
        row = await self._db.read(self._store.get, payload.user_id)
        what = await self._db.read(self._what, payload.item_id)
        if row is None or row.access is None or what is None:
            return
        try:
            made = await self._client.scrobble(await self._token(row), payload.action, what, payload.progress)
        except NotFound:
            return
        if made == "scrobble":
            await self._db.write(self._store.known_there, payload.user_id, [payload.item_id])

    async def _synced(self, user: int, run: Run) -> Synced:
        row, done = await self._db.read(self._store.get, user), Synced()
        if row is None or row.access is None:
            return done
        try:
            token = await self._token(row)
            activities = await self._client.activities(token)
            seen = dict(row.seen)
            for kind, word in (("movies", "movies"), ("shows", "episodes")):
                at = str((activities.get(word) or {}).get("watched_at") or "")
                if at and at != seen.get(kind):
                    done.pulled += await self._db.write(self._pull, user, await self._client.watched(token, kind))
                    seen[kind] = at
                run.check()
            await self._push(user, row.pushed_at, token, done)
            await self._note(user, seen=seen, synced_at=self._clock.now(), error="")
        except BadKey:
            await self._note(user, error="Trakt does not let us any more; link the account again.")
            raise
        except (Unavailable, Busy) as error:
            await self._note(user, error=error.message)
            raise
        return done

    def _pull(self, unit: Unit, user: int, found: list[wire.Watched]) -> int:
        """Take over what was seen elsewhere and later than here; how much that was."""
        viewer, count = Viewer(user_id=user), 0
        for one in found:
            if one.movie is not None:
                entry = _entry("movie", one.movie)
                item = self._titles.find(unit, "movie", entry, 0, movie_key(entry.title, entry.year))
                count += self._take(unit, viewer, item, one.plays, one.last_watched_at)
            elif one.show is not None:
                entry = _entry("episode", one.show)
                show = self._titles.find(unit, "show", entry, 0, movie_key(entry.show, None))
                for season in one.seasons if show is not None else ():
                    for episode in season.episodes:
                        item = self._titles.episode(unit, show or 0, season.number, episode.number)
                        count += self._take(unit, viewer, item, episode.plays, episode.last_watched_at)
        return count

    def _take(self, unit: Unit, viewer: Viewer, item_id: int | None, plays: int, at: datetime | None) -> int:
        item = None if item_id is None else self._items.by_id(unit, item_id)
        if item is None or viewer.user_id is None:
            return 0
        known, here = self._titles.played_at(unit, viewer.user_id, item.id)
        if known and here is not None and (at is None or here >= at):
            return 0
        self._progress.write_in(
            unit, viewer, item, watched=True, position_ms=0, play_count=max(1, plays), last_played_at=at, source="trakt"
        )
        return 1

    async def _push(self, user: int, since: datetime | None, token: str, done: Synced) -> None:
        while rows := await self._db.read(self._store.to_push, user, since, limit=AT_ONCE):
            movies, shows = _history(rows)
            if movies or shows:
                await self._client.add_history(token, movies, shows)
            since = rows[-1].last_played_at
            done.pushed += len(movies) + len(shows)
            await self._note(user, pushed_at=since)

    async def _poll(self, row: Any) -> None:
        """Whether the code was typed. A code that never will be leaves its reason."""
        now, user = self._clock.now(), row.user_id
        if row.device is None or (row.poll_at is not None and now < row.poll_at):
            return
        if row.device_until is not None and now >= row.device_until:
            await self._note(user, device=None, error="The code has run out.")
            return
        await self._note(user, poll_at=now + timedelta(seconds=row.interval_s))
        try:
            tokens = await self._client.poll(self._secrets.open(row.device, context=_context(user, "device")))
        except NotAllowed as error:
            await self._note(user, device=None, error=error.message)
            return
        except (Unavailable, Busy):
            return
        if tokens is not None:
            await self._keep(user, tokens, username=await self._client.who(tokens.access_token), device=None, error="")
            await self._db.write(lambda unit: unit.enqueue(SYNC, SyncUser(user)))

    async def _token(self, row: Any) -> str:
        """A token that is good for a while yet. Raises: BadKey; Unavailable; Busy."""
        user = row.user_id
        if row.expires_at is None or self._clock.now() < row.expires_at - EARLY:
            return self._secrets.open(row.access, context=_context(user, "access"))
        tokens = await self._client.renew(self._secrets.open(row.refresh, context=_context(user, "refresh")))
        await self._keep(user, tokens)
        return tokens.access_token

    async def _keep(self, user: int, tokens: wire.Tokens, **more: Any) -> None:
        now = self._clock.now()
        await self._note(
            user, access=self._secrets.seal(tokens.access_token, context=_context(user, "access")),
            refresh=self._secrets.seal(tokens.refresh_token, context=_context(user, "refresh")),
            expires_at=now + timedelta(seconds=tokens.expires_in), **more,
        )  # fmt: skip

    async def _note(self, user: int, **values: Any) -> None:
        await self._db.write(lambda unit: self._store.update(unit, user, **values))

    def _started(self, unit: Unit, event: PlaybackStarted) -> None:
        self._tell(unit, event.session, "start")

    def _stopped(self, unit: Unit, event: PlaybackStopped) -> None:
        self._tell(unit, event.session, "stop", event.position)

    def _tell(self, unit: Unit, session: str, action: str, position: float | None = None) -> None:
        """A managed profile's viewing is nobody else's: only the account's own is told."""
        row = self._store.session(unit, session)
        link = None if row is None else self._store.get(unit, row.user_id)
        if row is None or row.profile_id or link is None or link.access is None:
            return
        at_ms = row.position_ms if position is None else position * 1000
        percent = min(100.0, 100 * at_ms / row.duration_ms) if row.duration_ms else 0.0
        unit.enqueue(SCROBBLE, Scrobble(row.user_id, row.item_id, action, percent))

    def _what(self, unit: Unit, item_id: int) -> dict[str, Any] | None:
        """A title as Trakt wants it named; None for what has no name that Trakt could know."""
        row = self._store.what(unit, item_id)
        if row is None:
            return None
        if row.kind == "movie":
            return {"movie": {"title": row.title, "year": row.year, "ids": _ids(row.tmdb, row.imdb, row.tvdb)}}
        show = {"title": row.show_title, "ids": _ids(row.show_tmdb, row.show_imdb, row.show_tvdb)}
        return {"show": show, "episode": {"season": row.season_number or 0, "number": row.episode_number or 0}}


def _history(rows: list[Any]) -> tuple[list[Any], list[Any]]:
    """Films and episodes (by show) as `/sync/history` takes them; what has no id elsewhere is left out."""
    movies, shows = [], []
    for row in rows:
        at = row.last_played_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        if row.kind == "movie" and (ids := _ids(row.tmdb, row.imdb, row.tvdb)):
            movies.append({"watched_at": at, "ids": ids})
        elif row.kind == "episode" and (ids := _ids(row.show_tmdb, row.show_imdb, row.show_tvdb)):
            episode = {"number": row.episode_number or 0, "watched_at": at}
            shows.append({"ids": ids, "seasons": [{"number": row.season_number or 0, "episodes": [episode]}]})
    return movies, shows


def _ids(tmdb: int | None, imdb: str | None, tvdb: int | None) -> dict[str, Any]:
    return {name: value for name, value in (("tmdb", tmdb), ("imdb", imdb), ("tvdb", tvdb)) if value}


def _entry(kind: str, one: wire.Title) -> Entry:
    name, ids = one.title or "", one.ids
    if kind == "movie":
        return Entry(kind=kind, title=name, year=one.year, tmdb=ids.tmdb, imdb=ids.imdb, tvdb=ids.tvdb)
    return Entry(kind=kind, title="", show=name, show_tmdb=ids.tmdb, show_imdb=ids.imdb, show_tvdb=ids.tvdb)


def _context(user: int, what: str) -> str:
    return f"library.trakt:{user}:{what}"


def _user(caller: Caller) -> int:
    if caller.user_id is None:
        raise NotSignedIn
    if caller.profile_id is not None:
        raise NotAllowed("profile", "A managed profile may not do this")
    return caller.user_id

"""Moving over: looking at another server, taking its users' states along, and telling what has no file yet."""

import base64
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, Unavailable
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.identity.service import Identity
from polycast.core.ids import Ids
from polycast.core.jobs import Job, Retry, Run
from polycast.core.net import Outbound
from polycast.core.secrets import Secrets
from polycast.core.storage import Database, Unit, clean
from polycast.library.catalogue.model import Item, MatchStatus, Viewer
from polycast.library.catalogue.store_items import ItemStore
from polycast.library.catalogue.store_libraries import LibraryStore
from polycast.library.migration.clients import Client, client_for
from polycast.library.migration.model import Entry, ForeignLibrary, ForeignUser, ImportSource, Report, Server
from polycast.library.migration.store import MigrationStore
from polycast.library.playback.progress import Progress
from polycast.library.scanning.matching import movie_key, title_key
from polycast.library.scanning.store_match import MatchStore
from polycast.library.workflows.model import Workflow
from polycast.library.workflows.service import Workflows

KINDS: Final = ("plex", "jellyfin", "emby")
JOB: Final = "library.import_source"
CONTEXT: Final = "library.source"
ATTEMPTS: Final = 3


class Preview(Struct, frozen=True, kw_only=True):
    """What there is to be taken along; ours where it is plain which."""

    libraries: list[tuple[ForeignLibrary, str | None]]
    users: list[tuple[ForeignUser, str | None]]


class Migration:
    """Imports from other servers."""

    def __init__(
        self, *, db: Database, store: MigrationStore, libraries: LibraryStore, items: ItemStore, titles: MatchStore,
        progress: Progress, workflows: Workflows, identity: Identity, out: Callable[[], Outbound], secrets: Secrets,
        clock: Clock, ids: Ids,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._libraries = libraries
        self._items = items
        self._titles = titles
        self._progress = progress
        self._workflows = workflows
        self._identity = identity
        self._out = out
        self._secrets = secrets
        self._clock = clock
        self._ids = ids

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [
            Job(name=JOB, payload=ImportSource, run=self.run, timeout=timedelta(hours=12), retry=Retry(attempts=ATTEMPTS),
                title="Take over another server's library")
        ]  # fmt: skip

    async def test(self, caller: Caller, kind: str, url: str, token: str) -> Server:
        """Raises: NotAllowed; Unavailable, in one of the original's words."""
        caller.require(Scope.LIBRARY_WRITE)
        try:
            return await self._client(kind, url, token).server()
        except Invalid as error:
            raise Unavailable("Unreachable") from error

    async def add(self, caller: Caller, kind: str, name: str, url: str, token: str) -> Any:
        """Raises: NotAllowed; Unavailable when it is not there, or not of that kind."""
        server = await self.test(caller, kind, url, token)

        def work(unit: Unit) -> Any:
            key = self._store.insert(
                unit, nanoid=self._ids.nanoid(), type=kind, name=name or server.name, url=url.rstrip("/"),
                secret=base64.b64encode(self._secrets.seal(token, context=CONTEXT)).decode(), server_id=server.id,
                version=server.version, options={}, created_at=self._clock.now(),
            )  # fmt: skip
            self._identity.audit.note(unit, caller, "migration.source", target=f"{kind}:{server.id}")
            return self._store.by_id(unit, key)

        return await self._db.write(work)

    async def sources(self, caller: Caller) -> list[Any]:
        """Those that were added. Raises: NotAllowed."""
        caller.require(Scope.LIBRARY_WRITE)
        return await self._db.read(self._store.all, KINDS)

    async def connected(self, caller: Caller, kind: str) -> list[dict[str, Any]]:
        """Servers of another kind that are kept. Raises: NotAllowed."""
        caller.require(Scope.LIBRARY_WRITE)
        rows = await self._db.read(self._store.all, (kind,))
        return [{"id": row.nanoid, "name": row.name, "baseUrl": row.url} for row in rows]

    async def remove(self, caller: Caller, nanoid: str) -> None:
        """Forget a server and its token. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)
        await self._db.write(lambda unit: self._store.delete(unit, self._require(unit, nanoid).id))

    async def preview(self, caller: Caller, *, nanoid: str | None, kind: str, url: str, token: str) -> Preview:
        """Raises: NotAllowed; NotFound; Unavailable."""
        caller.require(Scope.LIBRARY_WRITE)
        client = await self._of(nanoid) if nanoid is not None else self._client(kind, url, token)
        theirs, people = await client.libraries(), await client.users()
        ours = await self._db.read(self._libraries.all)
        by_name = {(one.name.casefold(), one.type.value): one.nanoid for one in ours}
        by_type = {one.type.value: one.nanoid for one in ours}
        users = []
        for one in people:
            found = await self._identity.users.find(one.name)
            users.append((one, found.nanoid if found is not None else None))
        return Preview(
            libraries=[(one, by_name.get((one.name.casefold(), one.type)) or by_type.get(one.type)) for one in theirs],
            users=users,
        )

    async def start(
        self, caller: Caller, nanoid: str, *, libraries: Mapping[str, str | None], users: Mapping[str, str],
        shells: bool, conflict: str,
    ) -> Workflow:  # fmt: skip
        """Raises: NotAllowed; NotFound; Invalid; AlreadyRunning."""
        caller.require(Scope.LIBRARY_WRITE)
        people: dict[str, int] = {}
        for theirs, ours in users.items():
            user = await self._identity.users.by_nanoid(ours)
            if user is None:
                raise Invalid.one("users", "does_not_exist", "No such user")
            people[theirs] = user.id

        def work(unit: Unit) -> Workflow:
            row = self._require(unit, nanoid)
            known = self._libraries.ids(unit, [one for one in libraries.values() if one])
            if any(one and one not in known for one in libraries.values()):
                raise Invalid.one("libraries", "does_not_exist", "No such library")
            mapped = {theirs: known[ours] if ours else 0 for theirs, ours in libraries.items()}
            return self._workflows.start_in(
                unit, "migration.import", f"Import from {row.name}", job=JOB,
                payload=lambda key: ImportSource(row.id, key, mapped, people, shells, conflict),
                subject=f"source:{row.id}", given={"source": row.nanoid}, by=caller.user_id, priority=5,
            )  # fmt: skip

        return await self._db.write(work)

    async def gaps(self, caller: Caller, *, after: int, limit: int) -> tuple[dict[str, int], list[Any]]:
        """Titles that were taken over and have no file yet. Raises: NotAllowed."""
        caller.require(Scope.LIBRARY_WRITE)
        counts = await self._db.read(self._store.count_shells)
        return counts, await self._db.read(self._store.shells, after=after, limit=limit)

    async def run(self, payload: ImportSource, run: Run) -> None:
        """The job. Running twice does no harm: states are compared by time, shells by identity."""
        row = await self._db.read(self._store.by_id, payload.source_id)
        if row is None:
            return

        async def work() -> Report:
            report = Report()
            client = self._opened(row)
            for library, target in payload.libraries.items():
                for theirs, user_id in payload.users.items():
                    async for page in client.entries(library, theirs):
                        run.check()
                        await self._db.write(self._page, payload, target, user_id, page, report)
                        await run.progress(report.entries, None, "import")
            await self._db.write(lambda unit: self._store.update(unit, row.id, last_import_at=self._clock.now()))
            return report

        await self._workflows.run(payload.workflow_id, run, work, attempts=ATTEMPTS)

    def _page(
        self, unit: Unit, payload: ImportSource, target: int, user_id: int, page: list[Entry], report: Report
    ) -> None:
        viewer = Viewer(user_id=user_id, library_ids=tuple(one.id for one in self._libraries.all(unit)))
        for one in page:
            report.entries += 1
            item_id = self._find(unit, one, target)
            if item_id is None and payload.shells and target and (one.watched or one.position_ms or one.is_favorite):
                item_id = self._shell(unit, one, target)
                report.shells += 1
            item = None if item_id is None else self._items.by_id(unit, item_id)
            if item is None:
                report.skipped += 1
                continue
            report.matched += 1
            self._state(unit, viewer, item, one, payload.conflict, report)

    def _find(self, unit: Unit, one: Entry, target: int) -> int | None:
        if one.kind == "movie":
            return self._store.find(unit, "movie", one, target, movie_key(one.title, one.year))
        show = self._store.find(unit, "show", one, target, movie_key(one.show, None))
        if show is None or one.season is None or one.episode is None:
            return None
        return self._store.episode(unit, show, one.season, one.episode)

    def _shell(self, unit: Unit, one: Entry, target: int) -> int:
        """A title without a file, which a later scan fills."""
        if one.kind == "movie":
            return self._made(unit, target, "movie", one.title, movie_key(one.title, one.year), year=one.year,
                              tmdb=one.tmdb, imdb=one.imdb, tvdb=one.tvdb, extra={"path": one.path})  # fmt: skip
        show = self._store.find(unit, "show", one, target, movie_key(one.show, None))
        if show is None:
            show = self._made(unit, target, "show", one.show, movie_key(one.show, None), tmdb=one.show_tmdb,
                              imdb=one.show_imdb, tvdb=one.show_tvdb, ordering="aired")  # fmt: skip
        season = one.season or 0
        key = f"{show}|s{season}"
        present = self._titles.row_by_key(unit, target, "season", key)
        season_id = (
            present
            if present is not None
            else self._made(
                unit, target, "season", f"Season {season}", key, parent_id=show, top_id=show, season_number=season
            )
        )
        number = one.episode or 0
        return self._made(unit, target, "episode", one.title, f"{key}e{number}", parent_id=season_id, top_id=show,
                          season_number=season, episode_number=number)  # fmt: skip

    def _made(self, unit: Unit, library_id: int, kind: str, title: str, match_key: str, **values: Any) -> int:
        now, plain = self._clock.now(), clean(title, 300) or "Untitled"
        told: dict[str, Any] = {"extra": {}} | values
        return self._titles.insert(
            unit, nanoid=self._ids.nanoid(), uuid=self._ids.uuid().replace("-", ""), library_id=library_id, kind=kind,
            match_key=match_key, title=plain, title_key=title_key(plain), match_status=MatchStatus.PENDING.value,
            locked=[], images={}, is_shell=True, added_at=now, updated_at=now, **told,
        )  # fmt: skip

    def _state(self, unit: Unit, viewer: Viewer, item: Item, one: Entry, conflict: str, report: Report) -> None:
        if not (one.watched or one.position_ms or one.is_favorite):
            return
        known, at = self._store.played_at(unit, viewer.user_id or 0, item.id)
        newer = one.played_at is not None and (at is None or one.played_at > at)
        if known and (conflict == "local" or (conflict == "newest" and not newer)):
            report.kept += 1
            return
        self._progress.write_in(
            unit, viewer, item, watched=one.watched, position_ms=0 if one.watched else one.position_ms,
            duration_ms=one.duration_ms, play_count=max(one.plays, int(one.watched)), last_played_at=one.played_at,
            is_favorite=one.is_favorite, source="import",
        )  # fmt: skip
        report.written += 1

    async def _of(self, nanoid: str) -> Client:
        return self._opened(await self._db.read(self._require, nanoid))

    def _opened(self, row: Any) -> Client:
        token = self._secrets.open(base64.b64decode(row.secret or ""), context=CONTEXT)
        return self._client(row.type, row.url, token)

    def _client(self, kind: str, url: str, token: str) -> Client:
        return client_for(kind, url, token, self._out())

    def _require(self, unit: Unit, nanoid: str) -> Any:
        row = self._store.get(unit, nanoid, KINDS)
        if row is None:
            raise NotFound("The source")
        return row

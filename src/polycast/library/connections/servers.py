"""Radarr, Sonarr and Seerr servers that people have connected."""

import base64
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Busy, Conflict, NotFound, PolycastError, Unavailable
from polycast.core.identity.audit.service import Audit
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.ids import Ids
from polycast.core.jobs import Job, Run, Tick
from polycast.core.net import Outbound
from polycast.core.secrets import Secrets, Tokens
from polycast.core.storage import Database, Unit
from polycast.library.connections.store_servers import ServerStore
from polycast.library.providers.arr.client import Arr, Options
from polycast.library.providers.seerr.client import Asked, Seerr

ARRS: Final = ("radarr", "sonarr")
KINDS: Final = (*ARRS, "seerr")
CONTEXT: Final = "library.server"
HOOK: Final = "library.server.hook"


class Checked(Struct, frozen=True, kw_only=True):
    """Whether a server answers."""

    ok: bool
    message: str
    version: str = ""


class Servers:
    """Connected servers; their keys are sealed and never shown again."""

    def __init__(
        self, *, db: Database, store: ServerStore, out: Callable[[str], Outbound], secrets: Secrets, tokens: Tokens,
        audit: Audit, clock: Clock, ids: Ids,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._out = out
        self._secrets = secrets
        self._tokens = tokens
        self._audit = audit
        self._clock = clock
        self._ids = ids

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [
            Job(name="library.sync_requests", payload=Tick, run=self.sync_all, every=timedelta(minutes=15),
                title="See what was asked for at Seerr")
        ]  # fmt: skip

    async def all(self, caller: Caller, kind: str) -> list[Any]:
        """Raises: NotAllowed; NotFound for a kind that there is not."""
        caller.require(Scope.LIBRARY_WRITE)
        return await self._db.read(self._store.all, _known(kind))

    async def add(self, caller: Caller, kind: str, *, name: str, url: str, key: str, options: dict[str, Any]) -> Any:
        """Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)
        hook = self._tokens.new()

        def work(unit: Unit) -> Any:
            nanoid = self._ids.nanoid()
            self._store.insert(
                unit, nanoid=nanoid, type=_known(kind), name=name, url=url.rstrip("/"), secret=self._sealed(key),
                server_id="", version="", options=options, created_at=self._clock.now(),
                hook_hash=self._tokens.hash(hook), hook_sealed=self._secrets.seal(hook, context=HOOK),
            )  # fmt: skip
            self._audit.note(unit, caller, "settings.server", target=f"{kind}:{nanoid}")
            return self._require(unit, kind, nanoid)

        return await self._db.write(work)

    async def change(
        self, caller: Caller, kind: str, nanoid: str, *, values: dict[str, Any], key: str | None, options: dict[str, Any]
    ) -> Any:  # fmt: skip
        """`values`: name, url. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)

        def work(unit: Unit) -> Any:
            row = self._require(unit, kind, nanoid)
            told = values | {"options": row.options | options} | ({"secret": self._sealed(key)} if key else {})
            self._store.update(unit, row.id, **told)
            self._audit.note(unit, caller, "settings.server", target=f"{kind}:{nanoid}")
            return self._require(unit, kind, nanoid)

        return await self._db.write(work)

    async def remove(self, caller: Caller, kind: str, nanoid: str) -> None:
        """Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)

        def work(unit: Unit) -> None:
            self._store.delete(unit, self._require(unit, kind, nanoid).id)
            self._audit.note(unit, caller, "settings.server", target=f"{kind}:{nanoid}", result="removed")

        await self._db.write(work)

    def hook_of(self, row: Any) -> str:
        """The secret word in the address that the server is to tell its news to."""
        return self._secrets.open(row.hook_sealed, context=HOOK)

    async def check(self, caller: Caller, kind: str, nanoid: str) -> Checked:
        """Ask it who it is. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)
        row = await self._db.read(self._require, kind, nanoid)
        try:
            found = await (self.seerr_of(row) if kind == "seerr" else self.arr_of(row)).status()
            told = Checked(ok=True, message="It answers, and takes the key.", version=found.version)
        except NotFound:
            told = Checked(ok=False, message="There is no such server at this address.")
        except PolycastError as error:
            told = Checked(ok=False, message=error.message)
        await self._db.write(self._note, row.id, told)
        return told

    async def options(self, caller: Caller, kind: str, nanoid: str) -> Options:
        """What titles can be added with. Raises: NotAllowed; NotFound; Unavailable."""
        caller.require(Scope.LIBRARY_WRITE)
        if kind not in ARRS:
            raise NotFound("The server")
        return await self.arr_of(await self._db.read(self._require, kind, nanoid)).options()

    async def fetch_title(self, caller: Caller, kind: str, external: int, *, seasons: list[int] | None) -> str:
        """Have the default Radarr or Sonarr fetch a title; its name.

        Raises: Conflict without such a server, without its folder and profile, or when it has the title; NotFound; Unavailable.
        """
        caller.require(Scope.LIBRARY_WRITE)
        rows = await self._db.read(self._store.all, _known(kind))
        row = next((one for one in rows if one.options.get("isDefault")), rows[0] if rows else None)
        if row is None:
            raise Conflict(f"No {kind.capitalize()} server is connected.", reason="no_server")
        folder, profile = row.options.get("rootFolder"), row.options.get("qualityProfileId")
        if not folder or not profile:
            raise Conflict("The server's root folder and quality profile are not chosen.", reason="not_set_up")
        return await self.arr_of(row).add(external, folder=folder, profile=profile, seasons=seasons)

    async def request(
        self, caller: Caller, media_type: str, tmdb: int, *, seasons: list[int] | str | None, is_4k: bool
    ) -> Any:
        """Ask for a title at the first Seerr server. Raises: Conflict without one, or when it was asked for; Unavailable."""
        caller.require(Scope.LIBRARY_PLAY)
        rows = await self._db.read(self._store.all, "seerr")
        if not rows:
            raise Conflict("No Seerr server is connected.", reason="no_server")
        client = self.seerr_of(rows[0])
        made = await client.ask(media_type, tmdb, seasons=seasons, is_4k=is_4k)
        title = await client.title(media_type, tmdb)
        row = self._wanted(rows[0].id, made, title) | {"media_type": media_type, "tmdb": tmdb}
        row["requested_by"] = row["requested_by"] or caller.username

        def work(unit: Unit) -> Any:
            self._store.put_wanted(unit, [row])
            found = self._store.wanted(unit, status=None, before=None, limit=200)
            return next(one for one in found if (one.source_id, one.request_id) == (rows[0].id, made.id))

        return await self._db.write(work)

    async def take_back(self, caller: Caller, nanoid: str) -> None:
        """Take a request back. Raises: NotAllowed; NotFound; Unavailable."""
        caller.require(Scope.LIBRARY_WRITE)
        row = await self._db.read(self._store.wanted_by, nanoid)
        if row is None:
            raise NotFound("The request")
        servers = await self._db.read(self._store.all, "seerr")
        server = next((one for one in servers if one.id == row.source_id), None)
        if server is not None:
            with suppress(NotFound):  # gone there too
                await self.seerr_of(server).take_back(row.request_id)
        await self._db.write(self._store.drop_wanted, row.id)

    async def wanted(
        self, caller: Caller, *, status: str | None, before: int | None, limit: int
    ) -> tuple[list[Any], dict[str, int]]:
        """What was asked for, and how much of it is in which state. Raises: NotAllowed."""
        caller.require(Scope.LIBRARY_WRITE)
        rows = await self._db.read(self._store.wanted, status=status, before=before, limit=limit)
        return rows, await self._db.read(self._store.counts)

    async def requested(self, tmdb: list[int]) -> dict[tuple[str, int], str]:
        """What has become of requests for these, by kind (movie, tv) and id."""
        return await self._db.read(self._store.statuses_of, tmdb)

    async def sync(self, caller: Caller, nanoid: str) -> int:
        """Read the requests of a Seerr server; how many there are. Raises: NotAllowed; NotFound; Unavailable; Busy."""
        caller.require(Scope.LIBRARY_WRITE)
        return await self._sync(await self._db.read(self._require, "seerr", nanoid))

    async def sync_all(self, _tick: Tick, run: Run) -> None:
        """The job. A server that does not answer keeps no other from being asked."""
        for row in await self._db.read(self._store.all, "seerr"):
            run.check()
            try:
                await self._sync(row)
            except (Unavailable, Busy, NotFound) as error:
                await self._db.write(self._note, row.id, Checked(ok=False, message=error.message))

    async def _sync(self, row: Any) -> int:
        client = self.seerr_of(row)
        found = await client.requests()
        rows = []
        for one in reversed(found):  # the keys of rows grow with time
            word = one.media.media_type or one.type
            try:
                title = await client.title(word, one.media.tmdb_id) if one.media.tmdb_id else ""
            except NotFound:
                title = ""
            rows.append(self._wanted(row.id, one, title))

        def work(unit: Unit) -> None:
            self._store.put_wanted(unit, rows)
            self._store.keep_wanted(unit, row.id, [one.id for one in found])
            self._note(unit, row.id, Checked(ok=True, message=""))

        await self._db.write(work)
        return len(found)

    def arr_of(self, row: Any) -> Arr:
        """A client of a Radarr or Sonarr server."""
        return Arr(row.type, row.url, self._opened(row), out=self._out(row.type), clock=self._clock)

    def seerr_of(self, row: Any) -> Seerr:
        """A client of a Seerr server."""
        return Seerr(row.url, self._opened(row), out=self._out("seerr"), clock=self._clock)

    def _wanted(self, source_id: int, one: Asked, title: str) -> dict[str, Any]:
        now = self._clock.now()
        return {
            "nanoid": self._ids.nanoid(), "source_id": source_id, "request_id": one.id,
            "media_type": one.media.media_type or one.type, "tmdb": one.media.tmdb_id, "tvdb": one.media.tvdb_id,
            "title": title, "status": one.state, "requested_by": one.who, "requested_at": one.created_at or now,
            "updated_at": now,
        }  # fmt: skip

    def _note(self, unit: Unit, key: int, told: Checked) -> None:
        self._store.note(unit, key, checked_at=self._clock.now(), error="" if told.ok else told.message)
        if told.version:
            self._store.update(unit, key, version=told.version)

    def _require(self, unit: Unit, kind: str, nanoid: str) -> Any:
        row = self._store.get(unit, _known(kind), nanoid)
        if row is None:
            raise NotFound("The server")
        return row

    def _sealed(self, key: str) -> str:
        return base64.b64encode(self._secrets.seal(key, context=CONTEXT)).decode()

    def _opened(self, row: Any) -> str:
        return self._secrets.open(base64.b64decode(row.secret or ""), context=CONTEXT)


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise NotFound("The kind of server")
    return kind

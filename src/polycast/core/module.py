"""How a module plugs in: the struct it hands to `app.py`, and the tools it is given.

Frozen: the five modules build on it. Add with a default, never change.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct
from sqlalchemy import MetaData
from starlette.types import ASGIApp, Receive, Scope, Send

from polycast.core.errors import PolycastError
from polycast.core.events.model import Event, Listener
from polycast.core.http.routes import RouteInfo
from polycast.core.jobs.model import Job


class Slash(StrEnum):
    """What a dialect does about the trailing slash."""

    ADD = "add"  # GET without it: 301 to the one with it; other methods are served
    STRIP = "strip"  # with it: 307 to the one without
    EITHER = "either"
    EXACT = "exact"


class Spelled(Struct, frozen=True, kw_only=True):
    """A failure as one dialect words it, ready to be sent."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = {}


Spell = Callable[[PolycastError, Mapping[str, Any]], Spelled]  # (error, ASGI scope) -> answer


class RoutedApp(Protocol):
    """An ASGI app that can tell its routes: what `core/http` builds."""

    routes: Sequence[RouteInfo]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


class Dialect(Struct, frozen=True, kw_only=True):
    """One outside API a module speaks."""

    name: str  # "live.rest"
    claims: Sequence[str]  # "/api/channels/*", "/get.php", "/{user}/{pass}/{digits}"; two equal claims stop the start
    app: RoutedApp
    slash: Slash
    spell: Spell
    rates: Mapping[str, int | None] = {}  # requests a minute by RateClass; None or absent: no limit of its own
    body_limit: int = 1024 * 1024  # bytes; uploads raise it per route
    openapi: Callable[[], Mapping[str, Any]] | None = None  # the document; called by `polycast openapi` only
    openapi_at: str | None = None  # file name under the document folder: "live.rest.json"


class Daemon(Struct, frozen=True, kw_only=True):
    """Runs in the web process from start to stop; restarted with back-off; in a cluster one node holds its lease."""

    name: str  # "live.relay"
    run: Callable[[], Awaitable[None]]
    everywhere: bool = False  # True: on each node (it owns only what is local)


class HealthLine(Struct, frozen=True, kw_only=True):
    """One line of `/healthz`, `doctor` and the status page."""

    name: str
    ok: bool
    text: str  # what is so; when not ok also what to do


Health = Callable[[], Awaitable[Sequence[HealthLine]]]


class BackupPart(Struct, frozen=True, kw_only=True):
    """What a module adds to a backup besides its tables, which are always taken."""

    name: str
    folders: Sequence[str] = ()  # below the data directory, taken as files
    skip_tables: Sequence[str] = ()  # caches and other things that can be made again


class Module(Struct, frozen=True, kw_only=True):
    """A module's only public face towards the house."""

    name: str  # "live"; first word of its tables, jobs, events, settings and metrics
    tables: MetaData
    migrations: Path  # folder with its Alembic revisions
    settings: type[Struct]
    dialects: Sequence[Dialect] = ()
    daemons: Sequence[Daemon] = ()
    jobs: Sequence[Job] = ()
    listens: Sequence[Listener] = ()
    publishes: Sequence[type[Event]] = ()
    backup: BackupPart
    health: Health


__all__ = [
    "ASGIApp",
    "BackupPart",
    "Daemon",
    "Dialect",
    "Health",
    "HealthLine",
    "Module",
    "RoutedApp",
    "Slash",
    "Spell",
    "Spelled",
]

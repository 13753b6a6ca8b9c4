"""The dialect, put together."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.core.http import (
    Authenticator,
    Docs,
    OpenApi,
    Response,
    Route,
    get,
    json_dialect,
    openapi_document,
)
from polycast.core.identity.caller import RateClass
from polycast.core.module import Dialect, Slash
from polycast.monitor.dialects.channelwatch import (
    auth,
    backups,
    diagnostics,
    dvrs,
    events,
    extra,
    feeds,
    ingest,
    log,
    manage,
    people,
    rules,
    settings,
    support,
    system,
)
from polycast.monitor.dialects.channelwatch.errors import spell
from polycast.monitor.dialects.channelwatch.gate import reads

FILE: Final = "monitor.rest.json"
READS_A_MINUTE: Final = 120
WRITES_A_MINUTE: Final = 30
CLAIMS: Final = (
    *(f"/api/v1/{word}" for word in ("dvrs", "dvrs/*", "discovery/*", "auth/*", "security/*", "history/*")),
    *(f"/api/v1/{word}/*" for word in ("activity-history", "notifications", "debug", "backup", "update", "support")),
    *(f"/api/v1/{word}/*" for word in ("feeds", "runtime", "monitor")),
    *(
        f"/api/v1/{word}"
        for word in ("notification-log", "maintenance-windows", "calendar.ics", "feed.rss", "feed.atom")
    ),
    *(f"/api/{word}" for word in ("ping", "health", "about", "settings", "regenerate-api-key", "discover-servers")),
    *(f"/api/{word}" for word in ("recent-activity", "activity-history", "clear-activity-history", "system-info")),
    *(f"/api/{word}" for word in ("logs", "logs/*", "dvrs/*", "recordings/*", "streams/*", "run_test/*")),
    "/api/restart_core",
    "/api/restart_container",
    "/healthz/*",
)
PARTS: Final = (
    dvrs, auth, people, system, manage, settings, log, diagnostics, support, backups, feeds, extra, rules, events, ingest,
)  # fmt: skip


class Detail(Struct, frozen=True):
    """A failure with a code."""

    code: str
    message: str
    remediation: str | None
    docs_url: str | None


class Failure(Struct, frozen=True):
    """What an error answer looks like."""

    detail: Detail | str


class Reference:
    """This dialect's own OpenAPI document, made when somebody asks."""

    def __init__(self) -> None:
        self.make: Callable[[], Mapping[str, Any]] = dict
        self._made: bytes | None = None

    def body(self) -> bytes:
        """JSON. Blocking, a tenth of a second the first time."""
        if self._made is None:
            self._made = msgspec.json.encode(self.make())
        return self._made


@get("/api/v1/monitor/openapi.json", policy=reads(), docs=Docs(tags=["System"]))
async def openapi(reference: Reference) -> Response:
    """OpenAPI 3.1 of all that is answered here."""
    return Response(await asyncio.to_thread(reference.body), media_type="application/json")


def rest_dialect(*, identity: Authenticator, services: Mapping[str, object], routes: Sequence[Route] = ()) -> Dialect:
    """ChannelWatch's API and our own additions to it."""
    reference = Reference()
    app = json_dialect(
        [openapi, *(route for part in PARTS for route in part.routes()), *routes],
        services={**services, "reference": reference, "sockets": events.Sockets()},
        identity=identity,
        spell=spell,
        openapi=OpenApi(title="Polycast monitor", version="0.9.15", spec="3.1", shapes={0: Failure}),
        lenient_text=True,
    )

    def document() -> Mapping[str, Any]:
        return openapi_document(app)

    reference.make = document

    return Dialect(
        name="monitor.rest",
        claims=CLAIMS,
        app=app,
        slash=Slash.STRIP,
        spell=spell,
        rates={RateClass.NORMAL: READS_A_MINUTE, RateClass.COSTLY: WRITES_A_MINUTE},
        openapi=document,
        openapi_at=FILE,
    )

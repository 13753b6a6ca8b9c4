"""The dialect, put together."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from polycast.core.http import Authenticator, OpenApi, Route, json_dialect, openapi_document
from polycast.core.identity.caller import RateClass
from polycast.core.module import Dialect, Slash
from polycast.monitor.dialects.channelwatch import (
    auth,
    diagnostics,
    dvrs,
    events,
    extra,
    feeds,
    log,
    manage,
    rules,
    system,
)
from polycast.monitor.dialects.channelwatch.errors import spell

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
PARTS: Final = (dvrs, auth, system, manage, log, diagnostics, feeds, extra, rules, events)


class Detail(Struct, frozen=True):
    """A failure with a code."""

    code: str
    message: str
    remediation: str | None
    docs_url: str | None


class Failure(Struct, frozen=True):
    """What an error answer looks like."""

    detail: Detail | str


def rest_dialect(*, identity: Authenticator, services: Mapping[str, object], routes: Sequence[Route] = ()) -> Dialect:
    """ChannelWatch's API and our own additions to it."""
    app = json_dialect(
        [*(route for part in PARTS for route in part.routes()), *routes],
        services=services,
        identity=identity,
        spell=spell,
        openapi=OpenApi(title="Polycast monitor", version="0.9.15", spec="3.1", shapes={0: Failure}),
        lenient_text=True,
    )

    def document() -> Mapping[str, Any]:
        return openapi_document(app)

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

"""`/healthz` for whoever watches the server, `/metrics` for Prometheus."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import NotSignedIn
from polycast.core.http import Authenticator, MethodNotAllowed
from polycast.core.http.answers import Sending
from polycast.core.http.calls import admit
from polycast.core.identity.caller import OPEN, needs
from polycast.core.identity.scopes import Scope
from polycast.core.module import Health, HealthLine

log = logging.getLogger("polycast.front")
PATIENCE: Final = timedelta(seconds=2)  # for one module's lines
KEPT_FOR: Final = timedelta(seconds=1)
_NO_STORE: Final = (b"cache-control", b"no-store")


class HealthPage:
    """200 with a short JSON once the server is ready, 503 before. A module in trouble makes it "degraded", still 200."""

    claims = ("/healthz",)

    def __init__(
        self,
        health: Mapping[str, Health],
        *,
        is_ready: Callable[[], bool],
        identity: Authenticator,
        clock: Clock,
        version: str,
    ) -> None:
        self._health = dict(health)
        self._is_ready = is_ready
        self._identity = identity
        self._clock = clock
        self._version = version
        self._lines: Sequence[HealthLine] = ()
        self._looked_at: timedelta | None = None
        self._looking = asyncio.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """What a line says in full is for `core:read` or this machine: it may name hosts and folders."""
        _only_get(scope)
        scope["state"]["route"] = "/healthz"
        if not self._is_ready():
            body = msgspec.json.encode({"status": "starting"})
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            await Sending(503, body, [*headers, (b"retry-after", b"1"), _NO_STORE])(scope, receive, send)
            return
        lines = await self._fresh()
        in_full = await self._may_read(scope)
        told = {
            "status": "ok" if all(line.ok for line in lines) else "degraded",
            "version": self._version,
            "checks": [
                {"name": line.name, "ok": line.ok, **({"text": line.text} if in_full else {})} for line in lines
            ],
        }
        sending = Sending.of(told, 200)
        sending.headers.append(_NO_STORE)
        await sending(scope, receive, send)

    async def _may_read(self, scope: Any) -> bool:
        if scope["state"].get("is_loopback"):
            return True
        try:
            return (await self._identity.authenticate(scope, OPEN)).has(Scope.CORE_READ)
        except NotSignedIn:
            return False  # a wrong credential gets what nobody gets: a watcher must not fail over it

    async def _fresh(self) -> Sequence[HealthLine]:
        """All modules' lines, at most a second old, so that watching often costs nothing."""
        async with self._looking:
            now = self._clock.monotonic()
            if self._looked_at is None or now - self._looked_at >= KEPT_FOR:
                found = await asyncio.gather(*(self._of(name, health) for name, health in self._health.items()))
                self._lines = [line for lines in found for line in lines]
                self._looked_at = now
            return self._lines

    async def _of(self, name: str, health: Health) -> Sequence[HealthLine]:
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                return await health()
        except TimeoutError:
            return [HealthLine(name=name, ok=False, text="does not say how it is; see the log")]
        except Exception as error:
            log.error("health of %s failed", name, exc_info=error)
            return [HealthLine(name=name, ok=False, text="its health check failed; see the log")]


class MetricsPage:
    """Prometheus text, for `core:read` or a scraper on this machine that comes through no proxy."""

    claims = ("/metrics",)

    def __init__(self, render: Callable[[], str], *, identity: Authenticator) -> None:
        self._render = render
        self._identity = identity

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Raises: NotSignedIn, NotAllowed."""
        _only_get(scope)
        scope["state"]["route"] = "/metrics"
        if not scope["state"].get("is_loopback"):
            caller = await admit(self._identity, scope, needs(Scope.CORE_READ))
            caller.require(Scope.CORE_READ)
        body = self._render().encode()
        headers = [
            (b"content-type", b"text/plain; version=0.0.4; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            _NO_STORE,
        ]
        await Sending(200, body, headers)(scope, receive, send)


def _only_get(scope: Mapping[str, Any]) -> None:
    if scope["method"] not in ("GET", "HEAD"):
        raise MethodNotAllowed(scope["method"], ["GET", "HEAD"])

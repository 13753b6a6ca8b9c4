"""`/v1/integrations`: services that need a key, and people's accounts at Trakt. Source: specs/library.md 3.20."""

from typing import Annotated

from msgspec import Meta

from polycast.core.http import Route, delete, get, post, put
from polycast.core.identity.caller import Caller
from polycast.library.connections.integrations import Integration, Integrations
from polycast.library.connections.servers import KINDS, Servers
from polycast.library.connections.trakt import TraktLinks
from polycast.library.dialects.v1.policies import ADMIN, USER
from polycast.library.dialects.v1.wire import Out, PageOf, Run, iso_or_none

Secret = Annotated[str, Meta(max_length=1000)]


class IntegrationOut(Out, frozen=True, kw_only=True):
    """A service, or a kind of server. `fields` tells which are given; what is given is never shown."""

    name: str
    configured: bool
    enabled: bool
    status: str  # ok, no_key, error
    last_error: str | None
    fields: dict[str, bool]


class CheckedOut(Out, frozen=True, kw_only=True):
    """Whether it answers as it should."""

    ok: bool
    message: str
    version: str | None


class BegunOut(Out, frozen=True, kw_only=True):
    """What to do at Trakt: go there and type the code."""

    user_code: str
    verification_url: str
    expires_in: int
    interval: int


class LinkedOut(Out, frozen=True, kw_only=True):
    """How the caller's account at Trakt is doing."""

    connected: bool
    pending: bool
    username: str | None
    synced_at: str | None
    error: str | None


@get("/v1/integrations", policy=ADMIN)
async def integrations_(caller: Caller, integrations: Integrations, servers: Servers) -> PageOf[IntegrationOut]:
    """What could be connected, and what is."""
    found = [_integration(one) for one in integrations.all(caller)]
    for kind in KINDS:
        rows = await servers.all(caller, kind)
        error = next((row.error for row in rows if row.error), "")
        found.append(
            IntegrationOut(
                name=kind, configured=bool(rows), enabled=bool(rows),
                status="error" if error else "ok" if rows else "no_server", last_error=error or None, fields={},
            )
        )  # fmt: skip
    return PageOf(items=found)


@get("/v1/integrations/{name}", policy=ADMIN)
async def integration(caller: Caller, integrations: Integrations, name: str) -> IntegrationOut:
    """One service."""
    return _integration(integrations.get(caller, name))


@put("/v1/integrations/{name}", policy=ADMIN, sent=dict[str, Secret])
async def put_integration(
    caller: Caller, integrations: Integrations, name: str, sent: dict[str, Secret]
) -> IntegrationOut:
    """Give its keys; what is not named stays."""
    return _integration(await integrations.put(caller, name, sent))


@delete("/v1/integrations/{name}", policy=ADMIN, status=204)
async def drop_integration(caller: Caller, integrations: Integrations, name: str) -> None:
    """Forget its keys."""
    await integrations.remove(caller, name)


@post("/v1/integrations/{name}/test", policy=ADMIN)
async def test_integration(caller: Caller, integrations: Integrations, name: str) -> CheckedOut:
    """Ask it something with the key that it has."""
    told = await integrations.check(caller, name)
    return CheckedOut(ok=told.ok, message=told.message, version=told.version or None)


@post("/v1/integrations/trakt/connect", policy=USER)
async def connect(caller: Caller, trakt_links: TraktLinks) -> BegunOut:
    """Begin to link one's account at Trakt; 503 where the server has no application there."""
    begun = await trakt_links.connect(caller)
    return BegunOut(
        user_code=begun.user_code, verification_url=begun.url, expires_in=begun.expires_in, interval=begun.interval
    )


@get("/v1/integrations/trakt/status", policy=USER)
async def trakt_status(caller: Caller, trakt_links: TraktLinks) -> LinkedOut:
    """How one's account at Trakt is doing."""
    found = await trakt_links.status(caller)
    return LinkedOut(
        connected=found.is_connected, pending=found.is_pending, username=found.username or None,
        synced_at=iso_or_none(found.synced_at), error=found.error or None,
    )  # fmt: skip


@delete("/v1/integrations/trakt/connection", policy=USER, status=204)
async def disconnect(caller: Caller, trakt_links: TraktLinks) -> None:
    """Link it no more."""
    await trakt_links.disconnect(caller)


@post("/v1/integrations/trakt/sync", policy=USER, status=202)
async def sync(caller: Caller, trakt_links: TraktLinks) -> Run:
    """Compare what was watched, now."""
    found = await trakt_links.sync(caller)
    return Run(workflow_id=found.nanoid, status=found.status.value)


def _integration(one: Integration) -> IntegrationOut:
    status = "error" if one.last_error else "ok" if one.is_configured else "no_key"
    return IntegrationOut(
        name=one.name, configured=one.is_configured, enabled=one.is_configured, status=status,
        last_error=one.last_error or None, fields=one.fields,
    )  # fmt: skip


def routes() -> list[Route]:
    """In the order of the reference."""
    return [
        integrations_, connect, trakt_status, disconnect, sync, integration, put_integration, drop_integration,
        test_integration,
    ]  # fmt: skip

"""Webhooks that tell other programs what happens here. Source: specs/library.md 4.11."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from polycast.core.http import Route, delete, get, patch, post
from polycast.core.identity.caller import Caller
from polycast.library.connections.webhooks import Webhooks
from polycast.library.dialects.v1.policies import ADMIN
from polycast.library.dialects.v1.wire import Out, PageOf, Sent, iso, iso_or_none

Url = Annotated[str, Meta(min_length=8, max_length=1000, pattern="^https?://")]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Secret = Annotated[str, Meta(min_length=8, max_length=200)]
Happened = Literal["item.added", "scan.completed", "playback.started", "playback.stopped"]
Events = Annotated[list[Happened], Meta(min_length=1, max_length=10)]


class WebhookIn(Sent, frozen=True, kw_only=True):
    """Whom to tell what. Messages are signed with `secret`: HMAC-SHA256 of the body, in `X-Polycast-Signature`."""

    name: Name
    url: Url
    secret: Secret
    events: Events


class WebhookChange(Sent, frozen=True, kw_only=True):
    """What to change. Absent keeps."""

    name: Name | UnsetType = UNSET
    url: Url | UnsetType = UNSET
    secret: Secret | UnsetType = UNSET
    events: Events | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class WebhookOut(Out, frozen=True, kw_only=True):
    """Somebody who is told; the secret is never shown."""

    id: str
    name: str
    url: str
    events: list[str]
    enabled: bool
    last_status: int | None
    last_error: str | None
    failures: int
    last_at: str | None
    created_at: str


@get("/v1/webhooks", policy=ADMIN)
async def webhooks_(caller: Caller, webhooks: Webhooks) -> PageOf[WebhookOut]:
    """All of them."""
    return PageOf(items=[_webhook(row) for row in await webhooks.all(caller)])


@post("/v1/webhooks", policy=ADMIN, sent=WebhookIn, status=201)
async def add(caller: Caller, webhooks: Webhooks, sent: WebhookIn) -> WebhookOut:
    """Tell another program from now on."""
    return _webhook(
        await webhooks.add(
            caller, name=sent.name, url=sent.url, secret=sent.secret, events=[*dict.fromkeys(sent.events)]
        )
    )


@patch("/v1/webhooks/{webhook_id}", policy=ADMIN, sent=WebhookChange)
async def change(caller: Caller, webhooks: Webhooks, webhook_id: str, sent: WebhookChange) -> WebhookOut:
    """Change whom to tell what."""
    told: dict[str, Any] = {
        "name": sent.name, "url": sent.url, "secret": sent.secret, "events": sent.events, "is_enabled": sent.enabled
    }  # fmt: skip
    values = {name: value for name, value in told.items() if value is not UNSET}
    return _webhook(await webhooks.change(caller, webhook_id, values))


@delete("/v1/webhooks/{webhook_id}", policy=ADMIN, status=204)
async def remove(caller: Caller, webhooks: Webhooks, webhook_id: str) -> None:
    """Tell it no more."""
    await webhooks.remove(caller, webhook_id)


@post("/v1/webhooks/{webhook_id}/test", policy=ADMIN)
async def test(caller: Caller, webhooks: Webhooks, webhook_id: str) -> dict[str, Any]:
    """Send it a message that is a test."""
    is_good, message = await webhooks.test(caller, webhook_id)
    return {"ok": is_good, "message": message}


def _webhook(row: Any) -> WebhookOut:
    return WebhookOut(
        id=row.nanoid, name=row.name, url=row.url, events=row.events, enabled=row.is_enabled,
        last_status=row.last_status or None, last_error=row.error or None, failures=row.failures,
        last_at=iso_or_none(row.last_at), created_at=iso(row.created_at),
    )  # fmt: skip


def routes() -> list[Route]:
    """Takes the service `webhooks`."""
    return [webhooks_, add, change, remove, test]

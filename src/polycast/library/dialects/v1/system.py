"""Health, users, speed test. Source: specs/library.md 3.25."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.http import Answer, Request, Response, Route, StreamingResponse, get, patch, post
from polycast.core.identity.caller import Caller
from polycast.core.identity.service import Identity
from polycast.core.identity.users.model import User, UserPatch
from polycast.core.storage import Database, Unit
from polycast.library.dialects.v1.policies import FEW, PEOPLE, UNCOUNTED, USER
from polycast.library.dialects.v1.wire import Out, PageOf, Sent, iso, iso_or_none
from polycast.library.people.preferences import Preferences
from polycast.library.workflows.store import WorkflowStore

MIB = 1024 * 1024
SPEED_BYTES = 100 * MIB
Text = Annotated[str, Meta(max_length=2000)]


class About(Struct, frozen=True, kw_only=True):
    """What server this is."""

    version: str
    name: Callable[[], str]


class HealthOut(Out, frozen=True, kw_only=True):
    """The server is there."""

    status: str
    version: str
    uptime: float


class ReadyOut(Out, frozen=True, kw_only=True):
    """What of it works."""

    status: str
    checks: dict[str, str]


class MeOut(Out, frozen=True, kw_only=True):
    """Oneself."""

    id: str
    name: str
    email: str
    role: str
    is_active: bool
    image: str | None
    locale: str | None
    theme: str | None
    display: dict[str, Any]
    visible_rating_sources: list[str]
    last_login_at: str | None
    created_at: str


class MeChange(Sent, frozen=True, kw_only=True):
    """What to change of oneself."""

    name: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    locale: Annotated[str, Meta(max_length=20)] | None | UnsetType = UNSET
    theme: Annotated[str, Meta(max_length=20)] | None | UnsetType = UNSET
    display: dict[str, bool] | UnsetType = UNSET
    visible_rating_sources: Annotated[list[Annotated[str, Meta(max_length=30)]], Meta(max_length=10)] | UnsetType = (
        UNSET
    )


class SpeedAsked(Sent, frozen=True, kw_only=True):
    """How many bytes."""

    bytes: Annotated[int, Meta(ge=1, le=SPEED_BYTES)] = MIB


class SpeedIn(Sent, frozen=True, kw_only=True):
    """What a client has measured."""

    download_bps: Annotated[float, Meta(ge=0, le=1e12)]
    latency_ms: Annotated[float, Meta(ge=0, le=1e6)] = 0


class SpeedOut(Out, frozen=True, kw_only=True):
    """What fits through."""

    recommended_quality: str
    max_bitrate: int


@get("/v1/health", policy=UNCOUNTED)
async def health(clock: Clock, about: About) -> HealthOut:
    """The server is there."""
    return HealthOut(status="ok", version=about.version, uptime=round(clock.monotonic().total_seconds(), 1))


@get("/v1/health/live", policy=UNCOUNTED)
async def live(clock: Clock, about: About) -> HealthOut:
    """The server is there."""
    return HealthOut(status="ok", version=about.version, uptime=round(clock.monotonic().total_seconds(), 1))


@get("/v1/health/ready", policy=UNCOUNTED)
async def ready(db: Database) -> Answer[ReadyOut]:
    """The server can do its work."""
    await db.read(workflows_count)
    return Answer(ReadyOut(status="ok", checks={"database": "ok", "queue": "ok"}))


def workflows_count(unit: Unit) -> None:
    """A question to the database, for the sake of its being answered."""
    WorkflowStore().counts(unit)


@get("/v1/users", policy=USER)
async def users(caller: Caller, identity: Identity, preferences: Preferences) -> PageOf[MeOut]:
    """Everybody, for those who manage them; oneself for all others."""
    if PEOPLE.scope is not None and caller.has(PEOPLE.scope) and caller.profile_id is None:
        found = await identity.users.list(caller, limit=500)
        return PageOf(items=[_me(one, {}) for one in found])
    return PageOf(items=[await _own(caller, identity, preferences)])


@get("/v1/users/me", policy=USER)
async def me(caller: Caller, identity: Identity, preferences: Preferences) -> MeOut:
    """Oneself."""
    return await _own(caller, identity, preferences)


@patch("/v1/users/me", policy=USER, sent=MeChange)
async def change_me(caller: Caller, identity: Identity, preferences: Preferences, sent: MeChange) -> MeOut:
    """Change one's name and how pages look."""
    if sent.name is not UNSET and caller.user_id is not None:
        await identity.users.update(caller, caller.user_id, UserPatch(name=sent.name))
    told = {
        name: value
        for name in ("locale", "theme", "display", "visible_rating_sources")
        if (value := getattr(sent, name)) is not UNSET
    }
    if told:
        await preferences.merge(caller, "ui", told)
    return await _own(caller, identity, preferences)


@get("/v1/users/me/stats", policy=USER)
async def my_stats(caller: Caller, preferences: Preferences) -> dict[str, Any]:
    """How much one has watched."""
    return await preferences.watched(caller)


@get("/v1/users/{user_id}", policy=USER)
async def user(caller: Caller, identity: Identity, user_id: str) -> MeOut:
    """Somebody: oneself, or anybody for those who manage them."""
    found = await identity.users.by_nanoid(user_id)
    manages = PEOPLE.scope is not None and caller.has(PEOPLE.scope) and caller.profile_id is None
    if found is None or (found.id != caller.user_id and not manages):
        raise NotFound("The user")
    return _me(found, {})


@get("/v1/speedtest/ping", policy=UNCOUNTED)
async def ping() -> dict[str, bool]:
    """For the time of a round trip."""
    return {"ok": True}


@get("/v1/speedtest/download", policy=FEW, query=SpeedAsked)
async def download(query: SpeedAsked) -> Response:
    """So many bytes that do not compress."""

    async def chunks() -> AsyncIterator[bytes]:
        left = query.bytes
        piece = os.urandom(min(left, MIB))
        while left > 0:
            yield piece[:left]
            left -= len(piece)
            await asyncio.sleep(0)

    headers = {"cache-control": "no-store", "content-length": str(query.bytes)}
    return StreamingResponse(chunks(), media_type="application/octet-stream", headers=headers)


@post("/v1/speedtest/upload", policy=FEW, body_limit=SPEED_BYTES)
async def upload(request: Request, clock: Clock) -> dict[str, Any]:
    """Bytes that nobody keeps."""
    started, size = clock.monotonic(), 0
    async for chunk in request.stream():
        size += len(chunk)
    took = max((clock.monotonic() - started).total_seconds(), 1e-6)
    return {"bytes": size, "bps": round(size * 8 / took)}


@post("/v1/speedtest/result", policy=USER, sent=SpeedIn)
async def result(sent: SpeedIn) -> SpeedOut:
    """What fits through with some room left."""
    usable = int(sent.download_bps * 0.8)
    steps = ((16_000_000, "2160p"), (4_800_000, "1080p"), (2_400_000, "720p"), (1_200_000, "480p"), (800_000, "360p"))
    quality = next((name for least, name in steps if usable >= least), "240p")
    return SpeedOut(recommended_quality=quality, max_bitrate=usable)


async def _own(caller: Caller, identity: Identity, preferences: Preferences) -> MeOut:
    if caller.user_id is None:
        raise NotFound("The user")
    return _me(await identity.users.get(caller, caller.user_id), await preferences.read(caller, "ui"))


def _me(user_: User, ui: dict[str, Any]) -> MeOut:
    return MeOut(
        id=user_.nanoid, name=user_.name or user_.username, email=user_.shown_email, role=user_.role.value,
        is_active=user_.is_active, image=None, locale=ui.get("locale"), theme=ui.get("theme"),
        display={"showRatings": True, "showProgress": True} | ui.get("display", {}),
        visible_rating_sources=ui.get("visible_rating_sources", ["imdb", "rt_critics"]),
        last_login_at=iso_or_none(user_.last_sign_in_at), created_at=iso(user_.created_at),
    )  # fmt: skip


def routes() -> list[Route]:
    """In the order of the reference."""
    return [health, live, ready, users, me, change_me, my_stats, user, ping, download, upload, result]

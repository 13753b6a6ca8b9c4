"""`/api/auth/device/*`: RFC 8628, as better-auth's plugin spells it. Source: specs/library.md 3.1."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from polycast.core.http import Answer, Media, Request, Route, get, post
from polycast.core.identity.caller import Caller, Policy, RateClass, needs
from polycast.core.identity.scopes import Scope
from polycast.core.identity.sessions.model import BETTER_AUTH
from polycast.library.dialects.auth.errors import Refused
from polycast.library.dialects.auth.wire import Success
from polycast.library.people.devices import INTERVAL, LIFE, DeviceLogins, Waiting

TRY = Policy(anonymous=True, rate=RateClass.SIGN_IN)
POLL = Policy(anonymous=True, rate=RateClass.BYTES)  # a device asks each five seconds; `slow_down` is its limit
MINE = needs(Scope.LIBRARY_PLAY)
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
BOTH = (Media.JSON, Media.FORM)
BEARER: Final = "Bearer"
NO_STORE = {"cache-control": "no-store"}
MESSAGES = {
    Waiting.PENDING: "Nobody has approved this device yet", Waiting.SLOW_DOWN: "Asked too often",
    Waiting.EXPIRED: "The code has run out", Waiting.DENIED: "Access was denied",
}  # fmt: skip


class CodeIn(Struct, frozen=True, kw_only=True):
    """Who asks."""

    client_id: Annotated[str, Meta(max_length=100)] = ""
    scope: Annotated[str, Meta(max_length=200)] = ""


class CodeOut(Struct, frozen=True, kw_only=True):
    """What to show, and what to ask with."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


class PollIn(Struct, frozen=True, kw_only=True):
    """Asking whether somebody has approved."""

    device_code: Annotated[str, Meta(min_length=1, max_length=200)]
    grant_type: Literal["urn:ietf:params:oauth:grant-type:device_code"] = "urn:ietf:params:oauth:grant-type:device_code"
    client_id: Annotated[str, Meta(max_length=100)] = ""


class PollOut(Struct, frozen=True, kw_only=True):
    """A session."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str


class UserCode(Struct, frozen=True, kw_only=True, rename="camel"):
    """What the device shows."""

    user_code: Annotated[str, Meta(min_length=1, max_length=20)]


class Looked(Struct, frozen=True, kw_only=True):
    """What waits behind the code."""

    user_code: str
    client: str
    status: str


@post("/api/auth/device/code", policy=TRY, sent=CodeIn, media=BOTH)
async def code(request: Request, device_logins: DeviceLogins, sent: CodeIn) -> Answer[CodeOut]:
    """A device asks to be let in."""
    begun = await device_logins.begin(sent.client_id or request.headers.get("user-agent", ""))
    page = f"{request.base_url}app/device"
    body = CodeOut(
        device_code=begun.device_code, user_code=begun.user_code, verification_uri=page,
        verification_uri_complete=f"{page}?user_code={begun.user_code}", expires_in=int(LIFE.total_seconds()),
        interval=int(INTERVAL.total_seconds()),
    )  # fmt: skip
    return Answer(body, headers=NO_STORE)


@post("/api/auth/device/token", policy=POLL, sent=PollIn, media=BOTH)
async def token(caller: Caller, request: Request, device_logins: DeviceLogins, sent: PollIn) -> Answer[PollOut]:
    """Its session, once somebody has approved; 400 with RFC 8628's word before that."""
    agent = request.headers.get("user-agent", "")
    found = await device_logins.poll(sent.device_code, kind=BETTER_AUTH.name, address=caller.address, device=agent)
    if isinstance(found, Waiting):
        raise Refused(found.value, MESSAGES[found], status=400)
    life = int(BETTER_AUTH.life.total_seconds())
    body = PollOut(access_token=found.token, token_type=BEARER, expires_in=life, scope="")
    return Answer(body, headers=NO_STORE)


@get("/api/auth/device", policy=MINE)
async def look(caller: Caller, device_logins: DeviceLogins, user_code: Annotated[str, Meta(max_length=20)]) -> Looked:
    """What waits behind a code, before one says yes."""
    return Looked(user_code=user_code, client=await device_logins.look(caller, user_code), status="pending")


@post("/api/auth/device/approve", policy=MINE, sent=UserCode)
async def approve(caller: Caller, device_logins: DeviceLogins, sent: UserCode) -> Success:
    """Let the device in as oneself."""
    await device_logins.answer(caller, sent.user_code, allow=True)
    return Success()


@post("/api/auth/device/deny", policy=MINE, sent=UserCode)
async def deny(caller: Caller, device_logins: DeviceLogins, sent: UserCode) -> Success:
    """It is nobody's that one knows."""
    await device_logins.answer(caller, sent.user_code, allow=False)
    return Success()


def routes() -> list[Route]:
    """Takes the service `device_logins`."""
    return [code, token, look, approve, deny]

"""`/api/accounts/`: tokens, signing in and out, the first administrator."""

from typing import Annotated, Any

from msgspec import UNSET, Struct, UnsetType

from polycast.core.errors import Invalid, NotSignedIn, Problem
from polycast.core.http import Docs, Request, Route, get, line, post
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.service import Identity
from polycast.core.identity.sessions.model import JWT
from polycast.core.identity.users.model import UserNew
from polycast.live.activity.events import SystemEvents
from polycast.live.dialects.rest.levels import ANYBODY, SELF, SIGN_IN
from polycast.live.dialects.rest.wire import Message

TAGS = Docs(tags=["accounts"])


class Login(Struct, frozen=True, kw_only=True):
    """A user name or e-mail address, and the login password."""

    username: Annotated[str, line(254)]
    password: str

    def __repr__(self) -> str:
        return "Login()"


class Tokens(Struct, frozen=True, kw_only=True):
    """What a client sends from now on, and what it gets the next one with."""

    access: str  # 30 minutes
    refresh: str  # a day


class Refresh(Struct, frozen=True, kw_only=True):
    """A refresh token."""

    refresh: str


class Access(Struct, frozen=True, kw_only=True):
    """A new access token."""

    access: str


class FirstAdmin(Struct, frozen=True, kw_only=True):
    """The first administrator; from another machine with the code printed in the server's log."""

    username: str | UnsetType = UNSET
    password: str | UnsetType = UNSET
    email: str | None = None
    setup_code: str = ""

    def __repr__(self) -> str:
        return "FirstAdmin()"


class SetUp(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether there is an administrator; while there is none also who may make one."""

    superuser_exists: bool
    client_ip: str | UnsetType = UNSET
    setup_allowed: bool | UnsetType = UNSET


def routes() -> list[Route]:
    """Everything around signing in."""
    return [token, login, refresh, logout, set_up, make_first]


@post("/api/accounts/token/", policy=SIGN_IN, sent=Login, docs=TAGS)
async def token(
    caller: Caller, sent: Login, request: Request, identity: Identity, system_events: SystemEvents
) -> Tokens:
    """Tokens for a user name and password."""
    return await _signed_in(caller, sent, request, identity, system_events)


@post("/api/accounts/auth/login/", policy=SIGN_IN, sent=Login, docs=TAGS)
async def login(
    caller: Caller, sent: Login, request: Request, identity: Identity, system_events: SystemEvents
) -> Tokens:
    """The same as `token/`."""
    return await _signed_in(caller, sent, request, identity, system_events)


@post("/api/accounts/token/refresh/", policy=SIGN_IN, sent=Refresh, docs=TAGS)
async def refresh(sent: Refresh, identity: Identity) -> Access:
    """A new access token."""
    return Access(access=await identity.refresh(sent.refresh))


@post("/api/accounts/auth/logout/", policy=SELF, docs=TAGS)
async def logout(caller: Caller, identity: Identity, system_events: SystemEvents) -> Message:
    """End the session behind the token or cookie; a key stays."""
    if caller.credential in (Credential.SESSION, Credential.JWT) and caller.credential_id is not None:
        await identity.sessions.end(caller, caller.credential_id)
    await system_events.add("logout", details={"user": caller.username, "client_ip": caller.address})
    return Message("Logout successful")


@get("/api/accounts/initialize-superuser/", policy=ANYBODY, docs=TAGS)
async def set_up(caller: Caller, identity: Identity) -> SetUp:
    """Whether somebody has set this server up."""
    if not await identity.first_run.is_open():
        return SetUp(superuser_exists=True)
    return SetUp(superuser_exists=False, client_ip=caller.address, setup_allowed=identity.first_run.may(caller))


@post("/api/accounts/initialize-superuser/", policy=SIGN_IN, sent=FirstAdmin, docs=TAGS)
async def make_first(caller: Caller, sent: FirstAdmin, identity: Identity) -> SetUp:
    """Make the first administrator; nothing when there is one."""
    if not await identity.first_run.is_open():
        return SetUp(superuser_exists=True)
    missing = [Problem(name, "required") for name in ("username", "password") if not _given(getattr(sent, name))]
    if missing:
        raise Invalid(missing)
    new = UserNew(username=_given(sent.username), password=_given(sent.password), email=sent.email or None)
    await identity.first_run.make_owner(caller, new, code=sent.setup_code)
    return SetUp(superuser_exists=True)


async def _signed_in(
    caller: Caller, sent: Login, request: Request, identity: Identity, system_events: SystemEvents
) -> Tokens:
    agent = request.headers.get("user-agent", "")
    details: dict[str, Any] = {"user": sent.username, "client_ip": caller.address, "user_agent": agent}
    try:
        signed_in = await identity.sign_in(
            sent.username,
            sent.password,
            kind=JWT.name,
            address=caller.address,
            device=agent,
            known=caller,
            request_id=caller.request_id,
        )
    except NotSignedIn:
        await system_events.add("login_failed", details=details | {"reason": "Invalid credentials"})
        raise
    await system_events.add("login_success", details=details)
    pair = identity.jwt_pair(signed_in)
    return Tokens(access=pair.access, refresh=pair.refresh)


def _given(value: str | UnsetType) -> str:
    return "" if value is UNSET else value

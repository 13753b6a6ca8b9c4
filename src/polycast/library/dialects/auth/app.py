"""better-auth's routes over the one identity. Source: specs/library.md 3.1."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from msgspec import UNSET

from polycast.core.clock import Clock
from polycast.core.errors import NotSignedIn
from polycast.core.http import Answer, Cookie, Media, OpenApi, Request, Route, get, json_dialect, openapi_document, post
from polycast.core.identity.caller import OPEN, SYSTEM, Caller, Credential, Policy, RateClass, needs
from polycast.core.identity.scopes import Scope
from polycast.core.identity.service import Identity
from polycast.core.identity.sessions.model import BETTER_AUTH, Session, SessionCookie, SessionKind, SignedIn
from polycast.core.identity.users.model import User, UserNew, UserPatch
from polycast.core.module import Dialect, Slash
from polycast.core.secrets import Tokens
from polycast.core.secrets.tokens import TokenForm
from polycast.library.dialects.auth import device, wire
from polycast.library.dialects.auth.errors import Refused, spell
from polycast.library.people.devices import DeviceLogins
from polycast.library.people.invites import Invites

SIGN_IN: Final = Policy(anonymous=True, rate=RateClass.SIGN_IN)
MINE: Final = needs(Scope.LIBRARY_PLAY)
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
DAY: Final = SessionKind(
    name="better_auth_day", cookie=BETTER_AUTH.cookie, life=timedelta(days=1), form=TokenForm.LETTERS, is_signed=True,
    secure_prefix=BETTER_AUTH.secure_prefix,
)  # fmt: skip
RENEW_AFTER: Final = timedelta(days=1)
LIFE: Final = timedelta(days=7)
RATES: Final[Mapping[str, int | None]] = {RateClass.NORMAL: 100, RateClass.SIGN_IN: 30}
FORGET: Final = "better-auth.dont_remember"
NO_STORE: Final = {"cache-control": "no-store"}
BOTH: Final = (Media.JSON, Media.FORM)


@post("/api/auth/sign-in/email", policy=SIGN_IN, sent=wire.SignInEmail, media=BOTH)
async def sign_in(
    caller: Caller, request: Request, identity: Identity, tokens: Tokens, sent: wire.SignInEmail
) -> Answer[wire.SignedInOut]:
    """Sign in with an address, or a user name, and the login password."""
    if "@" in sent.email and not EMAIL.fullmatch(sent.email.strip()):
        raise Refused("INVALID_EMAIL", "Invalid email", status=400)
    signed_in = await identity.sign_in(
        sent.email.strip(),
        sent.password,
        kind=BETTER_AUTH.name if sent.remember_me else DAY.name,
        address=caller.address,
        device=request.headers.get("user-agent", ""),
        known=caller,
        request_id=caller.request_id,
    )
    body = wire.SignedInOut(redirect=False, token=signed_in.token, user=wire.UserOut.of(signed_in.user))
    return _with_cookie(body, signed_in, request, identity, remember=sent.remember_me)


@post("/api/auth/sign-up/email", policy=SIGN_IN, sent=wire.SignUpEmail, media=BOTH)
async def sign_up(
    caller: Caller, request: Request, identity: Identity, invites: Invites, sent: wire.SignUpEmail
) -> Answer[wire.TokenOut]:
    """Make an account: the first one is the owner's, others need an invitation."""
    if not EMAIL.fullmatch(sent.email.strip()):
        raise Refused("INVALID_EMAIL", "Invalid email", status=400)
    if await identity.first_run.is_open():
        new = UserNew(email=sent.email.strip(), password=sent.password, name=sent.name)
        user = await identity.first_run.make_owner(caller, new, code=sent.invite_code)
    else:
        user = await invites.redeem(sent.invite_code, name=sent.name, email=sent.email.strip(), password=sent.password)
    kind = BETTER_AUTH.name if sent.remember_me else DAY.name
    agent = request.headers.get("user-agent", "")
    signed_in = await identity.sessions.open(user, kind, address=caller.address, device=agent, fresh=True)
    body = wire.TokenOut(token=signed_in.token, user=wire.UserOut.of(user))
    return _with_cookie(body, signed_in, request, identity, remember=sent.remember_me)


@post("/api/auth/sign-out", policy=OPEN)
async def sign_out(caller: Caller, request: Request, identity: Identity) -> Answer[wire.Success]:
    """Sign out here; all is well also when nobody was signed in."""
    if caller.credential is Credential.SESSION and caller.credential_id is not None:
        await identity.sessions.end(caller, caller.credential_id)
    ended = identity.sessions.end_cookie(BETTER_AUTH.name, secure=_is_secure(request))
    return Answer(wire.Success(), cookies=[_cookie(ended), Cookie(name=FORGET, value="", max_age=0)])


@get("/api/auth/get-session", policy=OPEN)
async def get_session(
    caller: Caller, request: Request, identity: Identity, tokens: Tokens, clock: Clock, disableRefresh: bool = False, disableCookieCache: bool = False  # noqa: N803 - as clients spell it
) -> Answer[Any]:  # fmt: skip
    """Who is signed in here; `null` for nobody."""
    if caller.credential is not Credential.SESSION or caller.user_id is None:
        return Answer(b"null", headers=NO_STORE | {"content-type": "application/json"})
    session = await identity.sessions.of(caller)
    user = await identity.users.get(caller, caller.user_id)
    token = _token(request, identity)
    body = wire.SessionNow(session=wire.SessionOut.of(session, user, tokens, token=token), user=wire.UserOut.of(user))
    cookies = []
    if token and not disableRefresh and _is_due(session, clock) and caller.via == BETTER_AUTH.cookie:
        cookies.append(_cookie(identity.sessions.renewed_cookie(session, token, secure=_is_secure(request))))
    return Answer(body, headers=NO_STORE, cookies=cookies)


@get("/api/auth/list-sessions", policy=MINE)
async def list_sessions(caller: Caller, identity: Identity, tokens: Tokens) -> list[wire.SessionOut]:
    """Where one is signed in."""
    user = await _me(caller, identity)
    return [wire.SessionOut.of(one, user, tokens) for one in await identity.sessions.list(caller)]


@post("/api/auth/revoke-session", policy=MINE, sent=wire.TokenIn)
async def revoke_session(caller: Caller, identity: Identity, tokens: Tokens, sent: wire.TokenIn) -> wire.Status:
    """Sign out somewhere else."""
    for one in await identity.sessions.list(caller):
        if tokens.same(wire.session_name(one.id, tokens), sent.token):
            await identity.sessions.end(caller, one.id)
            return wire.Status()
    await identity.sessions.end_token(caller, sent.token)
    return wire.Status()


@post("/api/auth/revoke-sessions", policy=MINE)
async def revoke_sessions(caller: Caller, identity: Identity) -> wire.Status:
    """Sign out everywhere."""
    await identity.sessions.end_all(caller)
    return wire.Status()


@post("/api/auth/revoke-other-sessions", policy=MINE)
async def revoke_other_sessions(caller: Caller, identity: Identity) -> wire.Status:
    """Sign out everywhere else."""
    keep = caller.credential_id if caller.credential is Credential.SESSION else None
    await identity.sessions.end_all(caller, keep=keep)
    return wire.Status()


@post("/api/auth/update-user", policy=MINE, sent=wire.UserChange)
async def update_user(caller: Caller, identity: Identity, sent: wire.UserChange) -> wire.Status:
    """Change one's name."""
    user = await _me(caller, identity)
    if sent.name is not UNSET:
        await identity.users.update(caller, user.id, UserPatch(name=sent.name))
    return wire.Status()


@post("/api/auth/change-email", policy=MINE, sent=wire.EmailChange)
async def change_email(caller: Caller, identity: Identity, sent: wire.EmailChange) -> wire.Status:
    """Change one's address."""
    user = await _me(caller, identity)
    await identity.users.update(caller, user.id, UserPatch(email=sent.new_email))
    return wire.Status()


@post("/api/auth/change-password", policy=MINE, sent=wire.PasswordChange)
async def change_password(
    caller: Caller, request: Request, identity: Identity, sent: wire.PasswordChange
) -> wire.TokenOut:
    """Change one's password; every other session ends."""
    try:
        await identity.sign_ins.change_password(caller, sent.current_password, sent.new_password)
    except NotSignedIn as error:
        if error.reason == "bad_login":
            raise Refused("INVALID_PASSWORD", "Invalid password", status=400) from error
        raise
    return wire.TokenOut(token=_token(request, identity), user=wire.UserOut.of(await _me(caller, identity)))


@post("/api/auth/delete-user", policy=MINE, sent=wire.Goodbye)
async def delete_user(caller: Caller, identity: Identity, sent: wire.Goodbye) -> wire.Success:
    """Remove oneself."""
    user = await _me(caller, identity)
    await identity.sign_ins.confirm(caller, sent.password)
    await identity.users.delete(SYSTEM, user.id)  # to remove oneself needs one's password, no right over users
    return wire.Success()


@get("/api/auth/ok", policy=OPEN)
async def ok() -> wire.Ok:
    """The server is there."""
    return wire.Ok()


def auth_dialect(
    *, identity: Identity, invites: Invites, device_logins: DeviceLogins, tokens: Tokens, clock: Clock
) -> Dialect:
    """Offers the session of a day besides the one of a week."""
    identity.sessions.offer(DAY)
    routes: list[Route] = [
        sign_in, sign_up, sign_out, get_session, list_sessions, revoke_session, revoke_sessions, revoke_other_sessions,
        update_user, change_email, change_password, delete_user, ok, *device.routes(),
    ]  # fmt: skip
    app = json_dialect(
        routes,
        services={
            "identity": identity,
            "invites": invites,
            "device_logins": device_logins,
            "tokens": tokens,
            "clock": clock,
        },
        identity=identity,
        spell=spell,
        openapi=OpenApi(title="Polycast sign-in", version="1.0.0", spec="3.1"),
    )

    def document() -> Mapping[str, Any]:
        return openapi_document(app)

    return Dialect(
        name="library.auth",
        claims=["/api/auth/*"],
        app=app,
        slash=Slash.EITHER,
        spell=spell,
        rates=RATES,
        openapi=document,
        openapi_at="library.auth.json",
    )


def _with_cookie(
    body: Any, signed_in: SignedIn, request: Request, identity: Identity, *, remember: bool
) -> Answer[Any]:
    made = identity.sessions.cookie(signed_in, secure=_is_secure(request))
    cookie = _cookie(made)
    cookies = [cookie]
    if not remember:
        cookies = [
            Cookie(name=made.name, value=made.value, max_age=None, same_site=made.same_site, secure=made.secure),
            Cookie(name=FORGET, value="true", max_age=None, same_site="lax", secure=made.secure),
        ]
    headers = NO_STORE | {
        "set-auth-token": identity.sessions.signed(signed_in.token),
        "access-control-expose-headers": "set-auth-token",
    }
    return Answer(body, headers=headers, cookies=cookies)


async def _me(caller: Caller, identity: Identity) -> User:
    if caller.user_id is None:
        raise NotSignedIn
    return await identity.users.get(caller, caller.user_id)


def _token(request: Request, identity: Identity) -> str | None:
    """The session token that the client came with."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return identity.sessions.unsigned(text.strip()) or text.strip()
    for name in (BETTER_AUTH.secure_prefix + BETTER_AUTH.cookie, BETTER_AUTH.cookie):
        if (cookie := request.cookies.get(name)) and (token := identity.sessions.token_in(BETTER_AUTH, cookie)):
            return token
    return None


def _is_due(session: Session, clock: Clock) -> bool:
    """Once a day the cookie is sent anew."""
    return session.kind == BETTER_AUTH.name and session.ends_at - clock.now() <= LIFE - RENEW_AFTER


def _cookie(session: SessionCookie) -> Cookie:
    return Cookie(
        name=session.name,
        value=session.value,
        max_age=int(session.max_age.total_seconds()),
        same_site=session.same_site,
        secure=session.secure,
    )


def _is_secure(request: Request) -> bool:
    return bool(request.scope.get("scheme") == "https")

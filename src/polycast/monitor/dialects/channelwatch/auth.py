"""Signing in, the first admin, and what the mode is. Source: specs/monitor.md 3.4."""

from typing import Any

from msgspec import Struct

from polycast.core.errors import Conflict, Invalid, NotAllowed, NotSignedIn, Problem
from polycast.core.http import Answer, Cookie, Docs, Request, Route, get, post
from polycast.core.identity.caller import Caller, RateClass
from polycast.core.identity.service import Identity
from polycast.core.identity.sessions.model import CHANNELWATCH, SignedIn
from polycast.core.identity.users.model import UserNew, UserPatch
from polycast.monitor.access.modes import NONE, ROLE_WORDS, Mode, Modes, level_of
from polycast.monitor.dialects.channelwatch import wire
from polycast.monitor.dialects.channelwatch.errors import Refused
from polycast.monitor.dialects.channelwatch.gate import ASKED, SENT, Gate, Level
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.servers.service import Servers
from polycast.monitor.vault import Vault

TAGS = Docs(tags=["Auth"])
SIGN_IN = Level(anonymous=True, rate=RateClass.SIGN_IN)
KEY_PATH = "<data>/monitor/encryption.key"


class Credentials(Struct, frozen=True, kw_only=True):
    username: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.username!r})"


class LoggedIn(Struct, frozen=True, kw_only=True):
    username: str
    role: str
    csrf_token: str


class WhoAmI(Struct, frozen=True, kw_only=True, omit_defaults=True):
    authenticated: bool
    rbac_enabled: bool
    username: str | None
    role: str | None
    csrf_token: str = ""
    expires_at: str = ""


class Setup(Struct, frozen=True, kw_only=True):
    mode: str = "rbac"
    username: str = ""
    password: str = ""
    setup_code: str = ""

    def __repr__(self) -> str:
        return f"Setup({self.mode!r})"


class NewCredentials(Struct, frozen=True, kw_only=True):
    current_password: str
    username: str | None = None
    new_password: str | None = None

    def __repr__(self) -> str:
        return "NewCredentials()"


@post("/api/v1/auth/login", policy=SIGN_IN, sent=Credentials, docs=TAGS)
async def login(
    request: Request, caller: Caller, identity: Identity, modes: Modes, gate: Gate, sent: Credentials
) -> Answer[LoggedIn]:
    """A session and its CSRF token. 501 when RBAC is disabled."""
    require_rbac(await modes.now())
    signed_in = await identity.sign_in(
        sent.username, sent.password, kind=CHANNELWATCH.name, address=caller.address, known=caller,
        device=request.headers.get("user-agent", ""), request_id=caller.request_id,
    )  # fmt: skip
    role = _role(signed_in)
    if role is None:
        await identity.sessions.end_token(_owner(signed_in), signed_in.token)
        raise NotAllowed("scope", "This account has no access to the watch.")
    token = gate.csrf(signed_in.session.id)
    body = LoggedIn(username=signed_in.user.username, role=role, csrf_token=token)
    return Answer(body, cookies=[_cookie(identity, signed_in, request)])


@post("/api/v1/auth/logout", policy=SENT, docs=TAGS)
async def logout(request: Request, caller: Caller, identity: Identity, gate: Gate) -> Answer[wire.Message]:
    """Ends the session and clears the cookie; a repeat is no error."""
    if caller.via == CHANNELWATCH.cookie and caller.credential_id is not None:
        gate.require_csrf(request.headers.get("x-csrf-token"), caller)
        await identity.sessions.end(caller, caller.credential_id)
    cookie = Cookie(
        name=CHANNELWATCH.cookie, value="", max_age=0, same_site="Strict", secure=request.url.scheme == "https"
    )
    return Answer(wire.Message("Logged out"), cookies=[cookie])


@get("/api/v1/auth/whoami", policy=ASKED, docs=TAGS)
async def whoami(caller: Caller, identity: Identity, modes: Modes, gate: Gate) -> WhoAmI:
    """Who the session belongs to."""
    if not (await modes.now()).rbac:
        return WhoAmI(authenticated=False, rbac_enabled=False, username=None, role=None)
    level = level_of(caller)
    if caller.is_anonymous or level < 0:
        raise NotSignedIn
    token = gate.csrf(caller.credential_id) if caller.via == CHANNELWATCH.cookie and caller.credential_id else ""
    return WhoAmI(
        authenticated=True,
        rbac_enabled=True,
        username=caller.username or None,
        role=ROLE_WORDS[level],
        csrf_token=token,
        expires_at=wire.stamp(caller.ends_at) or "",
    )


@get("/api/v1/auth/setup-status", policy=ASKED, docs=TAGS)
async def setup_status(modes: Modes) -> dict[str, Any]:
    """Whether the first admin is still to be made."""
    mode = await modes.now()
    return {
        **mode.shared(),
        "needs_setup": mode.setup_required,
        "current_mode": mode.configured,
        "available_modes": ["rbac", "none"],
    }


@post("/api/v1/auth/setup", policy=SENT, sent=Setup, status=201, docs=TAGS)
async def setup(
    request: Request, caller: Caller, identity: Identity, modes: Modes, gate: Gate, book: PreferencesBook, sent: Setup
) -> Answer[dict[str, Any]]:
    """The first admin, or no sign-in at all; once."""
    if sent.mode == "api_key":
        raise Refused("AUTH_RBAC_NOT_ENABLED", 501, "A shared key is not set up here; use regenerate-api-key.")
    if sent.mode not in ("rbac", "none"):
        raise Refused("AUTH_MODE_UNSUPPORTED", 422, f"mode {sent.mode[:40]!r} is not supported")
    mode = await modes.now()
    if sent.mode == "rbac" and mode.is_overridden:
        raise Refused("AUTH_RBAC_NOT_ENABLED", 501, "Authentication is switched off by CW_DISABLE_AUTH.")
    if not await identity.first_run.is_open() or mode.persisted == NONE:
        raise Conflict("The setup is done already.", reason="exists")
    if sent.mode == "none":
        return await _without_users(caller, identity, modes, book, sent)
    if not sent.username or not sent.password:
        raise Refused("AUTH_CREDENTIALS_REQUIRED", 422, "username and password are needed")
    user = await identity.first_run.make_owner(
        caller, UserNew(username=sent.username, password=sent.password), code=sent.setup_code
    )
    await book.put(auth_mode="rbac", security_setup_completed=True)
    await modes.drop_key()
    signed_in = await identity.sessions.open(user, CHANNELWATCH.name, address=caller.address, fresh=True)
    body = {
        "message": "Admin user created",
        "username": user.username,
        "csrf_token": gate.csrf(signed_in.session.id),
    }
    return Answer(body, cookies=[_cookie(identity, signed_in, request)])


async def _without_users(
    caller: Caller, identity: Identity, modes: Modes, book: PreferencesBook, sent: Setup
) -> Answer[dict[str, Any]]:
    """Raises: NotAllowed ("code"), from another machine without the code."""
    if not identity.first_run.may(caller) and not _is_code(identity, sent.setup_code):
        await identity.throttle.failed(caller.address, None)
        raise NotAllowed("code", "From another machine this needs the code printed in the server's log.")
    await book.put(auth_mode=NONE, security_setup_completed=True)
    await modes.drop_key()
    return Answer({"message": "Authentication disabled by setup choice"})


def _is_code(identity: Identity, text: str) -> bool:
    return bool(text) and text.replace("-", "").upper() == identity.first_run.code.replace("-", "").upper()


@post("/api/v1/auth/change-credentials", policy=SENT, sent=NewCredentials, docs=TAGS)
async def change_credentials(
    request: Request, caller: Caller, identity: Identity, modes: Modes, gate: Gate, sent: NewCredentials
) -> dict[str, str]:
    """Another name, another password, or both; a new password ends all sessions of the user."""
    require_rbac(await modes.now())
    if caller.user_id is None:
        raise NotSignedIn
    gate.require_csrf(request.headers.get("x-csrf-token"), caller)
    if not sent.username and not sent.new_password:
        raise Refused("AUTH_CREDENTIALS_REQUIRED", 422, "username or new_password is needed")
    await identity.sign_ins.confirm(caller, sent.current_password)
    name = caller.username
    if sent.username and sent.username != name:
        name = await _rename(identity, caller, sent.username)
    if sent.new_password:
        await _new_password(identity, caller, sent)
    return {"message": "Credentials updated", "username": name}


async def _rename(identity: Identity, caller: Caller, name: str) -> str:
    try:
        user = await identity.users.update(caller, caller.user_id or 0, UserPatch(username=name))
    except Invalid as error:
        if any(problem.code == "unique" for problem in error.problems):
            raise Refused("AUTH_CREDENTIALS_CONFLICT", 409, "This username is taken.") from error
        raise
    return user.username


async def _new_password(identity: Identity, caller: Caller, sent: NewCredentials) -> None:
    try:
        await identity.sign_ins.change_password(
            caller, sent.current_password, sent.new_password or "", keep_session=False
        )
    except Invalid as error:
        raise Invalid([Problem("new_password", one.code, one.params, one.text) for one in error.problems]) from error


@get("/api/v1/security/status", policy=ASKED, docs=Docs(tags=["Security"]))
async def security_status(
    caller: Caller, modes: Modes, book: PreferencesBook, servers: Servers, vault: Vault
) -> dict[str, Any]:
    """How the watch and its secrets are guarded."""
    mode = await modes.now()
    prefs = (await book.load()).known
    stored = await servers.all()
    has_keys = any(server.api_key for server in stored)
    is_sealed = not has_keys or (servers.are_keys_sealed(stored) and vault.is_safe)
    return {
        **mode.shared(),
        "security_mode": mode.security,
        "auth_disabled": mode.is_overridden or mode.configured == NONE,
        "api_key_configured": mode.has_key,
        "encrypted_dvr_api_keys_at_rest": is_sealed,
        "encryption_key_path": str(vault.path) if level_of(caller) == 2 else KEY_PATH,
        "feeds": {
            "implemented": True,
            "ics_enabled": bool(prefs.ics_feed_enabled and prefs.ics_feed_token),
            "rss_enabled": bool(prefs.rss_feed_enabled and prefs.rss_feed_token),
            "atom_enabled": bool(prefs.rss_feed_enabled and prefs.rss_feed_token),
        },
    }


def require_rbac(mode: Mode) -> None:
    """Raises: Refused (501), when there are no users here."""
    if not mode.rbac:
        raise Refused("AUTH_RBAC_NOT_ENABLED", 501, "RBAC is not enabled", remediation="Create the first admin.")


def _role(signed_in: SignedIn) -> str | None:
    caller = Caller(role=signed_in.user.role, scopes=signed_in.user.scopes)
    return ROLE_WORDS.get(level_of(caller))


def _owner(signed_in: SignedIn) -> Caller:
    return Caller(user_id=signed_in.user.id, username=signed_in.user.username, role=signed_in.user.role)


def _cookie(identity: Identity, signed_in: SignedIn, request: Request) -> Cookie:
    made = identity.sessions.cookie(signed_in, secure=request.url.scheme == "https")
    return Cookie(
        name=made.name, value=made.value, max_age=round(made.max_age.total_seconds()), same_site="Strict",
        secure=made.secure,
    )  # fmt: skip


def routes() -> list[Route]:
    """For the dialect."""
    return [login, logout, whoami, setup_status, setup, change_credentials, security_status]

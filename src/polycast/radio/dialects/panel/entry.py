"""Ways in, and pictures that everybody may see. Source: `specs/radio.md` 3.1, 3.13, 3.15."""

from polycast.core.errors import NotSignedIn
from polycast.core.files import FileAnswer
from polycast.core.http import Answer, Request, Route, get, post
from polycast.core.identity.caller import Caller
from polycast.core.identity.service import Identity
from polycast.core.identity.sessions.model import UI
from polycast.radio.company.service import CompanyRoom
from polycast.radio.dialects.admin.errors import Plain
from polycast.radio.dialects.panel.policies import ENTRY, PUBLIC
from polycast.radio.dialects.panel.sent import TokenSent
from polycast.radio.dialects.panel.stations import V2
from polycast.radio.profiles.service import Profiles
from polycast.radio.signin.service import SignIn

HOME = "/app/radio"
KEPT = "public, max-age=86400"
WRONG = "Unable to log in with provided credentials."


@post(f"{V2}/api-token-auth/", policy=ENTRY, sent=TokenSent)
async def token(caller: Caller, sent: TokenSent, sign_in: SignIn) -> dict[str, str]:
    """The caller's login token."""
    try:
        entered = await sign_in.sign_in(sent.username, sent.password, caller=caller)
    except NotSignedIn as error:
        raise Plain({"non_field_errors": [WRONG]}) from error
    return {"token": entered.token}


@get("/radio/auth/", policy=ENTRY)
async def panel(caller: Caller, sign_in: SignIn, identity: Identity, request: Request, t: str = "") -> Answer[None]:
    """A ticket becomes a session of the pages; the address that holds it is left behind."""
    entered = await sign_in.use_panel_token(t, caller=caller)
    signed_in = await identity.sessions.open(entered.user, UI.name, address=caller.address)
    return _home(identity.sessions.cookie(signed_in, secure=_is_https(request)).header())


@get("/login/", policy=ENTRY)
async def admin(caller: Caller, identity: Identity, request: Request, token: str = "") -> Answer[None]:
    """A billing program's link; without a token, the pages' own sign-in."""
    if not token:
        return _home()
    try:
        known = await identity.authenticate_token(token, address=caller.address)
    except NotSignedIn as error:
        raise NotSignedIn("bad_token") from error
    user = await identity.users.get(known, known.user_id or 0)
    signed_in = await identity.sessions.open(user, UI.name, address=caller.address)
    return _home(identity.sessions.cookie(signed_in, secure=_is_https(request)).header())


def _home(cookie: str = "") -> Answer[None]:
    headers = {"location": HOME, "cache-control": "no-store", "referrer-policy": "no-referrer"}
    return Answer(None, status=302, headers=headers | ({"set-cookie": cookie} if cookie else {}))


def _is_https(request: Request) -> bool:
    return str(request.scope.get("state", {}).get("origin", "")).startswith("https:")


@get("/media/user/{name}", policy=PUBLIC)
async def avatar(name: str, profiles: Profiles) -> FileAnswer:
    """A picture that somebody has chosen for themselves."""
    path, kind = profiles.picture(name)
    return FileAnswer(path, content_type=kind, cache=KEPT)


@get("/media/company/{name}", policy=PUBLIC)
async def logo(name: str, company: CompanyRoom) -> FileAnswer:
    """The business's logo or icon."""
    path, kind = company.picture(name)
    return FileAnswer(path, content_type=kind, cache=KEPT)


def routes() -> list[Route]:
    return [panel, admin, avatar, logo]

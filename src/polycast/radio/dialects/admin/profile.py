"""One's own profile, and forgotten passwords. Source: `specs/radio.md` 3.5, 3.6."""

from msgspec import UNSET

from polycast.core.errors import Invalid, Problem
from polycast.core.http import Route, Upload, get, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.radio.accounts.model import Account
from polycast.radio.accounts.who import who_of
from polycast.radio.dialects.admin import wire
from polycast.radio.dialects.admin.policies import ENTRY, READ, WRITE
from polycast.radio.dialects.admin.sent import ProfileSent, ResetConfirmSent, ResetSent, account_change
from polycast.radio.dialects.admin.views import Views
from polycast.radio.profiles.service import Profiles
from polycast.radio.resets.service import Resets
from polycast.radio.signin.service import SignIn

PICTURE_LIMIT = 2_000_000  # bytes of a whole multipart body


@get("/api/v1/user_profile/", policy=READ)
async def own(caller: Caller, profiles: Profiles, views: Views) -> wire.Shown:
    """One's own profile; a reseller's has what they may give away."""
    return await views.profile(await profiles.own(who_of(caller)))


@put("/api/v1/user_profile/", policy=WRITE, sent=ProfileSent, body_limit=PICTURE_LIMIT)
async def replace(caller: Caller, sent: ProfileSent, profiles: Profiles, sign_in: SignIn, views: Views) -> wire.Shown:
    """Change one's own profile; a new password needs the present one."""
    return await views.profile(await change_profile(caller, sent, profiles, sign_in))


@patch("/api/v1/user_profile/", policy=WRITE, sent=ProfileSent, body_limit=PICTURE_LIMIT)
async def update(caller: Caller, sent: ProfileSent, profiles: Profiles, sign_in: SignIn, views: Views) -> wire.Shown:
    """As PUT."""
    return await views.profile(await change_profile(caller, sent, profiles, sign_in))


async def change_profile(caller: Caller, sent: ProfileSent, profiles: Profiles, sign_in: SignIn) -> Account:
    """What both faces of the profile do. Raises: Invalid."""
    who = who_of(caller)
    if sent.password is not UNSET or sent.password_current is not UNSET:
        given = {"password": sent.password, "password_current": sent.password_current}
        if missing := [name for name, text in given.items() if text is UNSET or not text]:
            raise Invalid([Problem(name, "required") for name in missing])
        await sign_in.change_own_password(caller, str(sent.password), current=str(sent.password_current))
    change = account_change(
        ProfileSent(**{n: getattr(sent, n) for n in ("email", "first_name", "language", "timezone")})
    )
    return await profiles.change(who, change, picture_of(sent.image))


def picture_of(sent: object) -> bytes | None:
    """The file of a multipart field; anything else is what the client was shown, sent back."""
    value = sent[-1] if isinstance(sent, list) and sent else sent
    return value.content if isinstance(value, Upload) else None


@post("/api/v1/password_reset/", policy=ENTRY, sent=ResetSent)
async def ask(caller: Caller, sent: ResetSent, resets: Resets) -> wire.Empty:
    """Mail a link to whoever has this address."""
    if not sent.email:
        raise Invalid.one("email", "required")
    await resets.ask(sent.email, address=caller.address)
    return wire.Empty()


@post("/api/v1/password_reset_confirm/", policy=ENTRY, sent=ResetConfirmSent)
async def confirm(caller: Caller, sent: ResetConfirmSent, resets: Resets) -> wire.Empty:
    """Set a new password by a link."""
    missing = [name for name in ("uid", "token", "password") if not getattr(sent, name)]
    if missing or sent.uid is UNSET or sent.token is UNSET or sent.password is UNSET:
        raise Invalid([Problem(name, "required") for name in missing])
    await resets.confirm(sent.uid, sent.token, sent.password, caller=caller)
    return wire.Empty()


def routes() -> list[Route]:
    return [own, replace, update, ask, confirm]

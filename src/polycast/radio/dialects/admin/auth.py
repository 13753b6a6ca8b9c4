"""Signing in and out, as dj-rest-auth's clients do. Source: `specs/radio.md` 3.2."""

from msgspec import UNSET

from polycast.core.errors import Invalid, NotSignedIn, Problem
from polycast.core.http import Request, Route, get, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.radio.accounts.who import who_of
from polycast.radio.dialects.admin import wire
from polycast.radio.dialects.admin.errors import Plain
from polycast.radio.dialects.admin.policies import ENTRY, READ, SIGNED_IN, WRITE
from polycast.radio.dialects.admin.profile import change_profile
from polycast.radio.dialects.admin.sent import (
    LoginSent,
    NewPasswordSent,
    ProfileSent,
    ResetConfirmTwiceSent,
    ResetSent,
)
from polycast.radio.dialects.admin.views import Views
from polycast.radio.profiles.service import Profiles
from polycast.radio.resets.service import Resets
from polycast.radio.signin.service import SignIn

WRONG = "Unable to log in with provided credentials."
MISSING = 'Must include "username" and "password".'


@post("/api/v1/rest-auth/login/", policy=ENTRY, sent=LoginSent)
async def login(caller: Caller, sent: LoginSent, sign_in: SignIn, views: Views, request: Request) -> wire.LoggedIn:
    """The caller's login token: the same every time, until it is given up."""
    name = sent.username or sent.email
    if not name or not sent.password:
        raise Plain({"non_field_errors": [MISSING]})
    try:
        device = request.headers.get("user-agent", "")
        entered = await sign_in.sign_in(name, sent.password, caller=caller, device=device)
    except NotSignedIn as error:
        raise Plain({"non_field_errors": [WRONG]}) from error
    return wire.LoggedIn(key=entered.token, user=await views.profile(entered.account))


@post("/api/v1/rest-auth/logout/", policy=SIGNED_IN)
async def logout(caller: Caller, sign_in: SignIn) -> wire.Detail:
    """Give the token up."""
    await sign_in.sign_out(caller)
    return wire.Detail(detail="Successfully logged out.")


@get("/api/v1/rest-auth/user/", policy=READ)
async def user(caller: Caller, profiles: Profiles, views: Views) -> wire.Shown:
    """One's own profile."""
    return await views.profile(await profiles.own(who_of(caller)))


@put("/api/v1/rest-auth/user/", policy=WRITE, sent=ProfileSent, body_limit=2_000_000)
async def replace_user(
    caller: Caller, sent: ProfileSent, profiles: Profiles, sign_in: SignIn, views: Views
) -> wire.Shown:
    """Change one's own profile."""
    return await views.profile(await change_profile(caller, sent, profiles, sign_in))


@patch("/api/v1/rest-auth/user/", policy=WRITE, sent=ProfileSent, body_limit=2_000_000)
async def update_user(
    caller: Caller, sent: ProfileSent, profiles: Profiles, sign_in: SignIn, views: Views
) -> wire.Shown:
    """Change one's own profile."""
    return await views.profile(await change_profile(caller, sent, profiles, sign_in))


@post("/api/v1/rest-auth/password/change/", policy=WRITE, sent=NewPasswordSent)
async def change_password(caller: Caller, sent: NewPasswordSent, sign_in: SignIn) -> wire.Detail:
    """Set one's own password; the present one counts when it is sent."""
    first = _same(sent.new_password1, sent.new_password2)
    current = None if sent.old_password is UNSET else sent.old_password
    try:
        await sign_in.change_own_password(caller, first, current=current)
    except Invalid as error:
        names = {"password": "new_password2", "password_current": "old_password"}
        raise Invalid([Problem(names.get(p.path, p.path), p.code, p.params, p.text) for p in error.problems]) from error
    return wire.Detail(detail="New password has been saved.")


@post("/api/v1/rest-auth/password/reset/", policy=ENTRY, sent=ResetSent)
async def reset(caller: Caller, sent: ResetSent, resets: Resets) -> wire.Detail:
    """Mail a link; the answer is the same for an address that nobody has."""
    try:
        await resets.ask(sent.email, address=caller.address)
    except Invalid as error:
        if not sent.email:
            raise Invalid.one("email", "required") from error
    return wire.Detail(detail="Password reset e-mail has been sent.")


@post("/api/v1/rest-auth/password/reset/confirm/", policy=ENTRY, sent=ResetConfirmTwiceSent)
async def confirm(caller: Caller, sent: ResetConfirmTwiceSent, resets: Resets) -> wire.Detail:
    """Set a new password by a link."""
    missing = [name for name in ("uid", "token") if getattr(sent, name) is UNSET]
    if missing or sent.uid is UNSET or sent.token is UNSET:
        raise Invalid([Problem(name, "required") for name in missing])
    await resets.confirm(sent.uid, sent.token, _same(sent.new_password1, sent.new_password2), caller=caller)
    return wire.Detail(detail="Password has been reset with the new password.")


def _same(first: object, second: object) -> str:
    """Raises: Invalid, when one is missing or they differ."""
    given = {"new_password1": first, "new_password2": second}
    if missing := [name for name, text in given.items() if not isinstance(text, str) or not text]:
        raise Invalid([Problem(name, "required") for name in missing])
    if first != second:
        raise Invalid.one("new_password2", "mismatch")
    return str(first)


def routes() -> list[Route]:
    return [login, logout, user, replace_user, update_user, change_password, reset, confirm]

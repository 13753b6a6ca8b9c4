"""Sessions: what a sign-in leaves behind, and how each dialect wants it."""

from datetime import datetime, timedelta
from typing import Final, Literal

from msgspec import Struct

from polycast.core.identity.users.model import User
from polycast.core.secrets.tokens import TokenForm

SameSite = Literal["lax", "strict"]
LONGEST: Final = timedelta(days=90)


class SessionKind(Struct, frozen=True, kw_only=True):
    """How the sessions of one dialect live, and what their cookie is like. Each is good on every dialect."""

    name: str
    cookie: str = ""  # empty: the token travels in a header only
    life: timedelta = LONGEST  # at most, however often it is used
    idle: timedelta | None = None  # ends after so long without a request; None: `life` is all
    form: TokenForm = TokenForm.URLSAFE
    same_site: SameSite = "lax"
    is_signed: bool = False  # the cookie is `<token>.<signature>`, percent-encoded, as better-auth writes it
    without_origin: bool = False  # its clients are no browsers and send neither Origin nor Sec-Fetch-Site
    secure_prefix: str = ""  # before the cookie's name when the answer goes out over https


UI: Final = SessionKind(name="ui", cookie="polycast_session", idle=timedelta(days=7), secure_prefix="__Host-")
CHANNELWATCH: Final = SessionKind(
    name="channelwatch",
    cookie="channelwatch_session",
    life=timedelta(hours=24),
    form=TokenForm.HEX,
    same_site="strict",
)
BETTER_AUTH: Final = SessionKind(
    name="better_auth",
    cookie="better-auth.session_token",
    idle=timedelta(days=7),
    form=TokenForm.LETTERS,
    is_signed=True,
    secure_prefix="__Secure-",
)
SID: Final = SessionKind(name="sid", cookie="SID", idle=timedelta(hours=1), same_site="strict", without_origin=True)
JWT: Final = SessionKind(name="jwt", life=timedelta(days=1))  # behind an access and a refresh token

KINDS: Final = (UI, CHANNELWATCH, BETTER_AUTH, SID, JWT)


class Session(Struct, frozen=True, kw_only=True):
    """One place where somebody is signed in."""

    id: int
    user_id: int
    kind: str
    device: str
    address: str
    scopes: frozenset[str] | None = None
    profile_id: int | None = None
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    last_at: datetime
    fresh_at: datetime | None = None


class SignedIn(Struct, frozen=True, kw_only=True):
    """A sign-in that went well. `token` exists here and with the client, nowhere else."""

    user: User
    session: Session
    token: str

    def __repr__(self) -> str:
        return f"SignedIn(user={self.user.username!r}, session={self.session.id})"


class SessionCookie(Struct, frozen=True, kw_only=True):
    """A cookie to set; HttpOnly and `Path=/` always."""

    name: str
    value: str
    max_age: timedelta
    same_site: SameSite
    secure: bool

    def header(self) -> str:
        """The value of `Set-Cookie`."""
        parts = [f"{self.name}={self.value}", f"Max-Age={int(self.max_age.total_seconds())}", "Path=/", "HttpOnly"]
        parts.append(f"SameSite={self.same_site.capitalize()}")
        if self.secure:
            parts.append("Secure")
        return "; ".join(parts)

"""What better-auth's clients send and read."""

import base64
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.identity.scopes import Role
from polycast.core.identity.sessions.model import Session
from polycast.core.identity.users.model import User
from polycast.core.secrets import Tokens
from polycast.library.dialects.v1.wire import iso

Text = Annotated[str, Meta(max_length=1000)]
SHOWN_ROLES = {Role.OPERATOR: "admin"}


class UserOut(Struct, frozen=True, kw_only=True, rename="camel"):
    """Somebody."""

    id: str
    name: str
    email: str
    email_verified: bool
    image: str | None
    created_at: str
    updated_at: str
    role: str

    @classmethod
    def of(cls, user: User) -> "UserOut":
        return cls(
            id=user.nanoid,
            name=user.name or user.username,
            email=user.shown_email,
            email_verified=user.email is not None,
            image=None,
            created_at=iso(user.created_at),
            updated_at=iso(user.updated_at),
            role=SHOWN_ROLES.get(user.role, user.role.value),
        )


class SessionOut(Struct, frozen=True, kw_only=True, rename="camel"):
    """A place where somebody is signed in. `token` names it; only the session's own client has the real one."""

    id: str
    expires_at: str
    token: str
    created_at: str
    updated_at: str
    ip_address: str
    user_agent: str
    user_id: str

    @classmethod
    def of(cls, session: Session, user: User, tokens: Tokens, *, token: str | None = None) -> "SessionOut":
        name = session_name(session.id, tokens)
        return cls(
            id=name[:21],
            expires_at=iso(session.ends_at),
            token=token or name,
            created_at=iso(session.created_at),
            updated_at=iso(session.seen_at),
            ip_address=session.address,
            user_agent=session.device,
            user_id=user.nanoid,
        )


def session_name(session_id: int, tokens: Tokens) -> str:
    """32 characters that name a session without opening anything."""
    raw = tokens.mac(f"session {session_id}", purpose="library.session-name")
    return base64.urlsafe_b64encode(raw).decode()[:32]


class SignedInOut(Struct, frozen=True, kw_only=True, rename="camel"):
    """A sign-in that went well."""

    redirect: bool
    token: str
    user: UserOut
    url: str | UnsetType = UNSET


class TokenOut(Struct, frozen=True, kw_only=True, rename="camel"):
    """A new account, or a new password."""

    token: str | None
    user: UserOut


class SignInEmail(Struct, frozen=True, kw_only=True, rename="camel"):
    """A sign-in. `email` also takes a user name."""

    email: Annotated[str, Meta(min_length=1, max_length=320)]
    password: Annotated[str, Meta(min_length=1, max_length=1000)]
    remember_me: bool = True
    callback_u_r_l: Text | None = None


class SignUpEmail(Struct, frozen=True, kw_only=True, rename="camel"):
    """A new account."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    email: Annotated[str, Meta(min_length=1, max_length=320)]
    password: Annotated[str, Meta(min_length=1, max_length=1000)]
    image: Text | None = None
    invite_code: Text = ""
    remember_me: bool = True


class TokenIn(Struct, frozen=True, kw_only=True):
    """Which session."""

    token: Annotated[str, Meta(min_length=1, max_length=200)]


class UserChange(Struct, frozen=True, kw_only=True):
    """What to change of oneself."""

    name: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    image: Text | None | UnsetType = UNSET


class PasswordChange(Struct, frozen=True, kw_only=True, rename="camel"):
    """A new password."""

    current_password: Text
    new_password: Text
    revoke_other_sessions: bool = False


class EmailChange(Struct, frozen=True, kw_only=True, rename="camel"):
    """A new address."""

    new_email: Annotated[str, Meta(min_length=3, max_length=320)]


class Goodbye(Struct, frozen=True, kw_only=True):
    """The password, to be sure."""

    password: Text = ""


class Success(Struct, frozen=True, kw_only=True):
    """It is done."""

    success: bool = True


class Status(Struct, frozen=True, kw_only=True):
    """It is done."""

    status: bool = True


class Ok(Struct, frozen=True, kw_only=True):
    """The server is there."""

    ok: bool = True


class SessionNow(Struct, frozen=True, kw_only=True):
    """Who is signed in here."""

    session: SessionOut
    user: UserOut

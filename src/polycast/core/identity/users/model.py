"""Users, as the rest of the house sees them."""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from polycast.core.identity.names import NO_EMAIL
from polycast.core.identity.scopes import SCOPES_OF_ROLE, Role, Scope


class User(Struct, frozen=True, kw_only=True):
    """Somebody with an account."""

    id: int
    nanoid: str  # 21 characters, for APIs that name rows so
    uuid: str
    username: str
    email: str | None = None  # lower case
    name: str = ""  # as they want to be called
    role: Role
    tenant_id: int | None = None
    is_active: bool = True
    has_password: bool = True
    created_at: datetime
    updated_at: datetime
    last_sign_in_at: datetime | None = None
    password_changed_at: datetime | None = None

    @property
    def scopes(self) -> frozenset[Scope]:
        """What the role gives."""
        return SCOPES_OF_ROLE[self.role]

    @property
    def shown_email(self) -> str:
        """The address where a shape demands one."""
        return self.email or f"{self.username}{NO_EMAIL}"


class UserNew(Struct, frozen=True, kw_only=True):
    """A user to be made. Without a `username` a free one is made from the address."""

    username: str | None = None
    email: str | None = None
    password: str | None = None  # none: no sign-in by password
    name: str = ""
    role: Role = Role.MEMBER
    tenant_id: int | None = None
    is_active: bool = True


class UserPatch(Struct, frozen=True, kw_only=True):
    """What to change of a user. Absent keeps, None clears."""

    username: str | UnsetType = UNSET
    email: str | UnsetType | None = UNSET
    name: str | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    tenant_id: int | UnsetType | None = UNSET
    is_active: bool | UnsetType = UNSET


class UserReady(Struct, frozen=True, kw_only=True):
    """A new user whose input was checked and whose password was hashed: all that is slow is done."""

    new: UserNew
    password_hash: str | None

    def __repr__(self) -> str:
        return f"UserReady({self.new.username!r})"

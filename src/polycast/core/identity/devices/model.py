"""Device passwords: what players that know only a user name and a password are given."""

from datetime import datetime

from msgspec import Struct

from polycast.core.identity.scopes import Scope


class DevicePassword(Struct, frozen=True, kw_only=True):
    """A device password as it is listed: everything but the password."""

    id: int
    user_id: int
    name: str  # one of a kind for each user: "xtream", "Living room"
    is_chosen: bool  # by a person; else 256 random bits
    scopes: frozenset[Scope] | None = None
    networks: tuple[str, ...] | None = None  # CIDRs it works from; None: from everywhere
    created_at: datetime
    used_at: datetime | None = None
    ends_at: datetime | None = None


class DeviceNew(Struct, frozen=True, kw_only=True):
    """A device password to be made. Without a `password` of one's own a random one is."""

    name: str
    password: str | None = None  # 8-128 characters
    scopes: frozenset[Scope] | None = None  # None: all that its owner may play and read
    networks: tuple[str, ...] | None = None
    ends_at: datetime | None = None


class DeviceMade(Struct, frozen=True, kw_only=True):
    """A new device password, and its text: here and never again."""

    row: DevicePassword
    password: str

    def __repr__(self) -> str:
        return f"DeviceMade({self.row.name!r})"


class DeviceCheck(Struct, frozen=True, kw_only=True):
    """What a login with user name and password is compared with."""

    id: int
    secret_hash: bytes | None
    password_hash: str | None
    scopes: frozenset[Scope] | None
    networks: tuple[str, ...] | None
    used_at: datetime | None
    ends_at: datetime | None

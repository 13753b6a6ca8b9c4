"""API keys: named, scoped, shown once."""

from datetime import datetime

from msgspec import Struct

from polycast.core.identity.scopes import Role, Scope
from polycast.core.secrets.tokens import TokenForm


class ApiKey(Struct, frozen=True, kw_only=True):
    """A key as it is listed: everything but the key."""

    id: int
    user_id: int | None
    role: Role | None = None  # only of a key that belongs to nobody
    name: str
    made_by: str = ""  # the dialect whose rules it follows; empty for keys made in the UI
    prefix: str  # the first 8 characters
    scopes: frozenset[Scope] | None = None  # None: all of the owner's
    created_at: datetime
    used_at: datetime | None = None
    ends_at: datetime | None = None
    can_show: bool = False  # an encrypted copy is kept, because an API has to show it again


class ApiKeyNew(Struct, frozen=True, kw_only=True):
    """A key to be made."""

    name: str
    scopes: frozenset[Scope] | None = None
    ends_at: datetime | None = None
    made_by: str = ""
    form: TokenForm = TokenForm.URLSAFE
    key: str | None = None  # given by the host's configuration; at least 16 characters
    is_shown_again: bool = False
    role: Role | None = None  # makes it the server's own, belonging to nobody


class ApiKeyMade(Struct, frozen=True, kw_only=True):
    """A new key, and its text: here and never again."""

    row: ApiKey
    key: str

    def __repr__(self) -> str:
        return f"ApiKeyMade({self.row.prefix!r})"

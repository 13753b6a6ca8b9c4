"""What identity tells the rest of the house."""

from typing import ClassVar

from polycast.core.events.model import Audience, Event
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.scopes import Scope


class CredentialEnded(Event, frozen=True, kw_only=True):
    """Something that proved who a caller is does so no more: whoever holds a socket or a stream for it closes it."""

    name: ClassVar[str] = "core.credential_ended"

    user_id: int | None
    credential: Credential | None = None  # SESSION, API_KEY or DEVICE; none: every kind of this user
    credential_id: int | None = None  # none: all of that kind
    kept_id: int | None = None  # but for this one
    reason: str  # "signed_out", "revoked", "password", "role", "disabled", "deleted"

    def audience(self) -> Audience:
        return Audience(scope=Scope.CORE_ADMIN) if self.user_id is None else Audience(user_id=self.user_id)

    def ends(self, caller: Caller) -> bool:
        """Whether `caller` came in by what has ended. A JWT and a signed token end with the session behind them."""
        if self.user_id is not None and caller.user_id != self.user_id:
            return False
        if self.user_id is None and self.credential_id is None:
            return False
        if self.credential is None:
            return True
        behind_a_session = caller.credential in (Credential.JWT, Credential.SIGNED)
        if (Credential.SESSION if behind_a_session else caller.credential) is not self.credential:
            return False
        if self.credential_id is None:
            return caller.credential_id is None or caller.credential_id != self.kept_id
        return caller.credential_id == self.credential_id


class UserAdded(Event, frozen=True, kw_only=True):
    """There is a new user."""

    name: ClassVar[str] = "core.user_added"

    user_id: int
    username: str
    role: str

    def audience(self) -> Audience:
        return Audience(scope=Scope.CORE_ADMIN)


class UserChanged(Event, frozen=True, kw_only=True):
    """A user's name, address, role or state is another."""

    name: ClassVar[str] = "core.user_changed"

    user_id: int
    username: str
    role: str
    is_active: bool

    def audience(self) -> Audience:
        return Audience(scope=Scope.CORE_ADMIN)


class UserRemoved(Event, frozen=True, kw_only=True):
    """A user is gone, and all rows that pointed at them."""

    name: ClassVar[str] = "core.user_removed"

    user_id: int
    username: str

    def audience(self) -> Audience:
        return Audience(scope=Scope.CORE_ADMIN)

"""Who asks, in the words of the hosting business, and whose accounts they may see."""

from typing import Final

from msgspec import Struct

from polycast.core.errors import NotAllowed, NotFound, NotSignedIn
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Role
from polycast.radio.accounts.model import Account, Kind, Status

KIND_OF_ROLE: Final = {
    Role.OWNER: Kind.ADMIN,
    Role.ADMIN: Kind.ADMIN,
    Role.RESELLER: Kind.RESELLER,
    Role.BROADCASTER: Kind.BROADCASTER,
}


class Who(Struct, frozen=True, kw_only=True):
    """A caller with a place in radio hosting. `id` is None for a key of the server itself."""

    id: int | None
    kind: Kind
    caller: Caller

    @property
    def is_admin(self) -> bool:
        return self.kind is Kind.ADMIN

    def require(self, *kinds: Kind) -> None:
        """Raises: NotAllowed, when the caller is none of these."""
        if self.kind not in kinds:
            raise NotAllowed

    def may_see(self, account: Account) -> bool:
        """An admin everybody, a reseller their own broadcasters, everybody themselves."""
        if self.is_admin or account.id == self.id:
            return True
        return self.kind is Kind.RESELLER and account.kind is Kind.BROADCASTER and account.owner_id == self.id

    def see(self, account: Account | None, kind: Kind | None = None) -> Account:
        """`account`, when it is of `kind` and theirs to see. Raises: NotFound."""
        if account is None or not self.may_see(account) or (kind is not None and account.kind is not kind):
            raise NotFound("The account")
        return account


def who_of(caller: Caller) -> Who:
    """Raises: NotSignedIn; NotAllowed for users without a place in radio hosting."""
    if caller.is_anonymous:
        raise NotSignedIn
    kind = None if caller.role is None else KIND_OF_ROLE.get(caller.role)
    if kind is None:
        raise NotAllowed
    return Who(id=caller.user_id, kind=kind, caller=caller)


def refuse_silenced(account: Account) -> None:
    """Raises: NotAllowed ("account_suspended"), when nothing of the account may be written now."""
    if account.status in (Status.SUSPENDED, Status.BEING_DELETED):
        raise NotAllowed("account_suspended", "account_suspended")

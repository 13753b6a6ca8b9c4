"""Who may do what to whose account and credentials."""

from polycast.core.errors import NotAllowed, NotFound, NotSignedIn
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.scopes import SCOPES_OF_ROLE, Role, Scope


def may_touch(caller: Caller, role: Role) -> None:
    """Raises: NotAllowed, when somebody else than an owner would act on an owner, or make one."""
    if role is Role.OWNER and caller.role is not Role.OWNER:
        raise NotAllowed("scope", "Only an owner may do this to an owner.")


def whose(caller: Caller, user_id: int | None) -> int:
    """The user whose credentials `caller` wants to see or change: their own, or with `core:admin` anybody's.

    Raises: NotSignedIn; NotAllowed, also for devices and links, which manage nothing; NotFound for a key of nobody.
    """
    if caller.is_anonymous:
        raise NotSignedIn
    if caller.credential in (Credential.DEVICE, Credential.SIGNED):
        raise NotAllowed
    owner = caller.user_id if user_id is None else user_id
    if owner is None:
        raise NotFound("The user")
    if owner != caller.user_id:
        caller.require(Scope.CORE_ADMIN)
    return owner


def is_whole(caller: Caller) -> bool:
    """Whether `caller` has all that their role gives: no limited key, and no session got by one."""
    return caller.role is not None and caller.scopes == SCOPES_OF_ROLE[caller.role]

"""Who may ask what, in the words of the reference: U, A, O, P."""

from collections.abc import MutableMapping
from typing import Any, Final

from polycast.core.errors import NotAllowed
from polycast.core.http import Authenticator
from polycast.core.identity.caller import OPEN, Caller, Policy, RateClass, needs
from polycast.core.identity.scopes import Role, Scope

USER: Final = needs(Scope.LIBRARY_PLAY)
ADMIN: Final = needs(Scope.LIBRARY_WRITE)
PEOPLE: Final = needs(Scope.CORE_ADMIN)  # users, roles, invites: an operator has no part in them
FRESH: Final = needs(Scope.CORE_ADMIN, fresh=True)
PUBLIC: Final = OPEN
UNCOUNTED: Final = Policy(anonymous=True, rate=RateClass.BYTES)
FEW: Final = needs(Scope.LIBRARY_PLAY, rate=RateClass.COSTLY)
MANAGING: Final = frozenset({Scope.LIBRARY_WRITE, Scope.LIBRARY_ADMIN, Scope.CORE_ADMIN, Scope.CORE_WRITE})


class ProfileGate:
    """Lets a managed profile nowhere near what manages the server, whatever its account's role."""

    def __init__(self, identity: Authenticator) -> None:
        self._identity = identity

    async def authenticate(self, scope: MutableMapping[str, Any], policy: Policy) -> Caller:
        """Who asks. Raises: NotSignedIn, NotAllowed."""
        caller = await self._identity.authenticate(scope, policy)
        if caller.profile_id is not None and policy.scope in MANAGING:
            raise NotAllowed("profile", "A managed profile may not do this")
        return caller


def require_owner(caller: Caller) -> None:
    """Raises: NotAllowed for anybody but the owner."""
    if caller.role is not Role.OWNER:
        raise NotAllowed

"""Who may come to which routes. Whether they are admin, reseller or broadcaster, the services ask."""

from typing import Final

from polycast.core.identity.caller import OPEN, SIGNED_IN, Policy, RateClass, needs
from polycast.core.identity.scopes import Scope

READ: Final = needs(Scope.RADIO_READ)
WRITE: Final = needs(Scope.RADIO_WRITE)
ADMIN: Final = needs(Scope.RADIO_ADMIN)
COSTLY: Final = needs(Scope.RADIO_WRITE, rate=RateClass.COSTLY)
COSTLY_ADMIN: Final = needs(Scope.RADIO_ADMIN, rate=RateClass.COSTLY)
ENTRY: Final = Policy(anonymous=True, rate=RateClass.SIGN_IN)

__all__ = ["ADMIN", "COSTLY", "COSTLY_ADMIN", "ENTRY", "OPEN", "READ", "SIGNED_IN", "WRITE"]

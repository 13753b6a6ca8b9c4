"""Who may come to which routes; whose a station is, the services ask."""

from typing import Final

from polycast.core.identity.caller import OPEN, Policy, RateClass, needs
from polycast.core.identity.scopes import Scope

PUBLIC: Final = OPEN
OWN: Final = needs(Scope.RADIO_READ)
WRITE: Final = needs(Scope.RADIO_WRITE)
ENTRY: Final = Policy(anonymous=True, rate=RateClass.SIGN_IN)
BYTES: Final = needs(Scope.RADIO_READ, rate=RateClass.BYTES)
UPLOAD: Final = needs(Scope.RADIO_WRITE, rate=RateClass.BYTES)
COSTLY: Final = needs(Scope.RADIO_WRITE, rate=RateClass.COSTLY)
PUBLIC_BYTES: Final = Policy(anonymous=True, rate=RateClass.BYTES)
CORS: Final = {"access-control-allow-origin": "*"}  # of public GETs and votes: pages elsewhere show what is on

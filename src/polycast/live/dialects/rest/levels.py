"""The original's user levels, as policies. Level 10 is an administrator, 1 a standard user, 0 a streamer."""

from typing import Final

from polycast.core.identity.caller import OPEN, SIGNED_IN, Policy, RateClass, needs
from polycast.core.identity.scopes import Scope
from polycast.live.dialects.rest.gate import Guarded
from polycast.live.outputs.access import Endpoint

READ: Final[Policy] = needs(Scope.LIVE_READ)  # "std": lists and single objects from level 1
WRITE: Final[Policy] = needs(Scope.LIVE_ADMIN)  # everything that changes something: level 10
COSTLY: Final[Policy] = needs(Scope.LIVE_ADMIN, rate=RateClass.COSTLY)
SETTINGS: Final[Policy] = needs(Scope.CORE_WRITE)  # level 10, operators excepted
USERS: Final[Policy] = needs(Scope.CORE_ADMIN)  # level 10, operators excepted
MEDIA: Final[Policy] = Guarded(scope=Scope.LIVE_PLAY, in_query=True, rate=RateClass.BYTES, endpoint=Endpoint.STREAMS)
ANYBODY: Final[Policy] = OPEN
DOCUMENTS: Final[Policy] = Guarded(anonymous=True)  # nobody need sign in, but the network must be a known one
SIGN_IN: Final[Policy] = Guarded(anonymous=True, rate=RateClass.SIGN_IN)
SELF: Final[Policy] = SIGNED_IN

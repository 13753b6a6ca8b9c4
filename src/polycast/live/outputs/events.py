"""What the outputs tell others."""

from typing import ClassVar

from polycast.core.events.model import Audience, Event
from polycast.core.identity.scopes import Scope


class OutputBlocked(Event, frozen=True, kw_only=True):
    """Somebody asked for a playlist ("m3u") or a guide ("epg") from a network that may not have it."""

    name: ClassVar[str] = "live.output_blocked"
    kind: str
    address: str
    username: str = ""

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIVE_ADMIN)


PUBLISHED: tuple[type[Event], ...] = (OutputBlocked,)

"""What the watch hears of the server it runs in: events of other modules, with the few fields that it reads."""

from collections.abc import Mapping
from typing import Any, ClassVar

from polycast.core.events import Event


class LiveSessionChanged(Event, frozen=True, kw_only=True):
    """A channel of live TV runs; `session` tells its name, number and clients."""

    name: ClassVar[str] = "live.session_changed"

    uuid: str
    session: Mapping[str, Any] = {}


class LiveSessionEnded(Event, frozen=True, kw_only=True):
    """A channel of live TV runs no more."""

    name: ClassVar[str] = "live.session_ended"

    uuid: str

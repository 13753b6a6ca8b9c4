"""Failures as the original's proxy words them: `{"error": ...}`, but `detail` where somebody must sign in.

Source: `specs/live.md` 3.14.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from polycast.core.errors import NotAllowed, NotSignedIn, PolycastError
from polycast.core.http import headers_of, status_of
from polycast.core.module import Spelled
from polycast.live.dialects.rest.errors import Refused
from polycast.live.dialects.rest.errors import spell as spell_rest
from polycast.live.relay.model import LimitReached, NoSlot

STATUS: Final[Mapping[type[PolycastError], int]] = {LimitReached: 429, NoSlot: 503}


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """The same words for a player's log and a dashboard."""
    if isinstance(error, NotSignedIn) or (isinstance(error, NotAllowed) and error.reason != "network"):
        return spell_rest(error, scope)
    if isinstance(error, Refused):
        return spell_rest(error, scope)
    body: dict[str, Any] = {"error": "Forbidden" if isinstance(error, NotAllowed) else error.message}
    headers = headers_of(error)
    if isinstance(error, NoSlot):
        body["waited"] = f"{error.waited_s:.0f}s"
    status = STATUS.get(type(error)) or status_of(error)
    if error.code == "unavailable":
        status = 503  # players and tuners understand "later" better than "your gateway is broken"
    return Spelled(status=status, body=msgspec.json.encode(body), headers=headers)

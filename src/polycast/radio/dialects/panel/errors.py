"""Failures of the broadcaster API: the admin API's shapes, with a 403 for a bad key."""

from collections.abc import Mapping
from typing import Any

import msgspec

from polycast.core.errors import NotSignedIn, PolycastError
from polycast.core.module import Spelled
from polycast.radio.dialects.admin.errors import spell as spell_admin
from polycast.radio.wishes.service import Blocked


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """Streaming.Center's own words; the song-request widget looks for `track_blocked` and `ip_blocked`."""
    if isinstance(error, Blocked):
        body = {f"{error.reason}_blocked": True}
        return Spelled(status=400, body=msgspec.json.encode(body), headers={"access-control-allow-origin": "*"})
    if isinstance(error, NotSignedIn) and error.reason == "bad_key":
        return Spelled(status=403, body=msgspec.json.encode({"detail": "Invalid API key."}))
    return spell_admin(error, scope)

"""Events of the system, as people read them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from msgspec import Struct

from polycast.core.events.model import Audience, Event
from polycast.core.identity.scopes import Scope

TITLES: Final[Mapping[str, str]] = {
    "channel_start": "Channel Started",
    "channel_stop": "Channel Stopped",
    "channel_buffering": "Channel Buffering",
    "channel_failover": "Channel Failover",
    "channel_reconnect": "Channel Reconnected",
    "channel_error": "Channel Error",
    "client_connect": "Client Connected",
    "client_disconnect": "Client Disconnected",
    "recording_start": "Recording Started",
    "recording_end": "Recording Ended",
    "stream_switch": "Stream Switched",
    "m3u_refresh": "M3U Refreshed",
    "m3u_download": "M3U Downloaded",
    "epg_refresh": "EPG Refreshed",
    "epg_download": "EPG Downloaded",
    "epg_error": "EPG Error",
    "login_success": "Login Successful",
    "login_failed": "Login Failed",
    "logout": "User Logged Out",
    "m3u_blocked": "M3U Download Blocked",
    "epg_blocked": "EPG Download Blocked",
    "vod_start": "VOD Started",
    "vod_stop": "VOD Stopped",
}


class SystemEvent(Struct, frozen=True, kw_only=True):
    """An entry of the ring."""

    id: int
    event_type: str  # a key of TITLES
    title: str
    at: datetime
    channel_uuid: str  # "" when it concerns none
    channel_name: str
    details: Mapping[str, Any]


class SystemEventAdded(Event, frozen=True, kw_only=True):
    """Something has happened that the ring of events keeps."""

    name: ClassVar[str] = "live.system_event"
    event_type: str
    channel_uuid: str = ""
    channel_name: str = ""
    details: Mapping[str, Any] = {}

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIVE_ADMIN)

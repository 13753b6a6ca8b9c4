"""A watched server, whatever its kind."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final

from msgspec import UNSET, Struct, UnsetType

from polycast.core.events import Audience, Event
from polycast.core.identity.scopes import Scope

DEFAULT_NAME: Final = "Channels DVR"
KEPT_ARCHIVED: Final = timedelta(days=30)


class Provider(StrEnum):
    """What kind of server it is."""

    CHANNELS = "channels"
    POLYCAST = "polycast"
    PLEX = "plex"
    JELLYFIN = "jellyfin"
    EMBY = "emby"
    TVHEADEND = "tvheadend"
    HDHOMERUN = "hdhomerun"


PORTS: Final[Mapping[Provider, int]] = {
    Provider.CHANNELS: 8089,
    Provider.POLYCAST: 8000,
    Provider.PLEX: 32400,
    Provider.JELLYFIN: 8096,
    Provider.EMBY: 8096,
    Provider.TVHEADEND: 9981,
    Provider.HDHOMERUN: 80,
}


class Server(Struct, frozen=True, kw_only=True):
    """A row of `monitor_servers`. `api_key` is in stored form."""

    id: int
    dvr_id: str
    provider: Provider = Provider.CHANNELS
    name: str = ""
    host: str
    port: int = 8089
    scheme: str = "http"
    verify_tls: bool = True
    enabled: bool = True
    username: str = ""
    api_key: str = ""
    overrides: Mapping[str, Any] = {}
    group_name: str = ""
    notes: str = ""
    position: int = 0
    deleted_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def shown_name(self) -> str:
        return self.name or self.host or DEFAULT_NAME

    @property
    def url(self) -> str:
        """Where it answers, without a final slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def way(self) -> tuple[object, ...]:
        """What makes the watch of this server start afresh when it changes."""
        return (self.provider, self.host, self.port, self.scheme, self.verify_tls, self.username, self.api_key)


class ServerNew(Struct, frozen=True, kw_only=True):
    """A server to be watched."""

    host: str
    port: int = 0  # 0: the usual one of `provider`
    name: str = ""
    provider: Provider = Provider.CHANNELS
    scheme: str = "http"
    verify_tls: bool = True
    enabled: bool = True
    username: str = ""
    api_key: str = ""
    overrides: Mapping[str, Any] = {}
    group_name: str = ""
    notes: str = ""


class ServerPatch(Struct, frozen=True, kw_only=True):
    """What to change. Absent keeps; an `api_key` of asterisks keeps too, an empty one clears."""

    host: str | UnsetType = UNSET
    port: int | UnsetType = UNSET
    name: str | UnsetType = UNSET
    scheme: str | UnsetType = UNSET
    verify_tls: bool | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    username: str | UnsetType = UNSET
    api_key: str | UnsetType = UNSET
    overrides: Mapping[str, Any] | UnsetType = UNSET
    group_name: str | UnsetType = UNSET
    notes: str | UnsetType = UNSET


class ServersChanged(Event, frozen=True, kw_only=True):
    """A server was added, changed, archived, brought back or removed: watches start or stop."""

    name: ClassVar[str] = "monitor.servers_changed"

    dvr_id: str
    change: str  # added, changed, archived, restored, removed

    def audience(self) -> Audience:
        return Audience(scope=Scope.MONITOR_READ)


def dvr_id_of(host: str, port: int) -> str:
    """The id of a server by its place. IPv6 is written without brackets in lower case; names count as typed.

    Source: specs/monitor.md 2.1, with its vectors.
    """
    bare = host.strip("[]")
    place = bare.lower() if ":" in bare else host
    return "dvr_" + hashlib.md5(f"{place}:{port}".encode(), usedforsecurity=False).hexdigest()[:8]

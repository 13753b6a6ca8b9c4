"""What people set up once and refer to by id: user agents, stream profiles, output profiles, groups of settings."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from msgspec import Struct

from polycast.core.events.model import Audience, Event
from polycast.core.identity.scopes import Scope

PROXY: Final = "Proxy"  # the built-in stream profile without a process
REDIRECT: Final = "Redirect"


class UserAgent(Struct, frozen=True, kw_only=True):
    """What a request to a provider calls itself."""

    id: int
    name: str
    user_agent: str
    description: str
    is_active: bool
    created_at: datetime
    updated_at: datetime


class StreamProfile(Struct, frozen=True, kw_only=True):
    """How the bytes of a stream are read. Without a command: Proxy or Redirect, told by the name."""

    id: int
    name: str
    command: str
    parameters: str  # placeholders {streamUrl} {userAgent} {channelId}
    is_active: bool
    locked: bool
    user_agent_id: int | None


class OutputProfile(Struct, frozen=True, kw_only=True):
    """A transcode before delivery: TS on stdin, the result on stdout."""

    id: int
    name: str
    command: str
    parameters: str
    is_active: bool
    locked: bool


class TunerDevice(Struct, frozen=True, kw_only=True):
    """An HDHomeRun that somebody has registered by hand."""

    id: int
    friendly_name: str
    device_id: str
    tuner_count: int


class UserGroup(Struct, frozen=True, kw_only=True):
    """A group of users, kept for clients of the original; it permits nothing, roles do."""

    id: int
    name: str
    permissions: list[int]


class SettingsRow(Struct, frozen=True, kw_only=True):
    """A group of settings as a row; `value` holds every key, defaults included."""

    id: int
    key: str
    name: str
    value: Mapping[str, Any]


class PreferencesChanged(Event, frozen=True, kw_only=True):
    """A group of settings, a user agent or a profile has changed; `what` is its key or table."""

    name: ClassVar[str] = "live.preferences_changed"
    what: str
    keys: list[str] = []  # of a group: which of its settings differ now

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIVE_READ)

"""What playback tells others."""

from typing import ClassVar

from polycast.core.events.model import Audience, Event
from polycast.core.identity.scopes import Scope


class WatchStateChanged(Event, frozen=True, kw_only=True):
    """Somebody has watched (more of) a title, or taken it back."""

    name: ClassVar[str] = "library.watch_state_changed"
    user_id: int
    profile_id: int
    item: str

    def audience(self) -> Audience:
        return Audience(user_id=self.user_id)


class PlaybackStarted(Event, frozen=True, kw_only=True):
    """A title begins to play."""

    name: ClassVar[str] = "library.playback_started"
    user_id: int
    session: str
    item: str
    title: str
    mode: str
    device: str

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIBRARY_PLAY, user_id=self.user_id)


class PlaybackProgressed(Event, frozen=True, kw_only=True):
    """Told, not stored: where a session is."""

    name: ClassVar[str] = "library.playback_progressed"
    coalesce: ClassVar[str | None] = "session"
    user_id: int
    session: str
    position: float
    paused: bool

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIBRARY_PLAY, user_id=self.user_id)


class PlaybackStopped(Event, frozen=True, kw_only=True):
    """A session is over."""

    name: ClassVar[str] = "library.playback_stopped"
    user_id: int
    session: str
    item: str
    position: float

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIBRARY_PLAY, user_id=self.user_id)


class SessionsChanged(Event, frozen=True, kw_only=True):
    """Somebody has begun to watch, or has stopped: for those who look after the house. Who and what, they ask."""

    name: ClassVar[str] = "library.sessions_changed"
    session: str

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIBRARY_WRITE)


class SessionCommand(Event, frozen=True, kw_only=True):
    """Somebody asks a player to do something."""

    name: ClassVar[str] = "library.session_command"
    user_id: int
    session: str
    command: str  # pause, play, stop, seek, message
    position: float | None = None
    text: str = ""

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIBRARY_PLAY, user_id=self.user_id)


class DeviceTold(Event, frozen=True, kw_only=True):
    """Told, not stored: one device of a user's asks another for something."""

    name: ClassVar[str] = "library.device_told"
    user_id: int  # whose device it is that is told
    device: str  # its nanoid
    kind: str  # Play, Playstate, GeneralCommand: Jellyfin's words
    body: str  # JSON, as the device reads it

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIBRARY_PLAY, user_id=self.user_id)


PUBLISHED: tuple[type[Event], ...] = (
    WatchStateChanged,
    PlaybackStarted,
    PlaybackProgressed,
    PlaybackStopped,
    SessionsChanged,
    SessionCommand,
    DeviceTold,
)

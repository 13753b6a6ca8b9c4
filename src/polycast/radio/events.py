"""What radio hosting tells the rest of the house, and its own edge, about accounts and stations.

What happens on air (titles, DJs, listeners) is told by the engine in events of its own.
"""

from typing import ClassVar

from polycast.core.events import Audience, Event
from polycast.core.identity.scopes import Scope


class AccountEvent(Event, frozen=True, kw_only=True):
    """Something about an account; seen by its own people and by the machine's."""

    name: ClassVar[str] = "radio.account"

    account_id: int

    def audience(self) -> Audience:
        return Audience(scope=Scope.RADIO_READ, tenant_id=self.account_id)


class AccountChanged(AccountEvent, frozen=True, kw_only=True):
    """Limits, features, ports or names of an account are others; also when it has become active."""

    name: ClassVar[str] = "radio.account_changed"


class AccountSuspended(AccountEvent, frozen=True, kw_only=True):
    """Silent at once: players, DJs, listeners, restreams."""

    name: ClassVar[str] = "radio.account_suspended"


class AccountResumed(AccountEvent, frozen=True, kw_only=True):
    """What was on air before may be again."""

    name: ClassVar[str] = "radio.account_resumed"


class AccountRemoved(AccountEvent, frozen=True, kw_only=True):
    """The account is being deleted (its rows follow): as suspended, for good."""

    name: ClassVar[str] = "radio.account_removed"


class StationEvent(AccountEvent, frozen=True, kw_only=True):
    """Something about one station."""

    name: ClassVar[str] = "radio.station"

    station_id: int


class StationChanged(StationEvent, frozen=True, kw_only=True):
    """A new station, or another setting, channel or DJ of one; also started and stopped."""

    name: ClassVar[str] = "radio.station_changed"


class StationRemoved(StationEvent, frozen=True, kw_only=True):
    """A station is gone with all that was its."""

    name: ClassVar[str] = "radio.station_removed"


class ProgrammeChanged(StationEvent, frozen=True, kw_only=True):
    """Tracks, playlists, rotations, grid, jingles or their schemes are others."""

    name: ClassVar[str] = "radio.programme_changed"


class QueueChanged(StationEvent, frozen=True, kw_only=True):
    """A track was put into or taken out of the queue, or a listener's request was accepted."""

    name: ClassVar[str] = "radio.queue_changed"


class StationTold(StationEvent, frozen=True, kw_only=True):
    """Somebody asks the engine to do something now."""

    name: ClassVar[str] = "radio.station_told"

    what: str  # "skip", "restart", "disconnect_dj", "kick"
    target_id: int = 0  # the DJ's or the listening session's


PUBLISHED: tuple[type[Event], ...] = (
    AccountChanged,
    AccountSuspended,
    AccountResumed,
    AccountRemoved,
    StationChanged,
    StationRemoved,
    ProgrammeChanged,
    QueueChanged,
    StationTold,
)

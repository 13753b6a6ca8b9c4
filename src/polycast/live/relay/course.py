"""What a running channel does next, and what state it is in: a plain state machine without clock, network or database.

Every time is in seconds of one monotonic clock and given with each call. The state is derived from what has happened,
never kept, so that it cannot stay behind.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

LONGEST_BACKOFF_S: Final = 30.0
STABLE_S: Final = 30.0  # delivery for this long forgets what failed before
DELIVERED_S: Final = 5.0  # a source that gave this much is asked again at once
QUIET_S: Final = 1.0  # without bytes: buffering


class State(StrEnum):
    """Of a channel; the words are the wire's."""

    INITIALIZING = "initializing"
    CONNECTING = "connecting"
    WAITING_FOR_CLIENTS = "waiting_for_clients"
    ACTIVE = "active"
    BUFFERING = "buffering"
    STOPPING = "stopping"
    STOPPED = "stopped"
    ERROR = "error"


ENDED: Final = frozenset({State.STOPPED, State.ERROR})
_RUNNING: Final = frozenset({State.CONNECTING, State.WAITING_FOR_CLIENTS, State.ACTIVE, State.BUFFERING})
# What may follow what. Nothing follows the end: a new request starts a new session.
FOLLOWS: Final[Mapping[State, frozenset[State]]] = {
    State.INITIALIZING: _RUNNING | {State.STOPPING, State.STOPPED, State.ERROR},
    **{state: _RUNNING | {State.STOPPING, State.STOPPED, State.ERROR} for state in _RUNNING},
    State.STOPPING: frozenset({State.STOPPED}),
    State.STOPPED: frozenset(),
    State.ERROR: frozenset(),
}


class Key(Struct, frozen=True):
    """What tells one way to play from another."""

    stream_id: int
    profile_id: int
    address: str  # the URL, or a digest of it: the same one is not asked twice in a round


class Try(Struct, frozen=True):
    """Take the first of these that has a free slot."""

    keys: tuple[Key, ...]


class Wait(Struct, frozen=True):
    """Nothing to do for so long; no slot is held meanwhile."""

    seconds: float


class GiveUp(Struct, frozen=True):
    """Every candidate is spent."""

    why: str


Move = Try | Wait | GiveUp


class Bounds(Struct, frozen=True, kw_only=True):
    """How long a channel is tried. From the proxy settings."""

    max_retries: int = 3  # rounds over all candidates before anything was ever delivered
    max_switches: int = 10  # since it was last stable
    longest_outage_s: float = 300.0
    init_grace_s: float = 60.0


class Course:
    """The way of one channel through its candidates."""

    def __init__(self, bounds: Bounds, now: float) -> None:
        self.bounds = bounds
        self.switches = 0  # to another stream since it was last stable
        self.failures = 0  # of all time
        self._began_at = now
        self._tried: list[Key] = []  # in this round
        self._rounds = 0
        self._is_hopeful = False
        self._not_before = now
        self._current: Key | None = None
        self._last: Key | None = None
        self._attempt_at = now
        self._first_at: float | None = None  # first bytes of the present attempt
        self._data_at: float | None = None  # latest bytes of any attempt
        self._has_delivered = False
        self._wanted: Key | None = None
        self._is_slow = False
        self._had_clients = False
        self._ending: State | None = None

    @property
    def current(self) -> Key | None:
        """What is being read now."""
        return self._current

    @property
    def has_delivered(self) -> bool:
        return self._has_delivered

    def want(self, key: Key) -> None:
        """Somebody has chosen: this one is tried first, and what failed before is forgotten."""
        self._wanted = key
        self._forget()

    def next(self, candidates: Sequence[Key], now: float) -> Move:
        """What to do while nothing is being read. `candidates` in the order of failover."""
        if not candidates:
            return GiveUp("nothing")
        if why := self._spent(now):
            return GiveUp(why)
        if now < self._not_before:
            return Wait(self._not_before - now)
        order = self._ordered(candidates)
        spent = {key.address for key in self._tried}
        left = tuple(key for key in order if key not in self._tried and key.address not in spent)
        if left:
            return Try(left)
        self._tried.clear()
        if self._is_hopeful:
            self._is_hopeful = False
            return Try(tuple(order))
        self._rounds += 1
        if why := self._spent(now):
            return GiveUp(why)
        self._not_before = now + backoff_s(self._rounds)
        return Wait(self._not_before - now)

    def trying(self, key: Key, now: float) -> None:
        """`key` has its slot and is being asked."""
        if self._last is not None and key.stream_id != self._last.stream_id:
            self.switches += 1
        self._current = self._last = key
        self._wanted = None
        self._attempt_at = now
        self._first_at = None
        self._is_slow = False

    def delivered(self, now: float) -> None:
        """Pictures came."""
        if self._first_at is None:
            self._first_at = now
        self._data_at = now
        self._has_delivered = True
        if now - self._first_at >= STABLE_S:
            self._forget()

    def slow(self, is_slow: bool) -> None:
        """Whether the present source keeps up."""
        self._is_slow = is_slow

    def failed(self, now: float) -> None:
        """The present attempt is over: refused, silent, broken off."""
        self.failures += 1
        if self._current is None:
            return
        lasted = now - self._first_at if self._first_at is not None else 0.0
        if lasted >= STABLE_S:
            self._forget()
        # What played well until now has most likely only lost its connection: once round without a wait.
        self._is_hopeful = self._is_hopeful or lasted >= DELIVERED_S
        self._tried.append(self._current)
        self._current = None
        self._first_at = None

    def no_slot(self, now: float, wait_s: float) -> None:
        """None of the candidates has a free slot; ask again after `wait_s`."""
        self._not_before = now + wait_s

    def seated(self) -> None:
        """A client came."""
        self._had_clients = True

    def stopping(self) -> None:
        self._ending = self._ending or State.STOPPING

    def ended(self, *, in_error: bool) -> None:
        """Nothing will be read any more."""
        if self._ending is not State.ERROR:
            self._ending = State.ERROR if in_error and self._ending is None else State.STOPPED

    def state(self, now: float) -> State:
        """Derived from what is so at `now`."""
        if self._ending is not None:
            return self._ending
        if self._last is None:
            return State.INITIALIZING
        if self._current is None or self._first_at is None:
            return State.CONNECTING
        if not self._had_clients:
            return State.WAITING_FOR_CLIENTS
        is_quiet = self._data_at is None or now - self._data_at > QUIET_S
        return State.BUFFERING if is_quiet or self._is_slow else State.ACTIVE

    def quiet_s(self, now: float) -> float:
        """How long the present attempt has brought nothing."""
        since = self._attempt_at if self._first_at is None or self._data_at is None else self._data_at
        return now - since

    def is_first(self) -> bool:
        """Whether the present attempt has brought nothing yet."""
        return self._first_at is None

    def _ordered(self, candidates: Sequence[Key]) -> list[Key]:
        """After the one that was read last, wrapping; the chosen one before all."""
        ordered = list(candidates)
        if self._last in ordered:
            at = ordered.index(self._last) + 1
            ordered = ordered[at:] + ordered[:at]
        if self._wanted in ordered:
            ordered.remove(self._wanted)
            ordered.insert(0, self._wanted)
        return ordered

    def _spent(self, now: float) -> str:
        """Why nothing more is tried; empty while something is."""
        if self.switches > self.bounds.max_switches:
            return "switches"
        if not self._has_delivered:
            tried_enough = self._rounds > self.bounds.max_retries
            return "retries" if tried_enough or now - self._began_at > self.bounds.init_grace_s else ""
        outage = now - self._data_at if self._data_at is not None else 0.0
        return "outage" if outage > self.bounds.longest_outage_s else ""

    def _forget(self) -> None:
        self.switches = 0
        self._rounds = 0
        self._tried.clear()
        self._not_before = 0.0


def backoff_s(rounds: int) -> float:
    """1, 2, 4, 8, 16, 30, 30 ... seconds."""
    return min(2.0 ** min(rounds - 1, 10), LONGEST_BACKOFF_S)

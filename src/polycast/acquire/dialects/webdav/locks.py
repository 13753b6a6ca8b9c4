"""Advisory locks: in memory, bounded, gone after a while."""

from collections.abc import Callable
from datetime import timedelta
from html import escape
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock

MOST: Final = 1_000
LONGEST: Final = timedelta(hours=1)
OWNER: Final = 1_000  # characters


class Lock(Struct, frozen=True, kw_only=True):
    """Held on a path, and on what is below it when it is deep."""

    token: str
    path: str
    owner: str  # inner XML, escaped
    is_deep: bool
    is_shared: bool
    ends_at: timedelta
    life: timedelta

    def element(self, href: str) -> str:
        """Its `activelock`."""
        scope = "shared" if self.is_shared else "exclusive"
        return (
            f"<d:activelock><d:locktype><d:write/></d:locktype><d:lockscope><d:{scope}/></d:lockscope>"
            f"<d:depth>{'infinity' if self.is_deep else '0'}</d:depth><d:owner>{self.owner}</d:owner>"
            f"<d:timeout>Second-{int(self.life.total_seconds())}</d:timeout>"
            f"<d:locktoken><d:href>{self.token}</d:href></d:locktoken>"
            f"<d:lockroot><d:href>{escape(href)}</d:href></d:lockroot></d:activelock>"
        )


class Locks:
    """Of one web process."""

    def __init__(self, *, clock: Clock, make: Callable[[], str]) -> None:
        self._clock = clock
        self._make = make
        self._locks: dict[str, Lock] = {}

    def on(self, path: str) -> list[Lock]:
        """Those that hold for a path."""
        now = self._clock.monotonic()
        for token in [token for token, lock in self._locks.items() if lock.ends_at <= now]:
            del self._locks[token]
        return [
            lock
            for lock in self._locks.values()
            if lock.path == path or (lock.is_deep and path.startswith(f"{lock.path.rstrip('/')}/"))
        ]

    def below(self, path: str) -> list[Lock]:
        self.on(path)
        return [lock for lock in self._locks.values() if lock.path.startswith(f"{path.rstrip('/')}/")]

    def take(self, path: str, *, owner: str, is_deep: bool, is_shared: bool, life: timedelta) -> Lock | None:
        """None, when another's lock is in the way or there are too many."""
        others = self.on(path) + (self.below(path) if is_deep else [])
        if any(not (lock.is_shared and is_shared) for lock in others) or len(self._locks) >= MOST:
            return None
        life = min(life, LONGEST)
        lock = Lock(
            token=f"opaquelocktoken:{self._make()}",
            path=path,
            owner=owner[:OWNER],
            is_deep=is_deep,
            is_shared=is_shared,
            ends_at=self._clock.monotonic() + life,
            life=life,
        )
        self._locks[lock.token] = lock
        return lock

    def renew(self, token: str, life: timedelta) -> Lock | None:
        lock = self._locks.get(token)
        if lock is None:
            return None
        life = min(life, LONGEST)
        made = Lock(
            token=token,
            path=lock.path,
            owner=lock.owner,
            is_deep=lock.is_deep,
            is_shared=lock.is_shared,
            ends_at=self._clock.monotonic() + life,
            life=life,
        )
        self._locks[token] = made
        return made

    def drop(self, token: str, path: str) -> bool:
        lock = self._locks.get(token)
        if lock is None or not (lock.path == path or (lock.is_deep and path.startswith(lock.path))):
            return False
        del self._locks[token]
        return True

    def forget(self, path: str) -> None:
        """What is gone is not locked."""
        for lock in [*self.on(path), *self.below(path)]:
            if lock.path == path or lock.path.startswith(f"{path.rstrip('/')}/"):
                self._locks.pop(lock.token, None)

    def may(self, path: str, condition: str) -> bool:
        """Whether a request with this `If` header may change `path`."""
        held = self.on(path)
        return not held or any(lock.token in condition for lock in held)

"""One counter of failed sign-ins for all faces of the server."""

from datetime import datetime, timedelta

from polycast.core.clock import Clock
from polycast.core.errors import TooMany
from polycast.core.identity.throttle.model import KEPT, NETWORK, Limit, lock_after, network
from polycast.core.identity.throttle.store import Count, ThrottleStore
from polycast.core.storage.database import Database
from polycast.core.storage.unit import Unit


class Throttle:
    """Counts failures by client network and by account, and refuses while there are too many.

    Faces that check passwords of their own (PINs, source passwords) call `check` before and `failed` or `passed`
    after, with an account name of their own ("pin:12").
    """

    def __init__(self, *, db: Database, store: ThrottleStore, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._clock = clock

    async def check(self, address: str, account: str | None) -> None:
        """Raises: TooMany, while the network or the account is refused. `account` None asks for the network only."""
        await self._db.read(self.check_in, address, account)

    def check_in(self, unit: Unit, address: str, account: str | None) -> None:
        """`check` within a bigger transaction."""
        now = self._clock.now()
        net, who = _net_key(address), _account_key(account)
        counts = self._store.get(unit, [key for key in (net, who) if key])
        if (count := counts.get(net)) and count.failures >= NETWORK.times and now < count.since + NETWORK.per:
            raise _too_many(count.since + NETWORK.per - now)
        if who and (count := counts.get(who)) and count.until is not None and now < count.until:
            raise _too_many(count.until - now)

    async def failed(self, address: str, account: str | None) -> None:
        """Count a wrong password."""
        await self._db.write(self.failed_in, address, account)

    def failed_in(self, unit: Unit, address: str, account: str | None) -> None:
        """`failed` within a bigger transaction."""
        now = self._clock.now()
        net, who = _net_key(address), _account_key(account)
        counts = self._store.get(unit, [key for key in (net, who) if key])
        self._store.put(unit, net, _one_more(counts.get(net), NETWORK.per, now))
        if who:
            before = counts.get(who)
            failures = 1 if before is None or now - before.since >= KEPT else before.failures + 1
            lock = lock_after(failures)
            until = None if lock is None else now + lock
            self._store.put(unit, who, Count(failures=failures, since=now, until=until))

    def passed_in(self, unit: Unit, account: str) -> None:
        """The right password ends the account's streak. The network's count stays: it may try others' accounts."""
        self._store.drop(unit, _account_key(account) or "")

    async def hit(self, name: str, address: str, limit: Limit) -> None:
        """Count any attempt, right or wrong, at what has a limit of its own.

        Raises: TooMany, when this one is over `limit`.
        """
        await self._db.write(self._hit, f"{name}:{network(address)}", limit)

    def _hit(self, unit: Unit, key: str, limit: Limit) -> None:
        now = self._clock.now()
        before = self._store.get(unit, [key]).get(key)
        if before and before.failures >= limit.times and now < before.since + limit.per:
            raise _too_many(before.since + limit.per - now)
        self._store.put(unit, key, _one_more(before, limit.per, now))

    def purge_in(self, unit: Unit) -> int:
        """Drop what is too old to matter; the number of counters."""
        return self._store.purge(unit, before=self._clock.now() - KEPT)


def account_of(user_id: int | None, name: str) -> str:
    """The account that a failure counts for. A name that nobody has is counted like one that somebody has."""
    return f"name:{name[:150]}" if user_id is None else f"user:{user_id}"


def _net_key(address: str) -> str:
    return f"net:{network(address)}"


def _account_key(account: str | None) -> str | None:
    return None if account is None else f"account:{account}"


def _one_more(before: Count | None, window: timedelta, now: datetime) -> Count:
    if before is None or now >= before.since + window:
        return Count(failures=1, since=now)
    return Count(failures=before.failures + 1, since=before.since)


def _too_many(wait: timedelta) -> TooMany:
    seconds = max(1, -(-wait // timedelta(seconds=1)))
    return TooMany("Too many failed attempts; wait a while.", retry_after=seconds)

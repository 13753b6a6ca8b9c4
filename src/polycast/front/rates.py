"""How often somebody may ask. Buckets live in this process only; what must survive a restart is identity's."""

import math
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Final

from polycast.core.clock import Clock
from polycast.core.errors import TooMany
from polycast.core.identity.caller import Caller, Credential, RateClass

MAX_BUCKETS: Final = 20_000
UI_PER_MINUTE: Final = 600  # our own pages, over all dialects, or they would starve in the dialects' limits


class Buckets:
    """Token buckets: `limit` at once, refilled evenly over a minute. The least recently used go first."""

    def __init__(self, clock: Clock, *, capacity: int = MAX_BUCKETS) -> None:
        self._clock = clock
        self._capacity = capacity
        self._levels: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()  # key -> (tokens, at second)

    def take(self, key: Hashable, limit: int) -> int:
        """How many tokens are left. Raises: TooMany, with the seconds until the next one."""
        now = self._clock.monotonic().total_seconds()
        tokens, at = self._levels.get(key, (float(limit), now))
        tokens = min(float(limit), tokens + (now - at) * limit / 60)
        allowed = tokens >= 1
        self._levels[key] = (tokens - 1 if allowed else tokens, now)
        self._levels.move_to_end(key)
        if len(self._levels) > self._capacity:
            self._levels.popitem(last=False)
        if not allowed:
            wait = max(1, math.ceil((1 - tokens) * 60 / limit)) if limit else 60
            raise TooMany("Rate limit exceeded.", retry_after=wait)
        return int(tokens - 1)

    def __len__(self) -> int:
        return len(self._levels)


class Count:
    """Counts one request, when its route and its caller are known; `core/http` calls it."""

    __slots__ = ("_address", "_buckets", "_dialect", "_has_ui_cookie", "_rates", "done", "headers")

    def __init__(
        self, buckets: Buckets, *, dialect: str, rates: Mapping[str, int | None], address: str, has_ui_cookie: bool
    ) -> None:
        self._buckets = buckets
        self._dialect = dialect
        self._rates = rates
        self._address = address
        self._has_ui_cookie = has_ui_cookie
        self.done = False
        self.headers: list[tuple[bytes, bytes]] = []

    def __call__(self, rate: RateClass, caller: Caller | None) -> None:
        """`caller` is None when the credential was not good: then the address pays. Raises: TooMany."""
        self.done = True
        if rate is RateClass.BYTES:
            return
        who = self._address
        if caller is not None and not caller.is_anonymous:
            who = f"{caller.credential}:{caller.user_id}:{caller.credential_id}"
            if rate is RateClass.NORMAL and self._has_ui_cookie and caller.credential is Credential.SESSION:
                self._buckets.take(("ui", who), UI_PER_MINUTE)
                return
        limit = self._rates.get(rate.value)
        if limit is not None:
            self._told(limit, 0)
            self._told(limit, self._buckets.take((self._dialect, rate, who), limit))

    def _told(self, limit: int, left: int) -> None:
        """The headers that clients of limited dialects read; seconds until the bucket is full again."""
        full_in = math.ceil((limit - left) * 60 / limit) if limit else 60
        self.headers = [
            (b"x-ratelimit-limit", str(limit).encode()),
            (b"x-ratelimit-remaining", str(left).encode()),
            (b"x-ratelimit-reset", str(full_in).encode()),
        ]

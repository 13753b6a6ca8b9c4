"""Who stands behind a credential: one read, kept for a few seconds."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.events import CredentialEnded
from polycast.core.identity.scopes import Role, Scope
from polycast.core.storage.unit import Unit

LIFE: Final = timedelta(seconds=5)  # how long a node that heard of nothing may be wrong
SIZE: Final = 4096


class Known(Struct, frozen=True, kw_only=True):
    """A credential's row and its owner's, as of the last read."""

    credential: Credential
    credential_id: int | None
    kind: str = ""  # SessionKind.name
    user_id: int | None
    username: str
    role: Role
    tenant_id: int | None = None
    profile_id: int | None = None
    scopes: frozenset[Scope]  # the role's, cut by the credential's own
    is_active: bool = True
    ends_at: datetime | None = None
    fresh_at: datetime | None = None
    used_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        return self.is_active and (self.ends_at is None or self.ends_at > now)

    def caller(self, *, address: str, via: str, request_id: str, is_direct: bool) -> Caller:
        return Caller(
            user_id=self.user_id,
            username=self.username,
            role=self.role,
            scopes=self.scopes,
            credential=self.credential,
            credential_id=self.credential_id,
            tenant_id=self.tenant_id,
            profile_id=self.profile_id,
            address=address,
            via=via,
            request_id=request_id,
            fresh_at=self.fresh_at,
            ends_at=self.ends_at,
            is_direct=is_direct,
        )


class KnownCache:
    """The last few thousand credentials seen. An end that is announced takes effect at once, in every process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: OrderedDict[str, tuple[timedelta, Known]] = OrderedDict()
        self._stale: deque[int | None] = deque()  # ids of users; filled from the writer thread too
        self._generation = 0

    def get(self, key: str) -> Known | None:
        """What is known of `key`, if it was read within the last seconds."""
        self._drain()
        found = self._entries.get(key)
        if found is None or self._clock.monotonic() - found[0] >= LIFE:
            return None
        self._entries.move_to_end(key)
        return found[1]

    def generation(self) -> int:
        """To be taken before the read whose outcome is `put`."""
        self._drain()
        return self._generation

    def put(self, key: str, known: Known, *, generation: int) -> None:
        """Keep what was read, unless something ended meanwhile: the read may be older than that."""
        self._drain()
        if generation != self._generation:
            return
        self._entries[key] = (self._clock.monotonic(), known)
        self._entries.move_to_end(key)
        if len(self._entries) > SIZE:
            self._entries.popitem(last=False)

    def reread(self, user_id: int | None) -> None:
        """Read the user's credentials anew when they come next. Callable from any thread."""
        self._stale.append(user_id)

    def announce(self, unit: Unit, event: CredentialEnded) -> None:
        """Tell everybody in the same commit, and ourselves right after it."""
        unit.publish(event)
        unit.after_commit(partial(self.reread, event.user_id))

    def _drain(self) -> None:
        while self._stale:
            user_id = self._stale.popleft()
            self._generation += 1
            for key, (_, known) in list(self._entries.items()):
                if known.user_id == user_id:
                    del self._entries[key]

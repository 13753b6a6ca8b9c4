"""Signing in on a television: it shows a code, somebody who is signed in types it elsewhere. Source: RFC 8628."""

from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Busy, NotAllowed, NotFound, NotSignedIn
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.service import Identity
from polycast.core.identity.sessions.model import SignedIn
from polycast.core.secrets import Tokens
from polycast.core.storage import Database, Unit
from polycast.library.people.store_devices import DeviceLoginStore

LIFE: Final = timedelta(minutes=10)
INTERVAL: Final = timedelta(seconds=5)
SOON: Final = timedelta(seconds=4)  # asked again after less than this is asked too often: networks have jitter
MOST: Final = 1_000  # devices that wait at once


class Waiting(StrEnum):
    """Why a device gets no session yet, or never; RFC 8628's words."""

    PENDING = "authorization_pending"
    SLOW_DOWN = "slow_down"
    EXPIRED = "expired_token"
    DENIED = "access_denied"


class Begun(Struct, frozen=True, kw_only=True):
    """What a device shows, and what it asks with."""

    device_code: str
    user_code: str  # XXXX-XXXX


class DeviceLogins:
    """Devices at the door."""

    def __init__(
        self, *, db: Database, store: DeviceLoginStore, identity: Identity, tokens: Tokens, clock: Clock
    ) -> None:
        self._db = db
        self._store = store
        self._identity = identity
        self._tokens = tokens
        self._clock = clock

    async def begin(self, client: str) -> Begun:
        """Raises: Busy while very many wait."""
        device = self._tokens.new()
        # A code for people of a fresh secret: nobody can work it out from another.
        code = self._tokens.code(f"library.device {self._tokens.new()}")[:9]

        def work(unit: Unit) -> None:
            now = self._clock.now()
            self._store.purge(unit, now)
            if self._store.count(unit) >= MOST:
                raise Busy("Too many devices wait to be let in.", retry_after=60)
            self._store.insert(
                unit, device_hash=self._tokens.hash(device), user_code=code, client=client[:100], expires_at=now + LIFE
            )

        await self._db.write(work)
        return Begun(device_code=device, user_code=code)

    async def poll(self, device_code: str, *, kind: str, address: str, device: str) -> SignedIn | Waiting:
        """The session once somebody has said yes, handed out once; else why not."""

        def work(unit: Unit) -> SignedIn | Waiting:
            row, now = self._store.by_device(unit, self._tokens.hash(device_code)), self._clock.now()
            if row is None or row.expires_at <= now:
                return Waiting.EXPIRED
            if row.is_denied:
                self._store.delete(unit, row.id)
                return Waiting.DENIED
            if row.user_id is None:
                is_early = row.polled_at is not None and now - row.polled_at < SOON
                self._store.update(unit, row.id, polled_at=now)
                return Waiting.SLOW_DOWN if is_early else Waiting.PENDING
            self._store.delete(unit, row.id)
            user = self._identity.users.find_in(unit, row.user_id)
            if user is None or not user.is_active:
                return Waiting.DENIED
            return self._identity.sessions.open_in(unit, user, kind, address=address, device=row.client or device)

        return await self._db.write(work)

    async def look(self, caller: Caller, user_code: str) -> str:
        """What waits behind a code: the client's own name for itself. Raises: NotFound; TooMany after many wrong codes."""
        await self._identity.throttle.check(caller.address, None)
        row = await self._db.read(self._store.by_code, _plain(user_code))
        if row is None or row.expires_at <= self._clock.now() or row.user_id is not None:
            await self._identity.throttle.failed(caller.address, None)
            raise NotFound("The code")
        return str(row.client)

    async def answer(self, caller: Caller, user_code: str, *, allow: bool) -> None:
        """Let the device in as oneself, or not. Raises: NotSignedIn; NotAllowed in a profile, or by a key; NotFound; TooMany."""
        if caller.user_id is None:
            raise NotSignedIn
        if caller.profile_id is not None:
            raise NotAllowed("profile", "A managed profile may not do this")
        if caller.credential is not Credential.SESSION:  # a key may be cut down; the session made here would not be
            raise NotAllowed("session", "Only somebody who is signed in can let a device in")
        await self.look(caller, user_code)
        told: dict[str, Any] = {"user_id": caller.user_id} if allow else {"is_denied": True}

        def work(unit: Unit) -> None:
            row = self._store.by_code(unit, _plain(user_code))
            if row is None or row.user_id is not None:
                raise NotFound("The code")
            self._store.update(unit, row.id, **told)
            result = "ok" if allow else "denied"
            self._identity.audit.note(unit, caller, "sign_in.device", target=row.client, result=result)

        await self._db.write(work)


def _plain(code: str) -> str:
    """As people type it: small letters, without the dash."""
    bare = "".join(one for one in code.upper() if one.isalnum())[:8]
    return f"{bare[:4]}-{bare[4:]}"

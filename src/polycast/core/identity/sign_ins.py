"""Every place where a password is compared: one throttle, one cost, whoever asks."""

import ipaddress
from collections.abc import Sequence

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import NotAllowed, NotSignedIn
from polycast.core.identity.audit.service import Audit, somebody
from polycast.core.identity.caller import NOBODY, Caller, Credential
from polycast.core.identity.devices.model import DeviceCheck
from polycast.core.identity.known import Known
from polycast.core.identity.names import sign_in_key
from polycast.core.identity.passwords import STRICT, Hasher, PasswordRule
from polycast.core.identity.scopes import DEVICE_SCOPES as DEVICE_SCOPES
from polycast.core.identity.sessions.model import SignedIn
from polycast.core.identity.sessions.service import Sessions
from polycast.core.identity.store import CredentialStore, Login, known_device, known_user
from polycast.core.identity.throttle.service import Throttle, account_of
from polycast.core.identity.users.model import User
from polycast.core.identity.users.service import Users
from polycast.core.identity.users.store import UserStore
from polycast.core.secrets.tokens import Tokens
from polycast.core.storage.database import Database
from polycast.core.storage.unit import Unit


class Attempt(Struct, frozen=True, kw_only=True):
    """Somebody at the door."""

    name: str  # as typed
    password: str
    address: str
    device: str = ""
    request_id: str = ""

    def __repr__(self) -> str:
        return f"Attempt(name={self.name!r})"


class Compared(Struct, frozen=True, kw_only=True):
    """What the password turned out to be: the login password, or a device's."""

    login: Login
    user: User
    device: DeviceCheck | None = None


class SignIns:
    """Signing in with a name and a password, of whichever kind."""

    def __init__(
        self, *, db: Database, reads: CredentialStore, users: UserStore, accounts: Users, sessions: Sessions,
        throttle: Throttle, hasher: Hasher, audit: Audit, tokens: Tokens, clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._reads = reads
        self._users = users
        self._accounts = accounts
        self._sessions = sessions
        self._throttle = throttle
        self._hasher = hasher
        self._audit = audit
        self._tokens = tokens
        self._clock = clock

    async def sign_in(self, attempt: Attempt, *, kind: str, known: Caller = NOBODY) -> SignedIn:
        """A session for the right login password. `known`: who the client already is, if anybody.

        Raises: NotSignedIn ("bad_login", also for a name that nobody has; "inactive"); TooMany; Busy.
        """
        await self._throttle.check(attempt.address, None)
        right = await self._hasher.gate(lambda: self._compare_login(attempt, known))
        if not right.user.is_active:
            await self._audit.write(_who(attempt, right.user), "sign_in", result="inactive")
            raise NotSignedIn("inactive", "This account is switched off.")
        new_hash = await self._renewed(right.login.password_hash, attempt.password)
        return await self._db.write(self._signed_in, attempt, right.user, kind, new_hash)

    async def login_password(self, attempt: Attempt, *, known: Caller = NOBODY) -> User:
        """The active user whose login password this is, without a session. Raises: as `sign_in`."""
        await self._throttle.check(attempt.address, None)
        right = await self._hasher.gate(lambda: self._compare_login(attempt, known))
        if not right.user.is_active:
            raise NotSignedIn("inactive", "This account is switched off.")
        await self._db.write(self._throttle.passed_in, account_of(right.user.id, ""))
        return right.user

    async def change_password(
        self, caller: Caller, current: str, new: str, *, keep_session: bool = True, rule: PasswordRule = STRICT
    ) -> None:
        """Change one's own password; every other session ends, and this one too unless `keep_session`.

        Raises: NotSignedIn ("bad_login"), when `current` is wrong; TooMany; Invalid.
        """
        user = await self._confirmed(caller, current)
        hashed = await self._accounts.prepare_password(user, new, rule=rule)
        keep = caller.credential_id if keep_session and _has_session(caller) else None
        await self._db.write(self._accounts.set_password_in, user.id, hashed, by=caller, keep=keep)

    async def confirm(self, caller: Caller, password: str) -> None:
        """Show the login password again: this session is fresh for ten minutes. Raises: NotSignedIn; TooMany."""
        user = await self._confirmed(caller, password)
        if _has_session(caller) and caller.credential_id is not None:
            await self._db.write(self._sessions.freshen_in, caller.credential_id, user_id=user.id)

    async def device(self, username: str, password: str, *, address: str) -> Known:
        """Whose device password this is; the login password is never one.

        Raises: NotSignedIn ("bad_login", "inactive"); NotAllowed ("network"); TooMany; Busy.
        """
        attempt = Attempt(name=username, password=password, address=address)
        login = await self._login(attempt, with_key=False)
        device = self._quick_device(login, password)
        if device is None:
            right = await self._slowly(attempt, login, with_login=False)
            login, device = right.login, right.device
        return self._as_device(login, device, address)

    async def basic(self, username: str, password: str, *, address: str) -> Known:
        """Whose password this is: a device password, an API key of the same user, or the login password.

        Raises: as `device`.
        """
        attempt = Attempt(name=username, password=password, address=address)
        login = await self._login(attempt, with_key=True)
        if login.key is not None and login.key.is_good(self._clock.now()):
            return login.key
        device = self._quick_device(login, password)
        if device is not None:
            return self._as_device(login, device, address)
        if login.user and login.password_hash and self._hasher.knows(login.password_hash, password):
            return _active(login.user)
        right = await self._slowly(attempt, login, with_login=True)
        return _active(right.user) if right.device is None else self._as_device(right.login, right.device, address)

    async def _login(self, attempt: Attempt, *, with_key: bool) -> Login:
        key_hash = self._tokens.hash(attempt.password) if with_key else None
        name = sign_in_key(attempt.name)
        return await self._db.read(self._reads.login, name, now=self._clock.now(), key_hash=key_hash)

    async def _compare_login(self, attempt: Attempt, known: Caller) -> Compared:
        login = await self._login(attempt, with_key=False)
        user = login.user
        # Whoever is already in as this user is not locked out by what others try with the name.
        locked_out = user is None or known.user_id != user.id
        account = account_of(user.id if user else None, sign_in_key(attempt.name))
        await self._throttle.check(attempt.address, account if locked_out else None)
        if await self._hasher.verify(login.password_hash, attempt.password) and user is not None:
            return Compared(login=login, user=user)
        await self._refuse(attempt, user, account)
        raise NotSignedIn("bad_login", "Wrong name or password.")

    async def _slowly(self, attempt: Attempt, login: Login, *, with_login: bool) -> Compared:
        await self._throttle.check(attempt.address, None)
        return await self._hasher.gate(lambda: self._compare_all(attempt, login, with_login=with_login))

    async def _compare_all(self, attempt: Attempt, login: Login, *, with_login: bool) -> Compared:
        """Compare with every slow hash there is, and with none at least once for each that most users have."""
        user = login.user
        account = account_of(user.id if user else None, sign_in_key(attempt.name))
        await self._throttle.check(attempt.address, account)
        compared = 0
        for device in login.devices:
            if user is not None and device.password_hash is not None:
                compared += 1
                if await self._hasher.verify_often(device.password_hash, attempt.password):
                    return await self._passed(account, Compared(login=login, user=user, device=device))
        if with_login and user is not None and login.password_hash is not None:
            compared += 1
            if await self._hasher.verify_often(login.password_hash, attempt.password):
                return await self._passed(account, Compared(login=login, user=user))
        for _ in range(compared, 2 if with_login else 1):
            await self._hasher.verify(None, attempt.password)
        await self._refuse(attempt, user, account)
        raise NotSignedIn("bad_login", "Wrong name or password.")

    async def _passed(self, account: str, right: Compared) -> Compared:
        await self._db.write(self._throttle.passed_in, account)
        return right

    async def _refuse(self, attempt: Attempt, user: User | None, account: str) -> None:
        await self._db.write(self._refused, attempt, user, account)

    def _refused(self, unit: Unit, attempt: Attempt, user: User | None, account: str) -> None:
        self._throttle.failed_in(unit, attempt.address, account)
        self._audit.note(unit, _who(attempt, user), "sign_in", result="bad_login")

    def _quick_device(self, login: Login, password: str) -> DeviceCheck | None:
        """The device password that is found without a slow hash: a random one, or one seen right before."""
        hashed = self._tokens.hash(password)
        for device in login.devices:
            if device.secret_hash is not None and self._tokens.same(device.secret_hash, hashed):
                return device
            if device.password_hash is not None and self._hasher.knows(device.password_hash, password):
                return device
        return None

    def _as_device(self, login: Login, device: DeviceCheck | None, address: str) -> Known:
        if login.user is None or device is None:
            raise NotSignedIn("bad_login", "Wrong name or password.")
        known = _active(login.user)
        if device.networks is not None and not _is_within(address, device.networks):
            raise NotAllowed("network", "This password does not work from here.")
        return known_device(known, device)

    async def _renewed(self, stored: str | None, password: str) -> str | None:
        """A new hash when the stored one was made with other parameters."""
        return await self._hasher.hash(password) if stored and self._hasher.is_outdated(stored) else None

    def _signed_in(self, unit: Unit, attempt: Attempt, user: User, kind: str, new_hash: str | None) -> SignedIn:
        self._throttle.passed_in(unit, account_of(user.id, ""))
        self._users.signed_in(unit, user.id, self._clock.now())
        if new_hash is not None:
            self._users.update(unit, user.id, password_hash=new_hash)
        self._audit.note(unit, _who(attempt, user), "sign_in", details={"kind": kind})
        return self._sessions.open_in(unit, user, kind, address=attempt.address, device=attempt.device, fresh=True)

    async def _confirmed(self, caller: Caller, password: str) -> User:
        if caller.user_id is None or caller.credential in (Credential.DEVICE, Credential.SIGNED):
            raise NotSignedIn
        attempt = Attempt(name=caller.username, password=password, address=caller.address, request_id=caller.request_id)
        return await self.login_password(attempt, known=caller)


def _has_session(caller: Caller) -> bool:
    return caller.credential in (Credential.SESSION, Credential.JWT)


def _active(user: User) -> Known:
    if not user.is_active:
        raise NotSignedIn("inactive", "This account is switched off.")
    return known_user(user)


def _is_within(address: str, networks: Sequence[str]) -> bool:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return any((mapped or ip) in ipaddress.ip_network(text, strict=False) for text in networks)


def _who(attempt: Attempt, user: User | None) -> Caller:
    return somebody(
        user.username if user else attempt.name,
        address=attempt.address,
        user_id=user.id if user else None,
        request_id=attempt.request_id,
    )

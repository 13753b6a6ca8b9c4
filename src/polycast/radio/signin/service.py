"""Signing in the way Streaming.Center's clients do: a token that stays the same until it is given up."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotAllowed, NotSignedIn, Problem
from polycast.core.events import Listener
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.events import CredentialEnded
from polycast.core.identity.jwt import BadJwt
from polycast.core.identity.service import Identity
from polycast.core.identity.sessions.model import SessionKind
from polycast.core.identity.sign_ins import Attempt
from polycast.core.identity.users.model import User
from polycast.core.secrets import Tokens
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.model import Account
from polycast.radio.accounts.rules import password_problems
from polycast.radio.accounts.service import LENIENT
from polycast.radio.accounts.store import AccountStore
from polycast.radio.accounts.who import KIND_OF_ROLE

TOKEN: Final = SessionKind(name="radio", life=timedelta(days=3650))  # kept until it is given up
PURPOSE: Final = "radio.token"
PANEL: Final = "radio-panel"
PANEL_LIFE: Final = timedelta(minutes=5)
STALE: Final = "This link is no longer valid."


class Entered(Struct, frozen=True, kw_only=True):
    """Somebody who is in."""

    account: Account
    user: User
    token: str

    def __repr__(self) -> str:
        return f"Entered({self.account.username!r})"


class SignIn:
    """Login tokens, panel tokens, and the passwords behind them."""

    def __init__(self, *, db: Database, store: AccountStore, identity: Identity, tokens: Tokens, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._identity = identity
        self._tokens = tokens
        self._clock = clock
        identity.sessions.offer(TOKEN)

    async def sign_in(self, name: str, password: str, *, caller: Caller, device: str = "") -> Entered:
        """By user name, or by an address that one account alone has.

        Raises: NotSignedIn; NotAllowed for a user without a place in radio hosting; TooMany.
        """
        user = await self.prove(name, password, address=caller.address, request_id=caller.request_id)
        return await self._db.write(self._enter, user, caller.address, device)

    async def prove(self, name: str, password: str, *, address: str, request_id: str = "") -> User:
        """Whose password this is. Raises: NotSignedIn; TooMany."""
        if "@" in name:
            found = await self._db.read(self._store.by_email, name)
            name = found[0].username if len(found) == 1 else name
        attempt = Attempt(name=name, password=password, address=address, request_id=request_id)
        return await self._identity.sign_ins.login_password(attempt)

    async def enter(self, user_id: int, *, caller: Caller) -> Entered:
        """A token for somebody else's account: an admin looks after a reseller. Rights were asked before."""
        user = await self._db.read(self._identity.users.require_in, user_id)
        return await self._db.write(self._enter, user, caller.address, "")

    def _enter(self, unit: Unit, user: User, address: str, device: str) -> Entered:
        kind = KIND_OF_ROLE.get(user.role)
        if kind is None:
            raise NotAllowed
        account = self._store.ensure(unit, user.id, kind, at=self._clock.now())
        self._store.update(unit, user.id, login_at=self._clock.now())
        token = self._token(account)
        self._identity.sessions.open_in(unit, user, TOKEN.name, address=address, device=device, fresh=True, token=token)
        return Entered(account=account, user=user, token=token)

    def _token(self, account: Account) -> str:
        return self._tokens.mac(f"{account.id}:{account.token_epoch}", purpose=PURPOSE).hex()[:40]

    async def sign_out(self, caller: Caller) -> None:
        """Give the token up: the next sign-in makes another. Nothing happens to somebody who has none."""
        if caller.user_id is None:
            return
        if caller.credential is Credential.SESSION and caller.credential_id is not None:
            await self._identity.sessions.end(caller, caller.credential_id)
        await self._db.write(self._raise_epoch, caller.user_id)

    def _raise_epoch(self, unit: Unit, user_id: int) -> None:
        account = self._store.get(unit, user_id)
        if account is not None:
            self._store.update(unit, user_id, token_epoch=account.token_epoch + 1)

    async def change_own_password(self, caller: Caller, new: str, *, current: str | None) -> None:
        """One's own password: the calling token stays, every other session ends.

        Raises: Invalid; NotAllowed ("fresh") without `current`, when the password was not shown in this session.
        """
        if caller.user_id is None:
            raise NotSignedIn
        if problems := password_problems(new):
            raise Invalid(problems)
        if current is not None:
            try:
                await self.prove(caller.username, current, address=caller.address, request_id=caller.request_id)
            except NotSignedIn as error:
                raise Invalid([Problem("password_current", "invalid")]) from error
        user = await self._db.read(self._identity.users.require_in, caller.user_id)
        hashed = await self._identity.users.prepare_password(user, new, rule=LENIENT)
        keep = caller.credential_id if caller.credential in (Credential.SESSION, Credential.JWT) else None
        await self._db.write(self._identity.users.set_password_in, caller.user_id, hashed, by=caller, keep=keep)

    def panel_token(self, account: Account) -> str:
        """A ticket into an account's panel: five minutes, and once, because every way in changes `login_at`."""
        claims = {
            "sub": str(account.id),
            "usr": account.username,
            "jti": self._tokens.new(),
            "seen": str(account.login_at),
        }
        return self._identity.jwt.sign(claims, life=PANEL_LIFE, audience=PANEL)

    async def use_panel_token(self, text: str, *, caller: Caller) -> Entered:
        """Raises: NotSignedIn, for one that is wrong, old or used."""
        try:
            claims = self._identity.jwt.claims(text, audience=PANEL)
        except BadJwt as error:
            raise NotSignedIn("bad_token", STALE) from error
        return await self._db.write(self._use, claims, caller.address)

    def _use(self, unit: Unit, claims: Mapping[str, Any], address: str) -> Entered:
        account = self._store.get(unit, int(str(claims.get("sub"))))
        user = None if account is None else self._identity.users.find_in(unit, account.id)
        if account is None or user is None or claims.get("seen") != str(account.login_at):
            raise NotSignedIn("bad_token", STALE)
        return self._enter(unit, user, address, "")

    def listeners(self) -> list[Listener]:
        """A password changed elsewhere ends the login token too."""
        return [Listener(name="radio.end_login_tokens", event=CredentialEnded, once=self._ended)]

    def _ended(self, unit: Unit, event: CredentialEnded) -> None:
        whole = event.kept_id is None and event.credential_id is None
        if event.user_id is not None and whole and event.reason in ("password", "disabled", "role"):
            self._raise_epoch(unit, event.user_id)

"""Forgotten passwords: a link by mail, good for three days and once."""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, Problem
from polycast.core.identity.caller import Caller
from polycast.core.identity.service import Identity
from polycast.core.identity.throttle.model import Limit
from polycast.core.identity.users.model import User
from polycast.core.secrets import Tokens
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.model import Account
from polycast.radio.accounts.rules import password_problems
from polycast.radio.accounts.service import LENIENT
from polycast.radio.accounts.store import AccountStore
from polycast.radio.mail.service import MailRoom

TRIES: Final = Limit(times=5, per=timedelta(minutes=1))
MAILS: Final = 5  # an hour and account
LIFE: Final = timedelta(days=3)
START: Final = datetime(2001, 1, 1, tzinfo=UTC)
PURPOSE: Final = "radio.password_reset"
DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
TOKEN: Final = re.compile(r"([0-9a-z]{1,13})-([0-9a-f]{32})")
EMAIL_TYPE: Final = "password_reset"


class Resets:
    """Links for whoever has lost their password."""

    def __init__(
        self, *, db: Database, store: AccountStore, identity: Identity, mail: MailRoom, tokens: Tokens,
        public_url: Callable[[], str], clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._identity = identity
        self._mail = mail
        self._tokens = tokens
        self._public_url = public_url
        self._clock = clock

    async def ask(self, email: str, *, address: str) -> None:
        """Mail a link to every account with this address. Raises: Invalid ("user_not_found"); TooMany."""
        await self._identity.throttle.hit("radio.password_reset", address, TRIES)
        found = await self._db.read(self._store.by_email, email.strip()) if email.strip() else []
        if not found:
            raise Invalid([Problem("email", "user_not_found")])
        await self._db.write(self._write, [account.id for account in found])

    def _write(self, unit: Unit, account_ids: list[int]) -> None:
        links: list[tuple[Account, str]] = []
        for account_id in account_ids:
            account, user = self._store.get(unit, account_id), self._identity.users.find_in(unit, account_id)
            if account is None or user is None:
                continue
            if self._mail.written_in(unit, account_id, EMAIL_TYPE, within=timedelta(hours=1)) < MAILS:
                links.append((account, self._link(account, user)))
        if links:
            first = links[0][0]
            many = "\n".join(f"{account.username}: {link}" for account, link in links)
            values = {"reset_url": links[0][1] if len(links) == 1 else many}
            self._mail.put_to(unit, first.email, first, EMAIL_TYPE, values)

    def _link(self, account: Account, user: User) -> str:
        uid = base64.urlsafe_b64encode(str(account.id).encode()).decode().rstrip("=")
        return f"{self._public_url()}/app/reset/{uid}/{self.token(account, user)}"

    def token(self, account: Account, user: User, *, at: datetime | None = None) -> str:
        """Dies with the next password, sign-in or address."""
        seconds = int(((at or self._clock.now()) - START).total_seconds())
        state = "|".join(
            str(part)
            for part in (
                account.id,
                user.password_changed_at,
                account.token_epoch,
                account.login_at,
                user.last_sign_in_at,
                seconds,
                account.email,
            )
        )
        return f"{_base36(seconds)}-{self._tokens.mac(state, purpose=PURPOSE).hex()[::2]}"

    async def confirm(self, uid: str, token: str, password: str, *, caller: Caller) -> None:
        """Set a new password by a link; every session and token ends. Raises: Invalid; TooMany."""
        await self._identity.throttle.hit("radio.password_reset_confirm", caller.address, TRIES)
        account_id = read_uid(uid)
        account, user = await self._db.read(self._pair, account_id)
        if account is None or user is None:
            raise Invalid([Problem("uid", "user_not_found")])
        if problems := password_problems(password):
            raise Invalid(problems)
        self._check(account, user, token)
        hashed = await self._identity.users.prepare_password(user, password, rule=LENIENT)
        await self._db.write(self._set, account.id, token, hashed, caller)

    def _pair(self, unit: Unit, account_id: int | None) -> tuple[Account | None, User | None]:
        if account_id is None:
            return None, None
        return self._store.get(unit, account_id), self._identity.users.find_in(unit, account_id)

    def _set(self, unit: Unit, account_id: int, token: str, hashed: str, caller: Caller) -> None:
        account, user = self._pair(unit, account_id)
        if account is None or user is None:
            raise Invalid([Problem("uid", "user_not_found")])
        self._check(account, user, token)  # two clicks at once: the second finds another password
        self._identity.users.set_password_in(unit, account_id, hashed, by=caller)
        self._store.update(unit, account_id, token_epoch=account.token_epoch + 1)

    def _check(self, account: Account, user: User, token: str) -> None:
        match = TOKEN.fullmatch(token)
        if match is not None:
            made = START + timedelta(seconds=min(int(match[1], 36), 10**11))
            is_in_time = made <= self._clock.now() + timedelta(minutes=1) and self._clock.now() - made <= LIFE
            if is_in_time and self._tokens.same(self.token(account, user, at=made), token):
                return
        raise Invalid([Problem("token", "invalid")])


def read_uid(text: str) -> int | None:
    """The key in a `uid`: base64 of the decimal number, padded or not, in either alphabet."""
    padded = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        number = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return int(number) if re.fullmatch(rb"[0-9]{1,15}", number) else None


def _base36(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text or "0"

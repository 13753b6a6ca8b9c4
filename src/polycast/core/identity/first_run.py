"""The first owner: made once, by whoever sits at the machine or can read its log."""

import logging

from polycast.core.errors import Conflict, NotAllowed
from polycast.core.identity.caller import SYSTEM, Caller
from polycast.core.identity.passwords import STRICT, PasswordRule
from polycast.core.identity.scopes import Role
from polycast.core.identity.throttle.service import Throttle
from polycast.core.identity.users.model import User, UserNew, UserReady
from polycast.core.identity.users.service import Users
from polycast.core.identity.users.store import UserStore
from polycast.core.secrets.tokens import Tokens
from polycast.core.storage.database import Database
from polycast.core.storage.unit import Unit

log = logging.getLogger("polycast.core.identity")

PURPOSE = "first-run"


class FirstRun:
    """Open until there is a user, then closed for good: the last owner cannot be removed."""

    def __init__(self, *, db: Database, store: UserStore, users: Users, throttle: Throttle, tokens: Tokens) -> None:
        self._db = db
        self._store = store
        self._users = users
        self._throttle = throttle
        self._tokens = tokens

    async def is_open(self) -> bool:
        """Whether there is no user yet. Raises: Storage, when that cannot be read; then nothing is open."""
        return not await self._users.any()

    def may(self, caller: Caller) -> bool:
        """Whether `caller` needs no code: they sit at this machine."""
        return caller.is_direct

    @property
    def code(self) -> str:
        """The one-time code for everybody else. The same in every process, worth nothing once there is a user."""
        return self._tokens.code(PURPOSE)

    async def announce(self) -> None:
        """Print the code in the log, while it is of use."""
        if await self.is_open():
            log.warning("There is no user yet. From another machine, the set-up asks for this code: %s", self.code)

    async def make_owner(self, caller: Caller, new: UserNew, *, code: str = "", rule: PasswordRule = STRICT) -> User:
        """Make the first user, an owner whatever `new.role` says.

        Raises: Conflict ("exists"), when there is a user; NotAllowed ("code"), from elsewhere without the code;
        TooMany, after too many wrong codes; Invalid.
        """
        if not await self.is_open():
            raise _exists()
        if not self.may(caller):
            await self._throttle.check(caller.address, None)
            if not self._tokens.same(_bare(code), _bare(self.code)):
                await self._throttle.failed(caller.address, None)
                raise NotAllowed("code", "From another machine this needs the code printed in the server's log.")
        return await self._make(new, rule)

    async def from_settings(self, *, username: str | None, password: str | None, email: str | None) -> User | None:
        """Make the owner that the host's configuration names, when there is no user; None when there is one.

        Raises: Invalid; the server then says what is wrong and does not start.
        """
        if not username or not password or not await self.is_open():
            return None
        return await self._make(UserNew(username=username, password=password, email=email), STRICT)

    async def _make(self, new: UserNew, rule: PasswordRule) -> User:
        owner = UserNew(username=new.username, email=new.email, password=new.password, name=new.name, role=Role.OWNER)
        ready = await self._users.prepare(owner, rule=rule)
        return await self._db.write(self._add, ready)

    def _add(self, unit: Unit, ready: UserReady) -> User:
        # In the transaction of the insert: of two who ask at the same time one finds the other's user.
        if self._store.any(unit):
            raise _exists()
        return self._users.add_in(unit, ready, by=SYSTEM)


def _exists() -> Conflict:
    return Conflict("The set-up is done: there is a user already.", reason="exists")


def _bare(code: str) -> str:
    return code.replace("-", "").replace(" ", "").upper()

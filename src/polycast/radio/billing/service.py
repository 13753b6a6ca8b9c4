"""What billing programs do: every call brings the login of an admin or a reseller."""

from collections.abc import Awaitable
from typing import Any, Final, TypeVar

import msgspec
from msgspec import UNSET, Struct

from polycast.core.errors import Conflict, Invalid, NotFound, NotSignedIn, Problem
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.scopes import Role
from polycast.core.identity.service import Identity
from polycast.core.identity.throttle.model import PROBE
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.model import FEATURES, LIMITS, Account, AccountChange, Kind
from polycast.radio.accounts.rules import password_problems
from polycast.radio.accounts.service import Accounts
from polycast.radio.accounts.store import AccountStore
from polycast.radio.accounts.store_rows import ALL_LIMITS
from polycast.radio.accounts.who import Who, who_of
from polycast.radio.signin.service import SignIn
from polycast.radio.templates.model import Template
from polycast.radio.templates.service import RESERVED, Templates

T = TypeVar("T")


class Login(Struct, frozen=True, kw_only=True):
    """The credentials that came with a call."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"Login({self.username!r})"


class Refusal(Conflict):
    """An answer that the billing program shows: its text is a word that it may translate."""


class Billing:
    """The remote calls. Success is always an answer without `error`."""

    def __init__(
        self, *, db: Database, identity: Identity, sign_in: SignIn, accounts: Accounts, store: AccountStore,
        templates: Templates,
    ) -> None:  # fmt: skip
        self._db = db
        self._identity = identity
        self._sign_in = sign_in
        self._accounts = accounts
        self._store = store
        self._templates = templates

    async def enter(self, login: Login, caller: Caller) -> Who:
        """Who calls. Raises: Refusal; TooMany."""
        if not login.username or not login.password:
            raise Refusal("Username or password not set", reason="not_set")
        try:
            user = await self._sign_in.prove(
                login.username, login.password, address=caller.address, request_id=caller.request_id
            )
        except NotSignedIn as error:
            raise Refusal("Invalid credentials", reason="bad_login") from error
        known = Caller(
            user_id=user.id,
            username=user.username,
            role=user.role,
            scopes=user.scopes,
            credential=Credential.SESSION,
            tenant_id=user.tenant_id,
            address=caller.address,
            request_id=caller.request_id,
            via="remote",
        )
        if user.role not in (Role.OWNER, Role.ADMIN, Role.RESELLER):
            raise Refusal("Invalid credentials", reason="bad_login")
        who = who_of(known)
        await self._db.write(self._ensure, who)
        return who

    def _ensure(self, unit: Unit, who: Who) -> None:
        if who.id is not None:
            self._store.ensure(unit, who.id, who.kind, at=self._identity.users.require_in(unit, who.id).created_at)

    async def exists(self, username: str, caller: Caller) -> bool:
        """Whether a name is taken; strangers may ask five times a minute. Raises: TooMany."""
        if caller.is_anonymous:
            await self._identity.throttle.hit("radio.check_username", caller.address, PROBE)
        return await self._db.read(self._store.is_taken, username)

    async def token_of(self, login: Login, caller: Caller) -> str:
        """An admin's or reseller's own login token."""
        who = await self.enter(login, caller)
        return (await self._sign_in.enter(who.id or 0, caller=caller)).token

    async def everybody(self, login: Login, caller: Caller) -> list[Account]:
        who = await self.enter(login, caller)
        return (await self._accounts.page(who, Kind.BROADCASTER))[0]

    async def account(self, login: Login, username: str, caller: Caller) -> tuple[Who, Account]:
        """Who calls, and the account that is meant. Raises: Refusal."""
        who = await self.enter(login, caller)
        if not username:
            raise Refusal("empty_username", reason="empty_username")
        try:
            return who, await self._accounts.named(who, username)
        except NotFound as error:
            raise Refusal("user_not_found", reason="user_not_found") from error

    async def change_password(self, login: Login, username: str, password: str, caller: Caller) -> None:
        who, account = await self.account(login, username, caller)
        if problems := password_problems(password):
            raise flat(Invalid(problems))
        await self._changed(who, account, AccountChange(password=password))

    async def suspend(self, login: Login, username: str, caller: Caller) -> None:
        who, account = await self.account(login, username, caller)
        await flattened(self._accounts.suspend(_for_broadcasters(who, account), account.id, reason="billing"))

    async def unsuspend(self, login: Login, username: str, caller: Caller) -> None:
        who, account = await self.account(login, username, caller)
        await flattened(self._accounts.unsuspend(_for_broadcasters(who, account), account.id))

    async def delete(self, login: Login, username: str, caller: Caller) -> None:
        who, account = await self.account(login, username, caller)
        if account.kind is Kind.RESELLER:
            await flattened(self._accounts.delete_reseller(who, account.id, reassign_to=None))
        else:
            await flattened(self._accounts.delete(who, account.id))

    async def template_names(self, login: Login, caller: Caller) -> tuple[list[str], list[str]]:
        """Of packages for broadcasters, and for resellers where the caller may have those."""
        who = await self.enter(login, caller)
        mine = [one.name for one in await self._templates.of_kind(who, Kind.BROADCASTER)]
        others = [one.name for one in await self._templates.of_kind(who, Kind.RESELLER)] if who.is_admin else []
        return mine, others

    async def create(self, login: Login, template: str, sent: AccountChange, caller: Caller) -> Account:
        """A new account: what the package says, then what the request says beyond it."""
        who = await self.enter(login, caller)
        if sent.username is UNSET or not sent.username:
            raise Refusal("empty_username", reason="empty_username")
        package = await self._package(template)
        kind = Kind.BROADCASTER if package is None else package.kind
        change = merged(package, sent) if package is not None else sent
        return await flattened(self._accounts.create(who, kind, change))

    async def update(
        self, login: Login, username: str, template: str, sent: AccountChange, caller: Caller
    ) -> tuple[Account, bool]:
        """Give an account a package, or its own limits; whether it was a package."""
        who, account = await self.account(login, username, caller)
        package = await self._package(template)
        change = sent if package is None else package_change(package)
        if package is not None and package.kind is not account.kind:
            raise Refusal("invalid_params", reason="invalid_params")
        return await self._changed(who, account, change), package is not None

    async def _changed(self, who: Who, account: Account, change: AccountChange) -> Account:
        return await flattened(self._accounts.update(who, account.kind, account.id, change))

    async def _package(self, name: str) -> Template | None:
        if not name or name == RESERVED:
            return None
        found = await self._db.read(self._templates.named_in, name)
        if found is None:
            raise Refusal("invalid_params", reason="invalid_params")
        return found


def package_change(template: Template) -> AccountChange:
    """All that a package says."""
    given: dict[str, Any] = {name: getattr(template.limits, name) for name in ALL_LIMITS}
    given |= {name: getattr(template.features, name) for name in FEATURES}
    if template.kind is Kind.BROADCASTER:
        given["server_type"] = template.server_type
    return msgspec.convert(given, AccountChange)


def merged(template: Template, sent: AccountChange) -> AccountChange:
    """A package, and over it what the request really says: empty, 0 and false count as not given."""
    base = _given(package_change(template))
    more = {name: value for name, value in _given(sent).items() if name not in CHOSEN or value}
    return msgspec.convert(base | more, AccountChange)


CHOSEN: Final = frozenset((*LIMITS, *FEATURES, "server_type"))


def _given(change: AccountChange) -> dict[str, Any]:
    names = AccountChange.__struct_fields__
    return {name: value for name in names if (value := getattr(change, name)) is not UNSET}


def _for_broadcasters(who: Who, account: Account) -> Who:
    if account.kind is not Kind.BROADCASTER:
        raise Refusal("user_not_found", reason="user_not_found")
    return who


def flat(error: Invalid) -> Refusal:
    """`<field>_<code>`, as the billing program translates it; the first problem is told."""
    problem: Problem = error.problems[0]
    return Refusal(f"{problem.path or 'non_field_errors'}_{problem.code}", reason="invalid")


async def flattened(work: Awaitable[T]) -> T:
    """What `work` gives. Raises: Refusal, for input that breaks a rule."""
    try:
        return await work
    except Invalid as error:
        raise flat(error) from error
    except NotFound as error:
        raise Refusal("user_not_found", reason="user_not_found") from error

"""Making, changing, suspending and removing accounts. Rights are asked here; rows leave with their jobs and events."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import UNSET, Struct
from msgspec.structs import asdict

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.identity.passwords import PasswordRule
from polycast.core.identity.scopes import Role
from polycast.core.identity.service import Identity
from polycast.core.identity.users.model import User, UserNew, UserPatch, UserReady
from polycast.core.storage import Database, Unit
from polycast.radio.accounts import rules
from polycast.radio.accounts.changes import (
    LIFTED,
    at_rest,
    change_problems,
    merged_ports,
    port_problems,
    wanted_of,
    word_problems,
)
from polycast.radio.accounts.model import Account, AccountChange, Kind, Ports, Status
from polycast.radio.accounts.ports import Caps, Letters, PortPool, Rationing
from polycast.radio.accounts.store import AccountStore, Find
from polycast.radio.accounts.who import Who
from polycast.radio.events import AccountChanged, AccountRemoved, AccountResumed, AccountSuspended, StationTold

LENIENT: Final = PasswordRule(min_length=rules.SHORTEST_PASSWORD, uncommon=False)
ROLE_OF_KIND: Final = {Kind.RESELLER: Role.RESELLER, Kind.BROADCASTER: Role.BROADCASTER}
PLAIN: Final = ("image", "server_type", "station_name", "website_url", "language", "timezone")
NO_PORTS: Final = Ports()


class MakeAccount(Struct, frozen=True):
    """Make an account's folders and first station."""

    account_id: int


class RemoveAccount(Struct, frozen=True):
    """Take an account's files and rows away."""

    account_id: int


class Ready(Struct, frozen=True, kw_only=True):
    """A change whose slow part is done: passwords are hashed, ports were tried."""

    change: AccountChange
    user: UserReady | None = None
    password_hash: str | None = None
    ports: Ports | None = None
    blocks: Sequence[Ports] = ()  # free when they were tried; the first that still is, is taken

    def __repr__(self) -> str:
        return "Ready()"


class Accounts:
    """Everybody who sells or buys radio here."""

    def __init__(
        self, *, db: Database, store: AccountStore, identity: Identity, pool: PortPool, letters: Letters, caps: Caps,
        rationing: Rationing, clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._identity = identity
        self._pool = pool
        self._letters = letters
        self._caps = caps
        self._rationing = rationing
        self._clock = clock

    async def create(self, who: Who, kind: Kind, change: AccountChange) -> Account:
        """A new broadcaster (BEING_CREATED; a job does the rest) or reseller (ready at once).

        Raises: NotAllowed; Invalid, with all that is wrong.
        """
        who.require(Kind.ADMIN, *([Kind.RESELLER] if kind is Kind.BROADCASTER else []))
        problems = self._new_problems(change)
        email = change.email if change.email is not UNSET else ""
        new = UserNew(
            username=change.username if change.username is not UNSET else "",
            password=change.password if change.password is not UNSET else "",
            name=change.first_name if change.first_name is not UNSET else "",
            role=ROLE_OF_KIND[kind],
        )
        user: UserReady | None = None
        if not problems:
            user = await self._identity.users.prepare(new, rule=LENIENT)
        blocks = await self._pool.free() if kind is Kind.BROADCASTER and not problems else ()
        ready = Ready(change=change, user=user, blocks=blocks)
        return await self._db.write(self._create, who, kind, ready, email, problems)

    def _new_problems(self, change: AccountChange) -> list[Problem]:
        texts = {name: getattr(change, name) for name in ("username", "email", "password")}
        given = {name: "" if text is UNSET else text for name, text in texts.items()}
        return [
            *rules.username_problems(given["username"]),
            *rules.email_problems(given["email"]),
            *rules.password_problems(given["password"]),
            *word_problems(change),
        ]

    def _create(self, unit: Unit, who: Who, kind: Kind, ready: Ready, email: str, problems: list[Problem]) -> Account:
        change = ready.change
        if who.id is not None and who.is_admin:
            self._store.ensure(unit, who.id, Kind.ADMIN, at=self._clock.now())
        owner_id = self._owner(unit, who, change, None, problems)
        wanted = wanted_of(change, None)
        problems = problems + self._reseller_problems(unit, owner_id, wanted, kind, but=None)
        if self._is_taken(unit, change):
            problems.append(Problem("username", "unique"))
        if kind is Kind.BROADCASTER and self._caps.is_full(unit, self._store.broadcasters(unit)):
            problems.append(Problem("non_field_errors", "licence_no_more_stations"))
        ports = NO_PORTS
        if kind is Kind.BROADCASTER and not problems:
            ports = self._ports(unit, ready, problems)
        problems += self._branded_problems(unit, change, wanted, None)
        if problems or ready.user is None:
            raise Invalid(problems)
        user = self._identity.users.add_in(unit, ready.user, by=who.caller)
        self._identity.users.update_in(unit, user.id, UserPatch(tenant_id=user.id), by=who.caller)
        self._insert(unit, user, kind, owner_id, change, wanted | asdict(ports), email)
        self._identity.audit.note(unit, who.caller, "radio.account_create", target=f"account:{user.id}")
        if kind is Kind.BROADCASTER:
            unit.enqueue("radio.make_account", MakeAccount(account_id=user.id), by=who.id)
        return self.require_in(unit, user.id)

    def _ports(self, unit: Unit, ready: Ready, problems: list[Problem]) -> Ports:
        """The block of a new account: the first free one, with what the request says about it."""
        others = self._store.blocks(unit)
        wrong = [Problem("panel_port", "no_free_ports")]
        for block in ready.blocks:
            ports = merged_ports(block, ready.change)
            wrong = port_problems(ports, others, ())
            if not wrong:
                return ports
        problems += wrong
        return NO_PORTS

    def _insert(  # one row of many columns
        self, unit: Unit, user: User, kind: Kind, owner_id: int | None, change: AccountChange, wanted: dict[str, Any],
        email: str,
    ) -> None:  # fmt: skip
        values = wanted | {name: text for name in PLAIN if (text := getattr(change, name)) is not UNSET}
        branded = change.branded_url if change.branded_url is not UNSET else ""
        self._store.insert(
            unit,
            user.id,
            kind=kind.value,
            owner_id=owner_id,
            email=email,
            email_key=email.lower(),
            status=(Status.BEING_CREATED if kind is Kind.BROADCASTER else Status.ACTIVE).value,
            branded_url=branded or None,
            branded_url_status=1 if branded else 0,
            joined_at=self._clock.now(),
            **({"server_type": "icecast", "language": "en", "timezone": "UTC"} | values),
        )

    async def update(self, who: Who, kind: Kind, account_id: int, change: AccountChange) -> Account:
        """Change a broadcaster or reseller. Limits below what is used are taken over; nothing is deleted.

        Raises: NotAllowed; NotFound, also for another's; Invalid.
        """
        who.require(Kind.ADMIN, *([Kind.RESELLER] if kind is Kind.BROADCASTER else []))
        before = await self.get(who, kind, account_id)
        problems = change_problems(change)
        hashed: str | None = None
        if not problems and change.password is not UNSET:
            user = await self._db.read(self._identity.users.require_in, account_id)
            hashed = await self._identity.users.prepare_password(user, change.password, rule=LENIENT)
        ports = merged_ports(before.ports, change) if kind is Kind.BROADCASTER else None
        ready = Ready(change=change, password_hash=hashed, ports=ports)
        return await self._db.write(self._update, who, kind, account_id, ready, problems)

    def _update(
        self, unit: Unit, who: Who, kind: Kind, account_id: int, ready: Ready, problems: list[Problem]
    ) -> Account:
        before = who.see(self._store.get(unit, account_id), kind)
        if before.status is Status.BEING_DELETED:
            raise Invalid([Problem("non_field_errors", "account_busy")])
        change, ports = ready.change, ready.ports
        owner_id = self._owner(unit, who, change, before, problems)
        wanted = wanted_of(change, before)
        problems = problems + self._reseller_problems(unit, owner_id, wanted, kind, but=account_id, before=before)
        if ports is not None and ports != before.ports:
            others = [block for block in self._store.blocks(unit) if block.account_id != account_id]
            problems += port_problems(ports, others, self._pool.used_in(unit, account_id))
        problems += self._branded_problems(unit, change, wanted, before)
        if problems:
            raise Invalid(problems)
        values = wanted | {name: text for name in PLAIN if (text := getattr(change, name)) is not UNSET}
        values |= {"owner_id": owner_id} if change.owner is not UNSET else {}
        values |= {} if ports is None else asdict(ports)
        values |= {} if change.email is UNSET else {"email": change.email, "email_key": change.email.lower()}
        if change.branded_url is not UNSET and (change.branded_url or None) != before.branded_url:
            values |= {"branded_url": change.branded_url or None, "branded_url_status": 1 if change.branded_url else 0}
        if ready.password_hash is not None:
            self._identity.users.set_password_in(unit, account_id, ready.password_hash, by=who.caller)
            values["token_epoch"] = before.token_epoch + 1
        self._store.update(unit, account_id, **values)
        if change.first_name is not UNSET:
            self._identity.users.update_in(unit, account_id, UserPatch(name=change.first_name), by=who.caller)
        self._rationing.ration(unit, self.require_in(unit, account_id))
        unit.publish(AccountChanged(account_id=account_id))
        self._identity.audit.note(unit, who.caller, "radio.account_update", target=f"account:{account_id}")
        return self.require_in(unit, account_id)

    async def get(self, who: Who, kind: Kind | None, account_id: int) -> Account:
        """Raises: NotFound, also for another's and for one of another kind."""
        return who.see(await self._db.read(self._store.get, account_id), kind)

    async def named(self, who: Who, username: str, kind: Kind | None = None) -> Account:
        """By user name. Raises: NotFound."""
        return who.see(await self._db.read(self._store.by_username, username), kind)

    async def page(
        self, who: Who, kind: Kind, *, search: str = "", ordering: str = "", limit: int | None = None, offset: int = 0
    ) -> tuple[list[Account], int]:
        """What `who` may see, and how many there are in all. Raises: NotAllowed for broadcasters."""
        who.require(Kind.ADMIN, *([Kind.RESELLER] if kind is Kind.BROADCASTER else []))
        find = Find(kind=kind, viewer_id=who.id, viewer_kind=who.kind, search=search, ordering=ordering)
        return await self._db.read(self._page, find, limit, offset)

    def _page(self, unit: Unit, find: Find, limit: int | None, offset: int) -> tuple[list[Account], int]:
        return self._store.page(unit, find, limit=limit, offset=offset), self._store.count(unit, find)

    async def suspend(self, who: Who, account_id: int, *, reason: str = "admin") -> None:
        """Silent and read-only at once; nothing happens to one that is so already.

        Raises: NotFound; Invalid ("account_busy") while it is made or deleted.
        """
        who.require(Kind.ADMIN, Kind.RESELLER)
        await self._db.write(self._suspend, who, account_id, reason)

    def _suspend(self, unit: Unit, who: Who, account_id: int, reason: str) -> None:
        before = at_rest(who.see(self._store.get(unit, account_id), Kind.BROADCASTER))
        if before.status is Status.SUSPENDED:
            return
        self._store.update(unit, account_id, status=Status.SUSPENDED.value, suspend_reason=reason)
        self._note(unit, who, account_id, "suspended", reason)
        unit.publish(AccountSuspended(account_id=account_id))
        self._letters.put(unit, before, "account_suspended")

    async def unsuspend(self, who: Who, account_id: int) -> None:
        """Whatever was on air before comes back; also lifts a traffic limit for the rest of the month.

        Raises: as `suspend`.
        """
        who.require(Kind.ADMIN, Kind.RESELLER)
        await self._db.write(self._unsuspend, who, account_id)

    def _unsuspend(self, unit: Unit, who: Who, account_id: int) -> None:
        before = at_rest(who.see(self._store.get(unit, account_id), Kind.BROADCASTER))
        limit = before.limits.limit_traffic
        is_over = 0 < limit * 1_000_000 <= before.traffic_bytes
        if is_over:
            self._store.update(unit, account_id, traffic_told=LIFTED)
            unit.publish(AccountChanged(account_id=account_id))
        if before.status is Status.SUSPENDED:
            self._store.update(unit, account_id, status=Status.ACTIVE.value, suspend_reason="")
            self._note(unit, who, account_id, "unsuspended", "")
            unit.publish(AccountResumed(account_id=account_id))
            self._letters.put(unit, before, "account_unsuspended")

    async def restart(self, who: Who, account_id: int) -> None:
        """Start the stations of an account anew. Raises: NotFound."""
        who.require(Kind.ADMIN, Kind.RESELLER)
        await self._db.write(self._restart, who, account_id)

    def _restart(self, unit: Unit, who: Who, account_id: int) -> None:
        at_rest(who.see(self._store.get(unit, account_id), Kind.BROADCASTER))
        for station_id in self._store.station_ids(unit, account_id):
            unit.publish(StationTold(account_id=account_id, station_id=station_id, what="restart"))
        self._note(unit, who, account_id, "restarted", "")

    async def delete(self, who: Who, account_id: int) -> None:
        """Mark a broadcaster as being deleted: silent at once, a job takes the rest away. Raises: NotFound."""
        who.require(Kind.ADMIN, Kind.RESELLER)
        await self._db.write(self._delete, who, account_id)

    def _delete(self, unit: Unit, who: Who, account_id: int) -> None:
        before = who.see(self._store.get(unit, account_id), Kind.BROADCASTER)
        if before.status is not Status.BEING_DELETED:
            self._store.update(unit, account_id, status=Status.BEING_DELETED.value)
            self._identity.users.update_in(unit, account_id, UserPatch(is_active=False), by=who.caller)
            self._note(unit, who, account_id, "deleting", "")
            unit.publish(AccountRemoved(account_id=account_id))
        unit.enqueue("radio.remove_account", RemoveAccount(account_id=account_id), by=who.id)

    async def delete_reseller(self, who: Who, account_id: int, *, reassign_to: int | None) -> None:
        """Raises: NotFound; Invalid ("has_accounts"), unless they go to another owner."""
        who.require(Kind.ADMIN)
        await self._db.write(self._delete_reseller, who, account_id, reassign_to)

    def _delete_reseller(self, unit: Unit, who: Who, account_id: int, reassign_to: int | None) -> None:
        who.see(self._store.get(unit, account_id), Kind.RESELLER)
        if self._store.owned(unit, [account_id]):
            heir = None if reassign_to is None else self._store.get(unit, reassign_to)
            if heir is None or heir.kind is Kind.BROADCASTER or heir.id == account_id:
                raise Invalid([Problem("non_field_errors", "has_accounts")])
            self._store.reassign(unit, account_id, to=heir.id)
        self._store.delete(unit, account_id)
        self._identity.users.delete_in(unit, account_id, by=who.caller)

    def require_in(self, unit: Unit, account_id: int) -> Account:
        """Raises: NotFound."""
        found = self._store.get(unit, account_id)
        if found is None:
            raise NotFound("The account")
        return found

    def _owner(
        self, unit: Unit, who: Who, change: AccountChange, before: Account | None, problems: list[Problem]
    ) -> int | None:
        """Whose customer it is to be; a foreign one is a problem."""
        if not who.is_admin or change.owner is UNSET:
            return before.owner_id if before is not None else who.id
        if change.owner is None:
            return None
        owner = self._store.get(unit, change.owner)
        if owner is None or owner.kind is Kind.BROADCASTER:
            problems.append(Problem("owner", "does_not_exist"))
            return None
        return owner.id

    def _reseller_problems(
        self, unit: Unit, owner_id: int | None, wanted: dict[str, Any], kind: Kind, *, but: int | None,
        before: Account | None = None,
    ) -> list[Problem]:  # fmt: skip
        owner = None if owner_id is None or kind is not Kind.BROADCASTER else self._store.get(unit, owner_id)
        if owner is None or owner.kind is not Kind.RESELLER:
            return []
        is_new = before is None or before.owner_id != owner.id
        return rules.reseller_problems(owner, self._store.sums(unit, owner.id, but=but), wanted, is_new=is_new)

    def _branded_problems(
        self, unit: Unit, change: AccountChange, wanted: dict[str, Any], before: Account | None
    ) -> list[Problem]:
        if change.branded_url is UNSET or (before is not None and change.branded_url == (before.branded_url or "")):
            return []
        problems = rules.branded_problems(change.branded_url, is_enabled=bool(wanted["url_branding_enabled"]))
        other = self._store.by_branded_url(unit, change.branded_url) if change.branded_url else None
        if other is not None and (before is None or other.id != before.id):
            problems.append(Problem("branded_url", "unique"))
        return problems

    def _is_taken(self, unit: Unit, change: AccountChange) -> bool:
        return change.username is not UNSET and self._store.is_taken(unit, change.username)

    def _note(self, unit: Unit, who: Who, account_id: int, code: str, text: str) -> None:
        at: datetime = self._clock.now()
        self._store.note(unit, account_id, code, text, at=at)
        self._identity.audit.note(unit, who.caller, f"radio.account_{code}", target=f"account:{account_id}")

"""Rows of accounts, what they use, and what happened to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, delete, false, func, or_, select, update

from polycast.core.identity.tables import users
from polycast.core.storage import Unit
from polycast.radio.accounts.model import Account, Kind, Status
from polycast.radio.accounts.store_rows import account_of, selected
from polycast.radio.tables import account_events, accounts, stations, usage_days

SORTS: Final = {
    "pk": accounts.c.id,
    "username": users.c.username_key,
    "email": accounts.c.email_key,
    "first_name": users.c.name,
    "date_joined": accounts.c.joined_at,
    "account_status": accounts.c.status,
    "du_current": accounts.c.du_bytes,
    "traffic_current": accounts.c.traffic_bytes,
}


class Sums(Struct, frozen=True, kw_only=True):
    """What a reseller has given away."""

    accounts: int
    listeners: int
    du: int
    traffic: int


class Block(Struct, frozen=True, kw_only=True):
    """The ports that an account holds."""

    account_id: int
    panel_port: int
    first: int
    last: int


class Find(Struct, frozen=True, kw_only=True):
    """Which accounts are meant, in which order."""

    kind: Kind
    viewer_id: int | None = None
    viewer_kind: Kind = Kind.ADMIN
    search: str = ""
    ordering: str = ""  # a word of SORTS, "-" before it for the other way


class AccountStore:
    """The only place that writes `radio_accounts`."""

    def get(self, unit: Unit, account_id: int) -> Account | None:
        row = unit.execute(selected().where(accounts.c.id == account_id)).first()
        return None if row is None else account_of(row)

    def many(self, unit: Unit, account_ids: Sequence[int]) -> dict[int, Account]:
        rows = unit.execute(selected().where(accounts.c.id.in_(account_ids)))
        return {row.id: account_of(row) for row in rows}

    def by_username(self, unit: Unit, username: str) -> Account | None:
        row = unit.execute(selected().where(users.c.username_key == username.lower())).first()
        return None if row is None else account_of(row)

    def is_taken(self, unit: Unit, username: str) -> bool:
        """Whether any user of the house has this name, or an address like it."""
        name = username.lower()
        query = select(users.c.id).where(or_(users.c.username_key == name, users.c.email == name))
        return unit.execute(query).first() is not None

    def by_email(self, unit: Unit, email: str) -> list[Account]:
        """All with this address that can sign in."""
        query = selected().where(accounts.c.email_key == email.lower(), accounts.c.status != Status.BEING_DELETED.value)
        return [account_of(row) for row in unit.execute(query.order_by(accounts.c.id))]

    def by_branded_url(self, unit: Unit, host: str) -> Account | None:
        row = unit.execute(selected().where(accounts.c.branded_url == host)).first()
        return None if row is None else account_of(row)

    def page(self, unit: Unit, find: Find, *, limit: int | None = None, offset: int = 0) -> list[Account]:
        query = _found(selected(), find).order_by(*_order(find.ordering)).offset(offset)
        if limit is not None:
            query = query.limit(limit)
        return [account_of(row) for row in unit.execute(query)]

    def count(self, unit: Unit, find: Find) -> int:
        query = select(func.count()).select_from(accounts).join(users, users.c.id == accounts.c.id)
        return int(unit.execute(_found(query, find)).scalar_one())

    def visible_ids(self, unit: Unit, viewer_id: int | None, viewer_kind: Kind) -> Sequence[int]:
        """Every broadcaster that somebody may see."""
        find = Find(kind=Kind.BROADCASTER, viewer_id=viewer_id, viewer_kind=viewer_kind)
        query = select(accounts.c.id).where(accounts.c.kind == find.kind.value, _visible(find))
        return unit.execute(query.order_by(accounts.c.id)).scalars().all()

    def in_status(self, unit: Unit, *statuses: Status) -> Sequence[int]:
        """Accounts in one of these, the oldest first."""
        wanted = [one.value for one in statuses]
        return (
            unit.execute(select(accounts.c.id).where(accounts.c.status.in_(wanted)).order_by(accounts.c.id))
            .scalars()
            .all()
        )

    def admins_in(self, unit: Unit) -> list[int]:
        """Admins that have a row here, the oldest first."""
        query = select(accounts.c.id).where(accounts.c.kind == Kind.ADMIN.value).order_by(accounts.c.id)
        return [int(one) for one in unit.execute(query).scalars()]

    def ensure(self, unit: Unit, account_id: int, kind: Kind, *, at: datetime) -> Account:
        """The account of a user; made, with nothing but defaults, when it has none yet."""
        if self.get(unit, account_id) is None:
            email = unit.execute(select(users.c.email).where(users.c.id == account_id)).scalar() or ""
            self.insert(
                unit,
                account_id,
                kind=kind.value,
                email=email,
                email_key=email.lower(),
                status=Status.ACTIVE.value,
                server_type="icecast",
                language="en",
                timezone="UTC",
                joined_at=at,
            )
        found = self.get(unit, account_id)
        if found is None:
            raise LookupError("there is no such user")
        return found

    def insert(self, unit: Unit, account_id: int, /, **values: Any) -> None:
        unit.insert(accounts, id=account_id, **values)

    def update(self, unit: Unit, account_id: int, /, **values: Any) -> None:
        if values:
            unit.execute(update(accounts).where(accounts.c.id == account_id).values(**values))

    def add_du(self, unit: Unit, account_id: int, size_bytes: int) -> None:
        """More disk, or less, is used; the nightly count puts it right."""
        used = accounts.c.du_bytes + size_bytes
        unit.execute(update(accounts).where(accounts.c.id == account_id).values(du_bytes=used))

    def delete(self, unit: Unit, account_id: int) -> None:
        unit.execute(delete(accounts).where(accounts.c.id == account_id))
        unit.execute(delete(account_events).where(account_events.c.account_id == account_id))
        unit.execute(delete(usage_days).where(usage_days.c.account_id == account_id))

    def sums(self, unit: Unit, owner_id: int, *, but: int | None = None) -> Sums:
        """What an owner's broadcasters may use together, one of them left out."""
        table = accounts.c
        query = select(
            func.count().label("accounts"),
            func.coalesce(func.sum(table.limit_listeners), 0).label("listeners"),
            func.coalesce(func.sum(table.limit_du), 0).label("du"),
            func.coalesce(func.sum(table.limit_traffic), 0).label("traffic"),
        ).where(table.owner_id == owner_id, table.kind == Kind.BROADCASTER.value)
        if but is not None:
            query = query.where(table.id != but)
        row = unit.execute(query).one()
        return Sums(accounts=row.accounts, listeners=int(row.listeners), du=int(row.du), traffic=int(row.traffic))

    def owned(self, unit: Unit, owner_ids: Sequence[int]) -> dict[int, int]:
        """How many broadcasters each has."""
        table = accounts.c
        query = select(table.owner_id, func.count().label("number")).where(
            table.owner_id.in_(owner_ids), table.kind == Kind.BROADCASTER.value
        )
        return {row.owner_id: row.number for row in unit.execute(query.group_by(table.owner_id))}

    def reassign(self, unit: Unit, owner_id: int, *, to: int | None) -> None:
        unit.execute(update(accounts).where(accounts.c.owner_id == owner_id).values(owner_id=to))

    def broadcasters(self, unit: Unit) -> int:
        """How many there are, those being made and deleted too."""
        query = select(func.count()).select_from(accounts).where(accounts.c.kind == Kind.BROADCASTER.value)
        return int(unit.execute(query).scalar_one())

    def resellers(self, unit: Unit) -> int:
        query = select(func.count()).select_from(accounts).where(accounts.c.kind == Kind.RESELLER.value)
        return int(unit.execute(query).scalar_one())

    def blocks(self, unit: Unit) -> list[Block]:
        """The ports that are leased, from the lowest."""
        table = accounts.c
        query = select(table.id, table.panel_port, table.port_range_min, table.port_range_max)
        rows = unit.execute(query.where(table.port_range_min > 0).order_by(table.port_range_min))
        return [
            Block(account_id=row.id, panel_port=row.panel_port, first=row.port_range_min, last=row.port_range_max)
            for row in rows
        ]

    def stations(self, unit: Unit, account_ids: Sequence[int]) -> dict[int, int]:
        """How many stations each has."""
        query = select(stations.c.account_id, func.count().label("number"))
        query = query.where(stations.c.account_id.in_(account_ids)).group_by(stations.c.account_id)
        return {row.account_id: row.number for row in unit.execute(query)}

    def station_ids(self, unit: Unit, account_id: int) -> Sequence[int]:
        query = select(stations.c.id).where(stations.c.account_id == account_id).order_by(stations.c.id)
        return unit.execute(query).scalars().all()

    def note(self, unit: Unit, account_id: int, code: str, text: str, *, at: datetime) -> None:
        """Something that its owner should find later."""
        unit.insert(account_events, account_id=account_id, at=at, code=code, text=text[:500])

    def events(self, unit: Unit, account_id: int, *, limit: int) -> list[tuple[datetime, str, str]]:
        """The latest first."""
        query = select(account_events).where(account_events.c.account_id == account_id)
        rows = unit.execute(query.order_by(account_events.c.id.desc()).limit(limit))
        return [(row.at, row.code, row.text) for row in rows]


def _found(query: Select[Any], find: Find) -> Select[Any]:
    query = query.where(accounts.c.kind == find.kind.value, _visible(find))
    if find.search:
        text = find.search.lower()
        columns = (users.c.username_key, accounts.c.email_key, users.c.name)
        query = query.where(or_(*[column.contains(text, autoescape=True) for column in columns]))
    return query


def _visible(find: Find) -> ColumnElement[bool]:
    if find.viewer_kind is Kind.ADMIN:
        return accounts.c.id > 0
    if find.viewer_kind is Kind.RESELLER:
        return accounts.c.owner_id == find.viewer_id
    return false()


def _order(ordering: str) -> tuple[Any, ...]:
    column = SORTS.get(ordering.removeprefix("-"), accounts.c.id)
    return (column.desc() if ordering.startswith("-") else column, accounts.c.id)

"""What stands around accounts: owners, stations, listeners, this month's traffic."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.model import Account, Kind
from polycast.radio.accounts.store import AccountStore
from polycast.radio.accounts.store_usage import UsageDay, UsageStore
from polycast.radio.ports import Air


class Around(Struct, frozen=True, kw_only=True):
    """What an account is shown with."""

    owner: Account | None
    owner_accounts: int  # how many broadcasters the owner has
    stations: int
    listeners: int
    traffic_bytes: int  # this month


class Totals(Struct, frozen=True, kw_only=True):
    """How many of what there are on this machine."""

    broadcasters: int
    resellers: int
    listeners: int


class Surveys:
    """Reads for lists and pages; nothing is changed here."""

    def __init__(self, *, db: Database, store: AccountStore, usage: UsageStore, air: Air, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._usage = usage
        self._air = air
        self._clock = clock

    async def around(self, accounts: Sequence[Account]) -> list[Around]:
        """One for each, in the same order."""
        owners, owned, stations = await self._db.read(self._read, accounts)
        found = []
        for account in accounts:
            owner = owners.get(account.owner_id) if account.owner_id is not None else None
            found.append(
                Around(
                    owner=owner,
                    owner_accounts=owned.get(owner.id, 0) if owner else 0,
                    stations=stations.get(account.id, 0),
                    listeners=self._air.listeners(account.id),
                    traffic_bytes=self.traffic(account),
                )
            )
        return found

    def _read(
        self, unit: Unit, accounts: Sequence[Account]
    ) -> tuple[dict[int, Account], dict[int, int], dict[int, int]]:
        owner_ids = sorted({one.owner_id for one in accounts if one.owner_id is not None})
        ids = [one.id for one in accounts]
        return self._store.many(unit, owner_ids), self._store.owned(unit, owner_ids), self._store.stations(unit, ids)

    async def owned(self, accounts: Sequence[Account]) -> dict[int, int]:
        """How many broadcasters each reseller has."""
        return await self._db.read(self._store.owned, [one.id for one in accounts])

    def traffic(self, account: Account) -> int:
        """Bytes of the present month in the account's zone."""
        month = f"{self._clock.now().astimezone(ZoneInfo(account.timezone)):%Y-%m}"
        return account.traffic_bytes if account.traffic_month == month else 0

    async def days(self, account: Account, first: str, last: str) -> list[UsageDay]:
        """Use by day, both ends included; the last 30 days without them."""
        today = self._clock.now().astimezone(ZoneInfo(account.timezone))
        since = first or f"{today - timedelta(days=29):%Y-%m-%d}"
        return await self._db.read(self._usage.days, account.id, first=since, last=last or f"{today:%Y-%m-%d}")

    async def events(self, account: Account, *, limit: int = 200) -> list[tuple[datetime, str, str]]:
        """What happened to an account, the latest first: time, code, text."""
        return await self._db.read(self._store.events, account.id, limit=limit)

    async def totals(self, viewer_id: int | None, kind: Kind) -> Totals:
        """Of the machine; of their own accounts for a reseller."""
        return await self._db.read(self._totals, viewer_id, kind)

    def _totals(self, unit: Unit, viewer_id: int | None, kind: Kind) -> Totals:
        if kind is Kind.ADMIN:
            return Totals(
                broadcasters=self._store.broadcasters(unit),
                resellers=self._store.resellers(unit),
                listeners=self._air.listeners(),
            )
        mine = self._store.owned(unit, [viewer_id or 0]).get(viewer_id or 0, 0)
        return Totals(broadcasters=mine, resellers=0, listeners=self._air.listeners(viewer_id))

"""Rows of how the accounts are doing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from polycast.acquire.tables import accounts, usage
from polycast.core.storage import Unit


class AccountStore:
    """One row for each account of the configuration."""

    def all(self, unit: Unit) -> dict[str, Row[Any]]:
        return {row.provider: row for row in unit.execute(select(accounts))}

    def put(self, unit: Unit, provider: str, /, **values: Any) -> None:
        row = {"provider": provider, "profile": {}, **values}
        unit.upsert(accounts, [row], key=["provider"], update=list(values))

    def served(self, unit: Unit, day: str, counts: Mapping[str, int]) -> None:
        """Add bytes that were read from accounts."""
        known = {
            row.provider: row.bytes_served
            for row in unit.execute(select(usage).where(usage.c.day == day))
            if row.provider
        }
        rows = [
            {"provider": name, "day": day, "bytes_served": known.get(name, 0) + count} for name, count in counts.items()
        ]
        unit.upsert(usage, rows, key=["provider", "day"], update=["bytes_served"])

    def served_since(self, unit: Unit, day: str) -> dict[str, int]:
        query = select(usage.c.provider, func.sum(usage.c.bytes_served)).where(usage.c.day >= day)
        return {name: int(count) for name, count in unit.execute(query.group_by(usage.c.provider))}

    def disabled(self, unit: Unit, now: datetime) -> dict[str, str]:
        """Accounts that are left alone at the moment, and why."""
        query = select(accounts.c.provider, accounts.c.error).where(accounts.c.disabled_until > now)
        return {row.provider: row.error for row in unit.execute(query)}

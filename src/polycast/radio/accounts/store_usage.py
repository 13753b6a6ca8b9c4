"""What accounts use, by day and by month of their own zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import select, update

from polycast.core.storage import Unit
from polycast.radio.tables import accounts, usage_days


class UsageDay(Struct, frozen=True, kw_only=True):
    """One day of an account."""

    day: str  # 2026-11-21
    listeners_peak: int
    listened_ms: int
    traffic_bytes: int
    du_bytes: int


class UsageStore:
    """Plain methods for the engine's and the jobs' units."""

    def add_in(
        self, unit: Unit, account_id: int, *, at: datetime, sent_bytes: int, listened_ms: int, listeners: int
    ) -> int | None:
        """Add what was sent and heard since the last time; the bytes of this month, None for an account that is gone.

        A new month in the account's zone starts from nothing, also with its warnings.
        """
        table = accounts.c
        row = unit.execute(
            select(table.timezone, table.traffic_month, table.traffic_bytes, table.du_bytes).where(
                table.id == account_id
            )
        ).first()
        if row is None:
            return None
        local = at.astimezone(ZoneInfo(row.timezone or "UTC"))
        month, day = f"{local:%Y-%m}", f"{local:%Y-%m-%d}"
        total = sent_bytes + (row.traffic_bytes if row.traffic_month == month else 0)
        values: dict[str, object] = {"traffic_bytes": total, "traffic_month": month}
        if row.traffic_month != month:
            values["traffic_told"] = 0
        unit.execute(update(accounts).where(table.id == account_id).values(**values))
        self._day(
            unit,
            account_id,
            day,
            sent_bytes=sent_bytes,
            listened_ms=listened_ms,
            listeners=listeners,
            du_bytes=row.du_bytes,
        )
        return total

    def _day(
        self, unit: Unit, account_id: int, day: str, *, sent_bytes: int, listened_ms: int, listeners: int, du_bytes: int
    ) -> None:
        days = usage_days.c
        unit.upsert(usage_days, [{"account_id": account_id, "day": day}], key=["account_id", "day"], update=[])
        mine = (days.account_id == account_id, days.day == day)
        added = {
            "traffic_bytes": days.traffic_bytes + sent_bytes,
            "listened_ms": days.listened_ms + listened_ms,
            "du_bytes": du_bytes,
        }
        unit.execute(update(usage_days).where(*mine).values(**added))
        unit.execute(update(usage_days).where(*mine, days.listeners_peak < listeners).values(listeners_peak=listeners))

    def days(self, unit: Unit, account_id: int, *, first: str, last: str) -> list[UsageDay]:
        """Both ends included, in order."""
        days = usage_days.c
        query = select(usage_days).where(days.account_id == account_id, days.day >= first, days.day <= last)
        return [
            UsageDay(
                day=row.day,
                listeners_peak=row.listeners_peak,
                listened_ms=row.listened_ms,
                traffic_bytes=row.traffic_bytes,
                du_bytes=row.du_bytes,
            )
            for row in unit.execute(query.order_by(days.day))
        ]

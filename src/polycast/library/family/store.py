"""Rows of profiles, their exceptions and PINs."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from polycast.core.storage import Unit
from polycast.library.tables.catalogue import items
from polycast.library.tables.connections import pin_tries
from polycast.library.tables.family import account_pins, profiles, restrictions, screen_time


class FamilyStore:
    """The only place that writes the tables of `tables/family.py`."""

    def of_user(self, unit: Unit, user_id: int) -> list[Row[Any]]:
        return list(unit.execute(select(profiles).where(profiles.c.user_id == user_id).order_by(profiles.c.id)))

    def get(self, unit: Unit, nanoid: str, user_id: int) -> Row[Any] | None:
        query = select(profiles).where(profiles.c.nanoid == nanoid, profiles.c.user_id == user_id)
        return unit.execute(query).first()

    def by_id(self, unit: Unit, profile_id: int) -> Row[Any] | None:
        return unit.execute(select(profiles).where(profiles.c.id == profile_id)).first()

    def insert(self, unit: Unit, **values: Any) -> int:
        return unit.insert(profiles, **values)

    def update(self, unit: Unit, profile_id: int, **values: Any) -> None:
        unit.execute(update(profiles).where(profiles.c.id == profile_id).values(**values))

    def delete(self, unit: Unit, profile_id: int) -> None:
        unit.execute(delete(profiles).where(profiles.c.id == profile_id))

    def counts(self, unit: Unit) -> dict[int, int]:
        query = select(profiles.c.user_id, func.count()).group_by(profiles.c.user_id)
        return {user: int(count) for user, count in unit.execute(query)}

    def pin_of(self, unit: Unit, user_id: int) -> str | None:
        row = unit.execute(select(account_pins.c.pin_hash).where(account_pins.c.user_id == user_id)).first()
        return None if row is None else str(row[0])

    def set_pin(self, unit: Unit, user_id: int, pin_hash: str | None, at: datetime) -> None:
        """None takes it away."""
        if pin_hash is None:
            unit.execute(delete(account_pins).where(account_pins.c.user_id == user_id))
            return
        row = {"user_id": user_id, "pin_hash": pin_hash, "set_at": at}
        unit.upsert(account_pins, [row], key=["user_id"], update=["pin_hash", "set_at"])

    def tries(self, unit: Unit, user_id: int, profile_id: int) -> Row[Any] | None:
        """Wrong PINs in a row; `profile_id` 0 for the account's own."""
        query = select(pin_tries).where(pin_tries.c.user_id == user_id, pin_tries.c.profile_id == profile_id)
        return unit.execute(query).first()

    def set_tries(
        self, unit: Unit, user_id: int, profile_id: int, *, failures: int, since: datetime, until: datetime | None
    ) -> None:
        row = {"user_id": user_id, "profile_id": profile_id, "failures": failures, "since": since, "until": until}
        unit.upsert(pin_tries, [row], key=["user_id", "profile_id"], update=["failures", "since", "until"])

    def clear_tries(self, unit: Unit, user_id: int, profile_id: int) -> None:
        unit.execute(delete(pin_tries).where(pin_tries.c.user_id == user_id, pin_tries.c.profile_id == profile_id))

    def restrictions(self, unit: Unit, profile_id: int) -> list[Row[Any]]:
        query = (
            select(restrictions.c.action, items.c.nanoid, items.c.kind, items.c.title)
            .join(items, items.c.id == restrictions.c.item_id)
            .where(restrictions.c.profile_id == profile_id)
        )
        return list(unit.execute(query.order_by(items.c.title_key, items.c.id)))

    def restriction(self, unit: Unit, profile_id: int, item_id: int) -> str | None:
        query = select(restrictions.c.action).where(
            restrictions.c.profile_id == profile_id, restrictions.c.item_id == item_id
        )
        row = unit.execute(query).first()
        return None if row is None else str(row[0])

    def restrict(self, unit: Unit, profile_id: int, item_id: int, action: str | None) -> None:
        """None takes it away."""
        if action is None:
            unit.execute(
                delete(restrictions).where(restrictions.c.profile_id == profile_id, restrictions.c.item_id == item_id)
            )
            return
        row = {"profile_id": profile_id, "item_id": item_id, "action": action}
        unit.upsert(restrictions, [row], key=["profile_id", "item_id"], update=["action"])

    def seconds_on(self, unit: Unit, profile_id: int, first: int, last: int) -> dict[int, int]:
        """Seconds watched by day."""
        query = select(screen_time.c.day, screen_time.c.seconds).where(
            screen_time.c.profile_id == profile_id, screen_time.c.day >= first, screen_time.c.day <= last
        )
        return {row.day: row.seconds for row in unit.execute(query)}

    def watched(self, unit: Unit, profile_id: int, day: int, seconds: int, item_id: int) -> None:
        """Add to what was watched on a day."""
        known = self.seconds_on(unit, profile_id, day, day).get(day, 0)
        row = {"profile_id": profile_id, "day": day, "seconds": known + seconds, "last_item_id": item_id}
        unit.upsert(screen_time, [row], key=["profile_id", "day"], update=["seconds", "last_item_id"])

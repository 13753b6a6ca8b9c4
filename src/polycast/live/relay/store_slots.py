"""Rows of connections to providers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, or_, select, update

from polycast.core.storage import Unit
from polycast.live.sources.upstreams.service import Upstream
from polycast.live.tables import slots

LEASE: Final = timedelta(seconds=30)


class SlotStore:
    """`live_slots`."""

    def is_free(self, unit: Unit, wanted: Upstream, now: datetime) -> bool:
        """Whether its profile, and its login among accounts that share one, have a connection left."""
        if wanted.max_streams <= 0:
            return True
        count = select(func.count()).select_from(slots).where(slots.c.lease_until > now)
        own = unit.execute(count.where(slots.c.account_profile_id == wanted.account_profile_id)).scalar_one()
        if own >= wanted.max_streams:
            return False
        if wanted.server_group_id is None or wanted.login_fingerprint is None:
            return True
        shared = count.where(
            slots.c.server_group_id == wanted.server_group_id, slots.c.login_fingerprint == wanted.login_fingerprint
        )
        return int(unit.execute(shared).scalar_one()) < wanted.max_streams

    def insert(self, unit: Unit, holder: str, chosen: Upstream, *, node: str, priority: int, now: datetime) -> int:
        return unit.insert(
            slots,
            account_id=chosen.account_id,
            account_profile_id=chosen.account_profile_id,
            server_group_id=chosen.server_group_id,
            login_fingerprint=chosen.login_fingerprint,
            holder=self._name(unit, holder, chosen.account_profile_id),
            node=node,
            priority=priority,
            taken_at=now,
            lease_until=now + LEASE,
        )

    def _name(self, unit: Unit, holder: str, profile_id: int) -> str:
        """`holder`, or with a count behind it while a switch holds two of one profile."""
        taken = set(
            unit.execute(
                select(slots.c.holder).where(
                    slots.c.account_profile_id == profile_id, slots.c.holder.startswith(holder)
                )
            ).scalars()
        )
        names = [holder, *(f"{holder}/{number}" for number in range(2, len(taken) + 2))]
        return next(name for name in names if name not in taken)

    def drop(self, unit: Unit, slot_id: int) -> None:
        unit.execute(delete(slots).where(slots.c.id == slot_id))

    def renew(self, unit: Unit, slot_ids: Sequence[int], now: datetime) -> None:
        unit.execute(update(slots).where(slots.c.id.in_(slot_ids)).values(lease_until=now + LEASE))

    def clear(self, unit: Unit, node: str, now: datetime) -> None:
        """Those of `node`, and what nobody renewed."""
        unit.execute(delete(slots).where(or_(slots.c.node == node, slots.c.lease_until < now)))

    def used(self, unit: Unit, profile_ids: Sequence[int], now: datetime) -> dict[int, int]:
        query = (
            select(slots.c.account_profile_id, func.count())
            .where(slots.c.account_profile_id.in_(profile_ids), slots.c.lease_until > now)
            .group_by(slots.c.account_profile_id)
        )
        return {row[0]: row[1] for row in unit.execute(query)}

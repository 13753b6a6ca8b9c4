"""Rows of what was cleared up, and since when items have been stuck."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, delete, func, select, update

from polycast.acquire.tables import arrs, cleanups
from polycast.core.storage import Unit

REPAIRED: Final = "repair of file "  # how the rule of a row begins that no queue was looked at for
SEEN: Final = "seen"  # the rule of a row that only says since when
KEPT: Final = timedelta(days=30)


class CleanupStore:
    """By Arr and download."""

    def seen(self, unit: Unit, arr: str, ids: Sequence[str], now: datetime) -> dict[str, datetime]:
        """When each was first seen stuck; those that are not any more are forgotten."""
        rows = unit.execute(select(cleanups).where(cleanups.c.arr == arr, cleanups.c.rule == SEEN)).all()
        known = {row.download_id: row.at for row in rows}
        gone = [name for name in known if name not in ids]
        if gone:
            unit.execute(
                delete(cleanups).where(
                    cleanups.c.arr == arr, cleanups.c.rule == SEEN, cleanups.c.download_id.in_(gone[:500])
                )
            )
        new = [{"arr": arr, "download_id": one, "rule": SEEN, "at": now} for one in ids if one not in known]
        unit.upsert(cleanups, new, key=["arr", "download_id", "rule"], update=[])
        unit.execute(delete(cleanups).where(cleanups.c.at < now - KEPT))
        return {one: known.get(one, now) for one in ids}

    def done_since(self, unit: Unit, arr: str, since: datetime) -> int:
        query = select(func.count()).where(
            cleanups.c.arr == arr,
            cleanups.c.rule != SEEN,
            cleanups.c.rule.not_like(f"{REPAIRED}%"),
            cleanups.c.at >= since,
        )
        return int(unit.execute(query).scalar_one())

    def is_done(self, unit: Unit, arr: str, download_id: str, rule: str) -> bool:
        query = select(cleanups.c.id).where(
            cleanups.c.arr == arr, cleanups.c.download_id == download_id, cleanups.c.rule == rule
        )
        return unit.execute(query).first() is not None

    def note(self, unit: Unit, arr: str, download_id: str, /, **values: Any) -> None:
        row = {"arr": arr, "download_id": download_id, **values}
        unit.upsert(
            cleanups, [row], key=["arr", "download_id", "rule"], update=[name for name in values if name != "rule"]
        )

    def latest(self, unit: Unit, limit: int) -> list[Row[Any]]:
        """The youngest first."""
        query = select(cleanups).where(cleanups.c.rule != SEEN).order_by(cleanups.c.at.desc()).limit(limit)
        return list(unit.execute(query).all())

    def note_problem(self, unit: Unit, arr_id: int, problem: str) -> None:
        unit.execute(update(arrs).where(arrs.c.id == arr_id).values(problem=problem))

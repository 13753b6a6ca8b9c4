"""Rows of Arrs."""

from typing import Any

import msgspec
from sqlalchemy import Row, delete, func, select, update

from polycast.acquire.arrs.model import Arr, ArrState
from polycast.acquire.tables import arrs
from polycast.core.secrets import Secrets, Unsealable
from polycast.core.storage import Unit

CONTEXT = "acquire.arr"
WORDS = {"yes": True, "no": False}


class ArrStore:
    """Arrs by name and address."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def all(self, unit: Unit, state: ArrState | None = ArrState.ACTIVE) -> list[Arr]:
        query = select(arrs).order_by(arrs.c.name)
        if state is not None:
            query = query.where(arrs.c.state == state.value)
        return [self._arr(row) for row in unit.execute(query)]

    def named(self, unit: Unit, name: str) -> Arr | None:
        row = unit.execute(select(arrs).where(arrs.c.name == name)).one_or_none()
        return self._arr(row) if row else None

    def get(self, unit: Unit, arr_id: int) -> Arr | None:
        row = unit.execute(select(arrs).where(arrs.c.id == arr_id)).one_or_none()
        return self._arr(row) if row else None

    def at(self, unit: Unit, host: str) -> list[Arr]:
        """Those with this address, whatever their state."""
        return [self._arr(row) for row in unit.execute(select(arrs).where(arrs.c.host == host))]

    def count(self, unit: Unit, state: ArrState) -> int:
        return int(unit.execute(select(func.count()).select_from(arrs).where(arrs.c.state == state.value)).scalar_one())

    def put(self, unit: Unit, name: str, /, **values: Any) -> None:
        """A new row, or new values of the one with this name."""
        if "token" in values:
            values["token_sealed"] = self._secrets.seal(values.pop("token"), context=CONTEXT)
        row = {"name": name, **values}
        if self.named(unit, name) is None:
            unit.insert(arrs, **row)
        else:
            unit.execute(update(arrs).where(arrs.c.name == name).values(**values))

    def update(self, unit: Unit, arr_id: int, /, **values: Any) -> None:
        unit.execute(update(arrs).where(arrs.c.id == arr_id).values(**values))

    def delete(self, unit: Unit, arr_id: int) -> None:
        unit.execute(delete(arrs).where(arrs.c.id == arr_id))

    def _arr(self, row: Row[Any]) -> Arr:
        values = {name: getattr(row, name) for name in Arr.__struct_fields__ if name != "token"}
        sealed = row.token_sealed
        try:
            values["token"] = self._secrets.open(sealed, context=CONTEXT) if sealed else ""
        except Unsealable:
            values["token"] = ""
        values["download_uncached"] = WORDS.get(values["download_uncached"])
        return msgspec.convert(values, Arr, strict=False)

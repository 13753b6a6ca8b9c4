"""Rows of what can be taken back."""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select

from polycast.core.clock import Clock
from polycast.core.storage import Unit
from polycast.live.tables import undos

LIFE: Final = timedelta(hours=24)


class UndoStore:
    """Each can be taken once, within a day."""

    def put(self, unit: Unit, token: str, text: str, body: bytes, clock: Clock) -> None:
        now = clock.now()
        unit.execute(delete(undos).where(undos.c.made_at < now - LIFE))
        unit.insert(undos, token=token, text=text, body=body, made_at=now)

    def take(self, unit: Unit, token: str, clock: Clock) -> tuple[str, bytes] | None:
        """Text and body, once."""
        alive = undos.c.token == token, undos.c.made_at >= clock.now() - LIFE
        row = unit.execute(select(undos.c.text, undos.c.body).where(*alive)).one_or_none()
        if row is None:
            return None
        unit.execute(delete(undos).where(undos.c.token == token))
        return row.text, row.body

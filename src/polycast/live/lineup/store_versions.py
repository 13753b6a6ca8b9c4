"""The line-up's version: what lists of channels are made of has changed when it differs."""

from functools import partial
from typing import Any

from sqlalchemy import BigInteger, Select, cast, func, select

from polycast.core.storage import Unit
from polycast.live.lineup.store_prepared import Prepared
from polycast.live.tables import lineup_versions


class VersionStore:
    """Triggers count; see revision `live_0004_versions` for what."""

    def __init__(self) -> None:
        self._prepared = Prepared()

    def current(self, unit: Unit) -> int:
        """Of the state that `unit` reads."""
        return int(self._prepared.rows(unit, "version", partial(_sum), {})[0][0])


def _sum() -> Select[Any]:
    return select(cast(func.coalesce(func.sum(lineup_versions.c.version), 0), BigInteger))

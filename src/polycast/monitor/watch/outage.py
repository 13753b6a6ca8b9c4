"""When a server counts as gone, and as back. Durable: a restart neither repeats an alert nor forgets that one is open."""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from polycast.monitor.alerts.cooldowns import Cooldowns

START_GRACE: Final = timedelta(seconds=300)  # an outage that we find at our own start is told after it
WHAT: Final = "outage"


class Outage(Struct, frozen=True, kw_only=True):
    """Since when, and whether anybody was told."""

    since: datetime
    told: bool


class Outages:
    """Of one server."""

    def __init__(self, cooldowns: Cooldowns, dvr_id: str, started_at: datetime) -> None:
        self._cooldowns = cooldowns
        self._dvr_id = dvr_id
        self._started_at = started_at
        self._was_up = False

    def up(self, now: datetime) -> timedelta | None:
        """It answers; how long it was gone, when that had been told."""
        self._was_up = True
        found = self._cooldowns.value(self._dvr_id, WHAT, Outage)
        if found is None:
            return None
        self._cooldowns.clear(self._dvr_id, WHAT, now)
        return now - found.since if found.told else None

    def down(self, now: datetime, delay: timedelta) -> timedelta | None:
        """It does not answer; how long it has been gone, when that is to be told now."""
        found = self._cooldowns.value(self._dvr_id, WHAT, Outage)
        if found is None:
            self._cooldowns.set(self._dvr_id, WHAT, now, Outage(since=now, told=False))
            return None
        if found.told or now - found.since < delay or (not self._was_up and now - self._started_at < START_GRACE):
            return None
        self._cooldowns.set(self._dvr_id, WHAT, now, Outage(since=found.since, told=True))
        return now - found.since

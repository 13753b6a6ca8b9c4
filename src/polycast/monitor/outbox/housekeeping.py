"""What happens by the clock: the digest after quiet hours, the summary of what the rate held back, the daily digest,
the sign of life to dead-man switches."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.net import Net, Trust
from polycast.core.storage import Database, Unit
from polycast.monitor.alerts.model import Alert, AlertKind
from polycast.monitor.alerts.teller import Stores
from polycast.monitor.history.charts import Charts
from polycast.monitor.outbox.addresses import destinations
from polycast.monitor.outbox.digest import digest_text
from polycast.monitor.outbox.model import PENDING, Delivery, Destination
from polycast.monitor.outbox.office import Office
from polycast.monitor.outbox.planning import Planned, Planner, is_within
from polycast.monitor.outbox.senders import LIMITS
from polycast.monitor.preferences.model import Preferences
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.servers.service import Servers
from polycast.monitor.watch.board import Board
from polycast.monitor.watch.state import health_of

LOOK: Final = timedelta(seconds=20)
HEARTBEAT: Final = timedelta(seconds=60)
LONGEST_QUIET: Final = timedelta(hours=24)
DIGEST: Final = "digest"


class Sent(Struct, frozen=True, kw_only=True):
    """When the last digest went out."""

    day: str


class Housekeeping:
    """In the web process, beside the watchers."""

    def __init__(
        self,
        *,
        db: Database,
        stores: Stores,
        book: PreferencesBook,
        planner: Planner,
        office: Office,
        board: Board,
        servers: Servers,
        charts: Charts,
        net: Net,
        clock: Clock,
    ) -> None:
        self._db = db
        self._stores = stores
        self._book = book
        self._planner = planner
        self._office = office
        self._board = board
        self._servers = servers
        self._charts = charts
        self._net = net
        self._clock = clock
        self._was_quiet: set[str] = set()
        self._held_since: datetime | None = None
        self._beat_at: timedelta | None = None

    async def run(self) -> None:
        """Until cancelled."""
        self._was_quiet = self._quiet_now(self._book.now)
        while True:
            await self._clock.sleep(LOOK)
            await self.look()

    async def look(self) -> None:
        """Do what is due."""
        prefs = self._book.now
        await self._end_quiet(prefs)
        await self._sum_up(prefs)
        await self._digest(prefs)
        await self._beat(prefs)

    def _quiet_now(self, prefs: Preferences) -> set[str]:
        now = self._clock.now()
        return {
            place.key
            for place in destinations(prefs)
            for quiet in prefs.quiet_hours
            if quiet.enabled
            and (not quiet.channels or place.channel in quiet.channels)
            and is_within(quiet, now.astimezone(ZoneInfo(quiet.tz or prefs.tz)))
        }

    async def _end_quiet(self, prefs: Preferences) -> None:
        """Where the quiet has just ended, what was held comes as one message."""
        quiet = self._quiet_now(prefs)
        ended = self._was_quiet - quiet
        self._was_quiet = quiet
        for place in [one for one in destinations(prefs) if one.key in ended]:
            await self._db.write(self._hand_over, place)
        if ended:
            self._office.ring()

    def _hand_over(self, unit: Unit, place: Destination) -> None:
        now = self._clock.now()
        held = self._stores.deliveries.held(unit, place.channel, place.channel_id, now - LONGEST_QUIET)
        if not held:
            return
        alert = _summed(held, f"{len(held)} notification{'s' if len(held) > 1 else ''} while it was quiet", now)
        self._stores.deliveries.add(unit, [self._planner.row(alert, Planned(destination=place, status=PENDING), now)])
        for row in held:
            self._stores.deliveries.change(unit, row.id, {"error": "told in the digest after the quiet hours"})

    async def _sum_up(self, prefs: Preferences) -> None:
        """Once the rate's window is over, one line says how many were held back."""
        now = self._clock.now()
        if not self._planner.held_back:
            self._held_since = None
            return
        self._held_since = self._held_since or now
        if now - self._held_since < timedelta(seconds=prefs.global_rate_window):
            return
        count, self._planner.held_back, self._held_since = self._planner.held_back, 0, None
        text = f"{count} notification{'s were' if count > 1 else ' was'} held back because there were too many at once."
        await self._send(_plain("Notifications held back", text, now), prefs)

    async def _digest(self, prefs: Preferences) -> None:
        local = self._clock.now().astimezone(ZoneInfo(prefs.tz))
        if not prefs.digest.enabled or local.strftime("%H:%M") < prefs.digest.at:
            return
        if prefs.digest.every == "weekly" and local.weekday() != prefs.digest.weekday:
            return
        day = local.date().isoformat()
        rows = await self._db.read(self._stores.cooldowns.all)
        if rows.get(DIGEST, (None, ""))[1] == f'"{day}"':
            return
        await self._db.write(self._stores.cooldowns.put, {DIGEST: (self._clock.now(), f'"{day}"')})
        span = timedelta(days=7 if prefs.digest.every == "weekly" else 1)
        text = await digest_text(
            self._db, self._stores, self._board, self._servers, self._charts, self._clock.now(), span
        )
        await self._send(_plain("The watch: summary", text, self._clock.now()), prefs, channels=prefs.digest.channels)

    async def _send(self, alert: Alert, prefs: Preferences, *, channels: tuple[str, ...] = ()) -> None:
        now = self._clock.now()
        places = [one for one in destinations(prefs) if not channels or one.channel in channels]
        rows = [self._planner.row(alert, Planned(destination=one, status=PENDING), now) for one in places]
        if rows:
            await self._db.write(self._stores.deliveries.add, rows)
            self._office.ring()

    async def _beat(self, prefs: Preferences) -> None:
        """Tell others each minute that we live, while all that is to be watched is watched."""
        at = self._clock.monotonic()
        if not prefs.heartbeat_targets or (self._beat_at is not None and at - self._beat_at < HEARTBEAT):
            return
        self._beat_at = at
        states, now = await self._board.all(), self._clock.now()
        servers = [server for server in await self._servers.active() if server.enabled]
        ready = all(
            health_of(one, states.get(one.dvr_id), now=now, stale_s=prefs.monitor_stale_seconds).ready
            for one in servers
        )
        if not servers or not ready:
            return
        out = self._net.client(Trust.SOURCE, owner="monitor.heartbeat", limits=LIMITS)
        for url in prefs.heartbeat_targets:
            try:
                await out.fetch(url, follows=False)
            except PolycastError:
                continue  # whoever listens there notices by itself


def _summed(held: list[Delivery], title: str, now: datetime) -> Alert:
    lines = [f"• {row.notice.title}: {row.notice.text.partition(chr(10))[0]}" for row in held[:50]]
    more = [f"… and {len(held) - 50} more"] if len(held) > 50 else []
    return _plain(title, "\n".join([*lines, *more]), now)


def _plain(title: str, text: str, now: datetime) -> Alert:
    return Alert(
        kind=AlertKind.DIGEST, event_type="notification", dvr_id="", dvr_name="", title=title, text=text, at=now
    )

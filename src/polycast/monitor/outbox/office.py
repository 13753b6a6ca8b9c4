"""The post office: takes what waits, one message at a time for each destination, eight at once. In the web process."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.metrics import Metrics
from polycast.core.storage import Database, Unit
from polycast.monitor.alerts.model import Alert
from polycast.monitor.outbox.addresses import destinations
from polycast.monitor.outbox.breaker import Breaker
from polycast.monitor.outbox.model import (
    PENDING,
    SHORT_LIVED,
    Delivery,
    DeliveryChanged,
    Destination,
    Result,
)
from polycast.monitor.outbox.planning import Planned, Planner
from polycast.monitor.outbox.senders import Senders
from polycast.monitor.outbox.store import DeliveryStore
from polycast.monitor.preferences.model import Preferences

AT_ONCE: Final = 8
LOOK: Final = timedelta(seconds=1)
LONGEST_ERROR: Final = 500

log = logging.getLogger("polycast.monitor.outbox")


class Office:
    """Sends what the outbox holds, and keeps the log of it."""

    def __init__(
        self,
        *,
        db: Database,
        store: DeliveryStore,
        planner: Planner,
        senders: Senders,
        prefs: Callable[[], Preferences],
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._db = db
        self._store = store
        self._planner = planner
        self._senders = senders
        self._prefs = prefs
        self._clock = clock
        self._breakers: dict[str, Breaker] = {}
        self._busy: set[str] = set()
        self._bell = asyncio.Event()
        self._sent = metrics.counter("polycast_monitor_deliveries_total", "Messages by destination and outcome.")
        self._took = metrics.histogram("polycast_monitor_delivery_seconds", "How long one try took.")
        self._circuit = metrics.gauge("polycast_monitor_circuit_open", "Destinations that are left alone for a while.")

    def ring(self) -> None:
        """Something new waits."""
        self._bell.set()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._bell.clear()
                for row in await self._db.read(self._store.due, self._clock.now()):
                    if len(self._busy) < AT_ONCE and row.key not in self._busy:
                        self._busy.add(row.key)
                        group.create_task(self._take(row))
                await self._wait(LOOK)

    async def deliver_now(
        self, alert: Alert, places: list[Destination] | None = None
    ) -> list[tuple[Destination, Result]]:
        """Send at once and tell what came of it: for tests, past breakers and queues. Every try is in the log."""
        prefs, now = self._prefs(), self._clock.now()
        wanted = list(destinations(prefs)) if places is None else places
        rows = [self._planner.row(alert, Planned(destination=place, status=PENDING), now) for place in wanted]
        results = await asyncio.gather(
            *(self._senders.send_to(place, alert, prefs, row.uuid) for place, row in zip(wanted, rows, strict=True))
        )
        done = [_done(row, result, self._clock) for row, result in zip(rows, results, strict=True)]
        if done:
            await self._db.write(self._log, done)
        return list(zip(wanted, results, strict=True))

    async def _wait(self, span: timedelta) -> None:
        ringing = asyncio.ensure_future(self._bell.wait())
        sleeping = asyncio.ensure_future(self._clock.sleep(span))
        try:
            await asyncio.wait({ringing, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ringing.cancel()
            sleeping.cancel()

    async def _take(self, row: Delivery) -> None:
        try:
            await self._deliver(row)
        finally:
            self._busy.discard(row.key)
            self.ring()

    async def _deliver(self, row: Delivery) -> None:
        now = self._clock.now()
        breaker = self._breakers.setdefault(row.key, Breaker())
        if now >= row.expires_at:
            await self._change(row, status="failed", error=row.error or "It came too late to be of use.")
            return
        if breaker.is_open(self._clock.monotonic()):
            await self._rests(row, breaker)
            return
        result = await self._senders.send(row, self._prefs())
        self._took.add(result.latency.total_seconds(), channel=row.channel)
        if result.ok:
            breaker.succeeded()
        elif not result.is_final:
            breaker.failed(self._clock.monotonic())
        self._circuit.set(int(breaker.is_open(self._clock.monotonic())), channel=row.channel)
        await self._tell(row, result)

    async def _rests(self, row: Delivery, breaker: Breaker) -> None:
        """What is stale in minutes is dropped; the rest waits until the destination is tried again."""
        due = self._clock.now() + breaker.left(self._clock.monotonic())
        text = "The destination has failed five times; it is left alone for a while."
        if row.notice.kind in SHORT_LIVED or due >= row.expires_at:
            await self._change(row, status="circuit_open", error=text)
        else:
            await self._change(row, due_at=due, error=text)

    async def _tell(self, row: Delivery, result: Result) -> None:
        done = _done(row, result, self._clock)
        waits = row.waits
        if not result.ok and not result.is_final and row.tries < len(waits):
            wait = max(waits[row.tries], timedelta(seconds=min(result.retry_after or 0, 3600)))
            await self._change(
                row, status=PENDING, tries=row.tries + 1, due_at=self._clock.now() + wait, error=done.error,
                payload_size=done.payload_size,
            )  # fmt: skip
            return
        await self._change(
            row, status=done.status, tries=done.tries, error=done.error, payload_size=done.payload_size,
            latency_ms=done.latency_ms,
        )  # fmt: skip

    async def _change(self, row: Delivery, **values: object) -> None:
        values["at"] = self._clock.now()
        status = str(values.get("status", PENDING))
        await self._db.write(self._changed, row, values, status)
        if status != PENDING:
            self._sent.add(1, channel=row.channel, status=status)
            if status != "sent":
                log.warning("a message to %s was not delivered: %s", row.channel, values.get("error"))

    def _changed(self, unit: Unit, row: Delivery, values: dict[str, object], status: str) -> None:
        self._store.change(unit, row.id, values)
        if status != PENDING:
            unit.publish(
                DeliveryChanged(delivery_id=row.id, channel=row.channel, event_type=row.event_type, status=status)
            )

    def _log(self, unit: Unit, rows: list[Delivery]) -> None:
        self._store.add(unit, rows)


def _done(row: Delivery, result: Result, clock: Clock) -> Delivery:
    """The row after its last try."""
    return Delivery(
        **{name: getattr(row, name) for name in Delivery.__struct_fields__}
        | {
            "status": "sent" if result.ok else "failed",
            "error": "" if result.ok else result.text[:LONGEST_ERROR],
            "payload_size": result.size,
            "latency_ms": int(result.latency / timedelta(milliseconds=1)),
            "at": clock.now(),
        }
    )

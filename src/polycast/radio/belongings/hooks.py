"""What happens on air, told to the addresses that a station's owner has named."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import PolycastError, Unavailable
from polycast.core.events import Listener
from polycast.core.jobs import Job, Lane, Retry, Run
from polycast.core.net import Body, Limits, Net, Trust
from polycast.core.secrets import Secrets, Unsealable
from polycast.core.secrets.shared import signature
from polycast.core.storage import Database, Unit
from polycast.radio.belongings.model import CONTEXTS, CallWebhook
from polycast.radio.engine import events as told
from polycast.radio.events import StationEvent
from polycast.radio.jingles.store import PartStore
from polycast.radio.stations.store import StationStore

KIND: Final = "webhooks"
CALL: Final = Limits(total=timedelta(seconds=15), size_bytes=1_000_000, counts_answers=False)


class Hooks:
    """Queues a call for each webhook that wants to know, and makes it."""

    def __init__(
        self, *, db: Database, store: PartStore, stations: StationStore, secrets: Secrets, net: Net,
        allowed: Callable[[], tuple[str, ...]], clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._stations = stations
        self._secrets = secrets
        self._net = net
        self._allowed = allowed
        self._clock = clock

    async def call(self, payload: CallWebhook, run: Run) -> None:
        """The job. Raises: Unavailable, to be tried again."""
        row = await self._db.read(self._store.get, KIND, payload.webhook_id)
        if row is None or not row["active"]:
            return
        try:
            secret = self._secrets.open(row["secret_sealed"], context=CONTEXTS[KIND])
        except Unsealable:
            secret = ""
        body = payload.body.encode()
        mark = signature(secret, body).hex()
        headers = {
            "Content-Type": "application/json",
            "X-Polycast-Event": payload.event,
            "X-Polycast-Signature": f"sha256={mark}",
        }
        client = self._net.client(Trust.USER, owner=f"radio.webhook:{row['id']}", limits=CALL, allowed=self._allowed())
        try:
            answer = await client.fetch(row["url"], method="POST", headers=headers, body=Body(data=body), follows=False)
            result = str(answer.status)
        except PolycastError as error:
            result = error.message[:200]
        await self._db.write(self._note, payload.webhook_id, result)
        if not result.startswith("2"):
            raise Unavailable(f"The webhook has answered: {result}")

    def _note(self, unit: Unit, webhook_id: int, result: str) -> None:
        self._store.update(unit, KIND, webhook_id, {"last_result": result, "last_at": self._clock.now()})

    def jobs(self) -> list[Job]:
        """Calling; who does not answer is tried five times."""
        return [
            Job(
                name="radio.call_webhook",
                payload=CallWebhook,
                run=self.call,
                lane=Lane.QUICK,
                one_per="key",
                timeout=timedelta(minutes=1),
                retry=Retry(attempts=5),
                title="Tell a webhook of a station",
            )
        ]

    def listeners(self) -> list[Listener]:
        """What is worth a call."""
        return [
            Listener(name="radio.hook_now_playing", event=told.NowPlayingChanged, here=self._now_playing),
            Listener(name="radio.hook_dj_connected", event=told.DjConnected, here=self._dj_connected),
            Listener(name="radio.hook_dj_left", event=told.DjLeft, here=self._dj_left),
            Listener(name="radio.hook_silence", event=told.SilenceDetected, here=self._silence),
            Listener(name="radio.hook_stream_down", event=told.StreamDown, here=self._stream_down),
            Listener(name="radio.hook_stream_up", event=told.StreamUp, here=self._stream_up),
        ]

    async def _now_playing(self, event: told.NowPlayingChanged) -> None:
        await self._tell("now_playing", event, {"metadata": event.text, "dj": event.dj_id}, key=f"{event.at}")

    async def _dj_connected(self, event: told.DjConnected) -> None:
        await self._tell("dj_connected", event, {"dj": event.dj_id})

    async def _dj_left(self, event: told.DjLeft) -> None:
        await self._tell("dj_left", event, {"dj": event.dj_id, "why": event.why})

    async def _silence(self, event: told.SilenceDetected) -> None:
        await self._tell("silence", event, {"dj": event.dj_id, "seconds": event.seconds})

    async def _stream_down(self, event: told.StreamDown) -> None:
        await self._tell("stream_down", event, {"why": event.why})

    async def _stream_up(self, event: told.StreamUp) -> None:
        await self._tell("stream_up", event, {})

    async def _tell(self, name: str, event: StationEvent, data: Mapping[str, Any], *, key: str = "") -> None:
        rows = await self._db.read(self._store.of_station, KIND, event.station_id)
        if wanted := [row["id"] for row in rows if row["active"] and name in row["events"]]:
            await self._db.write(self._queue, wanted, name, event.station_id, data, key)

    def _queue(
        self, unit: Unit, wanted: list[int], name: str, station_id: int, data: Mapping[str, Any], key: str
    ) -> None:
        station, now = self._stations.get(unit, station_id), self._clock.now()
        if station is None:
            return
        shown = {"id": station.id, "slug": station.slug, "title": station.title}
        body = msgspec.json.encode({"event": name, "at": now, "station": shown, "data": data}).decode()
        for webhook_id in wanted:
            one = f"{webhook_id}:{name}:{key or now}"
            unit.enqueue("radio.call_webhook", CallWebhook(webhook_id=webhook_id, event=name, body=body, key=one))

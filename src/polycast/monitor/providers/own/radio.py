"""The radio stations of the server we run in: which are on air, what they play, how many listen."""

from polycast.core.events import Listener
from polycast.monitor.alerts.model import Happening
from polycast.monitor.ports import (
    StationAudience,
    StationDown,
    StationRemoved,
    StationSilent,
    StationTitle,
    StationUp,
)
from polycast.monitor.watch.polled import Seen


class OwnRadio:
    """Keeps what the events say. Listeners are counted, not named: who they are is their station's business."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._listeners: dict[int, int] = {}
        self._titles: dict[int, str] = {}
        self._down: set[int] = set()
        self._happened: list[Happening] = []

    async def look(self) -> Seen:
        """All of it."""
        happened, self._happened = self._happened, []
        known = self._listeners.keys() | self._titles.keys() | self._down
        details: dict[str, str] = {}
        if known:
            details = {"stations": str(len(known - self._down)), "listeners": str(sum(self._listeners.values()))}
        details |= {f"station {one}": title for one, title in sorted(self._titles.items()) if one not in self._down}
        details |= {f"station {one}": "off air" for one in sorted(self._down)}
        return Seen(version=self._version, name="Polycast radio", happened=happened, details=details)

    def listeners(self) -> list[Listener]:
        """For the module."""
        return [
            Listener(name="monitor.hear_station_up", event=StationUp, here=self._up),
            Listener(name="monitor.hear_station_down", event=StationDown, here=self._gone),
            Listener(name="monitor.hear_station_silence", event=StationSilent, here=self._silent),
            Listener(name="monitor.hear_station_audience", event=StationAudience, here=self._audience),
            Listener(name="monitor.hear_station_title", event=StationTitle, here=self._title),
            Listener(name="monitor.hear_station_removed", event=StationRemoved, here=self._removed),
        ]

    async def _up(self, event: StationUp) -> None:
        was_down = event.station_id in self._down
        self._down.discard(event.station_id)
        self._listeners.setdefault(event.station_id, 0)
        if was_down:
            text = f"Station {event.station_id} is on air again"
            self._happened.append(Happening(title="Station On Air", text=text, is_over=not self._down, icon="tv"))

    async def _gone(self, event: StationDown) -> None:
        if event.station_id in self._down:
            return
        self._down.add(event.station_id)
        self._listeners.pop(event.station_id, None)
        text = (
            f"Station {event.station_id} is off air: {event.why[:200]}"
            if event.why
            else f"Station {event.station_id} is off air"
        )
        self._happened.append(
            Happening(title="Station Off Air", text=text, severity="warning", icon="alert-circle", extra={"station": event.station_id})
        )  # fmt: skip

    async def _silent(self, event: StationSilent) -> None:
        text = f"Station {event.station_id} has been silent for {event.seconds:.0f} s"
        self._happened.append(Happening(title="Station Silent", text=text, icon="alert-circle"))

    async def _audience(self, event: StationAudience) -> None:
        self._listeners[event.station_id] = max(0, event.listeners)

    async def _title(self, event: StationTitle) -> None:
        self._titles[event.station_id] = event.text[:200]

    async def _removed(self, event: StationRemoved) -> None:
        for kept in (self._listeners, self._titles):
            kept.pop(event.station_id, None)
        self._down.discard(event.station_id)

"""Facts of other rooms that belong into the ring of system events. Source: `specs/live.md` 2.5, 4.9."""

from typing import Any

from polycast.core.clock import Clock
from polycast.core.events.model import Listener
from polycast.core.storage import Unit
from polycast.live.activity.events import SystemEvents
from polycast.live.guide.model import GuideFailed, GuideRefreshed
from polycast.live.outputs.events import OutputBlocked
from polycast.live.sources.model import SourceRefreshed

BLOCKED = {"m3u": "m3u_blocked", "epg": "epg_blocked"}


class Listening:
    """Writes them down, each once."""

    def __init__(self, *, events: SystemEvents, clock: Clock) -> None:
        self._events = events
        self._clock = clock

    def listeners(self) -> list[Listener]:
        """For the module."""
        return [
            Listener(name="live.note_source_refreshed", event=SourceRefreshed, once=self._source_refreshed),
            Listener(name="live.note_guide_refreshed", event=GuideRefreshed, once=self._guide_refreshed),
            Listener(name="live.note_guide_failed", event=GuideFailed, once=self._guide_failed),
            Listener(name="live.note_output_blocked", event=OutputBlocked, once=self._blocked),
        ]

    def _source_refreshed(self, unit: Unit, event: SourceRefreshed) -> None:
        if event.groups_only:
            return
        details = {
            "account_name": event.account_name,
            "elapsed_time": event.elapsed_seconds,
            "streams_created": event.streams_created,
            "streams_updated": event.streams_updated,
            "streams_stale": event.streams_stale,
            "streams_deleted": event.streams_deleted,
            "total_processed": event.entries,
        }
        self._note(unit, "m3u_refresh", details)

    def _guide_refreshed(self, unit: Unit, event: GuideRefreshed) -> None:
        details = {"source_name": event.source_name, "channels": event.channels, "programs": event.programmes}
        self._note(unit, "epg_refresh", details | {"elapsed_time": event.elapsed_seconds})

    def _guide_failed(self, unit: Unit, event: GuideFailed) -> None:
        self._note(unit, "epg_error", {"source_name": event.source_name, "error": event.message})

    def _blocked(self, unit: Unit, event: OutputBlocked) -> None:
        if kind := BLOCKED.get(event.kind):
            self._note(unit, kind, {"client_ip": event.address, "user": event.username})

    def _note(self, unit: Unit, event_type: str, details: dict[str, Any]) -> None:
        self._events.add_in(unit, event_type, at=self._clock.now(), uuid="", name="", details=details)

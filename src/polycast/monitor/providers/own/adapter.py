"""Live TV of the server we run in: who watches and what is recorded, heard from its own events."""

from collections.abc import Mapping
from typing import Any, Final

from polycast.core.events import Listener
from polycast.monitor.alerts.model import Happening
from polycast.monitor.ports import LiveHappened, LiveSessionChanged, LiveSessionEnded
from polycast.monitor.providers.own.space import Space
from polycast.monitor.providers.reading import listing, mapping, text
from polycast.monitor.sessions.model import SessionKind
from polycast.monitor.watch.polled import Seen, Viewing
from polycast.monitor.watch.state import NowRecording

STARTS: Final = "recording_start"
ENDS: Final = "recording_end"


class OwnLive:
    """Keeps what the events say, for the watcher that looks every few seconds."""

    def __init__(self, version: str, space: Space) -> None:
        self._version = version
        self._space = space
        self._channels: dict[str, list[Viewing]] = {}
        self._recordings: dict[str, NowRecording] = {}
        self._happened: list[Happening] = []

    async def look(self) -> Seen:
        """All of it."""
        viewings = [viewing for channel in self._channels.values() for viewing in channel]
        happened, self._happened = self._happened, []
        total, free = await self._space.now()
        return Seen(
            version=self._version, name="Polycast", viewings=viewings, recording=list(self._recordings.values()),
            happened=happened, disk_total=total, disk_free=free,
        )  # fmt: skip

    def listeners(self) -> list[Listener]:
        """For the module."""
        return [
            Listener(name="monitor.hear_live_session", event=LiveSessionChanged, here=self._changed),
            Listener(name="monitor.hear_live_end", event=LiveSessionEnded, here=self._ended),
            Listener(name="monitor.hear_live_event", event=LiveHappened, here=self._noted),
        ]

    async def _changed(self, event: LiveSessionChanged) -> None:
        session = event.session
        clients = [mapping(one) for one in listing(session.get("clients"))]
        self._channels[event.uuid] = [_viewing(event.uuid, session, one) for one in clients if text(one.get("id"))]

    async def _ended(self, event: LiveSessionEnded) -> None:
        self._channels.pop(event.uuid, None)

    async def _noted(self, event: LiveHappened) -> None:
        if event.event_type not in (STARTS, ENDS):
            return
        details = event.details
        title = text(details.get("title") or details.get("recording_name") or details.get("name")) or event.channel_name
        key = text(details.get("recording_id") or details.get("id"), 60) or f"{event.channel_name}/{title}"
        if event.event_type == STARTS:
            self._recordings[key] = NowRecording(title=title, channel=event.channel_name)
        else:
            self._recordings.pop(key, None)
        word = "Recording" if event.event_type == STARTS else "Recorded"
        on = f" on {event.channel_name}" if event.channel_name else ""
        self._happened.append(
            Happening(title="Recording Event", text=f"{word}: {title}{on}", event_type="recording_event", icon="video")
        )


def _viewing(uuid: str, session: Mapping[str, Any], client: Mapping[str, Any]) -> Viewing:
    return Viewing(
        key=f"{uuid}/{text(client.get('id'), 100)}",
        kind=SessionKind.CHANNEL,
        channel_name=text(session.get("name")),
        channel_number=text(session.get("number"), 40),
        device=text(client.get("agent"), 60).partition("/")[0],
        user=text(client.get("user")),
        ip=text(client.get("address"), 64),
        source=text(session.get("source"), 120),
    )

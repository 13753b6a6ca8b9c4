"""The server we run in: who watches its live TV, heard from its own events. Source: specs/monitor.md 4.12."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from polycast.core.events import Listener
from polycast.monitor.ports import LiveSessionChanged, LiveSessionEnded
from polycast.monitor.providers.reading import listing, mapping, text
from polycast.monitor.servers.model import Provider, Server
from polycast.monitor.sessions.model import SessionKind
from polycast.monitor.watch.polled import Seen, Viewing

OWN_EVERY: Final = timedelta(seconds=1)  # it costs nothing
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
# No row: it is always there, and clients that expect Channels DVRs never see it.
OWN: Final = Server(
    id=0, dvr_id="polycast", provider=Provider.POLYCAST, name="Polycast", host="localhost", port=8000, created_at=START,
    updated_at=START,
)  # fmt: skip


class OwnLive:
    """Keeps what the events say, for the watcher that looks every few seconds."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._channels: dict[str, list[Viewing]] = {}

    async def look(self) -> Seen:
        viewings = [viewing for channel in self._channels.values() for viewing in channel]
        return Seen(version=self._version, name="Polycast", viewings=viewings)

    def listeners(self) -> list[Listener]:
        """For the module."""
        return [
            Listener(name="monitor.hear_live_session", event=LiveSessionChanged, here=self._changed),
            Listener(name="monitor.hear_live_end", event=LiveSessionEnded, here=self._ended),
        ]

    async def _changed(self, event: LiveSessionChanged) -> None:
        session = event.session
        clients = [mapping(one) for one in listing(session.get("clients"))]
        self._channels[event.uuid] = [_viewing(event.uuid, session, one) for one in clients if text(one.get("id"))]

    async def _ended(self, event: LiveSessionEnded) -> None:
        self._channels.pop(event.uuid, None)


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

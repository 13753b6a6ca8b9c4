"""The door for events that other programs push: history, and whatever rules make of it."""

from collections.abc import Mapping
from typing import Any, Final

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound
from polycast.core.ids import Ids
from polycast.core.secrets import Tokens
from polycast.monitor.alerts.model import Alert, AlertKind, Told
from polycast.monitor.alerts.teller import Item, Teller
from polycast.monitor.history.model import Activity
from polycast.monitor.ingest.reading import READERS
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.servers.service import Servers

TYPE: Final = "inbound_event"


class Ingest:
    """Takes one event at a time."""

    def __init__(
        self, *, book: PreferencesBook, servers: Servers, teller: Teller, tokens: Tokens, clock: Clock, ids: Ids
    ) -> None:
        self._book = book
        self._servers = servers
        self._teller = teller
        self._tokens = tokens
        self._clock = clock
        self._ids = ids

    async def may(self, token: str) -> bool | None:
        """Whether `token` opens the door; None when it is shut."""
        prefs = (await self._book.load()).known
        if not prefs.ingest_enabled or not prefs.ingest_token:
            return None
        return self._tokens.same(token, prefs.ingest_token)

    async def take(self, provider: str, body: Any, *, dvr_id: str = "") -> Activity:
        """Raises: NotFound, for a program or server that nobody knows; Invalid, for what is no event."""
        if provider not in READERS:
            raise NotFound("This kind of sender")
        name, read = READERS[provider]
        server = await self._servers.get(dvr_id) if dvr_id else None
        pushed = read(body) if isinstance(body, Mapping) else None
        if pushed is None:
            raise Invalid.one("event", "required", f"This is no event of {name}.")
        now = self._clock.now()
        activity = Activity(
            uuid=self._ids.uuid(),
            dvr_id=server.dvr_id if server is not None else f"inbound_{provider}",
            dvr_name=server.shown_name if server is not None else name,
            event_type=TYPE,
            title=f"{name}: {pushed.event}",
            message=pushed.message,
            at=now,
            icon="alert-circle" if pushed.is_bad else "bell",
            program_title=pushed.program_title,
            device_name=pushed.device or pushed.user,
            device_ip=pushed.ip,
            stream_source=name,
            extra={"event": pushed.event, "sender": provider},
        )
        alert = _alert(activity) if pushed.is_bad else None
        self._teller.put(Item(told=Told(activity=activity, alert=alert)))
        return activity


def _alert(activity: Activity) -> Alert:
    return Alert(
        kind=AlertKind.RULE, event_type="alert.notification", dvr_id=activity.dvr_id, dvr_name=activity.dvr_name,
        title=activity.title, text=activity.message, at=activity.at, severity="warning", activity_uuid=activity.uuid,
        subject=str(activity.extra["event"]),
    )  # fmt: skip

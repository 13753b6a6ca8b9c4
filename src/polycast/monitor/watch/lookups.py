"""What a watcher asks its server for an alert, kept for as long as it holds: channels, what is on, files."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.monitor.alerts.context import Looked
from polycast.monitor.preferences.model import Preferences
from polycast.monitor.providers.channels.client import ChannelsClient
from polycast.monitor.providers.channels.wire import Airing, Channel, Recorded
from polycast.monitor.sessions.model import Session, SessionKind

MOST_FILES: Final = 500
RETRY: Final = timedelta(seconds=30)  # after a question that was not answered
LONGEST_AIRING: Final = timedelta(minutes=30)


class Lookups:
    """Of one server. A question that fails leaves the alert without its answer, never without its sending."""

    def __init__(self, client: ChannelsClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._channels: dict[str, Channel] = {}
        self._channels_until: datetime | None = None
        self._airings: dict[str, Airing] = {}
        self._airings_until: datetime | None = None
        self._files: OrderedDict[str, tuple[datetime, Recorded | None]] = OrderedDict()

    async def about(self, session: Session, prefs: Preferences) -> Looked:
        """What an alert about this viewing needs."""
        if session.kind is SessionKind.VOD:
            return Looked(file=await self.file(session.file_id, prefs))
        channel = await self.channel(session.channel_number, prefs)
        airing = (await self.airings()).get(session.channel_number) if prefs.cw_program_name else None
        return Looked(channel=channel, airing=airing)

    async def channel(self, number: str, prefs: Preferences) -> Channel | None:
        """By number, else by id."""
        now = self._clock.now()
        if self._channels_until is None or now >= self._channels_until:
            try:
                listed = await self._client.channels()
            except PolycastError:
                self._channels_until = now + RETRY
            else:
                self._channels = {one.id: one for one in listed} | {one.number: one for one in listed}
                self._channels_until = now + timedelta(seconds=max(60, prefs.channel_cache_ttl))
        return self._channels.get(number)

    def known_channel(self, number: str) -> Channel | None:
        """As far as it is known, without asking."""
        return self._channels.get(number)

    async def airings(self) -> dict[str, Airing]:
        """What is on, until the first of it ends."""
        now = self._clock.now()
        if self._airings_until is None or now >= self._airings_until:
            try:
                self._airings = await self._client.now(now)
            except PolycastError:
                self._airings_until = now + RETRY
            else:
                ends = min((one.ends_at for one in self._airings.values()), default=now + LONGEST_AIRING)
                self._airings_until = max(now + RETRY, min(ends, now + LONGEST_AIRING))
        return self._airings

    def known_airing(self, number: str) -> Airing | None:
        """As far as it is known, without asking."""
        found = self._airings.get(number)
        return found if found is not None and found.ends_at > self._clock.now() else None

    async def file(self, file_id: str, prefs: Preferences) -> Recorded | None:
        """What is known of a file."""
        now = self._clock.now()
        kept = self._files.get(file_id)
        if kept is not None and now < kept[0]:
            return kept[1]
        life = timedelta(seconds=max(60, prefs.vod_cache_ttl))
        try:
            found = await self._client.recorded(file_id)
            if found is None:
                found = await self._client.file(file_id)
        except PolycastError:
            found, life = None, RETRY
        self._files[file_id] = (now + life, found)
        if len(self._files) > MOST_FILES:
            self._files.popitem(last=False)
        return found

"""Live TV on the home page, and its limits among the users."""

from typing import Final

from polycast.core.identity.caller import Caller
from polycast.hub.ports import OnNow
from polycast.live.module import Live

LOGO: Final = "/api/channels/logos/{id}/cache/"


class LiveHome:
    """The hub's ports `LiveNow` and `StreamLimits`, kept by live TV."""

    def __init__(self, live: Live) -> None:
        self._live = live

    async def on_now(self, caller: Caller, *, limit: int) -> list[OnNow]:
        return [
            OnNow(
                channel_id=one.channel_id,
                channel_uuid=one.channel_uuid,
                number=one.number,
                name=one.name,
                logo_url=None if one.logo_id is None else LOGO.format(id=one.logo_id),
                title=one.title,
                sub_title=one.sub_title,
                start=int(one.start.timestamp()),
                end=int(one.end.timestamp()),
            )
            for one in await self._live.on_now(caller, limit=limit)
        ]

    async def counts(self) -> dict[str, int]:
        return await self._live.counts()

    def sent_bytes(self) -> int:
        return self._live.sent_bytes()

    async def stream_limits(self, user_ids: list[int]) -> dict[int, int]:
        return await self._live.people.stream_limits(user_ids)

    async def set_stream_limit(self, user_id: int, limit: int) -> None:
        await self._live.people.set_stream_limit(user_id, limit)

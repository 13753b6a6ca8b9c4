"""The relay, as other dialects reach it: a channel's bytes as an answer of theirs."""

from collections import Counter
from collections.abc import Mapping, MutableMapping
from typing import Any

from polycast.core.http import Request
from polycast.core.identity.caller import Caller
from polycast.core.module import ASGIApp
from polycast.live.dialects.streams.live import FORMATS, LiveStream, guest_of
from polycast.live.outputs.ports import StreamFormat
from polycast.live.relay.model import Format, Outlet
from polycast.live.relay.service import Relays


class RelayTuner:
    """The outputs' port `Tuner`."""

    def __init__(self, relays: Relays) -> None:
        self._relays = relays

    async def stream(
        self, scope: MutableMapping[str, Any], caller: Caller, channel_uuid: str, wanted: StreamFormat
    ) -> ASGIApp:
        """The channel in the wanted form. What cannot be played is raised when the answer is sent, before its head."""
        outlet = Outlet(FORMATS.get(wanted.container or "", Format.TS), wanted.output_profile_id)
        stream = LiveStream(self._relays, channel_uuid, guest_of(Request(scope), caller), outlet, None)

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            await stream.serve(receive, send)

        return answer

    def watching(self, user_id: int) -> int:
        """How many streams a user has open on this node."""
        clients = Counter(c.guest.user_id for session in self._relays.sessions for c in session.clients.values())
        return clients[user_id]

    def playing(self) -> Mapping[str, int]:
        """By uuid of the channels that are on air: bits a second."""
        return {session.target.ref: int(session.rate.bps) for session in self._relays.sessions}

"""`/api/channels/channels/match-epg/`: have guides looked for, and take what is certain. Results come over the socket."""

from collections.abc import Sequence

from msgspec import Struct

from polycast.core.http import Docs, Route, post
from polycast.core.identity.caller import Caller
from polycast.live.dialects.rest.levels import WRITE
from polycast.live.dialects.rest.wire import Message
from polycast.live.guide.room import Guide
from polycast.live.lineup.room import LineUp

TAGS = Docs(tags=["channels"])


class MatchSent(Struct, frozen=True, kw_only=True):
    """Which channels; none or an empty list: all that have no guide."""

    channel_ids: list[int] = []


class Accepted(Struct, frozen=True, kw_only=True):
    """A run for one channel has been asked for."""

    message: str
    accepted: bool
    channel_id: int


def routes() -> Sequence[Route]:
    """Takes the services `guide` and `lineup`."""
    return [match, match_one]


@post("/api/channels/channels/match-epg/", policy=WRITE, sent=MatchSent, status=202, docs=TAGS)
async def match(caller: Caller, sent: MatchSent, guide: Guide) -> Message:
    """Look for guides for many channels."""
    await guide.matching.ask(caller, sent.channel_ids or None, takes=True)
    count = len(sent.channel_ids)
    return Message(f"EPG matching task initiated for {count} channel(s)." if count else "EPG matching task initiated.")


@post("/api/channels/channels/{channel_id}/match-epg/", policy=WRITE, status=202, docs=TAGS)
async def match_one(caller: Caller, channel_id: int, guide: Guide, lineup: LineUp) -> Accepted:
    """Look for a guide for one channel."""
    channel = await lineup.channels.get(caller, channel_id)
    await guide.matching.ask(caller, [channel_id], again=True, takes=True)
    told = f"EPG matching started for channel '{channel.effective.name}'"
    return Accepted(message=told, accepted=True, channel_id=channel_id)

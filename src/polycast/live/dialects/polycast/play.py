"""Watching in a page: where a channel's bytes are, what runs, and which channels lie above and below."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from polycast.core.http import Docs, Route, get
from polycast.core.identity.caller import Caller, Policy, needs
from polycast.core.identity.scopes import Scope
from polycast.live.dialects.polycast.wire import Named, Programme, logo_url
from polycast.live.lineup.numbers import shown
from polycast.live.outputs.playing import Format, Playable, Playing

WATCH: Final[Policy] = needs(Scope.LIVE_PLAY)
TAGS: Final = Docs(tags=["play"])
# By format, its address and what a person calls it. Without an origin: pages play by their cookie. The format is always
# named, as an address without one gives what the user likes best.
LIVE: Final[Mapping[Format, tuple[str, str]]] = {
    Format.TS: ("/proxy/ts/stream/{uuid}?output_format=ts", "Original"),
    Format.MP4: ("/proxy/ts/stream/{uuid}?output_format=mp4", "MP4"),
    Format.HLS: ("/proxy/hls/{uuid}/index.m3u8", "HLS"),
}
ARCHIVE: Final = "/proxy/catchup/{uuid}?start={start}&duration={minutes}"


class Way(Struct, frozen=True, kw_only=True):
    """One way to get the bytes."""

    kind: Format
    url: str
    label: str


class Play(Struct, frozen=True, kw_only=True):
    """A channel, ready to be watched; `ways` in the order of preference."""

    channel_id: int
    uuid: str
    number: str | None
    name: str
    logo_url: str | None
    ways: list[Way]
    streams: list[Named]
    now: Programme | None
    next: Programme | None
    above_id: int | None
    below_id: int | None


class Ways:
    """The formats this server offers, the preferred one first."""

    def __init__(self, formats: Sequence[Format]) -> None:
        self._formats = tuple(formats)

    def of(self, found: Playable) -> list[Way]:
        """Live, or the one way into the archive."""
        uuid = found.entry.uuid
        if found.replay is not None:
            url = ARCHIVE.format(uuid=uuid, start=found.replay.start, minutes=found.replay.minutes)
            return [Way(kind=Format.TS, url=url, label="Archive")]
        return [Way(kind=one, url=LIVE[one][0].format(uuid=uuid), label=LIVE[one][1]) for one in self._formats]


def routes() -> Sequence[Route]:
    """Takes the services `playing` and `ways`."""
    return [play, play_by_number]


@get("/polycast/v1/live/play/{channel_id}", policy=WATCH, docs=TAGS)
async def play(caller: Caller, channel_id: int, playing: Playing, ways: Ways, programme: str = "") -> Play:
    """How to watch a channel, or with `programme` one that is over."""
    return _play(await playing.channel(caller, channel_id, programme=programme), ways)


@get("/polycast/v1/live/play/by-number/{number}", policy=WATCH, docs=TAGS)
async def play_by_number(caller: Caller, number: str, playing: Playing, ways: Ways) -> Play:
    """The channel with a number, else the one with the nearest number above it."""
    return _play(await playing.by_number(caller, number), ways)


def _play(found: Playable, ways: Ways) -> Play:
    entry = found.entry
    return Play(
        channel_id=entry.id,
        uuid=entry.uuid,
        number=shown(entry.number),
        name=entry.name,
        logo_url=logo_url(entry.logo_id, entry.logo_url),
        ways=ways.of(found),
        streams=[Named(id=stream_id, name=name) for stream_id, name in found.streams],
        now=None if found.now is None else Programme.of(found.now, can_replay=False),
        next=None if found.next is None else Programme.of(found.next, can_replay=False),
        above_id=found.above,
        below_id=found.below,
    )

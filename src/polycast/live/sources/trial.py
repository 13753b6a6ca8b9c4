"""A short look at what somebody is about to add: does it answer, is it what they think, how large is it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from polycast.core.errors import Invalid, PolycastError
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.net import BadAnswer, Limits, Net, Outbound, Trust
from polycast.live.providers.xtream.client import Xtream, base_of
from polycast.live.providers.xtream.wire import text, whole
from polycast.live.sources.accounts.checks import Problems, check_url
from polycast.live.sources.addresses import is_masked
from polycast.live.sources.refresh.fetch import moment
from polycast.live.sources.refresh.sniff import HEAD_BYTES, PACKED, require_playlist

LOOKED_AT: Final = 8 * 1024 * 1024  # bytes of a file; what is longer is judged by its beginning
LOOK: Final = Limits(
    first_byte=timedelta(seconds=30), total=timedelta(seconds=30), size_bytes=LOOKED_AT, counts_answers=False
)
HEAD: Final = replace(LOOK, size_bytes=None)  # ended by us
GROUP: Final = re.compile(rb'group-title="([^"]*)"')
Sniff = Callable[[bytes], None]


class TrialKind(StrEnum):
    """What can be tried out."""

    PLAYLIST = "playlist"
    XTREAM = "xtream"
    HDHOMERUN = "hdhr"
    GUIDE = "guide"


class Found(Struct, frozen=True, kw_only=True):
    """What a look has shown; None for what it could not."""

    ok: bool
    text: str  # for a person
    streams: int | None = None
    groups: int | None = None
    channels: int | None = None
    programmes: int | None = None
    max_streams: int | None = None
    expires_at: datetime | None = None


class _Head(Struct, frozen=True):
    """The beginning of a file."""

    body: bytes
    is_whole: bool

    @property
    def is_packed(self) -> bool:
        return self.body.startswith(PACKED)


class SourceTrials:
    """Tries addresses and logins out. Nothing is stored, and no credential comes back."""

    def __init__(self, *, net: Net, require_guide: Sniff) -> None:
        self._net = net
        self._require_guide = require_guide

    async def look(self, caller: Caller, kind: TrialKind, *, url: str, username: str, password: str) -> Found:
        """What is at `url`; whatever goes wrong there is an answer, not a failure.

        Raises: NotAllowed; Invalid with what is missing.
        """
        caller.require(Scope.LIVE_WRITE)
        problems = Problems()
        if is_masked(url):
            problems.add("url", "masked", "Enter the whole address: a stored one is not shown again.")
        elif not url.strip():
            problems.add("url", "required", "Enter an address.")
        address = check_url(url, problems, path="url")
        if kind is TrialKind.XTREAM:
            for name, value in (("username", username), ("password", password)):
                if not value:
                    problems.add(name, "required", "Enter the login of the provider.")
        problems.settle()
        client = self._net.client(Trust.SOURCE, owner="live.source_trial", limits=LOOK)
        try:
            if kind is TrialKind.XTREAM:
                return await _panel(client, address, username, password)
            if kind is TrialKind.HDHOMERUN:
                return await _tuner(client, address)
            if kind is TrialKind.GUIDE:
                return _guide(await _head(client, address, self._require_guide))
            return _playlist(await _head(client, address, require_playlist))
        except Invalid:
            raise
        except PolycastError as error:
            return Found(ok=False, text=error.message)


async def _head(client: Outbound, url: str, sniff: Sniff) -> _Head:
    """Up to `LOOKED_AT` bytes; of what says that it is longer, only the beginning.

    Raises: BadAnswer for an error status; what `sniff` and `core/net` raise.
    """
    body = bytearray()
    async with client.stream("GET", url, limits=HEAD) as incoming:
        if incoming.status >= 400:
            raise BadAnswer(f"The server answers with status {incoming.status}.", reason="status")
        is_long = (incoming.size_bytes or 0) > LOOKED_AT
        most = HEAD_BYTES if is_long else LOOKED_AT
        async for piece in incoming.chunks():
            body += piece
            if len(body) > most:
                break
    sniff(bytes(body[:HEAD_BYTES]))
    return _Head(bytes(body), is_whole=len(body) <= most)


def _playlist(head: _Head) -> Found:
    if head.is_packed:
        return Found(ok=True, text="The address gives a compressed playlist.")
    if not head.is_whole:
        return Found(ok=True, text="The address gives a large playlist.")
    streams = head.body.count(b"#EXTINF:")
    groups = len(set(GROUP.findall(head.body)))
    return Found(ok=True, text=f"A playlist with {streams:,} streams.", streams=streams, groups=groups)


def _guide(head: _Head) -> Found:
    if head.is_packed:
        return Found(ok=True, text="The address gives a compressed guide.")
    if not head.is_whole:
        return Found(ok=True, text="The address gives a large guide.")
    channels, programmes = head.body.count(b"<channel "), head.body.count(b"<programme ")
    return Found(
        ok=True,
        text=f"A guide with {channels:,} channels and {programmes:,} programmes.",
        channels=channels,
        programmes=programmes,
    )


async def _panel(client: Outbound, url: str, username: str, password: str) -> Found:
    panel = Xtream(client, base=base_of(url), username=username, password=password)
    info = await panel.info()
    groups = len(await panel.live_categories())
    user = info.user_info
    return Found(
        ok=True,
        text=f"The provider accepts the login and offers {groups:,} groups.",
        groups=groups,
        max_streams=whole(user.max_connections) if user else None,
        expires_at=moment(user.exp_date) if user else None,
    )


async def _tuner(client: Outbound, url: str) -> Found:
    base = base_of(url)
    discover = await client.json("GET", f"{base}/discover.json", type=dict[str, Any], strict=False)
    address = text(discover.get("LineupURL")) or f"{base}/lineup.json"
    lineup = await client.json("GET", address, type=list[dict[str, Any]], strict=False)
    name = text(discover.get("FriendlyName")) or "The tuner"
    return Found(
        ok=True,
        text=f"{name} offers {len(lineup):,} channels.",
        streams=len(lineup),
        max_streams=whole(discover.get("TunerCount")),
    )

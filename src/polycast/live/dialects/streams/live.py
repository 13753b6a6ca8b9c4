"""`/proxy/ts/stream/...`: endless bytes for a player.

Real clients: TiviMate, VLC, Kodi, Plex and Jellyfin tuners, ffmpeg, mpegts.js of our own pages.
"""

import asyncio
from datetime import timedelta
from math import isfinite
from typing import Any, Final

from polycast.core.errors import NotFound
from polycast.core.http import Request, Response, UnknownPath
from polycast.core.identity.caller import Caller
from polycast.live.relay.client import Client
from polycast.live.relay.feeding import Feed
from polycast.live.relay.model import Format, Guest, Outlet
from polycast.live.relay.owners import Peers
from polycast.live.relay.segmenting import Segments
from polycast.live.relay.service import Relays

FORMATS: Final = {"mpegts": Format.TS, "ts": Format.TS, "fmp4": Format.MP4, "mp4": Format.MP4}
HEADERS: Final = (
    (b"cache-control", b"no-cache, no-store"),
    (b"x-accel-buffering", b"no"),
    (b"access-control-allow-origin", b"*"),
)
NO_STORE: Final = {"cache-control": "no-store", "access-control-allow-origin": "*"}
LONGEST_REWIND_S: Final = 3600.0


class LiveStream:
    """An ASGI answer that holds its place in the channel until either side has had enough.

    The place is taken before the first byte of the answer, so that a channel that cannot be played is an error and no
    empty stream.
    """

    def __init__(self, relays: Relays, ref: str, guest: Guest, outlet: Outlet, behind: timedelta | None) -> None:
        self._relays = relays
        self._ref = ref
        self._guest = guest
        self._outlet = outlet
        self._behind = behind

    async def serve(self, receive: Any, send: Any) -> None:
        """Stream to the end. Raises, before anything was sent, what `Relays.watching` raises."""
        leaving = asyncio.ensure_future(_left(receive))
        opening: asyncio.Future[None] = asyncio.ensure_future(self._stream(send))
        try:
            await asyncio.wait([leaving, opening], return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            opening.cancel()
            await asyncio.wait([leaving, opening])
        if not opening.cancelled():
            opening.result()

    async def _stream(self, send: Any) -> None:
        watching = self._relays.watching(self._ref, self._guest, self._outlet, behind=self._behind)
        async with watching as (client, feed):
            headers = [(b"content-type", feed.content_type.encode()), *HEADERS]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            sending = asyncio.ensure_future(_send_all(client, feed, send))
            try:
                both: list[asyncio.Future[Any]] = [sending, client.ended]
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                sending.cancel()
                await asyncio.wait({sending})
            if not sending.cancelled():
                sending.result()
        if client.ended.result() != "stalled":
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_all(client: Client, feed: Feed, send: Any) -> None:
    while (chunk := await feed.next()) is not None:
        if chunk:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            client.sent(len(chunk))


async def _left(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class _Served:
    """What is left to be done once the stream has been served: nothing."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        return None


class LiveRoutes:
    """The endpoints of live bytes."""

    def __init__(self, relays: Relays, segments: Segments, peers: Peers) -> None:
        self._relays = relays
        self._peers = peers
        self._segments = segments

    async def hls_playlist(self, request: Request, caller: Caller) -> Response:
        """Live HLS: the media playlist. A player that stops asking has left."""
        ref = str(request.path_params["ref"])
        guest = guest_of(request, caller)
        text = await self._segments.playlist(ref, guest, query=str(request.url.query))
        return Response(text, media_type="application/vnd.apple.mpegurl", headers=NO_STORE)

    async def hls_segment(self, request: Request, caller: Caller) -> Response:
        """A piece of it. Raises: NotFound, for one that has gone."""
        name = str(request.path_params["name"])
        number = name.removesuffix(".ts")
        if not number.isdecimal() or not name.endswith(".ts") or len(number) > 15:
            raise UnknownPath
        ref = str(request.path_params["ref"])
        found = await self._segments.segment(ref, guest_of(request, caller), int(number))
        return Response(found.data, media_type="video/mp2t", headers=NO_STORE)

    async def peer(self, request: Request, caller: Caller) -> Any:
        """A channel that this node reads, for another node. Raises: NotFound, for who is none, and when it does not."""
        ref = str(request.path_params["ref"])
        self._peers.admit(ref, request.query_params.get("token", ""))
        if self._relays.session(ref).owner is not None:  # handed on once, never in a circle
            raise NotFound("Channel")
        answer = LiveStream(self._relays, ref, guest_of(request, caller), Outlet(), timedelta(0))
        await answer.serve(request.receive, request._send)
        return _Served()

    async def stream(self, request: Request, caller: Caller) -> Any:
        """A channel by UUID, or a stream by its hash. Source: `specs/live.md` 3.14."""
        ref = str(request.path_params["ref"])
        target = await self._relays.redirect(ref)
        if target is not None:
            is_http = target.lower().startswith(("http://", "https://"))
            return Response(status_code=302 if is_http else 301, headers={"location": target})
        if request.method == "OPTIONS":
            return Response(status_code=200)
        outlet = outlet_of(request, await self._relays.format_for(caller.user_id))
        answer = LiveStream(self._relays, ref, guest_of(request, caller), outlet, behind_of(request))
        await answer.serve(request.receive, request._send)
        return _Served()


def guest_of(request: Request, caller: Caller) -> Guest:
    """Who watches."""
    agent = request.headers.get("user-agent", "")[:500]
    return Guest(address=caller.address, user_agent=agent, user_id=caller.user_id, username=caller.username)


def outlet_of(request: Request, default: Format) -> Outlet:
    """What the address asks for: `output_format` or `output`, `output_profile`."""
    word = request.query_params.get("output_format") or request.query_params.get("output") or ""
    profile = request.query_params.get("output_profile", "")
    return Outlet(
        FORMATS.get(word.lower(), default), int(profile) if profile.isdecimal() and len(profile) < 10 else None
    )


def behind_of(request: Request) -> timedelta | None:
    """`?start=-120`: that many seconds back."""
    text = request.query_params.get("start", "")
    try:
        seconds = -float(text)
    except ValueError:
        return None
    return timedelta(seconds=min(max(seconds, 0.0), LONGEST_REWIND_S)) if isfinite(seconds) else None

"""`/listen/*`: what ports of accounts give, on the server's own origin. Source: specs/radio.md 3.15, 4.1, 4.14."""

import asyncio
from typing import Any, Final

from polycast.core.errors import NotFound
from polycast.core.http import Authenticator, Request, Response, UnknownPath, byte_dialect, byte_route
from polycast.core.identity.caller import Caller, Policy, RateClass
from polycast.core.module import Dialect, Slash
from polycast.radio.dialects.listen.errors import spell
from polycast.radio.edge import answers, pages
from polycast.radio.edge.answers import CORS
from polycast.radio.edge.door import metaint_of
from polycast.radio.edge.model import Guest, Manner
from polycast.radio.edge.mount import Mount
from polycast.radio.engine.listening import Listening, Pipe, Refused

CLAIMS: Final = ("/listen/*",)
ANYBODY: Final = Policy(kinds=frozenset(), anonymous=True, rate=RateClass.BYTES)
NO_STORE: Final = {"cache-control": "no-cache, no-store", "access-control-allow-origin": "*"}
M3U8: Final = "application/vnd.apple.mpegurl"
PAUSE_S: Final = 0.25


class Streams:
    """The endpoints."""

    def __init__(self, listening: Listening) -> None:
        self._listening = listening

    async def stream(self, request: Request, caller: Caller) -> Any:
        """Endless sound."""
        slug, path = str(request.path_params["slug"]), str(request.path_params["path"])
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"allow": "GET, HEAD, OPTIONS", **{k.lower(): v for k, v in CORS}})
        one, mount = self._listening.mount(slug, path)
        guest = guest_of(request, caller)
        try:
            self._listening.admit(one, mount, guest)
        except Refused as refused:
            return answer_of(refused)
        return _Stream(self._listening, mount, guest)

    async def playlist_file(self, request: Request, caller: Caller) -> Response:
        """`<slug>.pls`, `.m3u`, `.xspf`: where the first channel is heard here."""
        name, _, ending = str(request.path_params["name"]).rpartition(".")
        if ending not in ("pls", "m3u", "xspf") or not name:
            raise UnknownPath
        one = self._listening.station(name)
        offered = [each for each in one.air.setup.channels if each.id in one.air.mounts and each.proxy_enabled]
        if not offered:
            raise NotFound("The channel")
        path = f"/listen/{name}/{offered[0].proxy_url_path.strip('/') or offered[0].mount_point.strip('/')}"
        host, title = request.headers.get("host", ""), one.air.setup.station.title
        if ending == "m3u":
            return Response(pages.m3u(host, path), media_type="audio/x-mpegurl", headers=NO_STORE)
        if ending == "pls":
            return Response(pages.pls(host, path, title), media_type="audio/x-scpls", headers=NO_STORE)
        return Response(pages.xspf(host, path, title), media_type="application/xspf+xml", headers=NO_STORE)

    async def master(self, request: Request, caller: Caller) -> Response:
        """All channels of one format."""
        text = self._listening.master(str(request.path_params["slug"]), str(request.path_params["form"]))
        return Response(text, media_type=M3U8, headers=NO_STORE)

    async def media(self, request: Request, caller: Caller) -> Response:
        """The playlist of a channel."""
        slug, form, number = where(request)
        try:
            text = self._listening.playlist(slug, form, number, guest_of(request, caller), sid_of(request))
        except Refused as refused:
            return answer_of(refused)
        return Response(text, media_type=M3U8, headers=NO_STORE)

    async def segment(self, request: Request, caller: Caller) -> Response:
        """Six seconds of it."""
        slug, form, number = where(request)
        name = str(request.path_params["name"]).removesuffix(".ts")
        if not name.isdecimal() or len(name) > 15:
            raise UnknownPath
        guest = guest_of(request, caller)
        try:
            found = self._listening.segment(slug, form, number, int(name), guest, sid_of(request))
        except Refused as refused:
            return answer_of(refused)
        return Response(found.data, media_type="video/mp2t", headers=NO_STORE)


class _Stream:
    """An ASGI answer that lasts until either side has had enough."""

    def __init__(self, listening: Listening, mount: Mount, guest: Guest) -> None:
        self._listening = listening
        self._mount = mount
        self._guest = guest

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        metaint = metaint_of(self._mount, self._guest, Manner.ICECAST)
        fields = answers.stream_fields(self._mount.spec, metaint=metaint, audio_info=self._mount.audio_info)
        headers = [(name.lower().encode(), value.encode()) for name, value in fields]
        await send({"type": "http.response.start", "status": 200, "headers": [*headers, (b"x-accel-buffering", b"no")]})
        pipe = Pipe()
        listener = self._listening.join(self._mount, self._guest, pipe)
        leaving = asyncio.ensure_future(_left(receive))
        try:
            while not leaving.done() and not pipe.is_closed:
                data = pipe.taken()
                if data:
                    await send({"type": "http.response.body", "body": data, "more_body": True})
                await asyncio.wait({leaving}, timeout=PAUSE_S)
        finally:
            leaving.cancel()
            listener.end("left")
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def guest_of(request: Request, caller: Caller) -> Guest:
    """Who asks to listen."""
    return Guest(
        address=caller.address,
        agent=request.headers.get("user-agent", "")[:300],
        referer=request.headers.get("referer", "")[:500],
        token=request.query_params.get("token", "") or str(request.url.query)[:300],
        wants_titles=request.headers.get("icy-metadata", "").strip() == "1",
    )


def sid_of(request: Request) -> str:
    """What a player of segments calls itself, if it does."""
    sid = request.query_params.get("sid", "")
    return sid if len(sid) <= 64 and sid.isalnum() else ""


def where(request: Request) -> tuple[str, str, int]:
    """Slug, format, channel."""
    number = str(request.path_params["channel"])
    if not number.isdecimal() or len(number) > 15:
        raise UnknownPath
    return str(request.path_params["slug"]), str(request.path_params["form"]), int(number)


def answer_of(refused: Refused) -> Response:
    """A refusal as the ports say it."""
    found = refused.refusal
    headers = dict(NO_STORE)
    if found.status == 401:
        headers["www-authenticate"] = 'Basic realm="Icecast2 Server"'
    return Response(found.text, status_code=found.status, media_type="text/plain", headers=headers)


def listen_dialect(listening: Listening, *, identity: Authenticator) -> Dialect:
    """`/listen/*`."""
    streams = Streams(listening)
    routes = [
        byte_route("/listen/{name}", streams.playlist_file, policy=ANYBODY),
        byte_route("/listen/{slug}/hls/{form}/master.m3u8", streams.master, policy=ANYBODY),
        byte_route("/listen/{slug}/hls/{form}/{channel}/index.m3u8", streams.media, policy=ANYBODY),
        byte_route("/listen/{slug}/hls/{form}/{channel}/{name}", streams.segment, policy=ANYBODY),
        byte_route("/listen/{slug}/{path:path}", streams.stream, policy=ANYBODY, methods=["GET", "OPTIONS"]),
    ]
    app = byte_dialect(routes, identity=identity, spell=spell)
    return Dialect(name="radio.listen", claims=CLAIMS, app=app, slash=Slash.EXACT, spell=spell)

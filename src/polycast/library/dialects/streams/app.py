"""The dialect, put together. Real clients: hls.js, ffmpeg, mpv, VLC, AVPlayer, ExoPlayer, our own pages."""

from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs

from polycast.core.errors import NotFound
from polycast.core.files import FileAnswer
from polycast.core.http import Authenticator, Request, Response, StreamingResponse, byte_dialect, byte_route
from polycast.core.identity.caller import Caller, Credential, Policy, RateClass
from polycast.core.identity.scopes import Scope
from polycast.core.module import Dialect, Slash
from polycast.library.dialects.streams.errors import spell
from polycast.library.dialects.streams.gate import People, StreamGate
from polycast.library.playback.playlists import token_query
from polycast.library.playback.room import Playback
from polycast.library.playback.streams import Content
from polycast.library.playback.types import content_type_of

CLAIMS: Final = ("/api/stream/*",)
PLAY: Final = Policy(
    kinds=frozenset({Credential.SESSION, Credential.JWT, Credential.API_KEY, Credential.DEVICE, Credential.SIGNED}),
    scope=Scope.LIBRARY_PLAY,
    in_query=True,
    rate=RateClass.BYTES,
)


def streams_dialect(playback: Playback, *, identity: Authenticator, people: People) -> Dialect:
    """`/api/stream/...`. Source: specs/library.md 3.6."""
    routes = StreamRoutes(playback)
    app = byte_dialect(
        [
            byte_route("/api/stream/{session}/master.m3u8", routes.master, policy=PLAY),
            byte_route("/api/stream/{session}/file", routes.file, policy=PLAY),
            byte_route("/api/stream/{session}/progressive.mp4", routes.progressive, policy=PLAY),
            byte_route("/api/stream/{session}/subtitles/{filename}", routes.subtitle, policy=PLAY),
            byte_route("/api/stream/{session}/{quality}/playlist.m3u8", routes.playlist, policy=PLAY),
            byte_route("/api/stream/{session}/{quality}/{filename}", routes.piece, policy=PLAY),
        ],
        identity=StreamGate(identity, tokens=playback.tokens, people=people),
        spell=spell,
    )
    return Dialect(name="library.streams", claims=CLAIMS, app=app, slash=Slash.EXACT, spell=spell)


class StreamRoutes:
    """The endpoints."""

    def __init__(self, playback: Playback) -> None:
        self._sessions = playback.sessions
        self._streams = playback.streams
        self._tokens = playback.tokens
        self._user_of = playback.user_nanoid

    async def master(self, request: Request, caller: Caller) -> Response:
        """All qualities, sound tracks and subtitles."""
        opened = await self._sessions.opened(caller, _name(request, "session"))
        return _answer(await self._streams.master(opened, await self._query(request, caller)))

    async def playlist(self, request: Request, caller: Caller) -> Response:
        """One quality, complete."""
        opened = await self._sessions.opened(caller, _name(request, "session"))
        query = await self._query(request, caller)
        return _answer(await self._streams.playlist(opened, _name(request, "quality"), query))

    async def piece(self, request: Request, caller: Caller) -> Response:
        """A segment, or the init before all of them."""
        opened = await self._sessions.opened(caller, _name(request, "session"))
        found = await self._streams.piece(opened, _name(request, "quality"), _name(request, "filename"))
        return _answer(found)

    async def subtitle(self, request: Request, caller: Caller) -> Response:
        """A subtitle file, a minute of it, or the list of its minutes."""
        opened = await self._sessions.opened(caller, _name(request, "session"))
        query = await self._query(request, caller)
        return _answer(await self._streams.subtitle(opened, _name(request, "filename"), query))

    async def file(self, request: Request, caller: Caller) -> Any:
        """The file as it lies on the disk, whole or in ranges."""
        opened = await self._sessions.opened(caller, _name(request, "session"))
        file = opened.playable.file
        etag = f'"{file.size_bytes:x}-{file.mtime_ns:x}"'
        return FileAnswer(file.path, content_type=content_type_of(file.path), etag=etag)

    async def progressive(self, request: Request, caller: Caller) -> StreamingResponse:
        """Repackaged without end, from `start` seconds on, for players without HLS."""
        opened = await self._sessions.opened(caller, _name(request, "session"))
        try:
            start = timedelta(seconds=min(max(float(request.query_params.get("start", "0")), 0.0), 1e6))
        except (ValueError, OverflowError):
            start = timedelta()
        return StreamingResponse(
            self._streams.progressive(opened, start), media_type="video/mp4", headers={"cache-control": "no-store"}
        )

    async def _query(self, request: Request, caller: Caller) -> str:
        """What goes onto addresses in playlists: the token that was shown, or one of our own for who is signed in."""
        shown = parse_qs(request.url.query).get("token", [""])[0]
        if shown:
            return token_query(shown)
        token, _ = self._tokens.make(await self._user_of(caller.user_id or 0), _name(request, "session"))
        return token_query(token)


def _name(request: Request, key: str) -> str:
    found = request.path_params.get(key)
    if not isinstance(found, str):
        raise NotFound("This path")
    return found


def _answer(content: Content) -> Response:
    cache = "private, max-age=3600" if content.is_lasting else "no-store"
    return Response(content.body, media_type=content.kind, headers={"cache-control": cache})

"""`/api/trickplay`: small pictures for the seek bar. Source: specs/library.md 3.7."""

import re
from typing import Any, Final

import msgspec

from polycast.core.errors import NotFound
from polycast.core.files import FileAnswer
from polycast.core.http import Authenticator, Request, Response, byte_dialect, byte_route
from polycast.core.identity.caller import Caller, RateClass, needs
from polycast.core.identity.scopes import Scope
from polycast.core.module import Dialect, Slash
from polycast.library.catalogue.model import PlayableFile
from polycast.library.dialects.streams.app import PLAY
from polycast.library.dialects.streams.errors import spell
from polycast.library.playback.model_session import Start
from polycast.library.playback.profiles import EVERYTHING
from polycast.library.playback.room import Playback
from polycast.library.playback.trickplay import WIDE, WIDTH
from polycast.library.probing.model import Probed

REDRAW: Final = needs(Scope.LIBRARY_WRITE, rate=RateClass.COSTLY)
CACHE: Final = "private, max-age=31536000, immutable"  # what a profile may not see is no public picture
SHEET: Final = re.compile(r"(\d{1,4})\.jpg")


def trickplay_dialect(playback: Playback, *, identity: Authenticator) -> Dialect:
    """Manifest, sheets, cues."""
    routes = TrickplayRoutes(playback)
    base = "/api/trickplay/{kind}/{item}"
    app = byte_dialect(
        [
            byte_route(f"{base}/manifest.json", routes.manifest, policy=PLAY),
            byte_route(f"{base}/thumbs.vtt", routes.cues, policy=PLAY),
            byte_route(f"{base}/sprite_640x360.jpg", routes.sprite, policy=PLAY),
            byte_route(f"{base}/regenerate", routes.regenerate, policy=REDRAW, methods=["POST"]),
            byte_route(f"{base}/{{name}}", routes.sheet, policy=PLAY),
        ],
        identity=identity,
        spell=spell,
    )
    return Dialect(
        name="library.trickplay",
        claims=["/api/trickplay/*"],
        app=app,
        slash=Slash.EXACT,
        spell=spell,
        rates={RateClass.COSTLY: 10},
    )


class TrickplayRoutes:
    """The endpoints."""

    def __init__(self, playback: Playback) -> None:
        self._sessions = playback.sessions
        self._trickplay = playback.trickplay

    async def manifest(self, request: Request, caller: Caller) -> Response:
        """What there is."""
        _, probed = await self._film(request, caller)
        found = self._trickplay.sheets(probed)
        body = {
            "interval": found.interval_s,
            "width": found.width,
            "height": found.height,
            "columns": found.columns,
            "rows": found.rows,
            "count": found.count,
            "sprites": [f"{number}.jpg" for number in range(found.sheets)],
        }
        return Response(msgspec.json.encode(body), media_type="application/json", headers={"cache-control": "no-cache"})

    async def cues(self, request: Request, caller: Caller) -> Response:
        """The same as WebVTT."""
        _, probed = await self._film(request, caller)
        text = self._trickplay.vtt(self._trickplay.sheets(probed), str(request.url.query))
        return Response(text, media_type="text/vtt; charset=utf-8")

    async def sheet(self, request: Request, caller: Caller) -> Any:
        """`0.jpg` ..."""
        found = SHEET.fullmatch(str(request.path_params["name"]))
        if found is None:
            raise NotFound("The pictures")
        return await self._sheet(request, caller, int(found[1]), WIDTH)

    async def sprite(self, request: Request, caller: Caller) -> Any:
        """The first hundred, large."""
        return await self._sheet(request, caller, 0, WIDE)

    async def regenerate(self, request: Request, caller: Caller) -> Response:
        """Draw anew when next asked."""
        playable, _ = await self._film(request, caller)
        await self._trickplay.forget(playable.file)
        return Response(status_code=204)

    async def _sheet(self, request: Request, caller: Caller, number: int, width: int) -> FileAnswer:
        playable, probed = await self._film(request, caller)
        place = await self._trickplay.sheet(playable.file, probed, number, width=width)
        return FileAnswer(place, content_type="image/jpeg", cache=CACHE)

    async def _film(self, request: Request, caller: Caller) -> tuple[PlayableFile, Probed]:
        item = str(request.path_params["item"])
        judged = await self._sessions.judge(caller, Start(item=item, profile=EVERYTHING))
        return judged.playable, await self._sessions.judges.probed(judged.playable)

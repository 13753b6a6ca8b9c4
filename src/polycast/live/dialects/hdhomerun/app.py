"""The routes of a network tuner. Source: `specs/live.md` 3.7, 4.5."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import msgspec

from polycast.core.errors import NotFound
from polycast.core.http import Authenticator, Request, Response, byte_dialect, byte_route
from polycast.core.identity.caller import OPEN, Caller, Policy, RateClass
from polycast.core.module import ASGIApp, Dialect, Slash
from polycast.live.dialects.hdhomerun import wire
from polycast.live.dialects.hdhomerun.errors import spell
from polycast.live.hdhomerun.devices import Devices, Face
from polycast.live.outputs.access import Endpoint
from polycast.live.outputs.ports import StreamFormat, Tuner
from polycast.live.outputs.room import Outputs

ANYONE: Final = Policy(anonymous=True, rate=RateClass.BYTES)
FACES: Final = (
    "",
    "/hdhr",
    "/hdhr/{profile}",
    "/hdhr/output_profile/{output_profile:int}",
    "/hdhr/{profile}/output_profile/{output_profile:int}",
)
REST: Final = ("discover.json", "lineup.json", "lineup_status.json", "device.xml")  # these are under /api/hdhr too
DOCUMENTS: Final = (*REST, "lineup.xml", "lineup.m3u", "lineup.post")
CLAIMS: Final = (
    *(f"/{name}" for name in DOCUMENTS),
    *(f"/api/hdhr/{name}" for name in REST),
    "/hdhr/*",
    "/auto/*",
    "/tuner{digits}/*",
)
Endpoints = Callable[[Request, Caller], Awaitable[ASGIApp]]


class Pages:
    """Anonymous documents behind the `M3U_EPG` allow list, streams behind `STREAMS`."""

    def __init__(self, outputs: Outputs, *, devices: Devices, tuner: Tuner) -> None:
        self._access = outputs.access
        self._origins = outputs.origins
        self._devices = devices
        self._tuner = tuner

    def documents(self) -> Mapping[str, Endpoints]:
        """By file name."""
        return {
            "discover.json": self.discover,
            "lineup.json": self.lineup_json,
            "lineup.xml": self.lineup_xml,
            "lineup.m3u": self.lineup_m3u,
            "lineup.post": self.scan,
            "lineup_status.json": self.status,
            "device.xml": self.device_xml,
        }

    async def discover(self, request: Request, caller: Caller) -> ASGIApp:
        """Who we are."""
        face = await self._enter(request, caller)
        return _json(wire.Discover.of(await self._devices.device(face), self._base(request)))

    async def device_xml(self, request: Request, caller: Caller) -> ASGIApp:
        """The same for UPnP."""
        face = await self._enter(request, caller)
        body = wire.device_xml(await self._devices.device(face), self._base(request))
        return Response(body, media_type="application/xml")

    async def status(self, request: Request, caller: Caller) -> ASGIApp:
        """No scan runs, and none is needed."""
        await self._enter(request, caller)
        return _json(wire.Status())

    async def scan(self, request: Request, caller: Caller) -> ASGIApp:
        """A scan is asked for; the line-up is always fresh."""
        await self._enter(request, caller)
        return Response(b"", media_type="text/plain")

    async def lineup_json(self, request: Request, caller: Caller) -> ASGIApp:
        """The channels that have a number."""
        return _json(await self._listed(request, caller))

    async def lineup_xml(self, request: Request, caller: Caller) -> ASGIApp:
        """The same as XML."""
        return Response(wire.lineup_xml(await self._listed(request, caller)), media_type="application/xml")

    async def lineup_m3u(self, request: Request, caller: Caller) -> ASGIApp:
        """The same as a playlist."""
        return Response(wire.lineup_m3u(await self._listed(request, caller)), media_type="audio/x-mpegurl")

    async def tune(self, request: Request, caller: Caller) -> ASGIApp:
        """`/auto/v5.1`, `/tuner0/v5.1`: the channel's bytes, as real tuners have it."""
        await self._access.require(Endpoint.STREAMS, caller)
        asked = request.path_params["channel"]
        if not asked.startswith("v"):
            raise NotFound("The channel")
        entry = await self._devices.tuned(caller, asked[1:])
        return await self._tuner.stream(request.scope, caller, entry.uuid, StreamFormat())

    async def _listed(self, request: Request, caller: Caller) -> list[wire.Listed]:
        face = await self._enter(request, caller)
        origin = self._origins.of(request.scope)
        return [wire.Listed.of(one, origin) for one in await self._devices.stations(caller, face)]

    async def _enter(self, request: Request, caller: Caller) -> Face:
        await self._access.require(Endpoint.M3U_EPG, caller)
        path = request.path_params
        return Face(profile=path.get("profile"), output_profile_id=path.get("output_profile"))

    def _base(self, request: Request) -> str:
        """Where the document was asked for, without its file name."""
        path: str = request.scope["raw_path"].partition(b"?")[0].decode("latin-1").rstrip("/")
        return self._origins.of(request.scope) + path.rpartition("/")[0]


def dialect(outputs: Outputs, *, devices: Devices, tuner: Tuner, identity: Authenticator) -> Dialect:
    """Everything below the claims."""
    pages = Pages(outputs, devices=devices, tuner=tuner)
    documents = pages.documents()
    routes = [
        byte_route(
            f"{face}/{name}", endpoint, policy=OPEN, methods=["GET", "POST"] if name.endswith("post") else ["GET"]
        )
        for face in FACES
        for name, endpoint in documents.items()
    ]
    routes += [byte_route(f"/api/hdhr/{name}", documents[name], policy=OPEN) for name in REST]
    routes += [
        byte_route("/auto/{channel}", pages.tune, policy=ANYONE),
        byte_route("/tuner{tuner:int}/{channel}", pages.tune, policy=ANYONE),
    ]
    app = byte_dialect(routes, identity=identity, spell=spell)
    return Dialect(name="live.hdhomerun", claims=CLAIMS, app=app, slash=Slash.EITHER, spell=spell)


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")

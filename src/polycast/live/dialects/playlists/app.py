"""`/output/m3u` and `/output/epg`, with and without a channel profile. Source: `specs/live.md` 3.15, 4.1, 4.3."""

from collections.abc import Mapping
from typing import Any, Final

from polycast.core.errors import NotAllowed
from polycast.core.http import (
    Authenticator,
    Request,
    Response,
    byte_dialect,
    byte_route,
    etag_of,
    not_modified,
    read_body,
    validators,
)
from polycast.core.identity.caller import OPEN, Caller
from polycast.core.module import ASGIApp, Dialect, Slash
from polycast.live.dialects.playlists import asked
from polycast.live.dialects.playlists.errors import spell
from polycast.live.outputs.access import Endpoint
from polycast.live.outputs.addresses import segment, with_query
from polycast.live.outputs.guides import GuideForm, Naming
from polycast.live.outputs.playlist import PlaylistForm
from polycast.live.outputs.room import Outputs
from polycast.live.people.service import People

M3U_TYPE: Final = "audio/x-mpegurl"
CLAIMS: Final = ("/output/*",)
EMPTY: Final = (b"", b"{}")


class Pages:
    """Anonymous answers behind the `M3U_EPG` allow list."""

    def __init__(self, outputs: Outputs, people: People) -> None:
        self._access = outputs.access
        self._lineups = outputs.lineups
        self._playlists = outputs.playlists
        self._guides = outputs.guides
        self._origins = outputs.origins
        self._people = people

    async def m3u(self, request: Request, caller: Caller) -> ASGIApp:
        """The playlist. A POST may say nothing in its body: some players send an empty form."""
        await self._access.require(Endpoint.M3U_EPG, caller, what="m3u")
        if request.method == "POST" and (await read_body(request.receive, 64)).strip() not in EMPTY:
            raise NotAllowed("body", "A playlist is asked for without a body.")
        profile = request.path_params.get("profile")
        view = await self._lineups.view(caller, profile=profile)
        options = asked.read(request.query_params, {})
        origin = self._origins.of(request.scope)
        guide = f"{origin}/output/epg" + (f"/{segment(profile)}" if profile else "")
        form = PlaylistForm(
            origin=origin,
            guide_url=with_query(guide, options.kept),
            source=options.source,
            cached_logos=options.cached_logos,
            output_profile=options.output_profile,
            output_format=options.output_format,
        )
        return playlist_answer(request, await self._playlists.m3u(view, form, direct=options.direct))

    async def epg(self, request: Request, caller: Caller) -> ASGIApp:
        """The guide, as XML."""
        return await self._epg(request, caller, packed=False)

    async def epg_gz(self, request: Request, caller: Caller) -> ASGIApp:
        """The guide, as a file of gzip."""
        return await self._epg(request, caller, packed=True)

    async def _epg(self, request: Request, caller: Caller, *, packed: bool) -> ASGIApp:
        await self._access.require(Endpoint.M3U_EPG, caller, what="epg")
        view = await self._lineups.view(caller, profile=request.path_params.get("profile"))
        options = asked.read(request.query_params, await self._properties(caller))
        form = GuideForm(
            origin=self._origins.of(request.scope),
            naming=Naming(options.source.value),
            cached_logos=options.cached_logos,
            days=options.days,
            prev_days=options.prev_days or 0,
            strict=options.strict,
        )
        return await self._guides.answer(request.scope, view, form, as_file=packed)

    async def _properties(self, caller: Caller) -> Mapping[str, Any]:
        return {} if caller.user_id is None else (await self._people.get(caller.user_id)).custom_properties


def playlist_answer(request: Request, body: bytes) -> ASGIApp:
    """A playlist as a file to keep; 304 for those who have it."""
    etag = etag_of(body)
    known = not_modified(request.scope, etag=etag)
    if known is not None:
        return known
    headers = {"content-disposition": 'attachment; filename="channels.m3u"', **validators(etag=etag)}
    return Response(body, media_type=M3U_TYPE, headers=headers)


def dialect(outputs: Outputs, *, people: People, identity: Authenticator) -> Dialect:
    """`/output/*`."""
    pages = Pages(outputs, people)
    routes = [
        byte_route("/output/m3u", pages.m3u, policy=OPEN, methods=["GET", "POST"], body_limit=64),
        byte_route("/output/m3u/{profile}", pages.m3u, policy=OPEN, methods=["GET", "POST"], body_limit=64),
        *(byte_route(f"/output/{name}", pages.epg, policy=OPEN) for name in ("epg", "epg.xml")),
        *(byte_route(f"/output/{name}", pages.epg_gz, policy=OPEN) for name in ("epg.gz", "epg.xml.gz")),
        byte_route("/output/epg/{profile}", pages.epg, policy=OPEN),
        byte_route("/output/epg.gz/{profile}", pages.epg_gz, policy=OPEN),
    ]
    app = byte_dialect(routes, identity=identity, spell=spell)
    return Dialect(name="live.playlists", claims=CLAIMS, app=app, slash=Slash.EITHER, spell=spell)

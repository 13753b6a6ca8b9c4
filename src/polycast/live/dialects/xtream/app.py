"""The routes of the Xtream Codes API. Source: `specs/live.md` 4.4."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.errors import NotBuilt, NotFound, NotSignedIn
from polycast.core.http import Authenticator, Request, Response, byte_dialect, byte_route
from polycast.core.identity.caller import Caller, Policy, RateClass
from polycast.core.module import ASGIApp, Dialect, Slash
from polycast.live.dialects.playlists import asked as options_of
from polycast.live.dialects.playlists.app import playlist_answer
from polycast.live.dialects.xtream import wire
from polycast.live.dialects.xtream.errors import spell
from polycast.live.dialects.xtream.login import BODY_BYTES, Devices, Door, Login, asked
from polycast.live.outputs.access import Endpoint
from polycast.live.outputs.addresses import with_query
from polycast.live.outputs.guides import GuideForm, Naming
from polycast.live.outputs.lineups import LineUps
from polycast.live.outputs.model import Entry, LineUp
from polycast.live.outputs.playlist import PlaylistForm
from polycast.live.outputs.ports import StreamFormat, Tuner
from polycast.live.outputs.room import Outputs
from polycast.live.people.service import People

ANYONE: Final = Policy(anonymous=True, rate=RateClass.BYTES)
CLAIMS: Final = (
    "/player_api.php",
    "/panel_api.php",
    "/get.php",
    "/xmltv.php",
    "/live/*",
    "/movie/*",
    "/series/*",
    "/timeshift/*",
    "/streaming/timeshift.php",
    "/{user}/{pass}/{digits}",
)
VALID_FOR: Final = timedelta(days=90)
UNLIMITED: Final = 50  # connections of a user whom nothing limits
SHORT: Final = 4  # programmes of a short guide
AHEAD: Final = timedelta(days=2)  # how far a short guide looks
MOST_LISTED: Final = 1_000
THREADED: Final = 1_000  # channels from which on a list is made in a thread
CONTAINERS: Final[Mapping[str, str | None]] = {"": None, "ts": "mpegts", "mp4": "fmp4", "m3u8": "hls"}
FORMATS: Final = {"ts": "mpegts", "mpegts": "mpegts", "mp4": "fmp4", "fmp4": "fmp4", "m3u8": "hls", "hls": "hls"}

Action = Callable[[Login, Mapping[str, str], str], Awaitable[object]]


class Xtream:
    """Every route but the streams."""

    def __init__(self, outputs: Outputs, *, door: Door, tuner: Tuner, clock: Clock) -> None:
        self._door = door
        self._lineups = outputs.lineups
        self._playlists = outputs.playlists
        self._guides = outputs.guides
        self._capacity = outputs.capacity
        self._origins = outputs.origins
        self._tuner = tuner
        self._clock = clock
        self._actions: Mapping[str, Action] = {
            "get_live_categories": self._live_categories,
            "get_live_streams": self._live_streams,
            "get_short_epg": self._short_epg,
            "get_simple_data_table": self._data_table,
            "get_vod_categories": self._none,
            "get_vod_streams": self._none,
            "get_vod_info": self._missing,
            "get_series_categories": self._none,
            "get_series": self._none,
            "get_series_info": self._missing,
        }

    async def player_api(self, request: Request, nobody: Caller) -> ASGIApp:
        """The account, or what `action` asks for."""
        query = await asked(request)
        action = self._actions.get(query.get("action", ""))
        try:
            login = await self._enter(nobody, query)
        except NotSignedIn:
            if query.get("xc_auth0") == "1" and not query.get("action"):
                return _json({"user_info": {"auth": 0}})
            raise
        origin = self._origins.of(request.scope)
        return _json(await self._panel(login, origin) if action is None else await action(login, query, origin))

    async def panel_api(self, request: Request, nobody: Caller) -> ASGIApp:
        """The account with the whole line-up."""
        query = await asked(request)
        login = await self._enter(nobody, query)
        origin = self._origins.of(request.scope)
        panel = await self._panel(login, origin)
        lineup = await self._lineup(login)
        streams = await self._entries(lineup, login, origin)
        return _json(
            {
                "user_info": panel.user_info,
                "server_info": panel.server_info,
                "categories": {"live": wire.categories(lineup), "movie": [], "series": []},
                "available_channels": {str(one.stream_id): one for one in streams},
            }
        )

    async def m3u(self, request: Request, nobody: Caller) -> ASGIApp:
        """`/get.php`: the playlist, with the login in each address."""
        query = await asked(request)
        login = await self._enter(nobody, query, what="m3u")
        view = await self._lineups.view(login.caller)
        options = options_of.read(query, login.person.custom_properties)
        origin = self._origins.of(request.scope)
        named = [("username", login.username), ("password", login.password)]
        form = PlaylistForm(
            origin=origin,
            guide_url=with_query(f"{origin}/xmltv.php", [*named, *options.kept]),
            cached_logos=options.cached_logos,
            output_profile=options.output_profile,
            # `output=ts` is what every player asks for; it says nothing that the server would not do anyway.
            output_format="" if options.output_format in {"ts", "mpegts", "m3u8", "hls"} else options.output_format,
            login=(login.username, login.password),
            catchup=options.catchup and login.may_catch_up,
        )
        return playlist_answer(request, await self._playlists.m3u(view, form))

    async def xmltv(self, request: Request, nobody: Caller) -> ASGIApp:
        """The guide that belongs to `/get.php`."""
        query = await asked(request)
        login = await self._enter(nobody, query, what="epg")
        view = await self._lineups.view(login.caller)
        options = options_of.read(query, login.person.custom_properties)
        form = GuideForm(
            origin=self._origins.of(request.scope),
            naming=Naming.INTEGER,
            cached_logos=options.cached_logos,
            days=options.days,
            prev_days=options.prev_days,
            strict=options.strict,
        )
        return await self._guides.answer(request.scope, view, form)

    async def _enter(self, nobody: Caller, query: Mapping[str, str], *, what: str = "") -> Login:
        username, password = query.get("username", ""), query.get("password", "")
        return await self._door.enter(nobody, username, password, Endpoint.XC_API, what=what)

    async def _lineup(self, login: Login) -> LineUp:
        return await self._lineups.of(await self._lineups.view(login.caller))

    async def _panel(self, login: Login, origin: str) -> wire.Panel:
        now, parts = self._clock.now(), urlsplit(origin)
        port = str(parts.port or (443 if parts.scheme == "https" else 80))
        limit = login.person.stream_limit
        if not limit:
            tuners = await self._capacity.tuners()
            limit = UNLIMITED if tuners.is_unlimited else tuners.count
        user = wire.UserInfo(
            username=login.username,
            password=login.password,
            message="Welcome to Polycast",
            auth=1,
            status="Active",
            exp_date=str(int((now + VALID_FOR).timestamp())),
            is_trial="0",
            active_cons=str(self._tuner.watching(login.caller.user_id or 0)),
            created_at=str(int((now - VALID_FOR).timestamp())),
            max_connections=str(limit),
            allowed_output_formats=("ts", "mp4"),
        )
        server = wire.ServerInfo(
            url=parts.hostname or "",
            server_protocol=parts.scheme,
            port=port,
            https_port=port if parts.scheme == "https" else "",
            rtmp_port="",
            timezone="UTC",
            timestamp_now=int(now.timestamp()),
            time_now=f"{now:%Y-%m-%d %H:%M:%S}",
            process=True,
        )
        return wire.Panel(user_info=user, server_info=server)

    async def _live_categories(self, login: Login, query: Mapping[str, str], origin: str) -> object:
        return wire.categories(await self._lineup(login))

    async def _live_streams(self, login: Login, query: Mapping[str, str], origin: str) -> object:
        lineup = await self._lineup(login)
        return await self._entries(lineup, login, origin, category=query.get("category_id", ""))

    async def _entries(self, lineup: LineUp, login: Login, origin: str, *, category: str = "") -> list[wire.LiveStream]:
        archives = login.may_catch_up
        if len(lineup.entries) < THREADED:
            return wire.live_streams(lineup, origin, category=category, archives=archives)
        return await asyncio.to_thread(wire.live_streams, lineup, origin, category=category, archives=archives)

    async def _short_epg(self, login: Login, query: Mapping[str, str], origin: str) -> object:
        lineup, entry = await self._channel(login, query)
        limit = min(_number(query.get("limit"), SHORT) or SHORT, MOST_LISTED)
        now = self._clock.now()
        found = await self._guides.listings(entry, since=now, until=now + AHEAD)
        made = [self._listing(lineup, login, entry, one) for one in found if one[1].end > now.timestamp()]
        return wire.Listings(epg_listings=made[:limit])

    async def _data_table(self, login: Login, query: Mapping[str, str], origin: str) -> object:
        lineup, entry = await self._channel(login, query)
        options = options_of.read(query, login.person.custom_properties)
        now = self._clock.now()
        prev_days = entry.catchup_days if options.prev_days is None else options.prev_days
        until = now + timedelta(days=options.days) if options.days else None
        found = await self._guides.listings(entry, since=now - timedelta(days=prev_days), until=until)
        seconds = now.timestamp()
        made = [
            replace(self._listing(lineup, login, entry, one), now_playing=int(one[1].start <= seconds < one[1].end))
            for one in found
        ]
        return wire.Listings(epg_listings=made)

    def _listing(self, lineup: LineUp, login: Login, entry: Entry, one: Any) -> wire.Listing:
        now = self._clock.now().timestamp()
        days = entry.catchup_days if login.may_catch_up else 0
        since = now - days * 86_400 if days else now + 1
        return wire.listing(entry, lineup.integers[entry.id], *one, archive_since=since, now=now)

    async def _channel(self, login: Login, query: Mapping[str, str]) -> tuple[LineUp, Entry]:
        lineup = await self._lineup(login)
        entry = lineup.by_id.get(_number(query.get("stream_id"), 0))
        if entry is None:
            raise NotFound("The channel")
        return lineup, entry

    async def _none(self, login: Login, query: Mapping[str, str], origin: str) -> object:
        """Films and series: there are none."""
        return []

    async def _missing(self, login: Login, query: Mapping[str, str], origin: str) -> object:
        raise NotFound("The title")


class XtreamStreams:
    """The paths with a login that lead to bytes."""

    def __init__(self, *, door: Door, lineups: LineUps, tuner: Tuner) -> None:
        self._door = door
        self._lineups = lineups
        self._tuner = tuner

    async def live(self, request: Request, nobody: Caller) -> ASGIApp:
        """A channel by its id; the ending says in which form."""
        login = await self._enter(request, nobody)
        text, _, ending = request.path_params["stream"].partition(".")
        if ending not in CONTAINERS or not text.isascii() or not text.isdecimal():
            raise NotFound("The channel")
        entry = await self._lineups.seen(login.caller, _number(text, 0))
        query = request.query_params
        options = options_of.read(query, {})
        wanted = StreamFormat(
            container=CONTAINERS[ending] or FORMATS.get(options.output_format),
            output_profile_id=int(options.output_profile) if options.output_profile else None,
        )
        return await self._tuner.stream(request.scope, login.caller, entry.uuid, wanted)

    async def title(self, request: Request, nobody: Caller) -> ASGIApp:
        """A film or an episode: no row exists."""
        await self._enter(request, nobody)
        raise NotFound("The title")

    async def timeshift(self, request: Request, nobody: Caller) -> ASGIApp:
        """What was on a channel at a time."""
        await self._enter(request, nobody)
        raise NotBuilt("Catch-up is not built yet.")

    async def timeshift_query(self, request: Request, nobody: Caller) -> ASGIApp:
        """The same, asked with a query."""
        query = await asked(request)
        await self._door.enter(nobody, query.get("username", ""), query.get("password", ""), Endpoint.STREAMS)
        raise NotBuilt("Catch-up is not built yet.")

    async def _enter(self, request: Request, nobody: Caller) -> Login:
        path = request.path_params
        return await self._door.enter(nobody, path["user"], path["password"], Endpoint.STREAMS)


class Gate(Authenticator, Devices, Protocol):
    """All that this dialect needs of identity."""


def dialect(outputs: Outputs, *, people: People, tuner: Tuner, clock: Clock, identity: Gate) -> Dialect:
    """Everything below the claims."""
    door = Door(devices=identity, people=people, access=outputs.access)
    xtream = Xtream(outputs, door=door, tuner=tuner, clock=clock)
    streams = XtreamStreams(door=door, lineups=outputs.lineups, tuner=tuner)
    pages = {
        "/player_api.php": xtream.player_api,
        "/panel_api.php": xtream.panel_api,
        "/get.php": xtream.m3u,
        "/xmltv.php": xtream.xmltv,
        "/streaming/timeshift.php": streams.timeshift_query,
    }
    login = "{user}/{password}"
    paths = {
        f"/live/{login}/{{stream}}": streams.live,
        f"/movie/{login}/{{stream}}": streams.title,
        f"/series/{login}/{{stream}}": streams.title,
        f"/timeshift/{login}/{{duration}}/{{start}}/{{stream}}": streams.timeshift,
        f"/{login}/{{stream}}": streams.live,
    }
    routes = [
        *(
            byte_route(p, page, policy=ANYONE, methods=["GET", "POST"], body_limit=BODY_BYTES)
            for p, page in pages.items()
        ),
        *(byte_route(path, endpoint, policy=ANYONE) for path, endpoint in paths.items()),
    ]
    app = byte_dialect(routes, identity=identity, spell=spell)
    return Dialect(name="live.xtream", claims=CLAIMS, app=app, slash=Slash.EITHER, spell=spell)


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 19 else default

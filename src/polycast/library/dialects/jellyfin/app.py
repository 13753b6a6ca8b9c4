"""The dialect, put together."""

from collections.abc import Sequence
from typing import Any, Final

from polycast.core.http import byte_dialect, byte_route, json_dialect, websocket
from polycast.core.http.dialects import ByteRoute
from polycast.core.http.routes import RouteInfo
from polycast.core.identity.caller import Credential, Policy, RateClass, needs
from polycast.core.identity.scopes import Scope
from polycast.core.module import Dialect, RoutedApp, Slash
from polycast.library.dialects.jellyfin.errors import spell
from polycast.library.dialects.jellyfin.gate import JellyfinGate
from polycast.library.dialects.jellyfin.items import ItemRoutes
from polycast.library.dialects.jellyfin.misc import LISTS, PAGES, MiscRoutes
from polycast.library.dialects.jellyfin.playing import PlayRoutes
from polycast.library.dialects.jellyfin.remote import RemoteRoutes
from polycast.library.dialects.jellyfin.rooms import Face
from polycast.library.dialects.jellyfin.socket import LISTENER, Sockets, listen
from polycast.library.dialects.jellyfin.system import KIND, SystemRoutes
from polycast.library.dialects.jellyfin.tools import ToolRoutes

SOCKETS: Final = ("/socket", "/websocket")
MOUNTS: Final = ("/jellyfin", "/emby")
ROOTS: Final = (
    "System", "Users", "UserViews", "UserItems", "UserPlayedItems", "UserFavoriteItems", "UserImage", "Items", "Shows",
    "Movies", "Videos", "Audio", "Artists", "Genres", "Studios", "Persons", "Years", "Search", "Sessions", "Branding",
    "QuickConnect", "DisplayPreferences", "MediaSegments", "Playback", "LiveTv", "LiveStreams", "SyncPlay", "Localization",
    "Plugins", "Channels", "Playlists", "Collections", "Devices", "ScheduledTasks", "Library", "Auth", "Notifications",
    "ClientLog", "GetUTCTime", "Packages",
)  # fmt: skip
CLAIMS: Final = (*(f"{mount}/*" for mount in MOUNTS), *(f"/{root}/*" for root in ROOTS))
ANY: Final = frozenset({Credential.SESSION, Credential.JWT, Credential.API_KEY, Credential.DEVICE})
OPEN: Final = Policy(anonymous=True, rate=RateClass.BYTES)
SIGN_IN: Final = Policy(anonymous=True, rate=RateClass.SIGN_IN)
USER: Final = Policy(kinds=ANY, scope=Scope.LIBRARY_PLAY, in_query=True, rate=RateClass.BYTES)
ADMIN: Final = needs(Scope.CORE_ADMIN, rate=RateClass.BYTES, in_query=True)
MANAGER: Final = needs(Scope.LIBRARY_WRITE, rate=RateClass.BYTES, in_query=True)


class Mounted:
    """The same routes below each mount and at the root."""

    def __init__(self, app: RoutedApp) -> None:
        self._app = app
        self.routes: Sequence[RouteInfo] = app.routes
        self.ignores_case = True

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        for mount in MOUNTS:
            if scope["path"].lower().startswith(f"{mount}/"):
                scope = {**scope, "path": scope["path"][len(mount) :]}
                break
        await self._app(scope, receive, send)


def jellyfin_dialect(face: Face) -> Dialect:
    """Jellyfin's own routes. Source: specs/library.md 4.10."""
    face.identity.sessions.offer(KIND)
    routes = [*_system(face), *_items(face), *_playing(face), *_remote(face), *_tools(face), *_misc(face)]
    app = byte_dialect(routes, identity=JellyfinGate(face.identity), spell=spell, ignore_case=True)
    return Dialect(
        name="library.jellyfin",
        claims=CLAIMS,
        app=Mounted(app),
        slash=Slash.EITHER,
        spell=spell,
        rates={RateClass.SIGN_IN: 20, RateClass.NORMAL: 600},
    )


def jellyfin_socket(face: Face) -> Dialect:
    """The socket of the same API, which a dialect of bytes has no word for."""
    routes = [websocket(path, policy=LISTENER)(listen) for path in SOCKETS]
    services = {"face": face, "sockets": Sockets()}
    app = json_dialect(routes, services=services, identity=JellyfinGate(face.identity), spell=spell, ignore_case=True)
    return Dialect(
        name="library.jellyfin_socket",
        claims=[f"{mount}{path}" for mount in ("", *MOUNTS) for path in SOCKETS],
        app=Mounted(app),
        slash=Slash.EITHER,
        spell=spell,
    )


def _system(face: Face) -> list[ByteRoute]:
    at = SystemRoutes(face)
    table: list[tuple[str, Any, Policy, list[str]]] = [
        ("/system/info/public", at.public_info, OPEN, ["GET"]),
        ("/system/info", at.info, USER, ["GET"]),
        ("/system/ping", at.ping, OPEN, ["GET", "POST"]),
        ("/system/endpoint", at.endpoint, USER, ["GET"]),
        ("/users/public", at.public_users, OPEN, ["GET"]),
        ("/users/me", at.me, USER, ["GET"]),
        ("/users/authenticatebyname", at.by_name, SIGN_IN, ["POST"]),
        ("/users/authenticatewithquickconnect", at.by_quick, SIGN_IN, ["POST"]),
        ("/users/{user}", at.user, USER, ["GET"]),
        ("/users", at.users, USER, ["GET"]),
        ("/branding/configuration", at.branding, OPEN, ["GET"]),
        ("/quickconnect/enabled", at.quick_enabled, OPEN, ["GET"]),
        ("/quickconnect/initiate", at.quick_begin, SIGN_IN, ["POST", "GET"]),
        ("/quickconnect/connect", at.quick_look, SIGN_IN, ["GET"]),
        ("/quickconnect/authorize", at.quick_approve, _guessed(), ["POST"]),
        ("/sessions/logout", at.logout, USER, ["POST"]),
        ("/sessions/capabilities", at.capabilities, USER, ["POST"]),
        ("/sessions/capabilities/full", at.capabilities, USER, ["POST"]),
        ("/sessions", at.sessions, USER, ["GET"]),
        ("/displaypreferences/{name}", at.preferences, USER, ["GET", "POST"]),
    ]
    return _routes(table)


def _remote(face: Face) -> list[ByteRoute]:
    at = RemoteRoutes(face)
    post = ["POST"]
    table: list[tuple[str, Any, Policy, list[str]]] = [
        ("/sessions/{session}/playing", at.play, USER, post),
        ("/sessions/{session}/playing/{command}", at.state, USER, post),
        ("/sessions/{session}/command", at.general, USER, post),
        ("/sessions/{session}/command/{command}", at.general, USER, post),
        ("/sessions/{session}/message", at.message, USER, post),
    ]
    return _routes(table)


def _items(face: Face) -> list[ByteRoute]:
    at = ItemRoutes(face)
    get = ["GET"]
    table: list[tuple[str, Any, Policy, list[str]]] = [
        ("/userviews", at.views, USER, get),
        ("/users/{user}/views", at.views, USER, get),
        ("/items", at.items, USER, get),
        ("/users/{user}/items", at.items, USER, get),
        ("/items/latest", at.latest, USER, get),
        ("/users/{user}/items/latest", at.latest, USER, get),
        ("/useritems/resume", at.resume, USER, get),
        ("/users/{user}/items/resume", at.resume, USER, get),
        ("/items/filters", at.filters, USER, get),
        ("/items/filters2", at.filters2, USER, get),
        ("/items/counts", at.counts, USER, get),
        ("/shows/nextup", at.next_up, USER, get),
        ("/shows/{item}/seasons", at.seasons, USER, get),
        ("/shows/{item}/episodes", at.episodes, USER, get),
        ("/search/hints", at.hints, USER, get),
        ("/genres", at.genres, USER, get),
        ("/studios", at.studios, USER, get),
        ("/years", at.years, USER, get),
        ("/items/{item}/images/{kind}/{number}", at.image, OPEN, get),
        ("/items/{item}/images/{kind}", at.image, OPEN, get),
        ("/items/{item}/similar", at.similar, USER, get),
        ("/items/{item}/ancestors", at.ancestors, USER, get),
        ("/users/{user}/items/{item}", at.item, USER, get),
        ("/items/{item}", at.item, USER, get),
        ("/persons/{item}", at.item, USER, get),
    ]
    # What comes before a pattern that would take it too.
    first = ("/items/suggestions", MiscRoutes(face).empty_page, USER, get)
    return _routes([first, *table])


def _playing(face: Face) -> list[ByteRoute]:
    at = PlayRoutes(face)
    get, post, both = ["GET"], ["POST"], ["POST", "DELETE"]
    words = "/videos/{item}/{source}/subtitles/{index}"
    table: list[tuple[str, Any, Policy, list[str]]] = [
        ("/items/{item}/playbackinfo", at.playback_info, USER, ["GET", "POST"]),
        ("/videos/{item}/stream", at.file, USER, get),
        ("/videos/{item}/stream.{container}", at.file, USER, get),
        ("/audio/{item}/stream", at.file, USER, get),
        ("/audio/{item}/stream.{container}", at.file, USER, get),
        ("/audio/{item}/universal", at.file, USER, get),
        ("/items/{item}/file", at.file, USER, get),
        ("/items/{item}/download", at.download, USER, get),
        ("/videos/{item}/master.m3u8", at.master, USER, get),
        ("/videos/{item}/main.m3u8", at.master, USER, get),
        (f"{words}/{{start}}/{{name}}", at.subtitles, USER, get),
        (f"{words}/{{name}}", at.subtitles, USER, get),
        ("/videos/{item}/trickplay/{width}/{name}", at.tile, USER, get),
        ("/videos/activeencodings", at.end_encodings, USER, ["DELETE"]),
        ("/mediasegments/{item}", at.segments, USER, get),
        ("/playback/bitratetest", at.bitrate_test, USER, get),
        ("/sessions/playing", at.playing, USER, post),
        ("/sessions/playing/progress", at.playing, USER, post),
        ("/sessions/playing/ping", at.ping, USER, post),
        ("/sessions/playing/stopped", at.stopped, USER, post),
        ("/userplayeditems/{item}", at.played, USER, both),
        ("/users/{user}/playeditems/{item}", at.played, USER, both),
        ("/userfavoriteitems/{item}", at.favorite, USER, both),
        ("/users/{user}/favoriteitems/{item}", at.favorite, USER, both),
        ("/useritems/{item}/userdata", at.user_data, USER, ["GET", "POST"]),
    ]
    return _routes(table)


def _tools(face: Face) -> list[ByteRoute]:
    at = ToolRoutes(face)
    misc = MiscRoutes(face)
    table: list[tuple[str, Any, Policy, list[str]]] = [
        ("/auth/keys", at.keys, MANAGER, ["GET"]),
        ("/auth/keys", at.new_key, MANAGER, ["POST"]),
        ("/auth/keys/{key}", at.drop_key, MANAGER, ["DELETE"]),
        ("/library/refresh", at.refresh, MANAGER, ["POST"]),
        ("/library/media/updated", at.updated, MANAGER, ["POST"]),
        ("/notifications/admin", misc.accepted, MANAGER, ["POST"]),
        ("/devices", at.devices, ADMIN, ["GET"]),
        ("/devices", at.drop_device, ADMIN, ["DELETE"]),
    ]
    return _routes(table)


def _misc(face: Face) -> list[ByteRoute]:
    at = MiscRoutes(face)
    get = ["GET"]
    table: list[tuple[str, Any, Policy, list[str]]] = [
        *((path, at.nothing_listed, USER, get) for path in LISTS),
        *((path, at.empty_page, USER, get) for path in PAGES),
        ("/items/{item}/intros", at.empty_page, USER, get),
        ("/users/{user}/items/{item}/intros", at.empty_page, USER, get),
        ("/items/{item}/localtrailers", at.nothing_listed, USER, get),
        ("/users/{user}/items/{item}/localtrailers", at.nothing_listed, USER, get),
        ("/items/{item}/specialfeatures", at.nothing_listed, USER, get),
        ("/users/{user}/items/{item}/specialfeatures", at.nothing_listed, USER, get),
        ("/items/{item}/thememedia", at.theme_media, USER, get),
        ("/movies/recommendations", at.nothing_listed, USER, get),
        ("/videos/{item}/additionalparts", at.empty_page, USER, get),
        ("/livetv/info", at.live_info, USER, get),
        ("/livestreams/close", at.accepted, USER, ["POST"]),
        ("/localization/cultures", at.cultures, USER, get),
        ("/localization/countries", at.nothing_listed, USER, get),
        ("/localization/parentalratings", at.nothing_listed, USER, get),
        ("/localization/options", at.options, OPEN, get),
        ("/system/configuration", at.configuration, USER, get),
        ("/system/configuration/encoding", at.encoding, USER, get),
        ("/library/mediafolders", at.folders, USER, get),
        ("/library/virtualfolders", at.virtual_folders, MANAGER, get),
        ("/clientlog/document", at.keep_log, USER, ["POST"]),
        ("/getutctime", at.utc, OPEN, get),
    ]
    return _routes(table)


def _guessed() -> Policy:
    """Codes can be guessed: counted as sign-ins are."""
    return Policy(kinds=ANY, scope=Scope.LIBRARY_PLAY, in_query=True, rate=RateClass.SIGN_IN)


def _routes(table: Sequence[tuple[str, Any, Policy, list[str]]]) -> list[ByteRoute]:
    return [byte_route(path, endpoint, policy=policy, methods=methods) for path, endpoint, policy, methods in table]

"""Asking Plex, Jellyfin and Emby. Source: specs/library.md 4.8."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from polycast.core.errors import Unavailable
from polycast.core.net import BadAnswer, Outbound, Unreachable
from polycast.library.migration.model import Entry, ForeignLibrary, ForeignUser, Server

PAGE: Final = 1000
CLIENT: Final = 'MediaBrowser Token="{token}", Client="Polycast", Device="server", DeviceId="polycast", Version="1"'
FIELDS: Final = "ProviderIds,DateCreated,OriginalTitle,PremiereDate,ProductionYear,Path"


class Refused(Unavailable):
    """The other server does not take the token."""


class Client(Protocol):
    """What an import needs of another server."""

    async def server(self) -> Server:
        """Raises: Refused; Unavailable."""
        ...

    async def libraries(self) -> list[ForeignLibrary]: ...

    async def users(self) -> list[ForeignUser]: ...

    def entries(self, library: str, user: str) -> AsyncIterator[list[Entry]]:
        """Pages of films or episodes, with the state of one user."""
        ...


def client_for(kind: str, url: str, token: str, out: Outbound) -> Client:
    """By the type of server."""
    if kind == "plex":
        return Plex(url, token, out)
    return Jellyfin(url, token, out, is_emby=kind == "emby")


class Jellyfin:
    """Jellyfin and Emby, which differ in little."""

    def __init__(self, url: str, token: str, out: Outbound, *, is_emby: bool) -> None:
        self._url = url.rstrip("/")
        self._headers = {"X-Emby-Token": token} if is_emby else {}
        self._headers["Authorization"] = CLIENT.format(token=token.replace('"', ""))
        self._out = out

    async def server(self) -> Server:
        """Raises: Refused; Unavailable."""
        told = await self._ask("/System/Info", {})
        if not isinstance(told.get("Id"), str):
            raise Unavailable("Wrong server type")
        return Server(name=str(told.get("ServerName", "")), version=str(told.get("Version", "")), id=told["Id"])

    async def libraries(self) -> list[ForeignLibrary]:
        """Films and shows; other kinds are left where they are."""
        told = await self._ask("/Library/VirtualFolders", {}, list)
        kinds = {"movies": "movie", "tvshows": "tv"}
        found = []
        for one in told:
            kind = kinds.get(str(one.get("CollectionType", "")))
            if kind is None:
                continue
            word = "Movie" if kind == "movie" else "Series"
            params = {"parentId": one["ItemId"], "recursive": "true", "includeItemTypes": word, "limit": "0"}
            count = (await self._ask("/Items", params)).get("TotalRecordCount", 0)
            found.append(ForeignLibrary(id=one["ItemId"], name=str(one.get("Name", "")), type=kind, count=int(count)))
        return found

    async def users(self) -> list[ForeignUser]:
        """Everybody who is not switched off."""
        told = await self._ask("/Users", {}, list)
        return [
            ForeignUser(id=one["Id"], name=one["Name"], is_admin=bool(one.get("Policy", {}).get("IsAdministrator")))
            for one in told
            if not one.get("Policy", {}).get("IsDisabled")
        ]

    async def entries(self, library: str, user: str) -> AsyncIterator[list[Entry]]:
        """Pages of a thousand."""
        shows = {one["Id"]: one async for page in self._pages(library, user, "Series") for one in page}
        async for page in self._pages(library, user, "Movie,Episode"):
            yield [self._entry(one, shows) for one in page]

    async def _pages(self, library: str, user: str, kinds: str) -> AsyncIterator[list[dict[str, Any]]]:
        start = 0
        while True:
            params = {
                "parentId": library, "recursive": "true", "includeItemTypes": kinds, "enableUserData": "true",
                "enableImages": "false", "collapseBoxSetItems": "false", "excludeLocationTypes": "Virtual",
                "sortBy": "DateCreated", "sortOrder": "Ascending", "fields": FIELDS, "startIndex": str(start),
                "limit": str(PAGE),
            }  # fmt: skip
            told = await self._ask(f"/Users/{user}/Items", params)
            page = told.get("Items", [])
            if not page:
                return
            yield page
            start += len(page)
            if start >= int(told.get("TotalRecordCount", 0)):
                return

    def _entry(self, one: Mapping[str, Any], shows: Mapping[str, Any]) -> Entry:
        ids, state = one.get("ProviderIds") or {}, one.get("UserData") or {}
        show = shows.get(one.get("SeriesId", ""), {})
        above = show.get("ProviderIds") or {}
        return Entry(
            kind="movie" if one.get("Type") == "Movie" else "episode", title=str(one.get("Name", "")),
            year=one.get("ProductionYear"), tmdb=_whole(ids.get("Tmdb")), imdb=ids.get("Imdb") or None,
            tvdb=_whole(ids.get("Tvdb")), show=str(one.get("SeriesName") or show.get("Name") or ""),
            show_tmdb=_whole(above.get("Tmdb")), show_imdb=above.get("Imdb") or None, show_tvdb=_whole(above.get("Tvdb")),
            season=one.get("ParentIndexNumber"), episode=one.get("IndexNumber"), path=str(one.get("Path") or ""),
            watched=bool(state.get("Played")), position_ms=int(state.get("PlaybackPositionTicks", 0)) // 10_000,
            duration_ms=int(one.get("RunTimeTicks") or 0) // 10_000, plays=int(state.get("PlayCount", 0)),
            played_at=_iso(state.get("LastPlayedDate")), is_favorite=bool(state.get("IsFavorite")),
        )  # fmt: skip

    async def _ask(self, path: str, params: Mapping[str, str], kind: type = dict) -> Any:
        return await _asked(self._out, self._url + path, params, self._headers, kind)


class Plex:
    """Plex Media Server. One token sees one user's state."""

    def __init__(self, url: str, token: str, out: Outbound) -> None:
        self._url = url.rstrip("/")
        self._headers = {"X-Plex-Token": token, "Accept": "application/json", "X-Plex-Client-Identifier": "polycast"}
        self._out = out

    async def server(self) -> Server:
        """Raises: Refused; Unavailable."""
        told = (await self._ask("/", {})).get("MediaContainer", {})
        if not isinstance(told.get("machineIdentifier"), str):
            raise Unavailable("Wrong server type")
        return Server(
            name=str(told.get("friendlyName", "")), version=str(told.get("version", "")), id=told["machineIdentifier"]
        )

    async def libraries(self) -> list[ForeignLibrary]:
        """Films and shows."""
        told = (await self._ask("/library/sections", {})).get("MediaContainer", {}).get("Directory", [])
        return [
            ForeignLibrary(
                id=str(one["key"]),
                name=str(one.get("title", "")),
                type="movie" if one["type"] == "movie" else "tv",
                count=await self._count(str(one["key"])),
            )
            for one in told
            if one.get("type") in ("movie", "show")
        ]

    async def users(self) -> list[ForeignUser]:
        """The token's own user: others need a token of theirs."""
        return [ForeignUser(id="1", name="Owner", is_admin=True)]

    async def entries(self, library: str, user: str) -> AsyncIterator[list[Entry]]:
        """Pages of a thousand."""
        shows: dict[str, dict[str, Any]] = {}
        for kind in ("2", "1", "4"):
            start = 0
            while True:
                params = {
                    "type": kind, "includeGuids": "1", "sort": "addedAt", "X-Plex-Container-Start": str(start),
                    "X-Plex-Container-Size": str(PAGE),
                }  # fmt: skip
                told = (await self._ask(f"/library/sections/{library}/all", params)).get("MediaContainer", {})
                page = told.get("Metadata", [])
                if kind == "2":
                    shows |= {str(one["ratingKey"]): one for one in page}
                elif page:
                    yield [self._entry(one, shows) for one in page]
                start += len(page)
                if not page or start >= int(told.get("totalSize", 0)):
                    break

    async def _count(self, library: str) -> int:
        params = {"X-Plex-Container-Start": "0", "X-Plex-Container-Size": "0"}
        told = (await self._ask(f"/library/sections/{library}/all", params)).get("MediaContainer", {})
        return int(told.get("totalSize", told.get("size", 0)))

    def _entry(self, one: Mapping[str, Any], shows: Mapping[str, Any]) -> Entry:
        ids = _guids(one)
        show = shows.get(str(one.get("grandparentRatingKey", "")), {})
        above = _guids(show)
        media = (one.get("Media") or [{}])[0]
        part = (media.get("Part") or [{}])[0]
        seen = one.get("lastViewedAt")
        return Entry(
            kind="movie" if one.get("type") == "movie" else "episode", title=str(one.get("title", "")),
            year=one.get("year"), tmdb=_whole(ids.get("tmdb")), imdb=ids.get("imdb"), tvdb=_whole(ids.get("tvdb")),
            show=str(one.get("grandparentTitle") or ""), show_tmdb=_whole(above.get("tmdb")), show_imdb=above.get("imdb"),
            show_tvdb=_whole(above.get("tvdb")), season=one.get("parentIndex"), episode=one.get("index"),
            path=str(part.get("file") or ""), watched=int(one.get("viewCount") or 0) > 0,
            position_ms=int(one.get("viewOffset") or 0), duration_ms=int(one.get("duration") or 0),
            plays=int(one.get("viewCount") or 0),
            played_at=datetime.fromtimestamp(int(seen), UTC) if isinstance(seen, int) and 0 < seen < 2**33 else None,
        )  # fmt: skip

    async def _ask(self, path: str, params: Mapping[str, str]) -> Any:
        return await _asked(self._out, self._url + path, params, self._headers, dict)


async def _asked(out: Outbound, url: str, params: Mapping[str, str], headers: Mapping[str, str], kind: type) -> Any:
    try:
        return await out.json("GET", url, type=kind, params=params, headers=headers)
    except BadAnswer as error:
        if error.status in (401, 403):
            raise Refused("Unauthorized") from error
        raise Unavailable("Wrong server type") from error
    except Unreachable as error:
        raise Unavailable("Unreachable") from error


def _guids(one: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for guid in one.get("Guid") or []:
        word, _, value = str(guid.get("id", "")).partition("://")
        found.setdefault(word, value.split("/")[0].split("?")[0])
    legacy = str(one.get("guid") or "")
    for mark, word in (("agents.imdb://", "imdb"), ("themoviedb://", "tmdb"), ("thetvdb://", "tvdb")):
        if mark in legacy:
            found.setdefault(word, legacy.partition(mark)[2].split("/")[0].split("?")[0])
    return found


def _whole(value: Any) -> int | None:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _iso(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text)[:26].rstrip("Z"))
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

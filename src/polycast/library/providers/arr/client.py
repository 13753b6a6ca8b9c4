"""Asking a Radarr or Sonarr server. Source: radarr.video/docs/api, sonarr.tv/docs/api (v3)."""

from datetime import timedelta
from typing import Any, Final, TypeVar

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, NotFound, Unavailable
from polycast.core.net import BadAnswer, Body, Outbound
from polycast.library.providers.asking import Asker

T = TypeVar("T")
BETWEEN: Final = timedelta(milliseconds=50)
API: Final = "/api/v3"


class Status(Struct, kw_only=True, rename="camel"):
    """What server it is."""

    app_name: str = ""
    version: str = ""
    instance_name: str = ""


class Profile(Struct, kw_only=True):
    """A quality profile, a tag."""

    id: int
    name: str = ""
    label: str = ""


class Folder(Struct, kw_only=True, rename="camel"):
    """A root folder."""

    id: int = 0
    path: str = ""
    accessible: bool = True
    free_space: int | None = None


class Options(Struct, frozen=True, kw_only=True):
    """What titles can be added with."""

    profiles: list[Profile]
    folders: list[Folder]
    tags: list[Profile]


class Arr:
    """A client of one server. `kind`: radarr, sonarr."""

    def __init__(self, kind: str, url: str, key: str, *, out: Outbound, clock: Clock) -> None:
        self._kind = kind
        self._asker = Asker(kind.capitalize(), out=lambda: out, clock=clock, between=BETWEEN)
        self._base = url.rstrip("/") + API
        self._headers = {"X-Api-Key": key}

    async def status(self) -> Status:
        """Raises: BadKey; Unavailable, also when it is another program."""
        found = await self._get("/system/status", Status)
        if found.app_name.lower() != self._kind:
            raise Unavailable(f"This is no {self._kind.capitalize()} server.")
        return found

    async def options(self) -> Options:
        """Raises: BadKey; Unavailable."""
        return Options(
            profiles=await self._get("/qualityprofile", list[Profile]),
            folders=await self._get("/rootfolder", list[Folder]),
            tags=await self._get("/tag", list[Profile]),
        )

    async def add(self, external: int, *, folder: str, profile: int, seasons: list[int] | None = None) -> str:
        """Have it fetch a film (by TMDB's id) or a show (by TheTVDB's); its title.

        Raises: NotFound when it knows no such title; Conflict when it has it; BadKey; Unavailable.
        """
        word, term = ("movie", f"tmdb:{external}") if self._kind == "radarr" else ("series", f"tvdb:{external}")
        found = await self._get(f"/{word}/lookup", list[dict[str, Any]], term=term)
        if not found:
            raise NotFound("The title")
        one = found[0]
        if one.get("id"):
            raise Conflict(f"{self._kind.capitalize()} has this title already.", reason="there")
        told = one | {"qualityProfileId": profile, "rootFolderPath": folder, "monitored": True}
        if self._kind == "radarr":
            told |= {"minimumAvailability": "released", "addOptions": {"searchForMovie": True}}
        else:
            wanted = [
                season | {"monitored": seasons is None or season.get("seasonNumber") in seasons}
                for season in one.get("seasons", [])
            ]
            told |= {"seasons": wanted, "addOptions": {"searchForMissingEpisodes": True}}
        await self._post(f"/{word}", told)
        return str(one.get("title", ""))

    async def _get(self, path: str, kind: type[T], **params: str) -> T:
        return await self._asker.get(self._base + path, kind, params=params, headers=self._headers)

    async def _post(self, path: str, told: dict[str, Any]) -> None:
        try:
            await self._asker.send(
                "POST", self._base + path, dict[str, Any], headers=self._headers, body=Body(json=told)
            )
        except Unavailable as error:
            if isinstance(error.__cause__, BadAnswer) and error.__cause__.status == 400:
                raise Conflict(f"{self._kind.capitalize()} refuses this title.", reason="refused") from error
            raise

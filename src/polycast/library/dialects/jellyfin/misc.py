"""What clients ask for on the way and can do without: answers that are true of a server that has none of it."""

from typing import Any, Final

from polycast.core.http import Request, Response
from polycast.core.identity.caller import Caller
from polycast.library.dialects.jellyfin.asked import asked_of
from polycast.library.dialects.jellyfin.items_dto import view_dto
from polycast.library.dialects.jellyfin.names import moment
from polycast.library.dialects.jellyfin.rooms import Face, answer, nothing, page, part
from polycast.library.tracks.languages import TABLE

LISTS: Final = ("/plugins", "/syncplay/list", "/scheduledtasks", "/packages")
PAGES: Final = (
    "/channels", "/playlists", "/collections", "/system/activitylog/entries", "/artists",
    "/artists/albumartists", "/livetv/channels", "/livetv/programs", "/livetv/programs/recommended", "/persons",
    "/livetv/recordings", "/livetv/timers", "/livetv/seriestimers", "/shows/upcoming",
)  # fmt: skip


class MiscRoutes:
    """Small answers."""

    def __init__(self, face: Face) -> None:
        self._face = face

    async def nothing_listed(self, request: Request, caller: Caller) -> Response:
        """A bare list with nothing in it."""
        return answer([])

    async def empty_page(self, request: Request, caller: Caller) -> Response:
        return page([])

    async def theme_media(self, request: Request, caller: Caller) -> Response:
        none = {"Items": [], "TotalRecordCount": 0, "StartIndex": 0, "OwnerId": part(request, "item")}
        return answer({"ThemeVideosResult": none, "ThemeSongsResult": none, "SoundtrackSongsResult": none})

    async def live_info(self, request: Request, caller: Caller) -> Response:
        return answer({"Services": [], "IsEnabled": False, "EnabledUsers": []})

    async def cultures(self, request: Request, caller: Caller) -> Response:
        return answer(
            [
                {
                    "Name": name,
                    "DisplayName": name,
                    "TwoLetterISOLanguageName": two,
                    "ThreeLetterISOLanguageName": three,
                    "ThreeLetterISOLanguageNames": sorted({three, other}),
                }
                for two, three, other, name in TABLE
            ]
        )

    async def options(self, request: Request, caller: Caller) -> Response:
        return answer([{"Name": "English", "Value": "en-US"}, {"Name": "Deutsch", "Value": "de"}])

    async def configuration(self, request: Request, caller: Caller) -> Response:
        """What clients read of the server's configuration."""
        return answer(
            {"ServerName": self._face.server_name, "IsStartupWizardCompleted": True, "QuickConnectAvailable": True}
        )

    async def encoding(self, request: Request, caller: Caller) -> Response:
        """Whether subtitles inside a file can be had as files of their own (Kodi asks)."""
        return answer({"EnableSubtitleExtraction": True})

    async def utc(self, request: Request, caller: Caller) -> Response:
        now = moment(self._face.clock.now())
        return answer({"RequestReceptionTime": now, "ResponseTransmissionTime": now})

    async def folders(self, request: Request, caller: Caller) -> Response:
        """The libraries, for tools."""
        found = await self._face.browse.libraries(caller)
        return page([view_dto(one, self._face.server_id) for one in found])

    async def virtual_folders(self, request: Request, caller: Caller) -> Response:
        found: list[dict[str, Any]] = []
        for one in await self._face.browse.libraries(caller):
            view = view_dto(one, self._face.server_id)
            found.append(
                {
                    "Name": one.name,
                    "Locations": one.paths,
                    "CollectionType": view["CollectionType"],
                    "ItemId": view["Id"],
                    "LibraryOptions": {},
                }
            )
        return answer(found)

    async def keep_log(self, request: Request, caller: Caller) -> Response:
        """A client's own log; nobody here reads it."""
        await asked_of(request)
        return answer({"FileName": ""})

    async def accepted(self, request: Request, caller: Caller) -> Response:
        await asked_of(request)
        return nothing()

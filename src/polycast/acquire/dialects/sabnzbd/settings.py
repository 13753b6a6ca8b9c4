"""`get_config`, `get_cats`, `fullstatus` and the like: what an Arr looks at when it is told of us."""

from collections.abc import Mapping
from typing import Any, Final

from polycast.acquire.dialects.asked import Asked
from polycast.acquire.dialects.sabnzbd.rooms import Rooms
from polycast.core.identity.caller import Caller

VERSION: Final = "4.5.0"
SORTING: Final[Mapping[str, Any]] = {
    "tv_categories": [],
    "enable_tv_sorting": False,
    "movie_categories": [],
    "enable_movie_sorting": False,
    "date_categories": [],
    "enable_date_sorting": False,
    "pre_check": False,
    "history_retention": "",
    "history_retention_option": "all",
    "history_retention_number": 1,
}
EVERY: Final[Mapping[str, Any]] = {"name": "*", "order": 0, "pp": "3", "script": "None", "dir": "", "priority": 0}


class Settings:
    """The configuration in SABnzbd's words."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def config(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        folder = (await self._rooms.configs.read()).download_folder
        rows = [
            {"name": name, "order": order, "pp": "", "script": "Default", "dir": name, "priority": -100}
            for order, name in enumerate(await self._names(), 1)
        ]
        whole: dict[str, Any] = {
            "misc": {"complete_dir": folder, "download_dir": folder, **SORTING},
            "categories": [EVERY, *rows],
            "servers": [],
            "sorters": [],
        }
        section = asked.text("section")
        return {"config": {section: whole.get(section, {})} if section else whole}

    async def categories(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        return {"categories": ["*", *await self._names()]}

    async def scripts(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        return {"scripts": ["None"]}

    async def status(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        folder = (await self._rooms.configs.read()).download_folder
        pool = await self._rooms.news.pool()
        servers = [
            {
                "servername": server.name,
                "serveractiveconn": server.connections[0],
                "servertotalconn": server.connections[1],
                "serveractive": not server.is_resting,
                "servererror": server.error,
            }
            for server in pool.servers
        ]
        return {
            "status": {
                "completedir": folder,
                "completed_dir": folder,
                "downloaddir": folder,
                "version": VERSION,
                "paused": False,
                "pid": 0,
                "servers": servers,
            }
        }

    async def statistics(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        """Bytes since the start of this process; older ones are counted by day and account elsewhere."""
        total = self._rooms.meters.total
        return {"total": total, "month": total, "week": total, "day": total, "servers": {}}

    async def warnings(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        pool = await self._rooms.news.pool()
        found = [f"{server.name}: {server.error}" for server in pool.servers if server.error]
        return {"warnings": [{"type": "WARNING", "text": text, "time": 0} for text in found]}

    async def done(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        """Taken note of; it changes nothing here."""
        return {"status": True}

    async def _names(self) -> list[str]:
        return list((await self._rooms.configs.read()).categories)

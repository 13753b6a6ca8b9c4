"""`app/*`, `transfer/*`, `log/*` and `sync/*`."""

import asyncio
from pathlib import Path
from typing import Any, Final

from polycast.acquire.actions.folder import free_bytes
from polycast.acquire.dialects.asked import read
from polycast.acquire.dialects.qbittorrent.answers import empty, json, text
from polycast.acquire.dialects.qbittorrent.rooms import Rooms
from polycast.acquire.dialects.qbittorrent.wire import PROFILES, Profile
from polycast.core.errors import Invalid
from polycast.core.http import Request, Response
from polycast.core.identity.caller import Caller

BUILD: Final = {
    "bitness": 64,
    "boost": "1.83.0",
    "libtorrent": "2.0.10.0",
    "openssl": "3.0.13",
    "qt": "6.4.3",
    "zlib": "1.3.1",
}

LOG_KINDS: Final = {"normal": 1, "info": 2, "warning": 4, "critical": 8}
KIND_OF_LEVEL: Final = {"DEBUG": 1, "INFO": 2, "WARNING": 4, "ERROR": 8, "CRITICAL": 8}


async def profile_of(rooms: Rooms) -> Profile:
    return PROFILES[(await rooms.configs.read()).qbt_profile]


class Application:
    """What clients ask of the program itself."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def version(self, request: Request, caller: Caller) -> Response:
        return text((await profile_of(self._rooms)).app)

    async def api_version(self, request: Request, caller: Caller) -> Response:
        return text((await profile_of(self._rooms)).api)

    async def old_version(self, request: Request, caller: Caller) -> Response:
        """For clients older than the v2 API."""
        return text("20")

    async def build(self, request: Request, caller: Caller) -> Response:
        is_5 = (await profile_of(self._rooms)).is_5
        return json({**BUILD, **({"platform": "linux"} if is_5 else {})})

    async def preferences(self, request: Request, caller: Caller) -> Response:
        return json(await self._rooms.preferences.read(port=self._rooms.port, username=caller.username))

    async def set_preferences(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        if not asked.has("json"):
            raise Invalid.one("json", "required", "The preferences are missing.")
        await self._rooms.preferences.change(caller, asked.text("json"))
        return empty()

    async def save_path(self, request: Request, caller: Caller) -> Response:
        return text((await self._rooms.configs.read()).download_folder)

    async def nothing(self, request: Request, caller: Caller) -> Response:
        """A list that is empty here."""
        return json([])

    async def log(self, request: Request, caller: Caller) -> Response:
        """Our own lines in its form: a kind is asked for by its word, and those after an id."""
        asked = await read(request)
        after = asked.number("last_known_id")
        kinds = {kind for word, kind in LOG_KINDS.items() if asked.flag(word) is not False}
        shown = [
            {"id": line.id, "message": line.message, "timestamp": line.at, "type": KIND_OF_LEVEL.get(line.level, 1)}
            for line in self._rooms.log.kept()
            if after is None or line.id > after
        ]
        return json([row for row in shown if row["type"] in kinds])

    async def done(self, request: Request, caller: Caller) -> Response:
        """Something that has no meaning here, and harms nobody."""
        return empty()

    async def cookies(self, request: Request, caller: Caller) -> Response:
        return json([])


class Sync:
    """What has changed, and how fast it all is."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._labels_at: dict[int, dict[str, Any]] = {}

    async def maindata(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        rid = asked.number("rid") or 0
        board, profile = self._rooms.board, await profile_of(self._rooms)
        whole, torrents, removed = await board.delta(rid, profile)
        labels = await self._read_labels()
        shown: dict[str, Any] = {"rid": board.rid}
        before = None if whole else self._labels_at.get(rid)
        if whole:
            shown |= {"full_update": True, "torrents": torrents, "trackers": await self._trackers(), **labels}
        else:
            shown |= {"torrents": torrents} if torrents else {}
            shown |= {"torrents_removed": removed} if removed else {}
            shown |= _label_changes(before or {"categories": {}, "tags": []}, labels)
        self._labels_at[board.rid] = labels
        while len(self._labels_at) > 200:
            del self._labels_at[min(self._labels_at)]
        shown["server_state"] = await self._state()
        return json(shown)

    async def _read_labels(self) -> dict[str, Any]:
        found = await self._rooms.labels.categories()
        categories = {name: {"name": name, "savePath": path} for name, path in found.items()}
        return {"categories": categories, "tags": await self._rooms.labels.tags()}

    async def _trackers(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for entry in await self._rooms.board.entries():
            for tracker in entry.client.trackers:
                found.setdefault(tracker, []).append(entry.info_hash)
        return found

    async def _state(self) -> dict[str, Any]:
        config = await self._rooms.configs.read()
        down, up, alternative = await self._rooms.preferences.limits()
        speed = self._rooms.board.speed_bps
        free = await asyncio.to_thread(free_bytes, Path(config.download_folder))
        total = self._rooms.meters.total
        return {
            "alltime_dl": total,
            "alltime_ul": 0,
            "average_time_queue": 0,
            "connection_status": "connected",
            "dht_nodes": 0,
            "dl_info_data": total,
            "dl_info_speed": speed,
            "dl_rate_limit": down,
            "free_space_on_disk": free,
            "global_ratio": "1.00",
            "queued_io_jobs": 0,
            "queueing": True,
            "read_cache_hits": "0",
            "read_cache_overload": "0",
            "refresh_interval": 1500,
            "total_buffers_size": 0,
            "total_peer_connections": 0,
            "total_queued_size": 0,
            "total_wasted_session": 0,
            "up_info_data": 0,
            "up_info_speed": 0,
            "up_rate_limit": up,
            "use_alt_speed_limits": alternative,
            "use_subcategories": False,
            "write_cache_overload": "0",
        }

    async def peers(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        await self._rooms.changes.require(asked.text("hash"))
        return json({"rid": 1, "full_update": True, "show_flags": True, "peers": {}})

    async def transfer(self, request: Request, caller: Caller) -> Response:
        await self._rooms.board.entries()
        state = await self._state()
        names = [
            "connection_status",
            "dht_nodes",
            "dl_info_data",
            "dl_info_speed",
            "dl_rate_limit",
            "up_info_data",
            "up_info_speed",
            "up_rate_limit",
        ]
        return json({name: state[name] for name in names})

    async def mode(self, request: Request, caller: Caller) -> Response:
        _, _, alternative = await self._rooms.preferences.limits()
        return text("1" if alternative else "0")

    async def toggle_mode(self, request: Request, caller: Caller) -> Response:
        _, _, alternative = await self._rooms.preferences.limits()
        await self._rooms.preferences.keep(caller, alternative=not alternative)
        return empty()

    async def set_mode(self, request: Request, caller: Caller) -> Response:
        mode = (await read(request)).number("mode")
        if mode not in (0, 1):
            raise Invalid.one("mode", "invalid", "A mode is 0 or 1.")
        await self._rooms.preferences.keep(caller, alternative=mode == 1)
        return empty()

    async def limit_down(self, request: Request, caller: Caller) -> Response:
        return text(str((await self._rooms.preferences.limits())[0]))

    async def limit_up(self, request: Request, caller: Caller) -> Response:
        return text(str((await self._rooms.preferences.limits())[1]))

    async def set_limit_down(self, request: Request, caller: Caller) -> Response:
        await self._rooms.preferences.keep(caller, dl_limit=await _limit(request))
        return empty()

    async def set_limit_up(self, request: Request, caller: Caller) -> Response:
        await self._rooms.preferences.keep(caller, up_limit=await _limit(request))
        return empty()


async def _limit(request: Request) -> int:
    limit = (await read(request)).number("limit")
    if limit is None:
        raise Invalid.one("limit", "invalid", "A limit is a whole number of bytes a second.")
    return max(0, limit)


def _label_changes(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    changed = {name: row for name, row in now["categories"].items() if before["categories"].get(name) != row}
    removed = [name for name in before["categories"] if name not in now["categories"]]
    added, dropped = (
        [tag for tag in now["tags"] if tag not in before["tags"]],
        [tag for tag in before["tags"] if tag not in now["tags"]],
    )
    rows = {"categories": changed, "categories_removed": removed, "tags": added, "tags_removed": dropped}
    return {name: value for name, value in rows.items() if value}

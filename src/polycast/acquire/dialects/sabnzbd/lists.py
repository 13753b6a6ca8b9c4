"""`queue` and `history`, and what is done to their slots."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from polycast.acquire.catalogue.model import ENDED, Entry, State
from polycast.acquire.dialects.asked import Asked
from polycast.acquire.dialects.sabnzbd.rooms import Rooms
from polycast.acquire.dialects.sabnzbd.settings import VERSION
from polycast.acquire.dialects.sabnzbd.wire import (
    file_rows,
    hash_of,
    history_slot,
    human,
    left_bytes,
    mib,
    nzo_id,
    queue_slot,
)
from polycast.acquire.transfers.adding import Wanted
from polycast.core.errors import NotFound
from polycast.core.identity.caller import Caller

GIB: Final = 1024**3
DONE: Final[Mapping[str, Any]] = {"status": True}


class Lists:
    """Entries of news servers; those that have ended are history."""

    WRITES: ClassVar[Mapping[str, frozenset[str]]] = {
        "queue": frozenset(
            {"delete", "pause", "resume", "priority", "rename", "purge", "sort", "change_complete_action"}
        ),
        "history": frozenset({"delete"}),
    }

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def queue(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        word = asked.text("name")
        if word in self.WRITES["queue"]:
            return await self._change(word, asked, caller)
        waiting = [entry for entry in await self._entries() if entry.state not in ENDED]
        shown = [entry for entry in waiting if _is_asked(entry, asked)]
        start, limit = _window(asked)
        config = await self._rooms.configs.read()
        disk = _disk(config.download_folder)
        size, left = sum(entry.size_bytes for entry in shown), sum(map(left_bytes, shown))
        slots = [
            queue_slot(entry, start + at, self._rooms.clock.now())
            for at, entry in enumerate(shown[start : start + limit])
        ]
        paused = bool(shown) and all(entry.is_paused for entry in shown)
        return {
            "queue": {
                "version": VERSION,
                "paused": paused,
                "pause_int": "0",
                "paused_all": paused,
                "diskspace1": disk[0],
                "diskspace2": disk[0],
                "diskspacetotal1": disk[1],
                "diskspacetotal2": disk[1],
                "speedlimit": "100",
                "speedlimit_abs": "",
                "have_warnings": "0",
                "finishaction": None,
                "quota": "0 ",
                "have_quota": False,
                "left_quota": "0 ",
                "cache_art": "0",
                "cache_size": "0 B",
                "kbpersec": "0.00",
                "speed": "0 ",
                "mb": mib(size),
                "mbleft": mib(left),
                "size": human(size),
                "sizeleft": human(left),
                "noofslots": len(shown),
                "noofslots_total": len(waiting),
                "start": start,
                "limit": limit,
                "finish": start + len(slots),
                "status": "Paused" if paused else "Downloading" if shown else "Idle",
                "timeleft": "0:00:10" if shown else "0:00:00",
                "slots": slots,
            }
        }

    async def history(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        if asked.text("name") == "delete":
            return await self._forget(asked, caller)
        ended = [entry for entry in await self._entries() if entry.state in ENDED and _is_asked(entry, asked)]
        if asked.flag("failed_only"):
            ended = [entry for entry in ended if entry.state is not State.DONE]
        ended.sort(key=lambda entry: entry.updated_at, reverse=True)
        start, limit = _window(asked)
        total = human(sum(entry.size_bytes for entry in ended if entry.state is State.DONE))
        return {
            "history": {
                "version": VERSION,
                "noofslots": len(ended),
                "ppslots": 0,
                "total_size": total,
                "month_size": total,
                "week_size": total,
                "day_size": total,
                "last_history_update": max((int(entry.updated_at.timestamp()) for entry in ended), default=0),
                "slots": [history_slot(entry) for entry in ended[start : start + limit]],
            }
        }

    async def files(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        entry = await self._one(asked.text("value"))
        return {"files": file_rows(await self._rooms.records.detail(entry.info_hash), self._rooms.clock.now())}

    async def pause_all(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        return await self._paused(caller, paused=True)

    async def resume_all(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        return await self._paused(caller, paused=False)

    async def retry(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        """Once more from the beginning, with another password if one is given."""
        entry = await self._one(asked.text("value"))
        content = await self._rooms.records.torrent(entry)
        if content is None:
            raise NotFound("The NZB file")
        post = await self._rooms.adding.read(content, file_name=entry.original_name)
        again = await self._rooms.adding.add(caller, post, Wanted(category=entry.category, options=entry.options))
        return {"status": True, "nzo_id": nzo_id(again.entry)}

    async def change_category(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        entry = await self._one(asked.text("value"))
        await self._rooms.changes.set_category(caller, [entry], asked.text("value2"))
        return DONE

    async def _change(self, word: str, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        changes = self._rooms.changes
        waiting = [entry for entry in await self._entries() if entry.state not in ENDED]
        value = asked.text("value")
        chosen = waiting if value == "all" or word == "purge" else _chosen(waiting, value)
        if word in ("delete", "purge"):
            await changes.delete(caller, chosen, files=bool(asked.flag("del_files")))
        elif word in ("pause", "resume"):
            await changes.pause(caller, chosen, paused=word == "pause")
        elif word == "priority":
            await changes.force(caller, chosen, forced=asked.text("value2") == "2")
        elif word == "rename" and chosen:
            await changes.rename(caller, chosen[0], asked.text("value2"))
        return {"status": True, "nzo_ids": [nzo_id(entry) for entry in chosen]}

    async def _forget(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        """What is complete leaves the list and stays in the library."""
        ended = [entry for entry in await self._entries() if entry.state in ENDED]
        value = asked.text("value")
        if value == "failed":
            ended = [entry for entry in ended if entry.state is not State.DONE]
        elif value != "all":
            ended = _chosen(ended, value)
        await self._rooms.changes.delete(caller, ended, files=bool(asked.flag("del_files")))
        return DONE

    async def _paused(self, caller: Caller, *, paused: bool) -> Mapping[str, Any]:
        waiting = [entry for entry in await self._entries() if entry.state not in ENDED]
        await self._rooms.changes.pause(caller, waiting, paused=paused)
        return DONE

    async def _entries(self) -> list[Entry]:
        return [
            entry for entry in await self._rooms.changes.chosen(None) if entry.protocol == self._rooms.news.protocol
        ]

    async def _one(self, nzo: str) -> Entry:
        """Raises: NotFound."""
        entry = await self._rooms.changes.require(hash_of(nzo))
        if entry.protocol != self._rooms.news.protocol:
            raise NotFound("The item")
        return entry


def _chosen(entries: Sequence[Entry], ids: str) -> list[Entry]:
    wanted = {hash_of(one) for one in ids.split(",")}
    return [entry for entry in entries if entry.info_hash in wanted]


def _is_asked(entry: Entry, asked: Asked) -> bool:
    category = asked.text("cat") or asked.text("category")
    if category and category != "*" and entry.category not in category.split(","):
        return False
    if (search := asked.text("search").lower()) and search not in entry.name.lower():
        return False
    ids = asked.text("nzo_ids")
    return not ids or entry.info_hash in {hash_of(one) for one in ids.split(",")}


def _window(asked: Asked) -> tuple[int, int]:
    """Start and length; 0 means all."""
    start, limit = max(0, asked.number("start") or 0), max(0, asked.number("limit") or 0)
    return start, limit or 1_000_000


def _disk(folder: str) -> tuple[str, str]:
    """Free and whole GiB, as text."""
    path = Path(folder)
    while not path.is_dir() and path != path.parent:
        path = path.parent
    usage = shutil.disk_usage(path)
    return f"{usage.free / GIB:.2f}", f"{usage.total / GIB:.2f}"

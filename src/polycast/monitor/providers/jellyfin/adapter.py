"""Jellyfin and Emby, which share most of their API. Source: specs/monitor.md 4.12."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from polycast.core.errors import PolycastError
from polycast.core.net import Outbound
from polycast.monitor.providers.reading import listing, mapping, number, text
from polycast.monitor.sessions.model import SessionKind
from polycast.monitor.watch.polled import Seen, Viewing
from polycast.monitor.watch.state import NowRecording, Planned

TICKS: Final = 10_000_000  # a second
RARELY: Final = 60  # looks


class Jellyfin:
    """One server; `key` is an API key. `is_emby` chooses the other spelling."""

    def __init__(self, out: Outbound, url: str, *, key: str, is_emby: bool = False) -> None:
        self._out = out
        self._url = url + ("/emby" if is_emby else "")
        self._headers = {"X-Emby-Token": key} if is_emby else {"Authorization": f'MediaBrowser Token="{key}"'}
        self._is_emby = is_emby
        self._looks = 0
        self._rest: dict[str, Any] = {}

    async def look(self) -> Seen:
        info = mapping(await self._ask("/System/Info/Public"))
        sessions = await self._ask("/Sessions?ActiveWithinSeconds=960")
        if self._looks % RARELY == 0:
            self._rest = await self._rarely()
        self._looks += 1
        viewings = [_viewing(mapping(one)) for one in listing(sessions)]
        return Seen(
            version=text(info.get("Version"), 60),
            name=text(info.get("ServerName")),
            viewings=[one for one in viewings if one is not None],
            **self._rest,
        )

    async def _rarely(self) -> dict[str, Any]:
        """What not every server or key gives: what is refused is left out."""
        found: dict[str, Any] = {}
        counts = await self._perhaps("/Items/Counts")
        if counts:
            found |= {
                "shows": int(number(counts.get("SeriesCount"))),
                "movies": int(number(counts.get("MovieCount"))),
                "episodes": int(number(counts.get("EpisodeCount"))),
            }
        timers = await self._perhaps("/LiveTv/Timers")
        plans = [_planned(mapping(one)) for one in listing(timers.get("Items"))]
        found["planned"] = [one for one in plans if one is not None]
        running = await self._perhaps("/LiveTv/Recordings?IsInProgress=true")
        found["recording"] = [
            NowRecording(title=text(mapping(one).get("Name"))) for one in listing(running.get("Items"))
        ]
        if not self._is_emby:
            found |= _storage(await self._perhaps("/System/Info/Storage"))
        return found

    async def _perhaps(self, path: str) -> Mapping[str, Any]:
        try:
            return mapping(await self._ask(path))
        except PolycastError:
            return {}

    async def _ask(self, path: str) -> Any:
        return await self._out.json("GET", self._url + path, type=Any, headers=self._headers)


def _viewing(one: Mapping[str, Any]) -> Viewing | None:
    item, state = mapping(one.get("NowPlayingItem")), mapping(one.get("PlayState"))
    key = text(one.get("Id"), 100)
    if not key or not item:
        return None
    is_live = text(item.get("Type")) in ("TvChannel", "LiveTvChannel")
    series, name = text(item.get("SeriesName")), text(item.get("Name"))
    seconds = min(max(0.0, number(state.get("PositionTicks")) / TICKS), 1e9)
    return Viewing(
        key=key,
        kind=SessionKind.CHANNEL if is_live else SessionKind.VOD,
        title=f"{series} - {name}" if series else name,
        channel_name=name if is_live else "",
        channel_number=text(item.get("ChannelNumber"), 40) if is_live else "",
        device=text(one.get("DeviceName")),
        user=text(one.get("UserName")),
        ip=text(one.get("RemoteEndPoint"), 64),
        source=text(state.get("PlayMethod"), 40) or "Direct play",
        file_id=text(item.get("Id"), 60) or name,
        position=timedelta(seconds=seconds),
    )


def _planned(one: Mapping[str, Any]) -> Planned | None:
    starts, ends = _moment(one.get("StartDate")), _moment(one.get("EndDate"))
    if starts is None or ends is None or ends <= starts:
        return None
    return Planned(
        job_id=text(one.get("Id"), 200),
        title=text(one.get("Name")) or "Untitled Recording",
        starts_at=starts,
        ends_at=ends,
        channel=text(one.get("ChannelName")) or "Unknown Channel",
    )


def _moment(value: Any) -> datetime | None:
    written = text(value, 40)
    head, dot, tail = written.partition(".")  # .NET writes seven digits, Python reads six
    digits = tail.rstrip("Z")[:6] if dot else ""
    try:
        found = datetime.fromisoformat(f"{head}.{digits}" if digits.isdecimal() else head.rstrip("Z"))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _storage(found: Mapping[str, Any]) -> dict[str, Any]:
    """The folder with the least room counts."""
    rooms = []
    for library in listing(found.get("Libraries")):
        for folder in listing(mapping(library).get("Folders")):
            free, used = number(mapping(folder).get("FreeSpace")), number(mapping(folder).get("UsedSpace"))
            if free >= 0 and free + used > 0:
                rooms.append((int(free), int(free + used)))
    if not rooms:
        return {}
    free_bytes, total = min(rooms)
    return {"disk_free": free_bytes, "disk_total": total}

"""`torrents/*` that is read. Source: `specs/acquire.md` 3.6.4, 3.6.5."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from polycast.acquire.catalogue.model import AT_PROVIDER, ENDED, Entry, State
from polycast.acquire.dialects.asked import Asked, read
from polycast.acquire.dialects.qbittorrent.answers import json, text
from polycast.acquire.dialects.qbittorrent.application import profile_of
from polycast.acquire.dialects.qbittorrent.errors import Answered
from polycast.acquire.dialects.qbittorrent.rooms import Rooms
from polycast.acquire.dialects.qbittorrent.wire import (
    PIECE_BYTES,
    TorrentInfo,
    file_of,
    info_of,
    properties_of,
    trackers_of,
)
from polycast.acquire.torrents.model import Torrent
from polycast.acquire.torrents.reading import read_torrent
from polycast.core.http import Request, Response
from polycast.core.identity.caller import Caller

T = TypeVar("T")
ALL: Final = "all"
MOST_PIECES: Final = 200_000
FILTERS: Final[Mapping[str, Callable[[Entry], bool]]] = {
    "all": lambda entry: True,
    "downloading": lambda entry: entry.state not in ENDED,
    "seeding": lambda entry: entry.state is State.DONE,
    "completed": lambda entry: entry.state is State.DONE,
    "paused": lambda entry: entry.is_paused or entry.state is State.DONE,
    "stopped": lambda entry: entry.is_paused or entry.state is State.DONE,
    "active": lambda entry: entry.state in AT_PROVIDER and entry.speed_bps > 0,
    "inactive": lambda entry: not (entry.state in AT_PROVIDER and entry.speed_bps > 0),
    "resumed": lambda entry: not entry.is_paused and entry.state is not State.DONE,
    "running": lambda entry: not entry.is_paused and entry.state is not State.DONE,
    "stalled": lambda entry: entry.state is State.STALLED,
    "stalled_uploading": lambda entry: False,
    "stalled_downloading": lambda entry: entry.state is State.STALLED,
    "checking": lambda entry: False,
    "moving": lambda entry: entry.state is State.MOVING,
    "errored": lambda entry: entry.state in (State.FAILED, State.MISSING),
}


class Torrents:
    """Lists and details."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def info(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        board, profile = self._rooms.board, await profile_of(self._rooms)
        chosen = [entry for entry in await board.entries() if _is_asked(asked, entry)]
        if asked.has("filter") and asked.text("filter") in FILTERS:
            chosen = [entry for entry in chosen if FILTERS[asked.text("filter")](entry)]
        sort = asked.text("sort")
        if not sort and not asked.flag("reverse"):
            chosen = _cut(chosen, asked)
            return json([board.raw(entry, profile) for entry in chosen])
        shown = [info_of(entry, profile, board.place(entry.info_hash)) for entry in chosen]
        return json(_cut(_sorted(shown, sort, is_reversed=bool(asked.flag("reverse"))), asked))

    async def count(self, request: Request, caller: Caller) -> Response:
        return text(str(len(await self._rooms.board.entries())))

    async def properties(self, request: Request, caller: Caller) -> Response:
        entry = await self._asked(request)
        torrent = await self._torrent(entry)
        piece = torrent.piece_bytes if torrent else 0
        return json(
            properties_of(
                entry,
                piece or PIECE_BYTES,
                torrent.created_by if torrent else "",
                is_private=bool(torrent and torrent.is_private),
            )
        )

    async def files(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        entry = await self._rooms.changes.require(asked.text("hash"))
        detail = await self._rooms.records.detail(entry.info_hash)
        torrent = await self._torrent(entry)
        piece = (torrent.piece_bytes if torrent else 0) or PIECE_BYTES
        shown, at = [], 0
        for index, file in enumerate(detail.files):
            shown.append(file_of(entry, file, index, at // piece, piece))
            at += file.size_bytes
        if asked.has("indexes"):
            wanted = [
                int(part) for part in asked.rows("indexes") if part.isascii() and part.isdigit() and len(part) < 9
            ]
            if len(wanted) != len(asked.rows("indexes")) or any(index >= len(shown) for index in wanted):
                raise Answered(409, "Invalid file index")
            shown = [shown[index] for index in wanted]
        return json(shown)

    async def trackers(self, request: Request, caller: Caller) -> Response:
        return json(trackers_of(await self._asked(request)))

    async def webseeds(self, request: Request, caller: Caller) -> Response:
        await self._asked(request)
        return json([])

    async def piece_states(self, request: Request, caller: Caller) -> Response:
        entry = await self._asked(request)
        torrent = await self._torrent(entry)
        piece = (torrent.piece_bytes if torrent else 0) or PIECE_BYTES
        count = min(len(torrent.piece_hashes) if torrent else -(-entry.size_bytes // piece), MOST_PIECES)
        have = count if entry.is_complete else int(count * entry.progress)
        return json([2] * have + [0] * (count - have))

    async def piece_hashes(self, request: Request, caller: Caller) -> Response:
        torrent = await self._torrent(await self._asked(request))
        return json(list(torrent.piece_hashes) if torrent else [])

    async def export(self, request: Request, caller: Caller) -> Response:
        entry = await self._asked(request)
        content = await self._rooms.records.torrent(entry)
        if content is None:
            raise Answered(409, "Only the magnet of this torrent is known")
        return Response(content, media_type="application/x-bittorrent")

    async def categories(self, request: Request, caller: Caller) -> Response:
        found = await self._rooms.labels.categories()
        return json({name: {"name": name, "savePath": path} for name, path in found.items()})

    async def tags(self, request: Request, caller: Caller) -> Response:
        return json(await self._rooms.labels.tags())

    async def limits_down(self, request: Request, caller: Caller) -> Response:
        return json({entry.info_hash: entry.client.download_limit for entry in await self._chosen(request)})

    async def limits_up(self, request: Request, caller: Caller) -> Response:
        return json({entry.info_hash: entry.client.upload_limit for entry in await self._chosen(request)})

    async def _chosen(self, request: Request) -> list[Entry]:
        asked = await read(request)
        if not asked.has("hashes"):
            raise Answered(400, "hashes is missing")
        return [entry for entry in await self._rooms.board.entries() if _is_asked(asked, entry)]

    async def _asked(self, request: Request) -> Entry:
        """Raises: NotFound."""
        return await self._rooms.changes.require((await read(request)).text("hash"))

    async def _torrent(self, entry: Entry) -> Torrent | None:
        content = await self._rooms.records.torrent(entry)
        return None if content is None else await asyncio.to_thread(read_torrent, content)


def _is_asked(asked: Asked, entry: Entry) -> bool:
    if asked.has("category") and asked.text("category") != entry.category:
        return False
    if asked.has("tag"):
        tag = asked.text("tag")
        if (tag and tag not in entry.tags) or (not tag and entry.tags):
            return False
    hashes = asked.text("hashes").lower()
    return not hashes or hashes == ALL or entry.info_hash in hashes.split("|")


def _sorted(shown: list[TorrentInfo], sort: str, *, is_reversed: bool) -> list[TorrentInfo]:
    if sort:
        if sort not in TorrentInfo.__struct_fields__:
            raise Answered(400, f"{sort[:50]} is no field to sort by")
        shown = sorted(shown, key=lambda one: _key(getattr(one, sort)))
    return shown[::-1] if is_reversed else shown


def _key(value: object) -> tuple[float, str]:
    return (float(value), "") if isinstance(value, int | float) else (0.0, str(value).casefold())


def _cut(shown: Sequence[T], asked: Asked) -> list[T]:
    offset, limit = asked.number("offset") or 0, asked.number("limit")
    start = max(0, len(shown) + offset) if offset < 0 else offset
    end = None if limit is None or limit <= 0 else start + limit
    return list(shown[start:end])

"""`torrents/add`. Source: `specs/acquire.md` 3.6.6."""

from typing import Final

from polycast.acquire.catalogue.model import Action, ClientSettings, Options
from polycast.acquire.config.model import Config
from polycast.acquire.dialects.asked import Asked, read
from polycast.acquire.dialects.qbittorrent.answers import FAILS, OK, text
from polycast.acquire.dialects.qbittorrent.errors import Answered
from polycast.acquire.dialects.qbittorrent.rooms import Rooms
from polycast.acquire.torrents.model import Torrent
from polycast.acquire.torrents.reading import CONTENT_BYTES, looks_like_torrent
from polycast.acquire.transfers.adding import Added, Wanted
from polycast.acquire.transfers.verdicts import Verdict
from polycast.core.errors import Invalid, PolycastError, TooLarge
from polycast.core.http import Request, Response
from polycast.core.identity.caller import Caller

BODY_BYTES: Final = 64 * 1024 * 1024
URLS: Final = 100


class AddingTorrents:
    """Magnets, addresses and files; the first provider's answer is waited for, so that a refusal reaches the Arr."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def add(self, request: Request, caller: Caller) -> Response:
        asked = await read(request, BODY_BYTES)
        config = await self._rooms.configs.read()
        try:
            wanted = _wanted(asked, config)
            torrents = await self._torrents(asked, caller)
            added = [await self._rooms.adding.add(caller, torrent, wanted) for torrent in torrents]
        except Invalid:
            return text(FAILS)
        if not added:
            return text(FAILS)
        return text(OK if await self._is_taken(added) else FAILS)

    async def _is_taken(self, added: list[Added]) -> bool:
        """Whether anything of it was not refused for good."""
        if len(added) > 1:
            return True
        return await self._rooms.adding.verdict(added[0]) is not Verdict.REFUSED

    async def _torrents(self, asked: Asked, caller: Caller) -> list[Torrent]:
        found: list[Torrent] = []
        for upload in asked.all_files():
            if len(upload.content) > CONTENT_BYTES:
                raise TooLarge("A torrent file may have 10 MiB.")
            if not looks_like_torrent(upload.content):
                raise Answered(415, f"{upload.filename[:100]} is not a valid torrent file")
            try:
                found.append(await self._rooms.adding.read(upload.content))
            except Invalid as error:
                raise Answered(415, f"{upload.filename[:100]} is not a valid torrent file") from error
        lines = [line.strip() for line in asked.text("urls").splitlines() if line.strip()]
        if len(lines) > URLS:
            raise Answered(400, f"At most {URLS} at once")
        for line in lines:
            try:
                one = await self._rooms.adding.resolve(caller, line)
            except PolycastError:
                continue  # as the real one does: what cannot be read is left out, and `Fails.` when nothing is left
            if isinstance(one, Torrent):
                found.append(one)
        return found


def _wanted(asked: Asked, config: Config) -> Wanted:
    overloads = config.qbt_overloads
    debrid = asked.text("debrid") if overloads else ""
    if debrid and config.named(debrid) is None:
        raise Invalid.one("debrid", "unknown", "There is no such account.")
    paused = asked.flag("stopped") if asked.has("stopped") else asked.flag("paused")
    downloads, bare = asked.flag("sequentialDownload"), asked.flag("firstLastPiecePrio")
    ratio, seeding, inactive = (
        asked.decimal("ratioLimit"),
        asked.number("seedingTimeLimit"),
        asked.number("inactiveSeedingTimeLimit"),
    )
    return Wanted(
        category=asked.text("category"),
        action=Action.DOWNLOAD if overloads and downloads else None,
        tags=tuple(asked.rows("tags", ",")),
        name=asked.text("rename"),
        save_path=asked.text("savepath"),
        is_paused=bool(paused),
        is_first=bool(asked.flag("addToTopOfQueue")),
        is_forced=bool(asked.flag("forced")),
        options=Options(debrid=debrid, rm_tracker_urls=bool(overloads and bare), source="qbit"),
        client=ClientSettings(
            ratio_limit=-2 if ratio is None else ratio,
            seeding_minutes=-2 if seeding is None else seeding,
            inactive_minutes=-2 if inactive is None else inactive,
            download_limit=max(0, asked.number("dlLimit") or 0),
            upload_limit=max(0, asked.number("upLimit") or 0),
            sequential=bool(downloads),
            first_last=bool(bare),
            auto_management=bool(asked.flag("autoTMM")),
        ),
    )

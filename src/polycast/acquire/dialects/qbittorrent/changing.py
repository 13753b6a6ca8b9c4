"""`torrents/*` that changes something. Source: `specs/acquire.md` 3.6.6, 3.6.7."""

from collections.abc import Awaitable, Callable
from typing import Final

from msgspec.structs import replace

from polycast.acquire.catalogue.model import ClientSettings, Entry
from polycast.acquire.dialects.asked import Asked, read
from polycast.acquire.dialects.qbittorrent.answers import empty
from polycast.acquire.dialects.qbittorrent.errors import Answered
from polycast.acquire.dialects.qbittorrent.rooms import Rooms
from polycast.core.errors import Conflict, Invalid
from polycast.core.http import Request, Response
from polycast.core.identity.caller import Caller

Change = Callable[[ClientSettings, Asked], ClientSettings]
Endpoint = Callable[[Request, Caller], Awaitable[Response]]
TRACKERS: Final = 200


class Changing:
    """Each takes the entries that `hashes` names, and passes over those that are not there."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def delete(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        entries = await self._entries(asked)
        await self._rooms.changes.delete(caller, entries, files=bool(asked.flag("deleteFiles")))
        return empty()

    async def pause(self, request: Request, caller: Caller) -> Response:
        await self._rooms.changes.pause(caller, await self._entries(await read(request)), paused=True)
        return empty()

    async def resume(self, request: Request, caller: Caller) -> Response:
        await self._rooms.changes.pause(caller, await self._entries(await read(request)), paused=False)
        return empty()

    async def recheck(self, request: Request, caller: Caller) -> Response:
        """Tried again where it has failed; what is complete is looked at by the next repair run."""
        entries = await self._entries(await read(request))
        await self._rooms.changes.retry(caller, entries)
        for entry in entries:
            if entry.is_complete:
                await self._rooms.repairs.dirty(entry.info_hash, "a client wants it checked")
        return empty()

    async def nothing(self, request: Request, caller: Caller) -> Response:
        """Understood, without a meaning here."""
        await self._entries(await read(request))
        return empty()

    async def set_category(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        entries = await self._entries(asked)
        try:
            await self._rooms.changes.set_category(caller, entries, asked.text("category"))
        except Conflict as error:
            raise Answered(409, "Incorrect category name") from error
        return empty()

    async def add_tags(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        await self._rooms.changes.tag(caller, await self._entries(asked), asked.rows("tags", ","), adds=True)
        return empty()

    async def remove_tags(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        await self._rooms.changes.tag(caller, await self._entries(asked), asked.rows("tags", ","), adds=False)
        return empty()

    def prioritise(self, where: str) -> Endpoint:
        async def endpoint(request: Request, caller: Caller) -> Response:
            await self._rooms.changes.prioritise(caller, await self._entries(await read(request)), where)
            return empty()

        return endpoint

    async def force(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        await self._rooms.changes.force(caller, await self._entries(asked), forced=bool(asked.flag("value")))
        return empty()

    def client(self, change: Change) -> Endpoint:
        """An endpoint that keeps something for the client to read back."""

        async def endpoint(request: Request, caller: Caller) -> Response:
            asked = await read(request)
            entries = await self._entries(asked)
            await self._rooms.changes.set_client(caller, entries, lambda kept: change(kept, asked))
            return empty()

        return endpoint

    async def move(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        path = asked.text("location") or asked.text("path")
        if not path:
            raise Answered(400, "Save path cannot be empty")
        try:
            await self._rooms.changes.move(caller, await self._entries(asked), path)
        except Invalid as error:
            raise Answered(403, "Cannot write to directory") from error
        except Conflict as error:
            raise Answered(409, error.message) from error
        return empty()

    async def download_path(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        entries = await self._entries(asked)
        path = asked.text("path")[:1000]
        await self._rooms.changes.set_client(caller, entries, lambda kept: replace(kept, download_path=path))
        return empty()

    async def rename(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        entry = await self._rooms.changes.require(asked.text("hash"))
        try:
            await self._rooms.changes.rename(caller, entry, asked.text("name"))
        except Conflict as error:
            raise Answered(409, "Incorrect torrent name") from error
        return empty()

    async def rename_file(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        entry = await self._rooms.changes.require(asked.text("hash"))
        old, new = asked.text("oldPath"), asked.text("newPath")
        if not new:
            raise Answered(400, "newPath is missing")
        try:
            await self._rooms.changes.rename_file(caller, entry, old, new)
        except Conflict as error:
            raise Answered(409, error.message) from error
        return empty()

    async def rename_folder(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        entry = await self._rooms.changes.require(asked.text("hash"))
        if not asked.text("newPath"):
            raise Answered(400, "newPath is missing")
        if asked.text("oldPath").strip("/") != entry.folder:
            raise Answered(409, "There is no such folder")
        try:
            await self._rooms.changes.rename_folder(caller, entry, asked.text("newPath"))
        except Conflict as error:
            raise Answered(409, error.message) from error
        return empty()

    async def file_priority(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        entry = await self._rooms.changes.require(asked.text("hash"))
        parts, priority = asked.rows("id"), asked.number("priority")
        if priority is None or not parts or any(not part.isascii() or not part.isdigit() for part in parts):
            raise Answered(400, "File IDs must be integers")
        try:
            await self._rooms.changes.file_priority(caller, entry, [int(part[:9]) for part in parts], priority)
        except Invalid as error:
            raise Answered(400, "Priority is not valid") from error
        except Conflict as error:
            raise Answered(409, "Torrent's metadata has not yet downloaded or file ID is not valid") from error
        return empty()

    async def add_trackers(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        entry = await self._rooms.changes.require(asked.text("hash"))
        added = [line.strip() for line in asked.text("urls").splitlines() if "://" in line and len(line) < 600]
        kept = tuple(dict.fromkeys([*entry.client.trackers, *added]))[:TRACKERS]
        await self._rooms.changes.set_client(caller, [entry], lambda client: replace(client, trackers=kept))
        return empty()

    async def edit_tracker(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        entry = await self._rooms.changes.require(asked.text("hash"))
        old, new = asked.text("origUrl"), asked.text("newUrl")
        if "://" not in new or len(new) > 600:
            raise Answered(400, "New tracker URL is invalid")
        if old not in entry.client.trackers or (new != old and new in entry.client.trackers):
            raise Answered(409, "Tracker not found, or the new one is there already")
        kept = tuple(new if tracker == old else tracker for tracker in entry.client.trackers)
        await self._rooms.changes.set_client(caller, [entry], lambda client: replace(client, trackers=kept))
        return empty()

    async def remove_trackers(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        entry = await self._rooms.changes.require(asked.text("hash"))
        gone = asked.rows("urls")
        if not any(url in entry.client.trackers for url in gone):
            raise Answered(409, "No trackers were found")
        kept = tuple(tracker for tracker in entry.client.trackers if tracker not in gone)
        await self._rooms.changes.set_client(caller, [entry], lambda client: replace(client, trackers=kept))
        return empty()

    async def create_category(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        return await self._category(self._rooms.labels.create(caller, asked.text("category"), asked.text("savePath")))

    async def edit_category(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        return await self._category(self._rooms.labels.edit(caller, asked.text("category"), asked.text("savePath")))

    async def _category(self, work: Awaitable[None]) -> Response:
        try:
            await work
        except Conflict as error:
            raise Answered(409, error.message) from error
        except Invalid as error:
            status = 400 if error.problems[0].code == "blank" else 409
            raise Answered(status, error.problems[0].text) from error
        return empty()

    async def remove_categories(self, request: Request, caller: Caller) -> Response:
        names = [line.strip() for line in (await read(request)).text("categories").splitlines() if line.strip()]
        await self._rooms.labels.remove(caller, names)
        return empty()

    async def create_tags(self, request: Request, caller: Caller) -> Response:
        await self._rooms.labels.create_tags(caller, (await read(request)).rows("tags", ","))
        return empty()

    async def delete_tags(self, request: Request, caller: Caller) -> Response:
        await self._rooms.labels.delete_tags(caller, (await read(request)).rows("tags", ","))
        return empty()

    async def _entries(self, asked: Asked) -> list[Entry]:
        """Raises: Answered, when nobody was named."""
        named = asked.text("hashes") or asked.text("id")
        if not named:
            raise Answered(400, "hashes is missing")
        if named.lower() == "all":
            return await self._rooms.changes.chosen(None)
        return await self._rooms.changes.chosen([part.strip().lower() for part in named.split("|")])


def share_limits(kept: ClientSettings, asked: Asked) -> ClientSettings:
    ratio, seeding, inactive = (
        asked.decimal("ratioLimit"),
        asked.number("seedingTimeLimit"),
        asked.number("inactiveSeedingTimeLimit"),
    )
    return replace(
        kept,
        ratio_limit=-2 if ratio is None else ratio,
        seeding_minutes=-2 if seeding is None else seeding,
        inactive_minutes=-2 if inactive is None else inactive,
    )


def download_limit(kept: ClientSettings, asked: Asked) -> ClientSettings:
    return replace(kept, download_limit=max(0, asked.number("limit") or 0))


def upload_limit(kept: ClientSettings, asked: Asked) -> ClientSettings:
    return replace(kept, upload_limit=max(0, asked.number("limit") or 0))


def sequential(kept: ClientSettings, asked: Asked) -> ClientSettings:
    return replace(kept, sequential=not kept.sequential)


def first_last(kept: ClientSettings, asked: Asked) -> ClientSettings:
    return replace(kept, first_last=not kept.first_last)


def super_seeding(kept: ClientSettings, asked: Asked) -> ClientSettings:
    return replace(kept, super_seeding=bool(asked.flag("value")))


def auto_management(kept: ClientSettings, asked: Asked) -> ClientSettings:
    return replace(kept, auto_management=bool(asked.flag("enable")))

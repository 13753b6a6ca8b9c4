"""`addfile` and `addurl`."""

from collections.abc import Mapping
from typing import Any, Final

from polycast.acquire.catalogue.model import Action, Options
from polycast.acquire.dialects.asked import Asked
from polycast.acquire.dialects.sabnzbd.rooms import Rooms
from polycast.acquire.dialects.sabnzbd.wire import nzo_id
from polycast.acquire.torrents.model import Torrent
from polycast.acquire.transfers.adding import Wanted
from polycast.core.errors import Invalid
from polycast.core.identity.caller import Caller

BODY_BYTES: Final = 256 * 1024 * 1024
URLS: Final = 100
FORCED: Final = 2  # of `priority`
FIRST: Final = 1
PAUSED: Final = -2
ACTIONS: Final = frozenset(action.value for action in Action)


class AddingPosts:
    """Files and addresses of NZBs; written down before the answer, looked at afterwards."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def add_file(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        uploads = asked.files("name", "nzbfile") or asked.all_files()
        if not uploads:
            raise Invalid.one("name", "required", "expects one parameter: a file")
        read = self._rooms.adding.read
        posts = [await read(upload.content, file_name=upload.filename) for upload in uploads]
        return await self._added(posts, asked, caller)

    async def add_url(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        urls = [line.strip() for line in asked.text("name").splitlines() if line.strip()]
        if not urls or len(urls) > URLS:
            raise Invalid.one("name", "required", "expects one parameter: an address")
        posts = [await self._rooms.adding.fetch_post(caller, url) for url in urls]
        return await self._added(posts, asked, caller)

    async def refused(self, asked: Asked, caller: Caller) -> Mapping[str, Any]:
        """Files of this machine are nobody's to name."""
        raise Invalid.one("mode", "not_supported", "not implemented")

    async def _added(self, posts: list[Torrent], asked: Asked, caller: Caller) -> Mapping[str, Any]:
        if any(post.protocol != "nzb" for post in posts):
            raise Invalid.one("name", "nzb", "This is no NZB file.")
        category = asked.text("cat") or asked.text("category")
        priority, action = asked.number("priority") or 0, asked.text("action")
        wanted = Wanted(
            category="" if category in ("*", "default", "None") else category,
            action=Action(action) if action in ACTIONS else None,
            name=asked.text("nzbname").removesuffix(".nzb"),
            is_paused=priority == PAUSED,
            is_first=priority >= FIRST,
            is_forced=priority >= FORCED,
            options=Options(source="sabnzbd", password=asked.text("password")[:200]),
        )
        added = [await self._rooms.adding.add(caller, post, wanted) for post in posts]
        return {"status": True, "nzo_ids": [nzo_id(one.entry) for one in added]}

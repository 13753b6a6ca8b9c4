"""Adding, listing, deleting."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from polycast.acquire.catalogue.model import Action, Entry, Options
from polycast.acquire.catalogue.store import SORTS
from polycast.acquire.dialects.asked import Asked, read
from polycast.acquire.dialects.rest.answers import json, tagged
from polycast.acquire.dialects.rest.rooms import Rooms
from polycast.acquire.dialects.rest.wire import STATES, entry_of, request_of
from polycast.acquire.torrents.model import Torrent
from polycast.acquire.transfers.adding import Added, Wanted
from polycast.core.errors import Invalid, NotFound, PolycastError
from polycast.core.http import Request, Response, Upload
from polycast.core.identity.caller import Caller

BODY_BYTES: Final = 256 * 1024 * 1024
ITEMS: Final = 100
AT_ONCE: Final = 10
PAGED: Final = ("page", "limit", "search", "state", "sort_by", "sort_order")
VERDICT_WITHIN: Final = 1.5  # seconds; what is refused at once is told at once


class Entries:
    """`/api/torrents` and `/api/add`."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def shown(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        if any(asked.has(name) for name in PAGED):
            return tagged(request, await self._page(asked))
        hashes = [part.lower() for part in asked.rows("hash", ",")]
        category = asked.text("category") if asked.text("category") else None
        found = await self._rooms.db.read(
            self._rooms.entries.in_client, category=category, hashes=hashes if asked.text("hash") else None
        )
        return tagged(request, await self._rendered(found))

    async def _page(self, asked: Asked) -> dict[str, Any]:
        limit = min(max(asked.number("limit") or 20, 1), 100)
        page = min(max(asked.number("page") or 1, 1), 1_000_000)
        sort = asked.text("sort_by", "added_on")
        if sort not in SORTS:
            raise Invalid.one("sort_by", "invalid", f"sort_by is one of {', '.join(SORTS)}.")
        word = asked.text("state")
        states = [state.value for state, shown in STATES.items() if word in (shown, state.value)] if word else []
        found, total = await self._rooms.db.read(
            self._rooms.entries.page,
            category=asked.text("category") or None,
            state=states or (["-"] if word else []),
            search=asked.text("search")[:200],
            sort=sort,
            descending=asked.text("sort_order", "desc") != "asc",
            limit=limit,
            offset=(page - 1) * limit,
        )
        pages = -(-total // limit)
        return {
            "torrents": await self._rendered(found),
            "total": total,
            "page": page,
            "limit": limit,
            "total_pages": pages,
            "has_prev": page > 1,
            "has_next": page < pages,
            "categories": list(await self._rooms.labels.categories()),
        }

    async def _rendered(self, entries: list[Entry]) -> list[dict[str, Any]]:
        config = await self._rooms.configs.read()
        details = await self._rooms.db.read(self._rooms.records.details_in, entries)
        return [entry_of(detail, config.mount.mount_path) for detail in details]

    async def one(self, request: Request, caller: Caller) -> Response:
        detail = await self._rooms.records.detail(request.path_params["hash"].lower())
        return json(entry_of(detail, (await self._rooms.configs.read()).mount.mount_path))

    async def delete(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        hashes = [part.lower() for name in ("hash", "hashes") for part in asked.rows(name, ",")]
        category = asked.text("category")
        if not hashes and not category:
            raise Invalid.one("hash", "required", "A hash or a category is missing.")
        found = await self._rooms.db.read(
            self._rooms.entries.in_client, category=category or None, hashes=hashes or None
        )
        return await self._deleted(caller, found, asked)

    async def delete_one(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        found = await self._rooms.db.read(
            self._rooms.entries.in_client,
            category=request.path_params["category"],
            hashes=[request.path_params["hash"].lower()],
        )
        return await self._deleted(caller, found, asked)

    async def _deleted(self, caller: Caller, found: list[Entry], asked: Asked) -> Response:
        if not found:
            raise NotFound("The torrent")
        remote = True if asked.flag("removeFromDebrid") else None
        count = await self._rooms.changes.delete(caller, found, files=True, remote=remote)
        return json({"success": True, "deleted": count})

    async def retry(self, request: Request, caller: Caller) -> Response:
        entry = await self._rooms.changes.require(request.path_params["hash"])
        await self._rooms.changes.retry(caller, [entry])
        return json({"success": True})

    async def switch(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        sent = asked.json if isinstance(asked.json, dict) else {}
        entry = await self._rooms.changes.require(request.path_params["hash"])
        job = await self._rooms.switching.start(
            caller,
            entry,
            target=str(sent.get("target") or asked.text("target")),
            keep_old=bool(sent.get("keep_old", asked.flag("keep_old"))),
        )
        return json(job)

    async def add(self, request: Request, caller: Caller) -> Response:
        asked = await read(request, BODY_BYTES)
        options = _options(asked)
        texts, uploads = _items(asked)
        if not texts and not uploads:
            raise Invalid.one("url", "required", "Nothing to add was sent.")
        if len(texts) + len(uploads) > ITEMS:
            raise Invalid.one("url", "too_many", f"At most {ITEMS} items at once.")
        wanted = await self._wanted(options)
        turns = asyncio.Semaphore(AT_ONCE)
        results = await asyncio.gather(
            *(self._one_text(caller, text, wanted, options, turns) for text in texts),
            *(self._one_file(caller, upload, wanted, options, turns) for upload in uploads),
        )
        return json(results)

    async def _wanted(self, options: Mapping[str, Any]) -> Wanted:
        action = str(options.get("action") or "")
        if action and action not in set(Action):
            raise Invalid.one("action", "invalid", f"An action is one of {', '.join(Action)}.")
        debrid = str(options.get("debrid") or "")
        if debrid and (await self._rooms.configs.read()).named(debrid) is None:
            raise Invalid.one("debrid", "unknown", "There is no such account.")
        tags = options.get("tags")
        uncached = options.get("downloadUncached")
        return Wanted(
            category=str(options.get("arr") or options.get("category") or ""),
            action=Action(action) if action else None,
            tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
            name=str(options.get("name") or ""),
            save_path=str(options.get("downloadFolder") or ""),
            options=Options(
                debrid=debrid,
                download_uncached=None if uncached is None else bool(uncached),
                skip_multi_season=bool(options.get("skipMultiSeason")),
                rm_tracker_urls=bool(options.get("rmTrackerUrls")),
                callback_url=str(options.get("callbackUrl") or "")[:2000],
                password=str(options.get("password") or "")[:200],
            ),
        )

    async def _one_text(
        self, caller: Caller, text: str, wanted: Wanted, options: dict[str, Any], turns: asyncio.Semaphore
    ) -> dict[str, Any]:
        async with turns:
            try:
                found = await self._rooms.adding.resolve(caller, text)
                return await self._added(caller, found, wanted, options, name="")
            except PolycastError as error:
                return request_of(None, link=text[:500], options=options, error=error.message)

    async def _one_file(
        self, caller: Caller, upload: Upload, wanted: Wanted, options: dict[str, Any], turns: asyncio.Semaphore
    ) -> dict[str, Any]:
        async with turns:
            try:
                nzbs = self._rooms.nzbs
                if nzbs is not None and nzbs.looks_like_nzb(upload.content):
                    return await self._added(caller, upload.content, wanted, options, name=upload.filename)
                torrent = await self._rooms.adding.read(upload.content)
                return await self._added(caller, torrent, wanted, options, name="")
            except PolycastError as error:
                return request_of(None, link=upload.filename[:200], options=options, error=error.message)

    async def _added(
        self, caller: Caller, found: Torrent | bytes, wanted: Wanted, options: dict[str, Any], *, name: str
    ) -> dict[str, Any]:
        if isinstance(found, bytes):
            nzbs = self._rooms.nzbs
            if nzbs is None or not nzbs.looks_like_nzb(found):
                raise Invalid.one("url", "unknown", "This is neither a torrent nor an NZB.")
            return request_of(await nzbs.add_nzb(caller, found, name=name, wanted=wanted), link="", options=options)
        added = await self._rooms.adding.add(caller, found, wanted)
        await self._rooms.adding.verdict(added, within=VERDICT_WITHIN)
        detail = await self._rooms.records.detail(added.entry.info_hash)
        return request_of(Added(entry=detail.entry, is_new=added.is_new), link="", options=options)


def _options(asked: Asked) -> dict[str, Any]:
    """The same names in a form and in JSON; in a form, yes and no are words."""
    if isinstance(asked.json, dict):
        return dict(asked.json)
    flags = ("skipMultiSeason", "downloadUncached", "rmTrackerUrls")
    texts = ("arr", "category", "action", "debrid", "downloadFolder", "callbackUrl", "name", "password")
    found: dict[str, Any] = {name: asked.text(name) for name in texts if asked.text(name)}
    found |= {name: asked.flag(name) for name in flags if asked.has(name)}
    if asked.has("tags"):
        found["tags"] = asked.rows("tags", ",")
    return found


def _items(asked: Asked) -> tuple[list[str], list[Upload]]:
    """What is to be added, in the order of the request."""
    if isinstance(asked.json, dict):
        urls = asked.json.get("urls")
        given = [asked.json.get("url"), *(urls if isinstance(urls, list) else [])]
        return [text for text in given if isinstance(text, str) and text.strip()], []
    lines = [line for name in ("url", "urls", "nzbURLs") for text in asked.texts(name) for line in text.splitlines()]
    return [line.strip() for line in lines if line.strip()], asked.all_files()

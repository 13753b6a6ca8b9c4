"""TorBox as a provider."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar

import msgspec

from polycast.acquire.catalogue.model import Status
from polycast.acquire.config.units import Rate
from polycast.acquire.providers.calls import Calls, by_status, retry_after
from polycast.acquire.providers.errors import ProviderError, Trouble
from polycast.acquire.providers.limits import CallClass
from polycast.acquire.providers.model import (
    Abilities,
    Account,
    Cached,
    DirectLink,
    FileAt,
    Probe,
    RemoteFile,
    RemoteItem,
)
from polycast.acquire.providers.torbox import wire
from polycast.core.net import Body, Fetched, Part

T = TypeVar("T")
BASE_URL: Final = "https://api.torbox.app/v1/api"
LIMITS: Final = {CallClass.CREATE: Rate(60, timedelta(hours=1))}
PAGE: Final = 1000
PAGES: Final = 100
CHECKED_AT_ONCE: Final = 100
PLANS: Final = {0: "free", 1: "essential", 2: "pro", 3: "standard"}
SLOTS: Final = {0: 1, 1: 3, 2: 10, 3: 5}
ACTIVE: Final = frozenset({"downloading", "stalled", "metaDL", "checkingResumeData", "queued", "paused"})
TROUBLES: Final[Mapping[str, Trouble]] = {
    **dict.fromkeys(["NO_AUTH", "BAD_TOKEN", "AUTH_ERROR", "PLAN_RESTRICTED_FEATURE"], Trouble.ACCOUNT),
    **dict.fromkeys(["ACTIVE_LIMIT"], Trouble.SLOTS),
    **dict.fromkeys(["MONTHLY_LIMIT", "COOLDOWN_LIMIT", "TOO_MUCH_DATA"], Trouble.TRAFFIC),
    **dict.fromkeys(["LINK_OFFLINE"], Trouble.GONE),
    **dict.fromkeys(["ITEM_NOT_FOUND"], Trouble.NOT_FOUND),
    **dict.fromkeys(
        ["DATABASE_ERROR", "UNKNOWN_ERROR", "NO_SERVERS_AVAILABLE_ERROR", "DOWNLOAD_SERVER_ERROR", "VENDOR_DISABLED"],
        Trouble.RETRY,
    ),
}


def judge(answer: Fetched) -> ProviderError | None:
    plain = by_status("TorBox", answer)
    if plain is not None and plain.trouble is Trouble.BACK_OFF:
        return plain
    try:
        told = msgspec.json.decode(answer.body, type=wire.Envelope[Any], strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return plain
    if told.success or not told.error:
        return plain
    trouble = TROUBLES.get(told.error, Trouble.REFUSED)
    message = told.detail or told.error
    return ProviderError(trouble, f"TorBox: {message}", word=told.error, retry_after=retry_after(answer))


class TorBox:
    """Says what it has cached; its links are asked for once and then kept."""

    abilities = Abilities(can_check_cache=True, takes_nzbs=True)

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def _data(self, method: str, path: str, type: type[T], **options: Any) -> T | None:  # noqa: A002 - msgspec's word
        answer = await self._calls.ask(method, path, **options)
        envelope: wire.Envelope[T] = self._calls.decoded(answer, wire.Envelope[type])  # type: ignore[valid-type]
        return envelope.data

    async def account(self) -> Account:
        user = await self._data("GET", "/user/me", wire.User, params={"settings": "false"}) or wire.User()
        return Account(
            username=user.email,
            email=user.email,
            kind=PLANS.get(user.plan, "free"),
            premium_until=user.premium_expires_at,
            slots_limit=SLOTS.get(user.plan),
            traffic_bytes=user.total_downloaded,
        )

    async def cached(self, hashes: Sequence[str]) -> Cached:
        found: set[str] = set()
        for at in range(0, len(hashes), CHECKED_AT_ONCE):
            params = {"hash": ",".join(hashes[at : at + CHECKED_AT_ONCE]), "format": "list", "list_files": "false"}
            rows = await self._data("GET", "/torrents/checkcached", list[wire.CachedRow], params=params)
            found |= {row.hash.lower() for row in rows or []}
        return {one: one in found for one in hashes}

    async def add_magnet(self, magnet: str) -> RemoteItem | str:
        form: dict[str, str | Part] = {"magnet": magnet, "seed": "3", "allow_zip": "false"}
        return await self._create(form)

    async def add_file(self, content: bytes, name: str) -> RemoteItem | str:
        part = Part(filename=name, data=content, content_type="application/x-bittorrent")
        return await self._create({"file": part, "seed": "3", "allow_zip": "false"})

    async def _create(self, form: dict[str, str | Part]) -> str:
        made = await self._data(
            "POST", "/torrents/createtorrent", wire.Created, body=Body(form=form), kind=CallClass.CREATE
        )
        if made is None or made.torrent_id is None:
            raise ProviderError(Trouble.SLOTS, "TorBox has put it into its own queue.", word="QUEUED")
        return str(made.torrent_id)

    async def select(self, item: RemoteItem, file_ids: Sequence[str]) -> None:
        return

    async def item(self, item_id: str) -> RemoteItem:
        found = await self._data("GET", "/torrents/mylist", wire.Item, params={"id": item_id, "bypass_cache": "true"})
        if found is None:
            raise ProviderError(Trouble.NOT_FOUND, "TorBox does not know this item.", word="ITEM_NOT_FOUND")
        return as_item(found)

    async def items(self) -> AsyncIterator[Sequence[RemoteItem]]:
        for page in range(PAGES):
            params = {"offset": str(page * PAGE), "limit": str(PAGE), "bypass_cache": "true"}
            found = await self._data("GET", "/torrents/mylist", list[wire.Item], params=params)
            if not found:
                return
            yield [as_item(one) for one in found]
            if len(found) < PAGE:
                return

    async def delete(self, item_id: str) -> None:
        body = Body(json={"torrent_id": int(item_id), "operation": "delete", "all": False})
        try:
            await self._calls.ask("POST", "/torrents/controltorrent", body=body)
        except ProviderError as error:
            if error.trouble is not Trouble.NOT_FOUND:
                raise

    async def link(self, file: FileAt, *, key: str, kind: CallClass = CallClass.DOWNLOAD) -> DirectLink:
        params = {"token": key, "torrent_id": file.item_id, "file_id": file.file_id, "zip_link": "false"}
        url = await self._data("GET", "/torrents/requestdl", str, params=params, kind=kind, key=key)
        if not url:
            raise ProviderError(Trouble.GONE, "TorBox gave an empty link.", word="empty_link")
        return DirectLink(url=url, size_bytes=file.size_bytes)

    async def probe(self, file: FileAt) -> Probe:
        item = await self.item(file.item_id)
        return Probe.ALIVE if item.status is Status.DOWNLOADED else Probe.GONE


def as_item(sent: wire.Item) -> RemoteItem:
    """Done is what is finished and present, never what a state word says."""
    done = sent.download_finished and sent.download_present
    words = sent.download_state.split()
    word = words[0] if words else ""
    if done:
        status = Status.DOWNLOADED
    elif word == "metaDL":
        status = Status.WAITING
    elif word == "queued":
        status = Status.QUEUED
    else:
        status = (
            Status.DOWNLOADING
            if word in ACTIVE or not word or word in ("uploading", "completed", "cached")
            else Status.ERROR
        )
    return RemoteItem(
        id=str(sent.id),
        info_hash=sent.hash.lower(),
        name=sent.name,
        size_bytes=sent.size,
        status=status,
        progress=1.0 if done else min(max(sent.progress, 0.0), 1.0),
        speed_bps=sent.download_speed,
        seeders=sent.seeds,
        added_at=sent.created_at,
        files=tuple(
            RemoteFile(id=str(file.id), path=file.name or file.short_name, size_bytes=file.size)
            for file in sent.files or []
            if not file.infected
        ),
        error=sent.download_state if status is Status.ERROR else "",
    )

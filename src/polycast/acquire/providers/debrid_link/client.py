"""Debrid-Link as a provider."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec

from polycast.acquire.catalogue.model import Status
from polycast.acquire.providers.calls import Calls, by_status, retry_after
from polycast.acquire.providers.debrid_link import wire
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
from polycast.core.net import Body, Fetched, Part

T = TypeVar("T")
BASE_URL: Final = "https://debrid-link.com/api/v2"
FLOOD: Final = int(timedelta(hours=1).total_seconds())
PAGES: Final = 500
DONE: Final = 100
TROUBLES: Final[Mapping[str, Trouble]] = {
    **dict.fromkeys(
        [
            "badToken",
            "badSign",
            "hidedToken",
            "access_denied",
            "expired_token",
            "accountLocked",
            "notDebrid",
            "serverNotAllowed",
            "disabledServerHost",
            "maxAttempts",
            "captchaRequired",
        ],
        Trouble.ACCOUNT,
    ),
    **dict.fromkeys(["maxTorrent", "maxTransfer"], Trouble.SLOTS),
    **dict.fromkeys(["maxLink", "maxLinkHost", "maxData", "maxDataHost"], Trouble.TRAFFIC),
    **dict.fromkeys(["fileNotFound", "fileNotAvailable", "badFileUrl"], Trouble.GONE),
    **dict.fromkeys(
        ["server_error", "internalError", "unknowR", "freeServerOverload", "maintenanceHost", "noServerHost"],
        Trouble.RETRY,
    ),
    "badId": Trouble.NOT_FOUND,
    "floodDetected": Trouble.BACK_OFF,
}


def judge(answer: Fetched) -> ProviderError | None:
    plain = by_status("Debrid-Link", answer)
    try:
        told = msgspec.json.decode(answer.body, type=wire.Envelope[Any], strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return plain
    if told.success or not told.error:
        return plain
    trouble = TROUBLES.get(told.error, Trouble.REFUSED)
    wait = FLOOD if told.error == "floodDetected" else retry_after(answer)
    message = told.error_description or told.error
    return ProviderError(trouble, f"Debrid-Link: {message}", word=told.error, retry_after=wait)


class DebridLink:
    """Its files have direct addresses: nothing is to be unlocked."""

    abilities = Abilities(has_direct_links=True)

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def _value(self, method: str, path: str, type: type[T], **options: Any) -> T:  # noqa: A002 - msgspec's word
        answer = await self._calls.ask(method, path, **options)
        envelope: wire.Envelope[T] = self._calls.decoded(answer, wire.Envelope[type])  # type: ignore[valid-type]
        if envelope.value is None:
            raise ProviderError(Trouble.RETRY, "Debrid-Link answered nothing.", word="shape")
        return envelope.value

    async def account(self) -> Account:
        user = await self._value("GET", "/account/infos", wire.User)
        until = datetime.now(UTC) + timedelta(seconds=user.premium_left) if user.premium_left else None
        return Account(
            username=user.username,
            email=user.email,
            kind="premium" if user.premium_left else "free",
            premium_until=until,
            points=user.pts,
        )

    async def cached(self, hashes: Sequence[str]) -> Cached:
        return {}

    async def add_magnet(self, magnet: str) -> RemoteItem | str:
        body = Body(json={"url": magnet, "wait": False, "async": True, "structureType": "list"})
        return as_item(await self._value("POST", "/seedbox/add", wire.Torrent, body=body, kind=CallClass.CREATE))

    async def add_file(self, content: bytes, name: str) -> RemoteItem | str:
        part = Part(filename=name, data=content, content_type="application/x-bittorrent")
        body = Body(form={"file": part, "wait": "false", "async": "true", "structureType": "list"})
        return as_item(await self._value("POST", "/seedbox/add", wire.Torrent, body=body, kind=CallClass.CREATE))

    async def select(self, item: RemoteItem, file_ids: Sequence[str]) -> None:
        return

    async def item(self, item_id: str) -> RemoteItem:
        found = await self._value("GET", "/seedbox/list", list[wire.Torrent], params={"ids": item_id})
        if not found:
            raise ProviderError(Trouble.NOT_FOUND, "Debrid-Link does not know this item.", word="badId")
        return as_item(found[0])

    async def items(self) -> AsyncIterator[Sequence[RemoteItem]]:
        for page in range(PAGES):
            params = {"page": str(page), "perPage": "100"}
            answer = await self._calls.ask("GET", "/seedbox/list", params=params)
            envelope = self._calls.decoded(answer, wire.Envelope[list[wire.Torrent]])
            if not envelope.value:
                return
            yield [as_item(one) for one in envelope.value]
            if envelope.pagination is None or envelope.pagination.next in (-1, page):
                return

    async def delete(self, item_id: str) -> None:
        try:
            await self._calls.ask("DELETE", f"/seedbox/{item_id}/remove")
        except ProviderError as error:
            if error.trouble is not Trouble.NOT_FOUND:
                raise

    async def link(self, file: FileAt, *, key: str, kind: CallClass = CallClass.DOWNLOAD) -> DirectLink:
        item = await self.item(file.item_id)
        found = next((one for one in item.files if one.id == file.file_id), None)
        if found is None or not found.link:
            raise ProviderError(Trouble.GONE, "Debrid-Link has no address for this file.", word="missing_link")
        return DirectLink(url=found.link, size_bytes=found.size_bytes)

    async def probe(self, file: FileAt) -> Probe:
        item = await self.item(file.item_id)
        found = next((one for one in item.files if one.id == file.file_id), None)
        return Probe.ALIVE if found is not None and found.link else Probe.GONE


def as_item(sent: wire.Torrent) -> RemoteItem:
    done = sent.status == DONE or sent.download_percent >= 100
    status = Status.ERROR if sent.error else (Status.DOWNLOADED if done else Status.DOWNLOADING)
    return RemoteItem(
        id=str(sent.id),
        info_hash=sent.hash_string.lower(),
        name=sent.name,
        size_bytes=sent.total_size,
        status=status,
        progress=1.0 if done else min(max(sent.download_percent / 100, 0.0), 1.0),
        speed_bps=sent.download_speed,
        seeders=sent.peers_connected,
        added_at=datetime.fromtimestamp(sent.created, UTC) if 0 < sent.created < 1 << 40 else None,
        files=tuple(
            RemoteFile(id=str(file.id), path=file.name, size_bytes=file.size, link=file.download_url)
            for file in sent.files
        ),
        error=sent.error_string if sent.error else "",
    )

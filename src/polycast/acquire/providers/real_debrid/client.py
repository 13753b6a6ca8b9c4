"""Real-Debrid as a provider."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

import msgspec

from polycast.acquire.catalogue.model import Status
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
from polycast.acquire.providers.real_debrid import wire
from polycast.core.net import Body, Fetched

BASE_URL: Final = "https://api.real-debrid.com/rest/1.0"
PAGE: Final = 2500
PAGES: Final = 100
LINK_KEY: Final = 39  # characters of a link that name the file
STATUSES: Final[Mapping[str, Status]] = {
    "magnet_error": Status.ERROR,
    "magnet_conversion": Status.WAITING,
    "waiting_files_selection": Status.WAITING,
    "queued": Status.QUEUED,
    "downloading": Status.DOWNLOADING,
    "compressing": Status.DOWNLOADING,
    "uploading": Status.DOWNLOADING,
    "downloaded": Status.DOWNLOADED,
    "error": Status.ERROR,
    "virus": Status.ERROR,
    "dead": Status.DEAD,
}
TROUBLES: Final[Mapping[int, Trouble]] = {
    -1: Trouble.RETRY,
    5: Trouble.BACK_OFF,
    6: Trouble.RETRY,
    7: Trouble.NOT_FOUND,
    8: Trouble.ACCOUNT,
    9: Trouble.ACCOUNT,
    10: Trouble.ACCOUNT,
    11: Trouble.ACCOUNT,
    12: Trouble.ACCOUNT,
    13: Trouble.ACCOUNT,
    14: Trouble.ACCOUNT,
    15: Trouble.ACCOUNT,
    17: Trouble.RETRY,
    18: Trouble.TRAFFIC,
    19: Trouble.GONE,
    20: Trouble.ACCOUNT,
    21: Trouble.SLOTS,
    22: Trouble.ACCOUNT,
    23: Trouble.TRAFFIC,
    24: Trouble.GONE,
    25: Trouble.RETRY,
    27: Trouble.RETRY,
    34: Trouble.BACK_OFF,
    36: Trouble.TRAFFIC,
}


def judge(answer: Fetched) -> ProviderError | None:
    """Its numbers decide where there are some; the status where not."""
    plain = by_status("Real-Debrid", answer)
    if plain is None:
        return None
    if answer.status == 509:
        return ProviderError(Trouble.SLOTS, "Real-Debrid has too many active downloads.", word="509")
    try:
        told = msgspec.json.decode(answer.body, type=wire.Failure, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return plain
    if not told.error_code:
        return plain
    trouble = TROUBLES.get(told.error_code, Trouble.REFUSED)
    return ProviderError(
        trouble,
        f"Real-Debrid: {told.error.replace('_', ' ')} ({told.error_code})",
        word=str(told.error_code),
        retry_after=retry_after(answer),
    )


class RealDebrid:
    """Fetches after files have been selected; hands out one link for each, or one for all as a stored archive."""

    abilities = Abilities(needs_selection=True, packs=True)

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def account(self) -> Account:
        user = await self._calls.json("GET", "/user", wire.User)
        active = await self._calls.json("GET", "/torrents/activeCount", wire.ActiveCount)
        return Account(
            username=user.username,
            email=user.email,
            kind=user.type,
            premium_until=user.expiration,
            points=user.points,
            slots_used=active.nb,
            slots_limit=active.limit,
        )

    async def cached(self, hashes: Sequence[str]) -> Cached:
        return {}

    async def add_magnet(self, magnet: str) -> RemoteItem | str:
        body = Body(form={"magnet": magnet})
        added = await self._calls.json("POST", "/torrents/addMagnet", wire.Added, body=body, kind=CallClass.CREATE)
        return str(added.id)

    async def add_file(self, content: bytes, name: str) -> RemoteItem | str:
        body = Body(data=content)
        added = await self._calls.json("PUT", "/torrents/addTorrent", wire.Added, body=body, kind=CallClass.CREATE)
        return str(added.id)

    async def select(self, item: RemoteItem, file_ids: Sequence[str]) -> None:
        everything = len(file_ids) == len(item.files)
        form = {"files": "all" if everything else ",".join(file_ids)}
        await self._calls.ask("POST", f"/torrents/selectFiles/{item.id}", body=Body(form=form))

    async def item(self, item_id: str) -> RemoteItem:
        return as_item(await self._calls.json("GET", f"/torrents/info/{item_id}", wire.Torrent))

    async def items(self) -> AsyncIterator[Sequence[RemoteItem]]:
        for page in range(1, PAGES + 1):
            params = {"limit": str(PAGE), "page": str(page)}
            answer = await self._calls.ask("GET", "/torrents", params=params)
            if answer.status == 204 or not answer.body:
                return
            found = self._calls.decoded(answer, list[wire.Torrent])
            yield [as_item(one) for one in found]
            if len(found) < PAGE:
                return

    async def delete(self, item_id: str) -> None:
        try:
            await self._calls.ask("DELETE", f"/torrents/delete/{item_id}")
        except ProviderError as error:
            if error.trouble is not Trouble.NOT_FOUND:
                raise

    async def link(self, file: FileAt, *, key: str, kind: CallClass = CallClass.DOWNLOAD) -> DirectLink:
        if not file.link:
            raise ProviderError(Trouble.GONE, "Real-Debrid has no link for this file.", word="missing_link")
        body = Body(form={"link": file.link})
        found = await self._calls.json("POST", "/unrestrict/link", wire.Unrestricted, body=body, kind=kind, key=key)
        if not found.download:
            raise ProviderError(Trouble.GONE, "Real-Debrid gave an empty link.", word="empty_link")
        return DirectLink(url=found.download, size_bytes=found.filesize)

    async def probe(self, file: FileAt) -> Probe:
        if not file.link:
            return Probe.GONE
        try:
            await self._calls.ask(
                "POST", "/unrestrict/check", body=Body(form={"link": file.link}), kind=CallClass.REPAIR
            )
        except ProviderError as error:
            return Probe.GONE if error.trouble in (Trouble.GONE, Trouble.NOT_FOUND) else Probe.UNKNOWN
        return Probe.ALIVE


def as_item(sent: wire.Torrent) -> RemoteItem:
    """Links belong to the selected files in the order of ids when there are as many; one for many is an archive."""
    selected = sorted((file for file in sent.files if file.selected), key=lambda file: int(file.id))
    aligned = len(selected) == len(sent.links)
    packed = len(sent.links) == 1 and len(selected) > 1
    by_id = {str(file.id): link for file, link in zip(selected, sent.links, strict=True)} if aligned else {}
    common = sent.links[0][:LINK_KEY] if packed else ""
    files = tuple(
        RemoteFile(
            id=str(file.id),
            path=file.path.lstrip("/"),
            size_bytes=file.bytes,
            link=by_id.get(str(file.id), common if file.selected else "")[:LINK_KEY],
            is_selected=bool(file.selected),
        )
        for file in sent.files
    )
    return RemoteItem(
        id=str(sent.id),
        info_hash=sent.hash.lower(),
        name=sent.filename,
        original_name=sent.original_filename or sent.filename,
        size_bytes=sent.bytes,
        status=STATUSES.get(sent.status, Status.ERROR),
        progress=min(max(sent.progress / 100, 0.0), 1.0),
        speed_bps=sent.speed or 0,
        seeders=sent.seeders or 0,
        added_at=sent.added,
        files=files,
        needs_selection=sent.status == "waiting_files_selection",
        is_packed=packed,
        error=sent.status if STATUSES.get(sent.status) in (Status.ERROR, Status.DEAD) else "",
    )

"""Premiumize as a provider."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from polycast.acquire.catalogue.model import Status
from polycast.acquire.providers.calls import Calls, by_status
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
from polycast.acquire.providers.premiumize import wire
from polycast.acquire.torrents.reading import info_hash
from polycast.core.net import Body, Fetched, Part

BASE_URL: Final = "https://www.premiumize.me/api"
ITEMS: Final = 10_000
DEPTH: Final = 30
ACTIVE: Final = 25
CHECKED_AT_ONCE: Final = 100
LATE: Final = timedelta(seconds=60)  # "finished" may come before the folder has its files
_HASH: Final = re.compile(r"btih:([0-9a-fA-F]{40}|[A-Za-z2-7]{32})")
STATUSES: Final[Mapping[str, Status]] = {
    "waiting": Status.QUEUED,
    "queued": Status.QUEUED,
    "running": Status.DOWNLOADING,
    "finished": Status.DOWNLOADED,
    "seeding": Status.DOWNLOADED,
    "error": Status.ERROR,
    "timeout": Status.DEAD,
    "banned": Status.ERROR,
    "deleted": Status.ERROR,
}
PHRASES: Final = (
    ("not logged in", Trouble.ACCOUNT),
    ("account not premium", Trouble.ACCOUNT),
    ("fair use limit", Trouble.TRAFFIC),
    ("active downloads in progress", Trouble.SLOTS),
    ("not found", Trouble.NOT_FOUND),
    ("try again", Trouble.RETRY),
    ("too many requests", Trouble.BACK_OFF),
)


def judge(answer: Fetched) -> ProviderError | None:
    """It tells failures in sentences."""
    plain = by_status("Premiumize", answer)
    if plain is not None:
        return plain
    try:
        told = msgspec.json.decode(answer.body, type=wire.Head, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return plain
    if told.status != "error":
        return None
    lower = told.message.lower()
    trouble = next((trouble for phrase, trouble in PHRASES if phrase in lower), Trouble.REFUSED)
    return ProviderError(trouble, f"Premiumize: {told.message}", word=str(told.code or trouble.value))


class Premiumize:
    """A cloud of folders; says what it has cached; its files have direct addresses."""

    abilities = Abilities(can_check_cache=True, has_direct_links=True, takes_nzbs=True)

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def account(self) -> Account:
        user = await self._calls.json("GET", "/account/info", wire.User)
        until = user.premium_until
        return Account(
            username=str(user.customer_id),
            kind="premium" if until else "free",
            premium_until=datetime.fromtimestamp(until, UTC) if until else None,
            traffic_bytes=int(user.space_used),
            slots_limit=ACTIVE,
        )

    async def cached(self, hashes: Sequence[str]) -> Cached:
        found: dict[str, bool] = {}
        for at in range(0, len(hashes), CHECKED_AT_ONCE):
            part = hashes[at : at + CHECKED_AT_ONCE]
            query = "&".join(f"items[]={one}" for one in part)
            answer = await self._calls.json("GET", f"/cache/check?{query}", wire.CacheCheck)
            found |= dict(zip(part, answer.response, strict=False))
        return found

    async def add_magnet(self, magnet: str) -> RemoteItem | str:
        body = Body(form={"src": magnet})
        made = await self._calls.json("POST", "/transfer/create", wire.Created, body=body, kind=CallClass.CREATE)
        return str(made.id)

    async def add_file(self, content: bytes, name: str) -> RemoteItem | str:
        body = Body(form={"file": Part(filename=name, data=content, content_type="application/x-bittorrent")})
        made = await self._calls.json("POST", "/transfer/create", wire.Created, body=body, kind=CallClass.CREATE)
        return str(made.id)

    async def select(self, item: RemoteItem, file_ids: Sequence[str]) -> None:
        return

    async def item(self, item_id: str) -> RemoteItem:
        rows = (await self._calls.json("GET", "/transfer/list", wire.Transfers)).transfers
        found = next((row for row in rows if str(row.id) == item_id), None)
        if found is None:
            raise ProviderError(Trouble.NOT_FOUND, "Premiumize does not know this item.", word="not_found")
        item = as_item(found, ())
        if item.status is not Status.DOWNLOADED:
            return item
        files = await self._files(found)
        if not files:  # finished, and its folder is not filled yet
            return as_item(found, (), is_late=True)
        return as_item(found, tuple(files))

    async def _files(self, transfer: wire.Transfer) -> list[RemoteFile]:
        if transfer.file_id is not None:
            item = await self._calls.json("GET", f"/item/details?id={transfer.file_id}", wire.Item)
            return [RemoteFile(id=str(item.id), path=item.name, size_bytes=item.size, link=item.link or "")]
        found: list[RemoteFile] = []
        waiting = [(str(transfer.folder_id), transfer.name, 0)] if transfer.folder_id is not None else []
        while waiting and len(found) < ITEMS:
            folder_id, path, depth = waiting.pop()
            folder = await self._calls.json("GET", f"/folder/list?id={folder_id}", wire.Folder)
            for item in folder.content:
                name = f"{path}/{item.name}"
                if item.type == "folder" and depth < DEPTH:
                    waiting.append((str(item.id), name, depth + 1))
                elif item.type == "file":
                    found.append(RemoteFile(id=str(item.id), path=name, size_bytes=item.size, link=item.link or ""))
        return sorted(found, key=lambda file: file.path)

    async def items(self) -> AsyncIterator[Sequence[RemoteItem]]:
        rows = (await self._calls.json("GET", "/transfer/list", wire.Transfers)).transfers
        yield [as_item(row, ()) for row in rows]

    async def delete(self, item_id: str) -> None:
        try:
            await self._calls.ask("POST", "/transfer/delete", body=Body(form={"id": item_id}))
        except ProviderError as error:
            if error.trouble is not Trouble.NOT_FOUND:
                raise

    async def link(self, file: FileAt, *, key: str, kind: CallClass = CallClass.DOWNLOAD) -> DirectLink:
        item = await self._calls.json("GET", f"/item/details?id={file.file_id}", wire.Item, kind=kind, key=key)
        if not item.link:
            raise ProviderError(Trouble.GONE, "Premiumize has no address for this file.", word="missing_link")
        return DirectLink(url=item.link, size_bytes=item.size)

    async def probe(self, file: FileAt) -> Probe:
        try:
            item = await self._calls.json("GET", f"/item/details?id={file.file_id}", wire.Item, kind=CallClass.REPAIR)
        except ProviderError as error:
            return Probe.GONE if error.trouble is Trouble.NOT_FOUND else Probe.UNKNOWN
        return Probe.ALIVE if item.link else Probe.GONE


def as_item(sent: wire.Transfer, files: tuple[RemoteFile, ...], *, is_late: bool = False) -> RemoteItem:
    status = STATUSES.get(sent.status, Status.ERROR)
    if is_late:
        status = Status.DOWNLOADING
    found = _HASH.search(sent.src or "")
    return RemoteItem(
        id=str(sent.id),
        info_hash=(info_hash(found[1]) or "") if found else "",
        name=sent.name,
        size_bytes=sum(file.size_bytes for file in files),
        status=status,
        progress=1.0 if status is Status.DOWNLOADED else min(max(sent.progress or 0.0, 0.0), 0.99),
        files=files,
        error=sent.message or "" if status in (Status.ERROR, Status.DEAD) else "",
    )

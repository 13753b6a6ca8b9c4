"""AllDebrid as a provider."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec

from polycast.acquire.catalogue.model import Status
from polycast.acquire.config.units import Rate
from polycast.acquire.providers.alldebrid import wire
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
from polycast.core.net import Body, Fetched, Part

T = TypeVar("T")
BASE_URL: Final = "https://api.alldebrid.com/v4"
LIMITS: Final = {CallClass.API: Rate(600, timedelta(minutes=1))}
DELAY_LOOKS: Final = 5
DEPTH: Final = 30
FILES: Final = 10_000
TROUBLES: Final[Mapping[str, Trouble]] = {
    **dict.fromkeys(
        [
            "AUTH_BAD_APIKEY",
            "AUTH_BLOCKED",
            "AUTH_MISSING_APIKEY",
            "AUTH_USER_BANNED",
            "ACCOUNT_INVALID",
            "MUST_BE_PREMIUM",
            "MAGNET_MUST_BE_PREMIUM",
            "FREE_TRIAL_LIMIT_REACHED",
            "NO_SERVER",
            "MAGNET_NO_SERVER",
        ],
        Trouble.ACCOUNT,
    ),
    **dict.fromkeys(["LINK_DOWN", "MAGNET_LINKS_REMOVED"], Trouble.GONE),
    **dict.fromkeys(["MAGNET_TOO_MANY_ACTIVE", "MAGNET_TOO_MANY"], Trouble.SLOTS),
    **dict.fromkeys(["LINK_HOST_LIMIT_REACHED", "LINK_TOO_MANY_DOWNLOADS", "LINK_HOST_FULL"], Trouble.TRAFFIC),
    **dict.fromkeys(
        [
            "LINK_TEMPORARY_UNAVAILABLE",
            "LINK_HOST_UNAVAILABLE",
            "MAINTENANCE",
            "GENERIC",
            "MAGNET_INTERNAL_ERROR",
            "MAGNET_PROCESSING",
            "MAGNET_PROCESSING_COOLDOWN",
            "DOWNLOAD_FAILED",
        ],
        Trouble.RETRY,
    ),
    "MAGNET_INVALID_ID": Trouble.NOT_FOUND,
}
BLOCKED: Final = frozenset({"NO_SERVER", "MAGNET_NO_SERVER"})
DONE: Final = 4


def judge(answer: Fetched) -> ProviderError | None:
    """Its own words decide; it answers 200 to everything."""
    plain = by_status("AllDebrid", answer)
    if plain is not None and answer.status not in (400, 401, 403, 404):
        return plain
    try:
        told = msgspec.json.decode(answer.body, type=wire.Envelope[Any], strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return plain
    if told.error is None or told.status == "success":
        return plain
    return of_word(told.error)


def of_word(failure: wire.Failure) -> ProviderError:
    message = failure.message or failure.code
    if failure.code in BLOCKED:
        message = "AllDebrid does not serve this server's address (data centres are blocked)"
    return ProviderError(
        TROUBLES.get(failure.code, Trouble.REFUSED), f"AllDebrid: {message} ({failure.code})", word=failure.code
    )


class AllDebrid:
    """Fetches everything in a torrent; files are a tree."""

    abilities = Abilities()

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def _data(self, path: str, type: type[T], **options: Any) -> T:  # noqa: A002 - msgspec's word
        answer = await self._calls.ask("POST", path, **options)
        envelope: wire.Envelope[T] = self._calls.decoded(answer, wire.Envelope[type])  # type: ignore[valid-type]
        if envelope.data is None:
            raise ProviderError(Trouble.RETRY, "AllDebrid answered nothing.", word="shape")
        return envelope.data

    async def account(self) -> Account:
        user = (await self._data("/user", wire.UserData)).user
        return Account(
            username=user.username,
            email=user.email,
            kind="premium" if user.is_premium else "free",
            premium_until=_date(user.premium_until),
            points=user.fidelity_points,
        )

    async def cached(self, hashes: Sequence[str]) -> Cached:
        return {}

    async def add_magnet(self, magnet: str) -> RemoteItem | str:
        data = await self._data(
            "/magnet/upload", wire.UploadData, body=Body(form={"magnets[]": magnet}), kind=CallClass.CREATE
        )
        return _uploaded(data.magnets)

    async def add_file(self, content: bytes, name: str) -> RemoteItem | str:
        part = Part(filename=name, data=content, content_type="application/x-bittorrent")
        data = await self._data(
            "/magnet/upload/file", wire.UploadData, body=Body(form={"files[]": part}), kind=CallClass.CREATE
        )
        return _uploaded(data.files)

    async def select(self, item: RemoteItem, file_ids: Sequence[str]) -> None:
        return

    async def item(self, item_id: str) -> RemoteItem:
        found = await self._statuses({"id": item_id})
        if not found:
            raise ProviderError(Trouble.NOT_FOUND, "AllDebrid does not know this item.", word="MAGNET_INVALID_ID")
        magnet = found[0]
        if magnet.status_code != DONE:
            return as_item(magnet, [])
        data = await self._data("/magnet/files", wire.FilesData, body=Body(form={"id[]": item_id}))
        rows = next((one for one in data.magnets if str(one.id) == item_id), None)
        if rows is not None and rows.error is not None:
            raise of_word(rows.error)
        return as_item(magnet, rows.files if rows else [])

    async def _statuses(self, form: Mapping[str, str]) -> list[wire.Magnet]:
        """However it shapes its answer."""
        base = self._calls.access.base_url.rstrip("/")
        url = f"{base.removesuffix('/v4')}/v4.1/magnet/status"
        data = (await self._data(url, wire.StatusData, body=Body(form=dict(form)))).magnets
        rows = data
        if isinstance(data, dict):
            rows = [data] if "statusCode" in data else list(data.values())
        try:
            return msgspec.convert(rows or [], list[wire.Magnet], strict=False)
        except msgspec.ValidationError as error:
            raise ProviderError(Trouble.RETRY, "AllDebrid answered something strange.", word="shape") from error

    async def items(self) -> AsyncIterator[Sequence[RemoteItem]]:
        yield [as_item(magnet, magnet.files) for magnet in await self._statuses({})]

    async def delete(self, item_id: str) -> None:
        try:
            await self._calls.ask("POST", "/magnet/delete", body=Body(form={"id": item_id}))
        except ProviderError as error:
            if error.trouble is not Trouble.NOT_FOUND:
                raise

    async def link(self, file: FileAt, *, key: str, kind: CallClass = CallClass.DOWNLOAD) -> DirectLink:
        if not file.link:
            raise ProviderError(Trouble.GONE, "AllDebrid has no link for this file.", word="missing_link")
        found = await self._data("/link/unlock", wire.Unlocked, body=Body(form={"link": file.link}), kind=kind, key=key)
        link = found.link
        for _ in range(DELAY_LOOKS if found.delayed and not link else 0):
            form = {"id": str(found.delayed)}
            later = await self._data("/link/delayed", wire.Delayed, body=Body(form=form), kind=kind, key=key)
            if later.status == 3:
                raise ProviderError(Trouble.RETRY, "AllDebrid could not make the link.", word="delayed")
            if later.status == 2 and later.link:
                link = later.link
                break
        if not link:
            raise ProviderError(Trouble.GONE, "AllDebrid gave an empty link.", word="empty_link")
        return DirectLink(url=link, size_bytes=found.filesize)

    async def probe(self, file: FileAt) -> Probe:
        if not file.link:
            return Probe.GONE
        body = Body(form={"link[]": file.link})
        data = await self._data("/link/infos", wire.InfoData, body=body, kind=CallClass.REPAIR)
        failure = data.infos[0].error if data.infos else None
        if failure is None:
            return Probe.ALIVE if data.infos else Probe.UNKNOWN
        return Probe.GONE if of_word(failure).trouble is Trouble.GONE else Probe.UNKNOWN


def _uploaded(rows: Sequence[wire.Uploaded]) -> str:
    if not rows:
        raise ProviderError(Trouble.RETRY, "AllDebrid answered nothing.", word="shape")
    if rows[0].error is not None:
        raise of_word(rows[0].error)
    return str(rows[0].id)


def as_item(sent: wire.Magnet, nodes: Sequence[wire.Node]) -> RemoteItem:
    status = Status.DOWNLOADED if sent.status_code == DONE else Status.DOWNLOADING
    if sent.status_code > DONE:
        status = Status.ERROR
    elif sent.status_code == 0:
        status = Status.QUEUED
    files = tuple(
        RemoteFile(id=str(number), path=path, size_bytes=node.s, link=node.l)
        for number, (path, node) in enumerate(_walk(nodes, "", 0), 1)
    )
    return RemoteItem(
        id=str(sent.id),
        info_hash=sent.hash.lower(),
        name=sent.filename,
        size_bytes=sent.size,
        status=status,
        progress=1.0 if status is Status.DOWNLOADED else min(sent.downloaded / sent.size, 1.0) if sent.size else 0.0,
        speed_bps=sent.download_speed,
        seeders=sent.seeders,
        added_at=_date(sent.upload_date),
        files=files[:FILES],
        error=sent.status if status is Status.ERROR else "",
    )


def _walk(nodes: Sequence[wire.Node], above: str, depth: int) -> Iterator[tuple[str, wire.Node]]:
    if depth > DEPTH:
        return
    for node in nodes:
        path = f"{above}/{node.n}" if above else node.n
        if node.e:
            yield from _walk(node.e, path, depth + 1)
        elif node.l:
            yield path, node


def _date(stamp: int) -> datetime | None:
    return datetime.fromtimestamp(stamp, UTC) if 0 < stamp < 1 << 40 else None

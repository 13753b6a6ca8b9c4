"""An item whose files the provider has put into one stored archive: each of them is a stretch of it. Source: acquire.md 5.5."""

from typing import Final

from polycast.acquire.archives.model import Unmappable
from polycast.acquire.archives.rar import map_rar
from polycast.acquire.catalogue.model import NewFile, Status
from polycast.acquire.config.model import Config
from polycast.acquire.providers.accounts import Accounts, Live
from polycast.acquire.providers.errors import ProviderError, Trouble
from polycast.acquire.providers.limits import CallClass
from polycast.acquire.providers.model import DirectLink, FileAt, RemoteItem
from polycast.acquire.transfers.selection import is_wanted
from polycast.core.net import API, Outbound
from polycast.core.net.errors import BadAnswer, Forbidden, Unreachable

MOST_AT_ONCE: Final = 4 * 1024 * 1024  # bytes of headers in one read


class Packs:
    """Files of items, looked for inside the archive where there is one."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def files(self, live: Live, item: RemoteItem, config: Config) -> list[NewFile]:
        """The wanted files by path; the archive itself where its members cannot be read in it. Raises: ProviderError."""
        if not item.is_packed or item.status is not Status.DOWNLOADED:
            return wanted_files(item, config)
        whole, members = await self._looked(live, item)
        if not members:
            return [whole]
        return sorted((one for one in members if is_wanted(one.path, one.size_bytes, config)), key=lambda one: one.path)

    async def is_closed(self, live: Live, item: RemoteItem) -> bool:
        """Whether its files cannot be read where they are. Raises: ProviderError."""
        return item.is_packed and item.status is Status.DOWNLOADED and not (await self._looked(live, item))[1]

    async def _looked(self, live: Live, item: RemoteItem) -> tuple[NewFile, list[NewFile]]:
        first = next(file for file in item.files if file.link)
        at = FileAt(item_id=item.id, file_id=first.id, link=first.link, path=first.path, size_bytes=0)
        link = await live.provider.link(at, key=live.access.download_keys[0], kind=CallClass.DOWNLOAD)
        name = f"{item.name.removesuffix('.rar')}.rar"
        whole = NewFile(path=name, size_bytes=link.size_bytes, remote_id=first.id, link=first.link)
        volume = Remote(name, link, self._accounts.stream_client(live, link.url))
        try:
            stored = await map_rar([volume], "")
        except Unmappable:
            return whole, []
        if any(one.cipher is not None or len(one.extents) != 1 for one in stored):
            return whole, []
        return whole, [
            NewFile(
                path=one.name,
                size_bytes=one.size_bytes,
                remote_id=first.id,
                link=first.link,
                range_start=one.extents[0].start,
            )
            for one in stored
        ]


class Remote:
    """A file at a provider, read here and there."""

    def __init__(self, name: str, link: DirectLink, net: Outbound) -> None:
        self.name = name
        self.size_bytes = link.size_bytes
        self._url = link.url
        self._net = net

    async def read_at(self, offset: int, length: int) -> bytes:
        """Fewer bytes only at the end. Raises: ProviderError."""
        end = min(offset + min(length, MOST_AT_ONCE), self.size_bytes)
        if end <= offset:
            return b""
        headers = {"Range": f"bytes={offset}-{end - 1}", "Accept-Encoding": "identity"}
        try:
            answer = await self._net.fetch(self._url, headers=headers, limits=API)
        except (Unreachable, BadAnswer, Forbidden) as error:
            raise ProviderError(Trouble.RETRY, error.message, word="files") from error
        if answer.status != 206 or len(answer.body) != end - offset:
            raise ProviderError(Trouble.RETRY, f"The file server answered {answer.status}.", word="files")
        return answer.body


def wanted_files(item: RemoteItem, config: Config) -> list[NewFile]:
    """The selected files that are wanted, by path."""
    found = [
        NewFile(path=file.path, size_bytes=file.size_bytes, remote_id=file.id, link=file.link)
        for file in item.files
        if file.is_selected and is_wanted(file.path, file.size_bytes, config)
    ]
    return sorted(found, key=lambda file: file.path)

"""What every provider can do, whatever its API looks like."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from polycast.acquire.providers.limits import CallClass
from polycast.acquire.providers.model import Abilities, Account, Cached, DirectLink, FileAt, Probe, RemoteItem


class Provider(Protocol):
    """An account at a service that fetches torrents on its own machines.

    All methods raise ProviderError with what follows from it.
    """

    abilities: Abilities

    async def account(self) -> Account:
        """Who we are there. Costs a call or two."""
        ...

    async def cached(self, hashes: Sequence[str]) -> Cached:
        """Which of the hashes need no fetching; empty where that cannot be asked."""
        ...

    async def add_magnet(self, magnet: str) -> RemoteItem | str:
        """Ask for a torrent; its id, or the item when the answer says that much."""
        ...

    async def add_file(self, content: bytes, name: str) -> RemoteItem | str:
        """The same with a torrent file."""
        ...

    async def select(self, item: RemoteItem, file_ids: Sequence[str]) -> None:
        """Choose what is fetched; nothing where all is."""
        ...

    async def item(self, item_id: str) -> RemoteItem:
        """An item with its files."""
        ...

    def items(self) -> AsyncIterator[Sequence[RemoteItem]]:
        """Everything the account holds, page by page, without files."""
        ...

    async def delete(self, item_id: str) -> None:
        """Drop an item; nothing happens when it is gone."""
        ...

    async def link(self, file: FileAt, *, key: str, kind: CallClass = CallClass.DOWNLOAD) -> DirectLink:
        """Where a file's bytes are, asked for with the download key `key`."""
        ...

    async def probe(self, file: FileAt) -> Probe:
        """Whether a file is still there, as cheaply as it can be asked."""
        ...

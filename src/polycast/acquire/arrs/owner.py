"""What an Arr wants of its category, is told of its entries, and can see of them."""

from typing import ClassVar

from msgspec import Struct

from polycast.acquire.arrs.service import Arrs
from polycast.acquire.catalogue.model import Action, Detail, Entry
from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.jobs import Run
from polycast.core.storage import Database, Unit


class RefreshArr(Struct, frozen=True):
    """Payload: the Arr of this category looks at its downloads now."""

    category: str


class PushFailure(Struct, frozen=True):
    """Payload: tell an Arr that a download has failed for good, so that it searches again."""

    category: str
    info_hash: str
    why: str


class Report(Struct, frozen=True):
    """Payload: tell people or programs what became of an entry."""

    event: str
    info_hash: str
    title: str
    category: str
    path: str
    provider: str
    error: str
    callback_url: str


class ArrOwner:
    """Implements what the queue and the local actions ask of whoever wanted an entry."""

    QUIET: ClassVar[int] = 2  # seconds in which several arrivals are one look

    def __init__(self, *, arrs: Arrs, db: Database, clock: Clock) -> None:
        self._arrs = arrs
        self._db = db
        self._clock = clock

    async def download_uncached(self, category: str) -> bool | None:
        arr = await self._arrs.of_category(category)
        return None if arr is None else arr.download_uncached

    async def selected_debrid(self, category: str) -> str:
        arr = await self._arrs.of_category(category)
        return "" if arr is None else arr.selected_debrid

    async def arrived(self, entry: Entry) -> None:
        await self._db.write(self._tell, entry, "download_complete", "")

    async def failed(self, entry: Entry, why: str) -> None:
        await self._db.write(self._tell, entry, "download_failed", why)

    def _tell(self, unit: Unit, entry: Entry, event: str, why: str) -> None:
        if entry.category and not why:
            unit.enqueue("acquire.refresh_arr", RefreshArr(entry.category))
        if entry.category and why:
            unit.enqueue("acquire.push_failure", PushFailure(entry.category, entry.info_hash, why[:500]))
        unit.enqueue(
            "acquire.report",
            Report(
                event=event,
                info_hash=entry.info_hash,
                title=entry.name,
                category=entry.category,
                path=entry.content_path,
                provider=entry.active_provider,
                error=why[:500],
                callback_url=entry.options.callback_url,
            ),
        )

    async def refresh(self, payload: RefreshArr, run: Run) -> None:
        """The job `acquire.refresh_arr`."""
        arr = await self._arrs.of_category(payload.category)
        if arr is not None:
            await self._arrs.client(arr).refresh()

    async def blind(self, detail: Detail) -> str:
        """Whether the Arr of this category finds a media file in the entry's folder. Nobody to ask: nothing to say.

        An Arr that does not answer is no reason to hold anything back: it will ask for itself.
        """
        entry = detail.entry
        arr = await self._arrs.of_category(entry.category)
        if arr is None or entry.action is Action.NONE:
            return ""
        client = self._arrs.client(arr)
        path = entry.content_path
        try:
            for mapping in await client.mappings():
                if path.startswith(mapping.remote_path):
                    path = mapping.local_path + path.removeprefix(mapping.remote_path)
                    break
            seen = await client.sees(path)
        except PolycastError:
            return ""
        if seen:
            return ""
        return (
            f"{arr.name} cannot see {path}: the folder or the mount is missing where it runs, it may not read it, "
            "or a remote path mapping is needed"
        )

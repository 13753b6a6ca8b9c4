"""An NZB that somebody has added becomes files: the news servers' part of the queue."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Final, Protocol

from polycast.acquire.catalogue.model import Entry, NewFile, State, Status
from polycast.acquire.config.model import Config
from polycast.acquire.config.service import Configs
from polycast.acquire.config.units import span
from polycast.acquire.providers.model import RemoteItem
from polycast.acquire.transfers.selection import is_wanted
from polycast.acquire.transfers.submitting import Refused
from polycast.acquire.usenet.availability import require_available
from polycast.acquire.usenet.mapping import Mapper, Post
from polycast.acquire.usenet.model import Nzb, Reason, RefusedPost
from polycast.acquire.usenet.nzb import read_nzb
from polycast.acquire.usenet.service import NAME, News
from polycast.acquire.usenet.store import PostStore
from polycast.core.errors import Unavailable
from polycast.core.files import Damaged, open_compressed
from polycast.core.storage import Database

PIECE: Final = 256 * 1024
LONGEST: Final = timedelta(minutes=10)


class Taking(Protocol):
    """The rows of entries."""

    async def torrent(self, entry: Entry) -> bytes | None: ...

    async def taken(
        self, entry: Entry, provider: str, item: RemoteItem, files: list[NewFile], *, state: State
    ) -> None: ...


class NzbImport:
    """Looks at a post and writes down where its files lie."""

    def __init__(self, *, configs: Configs, news: News, records: Taking, db: Database, store: PostStore) -> None:
        self._configs = configs
        self._news = news
        self._records = records
        self._db = db
        self._store = store

    async def take(self, entry: Entry) -> Refused | None:
        """None when its files can be read now."""
        config = await self._configs.read()
        content = await self._records.torrent(entry)
        if content is None:
            return Refused(why="the NZB file is gone", code=Reason.INVALID.value, is_final=True)
        limit = span(config.usenet.processing_timeout, path="processing_timeout") or LONGEST
        try:
            async with asyncio.timeout(limit.total_seconds()):
                nzb = await asyncio.to_thread(parse, content, entry)
                post = await self._mapped(nzb, config)
        except RefusedPost as error:
            return Refused(why=error.message, code=error.reason.value, is_final=True)
        except TimeoutError:
            return Refused(why="looking at the post took too long", code="timeout", is_final=True)
        except Unavailable as error:
            return Refused(why=error.message, code="provider_unreachable", is_final=False)
        await self._db.write(self._store.put, entry.id, post)
        files = [NewFile(path=member.name, size_bytes=member.size_bytes) for member in post.members]
        item = RemoteItem(
            id=entry.info_hash,
            info_hash=entry.info_hash,
            name=nzb.name,
            size_bytes=sum(file.size_bytes for file in files),
            status=Status.DOWNLOADED,
            progress=1.0,
        )
        await self._records.taken(entry, NAME, item, files, state=State.MOVING)
        return None

    async def _mapped(self, nzb: Nzb, config: Config) -> Post:
        pool = await self._news.pool()
        if not pool.servers:
            raise Unavailable("There is no news server.")
        await require_available(nzb, pool, percent=config.usenet.import_availability_sample_percent)
        at_once = config.usenet.processing_max_connections or pool.room
        mapper = Mapper(pool, self._news.segments, at_once=at_once)
        return await mapper.map(nzb, is_wanted=lambda path, size_bytes: is_wanted(path, size_bytes, config))


def parse(content: bytes, entry: Entry) -> Nzb:
    """Blocking. Raises: RefusedPost; TooLarge."""
    return read_nzb(pieces_of(content), file_name=entry.original_name or entry.name, password=entry.options.password)


def pieces_of(content: bytes) -> Iterator[bytes]:
    """The plain document, packed or not. Raises: RefusedPost."""
    try:
        with open_compressed(BytesIO(content)) as plain:
            while piece := plain.read(PIECE):
                yield piece
    except Damaged as error:
        raise RefusedPost(Reason.INVALID, "the packed NZB file is damaged") from error

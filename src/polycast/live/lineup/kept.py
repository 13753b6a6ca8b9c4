"""Lists of channels as they were answered, good for as long as nothing they are made of has changed."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

from polycast.core.storage import Database
from polycast.live.lineup.model import ChannelQuery
from polycast.live.lineup.store_versions import VersionStore

MOST_BYTES: Final = 16 * 1024 * 1024
LONGEST_BYTES: Final = 4 * 1024 * 1024  # of one answer
SELF_CONTAINED: Final = ("number", "name")  # orders that look at channels alone


def depends_on_channels_only(query: ChannelQuery) -> bool:
    """Whether the line-up's version tells of every change of what `query` finds: names of groups and guides it does not."""
    return (
        query.order.lstrip("-") in SELF_CONTAINED
        and not query.search
        and not query.groups
        and not query.guide_sources
        and not query.only_stale
    )


class Versions:
    """The line-up's version, read once for all who ask at the same time.

    Whoever asks gets the version of a moment after they asked: what was acknowledged before is in it.
    """

    def __init__(self, *, db: Database, store: VersionStore) -> None:
        self._db = db
        self._store = store
        self._reading = asyncio.Lock()
        self._asked = 0
        self._answered = 0  # the last question that `_version` is an answer to
        self._version = 0

    async def now(self) -> int:
        self._asked += 1
        mine = self._asked
        async with self._reading:
            if self._answered < mine:
                asked = self._asked
                self._version = await self._db.read(self._store.current)
                self._answered = asked
            return self._version


class KeptAnswers:
    """Finished answers of one version of the line-up; the longest unused make room."""

    def __init__(self) -> None:
        self._version = 0
        self._bytes = 0
        self._bodies: OrderedDict[Hashable, bytes] = OrderedDict()

    def get(self, version: int, key: Hashable) -> bytes | None:
        """What was answered to `key`; None when the line-up is another one now."""
        if version != self._version:
            self._bodies.clear()
            self._version, self._bytes = version, 0
        found = self._bodies.get(key)
        if found is not None:
            self._bodies.move_to_end(key)
        return found

    def put(self, version: int, key: Hashable, body: bytes) -> None:
        """Keep an answer that was read after `version` was."""
        if version != self._version or len(body) > LONGEST_BYTES or key in self._bodies:
            return
        self._bodies[key] = body
        self._bytes += len(body)
        while self._bytes > MOST_BYTES:
            self._bytes -= len(self._bodies.popitem(last=False)[1])

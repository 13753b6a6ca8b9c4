"""The guide room, as the outputs read it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from polycast.core.storage import Database, Unit
from polycast.live.guide.dummies import Dummies
from polycast.live.guide.store_guided import GuidedStore
from polycast.live.guide.store_pages import PageStore
from polycast.live.lineup.model import EVERYTHING
from polycast.live.outputs.ports import Shown

PATTERNS: Final = "dummy"  # the kind of a source whose programmes are made up
_NOTHING: Final = b"\xc0"


class Sleeping(Struct, array_like=True, gc=False):
    """A programme of a page (`guide/model.py` Airing) whose extras stay packed until they are looked at.

    A guide of a week holds a million lists and dicts; unpacked together they would keep the collector busy for a
    third of the time.
    """

    start: int
    end: int
    title: str
    sub_title: str = ""
    description: str = ""
    packed: Raw = Raw(_NOTHING)

    @property
    def extras(self) -> Mapping[str, Any] | None:
        """Made anew at each look."""
        found: Mapping[str, Any] | None = _EXTRAS.decode(self.packed)
        return found


_PAGE: Final = msgspec.msgpack.Decoder(list[Sleeping])
_EXTRAS: Final = msgspec.msgpack.Decoder(dict[str, Any] | None)


class GuideBook:
    """Programmes of channels, unpacked in a reader thread."""

    def __init__(self, *, db: Database, pages: PageStore, guided: GuidedStore, dummies: Dummies) -> None:
        self._db = db
        self._pages = pages
        self._guided = guided
        self._dummies = dummies

    async def of(
        self, channel_ids: Sequence[int], *, since: int, until: int | None, made_up_until: int
    ) -> Mapping[int, Sequence[Shown]]:
        """By channel id, as `ports.Guide` says."""
        return await self._db.read(self._of, channel_ids, since, until, made_up_until)

    def _of(
        self, unit: Unit, channel_ids: Sequence[int], since: int, until: int | None, made_up_until: int
    ) -> Mapping[int, Sequence[Shown]]:
        channels = self._guided.all(unit, EVERYTHING, ids=channel_ids)
        made_up = [one for one in channels if one.guide_channel_id is None or one.source_type == PATTERNS]
        real = {one.id: one.guide_channel_id for one in channels if one.guide_channel_id is not None}
        for one in made_up:
            real.pop(one.id, None)
        stored = self._stored(unit, sorted(set(real.values())), since, until)
        found: dict[int, Sequence[Shown]] = {
            channel_id: stored[guide_id] for channel_id, guide_id in real.items() if guide_id in stored
        }
        for channel_id, programmes in self._dummies.of(unit, made_up, since, made_up_until).items():
            found[channel_id] = [programme.airing for programme in programmes]
        return found

    def _stored(
        self, unit: Unit, guide_channel_ids: Sequence[int], since: int, until: int | None
    ) -> Mapping[int, Sequence[Shown]]:
        """By guide channel."""
        found: dict[int, list[Sleeping]] = {}
        for guide_channel_id, body in self._pages.window(unit, guide_channel_ids, since, until):
            some = _PAGE.decode(body)
            if some[0].start < since or (until is not None and some[-1].start >= until):
                some = [one for one in some if one.end > since and (until is None or one.start < until)]
            if some:
                found.setdefault(guide_channel_id, []).extend(some)
        return found

"""Channels made from streams: one at once, or many in a job."""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.jobs.model import Run
from polycast.core.storage import Database, Unit, fold
from polycast.live.lineup.model import Channel, ChannelNew
from polycast.live.lineup.numbers import WHOLE, first_free
from polycast.live.lineup.store_links import StreamFacts
from polycast.live.lineup.store_logos import LogoStore
from polycast.live.lineup.writing import ChannelWriter

LOWEST: Final = 0  # as a wanted number: the lowest free one
HIGHEST: Final = -1  # the one above all others
PART: Final = 20  # channels made in one unit: others write in between
JOB: Final = "live.create_channels"


class FromStream(Struct, frozen=True, kw_only=True):
    """What a channel made from a stream is to be. `number` in thousandths, or LOWEST, HIGHEST; None: the provider's."""

    stream_id: int
    number: int | None = None
    name: str = ""
    profile_ids: Sequence[int] | None = None


class CreateChannels(Struct, frozen=True, kw_only=True):
    """Payload of `live.create_channels`: `start` in thousandths, LOWEST, or None for the provider's numbers."""

    stream_ids: list[int]
    profile_ids: list[int] | None = None
    start: int | None = None


class Made(Struct, frozen=True):
    """How many streams of the payload are done."""

    done: int


class StreamChannels:
    """Turns streams into channels."""

    def __init__(self, *, db: Database, writer: ChannelWriter, logos: LogoStore, clock: Clock) -> None:
        self._db = db
        self._writer = writer
        self._logos = logos
        self._clock = clock

    async def create(self, caller: Caller, asked: FromStream) -> Channel:
        """A channel with this stream. A number in use gives the next free one. Raises: NotAllowed, NotFound; Invalid."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._create, asked)

    async def start(self, caller: Caller, asked: CreateChannels) -> int:
        """Queue the making of many channels, in the order of their streams; the job. Raises: NotAllowed; Invalid."""
        caller.require(Scope.LIVE_ADMIN)
        if not asked.stream_ids:
            raise Invalid([Problem("stream_ids", "required")])
        return await self._db.write(self._start, asked, caller.user_id)

    async def run(self, payload: CreateChannels, run: Run) -> None:
        """The job. It goes on from where an earlier attempt was."""
        done = msgspec.json.decode(run.saved, type=Made).done if run.saved else 0
        total = len(payload.stream_ids)
        start = payload.start
        made: list[int] = []
        try:
            while done < total:
                run.check()
                part = payload.stream_ids[done : done + PART]
                # A list from number n on: each part begins where free numbers begin, as the earlier ones are taken.
                made += await self._db.write(self._many, part, start, payload.profile_ids)
                done += len(part)
                await run.checkpoint(Made(done))
                await run.progress(done, total, f"{done} of {total} channels")
        finally:
            if made:
                await self._db.write(self._writer.tell, len(made), made)

    def _start(self, unit: Unit, asked: CreateChannels, by: int | None) -> int:
        self._writer.require_profiles(unit, asked.profile_ids)
        return unit.enqueue(JOB, asked, by=by)

    def _create(self, unit: Unit, asked: FromStream) -> Channel:
        if asked.stream_id not in self._writer.links.streams(unit, [asked.stream_id]):
            raise NotFound("The stream")
        return self._writer.created(unit, self._make(unit, [asked])[0])

    def _many(
        self, unit: Unit, stream_ids: Sequence[int], start: int | None, profile_ids: Sequence[int] | None
    ) -> list[int]:
        asked = [FromStream(stream_id=one, number=start, profile_ids=profile_ids) for one in stream_ids]
        made = self._make(unit, asked)
        self._writer.index(unit, made)
        return made

    def _make(self, unit: Unit, asked: Sequence[FromStream]) -> list[int]:
        """Channels for streams that exist; their ids."""
        facts = self._writer.links.streams(unit, [one.stream_id for one in asked])
        present = [one for one in asked if one.stream_id in facts]
        logos = self._logos.ensure(unit, {f.logo_url: f.name for f in facts.values() if f.logo_url}, self._clock.now())
        guides = self._writer.links.guides_by_tvg(unit, [f.tvg_id for f in facts.values()])
        used = self._writer.store.numbers(unit)
        made = []
        for one in present:
            stream = facts[one.stream_id]
            new = ChannelNew(
                name=one.name or stream.name,
                number=_number(one.number, stream, used),
                group_id=stream.group_id,
                logo_id=logos.get(stream.logo_url),
                tvg_id=stream.tvg_id,
                tvc_guide_stationid=stream.stationid,
                guide_channel_id=guides.get(fold(stream.tvg_id)) if stream.tvg_id else None,
                is_adult=stream.is_adult,
                stream_ids=[stream.id],
                profile_ids=one.profile_ids,
            )
            made.append(self._writer.create(unit, new, used=used))
        return made


def _number(wanted: int | None, stream: StreamFacts, used: set[int]) -> int:
    if wanted == HIGHEST:
        return max(used, default=0) // WHOLE * WHOLE + WHOLE
    number = stream.number if wanted is None else wanted
    if not number:
        return first_free(used) or WHOLE
    return number if number not in used else first_free(used, number) or number

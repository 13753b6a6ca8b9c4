"""Names, tvg-ids and logos taken from the guide channels that channels have."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.jobs.model import Run
from polycast.core.storage import Database, Unit
from polycast.live.lineup.channels import as_override
from polycast.live.lineup.model import Channel, ChannelPatch, ChannelQuery, Visibility
from polycast.live.lineup.store_links import GuideFacts
from polycast.live.lineup.store_logos import LogoStore
from polycast.live.lineup.writing import ChannelWriter

PART: Final = 50  # channels written in one unit
JOB: Final = "live.take_from_guide"
NAME_LIMIT: Final = 512


class Taken(StrEnum):
    """What a channel takes over."""

    NAME = "name"
    TVG_ID = "tvg_id"
    LOGO = "logo"


class TakeFromGuide(Struct, frozen=True, kw_only=True):
    """Payload of `live.take_from_guide`: these channels, or (none named) every one that has a guide."""

    what: Taken
    channel_ids: list[int] = []
    source_id: int | None = None  # channels whose guide comes from this source


class GuideFields:
    """Gives channels what their guides say of them. Of an auto-created channel it is the override that is written."""

    def __init__(self, *, db: Database, writer: ChannelWriter, logos: LogoStore, clock: Clock) -> None:
        self._db = db
        self._writer = writer
        self._logos = logos
        self._clock = clock

    async def start(self, caller: Caller, asked: TakeFromGuide) -> tuple[int, int]:
        """Queue it; the job, and how many channels it looks at. Raises: NotAllowed."""
        caller.require(Scope.LIVE_ADMIN)
        count = len(await self._db.read(self._chosen, asked))
        job_id = await self._db.write(lambda unit: unit.enqueue(JOB, asked, by=caller.user_id))
        return job_id, count

    async def run(self, payload: TakeFromGuide, run: Run) -> None:
        """The job. Running it again changes nothing."""
        ids = await self._db.read(self._chosen, payload)
        changed: list[int] = []
        try:
            for at in range(0, len(ids), PART):
                run.check()
                changed += await self._db.write(self._take, payload.what, ids[at : at + PART])
                done = min(at + PART, len(ids))
                await run.progress(done, len(ids), f"{len(changed)} channels changed")
        finally:
            if changed:
                await self._db.write(self._writer.tell, len(changed), changed)

    def _chosen(self, unit: Unit, asked: TakeFromGuide) -> Sequence[int]:
        if asked.source_id is not None:
            return self._writer.links.guided(unit, asked.source_id)
        if asked.channel_ids:
            return list(dict.fromkeys(asked.channel_ids))
        return self._writer.store.ids(unit, ChannelQuery(visibility=Visibility.ALL))

    def _take(self, unit: Unit, what: Taken, channel_ids: Sequence[int]) -> list[int]:
        found = self._writer.store.by_ids(unit, channel_ids)
        guides = self._writer.links.guides(unit, [c.effective.guide_channel_id or 0 for c in found])
        logos: dict[str, int] = {}
        if what is Taken.LOGO:
            wanted = {guide.icon_url: guide.name for guide in guides.values() if guide.icon_url}
            logos = self._logos.ensure(unit, wanted, self._clock.now())
        done = []
        for channel in found:
            guide = guides.get(channel.effective.guide_channel_id or 0)
            fields = {} if guide is None else _fields(what, channel, guide, logos)
            if fields:
                patch = ChannelPatch(**fields)
                self._writer.apply(unit, channel, as_override(channel, patch) if channel.auto_created else patch)
                done.append(channel.id)
        self._writer.index(unit, done)
        return done


def _fields(what: Taken, channel: Channel, guide: GuideFacts, logos: dict[str, int]) -> dict[str, Any]:
    """What differs from what counts now."""
    now = channel.effective
    if what is Taken.NAME:
        name = guide.name[:NAME_LIMIT].strip()
        return {"name": name} if name and name != now.name else {}
    if what is Taken.TVG_ID:
        return {"tvg_id": guide.tvg_id} if guide.tvg_id and guide.tvg_id != now.tvg_id else {}
    logo_id = logos.get(guide.icon_url)
    return {"logo_id": logo_id} if logo_id is not None and logo_id != now.logo_id else {}

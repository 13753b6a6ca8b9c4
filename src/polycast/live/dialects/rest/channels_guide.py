"""Channels and their guides at `/api/channels/channels/`. Source: `specs/live.md` 3.2."""

from typing import Any, Final

from msgspec import Struct

from polycast.core.errors import NotFound
from polycast.core.http import Docs, Route, post
from polycast.core.identity.caller import Caller
from polycast.live.dialects.rest import channels_wire as wire
from polycast.live.dialects.rest.channels_wire import worded
from polycast.live.dialects.rest.errors import Refused
from polycast.live.dialects.rest.levels import WRITE
from polycast.live.lineup.edits import GuideChoice
from polycast.live.lineup.from_guide import TakeFromGuide, Taken
from polycast.live.lineup.room import LineUp

TAGS: Final = Docs(tags=["channels"])
BULK_LIMIT: Final = 16 * 1024 * 1024  # bytes


class GuideSent(Struct, frozen=True, kw_only=True):
    """The guide channel that a channel is to have; null, "" or 0 for none."""

    epg_data_id: int | str | None = None


class GuideSet(Struct, frozen=True, kw_only=True):
    """The channel as it is now."""

    message: str
    channel: wire.Channel
    task_status: str


class Association(Struct, frozen=True, kw_only=True):
    """A channel and its guide channel."""

    channel_id: int
    epg_data_id: int | None = None


class Associations(Struct, frozen=True, kw_only=True):
    """Channels and their guide channels."""

    associations: list[Association]


class Associated(Struct, frozen=True, kw_only=True):
    """How many there are now."""

    success: bool
    channels_updated: int
    programs_refreshed: int


class Chosen(Struct, frozen=True, kw_only=True):
    """Which channels; none named: every one that has a guide."""

    channel_ids: list[int] = []


class ChosenForLogos(Struct, frozen=True, kw_only=True):
    """Which channels, or those of a guide source; not both."""

    channel_ids: list[int] = []
    epg_source_id: int | None = None


class Started(Struct, frozen=True, kw_only=True):
    """The job that does it."""

    message: str
    task_id: str
    channel_count: int


def routes() -> list[Route]:
    """Guides of channels, and what is taken from them."""
    return [set_guide, set_guides, set_names, set_tvg_ids, set_logos]


@post("/api/channels/channels/{channel_id}/set-epg/", policy=WRITE, sent=GuideSent, docs=TAGS)
async def set_guide(caller: Caller, channel_id: int, lineup: LineUp, sent: GuideSent) -> GuideSet:
    """Give a channel its guide, or take it away."""
    asked: Any = sent.epg_data_id
    if isinstance(asked, str):
        if asked.strip() and not asked.strip().isdecimal():
            raise Refused("Invalid epg_data_id")
        asked = int(asked) if asked.strip() else None
    await lineup.channels.get(caller, channel_id)
    try:
        channel = await lineup.edits.set_guide(caller, channel_id, asked or None)
    except NotFound as error:
        raise Refused("EPG data not found", status=404) from error
    name = channel.effective.name
    if channel.effective.guide_channel_id is None:
        told, status = f"EPG data removed from channel {name}", "removed"
    else:
        told, status = f"EPG data set for channel {name}", "Program data refresh queued"
    return GuideSet(message=told, channel=wire.Channel.of(channel), task_status=status)


@post("/api/channels/channels/batch-set-epg/", policy=WRITE, sent=Associations, body_limit=BULK_LIMIT, docs=TAGS)
async def set_guides(caller: Caller, lineup: LineUp, sent: Associations) -> Associated:
    """Give many channels their guides; unknown ones are passed over."""
    choices = [
        GuideChoice(channel_id=one.channel_id, guide_channel_id=one.epg_data_id or None) for one in sent.associations
    ]
    changed, asked = await lineup.edits.set_guides(caller, choices)
    return Associated(success=True, channels_updated=changed, programs_refreshed=asked)


@post("/api/channels/channels/set-names-from-epg/", policy=WRITE, sent=Chosen, body_limit=BULK_LIMIT, docs=TAGS)
async def set_names(caller: Caller, lineup: LineUp, sent: Chosen) -> Started:
    """Name channels as their guides do."""
    return await _start(caller, lineup, TakeFromGuide(what=Taken.NAME, channel_ids=sent.channel_ids), "name")


@post("/api/channels/channels/set-tvg-ids-from-epg/", policy=WRITE, sent=Chosen, body_limit=BULK_LIMIT, docs=TAGS)
async def set_tvg_ids(caller: Caller, lineup: LineUp, sent: Chosen) -> Started:
    """Give channels the ids that their guides have."""
    return await _start(caller, lineup, TakeFromGuide(what=Taken.TVG_ID, channel_ids=sent.channel_ids), "TVG-ID")


@post("/api/channels/channels/set-logos-from-epg/", policy=WRITE, sent=ChosenForLogos, body_limit=BULK_LIMIT, docs=TAGS)
async def set_logos(caller: Caller, lineup: LineUp, sent: ChosenForLogos) -> Started:
    """Show channels with the logos of their guides."""
    if sent.channel_ids and sent.epg_source_id is not None:
        raise Refused("Provide either channel_ids or epg_source_id, not both")
    asked = TakeFromGuide(what=Taken.LOGO, channel_ids=sent.channel_ids, source_id=sent.epg_source_id)
    return await _start(caller, lineup, asked, "logo")


async def _start(caller: Caller, lineup: LineUp, asked: TakeFromGuide, what: str) -> Started:
    with worded():
        job_id, count = await lineup.guide_fields.start(caller, asked)
    return Started(
        message=f"Started EPG {what} setting task for {count} channels", task_id=str(job_id), channel_count=count
    )

"""What people do to many channels at `/api/channels/channels/`. Source: `specs/live.md` 3.2."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType

from polycast.core.errors import Invalid
from polycast.core.http import Answer, Docs, Reader, Route, delete, get, patch, post
from polycast.core.identity.caller import Caller
from polycast.live.dialects.rest import channels_wire as wire
from polycast.live.dialects.rest.channels_wire import stored_number, worded
from polycast.live.dialects.rest.errors import Refused, by_field
from polycast.live.dialects.rest.levels import READ, WRITE
from polycast.live.lineup.edits import BulkInvalid
from polycast.live.lineup.from_streams import HIGHEST, LOWEST, CreateChannels, FromStream
from polycast.live.lineup.model import ChannelPatch
from polycast.live.lineup.numbers import WHOLE, as_json
from polycast.live.lineup.room import LineUp

TAGS: Final = Docs(tags=["channels"])
BULK_LIMIT: Final = 16 * 1024 * 1024  # bytes: fifty thousand changed channels


class BulkEdited(Struct, frozen=True, kw_only=True):
    """The channels as they are now."""

    message: str
    channels: list[wire.Channel]


class BulkRefused(Struct, frozen=True, kw_only=True):
    """Nothing was changed: what is wrong, by channel."""

    errors: list[dict[str, Any]]
    updated_count: int


class Rename(Struct, frozen=True, kw_only=True):
    """Replace what an expression finds in names; groups and tokens as in JavaScript."""

    channel_ids: list[int]
    find: str
    replace: str = ""
    flags: str = ""


class Renamed(Struct, frozen=True, kw_only=True):
    """How many names changed."""

    success: bool
    updated_count: int


class ChannelIds(Struct, frozen=True, kw_only=True):
    """Which channels. What plays on a channel ends with it, asked for or not."""

    channel_ids: list[int]
    stop_stream: bool = False


class Assign(Struct, frozen=True, kw_only=True):
    """Channels to be numbered one after the other."""

    channel_ids: list[int]
    starting_number: Decimal = Decimal(1)


class Told(Struct, frozen=True, kw_only=True):
    """What was done."""

    message: str


class Reorder(Struct, frozen=True, kw_only=True):
    """Behind which channel; null: first."""

    insert_after_id: int | None = None


class Reordered(Struct, frozen=True, kw_only=True):
    """Where the channel is now."""

    message: str
    channel: wire.Channel


class StreamSent(Struct, frozen=True, kw_only=True):
    """A stream to make a channel from. Number 0: the lowest free, -1: above all, absent: the provider's."""

    stream_id: int
    channel_number: Decimal | None | UnsetType = UNSET
    name: str | None = None
    channel_profile_ids: list[int] | None = None


class StreamsSent(Struct, frozen=True, kw_only=True):
    """Streams to make channels from. Number null: the provider's, 0: the lowest free, n: from n on."""

    stream_ids: list[int]
    channel_profile_ids: list[int] | None = None
    starting_channel_number: Decimal | None = None


class Started(Struct, frozen=True, kw_only=True):
    """The job that makes the channels."""

    task_id: str
    message: str
    stream_count: int
    status: str


class Occupant(Struct, frozen=True, kw_only=True):
    """A channel that has a number in the range."""

    id: int
    name: str
    channel_number: int | float | None
    channel_group: str | None
    channel_group_id: int | None
    auto_created: bool
    auto_created_by_account_id: int | None
    has_channel_number_override: bool


class Occupants(Struct, frozen=True, kw_only=True):
    """Who has the numbers; at most 50."""

    occupants: list[Occupant]


def routes() -> list[Route]:
    """Bulk edits, numbers, channels from streams."""
    return [bulk_edit, bulk_rename, bulk_delete, assign, reorder, from_stream, from_streams, in_range]


@patch("/api/channels/channels/edit/bulk/", policy=WRITE, sent=Any, body_limit=BULK_LIMIT, docs=TAGS)
async def bulk_edit(caller: Caller, lineup: LineUp, sent: Any) -> BulkEdited | Answer[BulkRefused]:
    """Change many channels, all or none; an array of objects with `id` and what is to change."""
    if not isinstance(sent, list):
        raise Refused("Expected a list of channel updates")
    reader = Reader(wire.BulkChange, lenient_text=True)
    patches, errors = _read(reader, sent)
    if errors:
        return Answer(BulkRefused(errors=errors, updated_count=0), status=400)
    try:
        found = await lineup.edits.change(caller, patches)
    except BulkInvalid as error:
        errors = [
            {"channel_id": one.channel_id, "errors": by_field(wire.renamed(Invalid(one.problems)))}
            if one.problems
            else {"channel_id": one.channel_id, "error": "Channel not found"}
            for one in error.refused
        ]
        return Answer(BulkRefused(errors=errors, updated_count=0), status=400)
    return BulkEdited(
        message=f"Successfully updated {len(found)} channels", channels=[wire.Channel.of(one) for one in found]
    )


def _read(reader: Reader, sent: Sequence[Any]) -> tuple[list[tuple[int, ChannelPatch]], list[dict[str, Any]]]:
    """Patches by channel, and what is wrong with those that are none."""
    patches: list[tuple[int, ChannelPatch]] = []
    errors: list[dict[str, Any]] = []
    for item in sent:
        channel_id = item.get("id") if isinstance(item, dict) else None
        if channel_id is None:
            errors.append({"channel_id": None, "error": "Channel ID is required"})
            continue
        try:
            change = reader.value(item)
            patches.append((change.id, change.patch()))
        except Invalid as error:
            errors.append({"channel_id": channel_id, "errors": by_field(error)})
    return patches, errors


@post("/api/channels/channels/edit/bulk-regex/", policy=WRITE, sent=Rename, body_limit=BULK_LIMIT, docs=TAGS)
async def bulk_rename(caller: Caller, lineup: LineUp, sent: Rename) -> Renamed:
    """Replace in the names of many channels."""
    changed = await lineup.edits.rename(caller, sent.channel_ids, sent.find, sent.replace, sent.flags)
    return Renamed(success=True, updated_count=changed)


@delete(
    "/api/channels/channels/bulk-delete/", policy=WRITE, sent=ChannelIds, status=204, body_limit=BULK_LIMIT, docs=TAGS
)
async def bulk_delete(caller: Caller, lineup: LineUp, sent: ChannelIds) -> None:
    """Drop channels; those that are gone already do not matter."""
    await lineup.channels.delete(caller, sent.channel_ids)


@post("/api/channels/channels/assign/", policy=WRITE, sent=Assign, body_limit=BULK_LIMIT, docs=TAGS)
async def assign(caller: Caller, lineup: LineUp, sent: Assign) -> Told:
    """Number channels one after the other."""
    start = stored_number(sent.starting_number)
    await lineup.edits.assign(caller, sent.channel_ids, start if isinstance(start, int) else WHOLE)
    return Told(message="Channels have been auto-assigned!")


@post("/api/channels/channels/{channel_id}/reorder/", policy=WRITE, sent=Reorder, docs=TAGS)
async def reorder(caller: Caller, channel_id: int, lineup: LineUp, sent: Reorder) -> Reordered:
    """Put a channel behind another one."""
    channel = await lineup.edits.reorder(caller, channel_id, sent.insert_after_id)
    return Reordered(message="Channel reordered successfully", channel=wire.Channel.of(channel))


@post("/api/channels/channels/from-stream/", policy=WRITE, sent=StreamSent, status=201, docs=TAGS)
async def from_stream(caller: Caller, lineup: LineUp, sent: StreamSent) -> wire.Channel:
    """Make a channel from a stream."""
    asked = FromStream(
        stream_id=sent.stream_id,
        number=_wanted(sent.channel_number),
        name=(sent.name or "").strip()[:512],
        profile_ids=sent.channel_profile_ids,
    )
    with worded():
        return wire.Channel.of(await lineup.from_streams.create(caller, asked))


@post(
    "/api/channels/channels/from-stream/bulk/",
    policy=WRITE,
    sent=StreamsSent,
    status=202,
    body_limit=BULK_LIMIT,
    docs=TAGS,
)
async def from_streams(caller: Caller, lineup: LineUp, sent: StreamsSent) -> Started:
    """Make channels from many streams, in their order; a job does it."""
    asked = CreateChannels(
        stream_ids=sent.stream_ids,
        profile_ids=sent.channel_profile_ids,
        start=_wanted(sent.starting_channel_number),
    )
    with worded():
        job_id = await lineup.from_streams.start(caller, asked)
    count = len(sent.stream_ids)
    return Started(
        task_id=str(job_id),
        message=f"Bulk channel creation task started for {count} streams",
        stream_count=count,
        status="started",
    )


@get("/api/channels/channels/numbers-in-range/", policy=READ, docs=TAGS)
async def in_range(caller: Caller, lineup: LineUp, start: Decimal, end: Decimal) -> Occupants:
    """Who has the numbers from `start` to `end`."""
    first, last = stored_number(start), stored_number(end)
    found = await lineup.channels.in_range(caller, int(first or 0), int(last or 0))
    return Occupants(
        occupants=[
            Occupant(
                id=one.channel.id,
                name=one.channel.effective.name,
                channel_number=as_json(one.channel.effective.number),
                channel_group=one.group_name,
                channel_group_id=one.channel.effective.group_id,
                auto_created=one.channel.auto_created,
                auto_created_by_account_id=one.channel.auto_account_id,
                has_channel_number_override=one.channel.override is not None
                and one.channel.override.number is not None,
            )
            for one in found
        ]
    )


def _wanted(number: Decimal | None | UnsetType) -> int | None:
    """A wanted number as the line-up takes it. Raises: Invalid."""
    if number is None or isinstance(number, UnsetType):
        return None
    if number in (LOWEST, HIGHEST):
        return int(number)
    stored = stored_number(number)
    return stored if isinstance(stored, int) else None

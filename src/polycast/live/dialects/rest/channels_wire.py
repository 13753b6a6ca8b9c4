"""Channels in JSON, as both faces spell them. Source: `specs/live.md` 1.2, 2.2, 3.2."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, TypeVar

from msgspec import UNSET, Struct, UnsetType

from polycast.core.errors import Invalid, Problem
from polycast.core.http import line
from polycast.live.dialects.rest.streams_wire import Stream
from polycast.live.lineup import model
from polycast.live.lineup.numbers import as_json, shown, thousandths

Number = Decimal | None | UnsetType
Id = int | None | UnsetType
Words = Annotated[str, line(255, blank=True)] | None | UnsetType
# Where the line-up names a field otherwise than its clients do.
NAMES: Final[Mapping[str, str]] = {
    "number": "channel_number",
    "group_id": "channel_group_id",
    "guide_channel_id": "epg_data_id",
    "stream_ids": "streams",
    "profile_ids": "channel_profile_ids",
}


class Override(Struct, frozen=True, kw_only=True):
    """What somebody wants instead of what the sync says; null: nothing."""

    name: str | None
    channel_number: int | float | None
    channel_group_id: int | None
    logo_id: int | None
    tvg_id: str | None
    tvc_guide_stationid: str | None
    epg_data_id: int | None
    stream_profile_id: int | None


class SourceStream(Struct, frozen=True, kw_only=True):
    """The stream that a sync made the channel from."""

    id: int
    name: str
    account_id: int
    account_name: str


class _Fields(Struct, kw_only=True):
    id: int
    name: str
    channel_group_id: int | None
    tvg_id: str
    tvc_guide_stationid: str
    epg_data_id: int | None
    streams: list[int | Stream]
    stream_profile_id: int | None
    uuid: str
    logo_id: int | None
    user_level: int
    is_adult: bool
    is_radio: bool
    is_catchup: bool
    catchup_days: int
    hidden_from_output: bool
    enabled: bool
    auto_created: bool
    auto_created_by: int | None
    auto_created_by_name: str | None
    override: Override | None
    source_stream: SourceStream | None
    effective_name: str
    effective_channel_number: int | float | None
    effective_channel_group_id: int | None
    effective_logo_id: int | None
    effective_tvg_id: str
    effective_tvc_guide_stationid: str
    effective_epg_data_id: int | None
    effective_stream_profile_id: int | None
    created_at: datetime
    updated_at: datetime


class Channel(_Fields, kw_only=True):
    """A channel at `/api/channels/channels/`: its number is a number."""

    channel_number: int | float | None

    @classmethod
    def of(cls, channel: model.Channel, streams: Sequence[Stream] | None = None) -> "Channel":
        return cls(channel_number=as_json(channel.base.number), **_fields(channel, streams))


class NumberedChannel(_Fields, kw_only=True):
    """A channel at `/api/channels/`: its number is text without a trailing `.0`."""

    channel_number: str | None

    @classmethod
    def of(cls, channel: model.Channel, streams: Sequence[Stream] | None = None) -> "NumberedChannel":
        return cls(channel_number=shown(channel.base.number), **_fields(channel, streams))


F = TypeVar("F", Channel, NumberedChannel)


def _fields(channel: model.Channel, streams: Sequence[Stream] | None) -> dict[str, Any]:
    base, effective = channel.base, channel.effective
    return {
        "id": channel.id,
        "name": base.name,
        "channel_group_id": base.group_id,
        "tvg_id": base.tvg_id,
        "tvc_guide_stationid": base.tvc_guide_stationid,
        "epg_data_id": base.guide_channel_id,
        "streams": list(channel.stream_ids if streams is None else streams),
        "stream_profile_id": base.stream_profile_id,
        "uuid": channel.uuid,
        "logo_id": base.logo_id,
        "user_level": channel.user_level,
        "is_adult": channel.is_adult,
        "is_radio": channel.is_radio,
        "is_catchup": channel.is_catchup,
        "catchup_days": channel.catchup_days,
        "hidden_from_output": channel.is_hidden,
        "enabled": not channel.is_hidden,
        "auto_created": channel.auto_created,
        "auto_created_by": channel.auto_account_id,
        "auto_created_by_name": channel.auto_account_name,
        "override": None if channel.override is None else _override(channel.override),
        "source_stream": None if channel.source is None else _source(channel.source),
        "effective_name": effective.name,
        "effective_channel_number": as_json(effective.number),
        "effective_channel_group_id": effective.group_id,
        "effective_logo_id": effective.logo_id,
        "effective_tvg_id": effective.tvg_id,
        "effective_tvc_guide_stationid": effective.tvc_guide_stationid,
        "effective_epg_data_id": effective.guide_channel_id,
        "effective_stream_profile_id": effective.stream_profile_id,
        "created_at": channel.created_at,
        "updated_at": channel.updated_at,
    }


def _override(override: model.Override) -> Override:
    return Override(
        name=override.name,
        channel_number=as_json(override.number),
        channel_group_id=override.group_id,
        logo_id=override.logo_id,
        tvg_id=override.tvg_id,
        tvc_guide_stationid=override.tvc_guide_stationid,
        epg_data_id=override.guide_channel_id,
        stream_profile_id=override.stream_profile_id,
    )


def _source(source: model.SourceStream) -> SourceStream:
    return SourceStream(id=source.id, name=source.name, account_id=source.account_id, account_name=source.account_name)


class OverrideSent(Struct, frozen=True, kw_only=True):
    """Fields of an override to set; null clears one, what is absent stays."""

    name: Annotated[str, line(512)] | None | UnsetType = UNSET
    channel_number: Number = UNSET
    channel_group_id: Id = UNSET
    logo_id: Id = UNSET
    tvg_id: Words = UNSET
    tvc_guide_stationid: Words = UNSET
    epg_data_id: Id = UNSET
    stream_profile_id: Id = UNSET

    def patch(self) -> model.OverridePatch:
        """Raises: Invalid."""
        return model.OverridePatch(
            name=self.name,
            number=stored_number(self.channel_number),
            group_id=self.channel_group_id,
            logo_id=self.logo_id,
            tvg_id=self.tvg_id,
            tvc_guide_stationid=self.tvc_guide_stationid,
            guide_channel_id=self.epg_data_id,
            stream_profile_id=self.stream_profile_id,
        )


class _Sent(Struct, frozen=True, kw_only=True):
    channel_number: Number = UNSET
    channel_group_id: Id = UNSET
    tvg_id: Words = UNSET
    tvc_guide_stationid: Words = UNSET
    epg_data_id: Id = UNSET
    streams: list[int] | UnsetType = UNSET
    stream_profile_id: Id = UNSET
    logo_id: Id = UNSET
    user_level: int | UnsetType = UNSET
    is_adult: bool | UnsetType = UNSET
    is_radio: bool | UnsetType = UNSET
    hidden_from_output: bool | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    override: OverrideSent | None | UnsetType = UNSET

    def patch(self) -> model.ChannelPatch:
        """What is to change. Raises: Invalid."""
        return model.ChannelPatch(
            name=getattr(self, "name", UNSET),
            number=stored_number(self.channel_number),
            group_id=_id(self.channel_group_id),
            logo_id=_id(self.logo_id),
            tvg_id=self.tvg_id or "" if self.tvg_id is not UNSET else UNSET,
            tvc_guide_stationid=self.tvc_guide_stationid or "" if self.tvc_guide_stationid is not UNSET else UNSET,
            guide_channel_id=_id(self.epg_data_id),
            stream_profile_id=_id(self.stream_profile_id),
            user_level=self.user_level,
            is_adult=self.is_adult,
            is_radio=self.is_radio,
            is_hidden=_hidden(self),
            stream_ids=self.streams,
            override=self.override.patch() if isinstance(self.override, OverrideSent) else self.override,
        )


class ChannelChange(_Sent, frozen=True, kw_only=True):
    """Body of PATCH `/api/channels/channels/{id}/`. Absent keeps, null clears."""

    name: Annotated[str, line(512)] | UnsetType = UNSET


class ChannelFull(_Sent, frozen=True, kw_only=True):
    """Body of PUT `/api/channels/channels/{id}/`."""

    name: Annotated[str, line(512)]


class ChannelNew(ChannelFull, frozen=True, kw_only=True):
    """Body of POST `/api/channels/channels/`. Without a number it gets the next free one."""

    channel_profile_ids: list[int] | None = None

    def new(self) -> model.ChannelNew:
        return made(self.patch(), self.channel_profile_ids)


class NumberedChange(_Sent, frozen=True, kw_only=True):
    """Body of PATCH `/api/channels/{id}/`."""

    name: Annotated[str, line(255)] | UnsetType = UNSET


class NumberedFull(_Sent, frozen=True, kw_only=True):
    """Body of PUT `/api/channels/{id}/`."""

    channel_number: Decimal
    name: Annotated[str, line(255)]


class NumberedNew(NumberedFull, frozen=True, kw_only=True):
    """Body of POST `/api/channels/`."""

    channel_profile_ids: list[int] | None = None

    def new(self) -> model.ChannelNew:
        return made(self.patch(), self.channel_profile_ids)


class BulkChange(ChannelChange, frozen=True, kw_only=True):
    """One element of the body of PATCH `/api/channels/channels/edit/bulk/`."""

    id: int


def made(patch: model.ChannelPatch, profile_ids: Sequence[int] | None) -> model.ChannelNew:
    """A new channel with what `patch` sets. An override has no meaning for one that no sync writes."""
    if isinstance(patch.override, model.OverridePatch) and patch.override != model.OverridePatch():
        raise Invalid([Problem("override", "manual_channel", {}, "Only channels made by auto sync have an override.")])
    names = [name for name in model.ChannelNew.__struct_fields__ if name != "profile_ids"]
    set_here = {name: getattr(patch, name) for name in names if getattr(patch, name) is not UNSET}
    return model.ChannelNew(**set_here, profile_ids=profile_ids)


def stored_number(number: Number) -> int | None | UnsetType:
    """Raises: Invalid for what is no channel number."""
    if number is None or isinstance(number, UnsetType):
        return number
    try:
        return thousandths(number)
    except ValueError:
        raise Invalid.one("channel_number", "not_a_number") from None


@contextmanager
def worded(names: Mapping[str, str] = NAMES) -> Iterator[None]:
    """Problems of the line-up under the field names that clients know."""
    try:
        yield
    except Invalid as error:
        raise renamed(error, names) from error


def renamed(error: Invalid, names: Mapping[str, str] = NAMES) -> Invalid:
    return Invalid([Problem(names.get(one.path, one.path), one.code, one.params, one.text) for one in error.problems])


def shape_of(face: type[F], streams: Mapping[int, Stream] | None) -> Callable[[model.Channel], F]:
    """How this face shows a channel; with `streams`, whole ones in the place of ids."""
    if streams is None:
        return face.of
    return lambda channel: face.of(channel, [streams[one] for one in channel.stream_ids if one in streams])


def _id(value: Id) -> Id:
    """Some clients write 0 where they mean nothing."""
    return None if value == 0 else value


def _hidden(sent: _Sent) -> bool | UnsetType:
    return sent.hidden_from_output if isinstance(sent.enabled, UnsetType) else not sent.enabled

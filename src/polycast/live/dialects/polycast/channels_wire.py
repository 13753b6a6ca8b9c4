"""Channels as our own pages read and write them: what counts, not what stands under an override."""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.errors import Invalid
from polycast.core.http import line
from polycast.live.dialects.polycast.wire import Named, logo_url
from polycast.live.lineup import bulk, model
from polycast.live.lineup.numbers import shown, thousandths

MOST_IDS: Final = 100_000  # channels of one change
# How a field is called here, where the line-up calls it otherwise.
NAMES: Final = {"guide_channel_id": "guide_id", "is_hidden": "enabled", "profile_ids": "profiles"}
OVERRIDDEN: Final = {
    "name": "name",
    "number": "number",
    "group_id": "group_id",
    "logo_id": "logo_id",
    "tvg_id": "tvg_id",
    "tvc_guide_stationid": "tvc_guide_stationid",
    "guide_channel_id": "guide_id",
    "stream_profile_id": "stream_profile_id",
}
Id = int | None | UnsetType
Words = Annotated[str, line(255, blank=True)]
ManyIds = Annotated[list[int], Meta(max_length=MOST_IDS)]


class GuideLink(Struct, frozen=True, kw_only=True):
    """A guide channel and whose it is."""

    id: int
    name: str
    source: str


class LiveChannel(Struct, frozen=True, kw_only=True):
    """A row of the channel table."""

    id: int
    uuid: str
    number: str | None
    name: str
    group: Named | None
    logo_id: int | None
    logo_url: str | None
    guide: GuideLink | None
    tvg_id: str
    streams: int
    enabled: bool
    is_adult: bool
    auto_created: bool
    overridden: list[str]
    catchup_days: int
    problem: str | None

    @classmethod
    def of(cls, row: model.ChannelRow) -> "LiveChannel":
        channel, facts, guide = row.channel, row.channel.effective, row.guide
        over = channel.override
        return cls(
            id=channel.id,
            uuid=channel.uuid,
            number=shown(facts.number),
            name=facts.name,
            group=None if facts.group_id is None else Named(id=facts.group_id, name=row.group or ""),
            logo_id=facts.logo_id,
            logo_url=logo_url(facts.logo_id, row.logo_source),
            guide=None if guide is None else GuideLink(id=guide.id, name=guide.name, source=guide.source),
            tvg_id=facts.tvg_id,
            streams=len(channel.stream_ids),
            enabled=not channel.is_hidden,
            is_adult=channel.is_adult,
            auto_created=channel.auto_created,
            overridden=[word for name, word in OVERRIDDEN.items() if over and getattr(over, name) is not None],
            catchup_days=channel.catchup_days,
            problem=row.problem,
        )


class LiveChannelWindow(Struct, frozen=True, kw_only=True):
    """A part of the table, and how long all of it is."""

    total: int
    items: list[LiveChannel]


class Ids(Struct, frozen=True, kw_only=True):
    """Channels by id, in order."""

    ids: list[int]


class LiveChannelChange(Struct, frozen=True, kw_only=True):
    """What of a channel is to change; absent keeps."""

    name: Annotated[str, line(512)] | UnsetType = UNSET
    number: str | None | UnsetType = UNSET
    group_id: Id = UNSET
    tvg_id: Words | UnsetType = UNSET
    guide_id: Id = UNSET
    logo_id: Id = UNSET
    enabled: bool | UnsetType = UNSET
    is_adult: bool | UnsetType = UNSET

    def patch(self) -> model.ChannelPatch:
        """Raises: Invalid."""
        number = self.number
        return model.ChannelPatch(
            name=self.name,
            number=stored(number) if isinstance(number, str) else number,
            group_id=self.group_id,
            tvg_id=self.tvg_id,
            guide_channel_id=self.guide_id,
            logo_id=self.logo_id,
            is_hidden=UNSET if isinstance(self.enabled, UnsetType) else not self.enabled,
            is_adult=self.is_adult,
        )


class Move(Struct, frozen=True, kw_only=True):
    """Rows, or all of some groups in their order, go behind one (null: first) or to a number."""

    ids: ManyIds = []
    group_ids: ManyIds = []
    after_id: int | None = None
    number: str | None = None
    dry_run: bool = False

    def move(self) -> bulk.Move:
        """Raises: Invalid."""
        return bulk.Move(
            channel_ids=self.ids,
            group_ids=self.group_ids,
            after_id=self.after_id,
            number=None if self.number is None else stored(self.number),
        )


class BulkSet(Struct, frozen=True, kw_only=True):
    """Values that all chosen channels get; absent keeps."""

    group_id: Id = UNSET
    enabled: bool | UnsetType = UNSET
    is_adult: bool | UnsetType = UNSET
    logo_id: Id = UNSET
    stream_profile_id: Id = UNSET
    user_level: int | UnsetType = UNSET
    guide_id: Id = UNSET

    def patch(self) -> model.ChannelPatch:
        return model.ChannelPatch(
            group_id=self.group_id,
            is_hidden=UNSET if isinstance(self.enabled, UnsetType) else not self.enabled,
            is_adult=self.is_adult,
            logo_id=self.logo_id,
            stream_profile_id=self.stream_profile_id,
            user_level=self.user_level,
            guide_channel_id=self.guide_id,
        )


class BulkEdit(Struct, frozen=True, kw_only=True):
    """The same values for many channels, and a replacement by expression in one text."""

    ids: ManyIds
    set: BulkSet | UnsetType = UNSET
    find: str = ""
    replace: str = ""
    field: str = "name"  # name, tvg_id
    ignore_case: bool = False
    dry_run: bool = False

    def edit(self) -> bulk.Edit:
        return bulk.Edit(
            channel_ids=self.ids,
            values=model.ChannelPatch() if isinstance(self.set, UnsetType) else self.set.patch(),
            find=self.find,
            replace=self.replace,
            field=self.field,
            ignore_case=self.ignore_case,
        )


class Change(Struct, frozen=True, kw_only=True):
    """One field of one channel. `refused`: why it stays as it is."""

    id: int
    name: str
    field: str
    before: str
    after: str
    refused: str | None


class Changed(Struct, frozen=True, kw_only=True):
    """What was changed, or would be; `undo` takes it back within a day."""

    undo: str | None
    count: int
    first: list[Change]
    refused: int

    @classmethod
    def of(cls, done: bulk.Changed) -> "Changed":
        return cls(undo=done.undo, count=done.count, first=changes(done.first), refused=done.refused)


class Undone(Struct, frozen=True, kw_only=True):
    """What was taken back."""

    count: int
    text: str


def changes(found: Sequence[bulk.Change]) -> list[Change]:
    return [
        Change(
            id=one.channel_id,
            name=one.name,
            field=one.field,
            before=one.before,
            after=one.after,
            refused=one.refused,
        )
        for one in found
    ]


def stored(number: str) -> int:
    """A number as people write it, in thousandths. Raises: Invalid."""
    try:
        return thousandths(number.strip().replace(",", "."))
    except ValueError:
        raise Invalid.one("number", "not_a_number", "Not a channel number.") from None

"""Shapes of sources: playlists and guides side by side."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.errors import Invalid
from polycast.core.http import FieldProblem, field_problems
from polycast.core.jobs.wire import Job
from polycast.live.guide.model import GuideSource, SourceType
from polycast.live.sources.filter_preview import FilterKind, Preview, Rule
from polycast.live.sources.model import AccountDetail, AccountType, GroupAtAccount
from polycast.live.sources.overview import SourceRun as Ended
from polycast.live.sources.overview import SourceSort, Use
from polycast.live.sources.trial import Found, TrialKind

WHOLE: Final = 1000  # thousandths in a channel number


class Kind(StrEnum):
    """What a source is to a person."""

    PLAYLIST = "playlist"
    XTREAM = "xtream"
    HDHOMERUN = "hdhr"
    GUIDE = "guide"
    DUMMY = "dummy"
    SCHEDULES_DIRECT = "schedules_direct"


ACCOUNT_KINDS: Final[Mapping[AccountType, Kind]] = {
    AccountType.PLAYLIST: Kind.PLAYLIST,
    AccountType.FILE: Kind.PLAYLIST,
    AccountType.XTREAM: Kind.XTREAM,
    AccountType.HDHOMERUN: Kind.HDHOMERUN,
}
GUIDE_KINDS: Final[Mapping[SourceType, Kind]] = {
    SourceType.XMLTV: Kind.GUIDE,
    SourceType.DUMMY: Kind.DUMMY,
    SourceType.SCHEDULES_DIRECT: Kind.SCHEDULES_DIRECT,
}


class Source(Struct, frozen=True, kw_only=True):
    """A playlist or a guide."""

    ref: str  # "m3u:3", "epg:1"
    kind: Kind
    id: int
    name: str
    address: str  # without credentials
    is_active: bool
    locked: bool
    status: str
    message: str
    updated_at: datetime | None
    next_at: datetime | None
    job: Job | None  # a refresh that waits or runs
    streams: int
    channels: int  # of a playlist: those of the line-up that use it; of a guide: its own
    groups: int
    groups_enabled: int
    programmes: int
    max_streams: int  # 0: no limit
    used_streams: int
    expires_at: datetime | None
    refresh_hours: int

    @classmethod
    def of_account(cls, detail: AccountDetail, use: Use, job: Job | None) -> "Source":
        account, profiles = detail.account, [profile for profile in detail.profiles if profile.is_active]
        limits = [profile.max_streams for profile in profiles]
        return cls(
            ref=f"{SourceSort.ACCOUNT}:{account.id}",
            kind=ACCOUNT_KINDS[account.account_type],
            id=account.id,
            name=account.name,
            address=account.url or account.file_path,
            is_active=account.is_active,
            locked=account.locked,
            status=account.status.value,
            message=account.last_message,
            updated_at=account.updated_at,
            next_at=account.next_refresh_at,
            job=job,
            streams=account.stream_count,
            channels=use.channels,
            groups=len(detail.groups),
            groups_enabled=sum(group.enabled for group in detail.groups),
            programmes=0,
            max_streams=0 if 0 in limits else sum(limits),
            used_streams=use.connections,
            expires_at=min((one.expires_at for one in profiles if one.expires_at is not None), default=None),
            refresh_hours=account.refresh_hours,
        )

    @classmethod
    def of_guide(cls, source: GuideSource, job: Job | None) -> "Source":
        return cls(
            ref=f"{SourceSort.GUIDE}:{source.id}",
            kind=GUIDE_KINDS[source.source_type],
            id=source.id,
            name=source.name,
            address=source.url or source.file_path,
            is_active=source.is_active,
            locked=False,
            status=source.status.value,
            message=source.last_message,
            updated_at=source.updated_at,
            next_at=source.next_refresh_at,
            job=job,
            streams=0,
            channels=source.channel_count,
            groups=0,
            groups_enabled=0,
            programmes=source.programme_count,
            max_streams=0,
            used_streams=0,
            expires_at=None,
            refresh_hours=source.refresh_hours,
        )


class Sources(Struct, frozen=True, kw_only=True):
    """All of them, playlists first."""

    items: list[Source]


class SourceTest(Struct, frozen=True, kw_only=True):
    """What somebody is about to add."""

    kind: TrialKind
    url: str = ""
    username: str = ""
    password: str = ""


class SourceFound(Struct, frozen=True, kw_only=True):
    """What is there; null for what a short look cannot tell."""

    ok: bool
    text: str
    streams: int | None
    groups: int | None
    channels: int | None
    programmes: int | None
    max_streams: int | None
    expires_at: datetime | None

    @classmethod
    def of(cls, found: Found) -> "SourceFound":
        return cls(**{name: getattr(found, name) for name in cls.__struct_fields__})


class SourceRun(Struct, frozen=True, kw_only=True):
    """A refresh."""

    id: int
    started_at: datetime
    ended_at: datetime | None
    ok: bool | None
    text: str
    added: int
    changed: int
    removed: int

    @classmethod
    def of(cls, run: Ended) -> "SourceRun":
        return cls(**{name: getattr(run, name) for name in cls.__struct_fields__})


class SourceGroup(Struct, frozen=True, kw_only=True):
    """A group as a playlist brings it."""

    group_id: int
    name: str
    streams: int
    enabled: bool
    auto_sync: bool
    start: int | None  # first and last channel number of the sync
    end: int | None
    is_stale: bool

    @classmethod
    def of(cls, group: GroupAtAccount) -> "SourceGroup":
        return cls(
            group_id=group.group_id,
            name=group.group_name,
            streams=group.stream_count,
            enabled=group.enabled,
            auto_sync=group.auto_channel_sync,
            start=None if group.sync_start is None else group.sync_start // WHOLE,
            end=None if group.sync_end is None else group.sync_end // WHOLE,
            is_stale=group.stale_at is not None,
        )


class SourceGroups(Struct, frozen=True, kw_only=True):
    """A window of a playlist's groups."""

    items: list[SourceGroup]
    total: int


class GroupsChange(Struct, frozen=True, kw_only=True):
    """Which groups, and what becomes of them. `all` with `search`: those a search finds."""

    group_ids: Annotated[list[int], Meta(max_length=100_000)] = []
    all: bool = False
    search: str = ""
    enabled: bool | UnsetType = UNSET
    auto_sync: bool | UnsetType = UNSET


class Count(Struct, frozen=True, kw_only=True):
    """How many were changed."""

    count: int


class FilterSample(Struct, frozen=True, kw_only=True):
    """A stream and what becomes of it."""

    name: str
    group: str
    kept: bool
    by: int | None  # the filter that decides, from 0


class FilterRule(Struct, frozen=True, kw_only=True):
    """A filter that is not saved yet."""

    filter_type: FilterKind
    regex_pattern: str
    exclude: bool
    case_sensitive: bool

    def rule(self) -> Rule:
        return Rule(
            filter_type=self.filter_type,
            regex_pattern=self.regex_pattern,
            exclude=self.exclude,
            case_sensitive=self.case_sensitive,
        )


class FilterRules(Struct, frozen=True, kw_only=True):
    """Filters in the order in which they decide."""

    filters: list[FilterRule]


class FilterPreview(Struct, frozen=True, kw_only=True):
    """What filters would do."""

    kept: int
    dropped: int
    samples: list[FilterSample]
    problems: list[FieldProblem]

    @classmethod
    def of(cls, preview: Preview) -> "FilterPreview":
        return cls(
            kept=preview.kept,
            dropped=preview.dropped,
            samples=[FilterSample(name=s.name, group=s.group, kept=s.kept, by=s.by) for s in preview.samples],
            problems=field_problems(Invalid(preview.problems)),
        )

"""Streams in JSON. Source: `specs/live.md` 2.2, 3.3."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Struct, UnsetType

from polycast.core.http import line
from polycast.live.lineup.numbers import as_json
from polycast.live.sources.streams import model


class Stream(Struct, frozen=True, kw_only=True):
    """One stream of an account. Credentials in `url` are `***`."""

    id: int
    name: str
    url: str
    m3u_account: int | None
    logo_url: str | None
    tvg_id: str | None
    local_file: str | None
    current_viewers: int
    updated_at: datetime
    last_seen: datetime
    is_stale: bool
    is_adult: bool
    stream_profile_id: int | None
    is_custom: bool
    channel_group: int | None
    stream_hash: str
    stream_stats: Mapping[str, Any] | None
    stream_stats_updated_at: datetime | None
    stream_id: int | None
    stream_chno: int | float | None
    is_catchup: bool
    catchup_days: int
    enabled: bool

    @classmethod
    def of(cls, stream: model.Stream) -> "Stream":
        return cls(
            id=stream.id,
            name=stream.name,
            url=stream.url,
            m3u_account=stream.account_id,
            logo_url=stream.logo_url or None,
            tvg_id=stream.tvg_id or None,
            local_file=stream.local_file,
            current_viewers=0,
            updated_at=stream.updated_at,
            last_seen=stream.last_seen_at,
            is_stale=stream.is_stale,
            is_adult=stream.is_adult,
            stream_profile_id=stream.stream_profile_id,
            is_custom=stream.is_custom,
            channel_group=stream.group_id,
            stream_hash=stream.hash,
            stream_stats=stream.stats,
            stream_stats_updated_at=stream.stats_updated_at,
            stream_id=stream.provider_id,
            stream_chno=as_json(stream.number),
            is_catchup=stream.is_catchup,
            catchup_days=stream.catchup_days,
            enabled=stream.enabled,
        )


class StreamStats(Struct, frozen=True, kw_only=True):
    """What playing a stream has taught us."""

    id: int
    stream_stats: Mapping[str, Any] | None
    stream_stats_updated_at: datetime | None


class StreamChange(Struct, frozen=True, kw_only=True):
    """Body of PATCH `/api/channels/streams/{id}/`. Absent keeps; of a provider's stream its own words stay."""

    name: Annotated[str, line(512)] | UnsetType = UNSET
    url: str | None | UnsetType = UNSET
    channel_group: int | None | UnsetType = UNSET
    tvg_id: Annotated[str, line(255, blank=True)] | None | UnsetType = UNSET
    logo_url: str | None | UnsetType = UNSET
    local_file: str | None | UnsetType = UNSET
    stream_profile_id: int | None | UnsetType = UNSET
    is_adult: bool | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET

    def form(self) -> model.StreamForm:
        return model.StreamForm(
            name=self.name,
            url=self.url,
            group_id=self.channel_group,
            tvg_id=self.tvg_id,
            logo_url=self.logo_url,
            local_file=self.local_file,
            stream_profile_id=self.stream_profile_id or None if self.stream_profile_id is not UNSET else UNSET,
            is_adult=self.is_adult,
            enabled=self.enabled,
        )


class NameChange(Struct, frozen=True, kw_only=True):
    """What an expression makes of a name."""

    before: str
    after: str


class NameMatch(Struct, frozen=True, kw_only=True):
    """Whether an expression finds a name."""

    name: str
    matches: bool


class Preview(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What expressions do to the names of a group."""

    total_in_group: int
    total_scanned: int
    scan_limit_hit: bool
    find_matches: list[NameChange]
    find_match_count: int
    filter_matches: list[NameMatch]
    filter_match_count: int
    exclude_matches: list[str]
    exclude_match_count: int
    find_error: str | None = None
    match_error: str | None = None
    exclude_error: str | None = None

    @classmethod
    def of(cls, found: model.Preview) -> "Preview":
        return cls(
            total_in_group=found.total_in_group,
            total_scanned=found.total_scanned,
            scan_limit_hit=found.scan_limit_hit,
            find_matches=[NameChange(before=before, after=after) for before, after in found.find_matches],
            find_match_count=found.find_match_count,
            filter_matches=[NameMatch(name=name, matches=matches) for name, matches in found.filter_matches],
            filter_match_count=found.filter_match_count,
            exclude_matches=found.exclude_matches,
            exclude_match_count=found.exclude_match_count,
            find_error=found.find_error,
            match_error=found.match_error,
            exclude_error=found.exclude_error,
        )

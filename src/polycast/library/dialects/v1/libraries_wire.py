"""What the routes of libraries send and read."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from polycast.library.catalogue.libraries import Browsed
from polycast.library.catalogue.model import Library, LibraryType
from polycast.library.catalogue.statistics import Stats as StatsRow
from polycast.library.dialects.v1.wire import Out, Sent, iso, iso_or_none, seconds

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Paths = Annotated[list[Annotated[str, Meta(min_length=1, max_length=4000)]], Meta(min_length=1, max_length=50)]
Language = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
Minutes = Annotated[int, Meta(ge=5, le=525_600)]
Trickplay = Literal["on_demand", "on_scan", "never"]
Mode = Literal["quick", "full", "refresh_metadata", "reprobe"]


class LibraryOut(Out, frozen=True, kw_only=True):
    """A library."""

    id: str
    name: str
    type: LibraryType
    paths: list[str]
    enabled: bool
    language: str
    country: str
    watch_enabled: bool
    prefer_local_metadata: bool
    generate_trickplay: str
    detect_intros: bool
    scan_interval_minutes: int | None
    item_count: int
    scan_status: str
    scan_error: str | None
    last_scanned_at: str | None
    created_at: str
    updated_at: str

    @classmethod
    def of(cls, one: Library, *, is_manager: bool) -> "LibraryOut":
        return cls(
            id=one.nanoid,
            name=one.name,
            type=one.type,
            paths=one.paths if is_manager else [],
            enabled=one.enabled,
            language=one.language,
            country=one.country,
            watch_enabled=one.watch_enabled,
            prefer_local_metadata=one.prefer_local,
            generate_trickplay=one.trickplay,
            detect_intros=one.detect_intros,
            scan_interval_minutes=one.scan_interval_minutes,
            item_count=one.item_count,
            scan_status=one.scan_status.value,
            scan_error=(one.scan_error or None) if is_manager else None,
            last_scanned_at=iso_or_none(one.last_scanned_at),
            created_at=iso(one.created_at),
            updated_at=iso(one.updated_at),
        )


class LibraryIn(Sent, frozen=True, kw_only=True):
    """A library to be made."""

    name: Name
    type: LibraryType
    paths: Paths
    enabled: bool = True
    language: Language = "en"
    country: Country = "US"
    scan_interval_minutes: Minutes | None = None
    watch_enabled: bool = True
    prefer_local_metadata: bool = True
    generate_trickplay: Trickplay = "on_demand"
    detect_intros: bool = True


class LibraryChange(Sent, frozen=True, kw_only=True):
    """What to change; absent keeps."""

    name: Name | UnsetType = UNSET
    paths: Paths | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    country: Country | UnsetType = UNSET
    scan_interval_minutes: Minutes | None | UnsetType = UNSET
    watch_enabled: bool | UnsetType = UNSET
    prefer_local_metadata: bool | UnsetType = UNSET
    generate_trickplay: Trickplay | UnsetType = UNSET
    detect_intros: bool | UnsetType = UNSET


class ScanAsked(Sent, frozen=True, kw_only=True):
    """How thoroughly to look."""

    mode: Mode = "quick"


class PathsAsked(Sent, frozen=True, kw_only=True):
    """Where something has changed."""

    paths: Paths


class Runs(Out, frozen=True, kw_only=True):
    """Work that was started."""

    workflow_ids: list[str]


class GrantIn(Sent, frozen=True, kw_only=True):
    """Whom to let in."""

    user_id: Annotated[str, Meta(min_length=1, max_length=64)]


class GrantOut(Out, frozen=True, kw_only=True):
    """Somebody who may see a library."""

    user_id: str
    name: str
    email: str
    role: str
    created_at: str


class Counted(Out, frozen=True, kw_only=True):
    """How often a value occurs."""

    name: str
    count: int
    percent: int


class SubtitleCounts(Out, frozen=True, kw_only=True):
    """Subtitles of a library."""

    tracks: int
    coverage: int
    embedded: int
    external: int
    languages: list[dict[str, Any]]


class StatsOut(Out, frozen=True, kw_only=True):
    """What a library consists of."""

    total_items: int
    movies: int
    shows: int
    episodes: int
    total_size: int
    total_duration: float
    direct_play_percent: int
    video_codecs: list[Counted]
    resolutions: list[Counted]
    audio_codecs: list[Counted]
    audio_channels: list[Counted]
    subtitles: SubtitleCounts
    hdr: list[Counted]
    genres: list[Counted]
    match_status: dict[str, int]

    @classmethod
    def of(cls, one: StatsRow) -> "StatsOut":
        def counted(values: dict[str, int]) -> list[Counted]:
            whole = sum(values.values()) or 1
            ranked = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
            return [Counted(name=name, count=count, percent=round(100 * count / whole)) for name, count in ranked]

        return cls(
            total_items=one.movies + one.shows,
            movies=one.movies,
            shows=one.shows,
            episodes=one.episodes,
            total_size=one.size,
            total_duration=seconds(one.duration_ms),
            direct_play_percent=one.direct_play_percent,
            video_codecs=counted(one.video_codecs),
            resolutions=counted(one.resolutions),
            audio_codecs=counted(one.audio_codecs),
            audio_channels=counted(one.audio_channels),
            subtitles=SubtitleCounts(
                tracks=one.embedded + one.external,
                coverage=round(100 * one.with_subtitles / one.files) if one.files else 0,
                embedded=one.embedded,
                external=one.external,
                languages=[
                    {"code": code, "count": n} for code, n in sorted(one.languages.items(), key=lambda p: -p[1])
                ],
            ),
            hdr=counted(one.hdr),
            genres=counted(one.genres),
            match_status=one.match_status,
        )


class FolderOut(Out, frozen=True, kw_only=True):
    """A folder to choose."""

    name: str
    path: str
    readable: bool


class BrowsedOut(Out, frozen=True, kw_only=True):
    """A folder and what is in it."""

    path: str
    parent: str | None
    entries: list[FolderOut]

    @classmethod
    def of(cls, one: Browsed) -> "BrowsedOut":
        entries = [FolderOut(name=name, path=path, readable=readable) for name, path, readable in one.entries]
        return cls(path=one.path, parent=one.parent, entries=entries)


class ProblemOut(Out, frozen=True, kw_only=True):
    """A file that wants a person."""

    path: str
    reason: str
    item_id: str | None = None
    title: str | None = None
    since: str | None = None

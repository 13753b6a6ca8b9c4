"""What a Channels DVR server sends, made into structs. Two naming styles, omitted fields, texts for numbers: all are read.

Source: specs/monitor.md 4.1.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct

GIB: Final = 1024**3
_SIZE: Final = re.compile(r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[KMGTP]?)i?B?\s*$", re.IGNORECASE)
_UNITS: Final = {"": 1, "K": 1024, "M": 1024**2, "G": GIB, "T": 1024**4, "P": 1024**5}
_TRUE: Final = frozenset({"true", "1", "yes"})
ARTWORK: Final = ("image_url", "ImageURL", "image", "Image", "icon_url", "IconURL", "thumbnail_url", "ThumbnailURL", "thumb", "Thumb")  # fmt: skip
LOGOS: Final = ("logo_url", "LogoURL", "image_url", "ImageURL", "image", "Image", "icon_url", "IconURL")
LONGEST_TEXT: Final = 4000
FIRST: Final = datetime(1990, 1, 1, tzinfo=UTC)
LAST: Final = datetime(2200, 1, 1, tzinfo=UTC)


class Status(Struct, frozen=True, kw_only=True):
    """`GET /status`."""

    version: str
    name: str
    started_at: datetime | None


class Disk(Struct, frozen=True, kw_only=True):
    """Bytes; the path is never handed on."""

    total_bytes: int
    free_bytes: int
    path: str = ""


class Dvr(Struct, frozen=True, kw_only=True):
    """`GET /dvr`."""

    disk: Disk | None
    activity: Mapping[str, str]
    is_busy: bool = False


class Job(Struct, frozen=True, kw_only=True):
    """A recording that is planned or runs, of either face."""

    id: str
    title: str
    starts_at: datetime
    ends_at: datetime
    channel: str = ""  # number, or id
    episode_title: str = ""
    summary: str = ""
    program_id: str = ""
    rule_id: str = ""
    image: str = ""
    is_skipped: bool = False
    has_failed: bool = False
    error: str = ""


class Recorded(Struct, frozen=True, kw_only=True):
    """A file of the library, and what became of its recording."""

    id: str
    job_id: str = ""
    title: str = ""
    episode_title: str = ""
    show_id: str = ""
    channel: str = ""
    season: int = 0
    episode: int = 0
    summary: str = ""
    full_summary: str = ""
    image: str = ""
    rating: str = ""
    genres: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    release_year: int = 0
    release_date: str = ""
    duration: timedelta = timedelta()
    playback: timedelta = timedelta()
    completed: bool = False
    processed: bool = False
    cancelled: bool = False
    delayed: bool = False
    corrupted: bool = False
    deleted: bool = False
    watched: bool = False
    favorited: bool = False


class Channel(Struct, frozen=True, kw_only=True):
    """A channel of the line-up."""

    id: str
    number: str
    name: str
    logo: str = ""


class Airing(Struct, frozen=True, kw_only=True):
    """What is on now."""

    title: str
    episode_title: str = ""
    summary: str = ""
    image: str = ""
    starts_at: datetime
    ends_at: datetime
    categories: tuple[str, ...] = ()


def read_status(body: Any) -> Status:
    found = _map(body)
    started = _first(found, "start_time", "StartTime", "started_at")
    return Status(
        version=_text(_first(found, "version", "Version"))[:60],
        name=_text(_first(found, "FriendlyName", "friendly_name", "Name", "name"))[:200],
        started_at=_moment(started),
    )


def read_dvr(body: Any) -> Dvr:
    found = _map(body)
    activity = {_text(key)[:300]: _text(value) for key, value in _map(found.get("activity")).items()}
    return Dvr(disk=_disk(found), activity=activity, is_busy=_flag(found.get("busy")))


def _disk(found: Mapping[str, Any]) -> Disk | None:
    storage = _map(found.get("ServerStorage"))
    disk = _map(found.get("disk"))
    total = _size(disk.get("total")) if disk else _size(storage.get("Total"))
    free = _size(disk.get("free")) if disk else _size(storage.get("Available"))
    if not total or free is None or free > total:
        return None
    return Disk(total_bytes=total, free_bytes=free, path=_text(found.get("path"))[:1000])


def read_job(body: Any) -> Job | None:
    """A job of `/dvr/jobs` or `/api/v1/jobs`; None when it has no id or no time."""
    found = _map(body)
    inner = _map(_first(found, "Airing", "item", "airing"))
    job_id = _text(_first(found, "ID", "id"))[:200]
    starts = _moment(_first(found, "Time", "start_time", "StartTime"))
    if not job_id or starts is None:
        return None
    channels = _list(_first(found, "Channels", "channels"))
    channel = channels[0] if channels else _first(found, "Channel", "channel") or _first(inner, "Channel", "channel")
    return Job(
        id=job_id,
        title=_text(_first(found, "Name", "name") or _first(inner, "Title", "title"))[:500],
        starts_at=starts,
        ends_at=_end(found, inner, starts),
        channel=_text(channel)[:60],
        episode_title=_text(_first(inner, "EpisodeTitle", "episode_title"))[:500],
        summary=_text(_first(inner, "Summary", "summary", "full_summary"))[:LONGEST_TEXT],
        program_id=_text(_first(inner, "ProgramID", "program_id"))[:200],
        rule_id=_text(_first(found, "RuleID", "rule_id"))[:200],
        image=_art(found, ARTWORK) or _art(inner, ARTWORK),
        is_skipped=_flag(_first(found, "Skipped", "skipped")),
        has_failed=_flag(_first(found, "Failed", "failed")),
        error=_text(_first(found, "Error", "error"))[:500],
    )


def _end(found: Mapping[str, Any], inner: Mapping[str, Any], starts: datetime) -> datetime:
    stop = _moment(_first(found, "stop_time", "StopTime", "end_time"))
    if stop is not None and stop > starts:
        return stop
    length = _number(_first(found, "Duration", "duration")) or _number(_first(inner, "Duration", "duration"))
    return starts + timedelta(seconds=min(length, 604_800) if length and length > 0 else 60)


def read_recorded(body: Any) -> Recorded | None:
    """A file of `/dvr/files/<id>` or an item of `/api/v1/*`; None without an id."""
    found = _map(body)
    inner = _map(_first(found, "Airing", "airing"))
    file_id = _text(_first(found, "ID", "id"))[:60]
    if not file_id:
        return None

    def either(*names: str) -> Any:
        value = _first(found, *names)
        return _first(inner, *names) if value in (None, "") else value

    return Recorded(
        id=file_id,
        job_id=_text(either("JobID", "job_id"))[:200],
        title=_text(either("Title", "title"))[:500],
        episode_title=_text(either("EpisodeTitle", "episode_title"))[:500],
        show_id=_text(either("SeriesID", "show_id"))[:200],
        channel=_text(either("Channel", "channel"))[:60],
        season=int(_number(either("SeasonNumber", "season_number")) or 0),
        episode=int(_number(either("EpisodeNumber", "episode_number")) or 0),
        summary=_text(either("Summary", "summary"))[:LONGEST_TEXT],
        full_summary=_text(either("FullSummary", "full_summary"))[:LONGEST_TEXT],
        image=_art(found, ARTWORK) or _art(inner, ARTWORK),
        rating=_text(either("ContentRating", "content_rating"))[:60],
        genres=_texts(either("Genres", "genres")),
        cast=_texts(either("Cast", "cast")),
        directors=_texts(either("Directors", "directors")),
        tags=_texts(either("Tags", "tags")),
        categories=_texts(either("Categories", "categories")),
        release_year=int(_number(either("ReleaseYear", "release_year")) or 0),
        release_date=_text(either("ReleaseDate", "release_date"))[:40],
        duration=_seconds(_first(found, "Duration", "duration")),
        playback=_seconds(_first(found, "PlaybackTime", "playback_time")),
        completed=_flag(either("Completed", "completed")),
        processed=_flag(either("Processed", "processed")),
        cancelled=_flag(either("Cancelled", "cancelled")),
        delayed=_flag(either("Delayed", "delayed")),
        corrupted=_flag(either("Corrupted", "corrupted")),
        deleted=_flag(either("Deleted", "deleted")),
        watched=_flag(either("Watched", "watched")),
        favorited=_flag(either("Favorited", "favorited")),
    )


def read_channels(body: Any) -> list[Channel]:
    channels = []
    for one in map(_map, _list(body)):
        number = _text(_first(one, "number", "Number", "GuideNumber"))[:40]
        if number:
            name = _text(_first(one, "name", "Name", "GuideName"))[:200]
            channels.append(
                Channel(id=_text(_first(one, "id", "ID"))[:100], number=number, name=name, logo=_art(one, LOGOS))
            )
    return channels


def read_now(body: Any, at: datetime) -> dict[str, Airing]:
    """By channel number, what airs at `at`."""
    found: dict[str, Airing] = {}
    for one in map(_map, _list(body)):
        number = _text(_map(one.get("Channel")).get("Number"))[:40]
        for raw in map(_map, _list(one.get("Airings"))):
            starts = _moment(raw.get("Time"))
            length = _number(raw.get("Duration"))
            if starts is None or not length or not starts <= at <= starts + timedelta(seconds=min(length, 604_800)):
                continue
            found[number] = Airing(
                title=_text(raw.get("Title"))[:500],
                episode_title=_text(raw.get("EpisodeTitle"))[:500],
                summary=_text(raw.get("Summary"))[:LONGEST_TEXT],
                image=_art(raw, ARTWORK),
                starts_at=starts,
                ends_at=starts + timedelta(seconds=length),
                categories=_texts(raw.get("Categories")),
            )
    return found


def listed(body: Any) -> Sequence[Any]:
    """A list, also when it came as null."""
    return _list(body)


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _first(found: Mapping[str, Any], *names: str) -> Any:
    return next((found[name] for name in names if found.get(name) is not None), None)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value)) if value == int(value) else str(value)
    return ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(filter(None, (_text(one)[:200] for one in _list(value)[:50])))


def _flag(value: Any) -> bool:
    return value is True or value == 1 or (isinstance(value, str) and value.strip().lower() in _TRUE)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e18 else None
    try:
        found = float(value) if isinstance(value, str) and len(value) < 30 else None
    except ValueError:
        return None
    return found if found is not None and abs(found) < 1e18 else None


def _seconds(value: Any) -> timedelta:
    return timedelta(seconds=max(0.0, min(_number(value) or 0.0, 10_000_000)))


def _moment(value: Any) -> datetime | None:
    """Unix seconds, or milliseconds where they are so many, or RFC 3339."""
    number = _number(value)
    if number is not None:
        number = number / 1000 if number > 1e11 else number
        return datetime.fromtimestamp(number, UTC) if FIRST.timestamp() < number < LAST.timestamp() else None
    if isinstance(value, str) and "T" in value:
        try:
            found = datetime.fromisoformat(value.strip()[:40])
        except ValueError:
            return None
        return found if found.tzinfo is not None and FIRST < found < LAST else None
    return None


def _size(value: Any) -> int | None:
    if isinstance(value, str) and (found := _SIZE.match(value)):
        return int(float(found["number"]) * _UNITS[found["unit"].upper()])
    number = _number(value)
    return int(number) if number is not None and number >= 0 else None


def _art(found: Mapping[str, Any], names: Sequence[str]) -> str:
    for name in names:
        url = _text(found.get(name))
        if url.lower().startswith(("http://", "https://")) and len(url) <= 2000:
            return url
    return ""

"""What Xtream players read, to the type: they crash on a number where a text should be. Source: `specs/live.md` 4.4."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import UNSET, Struct, UnsetType

from polycast.live.lineup.model import DEFAULT_GROUP
from polycast.live.outputs.addresses import logo_url
from polycast.live.outputs.model import Entry, LineUp
from polycast.live.outputs.ports import Shown


class UserInfo(Struct, frozen=True, kw_only=True):
    username: str
    password: str
    message: str
    auth: int
    status: str
    exp_date: str  # unix seconds
    is_trial: str
    active_cons: str
    created_at: str
    max_connections: str
    allowed_output_formats: Sequence[str]


class ServerInfo(Struct, frozen=True, kw_only=True):
    url: str
    server_protocol: str
    port: str
    https_port: str
    rtmp_port: str
    timezone: str
    timestamp_now: int
    time_now: str
    process: bool


class Panel(Struct, frozen=True, kw_only=True):
    """`/player_api.php` without an action."""

    user_info: UserInfo
    server_info: ServerInfo


class Category(Struct, frozen=True, kw_only=True):
    category_id: str
    category_name: str
    parent_id: int = 0


class LiveStream(Struct, frozen=True, kw_only=True, gc=False):
    num: int
    name: str
    stream_type: str
    stream_id: int
    stream_icon: str | None
    epg_channel_id: str
    added: str  # unix seconds
    is_adult: int
    category_id: str
    category_ids: tuple[int, ...]
    custom_sid: str
    tv_archive: int
    direct_source: str
    tv_archive_duration: int  # days


class Listing(Struct, frozen=True, kw_only=True):
    id: str
    epg_id: str
    title: str  # base64
    lang: str
    start: str  # UTC
    end: str
    description: str  # base64
    channel_id: str
    start_timestamp: str
    stop_timestamp: str
    stream_id: str
    has_archive: int
    now_playing: int | UnsetType = UNSET


class Listings(Struct, frozen=True, kw_only=True):
    epg_listings: Sequence[Listing]


def categories(lineup: LineUp) -> list[Category]:
    """Groups that have a visible channel, by the lowest number in each."""
    found: dict[int, str] = {}
    for entry in lineup.entries:
        if entry.group_id is not None:
            found.setdefault(entry.group_id, entry.group_name or DEFAULT_GROUP)
        else:
            found.setdefault(lineup.default_group_id, DEFAULT_GROUP)
    return [Category(category_id=str(group_id), category_name=name) for group_id, name in found.items()]


def live_streams(lineup: LineUp, origin: str, *, category: str = "", archives: bool) -> list[LiveStream]:
    """The channels of a line-up, or of one category of it."""
    integers, default = lineup.integers, lineup.default_group_id
    made: list[LiveStream] = []
    for entry in lineup.entries:
        group_id = default if entry.group_id is None else entry.group_id
        if category and category != str(group_id):
            continue
        number = integers[entry.id]
        days = entry.catchup_days if archives else 0
        made.append(
            LiveStream(
                num=number,
                name=entry.name,
                stream_type="live",
                stream_id=entry.id,
                stream_icon=logo_url(origin, entry) or None,
                epg_channel_id=str(number),
                added=str(int(entry.created_at.timestamp())),
                is_adult=int(entry.is_adult),
                category_id=str(group_id),
                category_ids=(group_id,),
                custom_sid="",
                tv_archive=int(days > 0),
                direct_source="",
                tv_archive_duration=days,
            )
        )
    return made


def listing(entry: Entry, number: int, programme_id: int, one: Shown, *, archive_since: float, now: float) -> Listing:
    """A programme. `archive_since` is when what was on can first be watched again, unix seconds."""
    return Listing(
        id=str(programme_id),
        epg_id=str(entry.guide_channel_id or 0),
        title=_base64(one.title),
        lang="",
        start=_time(one.start),
        end=_time(one.end),
        description=_base64(one.description),
        channel_id=str(number),
        start_timestamp=str(one.start),
        stop_timestamp=str(one.end),
        stream_id=str(entry.id),
        has_archive=int(archive_since <= one.start and one.end <= now),
    )


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")

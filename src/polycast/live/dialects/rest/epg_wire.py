"""Bodies of `/api/epg/`. Source: `specs/live.md` 2.4, 3.4."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.http import Upload, line
from polycast.core.secrets import MASK
from polycast.live.guide.listings import Found
from polycast.live.guide.model import GuideChannel, GuideSource, Programme, SourceForm
from polycast.live.guide.store_guided import Guided

Extras = Mapping[str, Any]
MOST_GUIDES = 50
THOUSAND = 1000
CREDITS = {
    "actors": "actor",
    "directors": "director",
    "writers": "writer",
    "producers": "producer",
    "presenters": "presenter",
}


class EpgSource(Struct, frozen=True, kw_only=True):
    """Where guide data comes from."""

    id: int
    name: str
    source_type: str
    url: str | None
    username: str | None  # *** when there is one
    is_active: bool
    file_path: str | None
    refresh_interval: int  # hours; 0: never
    cron_expression: str
    priority: int
    status: str
    last_message: str
    created_at: datetime
    updated_at: datetime | None
    custom_properties: dict[str, Any]
    epg_data_count: int
    has_channels: bool

    @classmethod
    def of(cls, source: GuideSource) -> "EpgSource":
        return cls(
            id=source.id,
            name=source.name,
            source_type=source.source_type.value,
            url=source.url or None,
            username=MASK if source.has_username else None,
            is_active=source.is_active,
            file_path=source.file_path or None,
            refresh_interval=source.refresh_hours,
            cron_expression=source.cron,
            priority=source.priority,
            status=source.status.value,
            last_message=source.last_message,
            created_at=source.created_at,
            updated_at=source.updated_at,
            custom_properties=dict(source.custom_properties),
            epg_data_count=source.channel_count,
            has_channels=source.has_channels,
        )


class EpgSourcePatch(Struct, frozen=True, kw_only=True):
    """Absent keeps."""

    name: Annotated[str, line(255)] | UnsetType = UNSET
    source_type: str | UnsetType = UNSET
    url: str | None | UnsetType = UNSET
    username: str | None | UnsetType = UNSET
    password: str | None | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    file_path: str | None | UnsetType = UNSET
    refresh_interval: int | UnsetType = UNSET
    cron_expression: str | None | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    custom_properties: dict[str, Any] | None | UnsetType = UNSET

    def form(self) -> SourceForm:
        """Null empties a text."""
        return SourceForm(
            name=self.name,
            source_type=self.source_type,
            url=_emptied(self.url),
            file_path=_emptied(self.file_path),
            username=_emptied(self.username),
            password=_emptied(self.password),
            is_active=self.is_active,
            refresh_hours=self.refresh_interval,
            cron=_emptied(self.cron_expression),
            priority=self.priority,
            custom_properties={} if self.custom_properties is None else self.custom_properties,
        )

    def __repr__(self) -> str:
        return "EpgSourcePatch()"


class EpgSourceIn(EpgSourcePatch, frozen=True, kw_only=True):
    """A source, new or in full."""

    name: Annotated[str, line(255)]

    def __repr__(self) -> str:
        return "EpgSourceIn()"


class EpgUpload(Struct, frozen=True, kw_only=True):
    """A guide as a file."""

    file: Upload
    name: Annotated[str, line(255, blank=True)] = ""


class Import(Struct, frozen=True, kw_only=True):
    """Which source to read again."""

    id: int
    force: bool = False


class Imported(Struct, frozen=True, kw_only=True):
    """It will be."""

    success: bool
    message: str


class EpgData(Struct, frozen=True, kw_only=True):
    """A channel of a guide."""

    id: int
    tvg_id: str
    name: str
    icon_url: str | None
    epg_source: int

    @classmethod
    def of(cls, channel: GuideChannel) -> "EpgData":
        return cls(
            id=channel.id,
            tvg_id=channel.tvg_id,
            name=channel.name,
            icon_url=channel.icon_url or None,
            epg_source=channel.source_id,
        )


class Slim(Struct, frozen=True, kw_only=True):
    """A programme in lists."""

    id: int | str
    start_time: datetime
    end_time: datetime
    title: str
    sub_title: str | None
    description: str | None
    tvg_id: str | None
    season: int | None
    episode: int | None
    is_new: bool
    is_live: bool
    is_premiere: bool
    is_finale: bool


class Grid(Struct, frozen=True):
    """Programmes of a day."""

    data: list[Slim]


class OnChannel(Slim, frozen=True, kw_only=True):
    """What runs on a channel."""

    channel_uuid: str


class OnGuide(Slim, frozen=True, kw_only=True):
    """What runs on a guide channel."""

    epg_data_id: int


class Parsing(Struct, frozen=True):
    """Its programmes are still being read: ask again."""

    epg_data_id: int
    parsing: bool = True


class CurrentAsked(Struct, frozen=True, kw_only=True):
    """Channels, or guide channels; null or nothing means every channel."""

    channel_uuids: list[str] | None | UnsetType = UNSET
    epg_data_ids: Annotated[list[int], Meta(max_length=MOST_GUIDES)] | None | UnsetType = UNSET


class Credits(Struct, frozen=True, kw_only=True):
    """Who made it."""

    actors: list[Any]
    directors: list[Any]
    writers: list[Any]
    producers: list[Any]
    presenters: list[Any]


class Detail(Slim, frozen=True, kw_only=True):
    """All that is known of a programme."""

    categories: list[str]
    rating: str | None
    rating_system: str | None
    star_ratings: list[Any]
    credits: Credits
    video_quality: str | None
    aspect_ratio: str | None
    stereo: str | None
    is_previously_shown: bool
    country: str | None
    language: str | None
    production_date: str | None
    original_air_date: str | None
    content_advisory: list[Any]
    content_ratings: list[Any]
    event_details: Any
    runtime: str | None
    runtime_units: str | None
    imdb_id: str | None
    tmdb_id: str | None
    tvdb_id: str | None
    icon: str | None
    images: list[Any]
    poster_url: str | None

    @classmethod
    def of(cls, programme: Programme, tvg_id: str, origin: str) -> "Detail":
        extras = programme.extras
        video, length = extras.get("video") or {}, extras.get("length") or {}
        people = extras.get("credits") or {}
        return cls(
            **slim_values(programme, tvg_id),
            categories=extras.get("categories", []),
            rating=extras.get("rating"),
            rating_system=extras.get("rating_system"),
            star_ratings=extras.get("star_ratings", []),
            credits=Credits(**{name: people.get(key, []) for name, key in CREDITS.items()}),
            video_quality=video.get("quality"),
            aspect_ratio=video.get("aspect"),
            stereo=(extras.get("audio") or {}).get("stereo"),
            is_previously_shown=bool(extras.get("previously_shown")),
            country=extras.get("country"),
            language=extras.get("language"),
            production_date=extras.get("date"),
            original_air_date=extras.get("original_air_date"),
            content_advisory=extras.get("content_advisory", []),
            content_ratings=extras.get("content_ratings", []),
            event_details=extras.get("event_details"),
            runtime=length.get("value"),
            runtime_units=length.get("units"),
            imdb_id=extras.get("imdb.com_id"),
            tmdb_id=extras.get("themoviedb.org_id"),
            tvdb_id=extras.get("thetvdb.com_id"),
            icon=extras.get("icon"),
            images=extras.get("images", []),
            poster_url=f"{origin}/api/epg/programs/{programme.id}/poster/" if extras.get("icon") else None,
        )


class FoundChannel(Struct, frozen=True, kw_only=True):
    """A channel that shows it."""

    id: int
    name: str
    channel_number: float | None
    channel_group: str | None
    tvg_id: str | None

    @classmethod
    def of(cls, channel: Guided) -> "FoundChannel":
        return cls(
            id=channel.id,
            name=channel.name,
            channel_number=None if channel.number is None else channel.number / THOUSAND,
            channel_group=channel.group or None,
            tvg_id=channel.own_tvg_id or None,
        )


class FoundStream(Struct, frozen=True, kw_only=True):
    """A stream of such a channel."""

    id: int
    name: str
    channel_group: str | None
    tvg_id: str | None
    m3u_account: int | None


class Hit(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A programme that was found; `fields` may have left some out."""

    id: int | str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    sub_title: str | None | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    start_time: datetime | UnsetType = UNSET
    end_time: datetime | UnsetType = UNSET
    tvg_id: str | UnsetType = UNSET
    custom_properties: dict[str, Any] | UnsetType = UNSET
    epg_source: int | UnsetType = UNSET
    epg_name: str | UnsetType = UNSET
    epg_icon_url: str | None | UnsetType = UNSET
    channels: list[FoundChannel] | UnsetType = UNSET
    streams: list[FoundStream] | UnsetType = UNSET

    @classmethod
    def of(cls, found: Found, streams: Sequence[FoundStream], fields: frozenset[str]) -> "Hit":
        programme, guide = found.programme, found.guide_channel
        values: dict[str, Any] = {
            "id": programme.id,
            "title": programme.airing.title,
            "sub_title": programme.airing.sub_title or None,
            "description": programme.airing.description or None,
            "start_time": programme.start_at,
            "end_time": programme.end_at,
            "tvg_id": guide.tvg_id,
            "custom_properties": dict(programme.extras),
            "epg_source": guide.source_id,
            "epg_name": guide.name,
            "epg_icon_url": guide.icon_url or None,
            "channels": [FoundChannel.of(channel) for channel in found.channels],
            "streams": list(streams),
        }
        return cls(**{name: value for name, value in values.items() if not fields or name in fields})


def slim_values(programme: Programme, tvg_id: str | None) -> dict[str, Any]:
    """The fields of `Slim`."""
    airing, extras = programme.airing, programme.extras
    return {
        "id": programme.id,
        "start_time": programme.start_at,
        "end_time": programme.end_at,
        "title": airing.title,
        "sub_title": airing.sub_title or None,
        "description": airing.description or None,
        "tvg_id": tvg_id,
        "season": extras.get("season"),
        "episode": extras.get("episode"),
        "is_new": bool(extras.get("new")),
        "is_live": bool(extras.get("live")),
        "is_premiere": bool(extras.get("premiere")),
        "is_finale": bool(extras.get("finale")),
    }


def shown_tvg_id(channel: Guided, programme: Programme) -> str:
    """The guide's id; the channel's uuid where the programme was made up."""
    return channel.uuid if isinstance(programme.id, str) else channel.tvg_id


def _emptied(value: str | None | UnsetType) -> str | UnsetType:
    return "" if value is None else value

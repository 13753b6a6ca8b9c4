"""Titles, libraries and media sources as Jellyfin shows them."""

from collections.abc import Sequence
from typing import Any, Final

from polycast.library.catalogue.model import Kind, Library, LibraryType, MediaFile
from polycast.library.dialects.jellyfin.asked import plain_id
from polycast.library.dialects.jellyfin.names import (
    genre_id,
    library_id,
    made_id,
    moment,
    source_id,
    ticks,
    without_none,
)
from polycast.library.playback.browse import Entry
from polycast.library.playback.deciding import is_text
from polycast.library.playback.store_progress import WatchState
from polycast.library.probing.model import ProbedStream
from polycast.library.tracks.languages import iso639_2
from polycast.library.tracks.model import SubtitleTrack
from polycast.library.tracks.service import label_of

TYPES: Final = {Kind.MOVIE: "Movie", Kind.SHOW: "Series", Kind.SEASON: "Season", Kind.EPISODE: "Episode"}
KINDS: Final = {"movie": "movie", "series": "show", "season": "season", "episode": "episode"}
COLLECTIONS: Final = {
    LibraryType.MOVIE: "movies",
    LibraryType.TV: "tvshows",
    LibraryType.ANIME: "tvshows",
    LibraryType.MUSIC: "music",
}
IMAGES: Final = {"poster": "Primary", "logo": "Logo", "thumb": "Thumb", "banner": "Banner", "still": "Primary"}
HDR: Final = {"hdr10": "HDR10", "hlg": "HLG", "dolby_vision": "DOVI"}
TILE_WIDTH: Final = 320
STATUS: Final = {"ended": "Ended", "canceled": "Ended", "returning": "Continuing"}
CONTAINERS: Final = {"mp4": "mp4,m4a,m4v,mov", "matroska": "mkv"}


def view_dto(library: Library, server_id: str) -> dict[str, Any]:
    """A library."""
    identity = library_id(library)
    return {
        "Name": library.name,
        "ServerId": server_id,
        "Id": identity,
        "Etag": made_id("etag", f"{library.nanoid}{library.updated_at}"),
        "DateCreated": moment(library.created_at),
        "CanDelete": False,
        "CanDownload": False,
        "SortName": library.name.lower(),
        "IsFolder": True,
        "Type": "CollectionFolder",
        "CollectionType": COLLECTIONS.get(library.type, "homevideos"),
        "UserData": {
            "PlaybackPositionTicks": 0,
            "PlayCount": 0,
            "IsFavorite": False,
            "Played": False,
            "Key": identity,
            "ItemId": identity,
        },
        "ChildCount": library.item_count,
        "DisplayPreferencesId": identity,
        "ImageTags": {},
        "BackdropImageTags": [],
        "ImageBlurHashes": {},
        "LocationType": "FileSystem",
        "MediaType": "Unknown",
        "LockedFields": [],
        "LockData": False,
    }


def item_dto(entry: Entry, server_id: str, *, is_full: bool = False) -> dict[str, Any]:
    """A film, show, season or episode; `is_full` with people, sources and chapters."""
    item = entry.item
    is_folder = item.kind in (Kind.SHOW, Kind.SEASON)
    found: dict[str, Any] = {
        "Name": item.title,
        "OriginalTitle": item.original_title or None,
        "ServerId": server_id,
        "Id": item.uuid,
        "Etag": made_id("etag", f"{item.uuid}{item.updated_at}"),
        "DateCreated": moment(item.added_at),
        "CanDelete": False,
        "CanDownload": not is_folder,
        "SortName": item.title_key,
        "PremiereDate": f"{item.released.isoformat()}T00:00:00.0000000Z" if item.released else None,
        "Overview": item.overview or None,
        "Taglines": [item.tagline] if item.tagline else [],
        "Genres": list(entry.genres),
        "GenreItems": [{"Name": one, "Id": genre_id(one)} for one in entry.genres],
        "Studios": [{"Name": one, "Id": made_id("studio", one.casefold())} for one in entry.studios],
        "CommunityRating": item.rating / 100 if item.rating else None,
        "OfficialRating": item.content_rating or None,
        "ProductionYear": item.year,
        "RunTimeTicks": ticks(item.duration_ms or (item.runtime or 0) * 60_000) or None,
        "ProviderIds": _providers(entry),
        "IsFolder": is_folder,
        "ParentId": _parent(entry),
        "Type": TYPES[item.kind],
        "MediaType": "Unknown" if is_folder else "Video",
        "LocationType": "FileSystem",
        "UserData": user_data(entry),
        "ImageTags": image_tags(item.images),
        "BackdropImageTags": [item.images["backdrop"][:32]] if "backdrop" in item.images else [],
        "ImageBlurHashes": {},
        "PrimaryImageAspectRatio": 1.7777777777777777 if item.kind is Kind.EPISODE else 0.6666666666666666,
        "LockedFields": [],
        "LockData": False,
        "EnableMediaSourceDisplay": True,
        "PlayAccess": "Full",
    }
    found |= _series(entry)
    if not is_folder:
        found |= _picture(entry)
    if is_full:
        found |= _people(entry) | _chapters(entry)
    return without_none(found)


def trickplay_dto(file: MediaFile) -> dict[str, Any]:
    """The sheets of small pictures that can be drawn for a file."""
    video = file.probed.video if file.probed else None
    if video is None or not video.width or not video.height or not file.duration_ms:
        return {}
    height = max(2, TILE_WIDTH * video.height // video.width // 2 * 2)
    count = max(1, -(-(file.duration_ms // 1000) // 10))
    measures = {
        "Width": TILE_WIDTH,
        "Height": height,
        "TileWidth": 5,
        "TileHeight": 20,
        "ThumbnailCount": count,
        "Interval": 10_000,
        "Bandwidth": 20_000,
    }
    return {source_id(file): {str(TILE_WIDTH): measures}}


def _picture(entry: Entry) -> dict[str, Any]:
    """What is known of the best file of a title."""
    item, file = entry.item, entry.files[0] if entry.files else None
    return {
        "VideoType": "VideoFile",
        "Width": item.height and file.width if file else None,
        "Height": item.height or None,
        "IsHD": item.height >= 720,
        "Container": _container(file) if file else None,
        "Path": file.path.name if file else None,  # Kodi looks whether it ends in .strm
        "HasSubtitles": bool(file and file.probed and file.probed.subtitles),
        "MediaSourceCount": len(entry.files),
    }


def _chapters(entry: Entry) -> dict[str, Any]:
    file = entry.files[0] if entry.files else None
    if file is None or file.probed is None or entry.item.kind in (Kind.SHOW, Kind.SEASON):
        return {}
    at = moment(entry.item.added_at)
    marks = [(one.start.total_seconds(), one.title) for one in file.probed.chapters]
    return {
        "Chapters": [
            {"StartPositionTicks": int(start * 10_000_000), "Name": title, "ImageDateModified": at}
            for start, title in marks
        ]
    }


def user_data(entry: Entry) -> dict[str, Any]:
    """What the caller has seen of a title."""
    item = entry.item
    found = state_dto(entry.state, item.uuid, item.duration_ms)
    if item.kind in (Kind.SHOW, Kind.SEASON):
        found["UnplayedItemCount"] = max(0, item.available_count - entry.seen_episodes)
        found["Played"] = item.available_count > 0 and found["UnplayedItemCount"] == 0
    return found


def state_dto(state: WatchState, uuid: str, length_ms: int) -> dict[str, Any]:
    """A watch state."""
    found: dict[str, Any] = {
        "PlaybackPositionTicks": ticks(state.position_ms),
        "PlayCount": state.play_count,
        "IsFavorite": state.is_favorite,
        "LastPlayedDate": moment(state.last_played_at),
        "Played": state.watched,
        "Key": uuid,
        "ItemId": uuid,
    }
    if state.position_ms and length_ms:
        found["PlayedPercentage"] = min(100.0, 100 * state.position_ms / length_ms)
    return without_none(found)


def source_dto(file: MediaFile, tracks: Sequence[SubtitleTrack], item_uuid: str, *, name: str = "") -> dict[str, Any]:
    """A file that can be played."""
    probed = file.probed
    streams = [stream_dto(one) for one in (probed.streams if probed else []) if one.kind in ("video", "audio")]
    streams += [subtitle_dto(one, item_uuid, source_id(file)) for one in tracks]
    streams.sort(key=lambda one: one["Index"])
    default_audio = next((one["Index"] for one in streams if one["Type"] == "Audio" and one["IsDefault"]), None)
    if default_audio is None:
        default_audio = next((one["Index"] for one in streams if one["Type"] == "Audio"), None)
    return without_none(
        {
            "Protocol": "File",
            "Id": source_id(file),
            "Path": file.path.name,
            "Type": "Default",
            "Container": _container(file),
            "Size": file.size_bytes,
            "Name": name or " ".join(word for word in (file.resolution, file.edition) if word) or file.path.stem,
            "IsRemote": False,
            "ETag": f"{file.mtime_ns:x}",
            "RunTimeTicks": ticks(file.duration_ms),
            "ReadAtNativeFramerate": False,
            "IgnoreDts": False,
            "IgnoreIndex": False,
            "GenPtsInput": False,
            "SupportsTranscoding": True,
            "SupportsDirectStream": True,
            "SupportsDirectPlay": True,
            "IsInfiniteStream": False,
            "RequiresOpening": False,
            "RequiresClosing": False,
            "RequiresLooping": False,
            "SupportsProbing": True,
            "VideoType": "VideoFile",
            "MediaStreams": streams,
            "MediaAttachments": [],
            "Formats": [],
            "Bitrate": file.bitrate or None,
            "RequiredHttpHeaders": {},
            "TranscodingSubProtocol": "http",
            "DefaultAudioStreamIndex": default_audio,
            "HasSegments": False,
        }
    )


def stream_dto(stream: ProbedStream) -> dict[str, Any]:
    """A video or audio stream."""
    common: dict[str, Any] = {
        "Codec": stream.codec,
        "CodecTag": stream.codec_tag or None,
        "Language": iso639_2(stream.language) if stream.language else None,
        "TimeBase": "1/1000",
        "Title": stream.title,
        "BitRate": stream.bitrate_bps,
        "BitDepth": stream.bit_depth if stream.kind == "video" else None,
        "Profile": stream.profile,
        "Level": stream.level or 0,
        "Index": stream.index,
        "IsDefault": stream.is_default,
        "IsForced": stream.is_forced,
        "IsHearingImpaired": stream.is_hearing_impaired,
        "IsExternal": False,
        "IsTextSubtitleStream": False,
        "SupportsExternalStream": False,
        "IsInterlaced": bool(stream.is_interlaced),
    }
    common |= _video_words(stream) if stream.kind == "video" else _audio_words(stream)
    return without_none(common)


def _video_words(stream: ProbedStream) -> dict[str, Any]:
    hdr = HDR.get(stream.hdr or "")
    return {
        "Type": "EmbeddedImage" if stream.is_attached_picture else "Video",
        "DisplayTitle": f"{stream.height}p {stream.codec.upper()}" + (f" {hdr}" if hdr else ""),
        "Width": stream.width,
        "Height": stream.height,
        "AverageFrameRate": stream.fps,
        "RealFrameRate": stream.fps,
        "VideoRange": "HDR" if hdr else "SDR",
        "VideoRangeType": hdr or "SDR",
        "PixelFormat": stream.pixel_format,
        "RefFrames": 1,
        "IsAVC": stream.codec == "h264",
        "AspectRatio": "16:9",
        "AudioSpatialFormat": "None",
    }


def _audio_words(stream: ProbedStream) -> dict[str, Any]:
    words = [iso639_2(stream.language or "und").capitalize(), stream.codec.upper(), stream.layout or ""]
    return {
        "Type": "Audio",
        "DisplayTitle": " - ".join(word for word in words if word),
        "Channels": stream.channels,
        "ChannelLayout": stream.layout,
        "SampleRate": stream.sample_rate_hz,
        "VideoRange": "Unknown",
        "VideoRangeType": "Unknown",
        "AudioSpatialFormat": "None",
    }


def subtitle_dto(track: SubtitleTrack, item_uuid: str, source: str) -> dict[str, Any]:
    """Subtitles, wherever they are; text is always there as a file of its own."""
    found: dict[str, Any] = {
        "Codec": {"webvtt": "vtt", "hdmv_pgs_subtitle": "PGSSUB", "dvd_subtitle": "DVDSUB"}.get(
            track.codec, track.codec
        ),
        "Language": iso639_2(track.language) if track.language else None,
        "Title": track.title or None,
        "DisplayTitle": label_of(track),
        "Index": track.index,
        "Type": "Subtitle",
        "IsDefault": track.is_default,
        "IsForced": track.is_forced,
        "IsHearingImpaired": track.is_hearing_impaired,
        "IsExternal": track.path is not None,
        "IsInterlaced": False,
        "IsTextSubtitleStream": track.is_text or is_text(track.codec),
        "SupportsExternalStream": track.is_text,
        "DeliveryMethod": "External" if track.is_text else "Encode",
        "VideoRange": "Unknown",
        "VideoRangeType": "Unknown",
        "AudioSpatialFormat": "None",
        "Level": 0,
    }
    if track.is_text:
        found["DeliveryUrl"] = f"/Videos/{plain_id(item_uuid)}/{source}/Subtitles/{track.index}/0/Stream.vtt"
        found["IsExternalUrl"] = False
    return without_none(found)


def image_tags(images: dict[str, str]) -> dict[str, str]:
    """Which pictures there are; the tag changes with the picture."""
    return {IMAGES[kind]: name[:32] for kind, name in images.items() if kind in IMAGES}


def _providers(entry: Entry) -> dict[str, str]:
    item = entry.item
    found = {"Tmdb": item.tmdb, "Imdb": item.imdb, "Tvdb": item.tvdb}
    return {name: str(value) for name, value in found.items() if value is not None}


def _parent(entry: Entry) -> str | None:
    if entry.season is not None:
        return entry.season.uuid
    if entry.show is not None:
        return entry.show.uuid
    return library_id(entry.library) if entry.library else None


def _series(entry: Entry) -> dict[str, Any]:
    item, show, season = entry.item, entry.show, entry.season
    if item.kind is Kind.SHOW:
        return {
            "Status": STATUS.get(item.status, "Continuing" if item.status else None),
            "ChildCount": None,
            "RecursiveItemCount": item.available_count,
        }
    found: dict[str, Any] = {}
    if show is not None:
        found |= {"SeriesId": show.uuid, "SeriesName": show.title}
        if "poster" in show.images:
            found["SeriesPrimaryImageTag"] = show.images["poster"][:32]
        if "backdrop" in show.images:
            found |= {"ParentBackdropItemId": show.uuid, "ParentBackdropImageTags": [show.images["backdrop"][:32]]}
        if "logo" in show.images:
            found |= {"ParentLogoItemId": show.uuid, "ParentLogoImageTag": show.images["logo"][:32]}
    if item.kind is Kind.SEASON:
        found |= {"IndexNumber": item.season_number, "ChildCount": item.available_count}
    if item.kind is Kind.EPISODE:
        found |= {
            "IndexNumber": item.episode_number,
            "IndexNumberEnd": item.end_number,
            "ParentIndexNumber": item.season_number,
            "SeasonId": season.uuid if season else None,
            "SeasonName": season.title if season else None,
        }
    return found


def _people(entry: Entry) -> dict[str, Any]:
    return {
        "People": [
            without_none(
                {
                    "Name": one.name,
                    "Id": one.person_uuid,
                    "Role": one.character or one.job or None,
                    "Type": "Actor" if one.kind == "cast" else one.job or "Unknown",
                    "PrimaryImageTag": one.image[:32] if one.image and ":" not in one.image else None,
                }
            )
            for one in entry.credits
        ]
    }


def _container(file: MediaFile) -> str:
    first = file.container.split(",")[0]
    return "mkv" if first == "matroska" else "mp4" if first in {"mov", "mp4"} else {"mpegts": "ts"}.get(first, first)

"""What a file holds, as this API shows it."""

from polycast.core.media import ProbedStream
from polycast.library.catalogue.model import MediaFile
from polycast.library.dialects.v1.titles_wire import spatial
from polycast.library.dialects.v1.wire import Out, seconds

HDR = {"hdr10": "HDR10", "hlg": "HLG", "dolby_vision": "DolbyVision"}


class VideoStream(Out, frozen=True, kw_only=True):
    """A picture."""

    index: int
    codec: str
    profile: str | None
    level: int | None
    width: int | None
    height: int | None
    frame_rate: float | None
    bit_depth: int | None
    hdr_format: str | None
    pix_fmt: str | None


class AudioStream(Out, frozen=True, kw_only=True):
    """Sound."""

    index: int
    codec: str
    profile: str | None
    channels: int | None
    channel_layout: str | None
    sample_rate: int | None
    bitrate: int | None
    language: str | None
    title: str | None
    default: bool
    commentary: bool
    spatial: str | None


class SubtitleStream(Out, frozen=True, kw_only=True):
    """Subtitles in the file."""

    index: int
    codec: str
    language: str | None
    title: str | None
    default: bool
    forced: bool
    hearing_impaired: bool
    external: bool


class Chapter(Out, frozen=True, kw_only=True):
    """A chapter; seconds."""

    start: float
    end: float
    title: str


class FileStats(Out, frozen=True, kw_only=True):
    """A file."""

    id: str
    path: str | None  # for managers
    container: str | None
    size: int
    duration: float | None
    bitrate: int | None
    edition: str | None
    part: int | None
    probe_status: str
    probe_error: str | None
    video: list[VideoStream]
    audio: list[AudioStream]
    subtitles: list[SubtitleStream]
    chapters: list[Chapter]


class FilesStats(Out, frozen=True, kw_only=True):
    """All files of a title."""

    files: list[FileStats]


def stats_of(files: list[MediaFile], *, with_path: bool) -> FilesStats:
    return FilesStats(files=[_file(one, with_path=with_path) for one in files])


def _file(file: MediaFile, *, with_path: bool) -> FileStats:
    probed = file.probed
    return FileStats(
        id=file.nanoid,
        path=str(file.path) if with_path else None,
        container=file.container or None,
        size=file.size_bytes,
        duration=seconds(file.duration_ms) if file.duration_ms else None,
        bitrate=file.bitrate or None,
        edition=file.edition or None,
        part=file.part_index or None,
        probe_status=file.probe_status,
        probe_error=(file.probe_error or None) if with_path else None,
        video=[
            video(one)
            for one in (probed.streams if probed else [])
            if one.kind == "video" and not one.is_attached_picture
        ],
        audio=[audio(one) for one in (probed.audio if probed else [])],
        subtitles=[_subtitle(one) for one in (probed.subtitles if probed else [])],
        chapters=[
            Chapter(start=one.start.total_seconds(), end=one.end.total_seconds(), title=one.title)
            for one in (probed.chapters if probed else [])
        ],
    )


def video(one: ProbedStream) -> VideoStream:
    return VideoStream(
        index=one.index,
        codec=one.codec,
        profile=one.profile,
        level=one.level,
        width=one.width,
        height=one.height,
        frame_rate=round(one.fps, 3) if one.fps else None,
        bit_depth=one.bit_depth,
        hdr_format=HDR.get(one.hdr or ""),
        pix_fmt=one.pixel_format,
    )


def audio(one: ProbedStream) -> AudioStream:
    return AudioStream(
        index=one.index,
        codec=one.codec,
        profile=one.profile,
        channels=one.channels,
        channel_layout=one.layout,
        sample_rate=one.sample_rate_hz,
        bitrate=one.bitrate_bps,
        language=one.language,
        title=one.title,
        default=one.is_default,
        commentary=one.is_comment,
        spatial=spatial(one),
    )


def _subtitle(one: ProbedStream) -> SubtitleStream:
    return SubtitleStream(
        index=one.index,
        codec=one.codec,
        language=one.language,
        title=one.title,
        default=one.is_default,
        forced=one.is_forced,
        hearing_impaired=one.is_hearing_impaired,
        external=False,
    )

"""`/v1/subtitles` and `/v1/audio`. Source: specs/library.md 3.21."""

from collections import Counter
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from polycast.core.http import Media, Route, Upload, delete, get, patch, post
from polycast.core.identity.caller import Caller
from polycast.library.dialects.v1.files_wire import AudioStream, audio
from polycast.library.dialects.v1.policies import ADMIN, USER
from polycast.library.dialects.v1.wire import Out, Sent
from polycast.library.tracks.manage import Listed, New, Subtitles

LIMIT = 10 * 1024 * 1024 + 64 * 1024
Short = Annotated[str, Meta(max_length=100)]
Language = Annotated[str, Meta(max_length=20)]


class TrackOut(Out, frozen=True, kw_only=True):
    """Subtitles of a file. `id` is that of a track of our own or beside the video; empty for one inside it."""

    id: str
    file_id: str
    index: int
    source: str
    format: str
    language: str | None
    title: str | None
    forced: bool
    hearing_impaired: bool
    is_image: bool
    path: str | None  # for managers
    sync_offset: float  # seconds


class Tracks(Out, frozen=True, kw_only=True):
    """All of a title."""

    items: list[TrackOut]


class FileAudio(Out, frozen=True, kw_only=True):
    """Sound tracks of a file."""

    file_id: str
    tracks: list[AudioStream]


class AudioOut(Out, frozen=True, kw_only=True):
    """All of a title."""

    items: list[FileAudio]


class Counted(Out, frozen=True, kw_only=True):
    """How often."""

    name: str
    count: int


class CountsOut(Out, frozen=True, kw_only=True):
    """Tracks over all that one may see."""

    tracks: int
    languages: list[Counted]
    codecs: list[Counted]


class TrackChange(Sent, frozen=True, kw_only=True):
    """What to change. Absent keeps."""

    language: Language | UnsetType = UNSET
    title: Short | UnsetType = UNSET
    forced: bool | UnsetType = UNSET
    sync_offset: Annotated[float, Meta(ge=-3600, le=3600)] | UnsetType = UNSET


class UploadIn(Sent, frozen=True, kw_only=True):
    """A subtitle file, and what it is."""

    file: Upload
    language: Language = ""
    title: Short = ""
    forced: bool = False
    hearing_impaired: bool = False


@get("/v1/subtitles", policy=ADMIN)
async def subtitle_counts(caller: Caller, subtitles: Subtitles) -> CountsOut:
    """How many subtitle tracks there are, by language and codec."""
    languages, codecs, _, _ = await subtitles.counts(caller)
    return _counts(languages, codecs)


@get("/v1/audio", policy=ADMIN)
async def audio_counts(caller: Caller, subtitles: Subtitles) -> CountsOut:
    """How many sound tracks there are, by language and codec."""
    _, _, languages, codecs = await subtitles.counts(caller)
    return _counts(languages, codecs)


@get("/v1/subtitles/{media_type}/{media_id}", policy=USER)
async def subtitle_tracks(caller: Caller, media_type: str, media_id: str, subtitles: Subtitles) -> Tracks:
    """All subtitles of a title: in its files, beside them, and ours."""
    found = await subtitles.of(caller, media_id)
    return Tracks(items=[track_out(one, caller) for one in found])


@get("/v1/audio/{media_type}/{media_id}", policy=USER)
async def audio_tracks(caller: Caller, media_type: str, media_id: str, subtitles: Subtitles) -> AudioOut:
    """The sound tracks of a title's files."""
    found = await subtitles.files_of(caller, media_id)
    return AudioOut(
        items=[
            FileAudio(file_id=file.nanoid, tracks=[audio(one) for one in file.probed.audio])
            for file in found
            if file.probed is not None
        ]
    )


@post(
    "/v1/subtitles/{media_type}/{media_id}/upload",
    policy=ADMIN,
    sent=UploadIn,
    status=201,
    body_limit=LIMIT,
    media=(Media.MULTIPART,),
)
async def upload(caller: Caller, media_type: str, media_id: str, subtitles: Subtitles, sent: UploadIn) -> TrackOut:
    """Keep a subtitle file for a title."""
    new = New(
        content=sent.file.content,
        filename=sent.file.filename,
        language=sent.language,
        title=sent.title,
        is_forced=sent.forced,
        is_hearing_impaired=sent.hearing_impaired,
    )
    return track_out(await subtitles.add(caller, media_id, new), caller)


@patch("/v1/subtitles/tracks/{track}", policy=ADMIN, sent=TrackChange)
async def change(caller: Caller, track: str, subtitles: Subtitles, sent: TrackChange) -> TrackOut:
    """Describe a track anew, or shift it in time."""
    values: dict[str, Any] = {}
    if sent.language is not UNSET:
        values["language"] = sent.language
    if sent.title is not UNSET:
        values["title"] = sent.title
    if sent.forced is not UNSET:
        values["is_forced"] = sent.forced
    if sent.sync_offset is not UNSET:
        values["offset_ms"] = round(sent.sync_offset * 1000)
    return track_out(await subtitles.change(caller, track, values), caller)


@delete("/v1/subtitles/tracks/{track}", policy=ADMIN, status=204)
async def remove(caller: Caller, track: str, subtitles: Subtitles) -> None:
    """Delete subtitles that were added here."""
    await subtitles.remove(caller, track)


def routes() -> list[Route]:
    """Takes the service `subtitles`."""
    return [subtitle_counts, audio_counts, change, remove, subtitle_tracks, audio_tracks, upload]


def track_out(listed: Listed, caller: Caller) -> TrackOut:
    """A track as clients read it; its path only for managers."""
    track = listed.track
    is_manager = ADMIN.scope is not None and caller.has(ADMIN.scope) and caller.profile_id is None
    return TrackOut(
        id=track.nanoid,
        file_id=listed.file.nanoid,
        index=track.index,
        source=track.source.value,
        format={"subrip": "srt", "webvtt": "vtt", "hdmv_pgs_subtitle": "pgs", "dvd_subtitle": "vobsub"}.get(
            track.codec, track.codec
        ),
        language=track.language or None,
        title=track.title or None,
        forced=track.is_forced,
        hearing_impaired=track.is_hearing_impaired,
        is_image=not track.is_text,
        path=str(track.path) if is_manager and track.path is not None else None,
        sync_offset=track.offset_ms / 1000,
    )


def _counts(languages: Counter[str], codecs: Counter[str]) -> CountsOut:
    return CountsOut(
        tracks=sum(codecs.values()),
        languages=[Counted(name=name, count=count) for name, count in languages.most_common(100)],
        codecs=[Counted(name=name, count=count) for name, count in codecs.most_common(100)],
    )

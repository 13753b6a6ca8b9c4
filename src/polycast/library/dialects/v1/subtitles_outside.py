"""Subtitles that others have: looked for and downloaded. Source: specs/library.md 3.21."""

from typing import Annotated, Literal

from msgspec import Meta

from polycast.core.http import Route, get, post
from polycast.core.identity.caller import Caller
from polycast.library.dialects.v1.playback_tracks import TrackOut, track_out
from polycast.library.dialects.v1.policies import USER
from polycast.library.dialects.v1.wire import Out, PageOf, Sent
from polycast.library.metadata.subtitles import SubtitleFinder
from polycast.library.tracks.manage import Subtitles

Languages = Annotated[str, Meta(min_length=2, max_length=60)]


class OfferOut(Out, frozen=True, kw_only=True):
    """Subtitles that could be downloaded."""

    provider: str
    file_id: int
    release: str
    language: str | None
    downloads: int
    rating: float
    hash_match: bool
    hearing_impaired: bool
    forced: bool
    ai_translated: bool
    score: float


class DownloadIn(Sent, frozen=True, kw_only=True):
    """Which subtitles."""

    provider: Literal["opensubtitles"] = "opensubtitles"
    file_id: Annotated[int, Meta(ge=1, le=2**53)]


@get("/v1/subtitles/{media_type}/{media_id}/search", policy=USER)
async def search(
    caller: Caller, media_type: str, media_id: str, subtitle_finder: SubtitleFinder, language: Languages = "en"
) -> PageOf[OfferOut]:
    """What OpenSubtitles has for the file of a title, the likeliest first; 503 without a key."""
    found = await subtitle_finder.search(caller, media_id, language)
    return PageOf(
        items=[
            OfferOut(
                provider="opensubtitles", file_id=one.file_id, release=one.release, language=one.language or None,
                downloads=one.downloads, rating=one.rating, hash_match=one.is_hash_match,
                hearing_impaired=one.is_hearing_impaired, forced=one.is_forced, ai_translated=one.is_translated,
                score=one.score,
            )
            for one in found
        ]
    )  # fmt: skip


@post("/v1/subtitles/{media_type}/{media_id}/download", policy=USER, sent=DownloadIn, status=201)
async def download(
    caller: Caller, media_type: str, media_id: str, subtitle_finder: SubtitleFinder, subtitles: Subtitles, sent: DownloadIn
) -> TrackOut:  # fmt: skip
    """Keep one of them; 429 with the time to come again when the downloads of the day are used up."""
    nanoid = await subtitle_finder.download(caller, media_id, sent.file_id)
    return next(track_out(one, caller) for one in await subtitles.of(caller, media_id) if one.track.nanoid == nanoid)


def routes() -> list[Route]:
    """Takes the services `subtitle_finder` and `subtitles`."""
    return [search, download]

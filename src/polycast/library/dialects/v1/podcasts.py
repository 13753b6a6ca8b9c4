"""`/v1/podcasts`. Source: specs/library.md 3.14."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated, Any, cast

from msgspec import Meta

from polycast.core.errors import Invalid
from polycast.core.files import FileAnswer
from polycast.core.http import Request, Response, Route, StreamingResponse, delete, get, post, put
from polycast.core.identity.caller import Caller
from polycast.library.dialects.v1.policies import USER
from polycast.library.dialects.v1.wire import Cursors, Out, Paged, PageOf, Sent, iso, iso_or_none, seconds
from polycast.library.podcasts.keeping import Keeping
from polycast.library.podcasts.service import Podcasts

PASSED = ("content-length", "content-range", "accept-ranges", "last-modified", "etag")


class SubscribeIn(Sent, frozen=True, kw_only=True):
    """Which podcast."""

    feed_url: Annotated[str, Meta(max_length=2000)] = ""
    podcast_index_id: int | None = None
    itunes_id: int | None = None


class PodcastOut(Out, frozen=True, kw_only=True):
    """A podcast."""

    id: str
    title: str
    author: str | None
    description: str | None
    image: str | None
    feed_url: str
    language: str | None
    explicit: bool
    categories: list[str]
    episode_count: int
    latest_episode_at: str | None
    error: str | None
    settings: dict[str, Any]


class PodcastState(Out, frozen=True, kw_only=True):
    """Where the caller is."""

    position: float
    played: bool


class EpisodeOut(Out, frozen=True, kw_only=True):
    """An episode."""

    id: str
    guid: str
    title: str
    description: str | None
    published_at: str
    duration: int | None
    season: int | None
    episode: int | None
    audio_url: str
    image: str | None
    chapters_url: str | None
    transcript_url: str | None
    user_state: PodcastState


class EpisodesAsked(Paged, frozen=True, kw_only=True):
    """Which episodes."""

    unplayed: bool = False


class PositionIn(Sent, frozen=True, kw_only=True):
    """Where somebody is, in seconds."""

    position: Annotated[float, Meta(ge=0, le=10_000_000)]
    duration: Annotated[float, Meta(ge=0, le=10_000_000)] | None = None


@get("/v1/podcasts", policy=USER)
async def subscribed(caller: Caller, podcasts: Podcasts) -> PageOf[PodcastOut]:
    """The caller's podcasts."""
    return PageOf(items=[podcast_out(row) for row in await podcasts.subscribed(caller)])


@post("/v1/podcasts", policy=USER, sent=SubscribeIn, status=201)
async def subscribe(caller: Caller, podcasts: Podcasts, sent: SubscribeIn) -> PodcastOut:
    """Subscribe to a feed; 422 when it is none, 503 when it cannot be had."""
    url = sent.feed_url
    if not url:
        if sent.podcast_index_id is None and sent.itunes_id is None:
            raise Invalid.one("feedUrl", "required", "The address of the feed is needed")
        url = await podcasts.index.feed_url(index_id=sent.podcast_index_id, itunes_id=sent.itunes_id)
    if not url.startswith(("http://", "https://")):
        raise Invalid.one("feedUrl", "invalid", "An address with http or https is needed")
    return podcast_out(await podcasts.subscribe(caller, url))


@delete("/v1/podcasts/{podcast_id}", policy=USER, status=204)
async def unsubscribe(caller: Caller, podcasts: Podcasts, podcast_id: str) -> None:
    """Subscribe no more."""
    await podcasts.unsubscribe(caller, podcast_id)


@get("/v1/podcasts/{podcast_id}/episodes", policy=USER, query=EpisodesAsked)
async def episodes(
    caller: Caller, podcasts: Podcasts, cursors: Cursors, podcast_id: str, query: EpisodesAsked
) -> PageOf[EpisodeOut]:
    """Episodes, the youngest first."""
    bound = ("podcast", podcast_id, query.unplayed)
    after = cursors.read(query.cursor, tuple[datetime, int], bound)
    rows = await podcasts.episodes(caller, podcast_id, after=after, limit=query.limit + 1, unplayed=query.unplayed)
    shown = [episode_out(row) for row in rows]
    return cursors.page(
        shown, limit=query.limit, place=lambda index: (rows[index].published_at, rows[index].id), filters=bound
    )


@post("/v1/podcasts/{podcast_id}/refresh", policy=USER)
async def refresh(caller: Caller, podcasts: Podcasts, podcast_id: str) -> dict[str, bool]:
    """Read the feed now."""
    await podcasts.refresh(caller, podcast_id)
    return {"ok": True}


@put("/v1/podcasts/episodes/{episode_id}/progress", policy=USER, sent=PositionIn)
async def note(caller: Caller, podcasts: Podcasts, episode_id: str, sent: PositionIn) -> PodcastState:
    """Where the caller is."""
    duration = None if sent.duration is None else timedelta(seconds=sent.duration)
    played = await podcasts.note(caller, episode_id, timedelta(seconds=sent.position), duration)
    return PodcastState(position=0.0 if played else sent.position, played=played)


@get("/v1/podcasts/episodes/{episode_id}/audio", policy=USER)
async def audio(caller: Caller, podcasts: Podcasts, keeping: Keeping, request: Request, episode_id: str) -> Response:
    """The sound itself: from here when the episode is kept, else by way of this server."""
    kept = await keeping.kept(caller, episode_id)
    if kept is not None:
        return cast("Response", FileAnswer(kept.path, content_type=kept.type))  # any ASGI app is an answer
    opened = await podcasts.audio(caller, episode_id, span=request.headers.get("range"))
    incoming = await opened.__aenter__()
    told = {name.lower(): value for name, value in incoming.headers.items()}

    async def chunks() -> AsyncIterator[bytes]:
        try:
            async for chunk in incoming.chunks():
                yield chunk
        finally:
            await opened.__aexit__(None, None, None)

    headers = {name: told[name] for name in PASSED if name in told}
    status = incoming.status if incoming.status in (200, 206, 416) else 502
    kind = incoming.content_type if incoming.content_type.startswith(("audio/", "video/")) else "audio/mpeg"
    return StreamingResponse(chunks(), status_code=status, media_type=kind, headers=headers)


def podcast_out(row: Any) -> PodcastOut:
    """A podcast as its subscriber reads it."""
    settings = {"speed": None, "autoQueue": "none", "skipForward": 30, "skipBack": 15} | dict(row.settings)
    return PodcastOut(
        id=row.nanoid, title=row.title, author=row.author or None, description=row.description or None,
        image=row.image or None, feed_url=row.feed_url, language=row.language or None, explicit=row.explicit,
        categories=row.categories, episode_count=row.episode_count, latest_episode_at=iso_or_none(row.latest_at),
        error=row.error or None, settings=settings,
    )  # fmt: skip


def episode_out(row: Any) -> EpisodeOut:
    """An episode as its hearer reads it."""
    return EpisodeOut(
        id=row.nanoid, guid=row.guid, title=row.title, description=row.description or None,
        published_at=iso(row.published_at), duration=row.duration_s or None, season=row.season, episode=row.episode,
        audio_url=f"/v1/podcasts/episodes/{row.nanoid}/audio", image=row.image or None,
        chapters_url=row.chapters_url or None, transcript_url=row.transcript_url or None,
        user_state=PodcastState(position=seconds(row.position_ms or 0), played=bool(row.played)),
    )  # fmt: skip


def routes() -> list[Route]:
    """In the order of the reference."""
    return [subscribed, subscribe, unsubscribe, episodes, refresh, note, audio]

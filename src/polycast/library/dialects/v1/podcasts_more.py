"""Podcasts: directory, queue, kept episodes, settings, OPML. Source: specs/library.md 3.14."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from polycast.core.errors import Unavailable
from polycast.core.http import Media, Response, Route, Upload, delete, get, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.library.dialects.v1.podcasts import EpisodeOut, PodcastOut, episode_out, podcast_out
from polycast.library.dialects.v1.policies import USER
from polycast.library.dialects.v1.wire import Out, PageOf, Sent
from polycast.library.podcasts.keeping import Keeping
from polycast.library.podcasts.service import Podcasts
from polycast.library.providers.podcast_index.client import Feed

OPML_BYTES = 5 * 1024 * 1024
Limit = Annotated[int, Meta(ge=1, le=100)]
Id = Annotated[str, Meta(min_length=1, max_length=64)]


class FoundOut(Out, frozen=True, kw_only=True):
    """A podcast of the directory. To subscribe, send its `feed_url` or `podcast_index_id`."""

    podcast_index_id: int
    itunes_id: int | None
    title: str
    author: str | None
    description: str | None
    image: str | None
    feed_url: str
    language: str | None
    categories: list[str]
    episode_count: int


class QueueIn(Sent, frozen=True, kw_only=True):
    """An episode, and where to put it."""

    episode_id: Id
    position: Literal["next", "last"] = "last"


class OrderIn(Sent, frozen=True, kw_only=True):
    """The queue, in order."""

    episode_ids: Annotated[list[Id], Meta(max_length=500)]


class SettingsIn(Sent, frozen=True, kw_only=True):
    """How a podcast is heard. Absent keeps."""

    speed: Annotated[float, Meta(ge=0.5, le=3)] | None | UnsetType = UNSET
    auto_queue: Literal["none", "next", "last"] | UnsetType = UNSET
    skip_forward: Annotated[int, Meta(ge=5, le=300)] | UnsetType = UNSET
    skip_back: Annotated[int, Meta(ge=5, le=300)] | UnsetType = UNSET


class OpmlIn(Sent, frozen=True, kw_only=True):
    """A list of podcasts as other apps write it."""

    file: Upload


class OpmlOut(Out, frozen=True, kw_only=True):
    """What came of it."""

    added: int
    skipped: int
    failed: list[dict[str, str]]


class KeptOut(Out, frozen=True, kw_only=True):
    """Whether an episode lies here."""

    status: str  # pending, ready, failed


@get("/v1/podcasts/search", policy=USER)
async def search(podcasts: Podcasts, q: Annotated[str, Meta(min_length=1, max_length=200)], limit: Limit = 20) -> PageOf[FoundOut]:  # fmt: skip
    """Podcasts of the Podcast Index by name; 503 without a key."""
    _require(podcasts)
    return PageOf(items=[_found(one) for one in await podcasts.index.search(q, most=limit)])


@get("/v1/podcasts/discover", policy=USER)
async def discover(podcasts: Podcasts, category: str = "", language: str = "", limit: Limit = 20) -> PageOf[FoundOut]:
    """What is much heard of late; 503 without a key."""
    _require(podcasts)
    found = await podcasts.index.trending(most=limit, category=category[:100], language=language[:20])
    return PageOf(items=[_found(one) for one in found])


@get("/v1/podcasts/new-episodes", policy=USER)
async def new_episodes(caller: Caller, keeping: Keeping, limit: Limit = 20) -> PageOf[EpisodeOut]:
    """What the caller's podcasts have brought in the last two weeks, unplayed, the youngest first."""
    return PageOf(items=[episode_out(row) for row in await keeping.newest(caller, limit=limit)])


@get("/v1/podcasts/queue", policy=USER)
async def queue(caller: Caller, keeping: Keeping) -> PageOf[EpisodeOut]:
    """What the caller wants to hear."""
    return PageOf(items=[episode_out(row) for row in await keeping.queue(caller)])


@post("/v1/podcasts/queue", policy=USER, sent=QueueIn)
async def enqueue(caller: Caller, keeping: Keeping, sent: QueueIn) -> PageOf[EpisodeOut]:
    """Put an episode into it."""
    rows = await keeping.enqueue(caller, sent.episode_id, place=sent.position)
    return PageOf(items=[episode_out(row) for row in rows])


@put("/v1/podcasts/queue", policy=USER, sent=OrderIn)
async def arrange(caller: Caller, keeping: Keeping, sent: OrderIn) -> PageOf[EpisodeOut]:
    """These episodes in this order."""
    return PageOf(items=[episode_out(row) for row in await keeping.arrange(caller, sent.episode_ids)])


@delete("/v1/podcasts/queue", policy=USER, status=204)
async def clear(caller: Caller, keeping: Keeping) -> None:
    """Empty it."""
    await keeping.arrange(caller, [])


@patch("/v1/podcasts/{podcast_id}/settings", policy=USER, sent=SettingsIn)
async def change_settings(caller: Caller, keeping: Keeping, podcast_id: str, sent: SettingsIn) -> PodcastOut:
    """How a podcast is heard."""
    told: dict[str, Any] = {
        "speed": sent.speed, "autoQueue": sent.auto_queue, "skipForward": sent.skip_forward, "skipBack": sent.skip_back
    }  # fmt: skip
    values = {name: value for name, value in told.items() if value is not UNSET}
    return podcast_out(await keeping.change_settings(caller, podcast_id, values))


@get("/v1/podcasts/opml", policy=USER)
async def export(caller: Caller, keeping: Keeping) -> Response:
    """The caller's podcasts, for other apps."""
    headers = {"content-disposition": 'attachment; filename="podcasts.opml"'}
    return Response(await keeping.export(caller), media_type="text/x-opml", headers=headers)


@post("/v1/podcasts/opml", policy=USER, sent=OpmlIn, body_limit=OPML_BYTES, media=(Media.MULTIPART,))
async def take_over(caller: Caller, keeping: Keeping, sent: OpmlIn) -> OpmlOut:
    """Subscribe to what another app's list holds."""
    added, skipped, failed = await keeping.take_over(caller, sent.file.content)
    return OpmlOut(added=added, skipped=skipped, failed=failed)


@post("/v1/podcasts/episodes/{episode_id}/download", policy=USER, status=202)
async def keep(caller: Caller, keeping: Keeping, episode_id: str) -> KeptOut:
    """Have an episode fetched, to be heard without its server."""
    return KeptOut(status=await keeping.keep(caller, episode_id))


@delete("/v1/podcasts/episodes/{episode_id}/download", policy=USER, status=204)
async def drop(caller: Caller, keeping: Keeping, episode_id: str) -> None:
    """Keep it no more."""
    await keeping.drop(caller, episode_id)


def _require(podcasts: Podcasts) -> None:
    if not podcasts.index.has_key:
        raise Unavailable("There is no key for the Podcast Index.")


def _found(one: Feed) -> FoundOut:
    return FoundOut(
        podcast_index_id=one.id, itunes_id=one.itunes_id, title=one.title, author=one.author or None,
        description=one.description or None, image=one.artwork or one.image or None, feed_url=one.url,
        language=one.language or None, categories=list((one.categories or {}).values()),
        episode_count=one.episode_count or 0,
    )  # fmt: skip


def routes() -> list[Route]:
    """Takes the services `podcasts` and `keeping`."""
    return [
        search, discover, new_episodes, queue, enqueue, arrange, clear, change_settings, export, take_over, keep, drop,
    ]  # fmt: skip

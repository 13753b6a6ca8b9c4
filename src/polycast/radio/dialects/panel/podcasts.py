"""Podcasts, their episodes, and the feed that players read. Source: `specs/radio.md` 3.14, 4.14."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.files import FileAnswer
from polycast.core.http import Answer, Request, Response, Route, Upload, delete, get, line, parts_of, post, prose, put
from polycast.core.identity.caller import Caller
from polycast.radio.dialects.admin.addresses import Addresses
from polycast.radio.dialects.panel import wire
from polycast.radio.dialects.panel.music import small
from polycast.radio.dialects.panel.policies import CORS, PUBLIC, PUBLIC_BYTES, UPLOAD, WRITE
from polycast.radio.dialects.panel.sent import Line, Prose, Switch, given
from polycast.radio.dialects.panel.stations import V2
from polycast.radio.library.model import LARGEST
from polycast.radio.podcasts.feed import TYPES, feed, media_type
from polycast.radio.podcasts.model import Episode, Podcast
from polycast.radio.podcasts.service import IMAGE_MOST, Podcasts

ONE = f"{V2}/podcasts/{{pk}}"
EPISODE = f"{ONE}/episodes/{{episode}}"
Number = Annotated[int, Meta(ge=0, le=100_000)] | UnsetType


class PodcastSent(Struct, kw_only=True):
    server: int | UnsetType = UNSET
    title: Line = UNSET
    description: Prose = UNSET
    language: Line = UNSET
    category: Line = UNSET
    published: Switch = UNSET
    image: Any = UNSET  # a file of a multipart form


class EpisodeSent(Struct, kw_only=True):
    title: Line = UNSET
    description: Annotated[str, prose(20_000)] | UnsetType = UNSET
    published: Switch = UNSET
    pub_date: datetime | UnsetType = UNSET
    explicit: Switch = UNSET
    season: Number = UNSET
    number: Number = UNSET


class FromTrackSent(EpisodeSent, kw_only=True):
    track: int


class FromRecordingSent(EpisodeSent, kw_only=True):
    dj: int
    recording: Annotated[str, line(255)]


def _image(sent: object) -> bytes | None:
    value = sent[-1] if isinstance(sent, list) and sent else sent
    return value.content if isinstance(value, Upload) else None


def _values(sent: EpisodeSent, *without: str) -> dict[str, Any]:
    found = given(sent, *without)
    if isinstance(at := found.get("pub_date"), datetime) and at.tzinfo is None:
        raise Invalid.one("pub_date", "invalid")
    return found


def _podcast(one: Podcast, base: str) -> wire.Shown:
    own = f"{base}{V2}/podcasts/{one.id}"
    return {
        "id": one.id,
        "server": one.station_id,
        "folder": str(one.id),
        "title": one.title,
        "description": one.description,
        "language": one.language,
        "category": one.category,
        "published": one.published,
        "image": f"{own}/image/" if one.image else "",
        "episodes_count": one.episodes_count,
        "feed_url": f"{own}/feed.xml",
        "public_page_url": f"{base}/radio/public/podcasts/{one.id}/",
    }


def _episode(one: Episode, base: str) -> wire.Shown:
    ending = one.path.rpartition(".")[2]
    return {
        "id": one.id,
        "podcast": one.podcast_id,
        "guid": one.guid,
        "title": one.title,
        "description": one.description,
        "published": one.published,
        "pub_date": wire.milliseconds(one.pub_date),
        "duration": one.duration_ms,
        "size": one.size_bytes,
        "file": f"{base}{V2}/podcasts/{one.podcast_id}/episodes/{one.id}/episode.{ending}",
        "image": "",
        "explicit": one.explicit,
        "season": one.season,
        "number": one.number,
    }


@get(f"{V2}/podcasts/", policy=PUBLIC)
async def page(
    caller: Caller, podcasts: Podcasts, addresses: Addresses, request: Request, server: int
) -> Answer[list[wire.Shown]]:
    """Of a station."""
    base = addresses.base(request.scope)
    return Answer([_podcast(one, base) for one in await podcasts.of_station(caller, server)], headers=CORS)


@post(f"{V2}/podcasts/", policy=WRITE, sent=PodcastSent, status=201, body_limit=IMAGE_MOST + 100_000)
async def create(
    caller: Caller, sent: PodcastSent, podcasts: Podcasts, addresses: Addresses, request: Request
) -> wire.Shown:
    """JSON, or a form with the file `image`."""
    if sent.server is UNSET:
        raise Invalid.one("server", "required")
    made = await podcasts.create(caller, sent.server, given(sent, "server", "image"), _image(sent.image))
    return _podcast(made, addresses.base(request.scope))


@get(f"{ONE}/", policy=PUBLIC)
async def one(
    caller: Caller, pk: int, podcasts: Podcasts, addresses: Addresses, request: Request
) -> Answer[wire.Shown]:
    """One of them."""
    return Answer(_podcast((await podcasts.get(caller, pk))[1], addresses.base(request.scope)), headers=CORS)


@put(f"{ONE}/", policy=WRITE, sent=PodcastSent, body_limit=IMAGE_MOST + 100_000)
async def update(  # a route's collaborators
    caller: Caller, pk: int, sent: PodcastSent, podcasts: Podcasts, addresses: Addresses, request: Request
) -> wire.Shown:
    """What is not sent stays."""
    found = await podcasts.update(caller, pk, given(sent, "server", "image"), _image(sent.image))
    return _podcast(found, addresses.base(request.scope))


@delete(f"{ONE}/", policy=WRITE, status=204)
async def remove(caller: Caller, pk: int, podcasts: Podcasts) -> None:
    """With its episodes."""
    await podcasts.delete(caller, pk)


@get(f"{ONE}/image/", policy=PUBLIC_BYTES)
async def image(caller: Caller, pk: int, podcasts: Podcasts) -> FileAnswer:
    """Its picture."""
    path, kind = await podcasts.image(caller, pk)
    return FileAnswer(path, content_type=kind, headers=CORS)


@get(f"{ONE}/feed.xml", policy=PUBLIC_BYTES)
async def rss(caller: Caller, pk: int, podcasts: Podcasts, addresses: Addresses, request: Request) -> Response:
    """What podcast players subscribe to."""
    seen, podcast, episodes = await podcasts.episodes(caller, pk)
    base, station = addresses.base(request.scope), seen.station
    content = feed(
        podcast,
        [each for each in episodes if each.published],
        author=station.title,
        page=f"{base}/radio/public/podcasts/{pk}/",
        base=f"{base}{V2}/podcasts/{pk}",
    )
    return Response(content, media_type="application/rss+xml; charset=utf-8", headers=CORS)


@get(f"{ONE}/episodes/", policy=PUBLIC)
async def episodes(
    caller: Caller, pk: int, podcasts: Podcasts, addresses: Addresses, request: Request
) -> Answer[list[wire.Shown]]:
    """The latest first; those to come, their owner alone sees."""
    base = addresses.base(request.scope)
    _, _, rows = await podcasts.episodes(caller, pk)
    return Answer([_episode(each, base) for each in rows], headers=CORS)


@post(f"{ONE}/episodes/", policy=UPLOAD, status=201, body_limit=LARGEST + 1_000_000)
async def upload(caller: Caller, pk: int, podcasts: Podcasts, addresses: Addresses, request: Request) -> wire.Shown:
    """A multipart body: `title`, `description` ... before the file `file`."""
    fields: dict[str, str] = {}
    async for part in parts_of(request.receive, request.headers.get("content-type", ""), LARGEST + 1_000_000):
        if part.filename is None:
            fields[part.name] = await small(part.chunks)
            continue
        values = _form(fields)
        made = await podcasts.upload(caller, pk, values, filename=part.filename, chunks=part.chunks)
        return _episode(made, addresses.base(request.scope))
    raise Invalid.one("file", "required")


def _form(fields: Mapping[str, str]) -> dict[str, Any]:
    """Raises: Invalid."""
    found: dict[str, Any] = {name: fields[name][:20_000] for name in ("title", "description") if fields.get(name)}
    if found.get("title"):
        found["title"] = found["title"][:255]
    for name in ("published", "explicit"):
        if name in fields:
            found[name] = fields[name].lower() in ("1", "true", "on", "yes", "t")
    for name in ("season", "number"):
        if text := fields.get(name, ""):
            if not text.isdecimal() or len(text) > 5:
                raise Invalid([Problem(name, "invalid")])
            found[name] = int(text)
    return found


@post(f"{ONE}/create_episode_from_track/", policy=WRITE, sent=FromTrackSent, status=201)
async def from_track(  # a route's collaborators
    caller: Caller, pk: int, sent: FromTrackSent, podcasts: Podcasts, addresses: Addresses, request: Request
) -> wire.Shown:
    """A copy of a piece of the library."""
    made = await podcasts.from_track(caller, pk, sent.track, _values(sent, "track"))
    return _episode(made, addresses.base(request.scope))


@post(f"{ONE}/add_recording/", policy=WRITE, sent=FromRecordingSent, status=201)
async def from_recording(  # a route's collaborators
    caller: Caller, pk: int, sent: FromRecordingSent, podcasts: Podcasts, addresses: Addresses, request: Request
) -> wire.Shown:
    """A copy of what a DJ sent."""
    made = await podcasts.from_recording(caller, pk, sent.dj, sent.recording, _values(sent, "dj", "recording"))
    return _episode(made, addresses.base(request.scope))


@get(f"{EPISODE}/", policy=PUBLIC)
async def episode(  # a route's collaborators
    caller: Caller, pk: int, episode: int, podcasts: Podcasts, addresses: Addresses, request: Request
) -> Answer[wire.Shown]:
    """One of them."""
    found = await podcasts.episode(caller, pk, episode)
    return Answer(_episode(found, addresses.base(request.scope)), headers=CORS)


@put(f"{EPISODE}/", policy=WRITE, sent=EpisodeSent)
async def update_episode(  # a route's collaborators
    caller: Caller,
    pk: int,
    episode: int,
    sent: EpisodeSent,
    podcasts: Podcasts,
    addresses: Addresses,
    request: Request,
) -> wire.Shown:
    """What is not sent stays."""
    found = await podcasts.update_episode(caller, pk, episode, _values(sent))
    return _episode(found, addresses.base(request.scope))


@delete(f"{EPISODE}/", policy=WRITE, status=204)
async def remove_episode(caller: Caller, pk: int, episode: int, podcasts: Podcasts) -> None:
    """The file goes, too."""
    await podcasts.delete_episode(caller, pk, episode)


@get(f"{EPISODE}/{{file}}", policy=PUBLIC_BYTES)
async def sound(caller: Caller, pk: int, episode: int, file: str, podcasts: Podcasts) -> FileAnswer:
    """`episode.mp3`, or what ending its file has; parts of it by Range."""
    path = await podcasts.file(caller, pk, episode)
    name, _, ending = file.rpartition(".")
    if name != "episode" or ending not in (path.suffix.lstrip("."), "mp3") or ending not in TYPES:
        raise NotFound("The file")
    return FileAnswer(path, content_type=media_type(path.name), headers=CORS)


def routes() -> list[Route]:
    shows = [page, create, one, update, remove, image, rss]
    return [*shows, episodes, upload, from_track, from_recording, episode, update_episode, remove_episode, sound]

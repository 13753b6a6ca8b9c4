"""`/v1/movies`. Source: specs/library.md 3.3."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from polycast.core.http import Route, delete, get, put
from polycast.core.identity.caller import Caller
from polycast.library.catalogue.model import Kind, MediaFile
from polycast.library.catalogue.query import Position, Sort, TitleQuery
from polycast.library.catalogue.titles import Found, Titles
from polycast.library.dialects.v1.files_wire import FilesStats, stats_of
from polycast.library.dialects.v1.libraries import manages
from polycast.library.dialects.v1.policies import USER
from polycast.library.dialects.v1.queries import TitlesAsked
from polycast.library.dialects.v1.titles_shapes import Card, Credits, Movie
from polycast.library.dialects.v1.titles_wire import card, credits_of, movie
from polycast.library.dialects.v1.wire import Cursors, Out, Paged, PageOf, Sent, iso_or_none, seconds
from polycast.library.playback.progress import Progress
from polycast.library.playback.store_progress import WatchState


class WatchedAt(Sent, frozen=True, kw_only=True):
    """When it was seen; now without it."""

    watched_at: datetime | None = None


class WatchedOut(Out, frozen=True, kw_only=True):
    """What is known of it now."""

    watched: bool
    play_count: int
    last_played_at: str | None


class UnwatchedOut(Out, frozen=True, kw_only=True):
    """What is known of it now."""

    watched: bool


class ProgressIn(Sent, frozen=True, kw_only=True):
    """Where somebody is, in seconds."""

    position: Annotated[float, Meta(ge=0, le=10_000_000)]
    duration: Annotated[float, Meta(ge=0, le=10_000_000)] | None = None


class ProgressOut(Out, frozen=True, kw_only=True):
    """What was kept of it."""

    position: float
    watched: bool


class ExtraOut(Out, frozen=True, kw_only=True):
    """A trailer, a featurette."""

    id: str
    kind: str
    title: str
    file_id: str
    duration: float | None


class Extras(Out, frozen=True, kw_only=True):
    """What comes with a title."""

    items: list[ExtraOut]


def titles_page(found: Found, query: Paged, cursors: Cursors, make: object, filters: object) -> PageOf[Movie]:
    """A page of whatever `make` makes of titles."""
    shown = [make(one) for one in found.titles]  # type: ignore[operator]
    return cursors.page(
        shown, limit=query.limit, place=lambda index: found.ends[index], filters=filters, total=found.total
    )


def bound_of(query: TitlesAsked, what: str) -> tuple[str, dict[str, object]]:
    """What a cursor of this list is tied to: everything but the place and the size of the page."""
    told = msgspec.to_builtins(query)
    return what, {name: value for name, value in told.items() if name not in ("cursor", "limit", "includeTotal")}


def watched_out(state: WatchState) -> WatchedOut:
    return WatchedOut(
        watched=state.watched, play_count=state.play_count, last_played_at=iso_or_none(state.last_played_at)
    )


def extras_out(files: Sequence[MediaFile]) -> Extras:
    return Extras(
        items=[
            ExtraOut(
                id=one.nanoid,
                kind=one.role,
                title=one.title or one.path.stem,
                file_id=one.nanoid,
                duration=seconds(one.duration_ms) if one.duration_ms else None,
            )
            for one in files
        ]
    )


@get("/v1/movies", policy=USER, query=TitlesAsked)
async def listed(caller: Caller, titles: Titles, cursors: Cursors, query: TitlesAsked) -> PageOf[Movie]:
    """Films, filtered and sorted."""
    bound = bound_of(query, "movies")
    after = cursors.read(query.cursor, Position, bound)
    found = await titles.page(
        caller, query.wanted("movie"), after=after, limit=query.limit + 1, total=query.include_total
    )
    return titles_page(found, query, cursors, movie, bound)


@get("/v1/movies/recently-added", policy=USER, query=Paged)
async def recently_added(caller: Caller, titles: Titles, cursors: Cursors, query: Paged) -> PageOf[Movie]:
    """The newest films first."""
    bound = ("movies", "recent")
    wanted = TitleQuery(kinds=("movie",), sort=Sort.ADDED_AT, descending=True)
    found = await titles.page(
        caller, wanted, after=cursors.read(query.cursor, Position, bound), limit=query.limit + 1,
        total=query.include_total,
    )  # fmt: skip
    return titles_page(found, query, cursors, movie, bound)


@get("/v1/movies/{movie_id}", policy=USER)
async def details(caller: Caller, titles: Titles, movie_id: str) -> Movie:
    """One film."""
    return movie(await titles.get(caller, movie_id, Kind.MOVIE))


@get("/v1/movies/{movie_id}/credits", policy=USER)
async def credits_(caller: Caller, titles: Titles, movie_id: str) -> Credits:
    """Cast and crew."""
    return credits_of(await titles.credits(caller, movie_id, Kind.MOVIE))


@put("/v1/movies/{movie_id}/watched", policy=USER, sent=WatchedAt)
async def watch(caller: Caller, titles: Titles, progress: Progress, movie_id: str, sent: WatchedAt) -> WatchedOut:
    """Mark a film watched."""
    await titles.get(caller, movie_id, Kind.MOVIE)
    return watched_out(await progress.set_watched(caller, movie_id, watched=True, at=sent.watched_at))


@delete("/v1/movies/{movie_id}/watched", policy=USER)
async def unwatch(caller: Caller, titles: Titles, progress: Progress, movie_id: str) -> UnwatchedOut:
    """Mark a film unwatched."""
    await titles.get(caller, movie_id, Kind.MOVIE)
    state = await progress.set_watched(caller, movie_id, watched=False)
    return UnwatchedOut(watched=state.watched)


@get("/v1/movies/{movie_id}/file-stats", policy=USER)
async def file_stats(caller: Caller, titles: Titles, movie_id: str) -> FilesStats:
    """What the files hold."""
    found = await titles.get(caller, movie_id, Kind.MOVIE)
    return stats_of(found.files, with_path=manages(caller))


@get("/v1/movies/{movie_id}/versions", policy=USER)
async def versions(caller: Caller, titles: Titles, movie_id: str) -> FilesStats:
    """The versions of a film, the best first."""
    return await file_stats.handler(caller, titles, movie_id)  # type: ignore[no-any-return]


@get("/v1/movies/{movie_id}/extras", policy=USER)
async def extras(caller: Caller, titles: Titles, movie_id: str) -> Extras:
    """Trailers and the like."""
    return extras_out(await titles.extras(caller, movie_id, Kind.MOVIE))


@get("/v1/movies/{movie_id}/similar", policy=USER)
async def similar(caller: Caller, titles: Titles, movie_id: str) -> PageOf[Card]:
    """Films that have much in common with this one."""
    return PageOf(items=[card(one) for one in await titles.similar(caller, movie_id, Kind.MOVIE, limit=20)])


@put("/v1/movies/{movie_id}/progress", policy=USER, sent=ProgressIn)
async def note_progress(
    caller: Caller, titles: Titles, progress: Progress, movie_id: str, sent: ProgressIn
) -> ProgressOut:
    """Where a player of somebody else's is."""
    await titles.get(caller, movie_id, Kind.MOVIE)
    return progress_out(await noted(caller, progress, movie_id, sent))


async def noted(caller: Caller, progress: Progress, item_id: str, sent: ProgressIn) -> WatchState:
    """Take down a position."""
    return await progress.set_position(
        caller,
        item_id,
        position=timedelta(seconds=sent.position),
        duration=None if sent.duration is None else timedelta(seconds=sent.duration),
        source="manual",
    )


def progress_out(state: WatchState) -> ProgressOut:
    return ProgressOut(position=seconds(state.position_ms), watched=state.watched)


def routes() -> list[Route]:
    """In the order of the reference."""
    return [
        listed, recently_added, details, credits_, watch, unwatch, file_stats, versions, extras, similar, note_progress,
    ]  # fmt: skip

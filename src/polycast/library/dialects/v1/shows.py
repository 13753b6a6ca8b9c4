"""`/v1/shows` and `/v1/episodes`. Source: specs/library.md 3.4."""

from polycast.core.http import Route, delete, get, put
from polycast.core.http.errors import UnknownPath
from polycast.core.identity.caller import Caller
from polycast.library.catalogue.model import Kind
from polycast.library.catalogue.query import Position, Sort, TitleQuery
from polycast.library.catalogue.titles import Title, Titles
from polycast.library.dialects.v1.files_wire import FilesStats, stats_of
from polycast.library.dialects.v1.libraries import manages
from polycast.library.dialects.v1.movies import (
    Extras,
    ProgressIn,
    ProgressOut,
    UnwatchedOut,
    WatchedAt,
    WatchedOut,
    bound_of,
    extras_out,
    noted,
    progress_out,
    titles_page,
    watched_out,
)
from polycast.library.dialects.v1.policies import USER
from polycast.library.dialects.v1.queries import TitlesAsked
from polycast.library.dialects.v1.titles_shapes import Card, Credits, Episode, Season, Show
from polycast.library.dialects.v1.titles_wire import card, credits_of, episode, season, show
from polycast.library.dialects.v1.wire import Cursors, Paged, PageOf
from polycast.library.playback.progress import Progress

LONGEST = 9  # digits of a number in a path


class RecentAsked(Paged, frozen=True, kw_only=True):
    """How to gather what is new."""

    group_by: str = "show"


def number(text: str) -> int:
    """A season or episode of the path. Raises: UnknownPath for anything but a decimal number."""
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST):
        raise UnknownPath
    return int(text)


@get("/v1/shows", policy=USER, query=TitlesAsked)
async def listed(caller: Caller, titles: Titles, cursors: Cursors, query: TitlesAsked) -> PageOf[Show]:
    """Shows, filtered and sorted."""
    bound = bound_of(query, "shows")
    found = await titles.page(
        caller,
        query.wanted("show"),
        after=cursors.read(query.cursor, Position, bound),
        limit=query.limit + 1,
        total=query.include_total,
    )
    return titles_page(found, query, cursors, show, bound)  # type: ignore[return-value]


@get("/v1/shows/recently-added", policy=USER, query=RecentAsked)
async def recently_added(caller: Caller, titles: Titles, cursors: Cursors, query: RecentAsked) -> PageOf[Card]:
    """Shows with the newest episodes first; or the seasons or episodes themselves."""
    kind = query.group_by if query.group_by in ("season", "episode") else "show"
    bound = ("shows", "recent", kind)
    found = await titles.page(
        caller,
        TitleQuery(kinds=(kind,), sort=Sort.ADDED_AT, descending=True),
        after=cursors.read(query.cursor, Position, bound),
        limit=query.limit + 1,
        total=query.include_total,
    )
    return titles_page(found, query, cursors, card, bound)  # type: ignore[return-value]


@get("/v1/shows/{show_id}", policy=USER)
async def details(caller: Caller, titles: Titles, show_id: str) -> Show:
    """One show."""
    found = await titles.get(caller, show_id, Kind.SHOW)
    seasons = await titles.seasons(caller, show_id)
    return show(found, seasons=sum(one.item.season_number != 0 and one.item.is_available for one in seasons))


@get("/v1/shows/{show_id}/seasons", policy=USER)
async def seasons(caller: Caller, titles: Titles, show_id: str) -> PageOf[Season]:
    """Its seasons in order; specials are number 0."""
    found = await titles.seasons(caller, show_id)
    return PageOf(items=[season(one) for one in found if one.item.is_available])


@get("/v1/shows/{show_id}/seasons/{season_num}", policy=USER)
async def one_season(caller: Caller, titles: Titles, show_id: str, season_num: str) -> Season:
    """One season."""
    return season(await titles.season(caller, show_id, number(season_num)))


@get("/v1/shows/{show_id}/seasons/{season_num}/episodes", policy=USER)
async def episodes(
    caller: Caller, titles: Titles, show_id: str, season_num: str, include_missing: bool = False, includeMissing: bool = False  # noqa: N803 - as clients spell it
) -> PageOf[Episode]:  # fmt: skip
    """Its episodes in order; those without a file only when asked for."""
    wanted = include_missing or includeMissing
    found = await titles.episodes(caller, show_id, number(season_num), missing=wanted)
    return PageOf(items=[episode(one) for one in found])


@get("/v1/shows/{show_id}/seasons/{season_num}/episodes/{episode_num}", policy=USER)
async def one_episode(caller: Caller, titles: Titles, show_id: str, season_num: str, episode_num: str) -> Episode:
    """One episode."""
    return episode(await titles.episode(caller, show_id, number(season_num), number(episode_num)))


@get("/v1/shows/{show_id}/credits", policy=USER)
async def credits_(caller: Caller, titles: Titles, show_id: str) -> Credits:
    """Cast and crew."""
    return credits_of(await titles.credits(caller, show_id, Kind.SHOW))


@get("/v1/shows/{show_id}/similar", policy=USER)
async def similar(caller: Caller, titles: Titles, show_id: str) -> PageOf[Card]:
    """Shows that have much in common with this one."""
    return PageOf(items=[card(one) for one in await titles.similar(caller, show_id, Kind.SHOW, limit=20)])


@get("/v1/shows/{show_id}/extras", policy=USER)
async def extras(caller: Caller, titles: Titles, show_id: str) -> Extras:
    """Trailers and the like."""
    return extras_out(await titles.extras(caller, show_id, Kind.SHOW))


@get("/v1/shows/{show_id}/next-up", policy=USER)
async def next_up(caller: Caller, titles: Titles, show_id: str) -> PageOf[Episode]:
    """The episode to go on with, if there is one."""
    found = await titles.get(caller, show_id, Kind.SHOW)
    if found.next_episode is None:
        return PageOf(items=[])
    return PageOf(items=[episode(await titles.get(caller, found.next_episode.nanoid, Kind.EPISODE))])


@put("/v1/shows/{show_id}/watched", policy=USER, sent=WatchedAt)
async def watch(caller: Caller, titles: Titles, progress: Progress, show_id: str, sent: WatchedAt) -> WatchedOut:
    """Mark every episode that is there watched."""
    await titles.get(caller, show_id, Kind.SHOW)
    return watched_out(await progress.set_watched(caller, show_id, watched=True, at=sent.watched_at))


@delete("/v1/shows/{show_id}/watched", policy=USER)
async def unwatch(caller: Caller, titles: Titles, progress: Progress, show_id: str) -> UnwatchedOut:
    """Mark every episode unwatched."""
    await titles.get(caller, show_id, Kind.SHOW)
    await progress.set_watched(caller, show_id, watched=False)
    return UnwatchedOut(watched=False)


@put("/v1/shows/{show_id}/seasons/{season_num}/watched", policy=USER, sent=WatchedAt)
async def watch_season(
    caller: Caller, titles: Titles, progress: Progress, show_id: str, season_num: str, sent: WatchedAt
) -> WatchedOut:
    """Mark a season watched."""
    found = await titles.season(caller, show_id, number(season_num))
    return watched_out(await progress.set_watched(caller, found.item.nanoid, watched=True, at=sent.watched_at))


@delete("/v1/shows/{show_id}/seasons/{season_num}/watched", policy=USER)
async def unwatch_season(
    caller: Caller, titles: Titles, progress: Progress, show_id: str, season_num: str
) -> UnwatchedOut:
    """Mark a season unwatched."""
    found = await titles.season(caller, show_id, number(season_num))
    await progress.set_watched(caller, found.item.nanoid, watched=False)
    return UnwatchedOut(watched=False)


EPISODE = "/v1/shows/{show_id}/seasons/{season_num}/episodes/{episode_num}"


async def _episode(caller: Caller, titles: Titles, show_id: str, season_num: str, episode_num: str) -> Title:
    return await titles.episode(caller, show_id, number(season_num), number(episode_num))


@put(f"{EPISODE}/watched", policy=USER, sent=WatchedAt)
async def watch_episode(
    caller: Caller, titles: Titles, progress: Progress, show_id: str, season_num: str, episode_num: str, sent: WatchedAt
) -> WatchedOut:
    """Mark an episode watched."""
    found = await _episode(caller, titles, show_id, season_num, episode_num)
    return watched_out(await progress.set_watched(caller, found.item.nanoid, watched=True, at=sent.watched_at))


@delete(f"{EPISODE}/watched", policy=USER)
async def unwatch_episode(
    caller: Caller, titles: Titles, progress: Progress, show_id: str, season_num: str, episode_num: str
) -> UnwatchedOut:
    """Mark an episode unwatched."""
    found = await _episode(caller, titles, show_id, season_num, episode_num)
    await progress.set_watched(caller, found.item.nanoid, watched=False)
    return UnwatchedOut(watched=False)


@get(f"{EPISODE}/file-stats", policy=USER)
async def file_stats(caller: Caller, titles: Titles, show_id: str, season_num: str, episode_num: str) -> FilesStats:
    """What the files hold."""
    found = await _episode(caller, titles, show_id, season_num, episode_num)
    return stats_of(found.files, with_path=manages(caller))


@put(f"{EPISODE}/progress", policy=USER, sent=ProgressIn)
async def note_progress(
    caller: Caller, titles: Titles, progress: Progress, show_id: str, season_num: str, episode_num: str,
    sent: ProgressIn,
) -> ProgressOut:  # fmt: skip
    """Where a player of somebody else's is."""
    found = await _episode(caller, titles, show_id, season_num, episode_num)
    return progress_out(await noted(caller, progress, found.item.nanoid, sent))


@get("/v1/episodes/{episode_id}", policy=USER)
async def flat_episode(caller: Caller, titles: Titles, episode_id: str) -> Episode:
    """An episode by its own id."""
    return episode(await titles.get(caller, episode_id, Kind.EPISODE))


def routes() -> list[Route]:
    """In the order of the reference."""
    return [
        listed, recently_added, details, seasons, one_season, episodes, one_episode, credits_, similar, extras, next_up,
        watch, unwatch, watch_season, unwatch_season, watch_episode, unwatch_episode, file_stats, note_progress,
        flat_episode,
    ]  # fmt: skip

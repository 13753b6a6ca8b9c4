"""Titles as this API shows them."""

from datetime import timedelta
from typing import Any

from polycast.core.media import ProbedStream
from polycast.library.catalogue.model import Item, Kind, MediaFile
from polycast.library.catalogue.store_items import Credit as CreditRow
from polycast.library.catalogue.store_items import Rating as RatingRow
from polycast.library.catalogue.store_states import State
from polycast.library.catalogue.titles import Title
from polycast.library.dialects.v1.titles_shapes import (
    Card,
    Cast,
    CollectionRef,
    Credits,
    Crew,
    Episode,
    ExternalIds,
    FileOut,
    Movie,
    Named,
    NextEpisode,
    PersonRef,
    Rating,
    Season,
    SeasonState,
    Segment,
    Show,
    ShowState,
    UserState,
)
from polycast.library.dialects.v1.wire import day, iso, iso_or_none, seconds

IMAGES = "/api/images"
SPATIAL = (("atmos", "Atmos"), ("dts:x", "DTS:X"), ("dtsx", "DTS:X"))


def movie(title: Title) -> Movie:
    item = title.item
    words = title.words
    return Movie(
        id=item.nanoid,
        library_id=title.library,
        title=item.title,
        sort_title=item.title_key,
        original_title=item.original_title or None,
        original_language=item.original_language or None,
        year=item.year,
        release_date=day(item.released),
        overview=item.overview or None,
        tagline=item.tagline or None,
        runtime=item.runtime,
        content_rating=item.content_rating or None,
        min_age=item.min_age,
        genres=words.get("genre", []),
        studios=[Named(id=f"studio:{name.casefold()}", name=name) for name in words.get("studio", [])],
        countries=words.get("country", []),
        keywords=words.get("keyword", []),
        external_ids=ids(item),
        ratings=[rating(one) for one in title.ratings],
        images=images(item),
        match_status=item.match_status.value,
        match_confidence=item.match_confidence / 1000,
        locked_fields=item.locked,
        is_shell=item.is_shell,
        collection=CollectionRef(tmdb_id=item.collection_tmdb, name=item.collection_name or None),
        added_at=iso(item.added_at),
        updated_at=iso(item.updated_at),
        user_state=state(title.state, item),
        files=versions(title.files),
        badges=badges(title),
    )


def show(title: Title, *, seasons: int | None = None) -> Show:
    item = title.item
    return Show(
        id=item.nanoid,
        library_id=title.library,
        title=item.title,
        sort_title=item.title_key,
        original_title=item.original_title or None,
        original_language=item.original_language or None,
        year=item.year,
        status=item.status or None,
        overview=item.overview or None,
        first_air_date=day(item.released),
        last_air_date=day(item.last_aired),
        runtime=item.runtime,
        season_count=item.extra.get("seasonCount", 0) if seasons is None else seasons,
        episode_count=item.episode_count,
        available_episode_count=item.available_count,
        networks=title.words.get("network", []),
        genres=title.words.get("genre", []),
        keywords=title.words.get("keyword", []),
        content_rating=item.content_rating or None,
        min_age=item.min_age,
        external_ids=ids(item),
        images=images(item),
        ratings=[rating(one) for one in title.ratings],
        episode_ordering=item.ordering or "aired",
        match_status=item.match_status.value,
        match_confidence=item.match_confidence / 1000,
        locked_fields=item.locked,
        is_shell=item.is_shell,
        added_at=iso(item.added_at),
        updated_at=iso(item.updated_at),
        user_state=_show_state(title),
        badges=[item.resolution] if item.resolution else [],
    )


def _show_state(title: Title) -> ShowState:
    item, following = title.item, title.next_episode
    left = max(0, item.available_count - title.watched_episodes)
    going_on = None
    if following is not None:
        going_on = NextEpisode(
            id=following.nanoid,
            season_number=following.season_number,
            episode_number=following.episode_number,
            title=following.title,
            position=seconds(title.next_position_ms),
        )
    return ShowState(
        watched_episodes=title.watched_episodes,
        unwatched_episodes=left,
        watched=item.available_count > 0 and left == 0,
        in_watchlist=title.state.in_watchlist,
        next_episode=going_on,
    )


def season(title: Title) -> Season:
    item = title.item
    return Season(
        id=item.nanoid,
        show_id=title.show.nanoid if title.show else "",
        season_number=item.season_number or 0,
        title=item.title,
        overview=item.overview or None,
        air_date=day(item.released),
        episode_count=item.episode_count,
        available_episode_count=item.available_count,
        images=images(item),
        user_state=SeasonState(
            watched_episodes=title.watched_episodes,
            watched=item.available_count > 0 and title.watched_episodes >= item.available_count,
        ),
    )


def episode(title: Title, segments: list[Segment] | None = None) -> Episode:
    item = title.item
    return Episode(
        id=item.nanoid,
        library_id=title.library,
        show_id=title.show.nanoid if title.show else "",
        show_title=title.show.title if title.show else "",
        season_number=item.season_number or 0,
        episode_number=item.episode_number or 0,
        end_episode_number=item.end_number,
        absolute_number=item.absolute_number,
        title=item.title,
        overview=item.overview or None,
        air_date=day(item.released),
        runtime=item.runtime,
        images=images(item),
        external_ids=ids(item),
        ratings=[rating(one) for one in title.ratings],
        files=versions(title.files),
        segments=segments or [],
        missing=not item.is_available,
        added_at=iso(item.added_at),
        user_state=state(title.state, item),
    )


def card(title: Title) -> Card:
    item = title.item
    return Card(
        id=item.nanoid,
        media_type=item.kind.value,
        title=item.title,
        year=item.year,
        images=images(item),
        library_id=title.library,
        content_rating=item.content_rating or None,
        runtime=item.runtime,
        added_at=iso(item.added_at),
        show_id=title.show.nanoid if title.show else None,
        show_title=title.show.title if title.show else None,
        season_number=item.season_number,
        episode_number=item.episode_number,
        user_state=state(title.state, item),
    )


def full(title: Title) -> Movie | Show | Season | Episode:
    """Whatever it is."""
    makers: dict[Kind, Any] = {Kind.MOVIE: movie, Kind.SHOW: show, Kind.SEASON: season, Kind.EPISODE: episode}
    made: Movie | Show | Season | Episode = makers[title.item.kind](title)
    return made


def ids(item: Item) -> ExternalIds:
    return ExternalIds(tmdb=item.tmdb, imdb=item.imdb, tvdb=item.tvdb)


def rating(one: RatingRow) -> Rating:
    return Rating(source=one.source, value=one.value, scale=one.scale, votes=one.votes, url=one.url or None)


def images(item: Item) -> dict[str, Any]:
    """Addresses of the selected pictures by kind; `blurHash` beside them."""
    found: dict[str, Any] = {
        kind: f"{IMAGES}/{name}" for kind, name in item.images.items() if not kind.startswith("blur:")
    }
    blurred = {kind.removeprefix("blur:"): text for kind, text in item.images.items() if kind.startswith("blur:")}
    if blurred:
        found["blurHash"] = blurred
    return found


def state(one: State, item: Item) -> UserState:
    length = one.duration_ms or item.duration_ms
    percent = round(100 * one.position_ms / length, 1) if length and one.position_ms else 0.0
    return UserState(
        watched=one.watched,
        position=seconds(one.position_ms),
        percent=min(100.0, percent),
        play_count=one.play_count,
        last_played_at=iso_or_none(one.last_played_at),
        in_watchlist=one.in_watchlist,
    )


def versions(files: list[MediaFile]) -> list[FileOut]:
    """One for each version; the parts of one are counted together."""
    found: list[FileOut] = []
    whole = [one for one in files if not one.part_index]
    groups: dict[tuple[str, str], list[MediaFile]] = {}
    for one in files:
        if one.part_index:
            groups.setdefault((str(one.path.parent), one.edition), []).append(one)
    found += [file_out([one]) for one in whole]
    found += [file_out(sorted(group, key=lambda one: one.part_index)) for group in groups.values()]
    return found


def file_out(group: list[MediaFile]) -> FileOut:
    first = group[0]
    length = sum(one.duration_ms for one in group)
    return FileOut(
        id=first.nanoid,
        edition=first.edition or None,
        resolution=first.resolution or None,
        hdr_format=first.hdr or None,
        video_codec=first.video_codec or None,
        audio_codec=first.audio_codec or None,
        audio_channels=first.audio_channels or None,
        container=first.container or None,
        size=sum(one.size_bytes for one in group),
        duration=seconds(length) if length else None,
        bitrate=first.bitrate or None,
        parts=len(group),
    )


def badges(title: Title) -> list[str]:
    """What is worth telling at a glance."""
    item = title.item
    found = [word for word in (item.resolution, item.hdr) if word]
    streams = [stream for one in title.files[:1] if one.probed for stream in one.probed.audio]
    if sound := next((spatial(one) for one in streams if spatial(one)), None):
        found.append("Atmos" if sound == "atmos" else "DTS:X")
    return found


def spatial(stream: ProbedStream) -> str | None:
    """`atmos` or `dtsx`, as far as names and profiles tell."""
    text = f"{stream.profile or ''} {stream.title or ''}".lower()
    if "atmos" in text:
        return "atmos"
    return "dtsx" if "dts:x" in text or "dtsx" in text else None


def credits_of(rows: list[CreditRow]) -> Credits:
    def who(one: CreditRow) -> PersonRef:
        return PersonRef(id=one.person_nanoid, name=one.name, image=f"{IMAGES}/{one.image}" if one.image else None)

    return Credits(
        cast=[Cast(person=who(one), character=one.character, order=one.position) for one in rows if one.kind == "cast"],
        crew=[Crew(person=who(one), job=one.job, department=one.department) for one in rows if one.kind == "crew"],
    )


def length_of(value: timedelta | None) -> float | None:
    return None if value is None else round(value.total_seconds(), 3)

"""The field's own reader of names, for those that ours makes nothing of. Slow: some milliseconds a name."""

from typing import Any

from guessit import guessit
from guessit.api import GuessitException
from msgspec.structs import replace

from polycast.library.scanning.names.model import Named, NameKind


def guess(stem: str, known: Named) -> Named:
    """`known` with what guessit adds: a season, an episode, a title."""
    try:
        found: dict[str, Any] = dict(guessit(stem, {"type": "episode"}))
    except GuessitException:
        return known
    episode, season = _first(found.get("episode")), _first(found.get("season"))
    if episode is None:
        return known
    many = found.get("episode")
    strange = known.kind is not NameKind.EPISODE
    last = many[-1] if isinstance(many, list) else None
    return replace(
        known,
        kind=NameKind.EPISODE,
        title=str(_one(found.get("title")) or known.title)
        if strange
        else known.title or str(_one(found.get("title")) or ""),
        season=known.season if known.season is not None else season,
        episode=known.episode if known.episode is not None else episode,
        end=known.end or (last if isinstance(last, int) and last > episode else None),
        episode_title=known.episode_title or str(_one(found.get("episode_title")) or ""),
    )


def guess_film(stem: str, known: Named) -> Named:
    """`known` with the title and year that guessit sees."""
    try:
        found: dict[str, Any] = dict(guessit(stem, {"type": "movie"}))
    except GuessitException:
        return known
    title = str(_one(found.get("title")) or "")
    if not title:
        return known
    year = found.get("year")
    edition = found.get("edition")
    return replace(
        known,
        title=title,
        year=year if isinstance(year, int) else known.year,
        edition=known.edition or (str(_one(edition)) if edition else ""),
    )


def guess_episode(stem: str, known: Named) -> Named:
    """`known`, whose title is not plain, with what guessit sees; numbers that both see are ours."""
    try:
        found: dict[str, Any] = dict(guessit(stem, {"type": "episode"}))
    except GuessitException:
        return known
    title = str(_one(found.get("title")) or "")
    year = found.get("year")
    return replace(known, title=title or known.title, year=year if isinstance(year, int) else known.year)


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _first(value: Any) -> int | None:
    first = _one(value)
    return first if isinstance(first, int) else None

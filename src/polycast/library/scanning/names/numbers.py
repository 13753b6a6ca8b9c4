"""Seasons, episodes and dates in names. Each reader gives what it found and where it begins and ends."""

import re
from datetime import date
from typing import Final

from msgspec import Struct

# Season numbers that are frame sizes or years of nothing: "1920x1080".
NO_SEASON: Final = (range(200, 1928), range(2501, 100_000))
MORE: Final = r"((?:[\s._]*(?:-|–|&|\+|~)?[\s._]*(?:s\d{1,4}[\s._]*)?(?:e|ep|x|-)[\s._]*\d{1,4}(?![\dpi]))*)"  # noqa: RUF001
SXE: Final = re.compile(
    rf"(?i)(?<![a-z0-9])s(?:eason[\s._]*)?(\d{{1,4}})[\s._\-x]{{0,3}}(?:e|ep|episode)[\s._]*(\d{{1,4}})(?!\d){MORE}"
)
NXN: Final = re.compile(
    r"(?i)(?<![a-z0-9])(\d{1,4})x(\d{1,4})(\.\d)?(?![\dpi])((?:[\s._]*(?:-|x|&|\+|–)[\s._]*(?:\d{1,2}x|e|x)?\d{1,4}(?![\dpi]))*)"  # noqa: RUF001
)
WORDY: Final = re.compile(
    r"(?i)(?:season|series|saison|staffel|temporada|stagione|sezon)[\s._\-]*(\d{1,4})[\s._,\-]*(?:episode|episodio|épisode|folge|ep?)[\s._\-#]*(\d{1,4})(?!\d)"
)
EP: Final = re.compile(
    r"(?i)(?<![a-z0-9])(?:episode|épisode|episodio|folge|ep|e)[\s._\-#]*(\d{1,4})(?![\dpi])((?:[\s._]*-[\s._]*(?:e|ep)?\d{1,4}(?![\dpi]))?)(?=$|[\s._\-\[(v])"
)
LEADING: Final = re.compile(r"^\s*(\d{1,3})(?:\s*-\s*(\d{1,3}))?(?=$|[\s._\-])(?!\s*[\s._-]\s*\d{2}[\s._-]\d{2})")
ANIME: Final = re.compile(
    r"(?i)[\s._]-[\s._](?:ep?\.?[\s._]?)?(\d{1,4})(?:v\d)?(?:\s*[-~]\s*(\d{1,4})(?:v\d)?)?(?=$|[\s._\[(])"
)
ANIME_END: Final = re.compile(
    r"(?i)(?:[\s._](\d{2,4})|\[(\d{1,4})\])(?:v\d)?(?:[\s._]*(?:\[[^\]]*\]|\([^)]*\)|end|fin))*\s*$"
)
ISO_DATE: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})([._\-\s])(\d{1,2})\2(\d{1,2})(?!\d)")
EURO_DATE: Final = re.compile(r"(?<!\d)(\d{1,2})([._\-\s])(\d{1,2})\2((?:19|20)\d{2})(?!\d)")
TAIL: Final = re.compile(r"(?i)(?:s\d{1,4}[\s._]*e?|\d{1,2}x)?(\d{1,4})")
SEASON_ONLY: Final = re.compile(
    r"(?i)(?:^|(?<=[\s._\-\[(]))(?:s|season[\s._]*|series[\s._]*|staffel[\s._]*|saison[\s._]*)(\d{1,4})(?:[\s._]*-[\s._]*s?\d{1,2})?(?=$|[\s._\-\])])"
)
SEASON_WORDS: Final = r"season|series|staffel|saison|temporada|stagione|säsong|sesong|sezon|sezona|seizoen|kausi|evad|сезон|시즌|シーズン|第"
SEASON_FOLDER: Final = re.compile(
    rf"(?i)^\s*(?:.*?[\s._\-\[(])?(?:(?:{SEASON_WORDS})[\s._\-:#]*(\d{{1,4}})|s(\d{{1,4}})(?![\s._]*e)|(\d{{1,2}})(?:st|nd|rd|th|\.|ª|e|\.?a)?[\s._]*(?:{SEASON_WORDS}|季|évad))(?=$|[\s._\-\])])"
)
BARE_FOLDER: Final = re.compile(r"^\s*(\d{1,2})\s*$")
YEAR_FOLDER: Final = re.compile(r"^\s*((?:19|20)\d{2})\s*$")
SPECIALS: Final = re.compile(
    r"(?i)^\s*(?:.*[\s._\-])?(?:specials?|extras?[\s._]*season|season[\s._]*0+|s0+|sonderfolgen|especiales|ova|oad|sp)\s*$"
)


class Numbers(Struct, frozen=True, kw_only=True):
    """What was found, and the span of text that said it."""

    start: int
    stop: int
    season: int | None = None
    episode: int | None = None
    end: int | None = None
    absolute: int | None = None
    air_date: date | None = None


def find_numbers(stem: str) -> Numbers | None:
    """Season and episode as releases write them, or a date."""
    for pattern in (SXE, NXN, WORDY):
        for match in pattern.finditer(stem):
            season, first = int(match[1]), int(match[2])
            if not any(season in span for span in NO_SEASON) and not (pattern is NXN and _is_frame(season, first)):
                tail = match[match.re.groups] if pattern is not WORDY else ""
                end = _end(first, tail or "")
                return Numbers(start=match.start(), stop=match.end(), season=season, episode=first, end=end)
    return find_date(stem)


def find_date(stem: str) -> Numbers | None:
    """A full date."""
    for match in ISO_DATE.finditer(stem):
        if (day := _day(int(match[1]), int(match[3]), int(match[4]))) is not None:
            return Numbers(start=match.start(), stop=match.end(), air_date=day)
    for match in EURO_DATE.finditer(stem):
        day = _day(int(match[4]), int(match[3]), int(match[1])) or _day(int(match[4]), int(match[1]), int(match[3]))
        if day is not None:
            return Numbers(start=match.start(), stop=match.end(), air_date=day)
    return None


def find_episode(stem: str) -> Numbers | None:
    """`Episode 16`, `Ep_01`, `E07`: where a folder gives the rest."""
    match = EP.search(stem)
    if match is None:
        return None
    first = int(match[1])
    return Numbers(start=match.start(), stop=match.end(), episode=first, end=_end(first, match[2] or ""))


def find_leading(stem: str) -> Numbers | None:
    """`02 - title`, `02`, `02-04`: in a season's folder."""
    match = LEADING.match(stem)
    if match is None:
        return None
    first = int(match[1])
    last = int(match[2]) if match[2] else None
    return Numbers(start=0, stop=match.end(), episode=first, end=last if last and last > first else None)


def find_absolute(stem: str, *, loosely: bool) -> Numbers | None:
    """`Title - 136`; `loosely` also `Title 136` and `Title [136]`."""
    if dashed := list(ANIME.finditer(stem)):
        match = dashed[-1]
        first = int(match[1])
        last = int(match[2]) if match[2] else None
        return Numbers(
            start=match.start(), stop=match.end(), absolute=first, end=last if last and last > first else None
        )
    if loosely and (found := ANIME_END.search(stem)):
        value = int(found[1] or found[2])
        if not 1900 <= value <= 2100 and value not in {480, 576, 720, 1080, 2160}:
            return Numbers(start=found.start(), stop=found.end(), absolute=value)
    return None


def season_of_folder(name: str) -> int | None:
    """The season that a folder's name says; 0 for specials, None for another folder."""
    if SPECIALS.match(name):
        return 0
    if match := SEASON_FOLDER.match(name):
        value = int(next(part for part in match.groups() if part))
        return None if any(value in span for span in (range(200, 1900), range(2501, 100_000))) else value
    if match := BARE_FOLDER.match(name):
        return int(match[1])
    return None


def _end(first: int, tail: str) -> int | None:
    numbers = [int(one[1]) for one in TAIL.finditer(tail)]
    last = max(numbers, default=0)
    return last if first < last <= first + 200 else None


def _is_frame(width: int, height: int) -> bool:
    return (width, height) in {(16, 9), (4, 3), (21, 9)} or (width > 99 and height > 99)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None

"""One name by itself: a file without its folders, or a folder."""

import re
from typing import Final

from polycast.library.scanning.names.fallback import guess_episode, guess_film
from polycast.library.scanning.names.model import Ids, Named, NameKind
from polycast.library.scanning.names.numbers import (
    SEASON_ONLY,
    Numbers,
    find_absolute,
    find_date,
    find_episode,
    find_numbers,
)
from polycast.library.scanning.names.tags import (
    BARE_IMDB,
    EDITION,
    EDITION_TAG,
    FULL_DATE,
    GROUP,
    PROVIDER,
    RELEASE,
    THREE_D,
    YEAR,
    edition_of,
    ids_of,
    three_d_of,
    tidy,
    without_brackets,
)

PART: Final = re.compile(r"(?i)[\s._\-(\[]+(?:cd|dvd|disc|disk|part|pt)[\s._\-]*(\d{1,2}|[a-d])[)\]]?\s*$")
LATEST: Final = 2100
PLAIN: Final = re.compile(r"^([\w .,'’&!:\-]+?)[ ._]+[(\[]?(?:19|20)\d{2}[)\]]?(?=$|[ ._\-\[({])")  # noqa: RUF001
PLAIN_SHOW: Final = re.compile(r"[\w .,'’&!]+(?:[ ._]*[(\[](?:19|20)\d{2}[)\]])?")  # noqa: RUF001
STRANGE_SHOW: Final = re.compile(
    r"(?i)www\.|^\d+\s*-|[\s._](?:1080|720|2160|480|hdtv|web|dvd|bluray|german|french|proper)(?=$|[\s._\-p])"
)
BARE: Final = re.compile(r"[\w .,'’&!]+")  # noqa: RUF001
STRANGE: Final = re.compile(
    r"""(?ix)www\.|--|_-|-_|-x\d\d|^\d+\s*-|^[a-z0-9]{2,8}-(?=[a-z])|[\s._](?:french|german|italian|spanish|english|multi|dual|dubbed|dc|se|stv|om
    |uncut|extended|unrated|remastered|directors?|xxx|opus|convert|3d|dl|hd|web|dvd|bd|edition|cut|collection|complete|pal|ntsc|internal|limited|cd\d?|part)(?=$|[\s._\-])
    |(?:19|20)\d{2}|\s-\s.*\s-\s"""
)
GROUP_AT_END: Final = re.compile(r"-[A-Za-z0-9@]{2,20}(?:\[[^\]]*\])?$")


def read_name(stem: str, *, is_anime: bool = False) -> Named:
    """What a name without folders and ending says: an episode when it has a number, else a film."""
    ids, edition, three_d = ids_of(stem), edition_of(stem), three_d_of(stem)
    plain = BARE_IMDB.sub(" ", PROVIDER.sub(" ", EDITION_TAG.sub(" ", stem)))
    numbers = find_numbers(plain)
    group = GROUP.match(plain)
    if numbers is None and (is_anime or (group and not YEAR.fullmatch(group[1]))):
        bare = plain[group.end() :] if group else plain
        found = find_absolute(bare, loosely=True)
        if found is not None:
            return _episode(bare, found, ids, edition)
    if numbers is None:
        found = find_episode(plain)
        # "E.T." and "Ep" in a film's title have no number; "Episode 4" of a title with a year is part of it.
        if found is not None and found.start > 0 and not YEAR.search(plain):
            numbers = found
    if numbers is not None:
        return _episode(plain, numbers, ids, edition)
    return read_movie(plain, ids=ids, edition=edition, three_d=three_d)


def read_movie(stem: str, *, ids: Ids | None = None, edition: str | None = None, three_d: str | None = None) -> Named:
    """A name as a film's."""
    ids = ids_of(stem) if ids is None else ids
    edition = edition_of(stem) if edition is None else edition
    plain = BARE_IMDB.sub(" ", PROVIDER.sub(" ", EDITION_TAG.sub(" ", stem)))
    title, year = split_year(plain)
    found = Named(
        kind=NameKind.MOVIE,
        title=title,
        year=year,
        ids=ids,
        edition=edition,
        three_d=three_d_of(stem) if three_d is None else three_d,
    )
    return found if is_plain(plain) else guess_film(plain, found)


def is_plain(text: str) -> bool:
    """Whether a name is written as most are, so that ours reads it right: words, then a year or nothing."""
    if match := PLAIN.match(text):
        return not STRANGE.search(match[1])
    return bool(BARE.fullmatch(text)) and not STRANGE.search(text) and not RELEASE.search(text)


def split_part(stem: str) -> tuple[str, int | None]:
    """`Film cd1` as ("Film", 1). Whether it is one of several parts, its neighbours decide."""
    match = PART.search(stem)
    if match is None or match.start() == 0:
        return stem, None
    return stem[: match.start()], int(match[1]) if match[1].isdigit() else ord(match[1].lower()) - 96


def split_year(text: str) -> tuple[str, int | None]:
    """Title and year. The last plausible year counts that is neither the whole title nor part of a date."""
    group = GROUP.match(text)
    if group and not YEAR.fullmatch(group[1].strip()) and re.search(r"\w", text[group.end() :]):
        text = text[group.end() :]
    taken = [match.span() for match in FULL_DATE.finditer(text)]
    stop = _release_start(text)
    year: int | None = None
    end = stop
    for match in YEAR.finditer(text):
        inside = any(start <= match.start() < last for start, last in taken)
        before = re.search(r"\w", text[: match.start()])
        closes = match.start() <= stop or text[match.start() - 1 : match.start()] in ("(", "[")
        if inside or not before or not closes or int(match[0]) > LATEST:
            continue
        year, end = int(match[0]), match.start()
    title = tidy(without_brackets(_without_editions(text[:end])))
    if not title:
        title = tidy(without_brackets(text[:stop] or text)) or tidy(text)
    return title, year


def folder_title(name: str) -> Named:
    """A show's folder: its title, year and ids; what a pack's name says of seasons is cut off."""
    ids = ids_of(name)
    plain = PROVIDER.sub(" ", name)
    cut = find_numbers(plain) or find_date(plain)
    if cut is not None and cut.start > 0:
        plain = plain[: cut.start]
    elif (pack := SEASON_ONLY.search(plain)) and pack.start() > 0:
        plain = plain[: pack.start()]
    title, year = split_year(plain)
    return Named(kind=NameKind.EPISODE, title=title, year=year, ids=ids)


def _episode(text: str, numbers: Numbers, ids: Ids, edition: str) -> Named:
    head, tail = text[: numbers.start], text[numbers.stop :]
    title, year = split_year(head) if re.search(r"\w", head) else ("", None)
    if title and (alone := re.fullmatch(r"(.+?)[\s._]+[sS](\d{1,2})", title)) and numbers.season is None:
        title = alone[1]
    rest = tail[: _release_start(tail, anywhere=True)]
    said = tidy(without_brackets(rest)) if rest.strip(" .-_") else ""
    found = Named(
        kind=NameKind.EPISODE,
        title=title,
        year=year,
        ids=ids,
        season=numbers.season,
        episode=numbers.episode,
        end=numbers.end,
        absolute=numbers.absolute,
        air_date=numbers.air_date,
        episode_title="" if said.isdigit() and len(said) < 3 else said,
        edition=edition,
    )
    if title and not (PLAIN_SHOW.fullmatch(head.rstrip(" ._-([")) and not STRANGE_SHOW.search(head)):
        return guess_episode(text, found)
    return found


def _without_editions(text: str) -> str:
    """Edition words after the title, not as the title."""
    first = len(text)
    for _, pattern in EDITION:
        if (match := pattern.search(text)) and re.search(r"\w", text[: match.start()]):
            first = min(first, match.start())
    return text[:first]


def _release_start(text: str, *, anywhere: bool = False) -> int:
    """Where the words of the release begin; the end of the text without any. A title may begin with such a word."""
    matches = RELEASE.finditer(text)
    found = [match.start() for match in matches if anywhere or re.search(r"\w", text[: match.start()])]
    if match := THREE_D.search(text):
        found.append(match.start())
    if found:
        return min(found)
    return len(text)

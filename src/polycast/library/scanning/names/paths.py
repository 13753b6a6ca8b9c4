"""A file with its folders: the folder's year and ids win over the file's."""

import re
from pathlib import PurePosixPath
from typing import Final

from msgspec.structs import replace
from rapidfuzz import fuzz

from polycast.core.storage import fold
from polycast.library.scanning.names.extras import extra_of
from polycast.library.scanning.names.fallback import guess
from polycast.library.scanning.names.model import Named, NameKind
from polycast.library.scanning.names.numbers import find_episode, find_leading, find_numbers, season_of_folder
from polycast.library.scanning.names.single import folder_title, read_movie, read_name
from polycast.library.scanning.names.tags import RELEASE, tidy

TV: Final = frozenset({"tv", "anime"})
FILMS: Final = frozenset({"movie", "home_video"})
DISC: Final = frozenset({"video_ts", "bdmv", "stream", "certificate"})
ALIKE: Final = 60.0


def read_path(relative: str, *, kind: str, size_bytes: int = 0) -> Named:
    """`relative`: the path below the library's folder; `kind`: the library's type."""
    path = PurePosixPath(relative)
    folders = [part for part in path.parts[:-1] if part.lower() not in DISC]
    stem = path.stem if len(folders) == len(path.parts) - 1 or not folders else folders[-1]
    is_anime = kind == "anime"
    if extra := extra_of(list(path.parts[:-1]), path.stem, size_bytes=size_bytes, is_anime=is_anime):
        return _extra(folders, path.stem, extra, kind)
    if kind == "home_video":
        return Named(kind=NameKind.MOVIE, title=tidy(stem) or stem, group="/".join(path.parts))
    if kind in FILMS:
        return _movie(folders, stem)
    if kind in TV:
        return _episode(folders, stem, is_anime=is_anime)
    return _episode(folders, stem, is_anime=False) if _looks_like_tv(folders, stem) else _movie(folders, stem)


def _looks_like_tv(folders: list[str], stem: str) -> bool:
    numbers = find_numbers(stem)
    if numbers is not None and numbers.season is not None:
        return True
    return bool(folders) and season_of_folder(folders[-1]) is not None


def _movie(folders: list[str], stem: str) -> Named:
    file = read_movie(stem)
    if not folders:
        return replace(file, group=fold(file.title))
    folder = read_movie(folders[-1])
    ids = folder.ids.over(file.ids)
    year = folder.year or file.year
    alike = fuzz.token_set_ratio(fold(folder.title), fold(file.title)) if folder.title else 0.0
    if file.year is None and alike < ALIKE and folder.title and RELEASE.search(folders[-1]):
        return replace(folder, edition=file.edition, ids=ids, group=fold(folders[-1]))  # the file's name is a code
    # A folder of one film names it; one of many ("Action", "Downloads") does not.
    is_of_film = bool(folder.ids) or folder.year is not None or alike >= 90
    if is_of_film and (alike >= ALIKE or folder.ids or folder.year is not None):
        begins = fold(stem).startswith(fold(folders[-1].split(" [")[0].split(" {")[0].strip()))
        different = file.year is not None and folder.year is not None and file.year != folder.year
        if not different or begins:
            return replace(file, title=folder.title or file.title, year=year, ids=ids, group=fold(folders[-1]))
    return replace(file, group=fold(file.title))


def _episode(folders: list[str], stem: str, *, is_anime: bool) -> Named:
    if folders and (outer := find_numbers(folders[-1])) is not None and outer.episode is not None:
        inner = find_numbers(stem)
        if inner is None or inner.season is None:  # a release's own folder around a file whose name says nothing
            stem = folders[-1]
    season, rest = _season(folders)
    file = read_name(stem, is_anime=is_anime)
    if file.kind is not NameKind.EPISODE:
        file = _in_folder(stem, has_season=season is not None, in_show=bool(rest)) or file
    if file.kind is not NameKind.EPISODE and rest and (leading := find_leading(stem)) is not None:
        file = Named(kind=NameKind.EPISODE, title="", episode=leading.episode, end=leading.end,
                     episode_title=tidy(stem[leading.stop :]))  # fmt: skip
    if file.kind is not NameKind.EPISODE or (not file.title and not rest):
        file = guess(stem, file)
    if file.season is None and file.absolute is None and season is not None:
        file = replace(file, season=season)
    if file.absolute is not None and season is not None and file.season is None:
        file = replace(file, season=season, episode=file.absolute)
    elif file.episode is not None and file.season is None and file.absolute is None:
        file = replace(file, season=0 if season == 0 else 1)
    return _with_show(file, rest, is_special=season == 0 or file.season == 0)


def _in_folder(stem: str, *, has_season: bool, in_show: bool) -> Named | None:
    """Names that mean an episode only because of where they lie."""
    numbers = find_episode(stem) if in_show or has_season else None
    if numbers is None and has_season:
        numbers = find_leading(stem)
    if numbers is None and has_season and (last := re.search(r"(?:^|[\s._\-])(\d{1,3})$", stem)):
        return Named(kind=NameKind.EPISODE, title="", episode=int(last[1]))
    if numbers is None:
        return None
    return Named(
        kind=NameKind.EPISODE,
        title="",
        episode=numbers.episode,
        end=numbers.end,
        episode_title=tidy(stem[numbers.stop :]),
    )


def _season(folders: list[str]) -> tuple[int | None, list[str]]:
    """The season that the innermost folders say, and the folders that are left for the show."""
    if folders:
        season = season_of_folder(folders[-1])
        if season is not None and len(folders) > 1:
            return season, folders[:-1]
        if season is not None and not folder_title(folders[-1]).title:
            return season, []
        if season is not None:  # "Show Season 2" without a folder above
            return season, folders
        if len(folders) > 2 and (outer := season_of_folder(folders[-2])) is not None:
            return outer, folders[:-2]  # a folder for each episode within a season
    return None, folders


def _with_show(file: Named, folders: list[str], *, is_special: bool) -> Named:
    if not folders:
        return replace(file, is_special=is_special)
    show = folder_title(folders[-1])
    if file.title and show.title and not show.ids and len(folders) > 1:
        # A release's own folder within the show's: the outer one is the show.
        outer = folder_title(folders[-2])
        if fuzz.token_set_ratio(fold(outer.title), fold(file.title)) >= ALIKE:
            show = outer
    title, year = show.title or file.title, show.year or file.year
    if file.title and show.title and show.year is None and not show.ids:
        alike = fuzz.token_set_ratio(fold(show.title), fold(file.title))
        if alike < ALIKE and file.season is not None and len(folders) == 1 and len(file.title) > 3:
            title = file.title if fold(show.title) in GENERIC else title
    return replace(
        file, title=title, year=year, ids=show.ids.over(file.ids), is_special=is_special, group=fold(folders[-1])
    )


def _extra(folders: list[str], stem: str, extra: str, kind: str) -> Named:
    owner = folders[:-1] if len(folders) > 1 and extra_of(folders, "x", size_bytes=0, is_anime=False) else folders
    name = folders[0] if kind in TV and folders else (owner[-1] if owner else stem)
    said = folder_title(name) if kind in TV else read_movie(name if owner else re.sub(r"[\s._-]+\w+$", "", stem))
    return Named(
        kind=NameKind.EXTRA,
        title=said.title,
        year=said.year,
        ids=said.ids,
        extra=extra,
        episode_title=tidy(stem),
        group=fold(name),
    )


GENERIC: Final = frozenset(
    {
        "downloads",
        "download",
        "tv",
        "tv shows",
        "shows",
        "series",
        "video",
        "videos",
        "media",
        "new",
        "incoming",
        "complete",
        "torrents",
        "usenet",
        "anime",
    }
)

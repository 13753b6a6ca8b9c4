"""Names of the field: guessit's own corpora, which come with its package. The rates may rise, never fall."""

import re
from pathlib import Path
from typing import Any

import guessit
import pytest
import yaml

from polycast.core.storage import fold
from polycast.library.scanning.names import Named, read_path

FOLDER = Path(guessit.__file__).parent / "test"


class _Loader(yaml.SafeLoader):
    """Leaves out what has a tag of guessit's own."""


def _nothing(_loader: Any, _node: Any) -> None:
    return None


_Loader.add_constructor(None, _nothing)  # type: ignore[type-var]


def _cases(name: str) -> list[tuple[str, dict[str, Any]]]:
    told = yaml.load((FOLDER / name).read_text("utf-8"), Loader=_Loader)
    default = told.pop("__default__", {})
    return [
        (str(one), {**default, **(values or {})})
        for key, values in told.items()
        for one in (key if isinstance(key, tuple) else [key])
        if not str(one).startswith("-")
    ]


def _plain(text: object) -> str:
    return re.sub(r"[^\w]+", " ", fold(str(text))).strip()


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def _read(name: str, kind: str) -> Named:
    path = name.replace("\\", "/").lstrip("/?:")
    return read_path(path if re.search(r"\.[A-Za-z0-9]{2,4}$", path) else f"{path}.mkv", kind=kind)


def _rate(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


class TestNamesOfTheField:
    def test_films(self) -> None:
        hits = []
        for name, wanted in _cases("movies.yml"):
            if wanted.get("title") is None:
                continue
            found = _read(name, "movie")
            hits.append(_plain(found.title) == _plain(wanted["title"]) and found.year == wanted.get("year"))
        assert len(hits) > 200
        assert _rate(hits) >= 0.94

    def test_episodes(self) -> None:
        hits = []
        for name, wanted in _cases("episodes.yml"):
            number, day = _first(wanted.get("episode")), wanted.get("date")
            if wanted.get("title") is None or wanted.get("type") == "movie" or (number is None and day is None):
                continue
            found = _read(name, "tv")
            season = _first(wanted.get("season"))
            same = found.air_date == day
            if number is not None:
                told = found.episode if found.episode is not None else found.absolute
                same = told == number and season in (None, found.season)
            hits.append(_plain(found.title) == _plain(wanted["title"]) and same)
        assert len(hits) > 400
        assert _rate(hits) >= 0.91


class TestWhatNamesSay:
    @pytest.mark.parametrize(
        ("kind", "path", "title", "year", "numbers"),
        [
            ("movie", "300 (2006)/300 (2006).mkv", "300", 2006, (None, None, None)),
            ("movie", "2012 (2009).mkv", "2012", 2009, (None, None, None)),
            ("movie", "Drug War 2013.mkv", "Drug War", 2013, (None, None, None)),
            ("movie", "Blade Runner 2049 (2017)/film.mkv", "Blade Runner 2049", 2017, (None, None, None)),
            ("movie", "Title.2013.1080p.BluRay.x264-GRP.mkv", "Title", 2013, (None, None, None)),
            ("tv", "Scrubs (2001)/Season 1/Scrubs - S01E01 - My First Day.mkv", "Scrubs", 2001, (1, 1, None)),
            ("tv", "Scrubs/Season 01/01 - My First Day.avi", "Scrubs", None, (1, 1, None)),
            ("tv", "Show/S01E23-24-26.mkv", "Show", None, (1, 23, 26)),
            ("tv", "Show/S01E01-E03.mkv", "Show", None, (1, 1, 3)),
            ("tv", "Show/Season 2/2x03-04-15.mkv", "Show", None, (2, 3, 15)),
            ("tv", "Show.1920x1080.S02E05.mkv", "Show", None, (2, 5, None)),
            ("tv", "Show/Staffel 2/Folge 7.mkv", "Show", None, (2, 7, None)),
            ("tv", "Lost/Specials/Lost S00E03.mkv", "Lost", None, (0, 3, None)),
        ],
    )
    def test_is_read(
        self, kind: str, path: str, title: str, year: int | None, numbers: tuple[int | None, int | None, int | None]
    ) -> None:
        found = read_path(path, kind=kind)
        assert (found.title, found.year, (found.season, found.episode, found.end)) == (title, year, numbers)

    @pytest.mark.parametrize(
        ("name", "ids"),
        [
            ("Fight Club (1999) [tmdbid=550]", (550, None, None)),
            ("Fight Club (1999) {tmdb-550}", (550, None, None)),
            ("Fight Club (1999) {imdb-tt0137523}", (None, "tt0137523", None)),
            ("Scrubs (2001) [tvdbid-76156]", (None, None, 76156)),
            ("Fight Club tt0137523 1999", (None, "tt0137523", None)),
        ],
    )
    def test_ids_are_taken_as_they_stand(self, name: str, ids: tuple[int | None, str | None, int | None]) -> None:
        found = read_path(f"{name}/{name}.mkv", kind="movie").ids
        assert (found.tmdb, found.imdb, found.tvdb) == ids

    @pytest.mark.parametrize(
        ("path", "extra"),
        [
            ("Up (2009)/Up (2009)-trailer.mp4", "trailer"),
            ("Up (2009)/trailers/foo.mkv", "trailer"),
            ("Up (2009)/Behind The Scenes/foo.mkv", "behind_the_scenes"),
            ("Up (2009)/Up (2009)-deletedscene.mkv", "deleted_scene"),
            ("The Interview (2014)/The Interview (2014).mkv", ""),
            ("The Extra (2015)/The Extra (2015).mkv", ""),
        ],
    )
    def test_extras_are_told_from_films(self, path: str, extra: str) -> None:
        assert read_path(path, kind="movie").extra == extra

"""Notes beside media, in Kodi's XML. Source: specs/library.md 4.9; kodi.wiki, NFO files."""

import re
from datetime import date
from typing import Final

from polycast.core.errors import PolycastError
from polycast.core.storage import clean
from polycast.core.xmlin import Element, read_xml
from polycast.library.metadata.ages import min_age
from polycast.library.metadata.model import EpisodeFacts, Facts, Person, Rated, SeasonFacts
from polycast.library.scanning.names import Ids

MOST_BYTES: Final = 5 * 1024 * 1024
LINKS: Final = (
    ("tmdb", re.compile(r"themoviedb\.org/(?:movie|tv)/(\d+)")),
    ("imdb", re.compile(r"imdb\.com/title/(tt\d{5,10})")),
    ("tvdb", re.compile(r"thetvdb\.com/(?:\?.*?\bid=|(?:series|movies)/)(\d+)")),
)
ROOTS: Final = re.compile(rb"<(movie|tvshow|season|episodedetails)[\s>]")
LONG: Final = 20_000
SOURCES: Final = {"imdb": "imdb", "themoviedb": "tmdb", "tmdb": "tmdb", "tomatometerallcritics": "rt_critics",
                  "tomatometeravgcritics": "rt_critics", "metacritic": "metacritic", "trakt": "trakt"}  # fmt: skip


def read_nfo(content: bytes) -> tuple[Facts, list[EpisodeFacts]] | None:
    """What a note says: of a film or show, and of the episodes it describes; None when it says nothing.

    A note may hold only an address, or be followed by one; several episodes follow one another without a root.
    """
    if len(content) > MOST_BYTES:
        return None
    text = _decoded(content)
    ids = _links(text)
    found: list[Element] = []
    for piece in _documents(text.encode()):
        try:
            found.append(read_xml(piece))
        except PolycastError:
            continue
    episodes = [_episode(one) for one in found if one.name == "episodedetails"]
    main = next((one for one in found if one.name in ("movie", "tvshow", "season")), None)
    if main is None:
        if not ids and not episodes:
            return None
        return Facts(ids=ids), episodes
    return _facts(main, ids), episodes


def _decoded(content: bytes) -> str:
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return re.sub(r"^<\?xml[^>]*\?>", "", content.decode(name, "replace"))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return re.sub(r"^<\?xml[^>]*\?>", "", content.decode("cp1252", "replace"))


def _documents(content: bytes) -> list[bytes]:
    """The roots of a note, each by itself."""
    found = []
    for match in ROOTS.finditer(content):
        closing = b"</" + match[1] + b">"
        end = content.find(closing, match.start())
        if end > 0:
            found.append(content[match.start() : end + len(closing)])
    return found[:200]


def _links(text: str) -> Ids:
    told = {word: match[1] for word, pattern in LINKS if (match := pattern.search(text))}
    return Ids(
        tmdb=int(told["tmdb"]) if "tmdb" in told else None,
        imdb=told.get("imdb"),
        tvdb=int(told["tvdb"]) if "tvdb" in told else None,
    )


def _facts(root: Element, links: Ids) -> Facts:
    rating, ratings = _ratings(root)
    mpaa = clean(root.text_of("mpaa") or root.text_of("certification"), 50)
    studios = _many(root, "studio")
    collection = root.find("set")
    is_show = root.name == "tvshow"
    released = _day(root.text_of("premiered") or root.text_of("releasedate") or root.text_of("aired"))
    year = _whole(root.text_of("year")) or (released.year if released else None)
    return Facts(
        ids=_ids(root).over(links),
        title=clean(root.text_of("title"), 300),
        sort_title=clean(root.text_of("sorttitle"), 300),
        original_title=clean(root.text_of("originaltitle"), 300),
        year=year if year and 1800 < year < 2200 else None,
        released=released,
        overview=clean(root.text_of("plot") or root.text_of("outline"), LONG, lines=True),
        tagline=clean(root.text_of("tagline"), 1000),
        runtime=_whole(root.text_of("runtime")),
        content_rating=mpaa.removeprefix("Rated ").strip(),
        min_age=min_age(mpaa),
        status=clean(root.text_of("status"), 40).lower() if is_show else "",
        genres=tuple(part for one in _many(root, "genre") for part in _split(one)),
        keywords=tuple(_many(root, "tag")),
        studios=() if is_show else tuple(studios),
        networks=tuple(studios) if is_show else (),
        countries=tuple(_many(root, "country")),
        collection_name="" if collection is None else clean(collection.text_of("name") or collection.text, 300),
        rating=rating,
        ratings=ratings,
        people=_people(root),
        seasons=_seasons(root),
        locked=tuple(_split(root.text_of("lockedfields").replace("|", "/"))),
    )


def _episode(root: Element) -> EpisodeFacts:
    rating, _ = _ratings(root)
    return EpisodeFacts(
        season=_whole(root.text_of("season")) or 0,
        number=_whole(root.text_of("episode")) or 0,
        title=clean(root.text_of("title"), 300),
        overview=clean(root.text_of("plot"), LONG, lines=True),
        aired=_day(root.text_of("aired") or root.text_of("premiered")),
        runtime=_whole(root.text_of("runtime")),
        tmdb=_ids(root).tmdb,
        rating=rating,
    )


def _ids(root: Element) -> Ids:
    told: dict[str, str] = {}
    for one in root.all("uniqueid"):
        told.setdefault(one.attributes.get("type", "").lower(), one.text.strip())
    told.setdefault("tmdb", root.text_of("tmdbid"))
    told.setdefault("imdb", root.text_of("imdbid") or root.text_of("imdb_id"))
    told.setdefault("tvdb", root.text_of("tvdbid"))
    bare = root.text_of("id")
    if bare.startswith("tt"):
        told["imdb"] = told.get("imdb") or bare
    imdb = told.get("imdb", "")
    return Ids(
        tmdb=_whole(told.get("tmdb", "")),
        imdb=imdb if re.fullmatch(r"tt\d{5,10}", imdb) else None,
        tvdb=_whole(told.get("tvdb", "")),
    )


def _ratings(root: Element) -> tuple[float | None, tuple[Rated, ...]]:
    found: list[Rated] = []
    first: float | None = None
    for one in (root.find("ratings") or root).all("rating"):
        value = _number(one.text_of("value") or one.text)
        scale = _number(one.attributes.get("max", "10")) or 10.0
        if value is None or value <= 0 or value > scale:
            continue
        if first is None or one.attributes.get("default") == "true":
            first = value * 10 / scale
        if source := SOURCES.get(one.attributes.get("name", "").lower()):
            found.append(Rated(source=source, value=value, scale=round(scale), votes=_whole(one.text_of("votes"))))
    return first, tuple(found)


def _people(root: Element) -> tuple[Person, ...]:
    found = []
    for place, one in enumerate(root.all("actor")[:200]):
        name = clean(one.text_of("name"), 200)
        if name:
            order = _whole(one.text_of("order"))
            found.append(
                Person(name=name, character=clean(one.text_of("role"), 300), position=place if order is None else order)
            )
    for job, department, names in (
        ("Director", "Directing", _many(root, "director")),
        ("Writer", "Writing", _many(root, "credits") + _many(root, "writer")),
    ):
        found += [
            Person(name=name, kind="crew", job=job, department=department, position=place)
            for place, name in enumerate(dict.fromkeys(names))
        ]
    return tuple(found)


def _seasons(root: Element) -> tuple[SeasonFacts, ...]:
    found = []
    for one in root.all("namedseason"):
        number = _whole(one.attributes.get("number", ""))
        if number is not None:
            found.append(SeasonFacts(number=number, title=clean(one.text, 300)))
    return tuple(found)


def _many(root: Element, name: str) -> list[str]:
    return [text for one in root.all(name)[:200] if (text := clean(one.text, 200))]


def _split(text: str) -> list[str]:
    return [part for one in re.split(r"\s*/\s*|\s*,\s*", text) if (part := one.strip())]


def _whole(text: str) -> int | None:
    match = re.match(r"\s*(\d{1,9})", text)
    return int(match[1]) if match else None


def _number(text: str) -> float | None:
    match = re.match(r"\s*(\d{1,6}(?:[.,]\d{1,6})?)", text)
    return float(match[1].replace(",", ".")) if match else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None

"""What TheTVDB says of a title, as we keep it."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from polycast.library.metadata.ages import min_age
from polycast.library.metadata.model import EpisodeFacts, Facts, Person, Picture, SeasonFacts
from polycast.library.providers.tvdb import wire
from polycast.library.scanning.names import Ids
from polycast.library.tracks.languages import TABLE, bcp47

ARTWORKS: Final = "https://artworks.thetvdb.com"
ENGLISH: Final = "eng"
THREE: Final = {row[0]: row[2] for row in TABLE}  # TheTVDB has ISO 639-2 in its terminological form
PICTURES: Final = {1: "banner", 2: "poster", 3: "backdrop", 22: "clearart", 23: "logo",
                   14: "poster", 15: "backdrop", 16: "banner", 24: "clearart", 25: "logo"}  # fmt: skip
AIRED: Final = frozenset({"official", "default"})
STATUSES: Final = {"upcoming": "Planned"}
CREW: Final = frozenset({"Director", "Writer", "Creator", "Producer", "Executive Producer", "Showrunner"})
CAST: Final = frozenset({"Actor", "Guest Star", "Host", ""})
# ISO 3166-1, three letters as TheTVDB has them to two: the countries whose ratings `ages` knows, and the busiest others.
COUNTRIES: Final = {
    "arg": "AR", "aus": "AU", "aut": "AT", "bel": "BE", "bra": "BR", "can": "CA", "che": "CH", "chl": "CL", "chn": "CN",
    "col": "CO", "cze": "CZ", "deu": "DE", "dnk": "DK", "esp": "ES", "est": "EE", "fin": "FI", "fra": "FR", "gbr": "GB",
    "grc": "GR", "hkg": "HK", "hun": "HU", "ind": "IN", "irl": "IE", "isl": "IS", "isr": "IL", "ita": "IT", "jpn": "JP",
    "kor": "KR", "mex": "MX", "nld": "NL", "nor": "NO", "nzl": "NZ", "phl": "PH", "pol": "PL", "prt": "PT", "rou": "RO",
    "rus": "RU", "sgp": "SG", "swe": "SE", "tha": "TH", "tur": "TR", "twn": "TW", "ukr": "UA", "usa": "US", "zaf": "ZA",
}  # fmt: skip
MOST_CAST: Final = 30
MOST_CREW: Final = 30


def three(language: str) -> str:
    """ "de", "de-AT" as TheTVDB spells it: "deu"; English for what it does not know."""
    return THREE.get(bcp47(language).partition("-")[0], ENGLISH)


def facts_of(one: wire.Extended, episodes: Sequence[wire.Episode], kind: str, *, language: str, country: str) -> Facts:
    """A film or show in `language`, else in English, else as it was made."""
    names, overviews = _names(one), _overviews(one)
    released = _day(one.first_aired if kind == "show" else one.first_release.date if one.first_release else None)
    rating = _certification(one.content_ratings or [], country)
    land = COUNTRIES.get((one.original_country or "").lower(), "")
    status = (one.status.name or "") if one.status and kind == "show" else ""
    return Facts(
        ids=_ids(one),
        title=names.get(language) or names.get(ENGLISH) or one.name or "",
        original_title=names.get(one.original_language or "") or one.name or "",
        original_language=bcp47(one.original_language or ""),
        year=released.year if released else int(one.year) if one.year and one.year.isdigit() else None,
        released=released,
        last_aired=_day(one.last_aired),
        overview=overviews.get(language) or overviews.get(ENGLISH) or one.overview or "",
        runtime=one.runtime or one.average_runtime or None,
        content_rating=rating,
        min_age=min_age(rating) if rating else None,
        status=STATUSES.get(status.lower(), status),
        genres=_words(one.genres),
        studios=_studios(one),
        networks=_words([one.original_network] if one.original_network else []),
        countries=(land,) if land else (),
        popularity=(one.score or 0) / 1000 or None,
        people=_people(one.characters or []),
        pictures=_pictures(one.artworks or [], language),
        aliases=tuple(dict.fromkeys(name for name in names.values() if name))[:30],
        seasons=_seasons(one.seasons or [], episodes),
    )


def _ids(one: wire.Extended) -> Ids:
    told = {(other.source_name or "").lower(): other.id for other in one.remote_ids or []}
    tmdb = next((word for source, word in told.items() if source.startswith("themoviedb")), "")
    imdb = told.get("imdb", "")
    return Ids(tvdb=one.id, imdb=imdb if imdb.startswith("tt") else None, tmdb=int(tmdb) if tmdb.isdigit() else None)


def _names(one: wire.Extended) -> dict[str, str]:
    found: dict[str, str] = {}
    for told in (one.translations.name_translations or []) if one.translations else []:
        if told.name and not told.is_alias:
            found.setdefault(told.language, told.name)
    return found


def _overviews(one: wire.Extended) -> dict[str, str]:
    told = (one.translations.overview_translations or []) if one.translations else []
    return {each.language: each.overview for each in told if each.overview}


def _certification(found: Sequence[wire.Rating], country: str) -> str:
    """The wanted country's; else the strictest that is known."""
    told: dict[str, str] = {}
    for one in found:
        told.setdefault(COUNTRIES.get(one.country.lower(), one.country.upper()), one.name)
    if country in told:
        return told[country]
    aged = {word: age for word in told.values() if (age := min_age(word)) is not None}
    return max(aged, key=lambda word: aged[word]) if aged else ""


def _studios(one: wire.Extended) -> tuple[str, ...]:
    named = list(one.studios or [])
    if isinstance(one.companies, wire.Companies):
        named += [*(one.companies.studio or []), *(one.companies.production or [])]
    return _words(named)


def _words(found: Iterable[wire.Named] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in found or [] if one.name))[:10]


def _people(found: Sequence[wire.Character]) -> tuple[Person, ...]:
    order = sorted((one for one in found if one.person_name), key=lambda one: one.sort or 0)
    cast = [one for one in order if (one.people_type or "") in CAST][:MOST_CAST]
    crew = [one for one in order if one.people_type in CREW][:MOST_CREW]
    return tuple(
        [
            Person(name=one.person_name or "", character=one.name or "", position=place, image=_web(one.person_img_url))
            for place, one in enumerate(cast)
        ]
        + [
            Person(name=one.person_name or "", kind="crew", job=one.people_type or "", position=place)
            for place, one in enumerate(crew)
        ]
    )


def _pictures(found: Sequence[wire.Artwork], language: str) -> tuple[Picture, ...]:
    told = sorted((one for one in found if one.image and one.type in PICTURES), key=lambda one: -(one.score or 0))
    kept: dict[str, list[Picture]] = {}
    for one in told:
        kind = PICTURES[one.type]
        wanted = (None, language, ENGLISH) if kind == "backdrop" else (language, ENGLISH, None)
        rank = wanted.index(one.language) if one.language in wanted else 3
        some = kept.setdefault(kind, [])
        some.append(
            Picture(kind=kind, source="tvdb", origin=_web(one.image), language=bcp47(one.language or ""),
                    width=one.width or 0, height=one.height or 0, score=1000 - 200 * rank - len(some))
        )  # fmt: skip
    return tuple(one for some in kept.values() for one in some[:20])


def _seasons(found: Sequence[wire.Season], episodes: Sequence[wire.Episode]) -> tuple[SeasonFacts, ...]:
    aired = {one.number: one for one in reversed(found) if one.type.type in AIRED}
    by_number: dict[int, list[wire.Episode]] = {}
    for one in episodes:
        by_number.setdefault(one.season_number, []).append(one)
    return tuple(
        SeasonFacts(
            number=number,
            title=(aired[number].name or "") if number in aired else "",
            poster=_web(aired[number].image) if number in aired else "",
            aired=min((day for one in by_number.get(number, []) if (day := _day(one.aired))), default=None),
            episodes=tuple(
                _episode(one) for one in sorted(by_number.get(number, []), key=lambda one: one.number) if one.number
            ),
        )
        for number in sorted({*aired, *by_number})
    )


def _episode(one: wire.Episode) -> EpisodeFacts:
    return EpisodeFacts(
        season=one.season_number, number=one.number, title=one.name or "", overview=one.overview or "",
        aired=_day(one.aired), runtime=one.runtime or None, still=_web(one.image), absolute=one.absolute_number or None,
    )  # fmt: skip


def _web(image: str | None) -> str:
    return f"{ARTWORKS}{image}" if image and image.startswith("/") else image or ""


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None

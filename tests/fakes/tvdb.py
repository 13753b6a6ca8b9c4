"""TheTVDB v4 as far as a media server asks it: login, tokens that run out, envelopes, pages, translations.

Written from thetvdb.github.io/v4-api and the prose of its reference; shapes only, the titles are small.
"""

from typing import Any

from tests.fakes.json_service import JsonService, Question, Reply
from tests.fakes.tmdb import PNG

KEY = "5f2c1b9e-0000-4444-8888-aaaaaaaaaaaa"
HEAT: dict[str, Any] = {
    "id": 148, "name": "Heat", "year": "1995", "originalLanguage": "eng", "originalCountry": "usa", "runtime": 170,
    "score": 120000, "status": {"id": 5, "name": "Released"}, "first_release": {"country": "usa", "date": "1995-12-15"},
    "genres": [{"id": 4, "name": "Crime"}, {"id": 12, "name": "Drama"}],
    "contentRatings": [{"name": "R", "country": "usa"}, {"name": "16", "country": "deu"}],
    "characters": [
        {"name": "Neil McCauley", "personName": "Robert De Niro", "peopleType": "Actor", "sort": 1},
        {"name": None, "personName": "Michael Mann", "peopleType": "Director", "sort": 0},
    ],
    "remoteIds": [{"id": "tt0113277", "type": 2, "sourceName": "IMDB"}, {"id": "949", "type": 12, "sourceName": "TheMovieDB.com"}],
    "companies": {"studio": [{"name": "Warner"}], "production": []}, "artworks": [],
    "translations": {
        "nameTranslations": [{"name": "Heat", "language": "eng"}],
        "overviewTranslations": [{"overview": "A group of high-end thieves.", "language": "eng"}],
    },
}  # fmt: skip
SCRUBS: dict[str, Any] = {
    "id": 76156, "name": "Scrubs", "year": "2001", "originalLanguage": "eng", "originalCountry": "usa", "score": 90000,
    "firstAired": "2001-10-02", "lastAired": "2010-03-17", "averageRuntime": 22, "status": {"id": 2, "name": "Ended"},
    "genres": [{"id": 15, "name": "Comedy"}], "contentRatings": [{"name": "TV-14", "country": "usa"}],
    "characters": [{"name": "J.D.", "personName": "Zach Braff", "peopleType": "Actor", "sort": 0}],
    "remoteIds": [{"id": "tt0285403", "sourceName": "IMDB"}, {"id": "4556", "sourceName": "TheMovieDB.com"}],
    "originalNetwork": {"id": 12, "name": "NBC"}, "companies": [{"name": "NBC"}],
    "seasons": [
        {"id": 1, "number": 0, "type": {"type": "official"}, "image": None},
        {"id": 2, "number": 1, "type": {"type": "official"}, "image": "/banners/s1.jpg"},
        {"id": 3, "number": 1, "type": {"type": "dvd"}},
    ],
    "translations": {
        "nameTranslations": [
            {"name": "Scrubs", "language": "eng"}, {"name": "Scrubs - Die Anfänger", "language": "deu"},
            {"name": "Krankenhaus", "language": "deu", "isAlias": True},
        ],
        "overviewTranslations": [
            {"overview": "Young doctors.", "language": "eng"}, {"overview": "Junge Ärzte.", "language": "deu"},
        ],
    },
}  # fmt: skip
NAMES = ["My First Day", "My Mentor", "My Best Friend's Mistake", "My Old Lady"]
GERMAN = ["Mein erster Tag", "Mein Mentor", None, None]  # the last two were never translated


class FakeTvdb(JsonService):
    """The service. `pin` is wanted at the login when it is set; `expire()` makes every token of before worthless."""

    base = "/v4"

    def __init__(self) -> None:
        super().__init__()
        self.pin = ""
        self.logins = 0
        self.movies = {148: HEAT}
        self.series = {76156: SCRUBS}
        self.page_size = 3  # 500 there; small here, so that four episodes have two pages
        self.route("POST", "/login", self._login)
        self.route("GET", "/search", self._search)
        self.route("GET", "/search/remoteid/(.+)", self._remote)
        self.route("GET", r"/(movies|series)/(\d+)/extended", self._extended)
        self.route("GET", r"/series/(\d+)/episodes/default(?:/(\w{3}))?", self._episodes)
        self.route("GET", "/art/.+", lambda _: (200, PNG, {"Content-Type": "image/png"}))

    def expire(self) -> None:
        self.logins += 1

    def picture(self, name: str) -> str:
        return f"{self.address}/art/{name}.png"

    @property
    def token(self) -> str:
        return f"token-{self.logins}"

    def refuse(self, question: Question) -> Reply | None:
        if question.path.startswith("/v4/art/") or question.path == "/v4/login":
            return None
        if question.headers.get("authorization") == f"Bearer {self.token}" and self.logins:
            return None
        return 401, {"status": "failure", "message": "Unauthorized", "data": None}

    def _login(self, question: Question) -> Reply:
        sent = question.json
        if sent.get("apikey") != KEY or sent.get("pin", "") != self.pin:
            return 401, {"status": "failure", "message": "InvalidAPIKey: apikey unauthorized", "data": None}
        self.logins += 1
        return 200, {"status": "success", "data": {"token": self.token}}

    def _search(self, question: Question) -> Reply:
        text, year = question.query["query"].casefold(), question.query.get("year")
        some = self.movies if question.query["type"] == "movie" else self.series
        found = [
            {
                "objectID": f"{question.query['type']}-{one['id']}", "tvdb_id": str(one["id"]), "name": one["name"],
                "year": one["year"], "type": question.query["type"],
                "translations": {t["language"]: t["name"] for t in one["translations"]["nameTranslations"] if not t.get("isAlias")},
                "overviews": {t["language"]: t["overview"] for t in one["translations"]["overviewTranslations"]},
            }
            for one in some.values()
            if text in one["name"].casefold() and year in (None, one["year"])
        ]  # fmt: skip
        return 200, {"status": "success", "data": found, "links": {"prev": None, "next": None}}

    def _remote(self, question: Question) -> Reply:
        def known(one: dict[str, Any]) -> bool:
            return any(other["id"] == question.parts[0] for other in one["remoteIds"])

        found = [{"movie": {"id": one["id"]}} for one in self.movies.values() if known(one)]
        found += [{"series": {"id": one["id"]}} for one in self.series.values() if known(one)]
        return 200, {"status": "success", "data": found or None}

    def _extended(self, question: Question) -> Reply:
        some = self.movies if question.parts[0] == "movies" else self.series
        one = some.get(int(question.parts[1]))
        if one is None:
            return 404, {"status": "failure", "message": "Not Found", "data": None}
        kinds = (14, 15) if question.parts[0] == "movies" else (2, 3)
        artworks = [
            {"id": kind, "image": self.picture(f"{one['id']}-{kind}"), "type": kind, "language": lang, "score": 100,
             "width": 680, "height": 1000}
            for kind, lang in zip(kinds, ("eng", None), strict=True)
        ]  # fmt: skip
        return 200, {
            "status": "success",
            "data": {"artworks": artworks} | {k: v for k, v in one.items() if k != "artworks"},
        }

    def _episodes(self, question: Question) -> Reply:
        if int(question.parts[0]) not in self.series:
            return 404, {"status": "failure", "message": "Not Found", "data": None}
        names = GERMAN if question.parts[1] == "deu" else NAMES
        page = int(question.query.get("page", "0"))
        everything = [
            {"id": 184600 + n, "seasonNumber": 1, "number": n, "absoluteNumber": n, "name": name,
             "overview": None if name is None else f"Episode {n}.", "aired": f"2001-10-{n + 1:02}", "runtime": 22, "image": ""}
            for n, name in enumerate(names, start=1)
        ]  # fmt: skip
        some = everything[page * self.page_size : (page + 1) * self.page_size]
        more = (page + 1) * self.page_size < len(everything)
        link = f"{self.address}/series/{question.parts[0]}/episodes/default?page={page + 1}" if more else None
        links = {"prev": None, "next": link, "total_items": len(everything), "page_size": self.page_size}
        return 200, {"status": "success", "data": {"series": {}, "episodes": some}, "links": links}

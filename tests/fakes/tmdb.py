"""The Movie Database as far as a media server asks it: v3 paths, its error bodies, its pictures; on a real socket.

Written from developer.themoviedb.org. `fail` makes it answer everything with a status and a body of that kind.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)
KEY = "0123456789abcdef0123456789abcdef"
HEAT = {
    "id": 949, "title": "Heat", "original_title": "Heat", "original_language": "en", "release_date": "1995-12-15",
    "overview": "A detective hunts a thief.", "tagline": "A Los Angeles crime saga", "runtime": 170, "status": "Released",
    "popularity": 55.5, "vote_average": 7.9, "vote_count": 7000, "poster_path": "/heat.png", "backdrop_path": "/heat-b.png",
    "genres": [{"id": 80, "name": "Crime"}, {"id": 18, "name": "Drama"}],
    "production_companies": [{"id": 1, "name": "Regency"}], "production_countries": [{"iso_3166_1": "US"}],
    "imdb_id": "tt0113277", "belongs_to_collection": None,
    "credits": {
        "cast": [
            {"id": 1158, "name": "Al Pacino", "character": "Vincent Hanna", "order": 0, "profile_path": None},
            {"id": 380, "name": "Robert De Niro", "character": "Neil McCauley", "order": 1, "profile_path": None},
        ],
        "crew": [{"id": 638, "name": "Michael Mann", "job": "Director", "department": "Directing", "profile_path": None}],
    },
    "external_ids": {"imdb_id": "tt0113277"},
    "release_dates": {"results": [{"iso_3166_1": "US", "release_dates": [{"certification": "R", "type": 3}]}]},
    "images": {"posters": [{"file_path": "/heat.png", "width": 1, "height": 1, "iso_639_1": "en", "vote_average": 5.0}]},
    "keywords": {"keywords": [{"id": 1, "name": "heist"}]}, "translations": {"translations": []},
}  # fmt: skip
UP = {
    "id": 14160, "title": "Up", "original_title": "Up", "original_language": "en", "release_date": "2009-05-13",
    "overview": "A house flies.", "runtime": 96, "popularity": 80.0, "vote_average": 8.0, "vote_count": 9000,
    "genres": [{"id": 16, "name": "Animation"}], "keywords": {"keywords": [{"id": 2, "name": "balloon"}]},
    "release_dates": {"results": [{"iso_3166_1": "US", "release_dates": [{"certification": "PG", "type": 3}]}]},
    "credits": {"cast": [], "crew": []},
}  # fmt: skip
SCRUBS: dict[str, Any] = {
    "id": 4556, "name": "Scrubs", "original_name": "Scrubs", "original_language": "en", "first_air_date": "2001-10-02",
    "last_air_date": "2010-03-17", "overview": "Young doctors.", "status": "Ended", "popularity": 60.0,
    "vote_average": 8.2, "vote_count": 2000, "genres": [{"id": 35, "name": "Comedy"}], "networks": [{"id": 6, "name": "NBC"}],
    "episode_run_time": [22], "seasons": [{"season_number": 0, "name": "Specials"}, {"season_number": 1, "name": "Season 1"}],
    "content_ratings": {"results": [{"iso_3166_1": "US", "rating": "TV-14"}]},
    "external_ids": {"imdb_id": "tt0285403", "tvdb_id": 76156},
}  # fmt: skip
SEASONS = {
    0: {"season_number": 0, "name": "Specials", "episodes": []},
    1: {
        "season_number": 1, "name": "Season 1", "overview": "The first year.", "air_date": "2001-10-02",
        "episodes": [
            {"id": 100 + n, "season_number": 1, "episode_number": n, "name": f"My {word}", "overview": f"Episode {n}.",
             "air_date": f"2001-10-{n + 1:02}", "runtime": 22, "vote_average": 7.5}
            for n, word in enumerate(["First Day", "Mentor", "Best Friend's Mistake", "Old Lady"], start=1)
        ],
    },
}  # fmt: skip


class FakeTmdb:
    """The service. `asked` are the paths that were asked for; `fail` a status to answer with instead."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[str] = []
        self.fail = 0
        self.movies: dict[int, Mapping[str, Any]] = {949: HEAT, 14160: UP}
        self.shows: dict[int, Mapping[str, Any]] = {4556: SCRUBS}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/3"

    @property
    def pictures(self) -> str:
        return f"http://127.0.0.1:{self.port}/t/p/original"

    def answer(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, bytes, str]:
        """Status, body and type."""
        self.asked.append(path)
        if self.fail:
            return self.fail, b"<html>no</html>", "text/html"
        if path.startswith("/t/p/"):
            return 200, PNG, "image/png"
        if query.get("api_key") != [KEY]:
            told = {
                "status_code": 7,
                "status_message": "Invalid API key: You must be granted a valid key.",
                "success": False,
            }
            return 401, json.dumps(told).encode(), "application/json"
        found = self._found(path.removeprefix("/3"), query)
        if found is None:
            told = {
                "success": False,
                "status_code": 34,
                "status_message": "The resource you requested could not be found.",
            }
            return 404, json.dumps(told).encode(), "application/json"
        return 200, json.dumps(found).encode(), "application/json;charset=utf-8"

    def _found(self, path: str, query: Mapping[str, list[str]]) -> Any:
        first, _, rest = path.strip("/").partition("/")
        if first == "search":
            return self._search(rest, query)
        if first == "configuration":
            return {"images": {"secure_base_url": "https://image.tmdb.org/t/p/"}}
        if first == "trending":
            return {
                "page": 1,
                "total_pages": 1,
                "results": [dict(HEAT, media_type="movie"), dict(SCRUBS, media_type="tv")],
            }
        if first == "find":
            movies = [one for one in self.movies.values() if one.get("imdb_id") == rest]
            shows = [one for one in self.shows.values() if str(one["external_ids"]["tvdb_id"]) == rest]
            return {"movie_results": movies, "tv_results": shows, "tv_episode_results": []}
        if first in ("movie", "tv") and rest.isdigit():
            known = (self.movies if first == "movie" else self.shows).get(int(rest))
            return None if known is None else self._details(known, query)
        return None

    def _details(self, known: Mapping[str, Any], query: Mapping[str, list[str]]) -> dict[str, Any]:
        told = dict(known)
        for part in ",".join(query.get("append_to_response", [])).split(","):
            if part.startswith("season/") and int(part[7:]) in SEASONS:
                told[part] = SEASONS[int(part[7:])]
        return told

    def _search(self, kind: str, query: Mapping[str, list[str]]) -> dict[str, Any]:
        text = query.get("query", [""])[0].casefold()
        year = (query.get("year") or query.get("first_air_date_year") or [""])[0]
        some = self.movies if kind == "movie" else self.shows
        found = [
            one
            for one in some.values()
            if text in str(one.get("title") or one.get("name")).casefold()
            and (not year or str(one.get("release_date") or one.get("first_air_date")).startswith(year))
        ]
        return {"page": 1, "results": found, "total_pages": 1, "total_results": len(found)}


@asynccontextmanager
async def fake_tmdb() -> AsyncIterator[FakeTmdb]:
    """The service for the length of the block."""
    fake = FakeTmdb()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                target = head.split(b" ")[1].decode()
                parts = urlsplit(target)
                status, body, kind = fake.answer(parts.path, parse_qs(parts.query))
                writer.write(
                    f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()

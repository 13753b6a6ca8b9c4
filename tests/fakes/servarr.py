"""A Radarr or Sonarr server as far as a media server asks it: status, options, look-up, adding.

Written from the public API documents (v3).
"""

from typing import Any

from tests.fakes.json_service import JsonService, Question, Reply

KEY = "0123456789abcdef0123456789abcdef"
TITLES: dict[str, dict[str, Any]] = {
    "tmdb:550": {"title": "Fight Club", "year": 1999, "tmdbId": 550, "titleSlug": "550", "images": []},
    "tvdb:76156": {"title": "Scrubs", "year": 2001, "tvdbId": 76156, "titleSlug": "scrubs",
                   "seasons": [{"seasonNumber": 0, "monitored": False}, {"seasonNumber": 1, "monitored": True}]},
}  # fmt: skip


class FakeServarr(JsonService):
    """`name`: Radarr, Sonarr. `added` are the titles that it was told to fetch."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.added: list[dict[str, Any]] = []
        self.route("GET", "/api/v3/system/status", self._status)
        self.route("GET", "/api/v3/qualityprofile", lambda _: (200, [{"id": 4, "name": "HD-1080p", "items": []}]))
        self.route("GET", "/api/v3/rootfolder", self._folders)
        self.route("GET", "/api/v3/tag", lambda _: (200, [{"id": 1, "label": "kids"}]))
        self.route("GET", "/api/v3/(?:movie|series)/lookup", self._lookup)
        self.route("POST", "/api/v3/(?:movie|series)", self._add)

    def refuse(self, question: Question) -> Reply | None:
        return None if question.headers.get("x-api-key") == KEY else (401, {"error": "Unauthorized"})

    def _status(self, _: Question) -> Reply:
        return 200, {"appName": self.name, "instanceName": self.name, "version": "5.14.0.9383", "isProduction": True}

    def _folders(self, _: Question) -> Reply:
        root = "/movies" if self.name == "Radarr" else "/tv"
        return 200, [{"id": 1, "path": root, "accessible": True, "freeSpace": 10**12, "unmappedFolders": []}]

    def _lookup(self, question: Question) -> Reply:
        one = TITLES.get(question.query["term"])
        if one is None:
            return 200, []
        there = any(added["title"] == one["title"] for added in self.added)
        return 200, [one | ({"id": 1} if there else {})]

    def _add(self, question: Question) -> Reply:
        self.added.append(question.json)
        return 201, question.json | {"id": len(self.added)}

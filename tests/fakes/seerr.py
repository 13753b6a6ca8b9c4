"""A Seerr server as far as a media server asks it. Written from the public API document of Overseerr and Jellyseerr."""

from typing import Any

from tests.fakes.json_service import JsonService, Question, Reply

KEY = "c2VlcnIta2V5"
TITLES = {("movie", 550): "Fight Club", ("movie", 949): "Heat", ("tv", 1396): "Breaking Bad"}


def _request(number: int, kind: str, tmdb: int, status: int, media: int, who: str) -> dict[str, Any]:
    return {
        "id": number, "status": status, "type": kind, "is4k": False, "createdAt": f"2026-02-0{number}T10:00:00.000Z",
        "media": {"id": number, "mediaType": kind, "tmdbId": tmdb, "tvdbId": None, "status": media},
        "requestedBy": {"id": 1, "displayName": who, "email": f"{who}@example.org"},
    }  # fmt: skip


class FakeSeerr(JsonService):
    """`requests` in the order in which they were made."""

    def __init__(self) -> None:
        super().__init__()
        self.requests = [_request(1, "movie", 550, 5, 5, "ada"), _request(2, "tv", 1396, 1, 2, "grace")]
        self.route("GET", "/api/v1/status", lambda _: (200, {"version": "2.7.3", "commitTag": "x"}))
        self.route("GET", "/api/v1/request/count", lambda _: (200, {"total": len(self.requests)}))
        self.route("GET", "/api/v1/request", self._list)
        self.route("POST", "/api/v1/request", self._ask)
        self.route("DELETE", r"/api/v1/request/(\d+)", self._delete)
        self.route("GET", r"/api/v1/(movie|tv)/(\d+)", self._title)

    def refuse(self, question: Question) -> Reply | None:
        if question.path == "/api/v1/status" or question.headers.get("x-api-key") == KEY:
            return None
        return 403, {"status": 403, "error": "You do not have permission to access this endpoint"}

    def _list(self, question: Question) -> Reply:
        take, skip = int(question.query["take"]), int(question.query["skip"])
        some = self.requests[::-1][skip : skip + take]
        pages = -(-len(self.requests) // take)
        return 200, {
            "pageInfo": {"pages": pages, "pageSize": take, "results": len(self.requests), "page": 1},
            "results": some,
        }

    def _ask(self, question: Question) -> Reply:
        sent = question.json
        if any(one["media"]["tmdbId"] == sent["mediaId"] for one in self.requests):
            return 409, {"message": "Request for this media already exists."}
        made = _request(len(self.requests) + 1, sent["mediaType"], sent["mediaId"], 1, 2, "")
        self.requests.append(made)
        return 201, made

    def _delete(self, question: Question) -> Reply:
        before = len(self.requests)
        self.requests = [one for one in self.requests if one["id"] != int(question.parts[0])]
        return (204, None) if len(self.requests) < before else (404, {"message": "Request not found."})

    def _title(self, question: Question) -> Reply:
        name = TITLES.get((question.parts[0], int(question.parts[1])))
        return (
            (404, {"message": "not found"})
            if name is None
            else (200, {"id": int(question.parts[1]), "title" if question.parts[0] == "movie" else "name": name})
        )

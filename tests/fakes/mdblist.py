"""MDBList as far as a media server asks it: ratings of several titles by POST, a quota."""

from tests.fakes.json_service import JsonService, Question, Reply

KEY = "mdblist-key"
RATINGS = {
    949: [
        {"source": "imdb", "value": 8.3, "score": 83, "votes": 700000, "url": "https://www.imdb.com/title/tt0113277"},
        {"source": "tomatoes", "value": 83, "score": 83, "votes": 160, "url": "/m/heat"},
        {"source": "popcorn", "value": 94, "score": 94, "votes": 100000, "url": None},
        {"source": "metacritic", "value": None, "score": None, "votes": None, "url": None},
        {"source": "rogerebert", "value": 3.5, "score": 88, "votes": 1, "url": None},
    ]
}


class FakeMdbList(JsonService):
    """The service; `left` questions remain."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 100
        self.route("POST", "/tmdb/(movie|show)", self._titles)
        self.route("GET", "/user", lambda _: (200, {"api_requests": 1000, "api_requests_count": 1, "user_id": 1}))

    def refuse(self, question: Question) -> Reply | None:
        if question.query.get("apikey") != KEY:
            return 403, {"error": "Invalid API key!"}
        self.left -= question.method == "POST"
        return None if self.left >= 0 else (429, {"error": "API rate limit exceeded!"})

    def _titles(self, question: Question) -> Reply:
        wanted = question.json["ids"]
        if len(wanted) > 10:
            return 400, {"error": "too many ids"}
        told = [
            {"id": one, "type": question.parts[0], "ids": {"tmdb": one}, "ratings": RATINGS.get(one, [])}
            for one in wanted
        ]
        return 200, told

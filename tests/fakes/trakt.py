"""Trakt v2 as far as a media server asks it: device codes, tokens that run out, history, scrobbles.

Written from trakt.docs.apiary.io.
"""

from typing import Any

from tests.fakes.json_service import JsonService, Question, Reply

CLIENT = "client-id-0123"
SECRET = "client-secret-0123"


class FakeTrakt(JsonService):
    """The service. `approve()` is somebody typing the code; `scrobbles` and `history` are what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.poll_status = 400  # 400: not typed yet
        self.generation = 0
        self.life = 7_776_000  # seconds of a token
        self.scrobbles: list[tuple[str, dict[str, Any]]] = []
        self.history: list[dict[str, Any]] = []
        self.watched_at = "2026-01-01T00:00:00.000Z"
        self.movies: list[dict[str, Any]] = []
        self.shows: list[dict[str, Any]] = []
        self.route("POST", "/oauth/device/code", self._code)
        self.route("POST", "/oauth/device/token", self._device_token)
        self.route("POST", "/oauth/token", self._renew)
        self.route("POST", "/oauth/revoke", lambda _: (200, {}))
        self.route("GET", "/users/settings", lambda _: (200, {"user": {"username": "ada"}}))
        self.route("GET", "/sync/last_activities", self._activities)
        self.route("GET", "/sync/watched/(movies|shows)", self._watched)
        self.route("POST", "/sync/history", self._history)
        self.route("POST", "/scrobble/(start|pause|stop)", self._scrobble)
        self.route("GET", "/genres/movies", lambda _: (200, [{"name": "Action", "slug": "action"}]))

    def approve(self) -> None:
        self.poll_status = 200

    @property
    def token(self) -> str:
        return f"access-{self.generation}"

    def refuse(self, question: Question) -> Reply | None:
        if question.path.startswith("/oauth/"):
            return None
        if question.headers.get("trakt-api-version") != "2" or question.headers.get("trakt-api-key") != CLIENT:
            return 403, None
        if question.path == "/genres/movies":
            return None
        return None if question.headers.get("authorization") == f"Bearer {self.token}" else (401, None)

    def _code(self, question: Question) -> Reply:
        if question.json.get("client_id") != CLIENT:
            return 403, None
        told = {"device_code": "d9c126a7706328d808914cfd1e40274b", "user_code": "5055CC52",
                "verification_url": "https://trakt.tv/activate", "expires_in": 600, "interval": 0}  # fmt: skip
        return 200, told

    def _device_token(self, question: Question) -> Reply:
        sent = question.json
        if sent.get("client_secret") != SECRET:
            return 401, None
        return (200, self._tokens()) if self.poll_status == 200 else (self.poll_status, None)

    def _renew(self, question: Question) -> Reply:
        if question.json.get("refresh_token") != f"refresh-{self.generation}":
            return 401, {"error": "invalid_grant"}
        return 200, self._tokens()

    def _tokens(self) -> dict[str, Any]:
        self.generation += 1
        return {"access_token": self.token, "token_type": "bearer", "expires_in": self.life,
                "refresh_token": f"refresh-{self.generation}", "scope": "public", "created_at": 1_700_000_000}  # fmt: skip

    def _activities(self, _: Question) -> Reply:
        told = {
            "all": self.watched_at,
            "movies": {"watched_at": self.watched_at},
            "episodes": {"watched_at": self.watched_at},
        }
        return 200, told

    def _watched(self, question: Question) -> Reply:
        return 200, self.movies if question.parts[0] == "movies" else self.shows

    def _history(self, question: Question) -> Reply:
        self.history.append(question.json)
        return 201, {"added": {"movies": 1, "episodes": 0}, "not_found": {"movies": []}}

    def _scrobble(self, question: Question) -> Reply:
        action = question.parts[0]
        self.scrobbles.append((action, question.json))
        made = (
            "scrobble"
            if action == "stop" and question.json["progress"] >= 80
            else "pause"
            if action == "stop"
            else action
        )
        return 201, {"id": 1, "action": made, "progress": question.json["progress"]}

"""A Plex Media Server, as small as its watchers need it. Source: specs/monitor.md 4.12."""

from typing import Any

from tests.fakes.json_server import JsonServer


class PlexServer(JsonServer):
    """`sessions` are shown to whoever sends the token."""

    def __init__(self, token: str = "plex-token") -> None:
        super().__init__()
        self.sessions: list[dict[str, Any]] = []
        self.open_paths = {"/identity"}
        self.admits = lambda asked: asked.headers.get("x-plex-token") == token
        self.serve("/identity", {"MediaContainer": {"machineIdentifier": "abc", "version": "1.41.0.8992"}})
        self.serve(
            "/status/sessions", lambda: {"MediaContainer": {"size": len(self.sessions), "Metadata": self.sessions}}
        )
        self.serve("/media/subscriptions/scheduled", {"MediaContainer": {"size": 0}})

    def play(self, key: str = "12", offset_ms: int = 120_000) -> None:
        self.sessions.append(
            {
                "sessionKey": key, "type": "episode", "title": "Pilot", "grandparentTitle": "Lost", "duration": 2_520_000,
                "viewOffset": offset_ms, "ratingKey": "123", "User": {"title": "alice"},
                "Player": {"address": "192.168.1.10", "title": "Living Room", "product": "Plex for Apple TV", "state": "playing"},
                "TranscodeSession": {"videoDecision": "transcode", "speed": 3.1},
            }
        )  # fmt: skip

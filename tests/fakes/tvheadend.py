"""A Tvheadend server, as small as its watchers need it. Source: specs/monitor.md 4.12."""

from base64 import b64encode
from typing import Any

from tests.fakes.json_server import JsonServer


class TvheadendServer(JsonServer):
    def __init__(self, username: str = "admin", password: str = "tvh-word") -> None:
        super().__init__()
        self.subscriptions: list[dict[str, Any]] = []
        wanted = "Basic " + b64encode(f"{username}:{password}".encode()).decode()
        self.admits = lambda asked: asked.headers.get("authorization") == wanted
        self.serve("/api/serverinfo", {"sw_version": "4.3-2180", "api_version": 19, "name": "Tvheadend"})
        self.serve(
            "/api/status/subscriptions", lambda: {"entries": self.subscriptions, "totalCount": len(self.subscriptions)}
        )
        self.serve("/api/status/inputs", {"entries": [{"input": "DVB-S #0", "signal": 52000, "snr": 14000, "te": 0}]})
        self.serve("/api/dvr/entry/grid_upcoming", {"entries": [{"uuid": "u1", "disp_title": "News", "start": 4_000_000_000 - 3600,
                   "stop": 4_000_000_000 - 1800, "channelname": "BBC ONE"}]})  # fmt: skip

    def play(self) -> None:
        self.subscriptions.append({"id": 31, "start": 1_700_000_000, "state": "Running", "hostname": "192.168.1.5",
                                   "username": "alice", "client": "Kodi", "title": "HTSP", "channel": "BBC ONE"})  # fmt: skip

    def record(self) -> None:
        self.subscriptions.append(
            {"id": 32, "start": 1_700_000_000, "state": "Running", "title": "DVR: News", "channel": "BBC TWO"}
        )

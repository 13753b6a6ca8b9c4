"""A Jellyfin server, as small as its watchers need it. Source: specs/monitor.md 4.12."""

from typing import Any

from tests.fakes.http_upstream import Asked
from tests.fakes.json_server import JsonServer

TICKS = 10_000_000


class JellyfinServer(JsonServer):
    """`prefix` is `/emby` for its elder relative, which also wants another header."""

    prefix = ""

    def __init__(self, token: str = "jelly-token") -> None:
        super().__init__()
        self.token = token
        self.sessions: list[dict[str, Any]] = []
        p = self.prefix
        self.open_paths = {f"{p}/System/Info/Public"}
        self.admits = self.knows
        self.serve(f"{p}/System/Info/Public", {"ServerName": "Den", "Version": "10.11.2", "Id": "abc"})
        self.serve(f"{p}/Sessions", lambda: self.sessions)
        self.serve(f"{p}/Items/Counts", {"MovieCount": 12, "SeriesCount": 3, "EpisodeCount": 45})
        self.serve(f"{p}/LiveTv/Timers", {"Items": [{"Id": "t1", "Name": "News", "ChannelName": "One",
                   "StartDate": "2099-01-01T10:00:00.0000000Z", "EndDate": "2099-01-01T10:30:00.0000000Z"}]})  # fmt: skip
        self.serve(f"{p}/LiveTv/Recordings", {"Items": []})
        self.serve(f"{p}/System/Info/Storage", {"Libraries": [{"Folders": [{"FreeSpace": 300, "UsedSpace": 700}, {"FreeSpace": 900, "UsedSpace": 100}]}]})  # fmt: skip

    def knows(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f'MediaBrowser Token="{self.token}"'

    def play(self, key: str = "s1", seconds: int = 60) -> None:
        self.sessions.append(
            {
                "Id": key, "UserName": "bob", "Client": "Jellyfin Web", "DeviceName": "Firefox", "RemoteEndPoint": "192.168.1.11",
                "NowPlayingItem": {"Id": "i1", "Name": "Pilot", "Type": "Episode", "SeriesName": "Lost", "RunTimeTicks": 25 * TICKS},
                "PlayState": {"PositionTicks": seconds * TICKS, "IsPaused": False, "PlayMethod": "Transcode"},
            }
        )  # fmt: skip

"""An Emby server: Jellyfin's ancestor, below `/emby` and with a header of its own. Source: specs/monitor.md 4.12."""

from tests.fakes.http_upstream import Asked
from tests.fakes.jellyfin_server import JellyfinServer


class EmbyServer(JellyfinServer):
    prefix = "/emby"

    def knows(self, asked: Asked) -> bool:
        return asked.headers.get("x-emby-token") == self.token

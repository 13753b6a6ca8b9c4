"""The clients of services outside, built. Each asks for its key each time, so that a new one counts at once."""

from collections.abc import Callable

import polycast
from polycast.core.house import Core
from polycast.core.net import Outbound, Trust
from polycast.library.providers.mdblist.client import MdbList
from polycast.library.providers.opensubtitles.client import OpenSubtitles
from polycast.library.providers.podcast_index.client import PodcastIndex
from polycast.library.providers.tmdb.client import Tmdb
from polycast.library.providers.trakt.client import Trakt
from polycast.library.providers.tvdb.client import Tvdb
from polycast.library.settings import LibrarySettings


class Providers:
    """All of them."""

    def __init__(self, core: Core) -> None:
        self._core = core
        clock, now = core.clock, self._settings
        self.tmdb = Tmdb(
            out=self._out("tmdb"), key=lambda: now().tmdb_api_key.plain, base=lambda: now().tmdb_url.rstrip("/"),
            clock=clock,
        )  # fmt: skip
        self.tvdb = Tvdb(
            out=self._out("tvdb"), key=lambda: now().tvdb_api_key.plain, pin=lambda: now().tvdb_pin.plain,
            base=lambda: now().tvdb_url.rstrip("/"), clock=clock,
        )  # fmt: skip
        self.mdblist = MdbList(
            out=self._out("mdblist"), key=lambda: now().mdblist_api_key.plain,
            base=lambda: now().mdblist_url.rstrip("/"), clock=clock,
        )  # fmt: skip
        self.trakt = Trakt(
            out=self._out("trakt"), app=lambda: (now().trakt_client_id, now().trakt_client_secret.plain),
            base=lambda: now().trakt_url.rstrip("/"), clock=clock,
        )  # fmt: skip
        self.podcast_index = PodcastIndex(
            out=self._out("podcast_index", f"Polycast/{polycast.__version__}"),
            keys=lambda: (now().podcast_index_key.plain, now().podcast_index_secret.plain),
            base=lambda: now().podcast_index_url.rstrip("/"), clock=clock,
        )  # fmt: skip
        self.opensubtitles = OpenSubtitles(
            out=lambda trust: core.net.client(
                trust, owner="library.opensubtitles", user_agent=f"Polycast v{polycast.__version__}"
            ),
            key=lambda: now().opensubtitles_api_key.plain,
            account=lambda: (now().opensubtitles_username, now().opensubtitles_password.plain),
            base=lambda: now().opensubtitles_url.rstrip("/"),
            clock=clock,
        )

    def _out(self, name: str, user_agent: str | None = None) -> Callable[[], Outbound]:
        return lambda: self._core.net.client(Trust.SOURCE, owner=f"library.{name}", user_agent=user_agent)

    def _settings(self) -> LibrarySettings:
        return self._core.settings.of(LibrarySettings)

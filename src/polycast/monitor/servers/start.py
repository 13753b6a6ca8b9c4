"""What the host's configuration brings along, taken over at start: servers, the shared key, first notification addresses."""

import logging

from polycast.core.errors import PolycastError
from polycast.core.settings.book import SettingsBook
from polycast.core.storage import Database, Unit
from polycast.monitor.access.modes import Modes
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.servers.model import ServerNew
from polycast.monitor.servers.service import Servers, from_environment, merged
from polycast.monitor.settings import MonitorSettings

log = logging.getLogger("polycast.monitor")


class Start:
    """Once at each start; harmless when repeated."""

    def __init__(
        self, *, servers: Servers, modes: Modes, book: PreferencesBook, settings: SettingsBook, db: Database
    ) -> None:
        self._servers = servers
        self._modes = modes
        self._book = book
        self._settings = settings
        self._db = db

    async def run(self) -> None:
        """Take over what is named. A server that may not be watched is told in the log and left out."""
        settings = self._settings.of(MonitorSettings)
        if settings.disable_auth:
            log.warning("CW_DISABLE_AUTH: the watch is open to everybody in private networks")
        wanted = from_environment(settings.dvr_servers, settings.dvr_host, settings.dvr_port, settings.dvr_name)
        for new in merged(await self._servers.all(), wanted):
            try:
                await self._db.write(self._add, new)
            except PolycastError as error:
                log.warning("the server %s:%d is not watched: %s", new.host, new.port, error)
        self._servers.reread()
        if settings.api_key:
            await self._modes.import_key(settings.api_key.plain)

    def _add(self, unit: Unit, new: ServerNew) -> None:
        self._servers.add_in(unit, new)

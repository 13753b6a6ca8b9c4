"""Services and servers outside, built."""

from collections.abc import Callable

from polycast.core.events import Listener
from polycast.core.house import Core
from polycast.core.jobs import Job
from polycast.core.net import Trust
from polycast.core.storage import Unit
from polycast.library.catalogue.room import Catalogue
from polycast.library.connections.integrations import Integrations
from polycast.library.connections.news import News
from polycast.library.connections.servers import Servers
from polycast.library.connections.store_servers import ServerStore
from polycast.library.connections.store_trakt import TraktStore
from polycast.library.connections.store_webhooks import WebhookStore
from polycast.library.connections.trakt import TraktLinks
from polycast.library.connections.webhooks import Webhooks
from polycast.library.migration.store import MigrationStore
from polycast.library.playback.progress import Progress
from polycast.library.providers.room import Providers
from polycast.library.scanning.scans import Scans
from polycast.library.settings import LibrarySettings
from polycast.library.workflows.service import Workflows


class Connections:
    """What is beside and behind this server."""

    def __init__(
        self, core: Core, *, catalogue: Catalogue, services: Providers, progress: Progress,
        workflows: Workflows, scans: Scans, settings: Callable[[], LibrarySettings],
    ) -> None:  # fmt: skip
        self._core = core
        self._libraries = catalogue.stores.libraries
        self.trakt = TraktLinks(
            db=core.db, store=TraktStore(), client=services.trakt, titles=MigrationStore(),
            items=catalogue.stores.items, progress=progress, workflows=workflows, secrets=core.secrets, clock=core.clock,
        )  # fmt: skip
        self.integrations = Integrations(
            services={
                "tmdb": services.tmdb, "tvdb": services.tvdb, "mdblist": services.mdblist,
                "opensubtitles": services.opensubtitles, "trakt": services.trakt, "podcast_index": services.podcast_index,
            },
            settings=core.settings_service,
            now=settings,
        )  # fmt: skip
        servers = ServerStore()
        self.servers = Servers(
            db=core.db, store=servers, out=lambda kind: core.net.client(Trust.SOURCE, owner=f"library.{kind}"),
            secrets=core.secrets, tokens=core.tokens, audit=core.identity.audit, clock=core.clock, ids=core.ids,
        )  # fmt: skip
        self.news = News(
            db=core.db, store=servers, scan=scans.arrived, is_ours=self._is_ours, tokens=core.tokens, clock=core.clock
        )
        self.webhooks = Webhooks(
            db=core.db, store=WebhookStore(), out=lambda: core.net.client(Trust.SOURCE, owner="library.webhooks"),
            secrets=core.secrets, audit=core.identity.audit, clock=core.clock, ids=core.ids,
        )  # fmt: skip

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [*self.trakt.jobs(), *self.servers.jobs(), *self.news.jobs(), *self.webhooks.jobs()]

    def listeners(self) -> list[Listener]:
        """What happens after something has happened."""
        return [*self.trakt.listeners(), *self.webhooks.listeners()]

    def services(self) -> dict[str, object]:
        """By the names that handlers of `/v1` take them."""
        return {
            "trakt_links": self.trakt,
            "integrations": self.integrations,
            "servers": self.servers,
            "server_news": self.news,
            "webhooks": self.webhooks,
        }

    async def _is_ours(self, path: str) -> bool:
        """Whether a path lies in one of our libraries."""

        def work(unit: Unit) -> bool:
            roots = [root for one in self._libraries.all(unit) for root in one.paths]
            return any(path == root or path.startswith(f"{root}/") for root in roots)

        return await self._core.db.read(work)

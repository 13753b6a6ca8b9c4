"""The dialects of radio hosting, each given the rooms it speaks for."""

from collections.abc import Sequence

import polycast
from polycast.core.house import Core
from polycast.core.module import Dialect
from polycast.radio.building import Rooms
from polycast.radio.dialects.admin.addresses import Addresses
from polycast.radio.dialects.admin.app import admin_dialect
from polycast.radio.dialects.admin.licensing import Product
from polycast.radio.dialects.admin.views import Views
from polycast.radio.dialects.listen.app import listen_dialect
from polycast.radio.dialects.panel.app import entry_dialect, panel_dialect
from polycast.radio.dialects.panel.now import NowPlaying


class Voices:
    """Everything by which radio hosting is reached."""

    def __init__(self, core: Core, rooms: Rooms) -> None:
        self._core = core
        self._rooms = rooms

    def dialects(self) -> Sequence[Dialect]:
        """One for each API that clients know."""
        return [self._admin(), *self._panel(), *self._listen()]

    def _listen(self) -> Sequence[Dialect]:
        engine = self._rooms.engine
        return [listen_dialect(engine.listening, identity=self._core.identity)] if engine is not None else []

    def _panel(self) -> Sequence[Dialect]:
        core, rooms = self._core, self._rooms
        business, studio = rooms.business, rooms.studio
        moment = NowPlaying(
            panel=studio.panel, wishes=studio.wishes, air=rooms.air, pulse=rooms.pulse, clock=core.clock
        )
        services: dict[str, object] = {
            "panel": studio.panel,
            "library": studio.library,
            "arranging": studio.arranging,
            "remotes": studio.remotes,
            "reports": studio.reports,
            "recordings": studio.recordings,
            "podcasts": studio.podcasts,
            "belongings": studio.belongings,
            "gatekeeping": studio.gatekeeping,
            "playlists": studio.playlists,
            "grid": studio.grid,
            "wishes": studio.wishes,
            "parts": studio.parts,
            "air": rooms.air,
            "addresses": Addresses(public_url=business.public_url, settings=business.settings),
            "now_playing": moment,
            "sign_in": business.sign_in,
            "profiles": business.profiles,
            "company": business.company,
            "identity": core.identity,
            "clock": core.clock,
        }
        identity = core.identity
        return panel_dialect(identity=identity, services=services), entry_dialect(identity=identity, services=services)

    def _admin(self) -> Dialect:
        business = self._rooms.business
        services: dict[str, object] = {
            "accounts": business.accounts,
            "surveys": business.surveys,
            "views": Views(business.surveys),
            "addresses": Addresses(public_url=business.public_url, settings=business.settings),
            "sign_in": business.sign_in,
            "profiles": business.profiles,
            "resets": business.resets,
            "billing": business.billing,
            "company": business.company,
            "mail": business.mail,
            "machine": business.machine,
            "templates": business.templates,
            "saves": business.saves,
            "migrations": business.migrations,
            "identity": self._core.identity,
            "product": Product(polycast.__version__),
        }
        return admin_dialect(identity=self._core.identity, services=services)

"""The dialects of acquisition, each given the rooms it speaks for."""

from collections.abc import Sequence
from typing import Final

from polycast.acquire.building import Rooms
from polycast.acquire.catalogue.board_store import BoardStore
from polycast.acquire.dialects.gate import Gate
from polycast.acquire.dialects.polycast.routes import routes as own_routes
from polycast.acquire.dialects.qbittorrent.app import qbittorrent_dialect
from polycast.acquire.dialects.qbittorrent.board import Board
from polycast.acquire.dialects.qbittorrent.preferences import Preferences
from polycast.acquire.dialects.qbittorrent.rooms import Rooms as QbitRooms
from polycast.acquire.dialects.rest.app import rest_dialect
from polycast.acquire.dialects.rest.rooms import Rooms as RestRooms
from polycast.acquire.dialects.sabnzbd.app import sabnzbd_dialect
from polycast.acquire.dialects.sabnzbd.rooms import Rooms as SabRooms
from polycast.acquire.dialects.webdav.app import webdav_dialect
from polycast.acquire.dialects.webdav.inbox import Inbox
from polycast.acquire.dialects.webdav.inbox_routes import InboxRoutes
from polycast.acquire.dialects.webdav.locks import Locks
from polycast.acquire.dialects.webdav.rooms import Rooms as DavRooms
from polycast.core.house import Core
from polycast.core.http.own import own_dialect
from polycast.core.module import Dialect

VERSION: Final = "1.0.0"  # of the module, as clients of the original compare it


class Voices:
    """Everything by which acquisition is reached."""

    def __init__(self, core: Core, rooms: Rooms) -> None:
        self._core = core
        self._rooms = rooms
        self._gate = Gate(core.identity, configs=rooms.configs, arrs=rooms.arrs)

    def dialects(self) -> Sequence[Dialect]:
        """One for each API that clients know."""
        return [self._qbittorrent(), self._sabnzbd(), self._rest(), self._webdav(), self._own()]

    def _own(self) -> Dialect:
        services: dict[str, object] = {"rooms": self._rest_rooms()}
        return own_dialect(
            "acquire",
            title="Polycast acquisition",
            identity=self._core.identity,
            routes=own_routes(),
            services=services,
        )

    def _rest(self) -> Dialect:
        return rest_dialect(self._rest_rooms())

    def _rest_rooms(self) -> RestRooms:
        core, rooms = self._core, self._rooms
        return RestRooms(
            db=core.db,
            configs=rooms.configs,
            records=rooms.records,
            entries=rooms.entries,
            labels=rooms.labels,
            adding=rooms.adding,
            changes=rooms.changes,
            switching=rooms.switching,
            tree=rooms.tree,
            reading=rooms.reading,
            meters=rooms.meters,
            arrs=rooms.arrs,
            accounts=rooms.accounts,
            upkeep=rooms.upkeep,
            repairs=rooms.repairs,
            nzbs=rooms.nzbs,
            news=rooms.news,
            log=rooms.log,
            gate=self._gate,
            identity=core.identity,
            clock=core.clock,
            version=VERSION,
            base_url=rooms.base_url,
        )

    def _webdav(self) -> Dialect:
        core, rooms = self._core, self._rooms
        inbox = Inbox(core.data_dir / "acquire" / "inbox")
        locks = Locks(clock=core.clock, make=core.ids.uuid)
        dav = DavRooms(
            configs=rooms.configs,
            tree=rooms.tree,
            reading=rooms.reading,
            records=rooms.records,
            changes=rooms.changes,
            inbox=inbox,
            gate=Gate(core.identity, configs=rooms.configs, arrs=rooms.arrs, is_webdav=True),
            clock=core.clock,
            version=VERSION,
            is_linked=rooms.is_linked,
            data_dir=core.data_dir,
        )
        return webdav_dialect(dav, InboxRoutes(inbox, locks, rooms.adding, rooms.nzbs))

    def _qbittorrent(self) -> Dialect:
        core, rooms = self._core, self._rooms
        return qbittorrent_dialect(
            QbitRooms(
                db=core.db,
                configs=rooms.configs,
                records=rooms.records,
                entries=rooms.entries,
                parts=rooms.parts,
                labels=rooms.labels,
                adding=rooms.adding,
                changes=rooms.changes,
                board=Board(db=core.db, store=BoardStore()),
                preferences=Preferences(db=core.db, store=rooms.documents, configs=rooms.configs),
                meters=rooms.meters,
                log=rooms.log,
                repairs=rooms.repairs,
                gate=self._gate,
                identity=core.identity,
                port=core.settings.core.port,
            )
        )

    def _sabnzbd(self) -> Dialect:
        core, rooms = self._core, self._rooms
        return sabnzbd_dialect(
            SabRooms(
                configs=rooms.configs,
                records=rooms.records,
                adding=rooms.adding,
                changes=rooms.changes,
                labels=rooms.labels,
                news=rooms.news,
                meters=rooms.meters,
                gate=self._gate,
                clock=core.clock,
            )
        )

"""The dialects of the media library, each given the rooms it speaks for."""

from collections.abc import Sequence
from typing import Final

import polycast
from polycast.core.house import Core
from polycast.core.module import Dialect
from polycast.library.administration.backups import BackupRuns
from polycast.library.administration.trail import AuditTrail
from polycast.library.administration.visible import Visible
from polycast.library.building import Rooms
from polycast.library.dialects.auth.app import auth_dialect
from polycast.library.dialects.images.app import images_dialect
from polycast.library.dialects.jellyfin.app import jellyfin_dialect, jellyfin_socket
from polycast.library.dialects.jellyfin.rooms import face_of
from polycast.library.dialects.streams.app import streams_dialect
from polycast.library.dialects.streams.trickplay import trickplay_dialect
from polycast.library.dialects.v1 import (
    administration,
    assistant,
    collections,
    events,
    finding,
    integrations,
    libraries,
    metadata,
    migration,
    movies,
    parental,
    playback,
    playback_optimization,
    playback_tracks,
    podcasts,
    podcasts_more,
    server,
    servers,
    shows,
    subtitles_outside,
    system,
    webhooks,
)
from polycast.library.dialects.v1.app import v1_dialect
from polycast.library.dialects.v1.wire import Cursors

V1_PARTS: Final = (
    libraries,
    movies,
    shows,
    playback,
    playback_optimization,
    playback_tracks,
    finding,
    collections,
    parental,
    administration,
    system,
    server,
    metadata,
    podcasts_more,
    podcasts,
    integrations,
    servers,
    webhooks,
    events,
    subtitles_outside,
    assistant,
    migration,
)


class Voices:
    """Everything by which the media library is reached."""

    def __init__(self, core: Core, rooms: Rooms) -> None:
        self._core = core
        self._rooms = rooms

    def dialects(self) -> Sequence[Dialect]:
        """One for each API that clients know."""
        core = self._core
        auth = auth_dialect(
            identity=core.identity,
            invites=self._rooms.people.invites,
            device_logins=self._rooms.people.devices,
            tokens=core.tokens,
            clock=core.clock,
        )
        streams = streams_dialect(self._rooms.playback, identity=core.identity, people=core.identity.users)
        images = images_dialect(self._rooms.metadata.artwork, identity=core.identity)
        return [self._v1(), auth, images, streams, self._trickplay(), *self._jellyfin()]

    def _trickplay(self) -> Dialect:
        return trickplay_dialect(self._rooms.playback, identity=self._core.identity)

    def _jellyfin(self) -> list[Dialect]:
        settings = self._rooms.settings()
        if not settings.jellyfin_enabled:
            return []
        artwork = self._rooms.metadata.artwork
        face = face_of(
            self._core, self._rooms.playback, artwork, self._rooms.scanning.scans, server_name=settings.server_name
        )
        return [jellyfin_dialect(face), jellyfin_socket(face)]

    def _v1(self) -> Dialect:
        core, rooms = self._core, self._rooms
        services: dict[str, object] = {
            "cursors": Cursors(core.tokens),
            "libraries": rooms.catalogue.libraries,
            "titles": rooms.catalogue.titles,
            "statistics": rooms.catalogue.statistics,
            "problems": rooms.scanning.problems,
            "scans": rooms.scanning.scans,
            "progress": rooms.progress,
            "sessions": rooms.playback.sessions,
            "subtitles": rooms.playback.subtitles,
            "optimizing": rooms.playback.optimizing,
            "identity": core.identity,
            "clock": core.clock,
            "db": core.db,
            "work_queue": core.queue,
            "backups": core.backups,
            "settings": core.settings_service,
            "about": system.About(version=polycast.__version__, name=lambda: rooms.settings().server_name),
            "workflows": rooms.workflows,
            "curating": rooms.metadata.curating,
            "subtitle_finder": rooms.metadata.subtitles,
            "events": core.events,
            "visible": Visible(db=core.db, viewers=rooms.catalogue.viewers, items=rooms.catalogue.stores.items),
            "audit_trail": AuditTrail(audit=core.identity.audit, category=administration.category),
            "backup_runs": BackupRuns(backups=core.backups, queue=core.queue),
            "tmdb": rooms.metadata.tmdb,
            "migration": rooms.migration,
            "neighbours": rooms.neighbours,
            **rooms.people.services(),
            **rooms.connections.services(),
        }
        routes = [route for part in V1_PARTS for route in part.routes()]
        return v1_dialect(routes, services=services, identity=core.identity, document=core.documents)

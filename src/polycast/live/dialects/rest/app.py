"""The dialect, put together: its own routes, those of the other rooms, its document and its pages."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from polycast.core.http import ApiReference, Authenticator, Media, OpenApi, Route, json_dialect, openapi_document
from polycast.core.module import Dialect, Slash
from polycast.live.dialects.rest import (
    accounts,
    api_keys,
    backups,
    core_settings,
    hdhr,
    index,
    later,
    m3u,
    m3u_parts,
    m3u_trial,
    notifications,
    permissions,
    profiles_of_core,
    system_events,
    useragents,
    users,
)
from polycast.live.dialects.rest.errors import spell
from polycast.live.dialects.rest.gate import NetworkGate, Networks
from polycast.live.dialects.rest.levels import DOCUMENTS
from polycast.live.dialects.rest.rooms import Rooms, rest_rooms

__all__ = ["FILE", "Rooms", "rest_dialect", "rest_rooms"]

TITLE: Final = "Polycast live TV"
VERSION: Final = "0.32.0"  # of the API as its clients know it; they gate features on it
FILE: Final = "live.rest.json"
CLAIMS: Final = ("/api/*", "/swagger", "/redoc")
MEDIA_TYPES: Final = (Media.JSON, Media.FORM, Media.MULTIPART)


class Failure(Struct, frozen=True):
    """What is wrong with a request as a whole."""

    detail: str


def rest_dialect(
    rooms: Rooms,
    *,
    identity: Authenticator,
    networks: Networks,
    routes: Sequence[Route] = (),
    services: Mapping[str, object] | None = None,
    document: Path | None = None,
) -> Dialect:
    """The REST API. `routes` and `services` are the other rooms'; `document` is what `polycast openapi` has written."""

    def written() -> Mapping[str, Any]:
        return openapi_document(app)

    reference = ApiReference(TITLE, written, file=document)
    own = [*_own(), *routes]
    pages = reference.routes(
        schemas=["/api/schema/", "/api/swagger.json"],
        try_out=["/api/swagger/"],
        reading=["/api/redoc/"],
        policy=DOCUMENTS,
    )
    app = json_dialect(
        [*own, *index.routes(own), *pages],
        services=rooms.services() | dict(services or {}),
        identity=NetworkGate(identity, networks),
        spell=spell,
        openapi=OpenApi(title=TITLE, version=VERSION, spec="3.0", shapes={0: Failure, 400: dict[str, list[str] | str]}),
        media=MEDIA_TYPES,
        lenient_text=True,
    )
    return Dialect(
        name="live.rest",
        claims=CLAIMS,
        app=app,
        slash=Slash.ADD,
        spell=spell,
        openapi=written,
        openapi_at=FILE,
    )


def _own() -> list[Route]:
    files = (
        accounts,
        users,
        api_keys,
        permissions,
        useragents,
        profiles_of_core,
        core_settings,
        system_events,
        notifications,
        m3u,
        m3u_parts,
        m3u_trial,
        hdhr,
        backups,
        later,
    )
    return [route for file in files for route in file.routes()]

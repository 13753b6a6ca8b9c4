"""The broadcaster API and the public side of stations, put together."""

from collections.abc import Mapping
from typing import Any, Final

from polycast.core.http import ApiReference, Authenticator, Media, OpenApi, json_dialect, openapi_document
from polycast.core.identity.caller import RateClass
from polycast.core.module import Dialect, Slash
from polycast.radio.dialects.admin.app import Failure
from polycast.radio.dialects.panel import (
    arranging,
    belongings,
    entry,
    gates,
    music,
    now,
    parts,
    playlists,
    podcasts,
    programme,
    recordings,
    reports,
    stations,
    words,
)
from polycast.radio.dialects.panel.errors import spell
from polycast.radio.dialects.panel.site import pages

TITLE: Final = "Polycast radio, broadcaster area"
SCHEMA: Final = "/radio/openapi.json"
TRY_OUT: Final = "/radio/api/v2/"
FILE: Final = "radio.panel.json"
PARTS: Final = (
    stations, arranging, music, playlists, programme, parts, now, reports, recordings, podcasts, belongings, gates, words,
    pages,
)  # fmt: skip
CLAIMS: Final = ("/radio/*",)
ENTRY_CLAIMS: Final = ("/radio/auth/", "/media/user/*", "/media/company/*", "/login/")
RATES: Final[Mapping[str, int | None]] = {RateClass.NORMAL: 600, RateClass.COSTLY: 10, RateClass.SIGN_IN: 120}


def panel_dialect(*, identity: Authenticator, services: Mapping[str, object]) -> Dialect:
    """`/radio/...`. Raises: TypeError when a handler takes what nobody gives."""

    def written() -> Mapping[str, Any]:
        return openapi_document(app)

    reference = ApiReference(TITLE, written).routes(schemas=[SCHEMA], try_out=[TRY_OUT])
    app = json_dialect(
        [entry.token, *[route for part in PARTS for route in part.routes()], *reference],
        services=services,
        identity=identity,
        spell=spell,
        openapi=OpenApi(title=TITLE, version="2", spec="3.1", shapes={0: Failure, 400: dict[str, list[str]]}),
        media=(Media.JSON, Media.FORM, Media.MULTIPART),
        lenient_text=True,
    )
    return Dialect(
        name="radio.panel",
        claims=CLAIMS,
        app=app,
        slash=Slash.ADD,
        spell=spell,
        rates=RATES,
        openapi=written,
        openapi_at=FILE,
    )


def entry_dialect(*, identity: Authenticator, services: Mapping[str, object]) -> Dialect:
    """Ways in and pictures: their paths have no slash at the end, and are found with one."""
    app = json_dialect(entry.routes(), services=services, identity=identity, spell=spell)
    return Dialect(name="radio.entry", claims=ENTRY_CLAIMS, app=app, slash=Slash.EITHER, spell=spell, rates=RATES)

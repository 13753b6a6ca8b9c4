"""The admin API, put together."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from polycast.core.http import Authenticator, Media, OpenApi, json_dialect, openapi_document
from polycast.core.identity.caller import RateClass
from polycast.core.module import Dialect, Slash
from polycast.radio.dialects.admin import (
    auth,
    broadcasters,
    licensing,
    migration,
    profile,
    remote,
    resellers,
    saves,
    settings,
    templates,
)
from polycast.radio.dialects.admin.errors import spell

TITLE: Final = "Polycast radio, admin area"
FILE: Final = "radio.admin.json"
PARTS: Final = (auth, broadcasters, saves, resellers, profile, remote, settings, templates, licensing, migration)
PREFIXES: Final = ("rest-auth", "broadcasters", "resellers", "settings", "templates")
WORDS: Final = (
    "user_profile",
    "password_reset",
    "password_reset_confirm",
    "before_migration_check",
    "migration_file_transfer",
    "check_username",
    "license",
    "remote_get_all_broadcasters",
    "remote_admin_login",
    "remote_user_login",
    "remote_change_password",
    "remote_user_suspend",
    "remote_user_unsuspend",
    "remote_user_delete",
    "remote_bcaster_create_from_template",
    "remote_get_templates",
    "remote_get_details",
    "remote_update_client",
)
CLAIMS: Final = (*(f"/api/v1/{word}/*" for word in PREFIXES), *(f"/api/v1/{word}/" for word in WORDS))
MEDIA_TYPES: Final = (Media.JSON, Media.FORM, Media.MULTIPART)
RATES: Final[Mapping[str, int | None]] = {RateClass.NORMAL: 600, RateClass.COSTLY: 10, RateClass.SIGN_IN: 600}


class Failure(Struct, frozen=True):
    """What is wrong with a request as a whole."""

    detail: str


def admin_dialect(*, identity: Authenticator, services: Mapping[str, object]) -> Dialect:
    """`/api/v1/...` of radio hosting. Raises: TypeError when a handler takes what nobody gives."""

    def written() -> Mapping[str, Any]:
        return openapi_document(app)

    app = json_dialect(
        [route for part in PARTS for route in part.routes()],
        services=services,
        identity=identity,
        spell=spell,
        openapi=OpenApi(title=TITLE, version="1", spec="3.1", shapes={0: Failure, 400: dict[str, list[str]]}),
        media=MEDIA_TYPES,
        lenient_text=True,
    )
    return Dialect(
        name="radio.admin",
        claims=CLAIMS,
        app=app,
        slash=Slash.ADD,
        spell=spell,
        rates=RATES,
        openapi=written,
        openapi_at=FILE,
    )

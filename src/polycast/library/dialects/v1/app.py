"""The dialect, put together: its routes, its document and its pages."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from polycast.core.http import ApiReference, Authenticator, OpenApi, Route, json_dialect, openapi_document
from polycast.core.identity.caller import OPEN, RateClass
from polycast.core.module import Dialect, Slash
from polycast.library.dialects.v1.errors import spell
from polycast.library.dialects.v1.policies import ProfileGate
from polycast.library.dialects.v1.wire import Out

TITLE: Final = "Polycast library"
VERSION: Final = "1.0.0"
FILE: Final = "library.v1.json"
CLAIMS: Final = ("/v1/*", "/docs/*")
RATES: Final[Mapping[str, int | None]] = {RateClass.NORMAL: 100, RateClass.COSTLY: 3, RateClass.SIGN_IN: 20}


class Detail(Out, frozen=True, kw_only=True):
    """One thing wrong."""

    path: str
    message: str


class Failure(Out, frozen=True, kw_only=True):
    """Why a request was refused."""

    error: str
    request_id: str = ""


class Invalid(Out, frozen=True, kw_only=True):
    """What is wrong, field by field."""

    error: str
    details: list[Detail]
    request_id: str = ""


def v1_dialect(
    routes: Sequence[Route], *, services: Mapping[str, object], identity: Authenticator, document: Path | None = None
) -> Dialect:
    """`document` is the folder that `polycast openapi` writes to."""

    def written() -> Mapping[str, Any]:
        return openapi_document(app)

    reference = ApiReference(TITLE, written, file=document / FILE if document else None)
    pages = reference.routes(schemas=["/v1/openapi.json"], try_out=["/docs"], policy=OPEN)
    app = json_dialect(
        [*routes, *pages],
        services=services,
        identity=ProfileGate(identity),
        spell=spell,
        openapi=OpenApi(title=TITLE, version=VERSION, spec="3.1", shapes={0: Failure, 422: Invalid}),
    )
    return Dialect(
        name="library.v1",
        claims=CLAIMS,
        app=app,
        slash=Slash.EITHER,
        spell=spell,
        rates=RATES,
        openapi=written,
        openapi_at=FILE,
    )

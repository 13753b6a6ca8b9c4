"""A module's part of our own API: the routes under `/polycast/v1/<module>`, the same in shape for every module."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from polycast.core.http.calls import Authenticator
from polycast.core.http.dialects import OpenApi, json_dialect
from polycast.core.http.openapi import openapi_document
from polycast.core.http.problems import ProblemDetails, problem_details
from polycast.core.http.routing import Route
from polycast.core.identity.caller import RateClass
from polycast.core.module import Dialect, Slash

RATES: Final[Mapping[str, int | None]] = {RateClass.NORMAL: 600, RateClass.COSTLY: 10}


def own_dialect(
    module: str, *, title: str, identity: Authenticator, routes: Sequence[Route], services: Mapping[str, object]
) -> Dialect:
    """The dialect of our own pages. `services` are what the handlers of `routes` take, by parameter name.

    Raises: TypeError when a handler takes what nobody gives.
    """
    app = json_dialect(
        routes,
        services=services,
        identity=identity,
        spell=problem_details,
        openapi=OpenApi(
            title=title,
            version="1",
            spec="3.1",
            shapes={0: ProblemDetails},
            failure_media="application/problem+json",
        ),
    )

    def document() -> Mapping[str, Any]:
        return openapi_document(app)

    return Dialect(
        name=f"{module}.polycast",
        claims=[f"/polycast/v1/{module}/*"],
        app=app,
        slash=Slash.EXACT,
        spell=problem_details,
        rates=RATES,
        openapi=document,
        openapi_at=f"{module}.polycast.json",
    )

"""The home page and the activity list."""

from collections.abc import Sequence
from datetime import datetime

from polycast.core.http import Route, get
from polycast.core.http.pages import position as below
from polycast.core.identity.caller import SIGNED_IN, Caller, needs
from polycast.core.identity.scopes import Scope
from polycast.hub.activity.service import Activities, ActivityPage
from polycast.hub.home.measures import Measures, Meter
from polycast.hub.home.service import Home, HomePage

MOST = 200


def routes() -> Sequence[Route]:
    """What is on, how the server is, what has happened."""
    return [page, measures, happened]


@get("/polycast/v1/home", policy=SIGNED_IN)
async def page(caller: Caller, home: Home) -> HomePage:
    """The home page."""
    return await home.page(caller)


@get("/polycast/v1/home/measures", policy=needs(Scope.CORE_READ))
async def measures(meter: Meter, minutes: int = 15) -> Measures:
    """How busy the machine was."""
    return meter.series(minutes)


@get("/polycast/v1/activity", policy=needs(Scope.CORE_READ))
async def happened(
    caller: Caller,
    activities: Activities,
    module: str = "",
    level: str = "",
    search: str = "",
    before: datetime | None = None,
    cursor: str = "",
    limit: int = 50,
) -> ActivityPage:
    """What has happened, the youngest first."""
    return await activities.page(
        caller,
        module=module,
        level=level,
        search=search,
        until=before,
        before=below(cursor),
        limit=max(1, min(limit, MOST)),
    )

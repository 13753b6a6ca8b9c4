"""The hub, shaped like a module: what it is built from, and what it adds to the house."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

from msgspec import Struct

from polycast.core.house import Core
from polycast.core.http import OpenApi, ProblemDetails, json_dialect, problem_details
from polycast.core.http.openapi import openapi_document
from polycast.core.identity.caller import RateClass
from polycast.core.module import BackupPart, Daemon, Dialect, Health, HealthLine, Module, Slash
from polycast.hub.activity.service import Activities
from polycast.hub.activity.store import ActivityStore
from polycast.hub.dialects.v1 import events, home, jobs, me, notifications, search, session, settings, users
from polycast.hub.home.measures import Meter, SystemMeasured
from polycast.hub.home.service import Home
from polycast.hub.ports import LiveNow, StreamLimits
from polycast.hub.welcome.service import ServerFacts, Welcome
from polycast.hub.welcome.store import TABLES, StepStore

MIGRATIONS: Final = Path(__file__).parent / "migrations"
RATES: Final[Mapping[str, int | None]] = {RateClass.NORMAL: 600, RateClass.COSTLY: 10, RateClass.SIGN_IN: 60}


class NoSettings(Struct, frozen=True, kw_only=True):
    """The hub has none of its own."""


class Hub:
    """What joins the modules."""

    BACKUP: ClassVar[BackupPart] = BackupPart(name="hub")

    def __init__(
        self,
        core: Core,
        *,
        live: LiveNow,
        limits: StreamLimits,
        health: Mapping[str, Health],
        modules: Sequence[str],
        version: str,
    ) -> None:
        self._core = core
        self._meter = Meter(clock=core.clock, events=core.events, sent_bytes=live.sent_bytes)
        facts = ServerFacts(
            version=version,
            now=core.clock.now,
            time_zone=lambda: core.settings.core.time_zone,
            modules=list(modules),
            boot=core.ids.nanoid(),
        )
        folders = [core.data_dir, *core.settings.core.media_dirs]
        self._services: dict[str, object] = {
            "identity": core.identity,
            "settings": core.settings_service,
            "queue": core.queue,
            "events": core.events,
            "finder": core.search,
            "notify": core.notify,
            "clock": core.clock,
            "facts": facts,
            "limits": limits,
            "meter": self._meter,
            "welcome": Welcome(db=core.db, store=StepStore()),
            "activities": Activities(db=core.db, store=ActivityStore()),
            "home": Home(live=live, health=health, folders=folders),
        }

    def module(self) -> Module:
        """What the house needs to know."""
        return Module(
            name="hub",
            tables=TABLES,
            migrations=MIGRATIONS,
            settings=NoSettings,
            dialects=[self._dialect()] if self._core.is_web else [],
            daemons=[Daemon(name="hub.meter", run=self._meter.run, everywhere=True)],
            publishes=[SystemMeasured],
            backup=self.BACKUP,
            health=self._health,
        )

    def _dialect(self) -> Dialect:
        routes = [
            route
            for part in (session, me, users, settings, jobs, notifications, home, search, events)
            for route in part.routes()
        ]
        document = OpenApi(title="Polycast", version="1", spec="3.1", shapes={0: ProblemDetails})
        app = json_dialect(
            routes, services=self._services, identity=self._core.identity, spell=problem_details, openapi=document
        )
        return Dialect(
            name="hub.v1",
            claims=["/polycast/v1/*"],
            app=app,
            slash=Slash.EXACT,
            spell=problem_details,
            rates=RATES,
            openapi=lambda: openapi_document(app),
            openapi_at="hub.v1.json",
        )

    async def _health(self) -> Sequence[HealthLine]:
        return []

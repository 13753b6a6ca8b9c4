"""The composition root: the one file that knows everybody."""

import asyncio
import logging
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

import polycast
from polycast.acquire.module import Acquire
from polycast.acquire.settings import AcquireSettings
from polycast.core.backups import BackupCreated, BackupFailed, BackupRestored, Kind, Making, Shelf, finish_restore
from polycast.core.backups import jobs as backup_jobs
from polycast.core.ballast import Ballast
from polycast.core.clock import SystemClock
from polycast.core.daemons import Daemons
from polycast.core.events import Listener
from polycast.core.events.health import health as event_health
from polycast.core.events.jobs import jobs as event_jobs
from polycast.core.house import Boot, Circumstances, Core, Names, open_core
from polycast.core.identity.tables import METADATA as IDENTITY_TABLES
from polycast.core.ids import RandomIds
from polycast.core.jobs import JobChanged, Worker, WorkerSettings
from polycast.core.jobs.jobs import jobs as queue_jobs
from polycast.core.log import Redactor
from polycast.core.module import Daemon, Dialect, Health, HealthLine, Module
from polycast.core.notify import NotificationAdded
from polycast.core.notify.jobs import jobs as notify_jobs
from polycast.core.processes.health import health as process_health
from polycast.core.processes.supervisor import ask_restart
from polycast.core.settings import read_host
from polycast.core.settings.book import SettingsChanged
from polycast.core.settings.store import tables as settings_tables
from polycast.core.storage import Branch, migrate
from polycast.front.app import Front, Page
from polycast.front.meters import RequestMeters
from polycast.front.peers import Peers
from polycast.front.protocol import Doorkeeper, Patience
from polycast.front.serve import serving
from polycast.front.status import HealthPage, MetricsPage
from polycast.front.ui import UiFiles
from polycast.hub.joins.live_home import LiveHome
from polycast.hub.module import Hub
from polycast.library.module import Library
from polycast.library.settings import LibrarySettings
from polycast.live.module import Live
from polycast.live.settings import LiveSettings
from polycast.monitor.module import Monitor
from polycast.monitor.settings import MonitorSettings
from polycast.radio.module import Radio
from polycast.radio.settings import RadioSettings

UI_FOLDER: Final = Path(__file__).parent / "front" / "ui"
DOCUMENTS: Final = Path(__file__).parent / "front" / "openapi"
TOML: Final = Path("polycast.toml")
SECTIONS: Final[Mapping[str, type[Struct]]] = {
    "live": LiveSettings,
    "library": LibrarySettings,
    "radio": RadioSettings,
    "acquire": AcquireSettings,
    "monitor": MonitorSettings,
}
BRANCHES: Final = tuple(
    Branch(name, Path(__file__).parent / name / "migrations")
    for name in ("hub", "live", "library", "radio", "acquire", "monitor")
)
PARTS: Final = (Hub.BACKUP, Live.BACKUP, Library.BACKUP, Radio.BACKUP, Acquire.BACKUP, Monitor.BACKUP)
PUBLISHED: Final = (SettingsChanged, JobChanged, BackupCreated, BackupFailed, BackupRestored, NotificationAdded)

log = logging.getLogger("polycast")


def read_boot(environ: Mapping[str, str], toml: Path = TOML) -> Boot:
    """The host's settings. Raises: BadSettings, naming each variable that does not fit."""
    fixed, strange = read_host(environ, toml, SECTIONS)
    fixed["data_dir"] = fixed.get("data_dir", Path("data")).absolute()
    return Boot(
        fixed=fixed,
        strange=strange,
        sections=SECTIONS,
        branches=BRANCHES,
        parts=PARTS,
        version=polycast.__version__,
        documents=DOCUMENTS,
    )


def prepare(boot: Boot) -> None:
    """Bring data directory and schema to what this version expects. Raises: Storage, in words for a person."""
    boot.storage.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    finish_restore(boot.storage)
    making = Making(kind=Kind.UPDATE, at=SystemClock().now())
    migrate(boot.storage, boot.branches, backup=lambda: Shelf(boot.saved).make(making))


class House(Struct, frozen=True, kw_only=True):
    """A process's core and modules, plugged together."""

    core: Core
    modules: Sequence[Module]
    names: Names

    @property
    def dialects(self) -> list[Dialect]:
        return [dialect for module in self.modules for dialect in module.dialects]


def circumstances(*, is_web: bool, links: Sequence[int] = ()) -> Circumstances:
    """Of a process that the supervisor has forked."""
    return Circumstances(is_web=is_web, links=links, clock=SystemClock(), ids=RandomIds(), restart=ask_restart)


@asynccontextmanager
async def open_house(boot: Boot, here: Circumstances) -> AsyncIterator[House]:
    """Core and modules for the length of the block; nothing runs yet."""
    names = Names()
    async with open_core(boot, here, metadatas=[IDENTITY_TABLES, settings_tables], names=names) as core:
        modules = _plug(core)
        cron = core.settings.core.backup.cron
        core.queue.register([*queue_jobs(core.queue), *event_jobs(core.events), *backup_jobs(core.backups, cron=cron)])
        core.queue.register(notify_jobs(core.notify))
        for module in modules:
            core.queue.register(module.jobs)
        _listen(core, modules, is_web=here.is_web)
        yield House(core=core, modules=modules, names=names)


def _listen(core: Core, modules: Sequence[Module], *, is_web: bool) -> None:
    """Every process keeps its settings current; what else happens is the web process's to hear."""

    async def reread(event: SettingsChanged) -> None:
        await core.settings_service.on_changed(event)
        core.net.configure(core.settings.core.net)

    core.events.register([Listener(name="core.reread_settings", event=SettingsChanged, here=reread)], PUBLISHED)
    if is_web:
        core.events.register(core.identity.listens, core.identity.publishes)
        for module in modules:
            core.events.register(module.listens, module.publishes)


def _plug(core: Core) -> list[Module]:
    """Every module, with what each needs of the others."""
    live = Live(core)
    modules = [
        live.module(),
        Library(core).module(),
        Radio(core).module(),
        Acquire(core).module(),
        Monitor(core).module(),
    ]
    home = LiveHome(live)
    hub = Hub(
        core,
        live=home,
        limits=home,
        health={module.name: module.health for module in modules},
        modules=[module.name for module in modules],
        version=polycast.__version__,
    )
    return [*modules, hub.module()]


def _process_health(core: Core) -> Health:
    async def lines() -> Sequence[HealthLine]:
        return process_health(core.processes)

    return lines


def _ballast(core: Core) -> Ballast:
    size = core.settings.core.ballast_bytes
    return Ballast(core.data_dir, size_bytes=size, db=core.db, notify=core.notify, clock=core.clock)


def front_of(house: House) -> Front:
    """The door to all dialects of the house, its pages and its health."""
    core = house.core
    health = {module.name: module.health for module in house.modules}
    health |= {"events": event_health(core.events), "processes": _process_health(core), "disk": _ballast(core).health}
    front: Front
    pages: list[Page] = [
        HealthPage(
            health,
            is_ready=lambda: front.ready,
            identity=core.identity,
            clock=core.clock,
            version=polycast.__version__,
        ),
        MetricsPage(core.metrics.render, identity=core.identity),
        UiFiles(UI_FOLDER, ids=core.ids),
    ]
    peers = Peers(core.settings.core.trusted_proxies)
    report = RequestMeters(core.metrics)
    front = Front(house.dialects, clock=core.clock, ids=core.ids, peers=peers, pages=pages, report=report)
    house.names.words = front.first_words()
    return front


@asynccontextmanager
async def running_web(house: House, sockets: Sequence[socket.socket]) -> AsyncIterator[Front]:
    """Everything the web process does, for the length of the block: answers, events, daemons."""
    core = house.core
    core.net.own(one.getsockname()[1] for one in sockets)
    front = front_of(house)
    peers = Peers(core.settings.core.trusted_proxies)
    doorkeeper = Doorkeeper(Patience(), trusts=peers.trusts)
    daemons = Daemons(
        [Daemon(name="core.ballast", run=_ballast(core).run, everywhere=True)]
        + [daemon for module in house.modules for daemon in module.daemons],
        db=core.db,
        clock=core.clock,
        ids=core.ids,
        node=core.node,
    )
    async with loops(core.pokes.run, core.events.run, core.identity.run, daemons.run):
        await core.events.ready()
        async with serving(front, sockets, doorkeeper=doorkeeper):
            await _first_owner(core)
            front.ready = True
            yield front
            front.ready = False


@asynccontextmanager
async def loops(*runs: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Loops of the house for the length of the block; one that fails ends the process."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(run()) for run in runs]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


async def _first_owner(core: Core) -> None:
    settings = core.settings.core
    await core.identity.first_run.from_settings(
        username=settings.admin_username, password=settings.admin_password.plain, email=settings.admin_email or None
    )
    await core.identity.first_run.announce()


def worker_of(house: House, redactor: Redactor, *, number: int) -> Worker:
    """The worker of this process; `number` tells those of one server apart."""
    core = house.core
    return Worker(
        db=core.db,
        book=core.job_book,
        outbox=core.outbox,
        pokes=core.pokes,
        clock=core.clock,
        ids=core.ids,
        redact=redactor.text,
        settings=WorkerSettings(name=f"{core.node}/worker-{number}", zone=core.zone),
    )


async def web(boot: Boot, sockets: Sequence[socket.socket], links: Sequence[int]) -> None:
    """The web process, until SIGTERM."""
    stop = _stop_signal()
    async with open_house(boot, circumstances(is_web=True, links=links)) as house, running_web(house, sockets):
        log.info("ready on http://%s:%d", boot.book().core.host, sockets[0].getsockname()[1])
        await stop.wait()
        log.info("stopping")


async def work(boot: Boot, links: Sequence[int], *, number: int, redactor: Redactor) -> None:
    """A worker process, until SIGTERM."""
    stop = _stop_signal()
    async with open_house(boot, circumstances(is_web=False, links=links)) as house:
        core = house.core
        async with loops(core.pokes.run, core.events.run, worker_of(house, redactor, number=number).run):
            await stop.wait()


async def write_documents(boot: Boot) -> None:
    """Write the OpenAPI document of every dialect that has one, without touching the data directory."""
    DOCUMENTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="polycast-openapi-") as folder:
        boot.fixed["data_dir"] = Path(folder)
        prepare(boot)
        async with open_house(boot, circumstances(is_web=True)) as house:
            for dialect in house.dialects:
                if dialect.openapi is not None and dialect.openapi_at is not None:
                    (DOCUMENTS / dialect.openapi_at).write_bytes(msgspec.json.encode(dialect.openapi()))


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    return stop

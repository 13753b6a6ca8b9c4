"""The opened rooms of the core, handed to every module as one struct, and their opening in order."""

import platform
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from sqlalchemy import MetaData

from polycast.core.backups import Backups
from polycast.core.backups import House as Saved
from polycast.core.clock import Clock
from polycast.core.events import Events, Outbox, Pokes
from polycast.core.identity.service import Identity
from polycast.core.ids import Ids
from polycast.core.jobs import JobBook, Queue
from polycast.core.log import KnownSecrets
from polycast.core.media import Images, Media, open_media
from polycast.core.messengers import Messengers, open_messengers
from polycast.core.metrics import Metrics
from polycast.core.module import BackupPart
from polycast.core.net import Net, open_net
from polycast.core.notify import Notify
from polycast.core.processes import Processes, Tools
from polycast.core.search import Search, SearchIndex
from polycast.core.secrets import Secrets, Tokens, open_keys
from polycast.core.settings import CoreSettings
from polycast.core.settings.book import SettingsBook, SettingsService
from polycast.core.settings.load import Fixed
from polycast.core.settings.store import SettingsStore
from polycast.core.storage import Branch, Database, StorageSettings, open_storage


class Boot(Struct, frozen=True, kw_only=True):
    """What a process knows before it opens anything; read once by the supervisor and shared by what it forks."""

    fixed: Fixed
    strange: Sequence[str]  # names of settings that nobody knows
    sections: Mapping[str, type[Struct]]
    branches: Sequence[Branch]
    parts: Sequence[BackupPart]  # what the modules add to a backup
    version: str
    documents: Path  # where `polycast openapi` puts the dialects' documents
    known: KnownSecrets = field(default_factory=KnownSecrets)  # what no line of the log may show

    def book(self) -> SettingsBook:
        """The settings before the database has been asked."""
        return SettingsBook(self.fixed, self.sections)

    @property
    def storage(self) -> StorageSettings:
        core = self.book().core
        return StorageSettings(data_dir=core.data_dir, database_url=core.database_url.plain)

    @property
    def node(self) -> str:
        """This server's name among others: host and port, the same after a restart."""
        return f"{platform.node()}:{self.book().core.port}"

    @property
    def saved(self) -> Saved:
        """What there is to back up."""
        return Saved(storage=self.storage, branches=self.branches, parts=self.parts, version=self.version)


class Core(Struct, frozen=True, kw_only=True):
    """The rooms, open. A module keeps what it needs of them and nothing of this struct itself."""

    node: str
    is_web: bool  # a worker speaks to nobody, and need not build what would
    data_dir: Path
    documents: Path
    settings: SettingsBook
    settings_service: SettingsService
    clock: Clock
    ids: Ids
    secrets: Secrets
    tokens: Tokens
    db: Database
    outbox: Outbox
    job_book: JobBook
    queue: Queue
    events: Events
    pokes: Pokes
    identity: Identity
    net: Net
    processes: Processes
    media: Media
    images: Images
    messengers: Messengers
    search: Search
    notify: Notify
    backups: Backups
    metrics: Metrics

    def zone(self) -> ZoneInfo:
        """The server's own time zone, as it is set now."""
        return ZoneInfo(self.settings.core.time_zone)


class Names:
    """User names that would shadow a path: the front fills them in, because it knows all paths."""

    def __init__(self) -> None:
        self.words: frozenset[str] = frozenset()

    def __call__(self) -> frozenset[str]:
        return self.words


class Circumstances(Struct, frozen=True, kw_only=True):
    """What differs between the web process, a worker, and a test."""

    is_web: bool
    links: Sequence[int] = ()  # ends of the links to the sibling processes
    clock: Clock
    ids: Ids
    restart: Callable[[], None]  # has every process of the server start again


@asynccontextmanager
async def open_core(
    boot: Boot, here: Circumstances, *, metadatas: Sequence[MetaData], names: Names
) -> AsyncIterator[Core]:
    """Everything a process holds, opened in order and closed in reverse, whatever happens in between."""
    book, clock = boot.book(), here.clock
    settings = book.core
    secrets, tokens = _secrets(settings, clock, boot.known)
    pokes = _pokes(here, settings)
    outbox = Outbox(clock=clock, pokes=pokes)
    job_book = JobBook(clock=clock, outbox=outbox, pokes=pokes)
    index = SearchIndex()
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(
            open_storage(
                boot.storage, metadatas=metadatas, enqueuer=job_book, publisher=outbox, indexer=index, clock=clock
            )
        )
        service = SettingsService(book=book, store=SettingsStore(), db=db, secrets=secrets, clock=clock)
        await service.load()
        identity = _identity(stack, db, secrets, tokens, here, names, book)
        net = await stack.enter_async_context(open_net(book.core.net, clock))
        media, images = await _open_pictures(stack, settings)
        yield Core(
            node=boot.node,
            is_web=here.is_web,
            data_dir=settings.data_dir,
            documents=boot.documents,
            identity=identity,
            queue=Queue(db=db, book=job_book, clock=clock),
            events=_events(boot, here, db, outbox, pokes),
            messengers=await stack.enter_async_context(open_messengers()),
            search=Search(db=db, index=index),
            notify=Notify(db=db, clock=clock),
            backups=_backups(boot, here, db, book, identity),
            metrics=Metrics(),
            settings=book,
            settings_service=service,
            clock=clock,
            ids=here.ids,
            secrets=secrets,
            tokens=tokens,
            db=db,
            outbox=outbox,
            job_book=job_book,
            pokes=pokes,
            net=net,
            processes=Processes(Tools(ffmpeg=settings.media.ffmpeg)),
            media=media,
            images=images,
        )


async def _open_pictures(stack: AsyncExitStack, settings: CoreSettings) -> tuple[Media, Images]:
    cache = settings.data_dir / "cache"
    media = await stack.enter_async_context(open_media(cache, children=settings.media.probe_children))
    return media, Images(folder=cache / "images", media=media, limit_bytes=settings.media.image_cache_bytes)


def _secrets(settings: CoreSettings, clock: Clock, known: KnownSecrets) -> tuple[Secrets, Tokens]:
    keys = open_keys(settings.data_dir)
    return Secrets(keys, opened=known.add), Tokens(keys, clock)


def _pokes(here: Circumstances, settings: CoreSettings) -> Pokes:
    url = settings.database_url.plain
    if not url:
        return Pokes(here.links, relay=here.is_web, notices=None)
    from polycast.core.events.store_notices import PostgresNotices  # noqa: PLC0415 - see tests/house/exceptions.py

    return Pokes(here.links, relay=here.is_web, notices=PostgresNotices(url, clock=here.clock))


def _identity(
    stack: AsyncExitStack,
    db: Database,
    secrets: Secrets,
    tokens: Tokens,
    here: Circumstances,
    names: Names,
    book: SettingsBook,
) -> Identity:
    identity = Identity(
        db=db,
        secrets=secrets,
        tokens=tokens,
        clock=here.clock,
        ids=here.ids,
        reserved=names,
        public_url=lambda: book.core.public_url or None,
    )
    stack.callback(identity.close)
    return identity


def _events(boot: Boot, here: Circumstances, db: Database, outbox: Outbox, pokes: Pokes) -> Events:
    node = f"{boot.node}/{'web' if here.is_web else 'worker'}"
    return Events(db=db, outbox=outbox, pokes=pokes, clock=here.clock, ids=here.ids, node=node)


def _backups(boot: Boot, here: Circumstances, db: Database, book: SettingsBook, identity: Identity) -> Backups:
    return Backups(
        house=boot.saved,
        db=db,
        settings=lambda: book.core.backup,
        clock=here.clock,
        audit=identity.audit,
        restart=here.restart,
    )

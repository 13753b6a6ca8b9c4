"""The REST dialect behind the real front door, on an open house: everything of it but the other rooms' routes."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from polycast import app
from polycast.core.backups import jobs as backup_jobs
from polycast.core.clock import Clock, SystemClock
from polycast.core.house import Circumstances, Core, Names, open_core
from polycast.core.http import Route
from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.keys.model import ApiKeyNew
from polycast.core.identity.scopes import Role, Scope
from polycast.core.identity.tables import METADATA as IDENTITY_TABLES
from polycast.core.identity.users.model import UserNew
from polycast.core.ids import RandomIds
from polycast.core.settings.store import tables as settings_tables
from polycast.front.app import Front
from polycast.front.peers import Peers
from polycast.live.activity.events import SystemEvents
from polycast.live.activity.listening import Listening
from polycast.live.activity.model import SystemEventAdded
from polycast.live.activity.store import SystemEventStore
from polycast.live.dialects.rest.app import Rooms, rest_dialect, rest_rooms
from polycast.live.lineup.store_channels import ChannelStore
from polycast.live.lineup.store_groups import GroupStore, ProfileStore
from polycast.live.lineup.store_links import LinkStore
from polycast.live.lineup.store_logos import LogoStore
from polycast.live.lineup.store_sync import SyncStore
from polycast.live.lineup.sync import AutoSync
from polycast.live.lineup.writing import ChannelWriter
from polycast.live.outputs.access import NetworkAccess
from polycast.live.people.service import People
from polycast.live.people.store import PersonStore
from polycast.live.preferences.listeners import listeners
from polycast.live.preferences.model import PreferencesChanged
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore
from polycast.live.sources.room import Sources
from polycast.live.tables import METADATA as LIVE_TABLES
from tests.fakes.asgi import AsgiClient
from tests.server import PASSWORD, boot_of, template


class World:
    """The door, and what stands behind it."""

    def __init__(self, core: Core, rooms: Rooms, access: NetworkAccess, routes: Sequence[Route]) -> None:
        self.core = core
        self.rooms = rooms
        self.access = access
        self.dialect = rest_dialect(rooms, identity=core.identity, networks=access, routes=routes)
        self.front = Front([self.dialect], clock=core.clock, ids=core.ids, peers=Peers(()))
        self.front.ready = True

    def client(self, headers: Mapping[str, str] | None = None, *, peer: str = "127.0.0.1") -> AsgiClient:
        return AsgiClient(self.front, headers=headers, peer=peer)

    async def signed_in(self, role: Role = Role.OWNER, *, scopes: frozenset[Scope] | None = None) -> AsgiClient:
        """A client with a key of a user called like `role`, made at the first asking."""
        users, keys = self.core.identity.users, self.core.identity.keys
        user = await users.find(role.value) or await users.create(
            SYSTEM, UserNew(username=role.value, password=PASSWORD, role=role)
        )
        made = await keys.create(SYSTEM, ApiKeyNew(name="test", scopes=scopes), user_id=user.id)
        return self.client({"x-api-key": made.key})


def rooms_of(core: Core) -> tuple[Rooms, NetworkAccess]:
    """Every collaborator, real but for what other rooms bring."""
    db, clock = core.db, core.clock
    people = People(db=db, store=PersonStore())
    preferences = Preferences(db=db, store=SettingsStore())
    writer = ChannelWriter(
        store=ChannelStore(), links=LinkStore(), groups=GroupStore(), profiles=ProfileStore(), clock=clock, ids=core.ids
    )
    sync = AutoSync(db=db, writer=writer, store=SyncStore(), logos=LogoStore(), clock=clock)
    sources = Sources(
        db=db,
        secrets=core.secrets,
        net=core.net,
        preferences=preferences,
        teller=core.events,
        clock=clock,
        zone=core.zone(),
        data_dir=core.data_dir,
        after=sync,
        channels=sync,
    )
    events = SystemEvents(db=db, store=SystemEventStore(), preferences=preferences, clock=clock)
    rooms = rest_rooms(core, preferences=preferences, people=people, sources=sources, sync=sync, system_events=events)
    return rooms, NetworkAccess(db=db, preferences=preferences, people=people, clock=clock)


@asynccontextmanager
async def opened(tmp_path: Path, *, clock: Clock | None = None, routes: Sequence[Route] = ()) -> AsyncIterator[World]:
    """A world of its own for the length of the block."""
    boot = boot_of(tmp_path / "data")
    await asyncio.to_thread(shutil.copytree, await asyncio.to_thread(template), boot.storage.data_dir)
    here = Circumstances(is_web=True, clock=clock or SystemClock(), ids=RandomIds(), restart=lambda: None)
    async with AsyncExitStack() as stack:
        tables = [IDENTITY_TABLES, settings_tables, LIVE_TABLES]
        core = await stack.enter_async_context(open_core(boot, here, metadatas=tables, names=Names()))
        rooms, access = rooms_of(core)
        core.queue.register([*rooms.sources.jobs(), *backup_jobs(core.backups, cron="")])
        core.events.register(core.identity.listens, core.identity.publishes)
        core.events.register([*listeners(), *access.listeners()], [PreferencesChanged])
        noting = Listening(events=rooms.system_events, clock=core.clock)
        core.events.register(noting.listeners(), [SystemEventAdded])
        core.events.register([], rooms.sources.events())
        await stack.enter_async_context(app.loops(core.pokes.run, core.events.run))
        await core.events.ready()
        yield World(core, rooms, access, routes)

"""The line-up on a fresh database, and its REST routes without sockets: everything real but identity, time, events."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from polycast.core.clock import SystemClock
from polycast.core.errors import NotAllowed, NotFound, NotSignedIn, PolycastError
from polycast.core.events.model import Event
from polycast.core.http import Media, json_dialect, problem_details
from polycast.core.identity.caller import SYSTEM, Caller, Credential, Policy
from polycast.core.identity.scopes import SCOPES_OF_ROLE, Role
from polycast.core.ids import RandomIds
from polycast.core.media import ImageFile
from polycast.core.net import open_net
from polycast.core.secrets import Secrets, open_keys
from polycast.core.settings import NetSettings
from polycast.core.storage import Branch, Database, Unit, fold
from polycast.live.dialects.rest.errors import spell
from polycast.live.dialects.rest.lists import Lists
from polycast.live.lineup.model import ChannelNew, Viewer
from polycast.live.lineup.room import LineUp
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore
from polycast.live.sources.room import Sources
from polycast.live.sources.streams.model import StreamForm
from polycast.live.tables import METADATA, groups, guide_channels, guide_sources
from tests.engines import Kept, opened
from tests.fakes.asgi import AsgiClient
from tests.fakes.clock import FakeClock
from tests.live.lineup.routes import all_routes, own_routes

MIGRATIONS = Path(__file__).parents[3] / "src/polycast/live/migrations"


class Anyone:
    """Stands for identity: the header `X-Role` says who asks, `X-User` which of them."""

    async def authenticate(self, scope: MutableMapping[str, Any], policy: Policy) -> Caller:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        if "x-role" not in headers:
            if policy.anonymous:
                return Caller()
            raise NotSignedIn
        role = Role(headers["x-role"])
        caller = Caller(
            user_id=int(headers.get("x-user", "1")),
            role=role,
            scopes=SCOPES_OF_ROLE[role],
            credential=Credential.API_KEY,
        )
        if policy.scope is not None and not caller.has(policy.scope):
            raise NotAllowed("scope")
        return caller


class People:
    """What users may see: by their id, else all that their role allows."""

    def __init__(self) -> None:
        self.viewers: dict[int, Viewer] = {}

    def sees_all(self, caller: Caller) -> bool:
        return caller.role in {Role.OWNER, Role.ADMIN, Role.OPERATOR}

    async def viewer(self, caller: Caller) -> Viewer:
        level = 10 if caller.role in {None, Role.OWNER, Role.ADMIN, Role.OPERATOR} else 1
        return self.viewers.get(caller.user_id or 0, Viewer(level=level))


class Untouched:
    """Stands for the cache of pictures, which has its own tests: what is fetched is kept as it came."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def get(self, key: str, fetch: Callable[[], Awaitable[bytes | Path]], width: int | None = None) -> ImageFile:
        try:
            fetched = await fetch()
        except PolycastError as error:
            raise NotFound("Picture") from error
        if isinstance(fetched, Path):
            return ImageFile(fetched, "image/png", '"kept"')
        path = self._folder / "picture"
        path.write_bytes(fetched)
        return ImageFile(path, "image/png", '"kept"')


class Silence:
    """Nobody listens to progress."""

    def tell(self, event: Event) -> None:
        return None


class World:
    """The line-up, and short ways to what tests ask again and again."""

    def __init__(self, *, db: Database, lineup: LineUp, sources: Sources, kept: Kept, people: People) -> None:
        self.db = db
        self.lineup = lineup
        self.sources = sources
        self.kept = kept
        self.people = people
        self.clock = FakeClock()
        self.data = Path()
        self.preferences: Preferences = None  # type: ignore[assignment]  # set by `lineup_world`
        self.app: Any = None
        self.own: Any = None

    def client(self, role: Role | None = Role.ADMIN, user: int = 1) -> AsgiClient:
        headers = {} if role is None else {"x-role": role.value, "x-user": str(user)}
        return AsgiClient(self.app, headers=headers, state={"origin": "http://testserver"})

    def page(self, role: Role = Role.ADMIN) -> AsgiClient:
        """One of our own pages."""
        return AsgiClient(self.own, headers={"x-role": role.value, "x-user": "1"})

    async def channel(self, name: str = "News", number: int | None = None, **fields: Any) -> int:
        """`number` as people write it."""
        stored = None if number is None else number * 1000
        return (await self.lineup.channels.create(SYSTEM, ChannelNew(name=name, number=stored, **fields))).id

    async def stream(self, name: str = "News HD", **fields: Any) -> int:
        form = StreamForm(name=name, url=f"http://streams.example.net/{fold(name).replace(' ', '-')}.ts", **fields)
        return (await self.sources.streams.create(SYSTEM, form)).id

    async def group(self, name: str) -> int:
        return await self.db.write(lambda unit: unit.insert(groups, name=name, name_key=fold(name)))

    async def guide(self, tvg_id: str, name: str = "", icon: str = "", source: str = "Guide") -> int:
        """A guide channel."""
        return await self.db.write(self._guide, tvg_id, name or tvg_id, icon, source)

    def _guide(self, unit: Unit, tvg_id: str, name: str, icon: str, source: str) -> int:
        row = {
            "name": source,
            "name_key": fold(source),
            "source_type": "xmltv",
            "custom_properties": {},
            "created_at": self.clock.now(),
        }
        unit.upsert(guide_sources, [row], key=["name"], update=["source_type"])
        source_id = unit.execute(guide_sources.select().where(guide_sources.c.name == source)).one().id
        return unit.insert(
            guide_channels,
            source_id=source_id,
            tvg_id=tvg_id,
            tvg_key=fold(tvg_id),
            name=name,
            name_key=fold(name),
            icon_url=icon,
        )

    def events(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.kept.events if isinstance(event, kind)]


@asynccontextmanager
async def lineup_world(engine: str, tmp_path: Path) -> AsyncIterator[World]:
    """A new world without channels."""
    kept, people, data = Kept(), People(), tmp_path / "data"
    async with AsyncExitStack() as stack:
        migrated = opened(
            engine, tmp_path, [Branch("live", MIGRATIONS)], [METADATA], enqueuer=kept, publisher=kept, indexer=kept
        )
        db = await stack.enter_async_context(migrated)
        net = await stack.enter_async_context(open_net(NetSettings(trusted_hosts=("127.0.0.1",)), SystemClock()))
        preferences, clock = Preferences(db=db, store=SettingsStore()), FakeClock()
        lineup = LineUp(
            db=db,
            viewers=people,
            clock=clock,
            ids=RandomIds(),
            data_dir=data,
            pictures=Untouched(data),
            net=net,
            preferences=preferences,
        )
        sources = Sources(
            db=db,
            secrets=Secrets(open_keys(data / "keys")),
            net=net,
            preferences=preferences,
            teller=Silence(),
            clock=clock,
            zone=ZoneInfo("UTC"),
            data_dir=data,
            after=lineup.sync,
            channels=lineup.sync,
        )
        world = World(db=db, lineup=lineup, sources=sources, kept=kept, people=people)
        world.clock, world.data, world.preferences = clock, data, preferences
        world.app = json_dialect(
            all_routes(),
            services={"lineup": lineup, "sources": sources, "lists": Lists(preferences)},
            identity=Anyone(),
            spell=spell,
            media=(Media.JSON, Media.FORM, Media.MULTIPART),
            lenient_text=True,
        )
        world.own = json_dialect(own_routes(), services={"lineup": lineup}, identity=Anyone(), spell=problem_details)
        yield world

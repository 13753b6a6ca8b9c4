"""The guide of live TV on a fresh database, with everything around it real but time, queue and events."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from polycast.core.clock import SystemClock
from polycast.core.events.model import Event
from polycast.core.http import Media, json_dialect, problem_details
from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.scopes import Role
from polycast.core.ids import RandomIds
from polycast.core.jobs.model import JobRow, JobState, Lane
from polycast.core.net import open_net
from polycast.core.secrets import Secrets, open_keys
from polycast.core.settings import NetSettings
from polycast.core.storage import Branch, Database, Unit, fold
from polycast.live.dialects.polycast import guide as own_guide
from polycast.live.dialects.polycast import match as own_match
from polycast.live.dialects.rest import epg
from polycast.live.dialects.rest.errors import spell
from polycast.live.dialects.rest.lists import Lists
from polycast.live.guide.model import Airing, GuideSource, LoadGuide, RefreshGuide, SourceForm
from polycast.live.guide.room import Guide
from polycast.live.lineup.room import LineUp
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore
from polycast.live.tables import METADATA, channels, guide_channels
from tests.engines import Kept, opened
from tests.fakes.asgi import AsgiClient
from tests.fakes.clock import FakeClock
from tests.fakes.runs import DirectRun
from tests.live.lineup.world import Anyone, People, Untouched

SAMPLES = Path(__file__).parents[1] / "samples"
MIGRATIONS = Path(__file__).parents[3] / "src/polycast/live/migrations"
IPTV = Path(__file__).parents[4] / "shared/data/iptv"


class Jobs:
    """Stands for the queue: every job waits."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    async def get(self, job_id: int) -> JobRow:
        now = self._clock.now()
        return JobRow(
            id=job_id,
            name="live.match_guides",
            title="Find guides for channels",
            state=JobState.WAITING,
            lane=Lane.NORMAL,
            priority=0,
            created_at=now,
            due_at=now,
            started_at=None,
            ended_at=None,
            attempt=0,
            attempts=2,
            done=0,
            total=None,
            note="",
            error="",
            by_user_id=1,
            key=None,
            payload=b"{}",
        )


class Heard:
    """Remembers what is told."""

    def __init__(self) -> None:
        self.told: list[Event] = []

    def tell(self, event: Event) -> None:
        self.told.append(event)


class GuideWorld:
    """A guide, and short ways to what tests ask again and again."""

    def __init__(self, guide: Guide, *, db: Database, kept: Kept, heard: Heard, clock: FakeClock, data: Path) -> None:
        self.guide = guide
        self.db = db
        self.kept = kept
        self.heard = heard
        self.clock = clock
        self.data = data
        self.run = DirectRun()
        self.people = People()
        self.app: Any = None
        self.lineup: LineUp | None = None
        self.own: Any = None  # our own pages' part

    def client(self, role: Role | None = Role.ADMIN, user: int = 1) -> AsgiClient:
        headers = {} if role is None else {"x-role": role.value, "x-user": str(user)}
        return AsgiClient(self.app, headers=headers, state={"origin": "http://testserver"})

    def page(self, role: Role | None = Role.ADMIN, user: int = 1) -> AsgiClient:
        headers = {} if role is None else {"x-role": role.value, "x-user": str(user)}
        return AsgiClient(self.own, headers=headers, state={"origin": "http://testserver"})

    def write(self, text: str | bytes, name: str = "guide.xml") -> str:
        """Put a file where people may; its `file_path`."""
        folder = self.data / "epgs"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return f"epgs/{name}"

    async def source(self, **fields: Any) -> int:
        form = SourceForm(**{"name": "Guide", **fields})
        return (await self.guide.sources.create(SYSTEM, form)).id

    async def file_source(self, text: str | bytes, **fields: Any) -> int:
        return await self.source(file_path=self.write(text), **fields)

    async def refresh(self, source_id: int, *, force: bool = False) -> GuideSource:
        await self.guide.refreshes.refresh(RefreshGuide(source_id=source_id, force=force), self.run)
        return await self.look(source_id)

    async def load(self, source_id: int) -> None:
        await self.guide.refreshes.load(LoadGuide(source_id=source_id), self.run)

    async def look(self, source_id: int) -> GuideSource:
        return await self.guide.sources.get(SYSTEM, source_id)

    async def names(self) -> list[str]:
        def read(unit: Unit) -> list[str]:
            return list(unit.execute(select(guide_channels.c.name).order_by(guide_channels.c.tvg_id)).scalars())

        return await self.db.read(read)

    async def guide_id(self, tvg_id: str) -> int:
        def read(unit: Unit) -> int:
            return int(unit.execute(select(guide_channels.c.id).where(guide_channels.c.tvg_id == tvg_id)).scalar_one())

        return await self.db.read(read)

    async def map(self, tvg_id: str, *, name: str = "", uuid: str = "", number: int | None = None) -> int:
        """A channel of the line-up that has this guide; its id."""
        return await self.channel(
            name or tvg_id, guide_channel_id=await self.guide_id(tvg_id), uuid=uuid, number=number
        )

    async def channel(self, name: str, *, uuid: str = "", **fields: Any) -> int:
        now = self.clock.now()

        def write(unit: Unit) -> int:
            values = {"name": name, "eff_name": name, "eff_name_key": fold(name), "uuid": uuid or f"uuid-{name}"}
            for key, value in fields.items():
                values |= {key: value, f"eff_{key}": value} if f"eff_{key}" in channels.c else {key: value}
            made = unit.execute(insert(channels).values(**values, created_at=now, updated_at=now)).inserted_primary_key
            assert made is not None
            return int(made[0])

        return await self.db.write(write)

    async def unmap(self, channel_id: int) -> None:
        def write(unit: Unit) -> None:
            unit.execute(
                update(channels)
                .where(channels.c.id == channel_id)
                .values(guide_channel_id=None, eff_guide_channel_id=None)
            )

        await self.db.write(write)

    async def airings(self, tvg_id: str) -> list[Airing]:
        """Everything stored of a guide channel."""
        found = await self.db.read(self.guide.programmes.window, [await self.guide_id(tvg_id)], 0, None)
        return next(iter(found.values()), [])

    async def titles(self, tvg_id: str) -> list[str]:
        return [airing.title for airing in await self.airings(tvg_id)]

    def events(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.kept.events if isinstance(event, kind)]


@asynccontextmanager
async def guide_world(engine: str, tmp_path: Path) -> AsyncIterator[GuideWorld]:
    """A new world. Loopback upstreams are allowed."""
    clock, kept, heard, people = FakeClock(), Kept(), Heard(), People()
    data = tmp_path / "data"
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(
            opened(
                engine,
                tmp_path,
                [Branch("live", MIGRATIONS)],
                [METADATA],
                enqueuer=kept,
                publisher=kept,
                indexer=kept,
            )
        )
        net = await stack.enter_async_context(open_net(NetSettings(trusted_hosts=("127.0.0.1",)), SystemClock()))
        preferences = Preferences(db=db, store=SettingsStore())
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
        guide = Guide(
            db=db,
            preferences=preferences,
            assigner=lineup.bulk,
            secrets=Secrets(open_keys(data / "keys")),
            net=net,
            viewers=people,
            pictures=Untouched(data),
            ids=RandomIds(),
            teller=heard,
            clock=clock,
            zone=ZoneInfo("UTC"),
            data_dir=data,
        )
        world = GuideWorld(guide, db=db, kept=kept, heard=heard, clock=clock, data=data)
        world.people, world.lineup = people, lineup
        world.app = json_dialect(
            epg.routes(),
            services={"guide": guide, "lists": Lists(preferences)},
            identity=Anyone(),
            spell=spell,
            media=(Media.JSON, Media.FORM, Media.MULTIPART),
            lenient_text=True,
        )
        world.own = json_dialect(
            [*own_guide.routes(), *own_match.routes()],
            services={"guide": guide, "queue": Jobs(clock)},
            identity=Anyone(),
            spell=problem_details,
        )
        yield world

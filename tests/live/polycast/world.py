"""Our own dialect of live TV over a migrated database: everything real but identity, time and the relay."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from polycast.core.clock import SystemClock
from polycast.core.events import Outbox, Pokes
from polycast.core.events.model import Event
from polycast.core.http.own import own_dialect
from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.scopes import Role
from polycast.core.ids import RandomIds
from polycast.core.jobs import Job, JobBook, Queue
from polycast.core.jobs.model import Run
from polycast.core.module import Dialect
from polycast.core.net import open_net
from polycast.core.secrets import Secrets, open_keys
from polycast.core.settings import NetSettings
from polycast.core.storage import Branch, Database, Unit
from polycast.live.dialects.polycast import play, sources
from polycast.live.guide.dummies import Dummies
from polycast.live.guide.files import GuideFiles
from polycast.live.guide.model import Airing, RefreshGuide, SourceForm
from polycast.live.guide.pages import pages
from polycast.live.guide.programmes import Programmes
from polycast.live.guide.reading import require_guide
from polycast.live.guide.sources import GuideSources
from polycast.live.guide.store_channels import GuideChannelStore
from polycast.live.guide.store_guided import GuidedStore
from polycast.live.guide.store_pages import PageStore
from polycast.live.guide.store_sources import SourceStore
from polycast.live.lineup.model import ChannelNew
from polycast.live.lineup.room import LineUp
from polycast.live.lineup.store_links import LinkStore
from polycast.live.outputs.lineups import LineUps
from polycast.live.outputs.playing import Format, Playing
from polycast.live.outputs.store import OutputStore
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore
from polycast.live.relay.store import RelayStore
from polycast.live.sources.accounts.forms import AccountForm
from polycast.live.sources.filter_preview import FilterPreviews
from polycast.live.sources.model import RefreshAccount
from polycast.live.sources.overview import SourceOverview
from polycast.live.sources.ports import NoChannels, NothingAfter
from polycast.live.sources.room import Sources
from polycast.live.sources.store_overview import OverviewStore
from polycast.live.sources.streams.model import StreamForm
from polycast.live.sources.trial import SourceTrials
from polycast.live.tables import METADATA, guide_channels, guide_sources
from tests.engines import opened
from tests.fakes.asgi import AsgiClient
from tests.fakes.clock import FakeClock
from tests.fakes.runs import DirectRun
from tests.live.lineup.world import MIGRATIONS, Anyone, People, Silence, Untouched

NOON = 1_795_262_400  # unix seconds: when `FakeClock` begins


class World:
    """The dialect, the rooms behind it, and short ways to fill them."""

    def __init__(
        self,
        dialect: Dialect,
        *,
        db: Database,
        sources: Sources,
        guides: GuideSources,
        lineup: LineUp,
        lineups: LineUps,
        people: People,
        clock: FakeClock,
        data: Path,
    ) -> None:
        self.dialect = dialect
        self.db = db
        self.sources = sources
        self.guides = guides
        self.lineup = lineup
        self.lineups = lineups
        self.people = people
        self.clock = clock
        self.data = data

    def client(self, role: Role | None = Role.ADMIN, user: int = 1) -> AsgiClient:
        """None: nobody is signed in."""
        headers = {} if role is None else {"x-role": role.value, "x-user": str(user)}
        return AsgiClient(self.dialect.app, headers=headers)

    async def playlist(self, text: str, *, name: str = "List", **fields: Any) -> int:
        """An account of a file that holds `text`, not refreshed yet."""
        folder = self.data / "m3us"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.m3u").write_text(text)
        form = AccountForm(name=name, account_type="FILE", file_path=f"m3us/{name}.m3u", **fields)
        return (await self.sources.accounts.create(SYSTEM, form)).account.id

    async def refresh(self, account_id: int) -> None:
        await self.sources.refreshes.refresh(RefreshAccount(account_id=account_id), DirectRun())

    async def guide(self, airings: Sequence[Airing] = (), *, name: str = "Guide") -> int:
        """A guide of one channel with these programmes; the id of its channel."""
        made = await self.guides.create(SYSTEM, SourceForm(name=name, file_path="epgs/guide.xml"))

        def fill(unit: Unit) -> int:
            counts = {"status": "success", "channel_count": 1, "programme_count": len(airings)}
            unit.execute(guide_sources.update().where(guide_sources.c.id == made.id).values(counts))
            channel_id = unit.insert(guide_channels, source_id=made.id, tvg_id=name, name=name)
            PageStore().replace(unit, channel_id, pages(list(airings)) if airings else [])
            return channel_id

        return await self.db.write(fill)

    async def channel(self, name: str, number: int | None = None, **fields: Any) -> int:
        """`number` in thousandths."""
        return (await self.lineup.channels.create(SYSTEM, ChannelNew(name=name, number=number, **fields))).id

    async def stream(self, name: str) -> int:
        form = StreamForm(name=name, url=f"http://streams.example.net/{name.lower().replace(' ', '-')}.ts")
        return (await self.sources.streams.create(SYSTEM, form)).id


@asynccontextmanager
async def polycast_world(engine: str, tmp_path: Path) -> AsyncIterator[World]:
    """A new world. Loopback upstreams are allowed."""
    clock, people, data, pokes = FakeClock(), People(), tmp_path / "data", Pokes()
    outbox = Outbox(clock=clock, pokes=pokes)
    book = JobBook(clock=clock, outbox=outbox, pokes=pokes)
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(
            opened(
                engine,
                tmp_path,
                [Branch("live", MIGRATIONS)],
                [METADATA],
                enqueuer=book,
                publisher=outbox,
                clock=clock,
            )
        )
        net = await stack.enter_async_context(open_net(NetSettings(trusted_hosts=("127.0.0.1",)), SystemClock()))
        secrets, preferences = Secrets(open_keys(data / "keys")), Preferences(db=db, store=SettingsStore())
        made, lineup = _rooms(db, people, clock, data, net, secrets, preferences)
        guides = GuideSources(
            db=db,
            store=SourceStore(),
            channels=GuideChannelStore(),
            pages=PageStore(),
            files=GuideFiles(data),
            recover=LinkStore().recover,
            secrets=secrets,
            clock=clock,
            zone=ZoneInfo("UTC"),
        )
        book.register([*made.jobs(), Job(name="live.refresh_guide", payload=RefreshGuide, run=never)])
        lineups = LineUps(db=db, store=OutputStore(), people=people, clock=clock)  # type: ignore[arg-type]
        playing = Playing(
            db=db,
            lineups=lineups,
            programmes=Programmes(store=PageStore(), dummies=Dummies(sources=SourceStore(), guided=GuidedStore())),
            guided=GuidedStore(),
            streams=RelayStore(),
            clock=clock,
            has_replay=True,
        )
        store = OverviewStore()
        dialect = own_dialect(
            "live",
            title="Polycast live TV",
            identity=Anyone(),
            routes=[*sources.routes(), *play.routes()],
            services={
                "sources": made,
                "guide_sources": guides,
                "overview": SourceOverview(db=db, store=store, clock=clock),
                "trials": SourceTrials(net=net, require_guide=require_guide),
                "previews": FilterPreviews(db=db, store=store),
                "queue": Queue(db=db, book=book, clock=clock),
                "playing": playing,
                "ways": play.Ways([Format.TS, Format.MP4]),
            },
        )
        yield World(
            dialect,
            db=db,
            sources=made,
            guides=guides,
            lineup=lineup,
            lineups=lineups,
            people=people,
            clock=clock,
            data=data,
        )


async def never(payload: RefreshGuide, run: Run) -> None:
    """Stands for a job that no test here runs."""


def _rooms(
    db: Database, people: People, clock: FakeClock, data: Path, net: Any, secrets: Secrets, preferences: Preferences
) -> tuple[Sources, LineUp]:
    made = Sources(
        db=db,
        secrets=secrets,
        net=net,
        preferences=preferences,
        teller=Silence(),
        clock=clock,
        zone=ZoneInfo("UTC"),
        data_dir=data,
        after=NothingAfter(),
        channels=NoChannels(),
    )
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
    return made, lineup


async def publish(db: Database, events: Iterable[Event]) -> None:
    """Store events as their rooms would."""

    def put(unit: Unit) -> None:
        for event in events:
            unit.publish(event)

    await db.write(put)

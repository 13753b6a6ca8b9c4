"""The sources of live TV on a fresh database, with everything around them real but time and events."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from polycast.core.clock import SystemClock
from polycast.core.events.model import Event
from polycast.core.identity.caller import SYSTEM
from polycast.core.jobs.model import Run
from polycast.core.net import open_net
from polycast.core.secrets import Secrets, open_keys
from polycast.core.settings import NetSettings
from polycast.core.storage import Branch, Database
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore
from polycast.live.sources.accounts.forms import AccountForm
from polycast.live.sources.model import Account, RefreshAccount, SourceFailed, SourceRefreshed
from polycast.live.sources.ports import Imported, NoChannels, Synced
from polycast.live.sources.room import Sources
from polycast.live.sources.streams.model import Stream, StreamQuery
from polycast.live.tables import METADATA
from tests.engines import Kept, opened
from tests.fakes.clock import FakeClock
from tests.fakes.runs import DirectRun

SAMPLES = Path(__file__).parents[1] / "samples"
MIGRATIONS = Path(__file__).parents[3] / "src/polycast/live/migrations"
IPTV = Path(__file__).parents[4] / "shared/data/iptv"


class Heard:
    """Remembers what is told and who was called after an import."""

    def __init__(self) -> None:
        self.told: list[Event] = []
        self.imports: list[Imported] = []

    def tell(self, event: Event) -> None:
        self.told.append(event)

    async def imported(self, what: Imported, run: Run) -> Synced:
        self.imports.append(what)
        return Synced(created=1)


class SourcesWorld:
    """Sources, and short ways to what tests ask again and again."""

    def __init__(
        self, sources: Sources, *, db: Database, kept: Kept, heard: Heard, clock: FakeClock, data: Path
    ) -> None:
        self.sources = sources
        self.db = db
        self.kept = kept
        self.heard = heard
        self.clock = clock
        self.data = data
        self.run = DirectRun()

    async def file_account(self, text: str | bytes, *, name: str = "List", **fields: Any) -> int:
        """An account of a watched file that holds `text`."""
        self.write(text, name=f"{name}.m3u")
        form = AccountForm(name=name, account_type="FILE", file_path=f"m3us/{name}.m3u", **fields)
        return (await self.sources.accounts.create(SYSTEM, form)).account.id

    def write(self, text: str | bytes, *, name: str = "List.m3u") -> None:
        folder = self.data / "m3us"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)

    async def refresh(self, account_id: int, **fields: Any) -> SourceRefreshed:
        """Run the job; what it published."""
        before = len(self.kept.events)
        await self.sources.refreshes.refresh(RefreshAccount(account_id=account_id, **fields), self.run)
        [done] = [e for e in self.kept.events[before:] if isinstance(e, SourceRefreshed)]
        return done

    async def account(self, account_id: int) -> Account:
        return (await self.sources.accounts.get(SYSTEM, account_id)).account

    async def streams(self, **query: Any) -> Sequence[Stream]:
        """Up to a thousand, by name upwards."""
        asked = StreamQuery(**{"descending": False, **query})
        return (await self.sources.streams.page(SYSTEM, asked, limit=1000)).items

    async def names(self, **query: Any) -> list[str]:
        return [stream.name for stream in await self.streams(**query)]

    def failures(self) -> list[SourceFailed]:
        return [event for event in self.kept.events if isinstance(event, SourceFailed)]


@asynccontextmanager
async def sources_world(engine: str, tmp_path: Path) -> AsyncIterator[SourcesWorld]:
    """A new world. Loopback upstreams are allowed."""
    clock, kept, heard = FakeClock(), Kept(), Heard()
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
        sources = Sources(
            db=db,
            secrets=Secrets(open_keys(data / "keys")),
            net=net,
            preferences=Preferences(db=db, store=SettingsStore()),
            teller=heard,
            clock=clock,
            zone=ZoneInfo("UTC"),
            data_dir=data,
            after=heard,
            channels=NoChannels(),
        )
        yield SourcesWorld(sources, db=db, kept=kept, heard=heard, clock=clock, data=data)


def playlist(*names: str, group: str = "News", host: str = "http://streams.example.net") -> str:
    """A small playlist of these names."""
    lines = [
        f'#EXTINF:-1 tvg-id="{name.lower()}" group-title="{group}",{name}\n{host}/{name.lower()}.ts\n' for name in names
    ]
    return "#EXTM3U\n" + "".join(lines)

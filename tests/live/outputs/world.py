"""The outputs behind a real front door on a real socket, over a small believable line-up.

async with outputs_world(tmp_path) as world:
    answer = await world.get("/output/m3u")
"""

import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from polycast import app
from polycast.core.clock import Clock
from polycast.core.daemons import Daemons
from polycast.core.errors import Busy
from polycast.core.house import Circumstances, Core, Names, open_core
from polycast.core.http import StreamingResponse
from polycast.core.identity.caller import SYSTEM, Caller
from polycast.core.identity.devices.model import DeviceNew
from polycast.core.identity.keys.model import ApiKeyNew
from polycast.core.identity.scopes import Role
from polycast.core.identity.tables import METADATA as IDENTITY
from polycast.core.identity.users.model import UserNew
from polycast.core.ids import RandomIds
from polycast.core.net import listen
from polycast.core.settings.store import tables as settings_tables
from polycast.core.storage import Unit
from polycast.front.app import Front
from polycast.front.peers import Peers
from polycast.front.protocol import Doorkeeper, Patience
from polycast.front.serve import serving
from polycast.live import tables
from polycast.live.dialects.playlists import app as playlists
from polycast.live.dialects.xtream import app as xtream
from polycast.live.guide.dummies import Dummies
from polycast.live.guide.model import Airing
from polycast.live.guide.pages import pages
from polycast.live.guide.store_guided import GuidedStore
from polycast.live.guide.store_pages import PageStore
from polycast.live.guide.store_sources import SourceStore
from polycast.live.outputs.guidebook import GuideBook
from polycast.live.outputs.ports import StreamFormat
from polycast.live.outputs.room import Outputs
from polycast.live.people.service import People
from polycast.live.people.store import PersonStore
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore
from tests.fakes.clock import START, FakeClock
from tests.server import Client, boot_of, template

PASSWORD = "walnut-harbour-7"
DEVICE_PASSWORD = "tin.lantern-42"
ADDED = datetime(2026, 6, 9, 10, 0, tzinfo=UTC)
NOW = int(START.timestamp())
HOUR = 3600


class FakeTuner:
    """The relay's place: remembers what was asked for and sends a few packets."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, StreamFormat]] = []
        self.is_full = False
        self.on_air: dict[str, int] = {}
        self.open: dict[int, int] = {}

    async def stream(self, scope: Any, caller: Caller, channel_uuid: str, wanted: StreamFormat) -> Any:
        if self.is_full:
            raise Busy("No stream is free.", retry_after=1)
        self.asked.append((caller.username, channel_uuid, wanted))

        async def packets() -> AsyncIterator[bytes]:
            yield b"\x47" + bytes(187)

        return StreamingResponse(packets(), media_type="video/mp2t")

    def watching(self, user_id: int) -> int:
        return self.open.get(user_id, 0)

    def playing(self) -> Mapping[str, int]:
        return self.on_air


class World(Client):
    """A running server with the outputs alone, itself an anonymous client."""

    def __init__(
        self, url: str, session: aiohttp.ClientSession, core: Core, outputs: Outputs, people: People, tuner: FakeTuner,
        preferences: Preferences,
    ) -> None:  # fmt: skip
        super().__init__(url, session, {})
        self.core = core
        self.outputs = outputs
        self.people = people
        self.tuner = tuner
        self.preferences = preferences
        self.system = SYSTEM

    async def settle(self) -> None:
        """Return once every listener has heard of what has happened."""
        await self.core.events.idle()

    def forget_programmes(self, unit: Unit) -> None:
        """Empty the guide."""
        PageStore().clear(unit, [1])

    async def user(self, name: str = "anna", *, role: Role = Role.MEMBER, **properties: Any) -> Caller:
        """A user with the device password `DEVICE_PASSWORD`; `properties` are their custom ones."""
        made = await self.core.identity.users.create(SYSTEM, UserNew(username=name, password=PASSWORD, role=role))
        await self.core.identity.devices.put(
            SYSTEM, DeviceNew(name="xtream", password=DEVICE_PASSWORD), user_id=made.id
        )
        if properties:
            await self.change(made.id, custom_properties=properties)
        return await self.core.identity.authenticate_device(name, DEVICE_PASSWORD, address="127.0.0.1")

    async def key(self, name: str) -> str:
        """An API key of a user."""
        found = await self.core.identity.users.find(name)
        assert found is not None
        return (await self.core.identity.keys.create(SYSTEM, ApiKeyNew(name="test"), user_id=found.id)).key

    async def change(self, user_id: int, **values: Any) -> None:
        """Other values for a user's live TV properties."""

        def changed(person: Any) -> Any:
            fields = {name: getattr(person, name) for name in person.__struct_fields__}
            return type(person)(**fields | values)

        await self.people.change(user_id, changed)

    async def api(self, action: str = "", *, username: str = "anna", **query: Any) -> Any:
        """What `player_api.php` answers."""
        asked = {"username": username, "password": DEVICE_PASSWORD, "action": action} | query
        answer = await self.get("/player_api.php", params={k: str(v) for k, v in asked.items() if v != ""})
        assert answer.status == 200, answer.text()
        return answer.json()


def channel(unit: Unit, number: int | None, name: str, **values: Any) -> int:
    """A channel; `number` in thousandths."""
    facts: dict[str, Any] = {
        "group_id": None, "logo_id": None, "tvg_id": "", "tvc_guide_stationid": "", "guide_channel_id": None,
        "stream_profile_id": None,
    }  # fmt: skip
    facts |= {key: values.pop(key) for key in list(values) if key in facts}
    facts |= {"name": name, "number": number}
    row = facts | {f"eff_{key}": value for key, value in facts.items()} | {"eff_name_key": name.lower()}
    row |= {"uuid": values.pop("uuid", f"00000000-0000-4000-8000-{abs(hash(name)) % 10**12:012}")}
    return unit.insert(tables.channels, **row, created_at=ADDED, updated_at=ADDED, **values)


def airings() -> list[Airing]:
    """News every hour from six hours ago to two days ahead."""
    return [
        Airing(
            at,
            at + HOUR,
            "Morning & More" if at == NOW else f"Hour {at // HOUR % 24}",
            "Pilot" if at == NOW else "",
            'All about <b>"it"</b>' if at == NOW else "",
            EXTRAS if at == NOW else None,
        )
        for at in range(NOW - 6 * HOUR, NOW + 48 * HOUR, HOUR)
    ]


EXTRAS: dict[str, Any] = {
    "categories": ["News", "Talk"], "keywords": ["daily"], "season": 1, "episode": 2, "dd_progid": "EP01.0002",
    "imdb.com_id": "tt0000001", "language": "en", "length": {"value": "60", "units": "minutes"},
    "video": {"present": "yes", "quality": "HDTV"}, "audio": {"stereo": "stereo"},
    "subtitles": [{"type": "teletext", "language": "en"}], "rating": "TV-PG", "rating_system": "VCHIP",
    "star_ratings": [{"value": "3/5"}], "reviews": [{"content": "Fine.", "type": "text"}],
    "images": [{"content": "http://pictures.example/1.jpg", "type": "poster"}],
    "credits": {"director": ["D. Rector"], "actor": [{"name": "A. Ctor", "role": "Herself", "guest": True}]},
    "date": "20260101", "country": "GB", "icon": "http://pictures.example/poster.jpg", "previously_shown": True,
    "previously_shown_details": {"start": "20250101"}, "premiere": True, "premiere_text": "First", "new": True,
    "live": True,
}  # fmt: skip


def small_lineup(unit: Unit) -> None:
    """Six channels: whole, fractional, equal and no numbers, one hidden, one for adults; a group, a logo, a guide."""
    group = unit.insert(tables.groups, name="US News", name_key="us news")
    logo = unit.insert(tables.logos, name="News", url="http://pictures.example/n.png", created_at=ADDED)
    source = unit.insert(
        tables.guide_sources, name="Guide", source_type="xmltv", custom_properties={}, created_at=ADDED
    )
    guide = unit.insert(tables.guide_channels, source_id=source, tvg_id="news.us", name="News")
    channel(
        unit, 2000, "News", group_id=group, logo_id=logo, tvg_id="news.us", tvc_guide_stationid="11331",
        guide_channel_id=guide, is_catchup=True, catchup_days=7, uuid="9f0c0000-0000-4000-8000-000000000001",
    )  # fmt: skip
    channel(unit, 2100, 'The "Quoted", One', guide_channel_id=guide, uuid="9f0c0000-0000-4000-8000-000000000002")
    channel(unit, 5000, "Radio Five", group_id=group, is_radio=True, uuid="9f0c0000-0000-4000-8000-000000000003")
    channel(unit, None, "Numberless", uuid="9f0c0000-0000-4000-8000-000000000004")
    channel(unit, 7000, "Hidden", is_hidden=True)
    channel(unit, 9000, "Late Night", is_adult=True, user_level=1, uuid="9f0c0000-0000-4000-8000-000000000006")
    PageStore().replace(unit, guide, pages(airings()))


@asynccontextmanager
async def outputs_world(
    tmp_path: Path, *, clock: Clock | None = None, fill: Any = small_lineup, host: str = "127.0.0.1", more: Any = None
) -> AsyncIterator[World]:
    """The world for the length of the block. `more(core, outputs, tuner)` gives further dialects and daemons."""
    boot = boot_of(tmp_path / "data", host=host)
    if not boot.storage.data_dir.exists():
        shutil.copytree(template(), boot.storage.data_dir)
    app.prepare(boot)
    sockets = listen(host, 0)
    here = Circumstances(is_web=True, clock=clock or FakeClock(), ids=RandomIds(), restart=lambda: None)
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(
            open_core(boot, here, metadatas=[IDENTITY, settings_tables, tables.METADATA], names=Names())
        )
        people, preferences = People(db=core.db, store=PersonStore()), Preferences(db=core.db, store=SettingsStore())
        outputs = Outputs(
            db=core.db, preferences=preferences, people=people, guide=guide_of(core), clock=core.clock,
            data_dir=core.data_dir, public_url=lambda: None,
        )  # fmt: skip
        tuner = FakeTuner()
        if fill is not None:
            await core.db.write(fill)
        dialects, daemons = _dialects(core, outputs, people, tuner), outputs.daemons()
        if more is not None:
            further = more(core, outputs, tuner)
            dialects += further[0]
            daemons += further[1]
        core.events.register(outputs.listeners(), outputs.events())
        core.events.register(core.identity.listens, core.identity.publishes)
        front = Front(dialects, clock=core.clock, ids=core.ids, peers=Peers(()))
        front.ready = True
        running = Daemons(daemons, db=core.db, clock=core.clock, ids=core.ids, node=core.node)
        await stack.enter_async_context(app.loops(core.pokes.run, core.events.run, core.identity.run, running.run))
        await core.events.ready()
        await stack.enter_async_context(
            serving(front, sockets, doorkeeper=Doorkeeper(Patience(), trusts=lambda peer: False))
        )
        session = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        port = sockets[0].getsockname()[1]
        yield World(f"http://{host}:{port}", session, core, outputs, people, tuner, preferences)


def guide_of(core: Core) -> GuideBook:
    """The guide room's reading part."""
    dummies = Dummies(sources=SourceStore(), guided=GuidedStore())
    return GuideBook(
        db=core.db,
        pages=PageStore(),
        guided=GuidedStore(),
        dummies=dummies,
    )


def _dialects(core: Core, outputs: Outputs, people: People, tuner: FakeTuner) -> list[Any]:
    return [
        playlists.dialect(outputs, people=people, identity=core.identity),
        xtream.dialect(outputs, people=people, tuner=tuner, clock=core.clock, identity=core.identity),
    ]


def attribute_values(text: str, name: str) -> Sequence[str]:
    """The values of an attribute, in order, as they stand there."""
    return [part.partition('"')[0] for part in text.split(f'{name}="')[1:]]

"""A relay on a fresh database behind a real socket, and a provider that can be told to misbehave."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp

from polycast.core.clock import SystemClock
from polycast.core.errors import NotSignedIn
from polycast.core.events.model import Event
from polycast.core.identity.caller import SYSTEM, Caller, Credential, Policy
from polycast.core.ids import RandomIds
from polycast.core.media import open_media
from polycast.core.media.ts import NULL_PACKET, PACKET
from polycast.core.net import listen, open_net
from polycast.core.processes import Processes, Tools
from polycast.core.secrets import Secrets, Tokens, open_keys
from polycast.core.settings import NetSettings
from polycast.core.storage import Branch, Database, Unit
from polycast.front.app import Front
from polycast.front.peers import Peers
from polycast.front.protocol import Doorkeeper, Patience
from polycast.front.serve import serving
from polycast.live.dialects.streams.app import streams_dialect
from polycast.live.outputs.access import Endpoint
from polycast.live.people.model import Person
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore
from polycast.live.relay.room import Relay
from polycast.live.sources.ports import NoChannels, NothingAfter
from polycast.live.sources.room import Sources
from polycast.live.tables import (
    METADATA,
    account_profiles,
    accounts,
    channel_streams,
    channels,
    output_profiles,
    server_groups,
    slots,
    stream_profiles,
    streams,
)
from tests.engines import SQLITE, Kept, opened
from tests.fakes.transmitter import Transmitter, transmitting

MIGRATIONS = Path(__file__).parents[3] / "src/polycast/live/migrations"


class Heard:
    """Remembers what is told."""

    def __init__(self) -> None:
        self.told: list[Event] = []

    def tell(self, event: Event) -> None:
        self.told.append(event)


class Everybody:
    """Identity and people of a server where requests say who they are: `?as=7`."""

    def __init__(self) -> None:
        self.limits: dict[int, int] = {}
        self.is_open = True

    async def authenticate(self, scope: Any, policy: Policy) -> Caller:
        query = scope["query_string"].decode()
        user = next((int(part[3:]) for part in query.split("&") if part.startswith("as=")), None)
        if user == 1:
            return Caller(
                user_id=1, username="root", scopes=SYSTEM.scopes, credential=Credential.SESSION, address="127.0.0.1"
            )
        if policy.scope is not None:
            raise NotSignedIn
        credential = Credential.NONE if user is None else Credential.SESSION
        return Caller(user_id=user, username=f"user{user or ''}", credential=credential, address="127.0.0.1")

    async def admits(self, endpoint: Endpoint, caller: Caller) -> bool:
        return self.is_open

    async def get(self, user_id: int) -> Person:
        return Person(user_id=user_id)

    async def stream_limits(self, user_ids: list[int]) -> dict[int, int]:
        return {one: self.limits.get(one, 0) for one in user_ids}


class Viewer:
    """A player: an open answer and what it has got."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.body = bytearray()

    async def take(self, size: int) -> bytes:
        """Read until `size` bytes more have come."""
        wanted = len(self.body) + size
        while len(self.body) < wanted:
            chunk = await self.response.content.readany()
            assert chunk, "the stream has ended"
            self.body += chunk
        return bytes(self.body)

    async def until(self, mark: bytes) -> None:
        """Read until `mark` has come again, not counting what was read before."""
        start = len(self.body)
        while mark not in self.body[max(0, start - PACKET) :]:
            chunk = await self.response.content.readany()
            assert chunk, "the stream has ended"
            self.body += chunk

    async def rest(self) -> bytes:
        """Read to the end."""
        while chunk := await self.response.content.readany():
            self.body += chunk
        return bytes(self.body)

    def pictures(self) -> bytes:
        """What was got, without the packets that only bridge an outage."""
        body = bytes(self.body)
        whole = [body[at : at + PACKET] for at in range(0, len(body) // PACKET * PACKET, PACKET)]
        return b"".join(packet for packet in whole if packet != NULL_PACKET)


class World:
    """The relay with short ways to what tests ask again and again."""

    def __init__(
        self, relay: Relay, *, db: Database, provider: Transmitter, heard: Heard, people: Everybody, prefs: Preferences
    ) -> None:
        self.relay = relay
        self.db = db
        self.provider = provider
        self.heard = heard
        self.people = people
        self.preferences = prefs
        self.url = ""
        self.http: aiohttp.ClientSession = None  # type: ignore[assignment]  # set once the server is up

    async def settings(self, **values: Any) -> None:
        await self.preferences.change(SYSTEM, "proxy_settings", values)

    async def account(self, *, max_streams: int = 0, server_group_id: int | None = None) -> int:
        """An account with a default profile; its id is the profile's too."""
        return await self.db.write(_account, max_streams, server_group_id)

    async def channel(self, *feeds: str, account: int | None = None, path: str = "{}.ts") -> str:
        """A channel with a stream for each feed, each of an account of its own unless one is given; its UUID."""
        found = str(uuid.uuid4())
        ids = [account or await self.account() for _ in feeds]
        urls = [f"{self.provider.base}/{path.format(feed)}" for feed in feeds]
        await self.db.write(_channel, found, list(zip(feeds, urls, ids, strict=True)))
        return found

    async def channel_at(
        self, *urls: str, stream_profile_id: int | None = None, is_custom: bool = False, account: int | None = None
    ) -> str:
        """A channel with a stream for each address; its UUID."""
        found = str(uuid.uuid4())
        feeds = [
            (url.partition("?")[0].rpartition("/")[2] or "feed", url, account or await self.account()) for url in urls
        ]
        await self.db.write(_channel, found, feeds, stream_profile_id, is_custom)
        return found

    async def server_group(self) -> int:
        """Accounts in it share the connections of equal logins."""
        return await self.db.write(lambda unit: unit.insert(server_groups, name="One provider"))

    async def options(self, channel: str, **values: Any) -> None:
        """Constants of the relay that differ for one channel."""
        statement = channels.update().where(channels.c.uuid == channel).values(relay_options=values)

        def write(unit: Unit) -> None:
            unit.execute(statement)

        await self.db.write(write)

    async def stream_profile(self, name: str, command: str = "", parameters: str = "") -> int:
        """The profile of that name; made when it has a command."""

        def made(unit: Unit) -> int:
            if command:
                return unit.insert(stream_profiles, name=name, command=command, parameters=parameters, is_active=True)
            return int(unit.execute(stream_profiles.select().where(stream_profiles.c.name == name)).one().id)

        return await self.db.write(made)

    async def output_profile(self, parameters: str) -> int:
        """A transcode before delivery."""
        row = {"name": "Small", "command": "ffmpeg", "parameters": parameters, "is_active": True}
        return await self.db.write(lambda unit: unit.insert(output_profiles, **row))

    @asynccontextmanager
    async def viewer(self, ref: str, query: str = "") -> AsyncIterator[Viewer]:
        """Somebody who watches for the length of the block."""
        async with self.http.get(f"{self.url}/proxy/ts/stream/{ref}{query}") as response:
            assert response.status == 200, await response.text()
            yield Viewer(response)

    async def used_slots(self) -> int:
        return await self.db.read(lambda unit: len(unit.execute(slots.select()).all()))

    async def written(self) -> None:
        """Until what was noted stands in the database."""
        await self.relay.journal.flush()

    async def quiet(self) -> None:
        """Until no channel runs."""
        while self.relay.relays.sessions:
            await asyncio.wait(list(self.relay.relays._tasks))


def _account(unit: Unit, max_streams: int, server_group_id: int | None) -> int:
    now = SystemClock().now()
    name = f"Account {uuid.uuid4().hex[:6]}"
    account_id = unit.insert(
        accounts,
        name=name,
        name_key=name.lower(),
        account_type="STD",
        max_streams=max_streams,
        server_group_id=server_group_id,
        custom_properties={},
        created_at=now,
        is_active=True,
    )
    unit.insert(
        account_profiles,
        account_id=account_id,
        name=f"{name} Default",
        max_streams=max_streams,
        is_default=True,
        is_active=True,
        search_pattern="^(.*)$",
        replace_pattern="$1",
        custom_properties={},
    )
    return account_id


def _channel(
    unit: Unit,
    found: str,
    feeds: list[tuple[str, str, int]],
    stream_profile_id: int | None = None,
    is_custom: bool = False,
) -> None:
    now = SystemClock().now()
    number = 1000 * (len(unit.execute(channels.select()).all()) + 1)
    channel_id = unit.insert(
        channels,
        uuid=found,
        name="News",
        eff_name="News",
        eff_name_key="news",
        number=number,
        eff_number=number,
        created_at=now,
        updated_at=now,
    )
    for position, (name, url, account_id) in enumerate(feeds):
        stream_id = unit.insert(
            streams,
            account_id=account_id,
            name=name,
            url=url,
            hash=uuid.uuid4().bytes * 2,
            content_key=0,
            enabled=True,
            is_custom=is_custom,
            stream_profile_id=stream_profile_id,
            created_at=now,
            updated_at=now,
        )
        unit.insert(channel_streams, channel_id=channel_id, stream_id=stream_id, position=position)


@asynccontextmanager
async def relay_world(tmp_path: Path, *, patience: Patience | None = None) -> AsyncIterator[World]:
    """A new world with a running relay behind the real front door."""
    clock, heard, people, kept = SystemClock(), Heard(), Everybody(), Kept()
    async with AsyncExitStack() as stack:
        branch = Branch("live", MIGRATIONS)
        db = await stack.enter_async_context(opened(SQLITE, tmp_path, [branch], [METADATA], publisher=kept))
        net = await stack.enter_async_context(open_net(NetSettings(trusted_hosts=("127.0.0.1",)), clock))
        provider = await stack.enter_async_context(transmitting())
        media = await stack.enter_async_context(open_media(tmp_path / "media"))
        preferences = Preferences(db=db, store=SettingsStore())
        sources = Sources(
            db=db,
            secrets=Secrets(open_keys(tmp_path / "keys")),
            net=net,
            preferences=preferences,
            teller=heard,
            clock=clock,
            zone=ZoneInfo("UTC"),
            data_dir=tmp_path,
            after=NothingAfter(),
            channels=NoChannels(),
        )
        relay = Relay(
            db=db,
            net=net,
            processes=Processes(Tools()),
            media=media,
            preferences=preferences,
            upstreams=sources.upstreams,
            people=people,
            teller=heard,
            clock=clock,
            tokens=Tokens(open_keys(tmp_path / "keys"), clock),
            node="test:0",
        )
        world = World(relay, db=db, provider=provider, heard=heard, people=people, prefs=preferences)
        await stack.enter_async_context(_running(relay))
        await stack.enter_async_context(_served(world, people, patience or Patience()))
        yield world


@asynccontextmanager
async def _running(relay: Relay) -> AsyncIterator[None]:
    task = asyncio.ensure_future(relay.relays.run())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


@asynccontextmanager
async def _served(world: World, people: Everybody, patience: Patience) -> AsyncIterator[None]:
    peers = Peers(())
    relay = world.relay
    dialect = streams_dialect(
        relay.relays, relay.peers, identity=people, networks=people, clock=SystemClock(), node="test:0"
    )
    front = Front([dialect], clock=SystemClock(), ids=RandomIds(), peers=peers, pages=[])
    front.ready = True
    sockets = listen("127.0.0.1", 0)
    world.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    async with serving(front, sockets, doorkeeper=Doorkeeper(patience, trusts=peers.trusts)):
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60)) as session:
            world.http = session
            yield

"""A broadcaster on air, with music whose pitch tells which piece it is."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct
from sqlalchemy import insert, select, update

from polycast.core.identity.scopes import Role
from polycast.core.storage import Unit
from polycast.radio.engine.air import Airing
from polycast.radio.events import AccountChanged, ProgrammeChanged, StationChanged
from polycast.radio.tables import accounts, channels, djs, history, playlist_entries, playlists, stations, tracks
from tests.fakes.radio_sounds import write_tone
from tests.server import Server, running

PASSWORD = "source-pass-1"
DJ_PASSWORD = "dj-pass-1"


class Answer(Struct):
    """The head of an answer, and what came after it."""

    status: str
    headers: dict[str, str]
    body: bytes


class Ear:
    """A listener on a bare socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.status = ""
        self.headers: dict[str, str] = {}
        self.body = bytearray()

    async def read_head(self) -> None:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        self.status = head[0]
        self.headers = {
            name.strip().lower(): value.strip() for name, _, value in (one.partition(":") for one in head[1:] if one)
        }

    async def take(self, size: int) -> bytes:
        """So many bytes more."""
        found = await self.reader.readexactly(size)
        self.body += found
        return found

    async def rest(self) -> bytes:
        """Until the server hangs up."""
        with suppress(ConnectionResetError):
            while piece := await self.reader.read(65536):
                self.body += piece
        return bytes(self.body)

    async def for_seconds(self, seconds: float) -> bytes:
        """What comes within so long: listening takes as long as it sounds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.rest()
        return bytes(self.body)

    def close(self) -> None:
        self.writer.close()


class World:
    """One account with one station."""

    def __init__(self, server: Server, *, account_id: int, station_id: int, channel_id: int, port: int) -> None:
        self.server = server
        self.account_id = account_id
        self.station_id = station_id
        self.channel_id = channel_id
        self.port = port
        self.writers: list[asyncio.StreamWriter] = []
        self.core = server.house.core

    # Rows

    async def write(self, fn: Any, *values: Any) -> Any:
        return await self.core.db.write(fn, *values)

    async def set(self, table: Any, number: int, **values: Any) -> None:
        """Change a row as the panel would, and let the engine know."""

        def change(unit: Unit) -> None:
            unit.execute(update(table).where(table.c.id == number).values(**values))
            if table is accounts:
                unit.publish(AccountChanged(account_id=self.account_id))
            else:
                unit.publish(StationChanged(account_id=self.account_id, station_id=self.station_id))

        await self.write(change)
        await self.settled()

    async def settled(self) -> None:
        """What was published has reached the engine, and it has acted on it."""
        await self.core.events.idle()
        engine = self.engine
        await engine.settled()

    @property
    def engine(self) -> Any:
        for module in self.server.house.modules:
            if module.name == "radio":
                for daemon in module.daemons:
                    if daemon.name == "radio.engine":
                        return daemon.run.__self__  # type: ignore[attr-defined]
        raise AssertionError("no engine")

    @property
    def air(self) -> Airing:
        """The engine, as panels see it."""
        return Airing(self.engine, clock=self.core.clock)

    @property
    def station(self) -> Any:
        return self.engine.stations[self.station_id]

    async def add_track(
        self, hz: int, seconds: float = 8.0, *, title: str = "", author: str = "Lab", **more: Any
    ) -> int:
        """A tone in the library and in the default playlist; the announcement is `announce`'s."""
        name = f"{hz}.mp3"
        folder = (
            self.core.data_dir / "radio" / "accounts" / str(self.account_id) / "media" / f"Server_{self.station_id}"
        )
        await asyncio.to_thread(write_tone, folder / name, hz, seconds)
        now = datetime.now(UTC)

        def add(unit: Unit) -> int:
            values: dict[str, Any] = {
                "station_id": self.station_id,
                "path": name,
                "folder": "/",
                "filename": str(hz),
                "author": author,
                "title": title or f"Tone {hz}",
                "length_ms": round(seconds * 1000),
                "mtime": now,
                "added_at": now,
                "state": "ready",
                "audio_format": "mp3",
            }
            number = unit.insert(tracks, **(values | more))
            default = unit.execute(
                select(playlists.c.id).where(playlists.c.station_id == self.station_id, playlists.c.is_default)
            ).scalar_one()
            unit.execute(
                insert(playlist_entries).values(playlist_id=default, track_id=number, position=number, added_at=now)
            )
            return number

        return await self.write(add)

    async def announce(self) -> None:
        """The programme has changed."""

        def tell(unit: Unit) -> None:
            unit.publish(ProgrammeChanged(account_id=self.account_id, station_id=self.station_id))

        await self.write(tell)
        await self.settled()

    async def add_dj(self, name: str, *, port: int, priority: int = 5, password: str = DJ_PASSWORD, **more: Any) -> int:
        sealed = self.core.secrets.seal(password, context="radio.dj")

        def add(unit: Unit) -> int:
            values: dict[str, Any] = {
                "station_id": self.station_id,
                "name": name,
                "cat": "real",
                "port": port,
                "priority": priority,
                "meta_source": "stream",
                "password_sealed": sealed,
                "created_at": datetime.now(UTC),
                "buffer_ms": 500,
            }
            number = unit.insert(djs, **(values | more))
            unit.publish(StationChanged(account_id=self.account_id, station_id=self.station_id))
            return number

        number = await self.write(add)
        await self.settled()
        return number

    async def set_admin(self, password: str) -> None:
        """The channel's administrator gets a password."""
        sealed = self.core.secrets.seal(password, context="radio.channel")
        await self.set(channels, self.channel_id, admin_password_sealed=sealed)

    async def alone(self) -> None:
        """Return when nobody listens any more."""
        while (await self.get("/7.html")).body.split(b"<body>")[1][:2] != b"0,":
            pass

    async def played(self) -> list[str]:
        """Titles of the history, the oldest first."""
        await self.engine.journal.idle()

        def read(unit: Unit) -> list[str]:
            query = select(history.c.metadata).where(history.c.station_id == self.station_id).order_by(history.c.id)
            return [row.metadata for row in unit.execute(query)]

        return await self.core.db.read(read)

    # Sockets

    async def listen(
        self, path: str = "/stream", *, titles: bool = False, port: int | None = None, headers: Mapping[str, str] = {}
    ) -> Ear:
        """An open answer whose head was read."""
        reader, writer = await self.connect(port or self.port)
        more = {"Icy-MetaData": "1"} if titles else {}
        lines = [
            f"GET {path} HTTP/1.0",
            "Host: radio.test:8000",
            *(f"{k}: {v}" for k, v in {**more, **headers}.items()),
        ]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        ear = Ear(reader, writer)
        await ear.read_head()
        return ear

    async def connect(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        self.writers.append(writer)
        return reader, writer

    async def say(self, raw: bytes, *, port: int | None = None) -> bytes:
        """Bytes to a port; what it says until it hangs up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port or self.port)
        writer.write(raw)
        answer = bytearray()
        with suppress(ConnectionResetError):  # it hung up on what we were still sending
            while piece := await reader.read(65536):
                answer += piece
        writer.close()
        return bytes(answer)

    async def get(self, path: str, *, user: str = "", password: str = "", port: int | None = None) -> Answer:
        auth = (
            f"Authorization: Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}\r\n" if password else ""
        )
        raw = await self.say(f"GET {path} HTTP/1.0\r\nHost: radio.test:8000\r\n{auth}\r\n".encode(), port=port)
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        named = {k.strip().lower(): v.strip() for k, _, v in (one.partition(":") for one in lines[1:])}
        return Answer(lines[0], named, body)


@asynccontextmanager
async def on_air(tmp_path: Path, **fields: Any) -> AsyncIterator[World]:
    """A server with one broadcaster, made through the front door."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    first = 51_000 + 400 * (int(worker) % 30)  # ports of each test process's own
    ports = {"radio__port_pool_min": str(first), "radio__port_pool_max": str(first + 399)}
    ports |= {name: str(fields.pop(name)) for name in list(fields) if name.startswith("radio__")}
    async with running(tmp_path, **ports) as server:
        world = await broadcaster(server, "myradio", **fields)
        try:
            yield world
        finally:
            for writer in world.writers:  # also those of a test that failed
                writer.close()


async def broadcaster(server: Server, name: str, **fields: Any) -> World:
    admin = await server.client(Role.ADMIN, "root")
    values = {"username": name, "email": f"{name}@example.com", "password": "initpass", "limit_stations": 1}
    made = await admin.post("/api/v1/broadcasters/", json=values | fields)
    assert made.status == 201, made.body
    await server.idle()
    core = server.house.core

    def find(unit: Unit) -> tuple[int, int, int, int]:
        number = made.json()["pk"]
        station = unit.execute(select(stations.c.id).where(stations.c.account_id == number)).scalar_one()
        unit.execute(
            update(stations)
            .where(stations.c.id == station)
            .values(password_sealed=core.secrets.seal(PASSWORD, context="radio.station"), crossfade_mode="off")
        )
        channel = unit.execute(select(channels.c.id, channels.c.port).where(channels.c.station_id == station)).one()
        unit.publish(StationChanged(account_id=number, station_id=station))
        return number, station, channel.id, channel.port

    account_id, station_id, channel_id, port = await core.db.write(find)
    world = World(server, account_id=account_id, station_id=station_id, channel_id=channel_id, port=port)
    await world.settled()
    return world


async def until(ear: Ear, so: Callable[[], object], *, most_bytes: int = 2_000_000) -> None:
    """Listen on until something is so, for two minutes of sound: other programs start slowly on a busy machine."""
    end = len(ear.body) + most_bytes
    while not so():
        assert len(ear.body) < end, "it did not come about"
        await ear.take(500)


@asynccontextmanager
async def program(*argv: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A real client for the length of the block."""
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()

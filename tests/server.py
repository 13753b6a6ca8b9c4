"""The whole server in the test's own loop: the composition root of `polycast serve`, on a real socket.

    async with running(tmp_path) as server:
        answer = await server.get("/healthz")

Web process and worker share the loop and one memory; tests of the supervisor start the real command instead.
"""

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from polycast import app
from polycast.core.clock import Clock, SystemClock
from polycast.core.house import Boot, Circumstances
from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.keys.model import ApiKeyNew
from polycast.core.identity.scopes import Role
from polycast.core.identity.users.model import UserNew
from polycast.core.ids import RandomIds
from polycast.core.jobs import Worker
from polycast.core.log import Redactor
from polycast.core.net import listen

PASSWORD = "walnut-harbour-7"


class Answer(msgspec.Struct, frozen=True):
    """A finished answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    def text(self) -> str:
        return self.body.decode()


class Client:
    """Somebody who talks to the server; redirects are not followed."""

    def __init__(self, url: str, session: aiohttp.ClientSession, headers: Mapping[str, str]) -> None:
        self.url = url
        self.session = session
        self.headers = dict(headers)

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        headers = self.headers | dict(options.pop("headers", {}))
        async with self.session.request(
            method, self.url + path, headers=headers, allow_redirects=False, **options
        ) as got:
            return Answer(got.status, {k.lower(): v for k, v in got.headers.items()}, await got.read())

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.ask("GET", path, **options)

    async def post(self, path: str, json: Any = None, **options: Any) -> Answer:
        return await self.ask("POST", path, json=json, **options)

    async def put(self, path: str, json: Any = None, **options: Any) -> Answer:
        return await self.ask("PUT", path, json=json, **options)

    async def patch(self, path: str, json: Any = None, **options: Any) -> Answer:
        return await self.ask("PATCH", path, json=json, **options)

    async def delete(self, path: str, **options: Any) -> Answer:
        return await self.ask("DELETE", path, **options)


class Server(Client):
    """A running server, itself an anonymous client."""

    def __init__(self, url: str, session: aiohttp.ClientSession, house: app.House, worker: Worker) -> None:
        super().__init__(url, session, {})
        self.house = house
        self._worker = worker

    async def client(self, role: Role = Role.OWNER, name: str | None = None) -> Client:
        """A signed-in client with an API key of a user of `role`, made at the first asking."""
        name = name or role.value
        users, keys = self.house.core.identity.users, self.house.core.identity.keys
        found = await users.find(name)
        if found is None:
            found = await users.create(SYSTEM, UserNew(username=name, password=PASSWORD, role=role))
        made = await keys.create(SYSTEM, ApiKeyNew(name=f"test {name}"), user_id=found.id)
        return Client(self.url, self.session, {"X-API-Key": made.key})

    async def idle(self) -> None:
        """Return when no job waits or runs that is due, and every listener has handled all there is."""
        # A job publishes, a listener enqueues: what one round brings about, the next one waits for.
        for _ in range(3):
            await self._worker.idle()
            await self.house.core.events.idle()


@cache
def template() -> Path:
    """A data directory with an empty database of today's schema, made once a run and copied for each test."""
    folder = Path(tempfile.mkdtemp(prefix="polycast-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    app.prepare(boot_of(folder / "data"))
    return folder / "data"


def boot_of(data_dir: Path, **settings: str) -> Boot:
    """As the environment would say it: `port="0"`, `net__trusted_hosts="127.0.0.1"`."""
    environ = {f"POLYCAST_{name.upper()}": value for name, value in settings.items()}
    environ.setdefault("POLYCAST_NET__TRUSTED_HOSTS", "127.0.0.1")
    environ.setdefault("POLYCAST_BALLAST_BYTES", "0")
    environ.setdefault("POLYCAST_LIVE__DISCOVERY", "false")  # its ports are one for the whole machine
    return app.read_boot({"POLYCAST_DATA_DIR": str(data_dir), **environ}, toml=data_dir / "polycast.toml")


@asynccontextmanager
async def running(tmp_path: Path, *, clock: Clock | None = None, **settings: str) -> AsyncIterator[Server]:
    """The server for the length of the block, on a free port, with an empty database of its own."""
    boot = boot_of(tmp_path / "data", **settings)
    if "database_url" not in settings and not boot.storage.data_dir.exists():
        shutil.copytree(await asyncio.to_thread(template), boot.storage.data_dir)
    await asyncio.to_thread(app.prepare, boot)
    sockets = listen("127.0.0.1", 0)
    async with AsyncExitStack() as stack:
        restarts: list[None] = []
        here = Circumstances(
            is_web=True, clock=clock or SystemClock(), ids=RandomIds(), restart=lambda: restarts.append(None)
        )
        house = await stack.enter_async_context(app.open_house(boot, here))
        await stack.enter_async_context(app.running_web(house, sockets))
        worker = app.worker_of(house, Redactor(boot.known), number=0)
        await stack.enter_async_context(app.loops(worker.run))
        session = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        port = sockets[0].getsockname()[1]
        yield Server(f"http://127.0.0.1:{port}", session, house, worker)

"""Identity on a database of either engine, with a few users, for the tests of this room."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from polycast.core.events.model import Event
from polycast.core.identity.caller import SYSTEM, Caller
from polycast.core.identity.scopes import Role
from polycast.core.identity.service import Identity
from polycast.core.identity.tables import METADATA
from polycast.core.identity.users.model import User, UserNew
from polycast.core.ids import RandomIds
from polycast.core.secrets import Secrets, Tokens, open_keys
from polycast.core.storage import Database
from tests.engines import Kept, opened
from tests.fakes.clock import FakeClock

PASSWORD = "correct horse 7 battery"
HERE = "192.0.2.10"


class House(Struct, kw_only=True):
    """What a test of identity needs."""

    db: Database
    identity: Identity
    clock: FakeClock
    kept: Kept
    tokens: Tokens
    engine: str

    def published(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.kept.events if isinstance(event, kind)]

    async def user(self, username: str, role: Role = Role.MEMBER, **more: Any) -> User:
        return await self.identity.users.create(
            SYSTEM, UserNew(username=username, password=PASSWORD, role=role, **more)
        )

    async def signed_in(self, username: str, *, kind: str = "ui") -> tuple[str, Caller]:
        """The token of a new session, and the caller that it makes."""
        done = await self.identity.sign_in(username, PASSWORD, kind=kind, address=HERE)
        return done.token, await self.identity.authenticate_token(done.token, address=HERE)


@asynccontextmanager
async def house(engine: str, tmp_path: Path) -> AsyncIterator[House]:
    clock, kept = FakeClock(), Kept()
    keys = open_keys(tmp_path / "data")
    tokens = Tokens(keys, clock)
    async with opened(engine, tmp_path, metadatas=[METADATA], publisher=kept) as db:
        identity = Identity(
            db=db,
            secrets=Secrets(keys),
            tokens=tokens,
            clock=clock,
            ids=RandomIds(),
            reserved=lambda: frozenset({"live", "api"}),
            public_url=lambda: "https://tv.example.org",
        )
        yield House(db=db, identity=identity, clock=clock, kept=kept, tokens=tokens, engine=engine)
        identity.close()


def scope(
    path: str = "/api/x", *, method: str = "GET", query: str = "", address: str = HERE, kind: str = "http",
    state: dict[str, Any] | None = None, **headers: str,
) -> dict[str, Any]:  # fmt: skip
    """An ASGI scope; header names with `_` for `-`."""
    sent = {"host": "tv.local:8000"} | {name.replace("_", "-"): value for name, value in headers.items()}
    found: dict[str, Any] = {
        "type": kind,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": (address, 50000),
        "scheme": "http",
        "state": {} if state is None else state,
    }
    if kind == "http":
        found["method"] = method
    return found


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()

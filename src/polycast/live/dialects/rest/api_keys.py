"""`/api/accounts/api-keys/`: keys of devices and automations."""

from typing import Any

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Conflict
from polycast.core.http import Docs, Request, Route, get, post
from polycast.core.identity.caller import Caller
from polycast.core.identity.keys.model import ApiKey, ApiKeyNew
from polycast.core.identity.service import Identity
from polycast.live.dialects.rest.levels import SELF
from polycast.live.dialects.rest.users import KeyOut, UserOut
from polycast.live.dialects.rest.wire import Success
from polycast.live.people.members import Members

TAGS = Docs(tags=["accounts"])
MADE_BY = "live.rest"
MOST = 20  # of those made here, for one user: the original has one, and each device asks for its own


class Keys(Struct, frozen=True, kw_only=True):
    """The user's keys; `key` is null because none can be shown again."""

    key: str | None
    keys: list[KeyOut]


class Whose(Struct, frozen=True, kw_only=True):
    """Another user, for administrators."""

    user_id: int | None = None


class WhichKey(Struct, frozen=True, kw_only=True):
    """One key by its id, else all that were made here."""

    user_id: int | None = None
    id: int | None = None


class Generated(Struct, frozen=True, kw_only=True):
    """A new key, shown once."""

    key: str
    user: UserOut

    def __repr__(self) -> str:
        return "Generated()"


def routes() -> list[Route]:
    """Look, make, revoke."""
    return [many, generate, revoke]


@get("/api/accounts/api-keys/", policy=SELF, docs=TAGS)
async def many(caller: Caller, identity: Identity) -> Keys:
    """One's own keys."""
    return Keys(key=None, keys=[KeyOut.of(key) for key in await identity.keys.list(caller)])


@post("/api/accounts/api-keys/generate/", policy=SELF, sent=Whose, status=201, docs=TAGS)
async def generate(
    caller: Caller, sent: Whose, request: Request, identity: Identity, members: Members, clock: Clock
) -> Generated:
    """Make a key, named after the client; the longest unused goes when there are too many."""
    present = await _made_here(caller, sent.user_id, identity)
    for key in sorted(present, key=_last_used)[: max(0, len(present) - MOST + 1)]:
        await identity.keys.revoke(caller, key.id)
    agent = request.headers.get("user-agent", "") or "API"
    name = f"{agent[:80]} {clock.now():%Y-%m-%d}"
    made = await identity.keys.create(caller, ApiKeyNew(name=name, made_by=MADE_BY), user_id=sent.user_id)
    if made.row.user_id is None:
        raise Conflict("A key of the server has no keys of its own.")
    return Generated(key=made.key, user=UserOut.of(await members.get(caller, made.row.user_id)))


@post("/api/accounts/api-keys/revoke/", policy=SELF, sent=WhichKey, docs=TAGS)
async def revoke(caller: Caller, sent: WhichKey, identity: Identity) -> Success:
    """Revoke one key, or all that `generate/` made."""
    if sent.id is not None:
        await identity.keys.revoke(caller, sent.id)
        return Success()
    for key in await _made_here(caller, sent.user_id, identity):
        await identity.keys.revoke(caller, key.id)
    return Success()


async def _made_here(caller: Caller, user_id: int | None, identity: Identity) -> list[ApiKey]:
    return [key for key in await identity.keys.list(caller, user_id=user_id) if key.made_by == MADE_BY]


def _last_used(key: ApiKey) -> Any:
    return key.used_at or key.created_at

"""Settings, and the DVRs themselves. Source: specs/monitor.md 3.3, 3.6, 3.7."""

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from polycast.core.errors import Invalid, PolycastError
from polycast.core.http import Docs, Route, delete, get, patch, post
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.monitor.access.modes import API_KEY, Modes
from polycast.monitor.dialects.channelwatch import wire
from polycast.monitor.dialects.channelwatch.gate import ADMIN, OPERATOR, reads, writes
from polycast.monitor.preferences.checks import redacted_url
from polycast.monitor.preferences.model import SECRETS, Stored
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.servers.model import Server, ServerNew, ServerPatch
from polycast.monitor.servers.probing import Prober
from polycast.monitor.servers.service import Servers
from polycast.monitor.vault import MASK

TAGS = Docs(tags=["Settings"])
DVRS = Docs(tags=["DVRs"])
SOFT_LIMIT: Final = 10


class Saved(Struct, frozen=True, kw_only=True):
    message: str
    restarted: list[str]
    warnings: list[str]


class Probe(Struct, frozen=True, kw_only=True):
    host: str
    port: int = 8089
    api_key: str | None = None
    scheme: Literal["http", "https"] = "http"
    verify_tls: bool = True


@get("/api/settings", policy=reads(), docs=TAGS)
async def settings(book: PreferencesBook, servers: Servers, modes: Modes) -> dict[str, Any]:
    """The whole flat object, secrets masked."""
    return shown(await book.load(), await servers.all(), has_key=(await modes.now()).has_key)


@post("/api/settings", policy=writes(OPERATOR), sent=dict[str, Any], docs=TAGS)
async def save(caller: Caller, book: PreferencesBook, servers: Servers, db: Database, sent: dict[str, Any]) -> Saved:
    """Change what is sent, keep the rest; a mask keeps a secret."""
    cleared = [str(name) for name in sent.get("__clear") or [] if isinstance(name, str)]
    before = {server.dvr_id: server for server in await servers.all()}
    listed = sent.get("dvr_servers")
    wanted = _sent_servers(listed) if isinstance(listed, list) else None
    await book.change(caller, sent, clear=cleared)
    if wanted is not None:
        try:
            await db.write(_put_servers, servers, wanted)
        finally:
            servers.reread()
    after = await servers.active()
    restarted = [one.dvr_id for one in after if one.dvr_id in before and one.way != before[one.dvr_id].way]
    warnings = [f"{len(after)} DVRs are more than the recommended {SOFT_LIMIT}."] if len(after) > SOFT_LIMIT else []
    return Saved(message="Settings saved successfully", restarted=restarted, warnings=warnings)


@post("/api/regenerate-api-key", policy=writes(ADMIN), docs=TAGS)
async def regenerate(book: PreferencesBook, modes: Modes) -> dict[str, str]:
    """A new shared key, shown once."""
    key = await modes.renew_key()
    if not (await book.load()).known.auth_mode:
        await book.put(auth_mode=API_KEY)
    return {"api_key": key}


@get("/api/dvrs/archived", policy=reads(), docs=DVRS)
async def archived(servers: Servers) -> dict[str, Any]:
    """Soft-deleted DVRs."""
    return {
        "archived": [
            {
                "id": one.dvr_id,
                "name": one.shown_name,
                "host": one.host,
                "port": one.port,
                "enabled": one.enabled,
                "deleted_at": wire.stamp(one.deleted_at),
            }
            for one in await servers.archived()
        ]
    }


@post("/api/dvrs/{dvr_id}/soft-delete", policy=writes(ADMIN), docs=DVRS)
async def soft_delete(caller: Caller, servers: Servers, dvr_id: str) -> wire.Message:
    """Stop watching it, keep what it did."""
    await servers.archive(caller, dvr_id)
    return wire.Message(f"DVR '{dvr_id}' soft-deleted")


@post("/api/dvrs/{dvr_id}/restore", policy=writes(ADMIN), docs=DVRS)
async def restore(caller: Caller, servers: Servers, dvr_id: str) -> wire.Message:
    """Watch it again."""
    await servers.restore(caller, dvr_id)
    return wire.Message(f"DVR '{dvr_id}' restored")


@delete("/api/dvrs/{dvr_id}", policy=writes(ADMIN), docs=DVRS)
async def remove(caller: Caller, servers: Servers, dvr_id: str) -> wire.Message:
    """Gone, with all its history."""
    await servers.remove(caller, dvr_id)
    return wire.Message(f"DVR '{dvr_id}' permanently deleted")


@post("/api/v1/dvrs", policy=writes(OPERATOR), sent=ServerNew, status=201, docs=DVRS)
async def add(caller: Caller, servers: Servers, sent: ServerNew) -> dict[str, Any]:
    """Watch one more server."""
    return full(await servers.add(caller, sent))


@patch("/api/v1/dvrs/{dvr_id}", policy=writes(OPERATOR), sent=ServerPatch, docs=DVRS)
async def change(caller: Caller, servers: Servers, dvr_id: str, sent: ServerPatch) -> dict[str, Any]:
    """Change what is sent."""
    await servers.get(dvr_id)
    return full(await servers.change(caller, dvr_id, sent))


@delete("/api/v1/dvrs/{dvr_id}", policy=writes(ADMIN), docs=DVRS)
async def drop(caller: Caller, servers: Servers, dvr_id: str, hard: bool = False) -> wire.Message:
    """Archive it; with `hard=true` remove it with all its history."""
    await servers.get(dvr_id)
    if hard:
        await servers.remove(caller, dvr_id)
        return wire.Message(f"DVR '{dvr_id}' permanently deleted")
    await servers.archive(caller, dvr_id)
    return wire.Message(f"DVR '{dvr_id}' soft-deleted")


@post("/api/v1/dvrs/test-connection", policy=writes(OPERATOR), sent=Probe, docs=DVRS)
async def test_connection(prober: Prober, sent: Probe) -> dict[str, Any]:
    """Ask a server for its name and version; 200 whatever comes of it."""
    host = prober.check(sent.host, sent.port)
    try:
        status = await prober.ask(host, sent.port, sent.api_key, scheme=sent.scheme, verify_tls=sent.verify_tls)
    except PolycastError as error:
        return {"success": False, "error": error.message}
    return {"success": True, "name": status.name or host, "version": status.version}


def shown(stored: Stored, servers: list[Server], *, has_key: bool) -> dict[str, Any]:
    """The settings as they may be seen."""
    known: dict[str, Any] = msgspec.to_builtins(stored.known)
    for name in SECRETS:
        known[name] = MASK if known[name] else ""
    known["api_key"] = MASK if has_key else ""
    known["webhooks"] = [
        one | {"url": redacted_url(one["url"]), "secret": MASK if one["secret"] else ""} for one in known["webhooks"]
    ]
    known["heartbeat_targets"] = [redacted_url(one) for one in known["heartbeat_targets"]]
    return {**stored.unknown, **known, "dvr_servers": [full(one) for one in servers]}


def full(server: Server) -> dict[str, Any]:
    """A server with everything but its secret."""
    found: dict[str, Any] = {
        "id": server.dvr_id,
        "name": server.name,
        "host": server.host,
        "port": server.port,
        "enabled": server.enabled,
        "api_key": MASK if server.api_key else "",
        "overrides": dict(server.overrides),
        "provider": server.provider.value,
        "scheme": server.scheme,
        "verify_tls": server.verify_tls,
        "username": server.username,
        "group": server.group_name,
        "notes": server.notes,
    }
    if server.deleted_at is not None:
        found["deleted_at"] = wire.stamp(server.deleted_at)
    return found


FIELDS: Final[Mapping[str, str]] = {"group": "group_name"}
WRITABLE: Final = frozenset(ServerPatch.__struct_fields__)


def _sent_servers(sent: list[Any]) -> list[dict[str, Any]]:
    """Raises: Invalid, with the place of each that is no server."""
    found: list[dict[str, Any]] = []
    places: set[tuple[str, int]] = set()
    for index, one in enumerate(sent):
        if not isinstance(one, dict) or not isinstance(one.get("host"), str):
            raise Invalid.one(f"dvr_servers.{index}.host", "required", "A DVR needs a host.")
        port = one.get("port", 8089)
        try:
            port = int(port)
        except (TypeError, ValueError) as error:
            raise Invalid.one(f"dvr_servers.{index}.port", "not_an_integer", "A port is a number.") from error
        place = (one["host"].strip().lower(), port)
        if not one.get("deleted_at") and place in places:
            raise Invalid.one(f"dvr_servers.{index}.host", "unique", "This DVR is listed twice.")
        places.add(place)
        found.append({**one, "port": port})
    return found


def _put_servers(unit: Unit, servers: Servers, wanted: list[dict[str, Any]]) -> None:
    """The posted list: new ones are added, missing ones removed (their history stays), archived ones kept."""
    known = {server.dvr_id: server for server in servers.all_in(unit)}
    places = {(server.host.lower(), server.port): server for server in known.values()}
    order: list[str] = []
    for one in wanted:
        found = known.get(str(one.get("id") or "")) or places.get((one["host"].strip("[] ").lower(), one["port"]))
        values = {FIELDS.get(name, name): value for name, value in one.items() if FIELDS.get(name, name) in WRITABLE}
        if not values.get("api_key"):
            values.pop("api_key", None)
        try:
            if found is None:
                new = msgspec.convert({**values, "provider": one.get("provider", "channels")}, ServerNew, strict=False)
                order.append(servers.add_in(unit, new).dvr_id)
            elif found.deleted_at is None:
                servers.change_in(unit, found.dvr_id, msgspec.convert(values, ServerPatch, strict=False))
                order.append(found.dvr_id)
        except msgspec.ValidationError as error:
            raise Invalid.one("dvr_servers", "invalid", str(error)) from error
    for server in known.values():
        if server.deleted_at is None and server.dvr_id not in order:
            servers.remove_in(unit, server.dvr_id, with_history=False)
    servers.order_in(unit, order)


def routes() -> list[Route]:
    """For the dialect."""
    return [
        settings, save, regenerate, archived, soft_delete, restore, remove, add, change, drop, test_connection,
    ]  # fmt: skip

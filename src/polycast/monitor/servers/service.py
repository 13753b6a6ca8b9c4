"""Which servers are watched, and the rules for adding, archiving and removing them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from msgspec import UNSET, structs

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.net import HostList
from polycast.core.secrets import is_mask
from polycast.core.storage import Database, Unit, clean
from polycast.monitor.servers.model import (
    KEPT_ARCHIVED,
    PORTS,
    Provider,
    Server,
    ServerNew,
    ServerPatch,
    ServersChanged,
    dvr_id_of,
)
from polycast.monitor.servers.store import ServerStore
from polycast.monitor.servers.targets import check_target
from polycast.monitor.vault import Vault

T = TypeVar("T")
P = ParamSpec("P")
Forget = Callable[[Unit, str], None]  # drops all that other rooms keep of a server


class Servers:
    """The watched servers. `trusted` are the hosts of the settings that may be loopback."""

    def __init__(
        self,
        *,
        db: Database,
        store: ServerStore,
        vault: Vault,
        clock: Clock,
        trusted: Callable[[], HostList],
        forget: Forget,
    ) -> None:
        self._db = db
        self._store = store
        self._vault = vault
        self._clock = clock
        self._trusted = trusted
        self._forget = forget
        self._kept: list[Server] | None = None
        self._changes = 0  # how often somebody changed them
        self._read_at = -1  # how often they had been changed when they were read

    async def all(self) -> list[Server]:
        """Every server, archived ones too, from memory once read; `reread` forgets."""
        while self._kept is None or self._read_at != self._changes:
            changes = self._changes
            self._kept = await self._db.read(self._store.all)
            self._read_at = changes
        return self._kept

    @property
    def known(self) -> list[Server]:
        """Those that are not archived, as last read: for those who cannot wait."""
        return [server for server in self._kept or [] if server.deleted_at is None]

    async def active(self) -> list[Server]:
        """Those that are not archived, in the order of the settings."""
        return [server for server in await self.all() if server.deleted_at is None]

    async def archived(self) -> list[Server]:
        return [server for server in await self.all() if server.deleted_at is not None]

    async def get(self, dvr_id: str) -> Server:
        """One that is not archived. Raises: NotFound."""
        for server in await self.active():
            if server.dvr_id == dvr_id:
                return server
        raise NotFound(f"DVR '{dvr_id}'")

    def reread(self) -> None:
        """Somebody changed them, here or in another process."""
        self._changes += 1

    def key_of(self, server: Server) -> str:
        """The secret to be sent to it; empty when there is none."""
        return self._vault.open(server.api_key)

    def are_keys_sealed(self, servers: list[Server]) -> bool:
        """Whether every stored key is encrypted, judged on the stored form."""
        return all(self._vault.is_sealed(server.api_key) for server in servers if server.api_key)

    async def add(self, caller: Caller, new: ServerNew) -> Server:
        """Watch a server. Raises: BadTarget; Invalid ("unique"), when one is watched at this place already."""
        caller.require(Scope.MONITOR_WRITE)
        return await self._write(self.add_in, new)

    async def change(self, caller: Caller, dvr_id: str, patch: ServerPatch) -> Server:
        """Raises: NotFound; BadTarget; Invalid."""
        caller.require(Scope.MONITOR_WRITE)
        return await self._write(self.change_in, dvr_id, patch)

    async def archive(self, caller: Caller, dvr_id: str) -> None:
        """Stop watching it, keep its history. Raises: NotFound; Conflict ("deleted")."""
        caller.require(Scope.MONITOR_ADMIN)
        await self._write(self._archive, dvr_id)

    async def restore(self, caller: Caller, dvr_id: str) -> None:
        """Watch an archived one again. Raises: NotFound; Conflict ("not_deleted"); Invalid."""
        caller.require(Scope.MONITOR_ADMIN)
        await self._write(self._restore, dvr_id)

    async def remove(self, caller: Caller, dvr_id: str) -> None:
        """Remove it with all its history. Raises: NotFound."""
        caller.require(Scope.MONITOR_ADMIN)
        await self._write(self.remove_in, dvr_id)

    async def purge(self) -> int:
        """Remove what was archived 30 days ago; how many."""
        return await self._write(self._purge)

    async def _write(self, fn: Callable[Concatenate[Unit, P], T], *args: P.args, **named: P.kwargs) -> T:
        try:
            return await self._db.write(fn, *args, **named)
        finally:
            self.reread()

    def add_in(self, unit: Unit, new: ServerNew, *, dvr_id: str = "", deleted_at: datetime | None = None) -> Server:
        """`add` within a bigger transaction, without the question of right.

        `dvr_id` and `deleted_at` are those of a server that comes back from a backup.
        """
        if new.provider is Provider.POLYCAST:
            raise Invalid.one("provider", "not_a_choice", "This server's own live TV is watched from within.")
        check_scheme(new.scheme)
        port = new.port or PORTS[new.provider]
        host = check_target(new.host, port, trusted=self._trusted())
        if deleted_at is None:
            self._check_free(unit, host, port)
        now, dvr_id = self._clock.now(), dvr_id or dvr_id_of(host, port)
        if self._store.get(unit, dvr_id) is not None:  # archived, or moved away from this place since
            raise Invalid.one("host", "unique", "There is an archived server of this address; restore or delete it.")
        values = structs.asdict(new) | {
            "dvr_id": dvr_id,
            "host": host,
            "port": port,
            "name": clean(new.name, 120),
            "provider": new.provider.value,
            "overrides": dict(new.overrides),
            "api_key": self._vault.seal(new.api_key),
            "created_at": now,
            "updated_at": now,
            "deleted_at": deleted_at,
        }
        self._store.insert(unit, values)
        unit.publish(ServersChanged(dvr_id=dvr_id, change="added"))
        return self.require_in(unit, dvr_id)

    def change_in(self, unit: Unit, dvr_id: str, patch: ServerPatch) -> Server:
        """`change` within a bigger transaction."""
        before = self.require_in(unit, dvr_id)
        values: dict[str, Any] = {name: value for name, value in structs.asdict(patch).items() if value is not UNSET}
        if is_mask(values.get("api_key")):
            del values["api_key"]
        if "api_key" in values:
            values["api_key"] = self._vault.seal(values["api_key"])
        check_scheme(values.get("scheme", before.scheme))
        if "name" in values:
            values["name"] = clean(values["name"], 120)
        host, port = values.get("host", before.host), values.get("port", before.port)
        if (host, port) != (before.host, before.port):
            values["host"] = check_target(host, port, trusted=self._trusted())
            self._check_free(unit, values["host"], port, but=dvr_id)
        kept = {name: value for name, value in values.items() if value != getattr(before, name)}
        if kept:
            self._store.update(unit, dvr_id, {**kept, "updated_at": self._clock.now()})
            unit.publish(ServersChanged(dvr_id=dvr_id, change="changed"))
        return self.require_in(unit, dvr_id)

    def require_in(self, unit: Unit, dvr_id: str) -> Server:
        """Archived or not. Raises: NotFound."""
        found = self._store.get(unit, dvr_id)
        if found is None:
            raise NotFound(f"DVR '{dvr_id}'")
        return found

    def remove_in(self, unit: Unit, dvr_id: str, *, with_history: bool = True) -> None:
        """`remove` within a bigger transaction; the settings' list drops a server but keeps what it did."""
        self.require_in(unit, dvr_id)
        self._store.delete(unit, dvr_id)
        if with_history:
            self._forget(unit, dvr_id)
        unit.publish(ServersChanged(dvr_id=dvr_id, change="removed"))

    def all_in(self, unit: Unit) -> list[Server]:
        """Every row, in `unit`."""
        return self._store.all(unit)

    def order_in(self, unit: Unit, dvr_ids: list[str]) -> None:
        """Put them in this order."""
        self._store.order(unit, dvr_ids)

    def _archive(self, unit: Unit, dvr_id: str) -> None:
        if self.require_in(unit, dvr_id).deleted_at is not None:
            raise Conflict(f"DVR '{dvr_id}' is already deleted", reason="deleted")
        self._store.update(unit, dvr_id, {"deleted_at": self._clock.now()})
        unit.publish(ServersChanged(dvr_id=dvr_id, change="archived"))

    def _restore(self, unit: Unit, dvr_id: str) -> None:
        found = self.require_in(unit, dvr_id)
        if found.deleted_at is None:
            raise Conflict(f"DVR '{dvr_id}' is not deleted", reason="not_deleted")
        self._check_free(unit, found.host, found.port)
        self._store.update(unit, dvr_id, {"deleted_at": None})
        unit.publish(ServersChanged(dvr_id=dvr_id, change="restored"))

    def _purge(self, unit: Unit) -> int:
        gone = self._store.archived_before(unit, self._clock.now() - KEPT_ARCHIVED)
        for dvr_id in gone:
            self.remove_in(unit, dvr_id)
        return len(gone)

    def _check_free(self, unit: Unit, host: str, port: int, *, but: str = "") -> None:
        other = self._store.at(unit, host, port)
        if other is not None and other.dvr_id != but:
            raise Invalid.one("host", "unique", "This server is watched already.")


def check_scheme(scheme: str) -> None:
    """Raises: Invalid."""
    if scheme not in ("http", "https"):
        raise Invalid.one("scheme", "not_a_choice", "http or https.")


def from_environment(servers: str, host: str, port: int, name: str) -> list[ServerNew]:
    """What `CHANNELS_DVR_SERVERS` (`Name@host:port,...`) and the older single names say; what is no place is left out."""
    found: list[ServerNew] = []
    for entry in filter(None, map(str.strip, servers.split(","))):
        label, at, place = entry.rpartition("@")
        where, colon, digits = place.rpartition(":")
        if colon and digits.isdecimal() and not where.endswith(":"):
            found.append(ServerNew(host=where, port=int(digits), name=label if at else ""))
        elif place:
            found.append(ServerNew(host=place, name=label if at else ""))
    if host:
        found.append(ServerNew(host=host, port=port, name=name))
    return found


def merged(servers: list[Server], wanted: list[ServerNew]) -> list[ServerNew]:
    """Those of `wanted` that are not there yet, by id."""
    known = {server.dvr_id for server in servers} | {dvr_id_of(server.host, server.port) for server in servers}
    return [new for new in wanted if dvr_id_of(new.host.strip("[]"), new.port or PORTS[Provider.CHANNELS]) not in known]


def public(server: Server) -> Mapping[str, object]:
    """The five fields that every list of servers has."""
    return {
        "id": server.dvr_id,
        "name": server.shown_name,
        "host": server.host,
        "port": server.port,
        "enabled": server.enabled,
    }

"""An archive becomes an account, under new keys and ports where the old ones are taken."""

import base64
import binascii
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, Problem
from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.scopes import Role
from polycast.core.identity.service import Identity
from polycast.core.identity.users.model import UserNew, UserPatch, UserReady
from polycast.core.jobs import Run
from polycast.core.secrets import Secrets, Unsealable
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.model import MB, Account, Kind, Ports, Status
from polycast.radio.accounts.ports import Caps, PortPool
from polycast.radio.accounts.rules import EMAIL, USERNAME, port_problems
from polycast.radio.accounts.store import AccountStore
from polycast.radio.events import AccountChanged, AccountResumed, StationChanged, StationRemoved
from polycast.radio.lifecycle.service import make_folders
from polycast.radio.saves.model import Manifest, Saved
from polycast.radio.saves.reading import move_files, read_save
from polycast.radio.saves.store_rows import KEPT, SEALED, RowStore
from polycast.radio.stations.making import SLUG, Making
from polycast.radio.stations.store import StationStore

PASSWORD: Final = "radio.password"  # noqa: S105 # what a sealed value is for
CONTEXTS: Final = {"stations": "radio.station", "channels": "radio.channel", "djs": "radio.dj"}


class Restoring:
    """Puts checked archives into place: rows in one commit, then files, then on air."""

    def __init__(  # it makes whole accounts
        self, *, db: Database, store: AccountStore, stations: StationStore, rows: RowStore, making: Making,
        pool: PortPool, caps: Caps, identity: Identity, secrets: Secrets, clock: Clock,
        data_dir: Path,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._stations = stations
        self._rows = rows
        self._making = making
        self._pool = pool
        self._caps = caps
        self._identity = identity
        self._secrets = secrets
        self._clock = clock
        self._root = data_dir / "radio"

    async def restore(self, archive: Path, run: Run, *, overwrite: bool, only: Account | None) -> int:
        """The key of the restored account. `only`: no other's archive will do.

        Raises: BadArchive, TooLarge; Invalid; Conflict, when there is such an account and it may not be overwritten.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        staging = Path(await run.thread(_staging, self._root))
        try:
            manifest, saved = await run.thread(read_save, archive, staging)
            if only is not None and saved.account.username != only.username:
                raise Invalid([Problem("file", "of_another_account")])
            blocks = await self._pool.free()
            account_id, stations = await self._db.write(self._put, manifest, saved, blocks, overwrite)
            folder = self._root / "accounts" / str(account_id)
            await run.thread(make_folders, folder)
            if not manifest.quick:
                await run.thread(move_files, staging, folder, stations)
            await self._db.write(self._go, account_id, saved.account.status)
        finally:
            await run.thread(_drop, staging)
        return account_id

    def _put(
        self, unit: Unit, manifest: Manifest, saved: Saved, blocks: Sequence[Ports], overwrite: bool
    ) -> tuple[int, dict[int, int]]:
        before = self._store.by_username(unit, saved.account.username)
        values = {name: value for name, value in saved.account.values.items() if name in KEPT}
        limit, size = int(values.get("limit_du") or 0) * MB, manifest.bytes
        if limit and size > limit:
            raise Invalid([Problem("non_field_errors", "disk_quota_exceeded")])
        if before is not None and (before.kind is not Kind.BROADCASTER or not overwrite):
            raise Conflict("There is such an account already.", reason="exists")
        if before is not None:
            account_id = before.id
            for station in self._stations.of_account(unit, account_id):
                unit.publish(StationRemoved(account_id=account_id, station_id=station.id))
            self._rows.drop_stations(unit, account_id)
            self._store.update(unit, account_id, **values, status=Status.BEING_CREATED.value)
        else:
            account_id = self._new(unit, saved, values, blocks)
        account = self._store.get(unit, account_id)
        if account is None:
            raise LookupError("a row just added is not there")
        self._reseal(saved)
        self._move_ports(unit, account, saved)
        self._free_slugs(unit, saved)
        keys = self._rows.write(unit, account_id, saved.rows)
        self._store.note(unit, account_id, "restored", manifest.created.isoformat(), at=self._clock.now())
        return account_id, keys["stations"]

    def _new(self, unit: Unit, saved: Saved, values: dict[str, Any], blocks: Sequence[Ports]) -> int:
        one = saved.account
        if not USERNAME.fullmatch(one.username) or (one.email and not EMAIL.fullmatch(one.email)):
            raise Invalid([Problem("username", "invalid")])
        if self._store.is_taken(unit, one.username):
            raise Conflict("There is such a user already.", reason="exists")
        if self._caps.is_full(unit, self._store.broadcasters(unit)):
            raise Invalid([Problem("non_field_errors", "licence_no_more_stations")])
        others = self._store.blocks(unit)
        ports = next((b for b in blocks if not port_problems(
            panel=b.panel_port, channel=b.default_channel_port, first=b.port_range_min, last=b.port_range_max,
            others=others, used=())), None)  # fmt: skip
        if ports is None:
            raise Invalid([Problem("panel_port", "no_free_ports")])
        hashed = self._opened_hash(one.password_sealed)
        new = UserNew(username=one.username, name=one.first_name, role=Role.BROADCASTER)
        user = self._identity.users.add_in(unit, UserReady(new=new, password_hash=hashed), by=SYSTEM)
        self._identity.users.update_in(unit, user.id, UserPatch(tenant_id=user.id), by=SYSTEM)
        self._store.insert(
            unit,
            user.id,
            kind=Kind.BROADCASTER.value,
            email=one.email,
            email_key=one.email.lower(),
            status=Status.BEING_CREATED.value,
            status_error="restoring",  # the sweep leaves it alone until the files are in place
            panel_port=ports.panel_port,
            default_channel_port=ports.default_channel_port,
            port_range_min=ports.port_range_min,
            port_range_max=ports.port_range_max,
            joined_at=self._clock.now(),
            **values,
        )
        return user.id

    def _opened_hash(self, sealed: str) -> str | None:
        """None when another machine has sealed it: the owner then asks for a new password by mail."""
        try:
            return self._secrets.open(base64.b64decode(sealed, validate=True), context=PASSWORD) if sealed else None
        except (Unsealable, binascii.Error, ValueError):
            return None

    def _reseal(self, saved: Saved) -> None:
        """Passwords that this machine cannot open become new ones."""
        for part, rows in saved.rows.items():
            for row in rows:
                for column, context in SEALED.items():
                    if row.get(column):
                        row[column] = self._resealed(str(row[column]), context or CONTEXTS.get(part, ""))

    def _resealed(self, text: str, context: str) -> str:
        try:
            self._secrets.open(base64.b64decode(text, validate=True), context=context)
        except (Unsealable, binascii.Error, ValueError):
            fresh = self._secrets.seal(self._making.password(), context=context)
            return base64.b64encode(fresh).decode()
        return text

    def _move_ports(self, unit: Unit, account: Account, saved: Saved) -> None:
        """Channels and DJs keep their place within the block when the block is another."""
        ports, old = account.ports, saved.account.port_range_min
        moved = []
        for part in ("channels", "djs"):
            for row in saved.rows.get(part, []):
                if port := int(row.get("port") or 0):
                    at = ports.port_range_min + port - old
                    row["port"] = at if ports.port_range_min <= at < ports.port_range_max else 0
                    if row["port"] != port:
                        moved.append(f"{port} -> {row['port']}")
                if "ssl_port" in row:
                    row["ssl_port"] = 0
        if moved:
            self._store.note(unit, account.id, "ports_moved", ", ".join(moved), at=self._clock.now())

    def _free_slugs(self, unit: Unit, saved: Saved) -> None:
        for row in saved.rows.get("stations", []):
            slug = str(row.get("slug", ""))
            if not SLUG.fullmatch(slug) or self._stations.by_slug(unit, slug) is not None:
                row["slug"] = self._making.free_slug(unit, slug or saved.account.username)

    def _go(self, unit: Unit, account_id: int, status: int) -> None:
        silent = status == Status.SUSPENDED.value
        ends = Status.SUSPENDED if silent else Status.ACTIVE
        self._store.update(unit, account_id, status=ends.value, status_error="")
        unit.publish(AccountChanged(account_id=account_id))
        if not silent:
            unit.publish(AccountResumed(account_id=account_id))
        for station in self._stations.of_account(unit, account_id):
            unit.publish(StationChanged(account_id=account_id, station_id=station.id))


def _staging(root: Path) -> str:
    return tempfile.mkdtemp(prefix="restore-", dir=root)


def _drop(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)

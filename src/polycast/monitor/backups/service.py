"""Backups in the original's form: made from what is here, and taken over, also from an original's. In the web process.

What is live (who watches, what is recorded) is told by the servers themselves after a restore; it goes along for the
original's sake. Source: specs/monitor.md 4.10.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database
from polycast.monitor.backups.archive import read_archive, write_archive
from polycast.monitor.backups.model import Manifest
from polycast.monitor.backups.original_store import write_history
from polycast.monitor.backups.taking import Taken, Taking
from polycast.monitor.history.service import History
from polycast.monitor.preferences.model import SCHEMA_VERSION, SECRETS
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.servers.model import Server
from polycast.monitor.servers.service import Servers
from polycast.monitor.sessions.store import SessionStore
from polycast.monitor.vault import Vault

FOLDER: Final = "backups"
MOST_ROWS: Final = 40_000  # of history, the newest: a member may have 32 MiB. The server's own backup holds all.
KEPT: Final = 5  # snapshots from before a restore
WITH_SECRETS: Final = ("webhooks", "heartbeat_targets")


class Restored(Struct, frozen=True, kw_only=True):
    """What a restore came to."""

    message: str
    manifest: Manifest
    imported: Taken
    warnings: list[str]


class Backups:
    """Makes and takes archives; one restore at a time."""

    def __init__(
        self, *, folder: Path, db: Database, book: PreferencesBook, servers: Servers, history: History,
        sessions: SessionStore, taking: Taking, vault: Vault, clock: Clock,
    ) -> None:  # fmt: skip
        self._folder = folder / FOLDER
        self._db = db
        self._book = book
        self._servers = servers
        self._history = history
        self._sessions = sessions
        self._taking = taking
        self._vault = vault
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    @asynccontextmanager
    async def made(self, caller: Caller, *, passphrase: str = "") -> AsyncIterator[tuple[str, Path]]:
        """Name and place of a new archive, there for the length of the block. Secrets only with a passphrase."""
        caller.require(Scope.MONITOR_ADMIN)
        with tempfile.TemporaryDirectory(prefix="polycast-monitor-") as folder:
            stem = f"channelwatch_backup_{self._clock.now():%Y%m%dT%H%M%SZ}"
            place = Path(folder) / f"{stem}.zip"
            key = self._vault.path.read_bytes().strip() if passphrase and self._vault.is_safe else None
            await self._write(place, stem, sealed=key is not None, key=key, passphrase=passphrase)
            yield f"{stem}.zip", place

    async def restore(self, caller: Caller, source: Path, *, passphrase: str = "") -> Restored:
        """Take over all that an archive holds, or nothing. Raises: BadArchive; TooNew; NotAllowed."""
        caller.require(Scope.MONITOR_ADMIN)
        async with self._one_at_a_time:
            unpacked = await asyncio.to_thread(read_archive, source, passphrase=passphrase)
            await self._keep_what_is()
            taken, warnings = await self._taking.take(caller, unpacked)
        message = "Restore completed. Core process hot-reloaded."
        return Restored(message=message, manifest=unpacked.manifest, imported=taken, warnings=warnings)

    async def _keep_what_is(self) -> None:
        """A snapshot from before, with its secrets still sealed: their key never leaves its place."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stem = f"pre-restore.{self._clock.now():%Y%m%dT%H%M%S%fZ}"
        await self._write(self._folder / f"{stem}.zip", stem, sealed=True)
        for old in sorted(self._folder.glob("pre-restore.*.zip"))[:-KEPT]:
            old.unlink(missing_ok=True)

    async def _write(
        self, place: Path, stem: str, *, sealed: bool, key: bytes | None = None, passphrase: str = ""
    ) -> None:
        settings = await self._settings(sealed=sealed)
        states = await self._states()
        with tempfile.TemporaryDirectory(prefix="polycast-monitor-") as folder:
            database = Path(folder) / "channelwatch.db"
            rows = await self._history.recent(since=None, limit=MOST_ROWS)
            await asyncio.to_thread(write_history, database, rows)
            await asyncio.to_thread(
                write_archive, place, stem, settings=settings, states=states, database=database,
                created_at=self._clock.now().replace(microsecond=0).isoformat(), key=key, passphrase=passphrase,
            )  # fmt: skip

    async def _settings(self, *, sealed: bool) -> dict[str, Any]:
        found = await self._book.sealed_form()
        if not sealed:
            found = {name: value for name, value in found.items() if name not in (*SECRETS, *WITH_SECRETS)}
        rules = [{"name": one.name, "enabled": one.enabled, "body": one.body} for one in self._taking.rules.rules]
        servers = [_server(one, sealed=sealed) for one in await self._servers.all()]
        return {**found, "alert_rules": msgspec.to_builtins(rules), "dvr_servers": servers, "_version": SCHEMA_VERSION}

    async def _states(self) -> dict[str, Any]:
        found: dict[str, dict[str, Any]] = {}
        for one in await self._db.read(self._sessions.running):
            name = "".join(mark for mark in one.dvr_id if mark.isalnum() or mark in "_-")[:60]
            found.setdefault(name, {"sessions": {}})["sessions"][one.key] = {
                "kind": one.kind.value, "device": one.device, "ip": one.ip, "channel": one.channel_name,
                "title": one.title, "started_at": _iso(one.started_at), "last_update": _iso(one.seen_at),
            }  # fmt: skip
        return found


def _server(one: Server, *, sealed: bool) -> Mapping[str, Any]:
    shown: dict[str, Any] = {
        "id": one.dvr_id, "name": one.name, "host": one.host, "port": one.port, "enabled": one.enabled,
        "api_key": one.api_key if sealed else "", "overrides": dict(one.overrides), "provider": one.provider.value,
        "scheme": one.scheme, "verify_tls": one.verify_tls, "username": one.username, "group": one.group_name,
        "notes": one.notes,
    }  # fmt: skip
    return shown if one.deleted_at is None else {**shown, "deleted_at": _iso(one.deleted_at)}


def _iso(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()

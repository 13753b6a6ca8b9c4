"""Looks at another host, and brings an account's files over."""

import asyncio
import base64
import hashlib
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.files import UnsafePath, safe_path
from polycast.core.jobs import Run
from polycast.core.net import Outbound
from polycast.core.secrets import Secrets, Tokens
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.model import MB, Account, Kind
from polycast.radio.accounts.store import AccountStore
from polycast.radio.accounts.who import Who
from polycast.radio.company.store import ValueStore
from polycast.radio.library.model import ScanStation
from polycast.radio.migration.model import AT_ONCE, FOLDERS, HOME, MigrationFailed, RemoteFile, SshLogin
from polycast.radio.migration.store import HostStore
from polycast.radio.stations.store import StationStore

SFTP: Final = "polycast.radio.migration.sftp"  # asyncssh costs memory that nobody else needs
CONTEXT: Final = "radio.migration"


class Migrate(Struct, frozen=True):
    """Bring an account over; the login is sealed under this word until it is done."""

    word: str
    account_id: int


class _Known:
    """What is known of one host; a new key is kept for later."""

    def __init__(self, known: str | None, fingerprint: str) -> None:
        self._known = known
        self._fingerprint = fingerprint
        self.fresh = ""

    def accepts(self, host: str, port: int, key: str) -> bool:
        words = key.split()
        digest = hashlib.sha256(base64.b64decode(words[1])).digest()
        shown = "SHA256:" + base64.b64encode(digest).decode().rstrip("=")
        if self._fingerprint and self._fingerprint != shown:
            return False
        plain = " ".join(words[:2])
        if self._known is None:
            self.fresh = plain
        return self._known is None or self._known == plain


class Migrations:
    """Admins bring customers over from another machine."""

    def __init__(
        self, *, db: Database, store: AccountStore, stations: StationStore, hosts: HostStore, values: ValueStore,
        out: Outbound, secrets: Secrets, tokens: Tokens, clock: Clock, data_dir: Path,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._stations = stations
        self._hosts = hosts
        self._values = values
        self._out = out
        self._secrets = secrets
        self._tokens = tokens
        self._clock = clock
        self._root = data_dir / "radio" / "accounts"

    async def check(self, who: Who, login: SshLogin, fingerprint: str = "") -> None:
        """Whether an SFTP session opens. Raises: NotAllowed, but for admins; MigrationFailed."""
        who.require(Kind.ADMIN)
        known = await self._known(login, fingerprint)
        async with import_module(SFTP).session(self._out, login, known):
            await self._keep(login, known)

    async def transfer(self, who: Who, username: str, login: SshLogin) -> int:
        """Bring the files of an account here, now; how many came. Raises: NotFound; MigrationFailed; Invalid."""
        account = await self._account(who, username)
        return await self._transfer(account, login)

    async def begin(self, who: Who, username: str, login: SshLogin) -> int:
        """As `transfer`, as a job; its key."""
        account = await self._account(who, username)
        word = f"migration-{self._tokens.new()[:16]}"
        return await self._db.write(self._begin, word, account.id, login, who.id)

    def _begin(self, unit: Unit, word: str, account_id: int, login: SshLogin, by: int | None) -> int:
        sealed = self._secrets.seal(msgspec.json.encode(login).decode(), context=CONTEXT)
        self._values.seal(unit, word, sealed)
        return unit.enqueue("radio.migrate_account", Migrate(word=word, account_id=account_id), by=by)

    async def run(self, payload: Migrate, run: Run) -> None:
        """The job. The login is forgotten with its last attempt."""
        sealed = await self._db.read(self._values.sealed, payload.word)
        account = await self._db.read(self._store.get, payload.account_id)
        if sealed is None or account is None:
            return
        login = msgspec.json.decode(self._secrets.open(sealed, context=CONTEXT), type=SshLogin)
        await self._transfer(account, login)
        await self._db.write(self._values.seal, payload.word, None)

    async def _account(self, who: Who, username: str) -> Account:
        who.require(Kind.ADMIN)
        account = await self._db.read(self._store.by_username, username)
        if account is None or account.kind is not Kind.BROADCASTER:
            raise NotFound("The account")
        return account

    async def _known(self, login: SshLogin, fingerprint: str) -> _Known:
        return _Known(await self._db.read(self._hosts.key, login.host, login.port), fingerprint)

    async def _keep(self, login: SshLogin, known: _Known) -> None:
        if known.fresh:
            await self._db.write(self._hosts.keep, login.host, login.port, known.fresh, at=self._clock.now())

    async def _transfer(self, account: Account, login: SshLogin) -> int:
        known = await self._known(login, "")
        home, folder = f"{HOME}/{account.username}", self._root / str(account.id)
        async with import_module(SFTP).session(self._out, login, known) as remote:
            await self._keep(login, known)
            files = [
                file
                for name in FOLDERS
                if await remote.exists(f"{home}/{name}")
                async for file in remote.walk(home, name)
            ]
            places = await self._places(account, files)
            wanted = [(file, target) for file, target in places if not _is_equal(folder, target, file)]
            self._check_room(account, wanted)
            count = await self._fetch_all(remote, home, folder, wanted)
        await self._db.write(self._arrived, account.id)
        return count

    async def _fetch_all(self, remote: Any, home: str, folder: Path, wanted: list[tuple[RemoteFile, str]]) -> int:
        """Four at once, each in its own time."""
        waiting = iter(wanted)

        async def fetch() -> None:
            for file, target in waiting:
                await remote.fetch(f"{home}/{file.path}", safe_path(folder, target), file)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(AT_ONCE, len(wanted))):
                    group.create_task(fetch())
        except* MigrationFailed as failures:
            raise failures.exceptions[0] from failures
        except* UnsafePath as failures:
            raise MigrationFailed("sftp", "The other host names a file as no file may be named.") from failures
        return len(wanted)

    async def _places(self, account: Account, files: list[RemoteFile]) -> list[tuple[RemoteFile, str]]:
        """Where each file goes: the old host's first server is our first station, and so on."""
        stations = await self._db.read(self._stations.of_account, account.id)
        servers = sorted({old for file in files if (old := _server(file.path)) is not None})
        ours = (
            {old: stations[min(index, len(stations) - 1)].id for index, old in enumerate(servers)} if stations else {}
        )
        found = []
        for file in files:
            old = _server(file.path)
            if old is None:
                found.append((file, file.path))
            elif old in ours:
                rest = file.path.split("/", 2)[2]
                extra = f"Server_{old}/" if servers.index(old) >= len(stations) else ""
                found.append((file, f"media/Server_{ours[old]}/{extra}{rest}"))
        return found

    def _check_room(self, account: Account, wanted: list[tuple[RemoteFile, str]]) -> None:
        most, size = account.limits.limit_du * MB, sum(file.size_bytes for file, _ in wanted)
        if most and account.du_bytes + size > most:
            raise Invalid([Problem("non_field_errors", "disk_quota_exceeded")])

    def _arrived(self, unit: Unit, account_id: int) -> None:
        self._store.note(unit, account_id, "migrated", "", at=self._clock.now())
        for station in self._stations.of_account(unit, account_id):
            unit.enqueue("radio.scan_station", ScanStation(station_id=station.id))


def _server(path: str) -> int | None:
    words = path.split("/")
    number = words[1].removeprefix("Server_") if len(words) > 2 and words[0] == "media" else ""
    return int(number) if number.isdigit() and len(number) < 10 else None


def _is_equal(folder: Path, target: str, file: RemoteFile) -> bool:
    try:
        known = safe_path(folder, target).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return known.st_size == file.size_bytes and int(known.st_mtime) == file.mtime

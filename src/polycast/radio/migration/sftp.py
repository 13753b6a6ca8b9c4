"""One SFTP session over a judged socket. Source: draft-ietf-secsh-filexfer-02; imported only when it is needed."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import asyncssh

from polycast.core.errors import PolycastError
from polycast.core.net import Outbound
from polycast.radio.migration.model import LARGEST, PART, HostKeys, MigrationFailed, RemoteFile, SshLogin

LOGIN_S: Final = 15.0
KEEPALIVE_S: Final = 15.0
BLOCK: Final = 256 * 1024
DEPTH: Final = 12
MOST: Final = 200_000  # files


class _Client(asyncssh.SSHClient):
    """Judges the other host's key by what was seen before."""

    def __init__(self, login: SshLogin, keys: HostKeys) -> None:
        self._login = login
        self._keys = keys
        self.refused = False

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        text = key.export_public_key().decode().strip()
        self.refused = not self._keys.accepts(self._login.host, self._login.port, text)
        return not self.refused


class Session:
    """An open SFTP session."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def exists(self, path: str) -> bool:
        return bool(await self._client.exists(path))

    async def walk(self, root: str, folder: str) -> AsyncIterator[RemoteFile]:
        """Every regular file below `folder` of `root`; links are passed over."""
        waiting, count = [(folder, 0)], 0
        while waiting:
            here, depth = waiting.pop()
            for entry in await self._client.readdir(f"{root}/{here}"):
                name, known = str(entry.filename), entry.attrs
                if name in (".", "..") or "/" in name or known.permissions is None:
                    continue
                path = f"{here}/{name}"
                if stat.S_ISDIR(known.permissions) and depth < DEPTH:
                    waiting.append((path, depth + 1))
                elif stat.S_ISREG(known.permissions) and (known.size or 0) <= LARGEST:
                    count += 1
                    if count > MOST:
                        raise MigrationFailed("sftp", "There are more files than one account may have.")
                    yield RemoteFile(path=path, size_bytes=known.size or 0, mtime=int(known.mtime or 0))

    async def fetch(self, remote: str, target: Path, file: RemoteFile) -> None:
        """A file to `target`, going on where a part of it is; its time comes along."""
        part = Path(f"{target}{PART}")
        out, offset = await asyncio.to_thread(_opened, part, file.size_bytes)
        with out:
            async with self._client.open(remote, "rb") as source:
                while fresh := await source.read(BLOCK, offset):
                    await asyncio.to_thread(out.write, fresh)
                    offset += len(fresh)
                    if offset > LARGEST:
                        raise MigrationFailed("sftp", "A file grew while it was fetched.")
        await asyncio.to_thread(_finish, part, target, file.mtime)


def _opened(part: Path, size_bytes: int) -> tuple[BinaryIO, int]:
    """The part file, and how much of it is there already."""
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    start = part.stat().st_size if part.exists() else 0
    if start > size_bytes:
        start = 0
    return part.open("ab" if start else "wb"), start


def _finish(part: Path, target: Path, mtime: int) -> None:
    os.utime(part, (mtime, mtime))
    part.replace(target)


@asynccontextmanager
async def session(out: Outbound, login: SshLogin, keys: HostKeys) -> AsyncIterator[Session]:
    """An SFTP session for the length of the block. Raises: MigrationFailed."""
    judge = _Client(login, keys)
    async with AsyncExitStack() as stack:
        try:
            opened = await stack.enter_async_context(out.dialled(login.host, login.port))
            connection = await stack.enter_async_context(
                asyncssh.connect(
                    login.host,
                    login.port,
                    sock=opened,
                    username=login.username,
                    password=login.password,
                    client_factory=lambda: judge,
                    known_hosts=b"",
                    client_keys=None,
                    agent_path=None,
                    config=None,
                    preferred_auth="password,keyboard-interactive",
                    login_timeout=LOGIN_S,
                    keepalive_interval=KEEPALIVE_S,
                )
            )
        except asyncssh.PermissionDenied as error:
            raise MigrationFailed("auth", "The other host refuses this login.") from error
        except asyncssh.HostKeyNotVerifiable as error:
            raise MigrationFailed("hostkey", "The other host has another key than before.") from error
        except (asyncssh.Error, OSError, TimeoutError, PolycastError) as error:
            raise MigrationFailed(
                "hostkey" if judge.refused else "connect", "The other host does not answer."
            ) from error
        try:
            client = await stack.enter_async_context(connection.start_sftp_client())
        except (asyncssh.Error, OSError) as error:
            raise MigrationFailed("sftp", "The other host offers no SFTP.") from error
        try:
            yield Session(client)
        except (asyncssh.Error, OSError) as error:
            raise MigrationFailed("sftp", "The other host broke off.") from error

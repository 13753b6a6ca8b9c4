"""Another hosting machine on loopback: an SSH server that takes passwords and shows a folder by SFTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
from msgspec import Struct


class OldHost(Struct):
    """Where it is, and what it shows."""

    port: int
    root: Path
    fingerprint: str


class _Door(asyncssh.SSHServer):
    def __init__(self, users: dict[str, str]) -> None:
        self._users = users

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._users.get(username) == password


@asynccontextmanager
async def ssh_host(root: Path, /, *, port: int = 0, sftp: bool = True, **users: str) -> AsyncIterator[OldHost]:
    """For the length of the block; each time with another key."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.create_server(
        lambda: _Door(users),
        "127.0.0.1",
        port,
        server_host_keys=[key],
        sftp_factory=(lambda channel: asyncssh.SFTPServer(channel, chroot=str(root).encode())) if sftp else None,
    )
    try:
        yield OldHost(port=server.sockets[0].getsockname()[1], root=root, fingerprint=key.get_fingerprint())
    finally:
        server.close()
        await server.wait_closed()

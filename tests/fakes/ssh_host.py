"""Another hosting machine on loopback: an SSH server that takes passwords and shows a folder by SFTP.

`ssh_host` is asyncssh's own server; `openssh_host` is OpenSSH's sshd, which knows users of its own: it runs in a mount
namespace where other files stand at `/etc/passwd` and `/etc/shadow`, and the host's `var` at `/var`.
"""

import asyncio
import shlex
import socket
import subprocess
import sys
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


SSHD = """Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/key
PidFile none
UsePAM no
PasswordAuthentication yes
PermitRootLogin yes
KbdInteractiveAuthentication no
UseDNS no
StrictModes no
Subsystem sftp internal-sftp
"""


@asynccontextmanager
async def openssh_host(root: Path, /, **users: str) -> AsyncIterator[OldHost]:
    """For the length of the block. Root only: it makes a mount namespace; needs `sshd`, `unshare` and `openssl`."""
    (root / "var" / "users").mkdir(parents=True, exist_ok=True)
    folder = root / "sshd"
    folder.mkdir()
    key = asyncssh.generate_private_key("ssh-ed25519")
    (folder / "key").write_bytes(key.export_private_key())
    (folder / "key").chmod(0o600)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "config").write_text(SSHD.format(port=port, folder=folder))
    passwd, shadow = ["sshd:x:104:65534::/run/sshd:/usr/sbin/nologin"], ["sshd:*:19000:0:99999:7:::"]
    for number, (name, password) in enumerate(users.items()):
        hashed = await _output("openssl", "passwd", "-6", password)
        passwd.append(f"{name}:x:{0 if name == 'root' else 2000 + number}:0::/:/bin/sh")
        shadow.append(f"{name}:{hashed}:19000:0:99999:7:::")
    (folder / "passwd").write_text("\n".join(passwd) + "\n")
    (folder / "shadow").write_text("\n".join(shadow) + "\n")
    steps = [f"mount --bind {shlex.quote(str(folder / name))} /etc/{name}" for name in ("passwd", "shadow")]
    steps += ["mkdir -p /run/sshd", f"mount --bind {shlex.quote(str(root / 'var'))} /var"]
    steps.append(f"exec /usr/sbin/sshd -D -e -f {shlex.quote(str(folder / 'config'))}")
    server = await asyncio.create_subprocess_exec(
        "unshare", "--mount", "--propagation", "private", "sh", "-ec", "\n".join(steps), stderr=subprocess.PIPE
    )
    try:
        await _listens(port, server)
        yield OldHost(port=port, root=root, fingerprint=key.get_fingerprint())
    finally:
        if server.returncode is None:
            server.terminate()
        _, errors = await server.communicate()
        sys.stderr.write(errors.decode("utf-8", "replace"))  # shown by pytest when a test fails


async def _output(*words: str) -> str:
    process = await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE)
    output, _ = await process.communicate()
    return output.decode().strip()


async def _listens(port: int, server: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(30):
        while server.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)  # until it listens
                continue
            writer.close()
            return
    raise AssertionError("sshd has ended")

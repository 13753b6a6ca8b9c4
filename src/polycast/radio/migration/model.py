"""Bringing an account over from another host by SFTP."""

from typing import Final, Protocol

from msgspec import Struct

from polycast.core.errors import Unavailable

HOME: Final = "/var/users"
FOLDERS: Final = ("media", "jingles", "intro", "htdocs")
AT_ONCE: Final = 4  # files
LARGEST: Final = 10 * 1000**3  # bytes of one file
PART: Final = ".part"


class SshLogin(Struct, frozen=True, kw_only=True):
    """Where the old host is, and how to get in."""

    host: str
    port: int
    username: str
    password: str

    def __repr__(self) -> str:
        return f"SshLogin({self.host!r})"


class RemoteFile(Struct, frozen=True, kw_only=True):
    """A file on the old host."""

    path: str  # below the user's home, "media/Server_1/a.mp3"
    size_bytes: int
    mtime: int  # seconds since 1970


class MigrationFailed(Unavailable):
    """`reason`: "auth", "connect", "hostkey", "sftp"."""

    code = "migration_failed"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class HostKeys(Protocol):
    """The keys of hosts that were visited before."""

    def accepts(self, host: str, port: int, key: str) -> bool:
        """Whether this is the key that is known; a host that nobody has visited has none yet."""
        ...

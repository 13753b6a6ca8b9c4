"""Fernet with a key file of its own, for formats that other programs dictate. Source: the Fernet specification."""

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from polycast.core.secrets.seal import Unsealable


class FernetFile:
    """Seals texts with the key in `path`, made (0600) at first need. A file that others may read is refused."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def is_safe(self) -> bool:
        """Whether the file is there and nobody else's to read."""
        try:
            return self._path.stat().st_mode & 0o077 == 0
        except OSError:
            return False

    def seal(self, plain: str) -> str:
        """The token. Raises: Unsealable, when the key cannot be used."""
        return self._key().encrypt(plain.encode()).decode()

    def open(self, token: str) -> str:
        """The text. Raises: Unsealable."""
        return _opened(self._key(), token)

    def _key(self) -> Fernet:
        try:
            if not self._path.exists():
                self._make()
            if not self.is_safe:
                raise Unsealable("The key file may be read by others; make it readable by its owner alone (0600).")
            return Fernet(self._path.read_bytes().strip())
        except (OSError, ValueError) as error:
            raise Unsealable("The key file cannot be used.") from error

    def _make(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = self._path.with_suffix(f".{os.getpid()}.new")
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(handle, Fernet.generate_key())
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            os.link(made, self._path)  # another process may have been first: its key stands
        except FileExistsError:
            pass
        finally:
            made.unlink()


def fernet_opens(key: bytes, token: str) -> str:
    """Open `token` with a key that was given as bytes, such as an imported backup's. Raises: Unsealable."""
    try:
        return _opened(Fernet(key), token)
    except ValueError as error:
        raise Unsealable("This is no key.") from error


def _opened(key: Fernet, token: str) -> str:
    try:
        return key.decrypt(token.encode()).decode()
    except (InvalidToken, ValueError) as error:
        raise Unsealable("A stored secret cannot be opened with this key.") from error

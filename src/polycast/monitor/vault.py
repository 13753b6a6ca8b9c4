"""How the watch keeps secrets: as text that says itself that it is sealed, with a key file of its own.

The form is the original's (specs/monitor.md 2.9), so that its backups are read here and ours there.
"""

import re
from pathlib import Path
from typing import Final

from polycast.core.errors import Storage
from polycast.core.log import KnownSecrets
from polycast.core.secrets import FernetFile, Unsealable

PREFIX: Final = "fernet:"
KEY_FILE: Final = "encryption.key"
SHORTEST_PART: Final = 8
_PARTS: Final = re.compile(r"[/@?&=:,\s]+")
MASK: Final = "****"  # what the API shows instead


class Vault:
    """Seals and opens texts. What cannot be opened stays as it is and is never sent anywhere."""

    def __init__(self, folder: Path) -> None:
        self.known = KnownSecrets()  # what no line of the watch's own log may show
        self.path = folder / KEY_FILE
        self._folder = folder
        self._file = FernetFile(self.path)

    @property
    def is_safe(self) -> bool:
        """Whether the key file is there and nobody else's to read."""
        return self._file.is_safe

    def seal(self, plain: str) -> str:
        """The stored form; empty stays empty, sealed stays sealed. Raises: Storage, when others may read the key."""
        if not plain or self.is_sealed(plain):
            return plain
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._hide(plain)
            return PREFIX + self._file.seal(plain)
        except Unsealable as error:
            raise Storage(f"Secrets cannot be stored: {error}", reason="read_only") from error

    def open(self, stored: str) -> str:
        """The secret; empty when there is none, or our key does not open it."""
        if not self.is_sealed(stored):
            return stored
        try:
            plain = self._file.open(stored.removeprefix(PREFIX))
        except Unsealable:
            return ""
        self._hide(plain)
        return plain

    def _hide(self, plain: str) -> None:
        """An address of a service is written in many ways; its secret parts are in all of them."""
        self.known.add(plain)
        for part in _PARTS.split(plain):
            if len(part) >= SHORTEST_PART and "." not in part:
                self.known.add(part)

    def is_sealed(self, stored: str) -> bool:
        """Whether `stored` is in the form that `seal` makes."""
        return stored.startswith(PREFIX)

    def is_lost(self, stored: str) -> bool:
        """Whether there is a secret that cannot be opened any more: it has to be entered again."""
        return self.is_sealed(stored) and not self.open(stored)

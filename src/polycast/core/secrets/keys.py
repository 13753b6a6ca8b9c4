"""The key files below `<data>/keys`: made at the first start, never guessed or replaced afterwards.

    keys/            0700
      seal.key       0600   keys that seal secrets at rest, newest first; rotating puts a new one on top
      sign.key       0600   the key behind every signature and token

A file is lines of `<id> <key> <check>`: 8 hex characters, 32 bytes in base64, and the first 8 hex characters of the
SHA-256 of both, so that a damaged file is told from a foreign one. Both files lie outside the database and outside
backups (`specs/security.md` 3.12).
"""

import base64
import binascii
import hashlib
import logging
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from msgspec import Struct

log = logging.getLogger("polycast.core.secrets")

KEY_BYTES: Final = 32
SEAL_FILE: Final = "seal.key"
SIGN_FILE: Final = "sign.key"


class BadKeys(Exception):
    """A key file is missing, unreadable or damaged. The server must not start; the text says what to do."""


class Key(Struct, frozen=True, kw_only=True):
    """One key and the name that sealed values carry."""

    id: str  # 8 hex characters
    secret: bytes  # 32 bytes

    def __repr__(self) -> str:
        return f"Key(id={self.id!r})"


class Keys:
    """What the key folder holds. Read again when another process has rotated it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.seal = _read(folder / SEAL_FILE)
        [self.sign, *_] = _read(folder / SIGN_FILE)

    def reload(self) -> None:
        """Read the sealing keys again, after a value named a key that we do not know.

        Raises: BadKeys.
        """
        self.seal = _read(self._folder / SEAL_FILE)

    def rotate(self) -> Key:
        """Put a new sealing key on top. Values sealed with the older ones can still be opened.

        Raises: BadKeys, when the file was damaged meanwhile.
        """
        self.reload()
        key = _new_key()
        _write(self._folder / SEAL_FILE, [key, *self.seal])
        self.reload()
        return key


def open_keys(data_dir: Path) -> Keys:
    """The keys of this installation, made when the folder does not exist yet.

    A folder with only some of its files is not completed: a new key in the place of a lost one would make every
    sealed value unreadable without a word.

    Raises: BadKeys.
    """
    folder = data_dir / "keys"
    try:
        if not folder.exists() or not any(folder.iterdir()):
            _make(folder)
        _tighten(folder, 0o700)
        return Keys(folder)
    except OSError as error:
        raise BadKeys(f"The keys in {folder} cannot be read or made: {error.strerror}.") from error


def _make(folder: Path) -> None:
    """Both files in one step: written beside the folder, then renamed, so that a crash leaves all or nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".keys-{secrets.token_hex(4)}")
    draft.mkdir(mode=0o700)
    _write(draft / SEAL_FILE, [_new_key()])
    _write(draft / SIGN_FILE, [_new_key()])
    try:
        draft.rename(folder)  # replaces an empty folder, fails on a full one
    except OSError:
        for file in draft.iterdir():
            file.unlink()
        draft.rmdir()
        if not (folder / SEAL_FILE).exists():
            raise
    _sync(folder.parent)


def _new_key() -> Key:
    return Key(id=secrets.token_hex(4), secret=secrets.token_bytes(KEY_BYTES))


def _check(name: str, text: str) -> str:
    return hashlib.sha256(f"{name} {text}".encode()).hexdigest()[:8]


def _write(path: Path, keys: list[Key]) -> None:
    lines = []
    for key in keys:
        text = base64.b64encode(key.secret).decode()
        lines.append(f"{key.id} {text} {_check(key.id, text)}\n")
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(lines))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _tighten(path: Path, mode: int) -> None:
    """Take away what others may do with it, and say so."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        log.warning("%s was open to other accounts of this machine; now it is ours alone", path)
        path.chmod(mode)


def _read(path: Path) -> tuple[Key, ...]:
    hint = "Bring it back from your own copy; without it stored passwords of providers have to be entered again."
    try:
        _tighten(path, 0o600)
        lines = path.read_text(encoding="ascii").splitlines()
    except FileNotFoundError as error:
        raise BadKeys(f"The key file {path} is missing. {hint}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadKeys(f"The key file {path} cannot be read. {hint}") from error
    keys = [_parse(line) for line in lines]
    if not keys or None in keys:
        raise BadKeys(f"The key file {path} is damaged. {hint}")
    return tuple(key for key in keys if key)


def _parse(line: str) -> Key | None:
    match line.split(" "):
        case [name, text, check] if check == _check(name, text) and len(name) == 8:
            try:
                secret = base64.b64decode(text, validate=True)
            except binascii.Error:
                return None
            return Key(id=name, secret=secret) if len(secret) == KEY_BYTES else None
        case _:
            return None

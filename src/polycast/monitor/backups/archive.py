"""Reading and writing the archive itself. Source: specs/monitor.md 4.10; security.md 3.9."""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from polycast.core.backups.model import BadBackup, Sealing
from polycast.core.backups.sealing import Sealer, new_sealing, unsealed
from polycast.core.errors import Invalid, TooLarge
from polycast.core.files import Growth, ZipReader, open_zip, write_zip
from polycast.monitor.backups.model import (
    BACKUP_SCHEMA,
    MOST_MANIFEST,
    MOST_MEMBER,
    MOST_MEMBERS,
    MOST_TOTAL,
    BadArchive,
    Found,
    Manifest,
    TooNew,
    Unpacked,
)
from polycast.monitor.backups.original_store import activity_of, read_original
from polycast.monitor.preferences.model import SCHEMA_VERSION

SETTINGS: Final = "settings.json"
DATABASE: Final = "channelwatch.db"
HISTORY: Final = "activity_history.json"  # of versions before the database
MANIFEST: Final = "backup_manifest.json"
KEY: Final = "sensitive_keys/encryption.key"
WARNING: Final = "sensitive_keys/SECURITY_WARNING.txt"
WARNING_TEXT: Final = (
    "The key in this folder opens the secrets of settings.json. It is wrapped by the passphrase that was given when\n"
    "this backup was made: keep both apart.\n"
)
_MEMBERS: Final = re.compile(
    r"settings\.json|channelwatch\.db|activity_history\.json|backup_manifest\.json|session_state[\w.-]{0,80}\.json"
    r"|sensitive_keys/(encryption\.key|SECURITY_WARNING\.txt)"
)
_PLAIN_KEY: Final = re.compile(rb"[A-Za-z0-9_-]{43}=\s*")
NEEDS_NEWER: Final = "This backup was made by a newer version."


class Wrapped(msgspec.Struct, frozen=True, kw_only=True):
    """The key file, sealed with a passphrase."""

    wrapped: str = "scrypt+aes-256-gcm"
    salt: bytes
    n: int
    r: int
    p: int
    sealed: bytes


def write_archive(
    target: Path, stem: str, *, settings: Mapping[str, Any], states: Mapping[str, Any], database: Path, created_at: str,
    key: bytes | None = None, passphrase: str = "",
) -> Manifest:  # fmt: skip
    """A new archive. The key goes in only wrapped by a passphrase. Blocking."""
    files: dict[str, bytes | Path] = {SETTINGS: msgspec.json.format(msgspec.json.encode(settings), indent=2)}
    files[DATABASE] = database
    files |= {f"session_state_{name}.json": msgspec.json.encode(state) for name, state in states.items()}
    if key is not None and passphrase:
        files[KEY] = wrap(key, passphrase)
        files[WARNING] = WARNING_TEXT.encode()
    manifest = Manifest(created_at=created_at, created_by="channelwatch-ui", files=[*files, MANIFEST])
    with write_zip(target) as archive:
        for name, content in files.items():
            if isinstance(content, Path):
                archive.add_file(f"{stem}/{name}", content)
            else:
                archive.add_bytes(f"{stem}/{name}", content)
        archive.add_bytes(f"{stem}/{MANIFEST}", msgspec.json.encode(manifest))
    return manifest


def read_archive(source: Path, *, passphrase: str = "") -> Unpacked:
    """Everything in it, after every rule has been kept. Blocking. Raises: BadArchive; TooNew."""
    growth = Growth(size_bytes=MOST_TOTAL, ratio=200)
    try:
        with open_zip(source, growth=growth) as packed:
            names = _names(packed)
            manifest = _manifest(packed, names)
            settings = _settings(packed, names)
            found = _found(packed, names)
            key = _key(packed.read(names[KEY], limit=64 * 1024), passphrase) if KEY in names else None
            for name in names.values():  # what nobody reads must be whole too
                for _ in packed.chunks(name):
                    pass
    except (Invalid, TooLarge, KeyError) as error:
        raise BadArchive(str(error) or "The archive cannot be read.") from error
    return Unpacked(manifest=manifest, settings=settings, found=found, key=key)


def wrap(key: bytes, passphrase: str) -> bytes:
    """The key, to be opened with the passphrase alone. Blocking, half a second."""
    sealing, pieces = new_sealing(), bytearray()
    sealer = Sealer(pieces.extend, sealing, passphrase)
    sealer.write(key)
    sealer.close()
    made = Wrapped(salt=sealing.salt, n=sealing.n, r=sealing.r, p=sealing.p, sealed=bytes(pieces))
    return msgspec.json.encode(made)


def _names(packed: ZipReader) -> dict[str, str]:
    """Full names by the names below the one top folder; nothing else may be there."""
    entries = packed.entries
    if not entries or len(entries) > MOST_MEMBERS:
        raise BadArchive("The archive is empty or holds too many files.")
    tops = {entry.name.partition("/")[0] for entry in entries}
    has_top = len(tops) == 1 and all("/" in entry.name for entry in entries) and tops != {"sensitive_keys"}
    found: dict[str, str] = {}
    for entry in entries:
        name = entry.name.partition("/")[2] if has_top else entry.name
        if not _MEMBERS.fullmatch(name):
            raise BadArchive("The archive holds a file that belongs to no backup.")
        if entry.size_bytes > MOST_MEMBER:
            raise BadArchive("A file in the archive is larger than allowed.")
        found[name] = entry.name
    if SETTINGS not in found:
        raise BadArchive("The archive holds no settings.")
    return found


def _manifest(packed: ZipReader, names: Mapping[str, str]) -> Manifest:
    if MANIFEST not in names:
        return Manifest(created_by="unknown", files=[*names])
    found: Manifest = _decoded(packed.read(names[MANIFEST], limit=MOST_MANIFEST), Manifest)
    if found.backup_schema_version > BACKUP_SCHEMA or found.settings_schema_version > SCHEMA_VERSION:
        raise TooNew(NEEDS_NEWER)
    return found


def _settings(packed: ZipReader, names: Mapping[str, str]) -> Mapping[str, Any]:
    found: dict[str, Any] = _decoded(packed.read(names[SETTINGS], limit=MOST_MEMBER), dict[str, Any])
    version = found.get("_version", 0)
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise TooNew(NEEDS_NEWER)
    return found


def _found(packed: ZipReader, names: Mapping[str, str]) -> Found:
    found = Found()
    if DATABASE in names:
        with tempfile.TemporaryDirectory(prefix="polycast-monitor-") as folder:
            place = Path(folder) / DATABASE
            with place.open("wb") as file:
                for piece in packed.chunks(names[DATABASE]):
                    file.write(piece)
            found = read_original(place)
    if HISTORY in names:
        listed = _decoded(packed.read(names[HISTORY], limit=MOST_MEMBER), Any)
        known = {one.uuid for one in found.activities}
        made = [activity_of(one) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        found.activities += [one for one in made if one is not None and one.uuid not in known]
    return found


def _key(content: bytes, passphrase: str) -> bytes | None:
    """The key: in the clear (the original's) or wrapped (ours). Without the passphrase the secrets stay closed."""
    if _PLAIN_KEY.fullmatch(content):
        return content.strip()
    wrapped = _decoded(content, Wrapped)
    if not passphrase:
        return None
    sealing = Sealing(salt=wrapped.salt, n=wrapped.n, r=wrapped.r, p=wrapped.p)
    try:
        return b"".join(unsealed([wrapped.sealed], sealing, passphrase))
    except BadBackup as error:
        raise BadArchive("The passphrase is wrong.") from error


def _decoded(content: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadArchive("A file in the archive is not what its name says.") from error

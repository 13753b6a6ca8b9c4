"""Putting a backup in the place of what is there: all of it or nothing, whenever the power goes.

The database is replaced in one transaction, which also leaves a note of the files that belong to it. That commit is
the moment of the restore: before it everything is as it was, after it the staged files are moved into place, by the
next start when this process dies first. Blocking throughout.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from polycast.core.backups.model import CREDENTIAL_TABLES, KEPT_TABLES, BadBackup, Manifest
from polycast.core.backups.reading import Opened, open_backup
from polycast.core.errors import Conflict
from polycast.core.files import Root, flush_folder, write_bytes
from polycast.core.module import BackupPart
from polycast.core.secrets import BadKeys, Keys
from polycast.core.storage import Branch, StorageSettings
from polycast.core.storage.copying import Dumped, Replacement, note, replacing

STAGING: Final = "restore"  # below the data directory
NOTE: Final = "restore"  # key in core_meta
SEAL_KEY: Final = "keys/seal.key"
SIGN_KEY: Final = "keys/sign.key"


class Pending(Struct, frozen=True, kw_only=True):
    """Files that belong to the database since its commit, and have to be moved into place."""

    id: str
    paths: Sequence[str]  # files and whole folders, below the data directory


class RestoreWish(Struct, frozen=True, kw_only=True):
    """What to restore."""

    parts: Sequence[BackupPart]
    passphrase: str = ""
    with_credentials: bool = False  # sessions, keys and device passwords too, and what signed links are signed with
    before: Callable[[], object] = lambda: None  # called when the backup has proved good and nothing has changed yet


def restore_backup(storage: StorageSettings, branches: Sequence[Branch], path: Path, wish: RestoreWish) -> Manifest:
    """Make the data what it was in the backup at `path`. Everybody who has the data open must start again afterwards.

    Raises: BadBackup, BadArchive, TooLarge, Conflict, Storage and what `wish.before` raises, with nothing changed.
    """
    staged = storage.data_dir / STAGING / uuid.uuid4().hex
    staged.mkdir(mode=0o700, parents=True)
    with ExitStack() as undo:
        undo.callback(_abandon, storage, staged)
        with open_backup(path, staged, wish.passphrase) as opened:
            opened.verify()
            paths = _stage(opened, storage.data_dir, staged / "new", wish)
            wish.before()
            with replacing(storage, branches, opened.manifest.revisions) as new:
                _fill(new, opened, staged, wish)
                new.mark(NOTE, msgspec.json.encode(Pending(id=staged.name, paths=paths)).decode())
            manifest = opened.manifest
        undo.pop_all()
    finish_restore(storage)
    return manifest


def _abandon(storage: StorageSettings, staged: Path) -> None:
    """Clear away what was staged, unless the commit did happen: then it is the next start's to finish."""
    waiting = _waiting(storage)
    if waiting is None or waiting.id != staged.name:
        shutil.rmtree(staged)


def finish_restore(storage: StorageSettings) -> None:
    """Move into place what an interrupted restore left waiting, and clear away what it had no use for.

    To be called at start, before anything is opened. Costs one look at the disk when there is nothing to do.
    """
    folder = storage.data_dir / STAGING
    if not folder.exists():
        return
    waiting = _waiting(storage)
    if waiting is not None:
        for path in waiting.paths:
            _swap(folder / waiting.id, storage.data_dir, path)
        note(storage, NOTE, clear=True)
    shutil.rmtree(folder)
    flush_folder(storage.data_dir)


def _waiting(storage: StorageSettings) -> Pending | None:
    text = note(storage, NOTE)
    return None if text is None else msgspec.json.decode(text, type=Pending)


def _swap(staged: Path, data_dir: Path, path: str) -> None:
    """The staged file or folder into place, the present one aside. Each step may be the last, and all may be repeated."""
    new, live = staged / "new" / path, data_dir / path
    if not new.exists():
        return
    if live.exists():
        aside = staged / "old" / uuid.uuid4().hex
        aside.parent.mkdir(exist_ok=True)
        live.rename(aside)
    live.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new.rename(live)
    flush_folder(live.parent)


def _stage(opened: Opened, data_dir: Path, new: Path, wish: RestoreWish) -> list[str]:
    """Write the files of the backup below `new`; the paths that have to be swapped."""
    new.mkdir()
    ours = {folder for part in wish.parts for folder in part.folders}
    folders = [folder for folder in opened.manifest.folders if folder in ours]
    for folder in folders:
        if (data_dir / folder).exists() and (data_dir / folder).stat().st_dev != data_dir.stat().st_dev:
            raise Conflict(f"{folder} lies on another disk than the data directory; it cannot be exchanged.")
        (new / folder).mkdir(parents=True)
    with Root(new) as root, closing(opened.files()) as files:
        for entry, contents in files:
            if any(entry.path.startswith(f"{folder}/") for folder in folders):
                with root.create(entry.path) as file:
                    for piece in contents:
                        file.write(piece)
            else:
                for _ in contents:
                    pass
    paths = [*folders, *_stage_keys(opened, data_dir, new, wish)]
    os.sync()  # once for all of them; they must be on disk before the commit that names them
    return paths


def _stage_keys(opened: Opened, data_dir: Path, new: Path, wish: RestoreWish) -> list[str]:
    """The sealing keys of both worlds in one file: the restored credentials open, and so does what stayed."""
    found = {entry.path: opened.key(entry) for entry in opened.manifest.keys}
    if SEAL_KEY not in found:
        return []
    folder = new / "keys"
    folder.mkdir(mode=0o700)
    with suppress(FileNotFoundError):
        present = (data_dir / SEAL_KEY).read_bytes().splitlines()
        found[SEAL_KEY] = b"".join(line + b"\n" for line in dict.fromkeys([*present, *found[SEAL_KEY].splitlines()]))
    with_sign = SIGN_KEY in found and (wish.with_credentials or not (data_dir / SIGN_KEY).exists())
    sign = found.get(SIGN_KEY) if with_sign else (data_dir / SIGN_KEY).read_bytes()
    write_bytes(new / SEAL_KEY, found[SEAL_KEY], mode=0o600)
    write_bytes(new / SIGN_KEY, sign or b"", mode=0o600)
    try:
        Keys(folder)
    except BadKeys as error:
        raise BadBackup("The keys in the backup are damaged.") from error
    return ["keys"]


def _fill(new: Replacement, opened: Opened, staged: Path, wish: RestoreWish) -> None:
    kept = _keep(new, staged)
    new.begin_anew(opened.manifest.revisions)
    _load(new, opened, set(kept) | (set() if wish.with_credentials else CREDENTIAL_TABLES))
    new.modernise()
    for name, dumped in kept.items():
        with (staged / f"{name}.jsonl").open("rb") as lines:
            new.load(name, dumped, lines)
    new.check()


def _keep(new: Replacement, staged: Path) -> dict[str, Dumped]:
    kept = {}
    for name in new.standing_alone(KEPT_TABLES):
        with (staged / f"{name}.jsonl").open("wb") as file:
            kept[name] = new.keep(name, file.write)
    return kept


def _load(new: Replacement, opened: Opened, left_out: Collection[str]) -> None:
    entries = {entry.name: entry for entry in opened.manifest.tables}
    if unknown := [name for name, entry in entries.items() if name not in new.tables and entry.dumped.rows]:
        raise BadBackup(f"The backup has rows of {min(unknown)}, which its schema does not.")
    for name in new.in_order(entries):
        entry = entries[name]
        if name in left_out:
            new.raise_last_key(name, entry.dumped.last_key)
        else:
            # Closed by hand: after an error its traceback would keep the archive open.
            with closing(opened.lines(entry)) as lines:
                new.load(name, entry.dumped, lines)

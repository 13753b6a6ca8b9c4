"""Reading an account's archive into a staging folder, and judging it before anything of it is used. Blocking."""

import hashlib
import shutil
from pathlib import Path
from typing import Any, Final

import msgspec

from polycast.core.errors import Invalid
from polycast.core.files import BadArchive, Growth, open_tar
from polycast.radio.saves.model import ACCOUNT, FORMAT, MANIFEST, Manifest, Rows, Saved, SavedAccount
from polycast.radio.stations.model import FOLDERS

LARGEST: Final = 2 * 1024**4  # bytes; the quota of the account is checked besides
COPY: Final = 1024 * 1024
LINES: Final = 2_000_000


def read_save(archive: Path, staging: Path) -> tuple[Manifest, Saved]:
    """Unpack into `staging` (new, empty) and check every hash. Raises: BadArchive, TooLarge."""
    with open_tar(archive, growth=Growth(size_bytes=LARGEST)) as packed:
        packed.extract(staging)
    manifest = _decoded(staging / MANIFEST, Manifest)
    if manifest.format != FORMAT:
        raise BadArchive("The archive is of a format that this version does not know.")
    found = {path.relative_to(staging).as_posix() for path in staging.rglob("*") if path.is_file()} - {MANIFEST}
    if found != set(manifest.sha256) or any(not _is_ours(name) for name in found):
        raise BadArchive("The archive holds other files than its manifest says.")
    for name, wanted in manifest.sha256.items():
        if _hash(staging / name) != wanted:
            raise BadArchive(f"{name} in the archive is damaged.")
    account = _decoded(staging / ACCOUNT, SavedAccount)
    return manifest, Saved(account=account, rows=_rows(staging / "db"))


def move_files(staging: Path, folder: Path, stations: dict[int, int]) -> None:
    """The files of a checked archive to their places, stations under their new keys."""
    for name in FOLDERS:
        source, target = staging / name, folder / name
        if target.exists():
            shutil.rmtree(target)
        target.mkdir(mode=0o700, parents=True)
        if not source.is_dir():
            continue
        for entry in source.iterdir():
            entry.rename(target / _renamed(entry.name, stations))


def _renamed(name: str, stations: dict[int, int]) -> str:
    number = name.removeprefix("Server_")
    if number != name and number.isdigit() and int(number) in stations:
        return f"Server_{stations[int(number)]}"
    return name


def _is_ours(name: str) -> bool:
    first, slash, rest = name.partition("/")
    if not slash:
        return name == ACCOUNT
    return first in FOLDERS or (first == "db" and rest.endswith(".jsonl") and "/" not in rest) or first == "conf"


def _decoded(path: Path, kind: Any) -> Any:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise BadArchive(f"{path.name} is missing in the archive, or cannot be read.") from error


def _rows(folder: Path) -> Rows:
    found: Rows = {}
    try:
        for path in sorted(folder.glob("*.jsonl")):
            with path.open("rb") as file:
                found[path.stem] = [msgspec.json.decode(line, type=dict[str, Any]) for line in file]
    except (OSError, msgspec.DecodeError) as error:
        raise BadArchive("The rows in the archive cannot be read.") from error
    if sum(map(len, found.values())) > LINES:
        raise Invalid.one("archive", "too_large")
    return found


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while fresh := file.read(COPY):
            digest.update(fresh)
    return digest.hexdigest()

"""Packs of several seasons: told by name or files, split into one entry a season."""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

from polycast.acquire.catalogue.model import File

PACK: Final = re.compile(
    r"\b(?:complete[ ._-]+series|all[ ._-]+seasons|seasons?[ ._-]*\d{1,2}[ ._]*(?:-|to|thru)[ ._]*\d{1,2}"
    r"|s\d{1,2}[ ._]*-[ ._]*s?\d{1,2})(?!\d)",
    re.IGNORECASE,
)
EPISODE: Final = re.compile(r"(?<![a-z0-9])s(\d{1,2})[ ._-]?e\d{1,3}|(?<!\d)(\d{1,2})x\d{2,3}(?!\d)", re.IGNORECASE)
FOLDER: Final = re.compile(r"\b(?:season|series|staffel|s)[ ._-]?(\d{1,2})\b", re.IGNORECASE)


def season_of(file: File) -> int | None:
    """By the file's name, else by its folder's."""
    if found := EPISODE.search(file.name):
        return int(found[1] or found[2])
    folders = file.path.rpartition("/")[0].split("/")[1:]
    for folder in reversed(folders):
        if found := FOLDER.search(folder):
            return int(found[1])
    return None


def seasons(name: str, files: Sequence[File]) -> dict[int, list[File]]:
    """Files by season when there is more than one; empty for anything else."""
    found: dict[int, list[File]] = {}
    for file in files:
        if (season := season_of(file)) is not None:
            found.setdefault(season, []).append(file)
    return dict(sorted(found.items())) if len(found) > 1 else {}


def season_name(name: str, season: int) -> str:
    """The release's name for one of its seasons."""
    word = f"S{season:02}"
    if PACK.search(name):
        return PACK.sub(word, name, count=1)
    year = re.search(r"[ ._(]+(?:19|20)\d{2}\b", name)
    at = year.end() if year else len(name)
    return f"{name[:at]}.{word}{name[at:]}"


def season_hash(info_hash: str, season: int) -> str:
    """40 hex digits, as clients expect of a hash: MD5 of hash and season, as the original has it, filled with zeros."""
    return hashlib.md5(f"{info_hash}-{season}".encode(), usedforsecurity=False).hexdigest() + "0" * 8

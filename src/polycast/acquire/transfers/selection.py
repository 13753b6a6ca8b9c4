"""Which files of a torrent are wanted, and what they and their folder are called."""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final

from polycast.acquire.catalogue.model import NewFile
from polycast.acquire.config.model import VIDEO_TYPES, Config
from polycast.acquire.config.units import size
from polycast.core.files import safe_name

SAMPLE_BYTES: Final = 300 * 1024 * 1024
_SAMPLE: Final = re.compile(r"(?<![a-z])sample(?![a-z])", re.IGNORECASE)
NO_FILES: Final = "no eligible files"


def is_wanted(path: str, size_bytes: int, config: Config) -> bool:
    """Whether a file is of a wanted type and size, and no sample."""
    pure = PurePosixPath(path)
    if pure.suffix[1:].lower() not in config.allowed_file_types:
        return False
    least, most = size(config.min_file_size, path="min_file_size"), size(config.max_file_size, path="max_file_size")
    if (least is not None and size_bytes < least) or (most is not None and size_bytes > most):
        return False
    return config.allow_samples or not is_sample(path, size_bytes)


def is_video(path: str) -> bool:
    """By its ending."""
    return PurePosixPath(path).suffix[1:].lower() in VIDEO_TYPES


def is_sample(path: str, size_bytes: int) -> bool:
    """A small file that calls itself one, or whatever lies in a folder of them."""
    pure = PurePosixPath(path)
    in_folder = any(part.lower() in {"sample", "samples"} for part in pure.parts[:-1])
    return in_folder or (size_bytes < SAMPLE_BYTES and _SAMPLE.search(pure.name) is not None)


def file_names(files: Sequence[NewFile]) -> list[str]:
    """A name for each file, safe and unique without regard to case; a second one gets ` (2)` before its ending."""
    taken: set[str] = set()
    found = []
    for file in files:
        name = safe_name(PurePosixPath(file.path).name, fallback="file")
        stem, dot, ending = name.rpartition(".")
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem} ({number}).{ending}" if dot else f"{ending} ({number})"
        taken.add(name.casefold())
        found.append(name)
    return found


def folder_name(config: Config, *, name: str, original: str, info_hash: str) -> str:
    """What the tree and the download folder call an entry."""
    by_setting = {
        "filename": name,
        "original": original or name,
        "filename_no_ext": without_ending(name),
        "original_no_ext": without_ending(original or name),
        "infohash": info_hash,
    }
    return safe_name(by_setting[config.folder_naming] or info_hash, fallback=info_hash)


def without_ending(name: str) -> str:
    """A name without the ending of a media file; what only looks like one (`5.1`) stays."""
    stem, dot, ending = name.rpartition(".")
    return stem if dot and stem and 2 <= len(ending) <= 4 and ending.isalnum() and not ending.isdigit() else name


def total(files: Iterable[NewFile]) -> int:
    return sum(file.size_bytes for file in files)

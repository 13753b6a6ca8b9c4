"""Playlists of other programs: which of the station's tracks a list of file names means."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

MOST: Final = 20_000  # lines that name something


def names_in(content: bytes) -> list[str]:
    """The files that an M3U names, in its order. UTF-8, else Windows' Latin: older programs write that."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    lines = (line.strip() for line in text.replace("\0", "").splitlines())
    return [line.replace("\\", "/") for line in lines if line and not line.startswith("#")][:MOST]


def matched(names: Sequence[str], paths: Mapping[str, int]) -> tuple[list[int], list[str]]:
    """Keys of `paths` (path below the library -> key) that are meant, and the names that mean nothing here.

    As much of the end of a name as possible has to fit: `C:/Music/Rock/a.mp3` is `Rock/a.mp3`, else the one `a.mp3`.
    """
    folded: dict[str, int] = {path.casefold(): key for path, key in paths.items()}
    by_name: dict[str, list[int]] = {}
    for path, track_id in folded.items():
        by_name.setdefault(path.rpartition("/")[2], []).append(track_id)
    found: list[int] = []
    missing: list[str] = []
    for name in names:
        key = next((folded[end] for end in _ends(name.casefold()) if end in folded), None)
        if key is None:
            alike = by_name.get(name.casefold().rpartition("/")[2], [])
            key = alike[0] if len(alike) == 1 else None
        if key is None:
            missing.append(name)
        else:
            found.append(key)
    return found, missing


def _ends(name: str) -> Iterable[str]:
    parts = [one for one in name.split("/") if one not in ("", ".", "..")]
    return ("/".join(parts[start:]) for start in range(len(parts)))

"""Extras: trailers, featurettes and the like, told by their folder or their ending."""

import re
from typing import Final

FOLDERS: Final = {
    "trailers": "trailer",
    "trailer": "trailer",
    "behind the scenes": "behind_the_scenes",
    "behindthescenes": "behind_the_scenes",
    "deleted scenes": "deleted_scene",
    "deleted": "deleted_scene",
    "interviews": "interview",
    "interview": "interview",
    "scenes": "scene",
    "scene": "scene",
    "samples": "sample",
    "sample": "sample",
    "shorts": "short",
    "short": "short",
    "featurettes": "featurette",
    "featurette": "featurette",
    "clips": "clip",
    "clip": "clip",
    "extras": "other",
    "extra": "other",
    "other": "other",
    "others": "other",
    "backdrops": "theme_video",
    "theme-music": "theme_song",
}
SUFFIX: Final = re.compile(
    r"(?i)(?:[\-._]|\s-\s|\s(?=trailer$))(trailer|teaser|sample|scene|clip|interview|behindthescenes|deleted|deletedscene|featurette|short|extra|other)\s*\d*$"
)
WORDS: Final = {
    "trailer": "trailer",
    "teaser": "teaser",
    "sample": "sample",
    "scene": "scene",
    "clip": "clip",
    "interview": "interview",
    "behindthescenes": "behind_the_scenes",
    "deleted": "deleted_scene",
    "deletedscene": "deleted_scene",
    "featurette": "featurette",
    "short": "short",
    "extra": "other",
    "other": "other",
}
ALONE: Final = {"trailer": "trailer", "sample": "sample", "theme": "theme_song", "teaser": "teaser"}
OPENINGS: Final = re.compile(
    r"(?i)(?:^|[\s._\-\[])(?:nc(?:op|ed)|creditless[\s._](?:opening|ending)|menu|pv|cm)[\s._]?\d{0,2}[a-z]?(?=$|[\s._\-\]])"
)
SAMPLE_BYTES: Final = 300_000_000


def extra_of(folders: list[str], stem: str, *, size_bytes: int, is_anime: bool) -> str:
    """The kind of extra, "" for none. `folders` are those below the library's, outermost first."""
    low = stem.strip().lower()
    if len(folders) > 1 and (kind := FOLDERS.get(folders[-1].strip().lower())):
        return kind
    if low in ALONE:
        return ALONE[low]
    if match := SUFFIX.search(low):
        kind = WORDS[match[1].lower()]
        # A film may be called "The Interview": a bare dash or dot before the word makes it an extra, nothing else.
        return kind if match.start() > 0 else ""
    if re.search(r"(?:^|[\W_])sample(?:$|[\W_])", low) and size_bytes < SAMPLE_BYTES:
        return "sample"
    if is_anime and OPENINGS.search(stem):
        return "theme_video"
    return ""

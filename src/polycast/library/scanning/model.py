"""What a scan finds and is asked."""

from typing import Final

from msgspec import Struct

VIDEO: Final = frozenset(
    [
        "mkv",
        "mk3d",
        "mp4",
        "m4v",
        "mov",
        "avi",
        "webm",
        "wmv",
        "asf",
        "flv",
        "f4v",
        "mpg",
        "mpeg",
        "mpe",
        "m2v",
        "m2t",
        "m2ts",
        "mts",
        "ts",
        "tp",
        "vob",
        "ogm",
        "ogv",
        "3gp",
        "3g2",
        "divx",
        "xvid",
        "rm",
        "rmvb",
        "wtv",
        "dvr-ms",
        "mxf",
        "nut",
        "nuv",
        "qt",
        "dv",
        "amv",
        "strm",
        "iso",
        "img",
    ]
)
SUBTITLES: Final = frozenset(["srt", "ass", "ssa", "vtt", "sub", "idx", "smi", "sup", "sami"])
AUDIO: Final = frozenset(["mp3", "flac", "m4a", "aac", "ogg", "opus", "ac3", "eac3", "dts", "mka"])
IMAGES: Final = frozenset(["jpg", "jpeg", "png", "webp", "avif", "gif", "tbn"])
SKIPPED_NAMES: Final = frozenset(
    {"@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found", ".trickplay"}
)
UNFINISHED: Final = (".part", ".!qb", ".tmp", ".crdownload", ".aria2", ".partial")
IGNORE_FILES: Final = frozenset({".ignore", ".nomedia"})
GLOBS: Final = ".polycastignore"


class Entry(Struct, frozen=True):
    """A file in a folder, as the walk met it."""

    name: str
    kind: str  # video, subtitle, audio, nfo, image
    size: int
    mtime_ns: int
    inode: int
    device: int


class Folder(Struct, frozen=True, kw_only=True):
    """A folder as the walk met it; without entries when it had not changed."""

    path: str
    parent: str | None
    mtime_ns: int
    is_unchanged: bool = False
    signature: str = ""
    entries: tuple[Entry, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()  # path, reason


class ScanLibrary(Struct, frozen=True):
    """Payload of a scan."""

    library_id: int
    workflow_id: int
    mode: str
    paths: tuple[str, ...] = ()  # only below these; all for none


class Counts(Struct, kw_only=True):
    """What a scan has done."""

    folders: int = 0
    folders_read: int = 0
    files: int = 0
    added: int = 0
    changed: int = 0
    missing: int = 0
    moved: int = 0
    probed: int = 0
    failed: int = 0
    skipped: int = 0
    matched: int = 0
    postponed: int = 0
    errors: list[str] = []

"""Names and paths made from foreign text: one sanitiser, one way to join."""

import re
import unicodedata
from collections.abc import Collection
from pathlib import Path
from typing import Final

from polycast.core.errors import Invalid, Problem

NAME_BYTES: Final = 180  # of UTF-8, room for our own suffixes below the 255 of common file systems
PATH_BYTES: Final = 4000
SEPARATORS: Final = re.compile("[/\\\\:\u2044\u2215\u29f8\uff0f\uff3c\u2216]")
RESERVED: Final = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"] + [f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)]
)


class UnsafePath(Invalid):
    """Text that would lead out of its folder, or that is no name at all."""

    def __init__(self, why: str) -> None:
        super().__init__([Problem("path", "unsafe_path", {}, why)])


def safe_name(text: str, *, extensions: Collection[str] | None = None, fallback: str = "unnamed") -> str:
    """One path segment out of foreign text, at most 180 bytes; never empty, hidden, a device or an option.

    `extensions` lists the endings that may stay ("mkv", without the dot, lower case); with another one the dot becomes
    an underscore. None lets any ending of up to 10 letters and digits survive a cut to length.
    """
    name = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    name = "".join(" " if ch.isspace() else ch for ch in name if ch.isspace() or unicodedata.category(ch)[0] != "C")
    name = SEPARATORS.sub("_", name)
    name = re.sub(r" {2,}", " ", name).lstrip(".- ~").rstrip(". ")
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    elif extensions is not None and ending.lower() not in extensions:
        stem, ending = f"{stem}_{ending}", ""
    elif len(ending) > 10 or not ending.isalnum():
        stem, ending = name, ""
    if stem.partition(".")[0].strip().lower() in RESERVED:
        stem = f"_{stem}"
    tail = f".{ending}" if ending else ""
    stem = _cut(stem or fallback, NAME_BYTES - len(tail.encode())).rstrip(". ")
    return f"{stem or fallback}{tail}"


def safe_path(root: Path, *parts: str) -> Path:
    """`root` joined with relative text, resolved, links included; the result is `root` or below it.

    A part may hold several segments ("Movies/Film.mkv"). The file need not exist. What is opened later may have been
    swapped for a link in between: where others can write into `root`, open through `Root` instead.

    Raises: UnsafePath.
    """
    base = root.resolve()
    found = base.joinpath(*(segment for part in parts for segment in segments(part)))
    try:
        found = found.resolve()
    except (OSError, RuntimeError) as error:  # a loop of links
        raise UnsafePath("The path cannot be followed.") from error
    if found != base and not found.is_relative_to(base):
        raise UnsafePath("The path leads out of its folder.")
    return found


def segments(text: str) -> list[str]:
    """The segments of a relative path given as text; an empty text has none.

    Raises: UnsafePath for absolute paths, `..`, drive letters, backslashes, NUL and control characters, or overlong text.
    """
    if not text:
        return []
    if text.startswith("/") or "\\" in text or re.match(r"[A-Za-z]:", text):
        raise UnsafePath("Only a relative path is allowed.")
    try:
        too_long = len(text.encode("utf-8", "surrogateescape")) > PATH_BYTES
    except UnicodeEncodeError as error:
        raise UnsafePath("The path is no valid text.") from error
    if too_long or any(ch < " " or ch == "\x7f" for ch in text):
        raise UnsafePath("The path has control characters or is too long.")
    found = [segment for segment in text.split("/") if segment not in {"", "."}]
    if any(segment.strip(" .") == "" for segment in found):
        raise UnsafePath("The path leads out of its folder.")
    if any(len(segment.encode("utf-8", "surrogateescape")) > 255 for segment in found):
        raise UnsafePath("A name in the path is too long.")
    return found


def _cut(text: str, size_bytes: int) -> str:
    return text.encode()[:size_bytes].decode("utf-8", "ignore")

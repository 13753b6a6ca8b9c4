"""NZB files read liberally: gaps, doubles, wrong order, no namespace, one segment a file. Source: specs/acquire.md 4.3."""

import re
from collections.abc import Iterable
from html import unescape
from pathlib import PurePosixPath
from typing import Final

from polycast.acquire.usenet.model import Nzb, Posted, Reason, RefusedPost, Segment
from polycast.core.errors import TooLarge
from polycast.core.storage import clean
from polycast.core.xmlin import BadXml, Element, XmlLimits, XmlReader

SEGMENTS: Final = 2_000_000
FILES: Final = 100_000
LIMITS: Final = XmlLimits(record_bytes=256 * 1024 * 1024, depth=16)
RECORDS: Final = ("file", "meta", "nzb:file", "nzb:meta")
_QUOTED: Final = re.compile(r'"([^"]{1,300})"')
_COUNTER: Final = re.compile(r"[(\[](\d{1,7})\s*/\s*(\d{1,7})[)\]]")
_LAST_WORD: Final = re.compile(r"(\S{1,300}\.[A-Za-z0-9]{1,10})\s*(?:yEnc|[(\[]\d+/\d+[)\]]|$)", re.IGNORECASE)
_PASSWORD: Final = re.compile(r"\{\{(.{1,200}?)\}\}\s*$")
_MESSAGE_ID: Final = re.compile(r"[^\s<>\x00-\x1f\x7f]{3,250}")


def read_nzb(pieces: Iterable[bytes], *, file_name: str = "", password: str = "") -> Nzb:
    """The document. `file_name` is the NZB's own; it may carry a password as `name{{password}}.nzb`.

    Blocking. Raises: RefusedPost; TooLarge.
    """
    taking = _Taking()
    reader = XmlReader(RECORDS, taking.record, limits=LIMITS)
    try:
        reader.read(pieces)
    except BadXml as error:
        raise RefusedPost(Reason.INVALID, f"this is no NZB file ({error.message})") from error
    if reader.root is None or reader.root.name.rpartition(":")[2] != "nzb":
        raise RefusedPost(Reason.INVALID, "this is no NZB file")
    files = _merged(taking.files)
    if not files:
        raise RefusedPost(Reason.INVALID, "the NZB file names no articles")
    stem = clean(PurePosixPath(file_name).name.removesuffix(".nzb"), 300)
    hidden = _PASSWORD.search(stem)
    name = taking.meta.get("name") or taking.meta.get("title") or _PASSWORD.sub("", stem).strip()
    return Nzb(
        name=clean(name, 300) or files[0].name or "nzb",
        password=taking.meta.get("password") or (hidden[1] if hidden else "") or password,
        category=taking.meta.get("category", ""),
        posted_at=taking.posted_at,
        files=tuple(files),
    )


class _Taking:
    """Collects files as they are read."""

    def __init__(self) -> None:
        self.meta: dict[str, str] = {}
        self.files: list[Posted] = []
        self.posted_at = 0
        self._segments = 0

    def record(self, element: Element) -> None:
        if element.name.endswith("meta"):
            kind = element.attributes.get("type", "").lower()
            if kind and kind not in self.meta and (text := clean(element.text, 1000)):
                self.meta[kind] = text
            return
        segments: dict[int, Segment] = {}
        groups: list[str] = []
        for child in element.children:
            kind = child.name.rpartition(":")[2]
            if kind == "groups":
                groups = [clean(one.text, 200) for one in child.children][:20]
            elif kind == "segments":
                self._take_segments(child, segments)
        if not segments:
            return
        date = element.attributes.get("date", "")
        self.posted_at = max(self.posted_at, int(date) if date.isdecimal() and len(date) < 12 else 0)
        subject = unescape(element.attributes.get("subject", ""))[:1000]
        self.files.append(
            Posted(
                subject=subject,
                name=name_in(subject),
                groups=tuple(one for one in groups if one),
                segments=tuple(segments[number] for number in sorted(segments)),
            )
        )
        if len(self.files) > FILES:
            raise TooLarge(f"The NZB file names more than {FILES} files.")

    def _take_segments(self, element: Element, segments: dict[int, Segment]) -> None:
        for one in element.children:
            number, size = one.attributes.get("number", ""), one.attributes.get("bytes", "")
            message_id = one.text.strip().strip("<>")
            if not number.isdecimal() or len(number) > 7 or not _MESSAGE_ID.fullmatch(message_id):
                continue
            encoded = int(size) if size.isdecimal() and len(size) < 10 else 0
            segments.setdefault(int(number), Segment(int(number), message_id, encoded))
            self._segments += 1
            if self._segments > SEGMENTS:
                raise TooLarge(f"The NZB file names more than {SEGMENTS} articles.")


def name_in(subject: str) -> str:
    """The name of the file in a subject: what stands in quotes, else the last word with an extension."""
    if found := _QUOTED.search(subject):
        return clean(found[1], 300)
    words = _LAST_WORD.findall(subject)
    return clean(words[-1], 300) if words else ""


def _merged(files: list[Posted]) -> list[Posted]:
    """Posts that give each article of one file a `<file>` of its own, put together by name and counter."""
    groups: dict[str, list[tuple[int, int, Posted]]] = {}
    for file in files:
        counters = _COUNTER.findall(file.subject)
        if len(file.segments) == 1 and counters and int(counters[-1][1]) > 1:
            number, total = int(counters[-1][0]), int(counters[-1][1])
            groups.setdefault(file.name or _COUNTER.sub("", file.subject), []).append((number, total, file))
    apart = {id(file) for members in groups.values() if len(members) > 1 for _, _, file in members}
    merged = [file for file in files if id(file) not in apart]
    for members in groups.values():
        if len(members) < 2:
            continue
        by_number = {number: file for number, _, file in reversed(members)}
        segments = tuple(
            Segment(number, by_number[number].segments[0].message_id, by_number[number].segments[0].encoded_bytes)
            for number in sorted(by_number)
        )
        first = members[0][2]
        merged.append(
            Posted(
                subject=first.subject,
                name=first.name,
                groups=first.groups,
                segments=segments,
                expected=max(total for _, total, _ in members),
            )
        )
    return merged

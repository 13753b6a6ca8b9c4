"""Reading M3U playlists of any size: first into raw entries, then one entry into its parts.

Two steps, because a refresh finds most entries unchanged by their raw text alone and never takes those apart.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from msgspec import Struct, field

from polycast.core.errors import TooLarge

LINE_LIMIT: Final = 64 * 1024  # characters
ENTRY_LIMIT: Final = 2_000_000
URL_LIMIT: Final = 4096
NAME_LIMIT: Final = 512
EXTRA_LIMIT: Final = 32  # lines between #EXTINF and address that are kept
ATTRIBUTE_LIMIT: Final = 64
KNOWN_KEYS_LIMIT: Final = 4096  # spellings of attribute names remembered during one parse
SCHEMES: Final = ("http://", "https://", "rtsp://", "rtp://", "udp://")
DEFAULT_GROUP: Final = "Default Group"

# What stands before the opening quote of a value: `#EXTINF:-1 tvg-id=`, ` tvg-name=`; a comma between is tolerated.
BEFORE_VALUE: Final = re.compile(r"(?:#EXTINF:\s*[-+]?[\d.]*)?[\s,]*([A-Za-z0-9_.:-]{1,64})\s*=\s*", re.IGNORECASE)
DURATION: Final = re.compile(r"#EXTINF:\s*[-+]?[\d.]*\s*", re.IGNORECASE)
ATTRIBUTE: Final = re.compile(r"""([A-Za-z0-9_.:-]{1,64})=(?:"([^"]*)"|'([^']*)'|([^\s,"']+)(?=[\s,]|$))""")
HEADER_GUIDE: Final = re.compile(r"""(?:x-tvg-url|url-tvg)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


class RawEntry(NamedTuple):
    """An entry as it stands in the file."""

    extinf: str  # the whole #EXTINF line; "" for an address without one
    url: str
    extras: tuple[str, ...]  # #EXTVLCOPT, #KODIPROP, #EXTGRP lines


class Entry(Struct, gc=False):
    """An entry taken apart. Text is as it stands in the file, only trimmed."""

    name: str
    url: str
    group: str
    attributes: dict[str, str]  # keys in lower case; the first of two equal keys counts
    options: list[str]  # texts of #EXTVLCOPT ("http-user-agent=...")
    properties: list[str]  # texts of #KODIPROP
    headers: str  # what a Kodi `|Header=value&...` suffix of the address said


class Tally(Struct):
    """What a parse met besides good entries. A rejected entry costs itself, never the playlist."""

    entries: int = 0
    rejected: dict[str, int] = field(default_factory=dict)  # reason -> count
    samples: dict[str, str] = field(default_factory=dict)  # reason -> first such line, cut
    guides: list[str] = field(default_factory=list)  # addresses of guides the header names

    def reject(self, reason: str, line: str = "") -> None:
        """Count one more of `reason`: no_address, no_extinf, scheme, url_too_long, line_too_long."""
        self.rejected[reason] = self.rejected.get(reason, 0) + 1
        if line and reason not in self.samples:
            self.samples[reason] = line[:120]


def raw_entries(blocks: Iterable[bytes], tally: Tally, *, limit: int = ENTRY_LIMIT) -> Iterator[RawEntry]:
    """The entries of a playlist, in order. `blocks` are its bytes in pieces of any size.

    An `#EXTINF` without an address is dropped by the next one; other `#` lines lose nothing. Addresses without
    `#EXTINF` count only in a plain list that has none at all.

    Raises: TooLarge, above `limit` entries.
    """
    extinf, extras = "", list[str]()
    has_extinf = False
    for line in _lines(blocks, tally):
        if line[:1] == "#":
            if line[:8] == "#EXTINF:" or line[:8].upper() == "#EXTINF:":
                if extinf:
                    tally.reject("no_address", extinf)
                extinf, has_extinf = line, True
            else:
                _directive(line, extras, tally)
        elif line and (extinf or line.startswith(SCHEMES)):
            if reason := _refusal(line, has_extinf and not extinf):
                tally.reject(reason, line)
            else:
                tally.entries += 1
                if tally.entries > limit:
                    raise TooLarge(f"The playlist has more than {limit:,} entries.")
                yield RawEntry(extinf, line, tuple(extras) if extras else ())
            extinf = ""
            if extras:
                extras = []
    if extinf:
        tally.reject("no_address", extinf)


def _refusal(url: str, is_orphan: bool) -> str:
    """Why this address line is no entry; "" when it is one."""
    if not url.startswith(SCHEMES):
        return "scheme"  # relative paths, rtmp, mms, files: nothing we may open
    if is_orphan:
        return "no_extinf"
    return "url_too_long" if len(url) > URL_LIMIT else ""


def _directive(line: str, extras: list[str], tally: Tally) -> None:
    if line[:11] == "#EXTVLCOPT:" or line[:8] == "#EXTGRP:" or line[:10] == "#KODIPROP:":
        if len(extras) < EXTRA_LIMIT:
            extras.append(line)
    elif line[:7].upper() == "#EXTM3U":
        _header(line, tally)


def _header(line: str, tally: Tally) -> None:
    for found in HEADER_GUIDE.finditer(line):
        for url in (found[1] or found[2] or "").split(","):
            if url.strip().startswith(("http://", "https://")) and url.strip() not in tally.guides:
                tally.guides.append(url.strip())


def _lines(blocks: Iterable[bytes], tally: Tally) -> Iterator[str]:
    """Trimmed lines as text, of at most 64 KiB."""
    for data in _whole_lines(blocks, tally):
        for line in _decoded(data):
            if len(line) > LINE_LIMIT:
                tally.reject("line_too_long", line)
            else:
                yield line.strip()


def _whole_lines(blocks: Iterable[bytes], tally: Tally) -> Iterator[bytes]:
    """The same bytes in pieces that end where a line ends; a monstrous line is skipped in bounded memory."""
    rest = b"\xef\xbb\xbf"  # what a byte order mark leaves when it is taken away
    is_first, skipping = True, False
    for block in blocks:
        data = rest + block if not is_first else block.removeprefix(rest)
        is_first = False
        data, newline, rest = data.rpartition(b"\n")
        if skipping and newline:
            data = data.partition(b"\n")[2]
            skipping = False
        if newline:
            yield data
        if len(rest) > 4 * LINE_LIMIT:
            if not skipping:
                tally.reject("line_too_long")
            rest, skipping = b"", True
    if rest and not is_first and not skipping:
        yield rest


def _decoded(data: bytes) -> list[str]:
    """Lines as UTF-8; only those that are not are read as cp1252, which most old Windows tools wrote."""
    try:
        return data.decode().split("\n")
    except UnicodeDecodeError:
        return [_decoded_line(line) for line in data.split(b"\n")]


def _decoded_line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


class EntryReader:
    """Takes raw entries apart; remembers spellings of attribute names, which repeat half a million times."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}

    def read(self, raw: RawEntry) -> Entry:
        """`raw` in its parts. Never fails: what cannot be read is text of the name.

        The title is what follows the last attribute, its leading comma removed; else `tvc-guide-title`, else
        `tvg-name`, else what stands before the first attribute. Source: `specs/live.md` 4.2.
        """
        name, attributes = self.parts(raw.extinf, raw.url)
        url, headers = raw.url, ""
        if "|" in url:
            url, _, headers = url.partition("|")
        if url[:7] == "udp://@":
            url = "udp://" + url[7:]
        entry = Entry(name, url, attributes.get("group-title", ""), attributes, [], [], headers)
        if raw.extras:
            _add_extras(entry, raw.extras)
        if not entry.group:
            entry.group = DEFAULT_GROUP
        return entry

    def parts(self, extinf: str, url: str) -> tuple[str, dict[str, str]]:
        """Name and attributes of an entry: all there is when it has no directives and a plain address."""
        name, attributes = self._extinf(extinf)
        if not name:
            name = attributes.get("tvc-guide-title") or attributes.get("tvg-name") or _last_segment(url)
        return name, attributes

    def _extinf(self, line: str) -> tuple[str, dict[str, str]]:
        parts = line.split('"')
        if len(parts) % 2 == 0 or len(parts) > 2 * ATTRIBUTE_LIMIT:
            return _slowly(line)
        keys = self._keys
        try:
            named = [keys[before] for before in parts[:-1:2]]
        except KeyError:
            for before in parts[:-1:2]:
                if before not in keys and not self._learn(before):
                    return _slowly(line)
            named = [keys[before] for before in parts[:-1:2]]
        title = parts[-1].strip()
        if not named:
            return _slowly(line)
        attributes = dict(zip(named, parts[1::2], strict=True))
        if len(attributes) != len(named):
            attributes = dict(zip(reversed(named), parts[-2::-2], strict=True))
        if title[:1] == ",":
            return title[1:].lstrip(), attributes
        if "=" in title:  # an attribute with single quotes, or none, comes last
            return _slowly(line)
        return title, attributes

    def _learn(self, before: str) -> bool:
        found = BEFORE_VALUE.fullmatch(before)
        if found is None:
            return False
        if len(self._keys) >= KNOWN_KEYS_LIMIT:
            self._keys.clear()
            return False
        self._keys[before] = found[1].lower()
        return True


def _slowly(line: str) -> tuple[str, dict[str, str]]:
    """Title and attributes of a line with odd quoting: single quotes, none, quotes in the title."""
    start = DURATION.match(line)
    at = first = start.end() if start else 0
    attributes: dict[str, str] = {}
    for found in ATTRIBUTE.finditer(line, at):
        between = line[at : found.start()]
        # After the comma that ends the attributes all is title, whatever it looks like.
        if at > first and between.lstrip()[:1] == "," and between.strip(" \t,"):
            break
        if found[4] is not None and "," in between:
            break
        attributes.setdefault(found[1].lower(), found[2] or found[3] or found[4] or "")
        if len(attributes) >= ATTRIBUTE_LIMIT:
            break
        if at == first and between.strip(" \t,"):
            # The title came first; attributes behind it are still attributes.
            attributes.setdefault("", between.strip(" \t,"))
        at = found.end()
    before = attributes.pop("", "")
    title = line[at:].strip()
    return title.removeprefix(",").strip() or before, attributes


def _add_extras(entry: Entry, extras: tuple[str, ...]) -> None:
    for line in extras:
        text = line.partition(":")[2].strip()
        if line[:8] == "#EXTGRP:":
            entry.group = entry.group or text
        elif line[:10] == "#KODIPROP:":
            entry.properties.append(text)
        else:
            entry.options.append(text)


def _last_segment(url: str) -> str:
    """A name for an address that has none: its last path segment without query and extension."""
    path = url.partition("?")[0].rstrip("/")
    return path.rpartition("/")[2].rpartition(".")[0] or path.rpartition("/")[2]

"""Reads a guide file of any size: all its channels, and the programmes of those that are wanted, in bounded memory."""

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

from msgspec import Struct

from polycast.core.errors import PolycastError
from polycast.core.xmlin import BadXml, Element, XmlReader
from polycast.live.guide.model import Airing
from polycast.live.guide.pages import fingerprint, pack_onto, unpack_run
from polycast.live.guide.times import TimeReader
from polycast.live.guide.xmltv import airing_of, channel_of

MEMORY_BYTES: Final = 48 * 1024 * 1024  # packed programmes in memory; more go to a file
MOST_CHANNELS: Final = 500_000
MOST_PROGRAMMES: Final = 10_000_000
RECORDS: Final = ("channel", "programme")


class NoGuide(PolycastError):
    """What came is no guide. `reason`: empty, html, playlist, refused, unknown."""

    code = "no_guide"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Listed(Struct, frozen=True):
    """A `<channel>`."""

    tvg_id: str
    name: str
    icon_url: str


class Run(Struct, frozen=True):
    """The programmes of one guide channel as they were read."""

    tvg_id: str
    count: int
    packed: bytes | bytearray

    @property
    def fingerprint(self) -> int:
        return fingerprint(self.packed)

    def airings(self) -> list[Airing]:
        return unpack_run(self.packed, self.count)


class _Kept(Struct):
    """One guide channel while the file is read."""

    count: int
    buffer: bytearray
    spilt: list[tuple[int, int]]  # offset and length in the spill file


class GuideReader:
    """One pass over a guide file. Use it as a context manager: it may hold a temporary file."""

    def __init__(
        self,
        wanted: Collection[str],
        *,
        folder: Path,
        check: Callable[[int], None],
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        """`check(bytes read)` is called with each block and may raise."""
        self.channels: dict[str, Listed] = {}
        self.programmes = 0  # of wanted channels
        self.unusable = 0  # programmes without a start
        self.warnings: list[str] = []
        self._wanted = frozenset(wanted)
        self._folder = folder
        self._check = check
        self._kept: dict[str, _Kept] = {}
        self._unlisted: dict[str, Listed] = {}  # channels of programmes, in a guide without a list of channels
        self._memory_bytes = memory_bytes
        self._in_memory = 0
        self._read_time = TimeReader()
        self._stack = ExitStack()
        self._spill: IO[bytes] | None = None

    def __enter__(self) -> "GuideReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def read(self, blocks: Iterable[bytes]) -> None:
        """Read the whole file. Raises: NoGuide, BadXml, TooLarge; what `blocks` raises."""
        reader = XmlReader(RECORDS, self._take, wants=self._wants, is_lenient=True)
        done = 0
        for block in blocks:
            if not done:
                require_guide(block)
            reader.feed(block)
            done += len(block)
            self._check(done)
        if not done:
            raise NoGuide("empty", "The guide is empty.")
        reader.close()
        if reader.root is not None and reader.root.name != "tv" and not self.channels and not self.programmes:
            raise NoGuide("unknown", f"This is XML, but no guide: it begins with <{reader.root.name[:40]}>.")
        self.channels = self.channels or self._unlisted
        self.warnings = [warning.text for warning in reader.warnings]

    def runs(self) -> Iterator[Run]:
        """The programmes that were read, a guide channel at a time, which is then forgotten."""
        for tvg_id in list(self._kept):
            kept = self._kept.pop(tvg_id)
            if kept.spilt and self._spill is not None:
                parts = []
                for offset, length in kept.spilt:
                    self._spill.seek(offset)
                    parts.append(self._spill.read(length))
                yield Run(tvg_id, kept.count, b"".join([*parts, bytes(kept.buffer)]))
            else:
                yield Run(tvg_id, kept.count, kept.buffer)

    def _wants(self, name: str, attributes: dict[str, str]) -> bool:
        if name == "channel":
            return True
        tvg_id = attributes.get("channel")
        if not self.channels and tvg_id and len(self._unlisted) < MOST_CHANNELS:
            self._unlisted.setdefault(tvg_id, Listed(tvg_id, tvg_id, ""))
        return tvg_id in self._wanted

    def _take(self, element: Element) -> None:
        if element.name == "programme":
            self._programme(element)
            return
        found = channel_of(element)
        if found is not None:
            if len(self.channels) >= MOST_CHANNELS:
                raise BadXml(f"The guide has more than {MOST_CHANNELS:,} channels.", position=0)
            self.channels.setdefault(found[0], Listed(*found))

    def _programme(self, element: Element) -> None:
        airing = airing_of(element, self._read_time)
        if airing is None:
            self.unusable += 1
            return
        tvg_id = element.attributes["channel"]
        kept = self._kept.get(tvg_id)
        if kept is None:
            kept = self._kept[tvg_id] = _Kept(0, bytearray(), [])
        before = len(kept.buffer)
        pack_onto(kept.buffer, airing)
        kept.count += 1
        self.programmes += 1
        self._in_memory += len(kept.buffer) - before
        if self._in_memory > self._memory_bytes:
            self._spill_all()

    def _spill_all(self) -> None:
        if self.programmes > MOST_PROGRAMMES:
            raise BadXml(f"The guide has more than {MOST_PROGRAMMES:,} programmes.", position=0)
        if self._spill is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._spill = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by the stack
            self._stack.enter_context(self._spill)
        offset = self._spill.seek(0, 2)
        for kept in self._kept.values():
            if kept.buffer:
                self._spill.write(kept.buffer)
                kept.spilt.append((offset, len(kept.buffer)))
                offset += len(kept.buffer)
                kept.buffer = bytearray()
        self._in_memory = 0


PACKED: Final = (b"\x1f\x8b", b"\xfd7zXZ\x00", b"PK\x03\x04", b"BZh")


def require_guide(head: bytes) -> None:
    """Look at the start of a guide. Raises: NoGuide, with the likely cause in plain words."""
    if head.startswith((*PACKED, b"\xff\xfe", b"\xfe\xff")):
        return
    text = head[:4096].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").lstrip("\0 \t\r\n")
    start = text[:200].lower()
    if not text:
        raise NoGuide("empty", "The address gives an empty answer instead of a guide.")
    if start.startswith(("<!doctype html", "<html", "<head", "<body", "<script")):
        raise NoGuide("html", "The address gives a web page instead of a guide.")
    if start.startswith(("#extm3u", "#extinf")):
        raise NoGuide("playlist", "This is a playlist, not a guide; add it as a playlist.")
    if start.startswith(("{", "[")):
        raise NoGuide("refused", "The provider answers with JSON instead of a guide; check the login.")
    if "<" not in text:
        raise NoGuide("unknown", "This is not a guide: there is no XML in it.")

"""The only door for XML from outside: streaming, bounded, without entities of its own. Source: specs/security.md 3.7.

A document type without an internal subset is ignored; one with a subset, entity declarations, parameter entities and
XInclude are refused; nothing outside is ever loaded. HTML's named entities, bare `&`, control characters, foreign
bytes and broken places (with `is_lenient`) are put up with, since real guides hold them.

`XmlReader` hands out one finished `Element` for each record (`<programme>`, `<item>`) of an endless file;
`read_xml` gives a small document as a tree.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType
from xml.parsers.expat.errors import messages

from msgspec import Struct
from msgspec.structs import replace

from polycast.core.errors import PolycastError, TooLarge
from polycast.core.xmltext import HEAD_BYTES, cleaned

SLICE_BYTES: Final = 32 * 1024
_COMMENTS: Final = (b"<!--", b"<?")


class XmlLimits(Struct, frozen=True, kw_only=True):
    """How large a document's parts may be."""

    depth: int = 64
    text_bytes: int = 1024 * 1024  # one text node
    attributes: int = 256  # of one element
    tag_bytes: int = 64 * 1024  # one start tag with its attributes
    comment_bytes: int = 1024 * 1024
    name_length: int = 256
    names: int = 10_000  # different names of elements and attributes
    record_bytes: int = 2 * 1024 * 1024
    repairs: int = 1000  # broken places skipped before giving up


LIMITS: Final = XmlLimits()
Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


class BadXml(PolycastError):
    """The document is not XML, or not XML that we take. `position`: byte in the document as UTF-8."""

    code = "bad_xml"

    def __init__(self, message: str, *, position: int) -> None:
        super().__init__(message)
        self.position = position


class XmlWarning(Struct, frozen=True):
    """A broken place that was skipped."""

    position: int  # byte in the document as UTF-8
    text: str


class Element(Struct, gc=False):
    """One element. Names are as written; with namespaces `{uri}name`."""

    name: str
    attributes: dict[str, str]
    text: str = ""  # all text directly inside it, joined
    children: "Sequence[Element]" = ()

    def find(self, name: str) -> "Element | None":
        """The first child of that name."""
        for child in self.children:
            if child.name == name:
                return child
        return None

    def all(self, name: str) -> "list[Element]":
        """All children of that name."""
        return [child for child in self.children if child.name == name]

    def text_of(self, name: str) -> str:
        """Trimmed text of the first child of that name; "" without one."""
        child = self.find(name)
        return child.text.strip() if child is not None else ""


class _Builder:
    """Expat's callbacks: makes elements of records, passes over the rest. The hot path of every guide import."""

    def __init__(
        self,
        records: Collection[str] | None,
        on_record: Callable[[Element], None],
        wants: Callable[[str, dict[str, str]], bool] | None,
        limits: XmlLimits,
        *,
        namespaces: bool,
    ) -> None:
        self.root: Element | None = None
        self.record_position = 0
        self.base = 0  # position of the parser's first byte
        self._records = None if records is None else frozenset(records)
        self._on_record = on_record
        self._wants = wants
        self._limits = limits
        self._namespaces = namespaces
        self._outer: list[str] = []  # open elements outside records
        self._around: list[str] = []  # the same, around the latest record
        self._open: list[Element] = []  # open elements from the record inwards
        self._parts: list[str] = []  # text since the last tag
        self._mixed: dict[int, list[str]] = {}  # text before child elements, by depth
        self._room = limits.depth  # for elements inside the record
        self._skipped = 0  # depth inside a record that is not wanted
        self._handlers = self._made_handlers()
        self.parser = self._make()

    def reopen(self, position: int) -> None:
        """Go on with a new parser at `position`, where a record begins, as if nothing had been broken before."""
        path = self._around
        prefix = "".join(f"<{name}>" for name in path).encode()
        for left in (self._open, self._parts, self._mixed):
            left.clear()
        self._outer, self._skipped = [], 0
        self.parser = self._make()
        self.parser.Parse(prefix, False)
        self.base = position - len(prefix)

    def mind_limits(self, position: int) -> None:
        if sum(map(len, self._parts)) > self._limits.text_bytes:
            raise TooLarge("A text is too long.")
        if self._open and position - self.record_position > self._limits.record_bytes:
            raise TooLarge("An entry is too large.")

    def _make(self) -> XMLParserType:
        parser = ParserCreate("utf-8", "}" if self._namespaces else None)
        parser.buffer_text = True
        parser.buffer_size = SLICE_BYTES
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        self._listen(parser)
        return parser

    def _listen(self, parser: XMLParserType) -> None:
        parser.StartElementHandler, parser.EndElementHandler = self._handlers
        parser.CharacterDataHandler = self._parts.append

    def _doctype(self, name: str, system: str | None, public: str | None, has_subset: bool) -> None:
        if has_subset:
            raise BadXml("The document declares things of its own.", position=self.base + self.parser.CurrentByteIndex)

    def _entity(self, *declared: object) -> None:
        raise BadXml("The document declares entities.", position=self.base + self.parser.CurrentByteIndex)

    def _made_handlers(self) -> tuple[Start, End]:
        """The two callbacks that run a few million times a guide: closures, which cost a quarter less than methods."""
        opened, parts, mixed, limits, namespaces = self._open, self._parts, self._mixed, self._limits, self._namespaces
        push, pop, forget, outside = opened.append, opened.pop, parts.clear, self._start_outside

        def start(name: str, attributes: dict[str, str]) -> None:
            if namespaces and "}" in name:
                name = "{" + name
            if len(attributes) > limits.attributes:
                raise TooLarge("A tag has too many attributes.")
            if not opened:
                forget()
                outside(name, attributes)
                return
            if len(opened) >= self._room:
                raise TooLarge("The document is nested too deeply.")
            if parts:
                text = "".join(parts)
                forget()
                if not text.isspace():
                    mixed.setdefault(len(opened), []).append(text)
            element = Element(name, attributes)
            parent = opened[-1]
            children = parent.children
            if isinstance(children, list):
                children.append(element)
            else:
                parent.children = [element]
            push(element)

        def end(name: str) -> None:
            if not opened:
                forget()
                self._outer.pop()
                return
            element = opened[-1]
            if parts:
                element.text = parts[0] if len(parts) == 1 else "".join(parts)
                forget()
            if mixed and (before := mixed.pop(len(opened), None)):
                element.text = "".join(before) + element.text
            pop()
            if not opened:
                self._on_record(element)

        return start, end

    def _start_outside(self, name: str, attributes: dict[str, str]) -> None:
        if self.root is None:
            self.root = Element(name, attributes)
        if len(self._outer) >= self._limits.depth:
            raise TooLarge("The document is nested too deeply.")
        if self._records is not None and name not in self._records:
            self._outer.append(name)
            return
        self.record_position = self.base + self.parser.CurrentByteIndex
        self._around = self._outer.copy()
        self._room = self._limits.depth - len(self._outer)
        if self._wants is None or self._wants(name, attributes):
            self._open.append(Element(name, attributes))
            return
        self._skipped = 1
        self.parser.StartElementHandler = self._skip_start
        self.parser.EndElementHandler = self._skip_end
        self.parser.CharacterDataHandler = None

    def _skip_start(self, name: str, attributes: dict[str, str]) -> None:
        self._skipped += 1
        if self._skipped > self._room:
            raise TooLarge("The document is nested too deeply.")

    def _skip_end(self, name: str) -> None:
        self._skipped -= 1
        if not self._skipped:
            self._listen(self.parser)


class XmlReader:
    """Reads a document piece by piece and hands out each record as soon as its end has come.

    `records`: names of the elements to hand out, wherever they stand outside another record; None: the outermost. `wants(name, attributes)`
    may turn one down before its inside is read, which is far cheaper. With `is_lenient` a broken place costs the
    record it is in, and an early end is a warning.

    Raises (`feed`, `close`): BadXml, TooLarge; whatever the callbacks raise.
    """

    def __init__(
        self,
        records: Collection[str] | None,
        on_record: Callable[[Element], None],
        *,
        wants: Callable[[str, dict[str, str]], bool] | None = None,
        limits: XmlLimits = LIMITS,
        is_lenient: bool = False,
        namespaces: bool = False,
    ) -> None:
        self.warnings: list[XmlWarning] = []
        self._limits = limits
        self._is_lenient = is_lenient and records is not None and not namespaces
        self._builder = _Builder(records, on_record, wants, limits, namespaces=namespaces)
        self._resume = re.compile(b"<(?:" + b"|".join(re.escape(name.encode()) for name in records or ()) + rb")[\s/>]")
        self._clean: Callable[[bytes, bool], bytes] | None = None
        self._waiting = b""  # the document's head, until the encoding is known
        self._fed = 0  # position behind the last byte that was looked at
        self._lost: bytes | None = None  # after a broken place: the bytes that may begin a record's tag
        self._token = b""  # how the token begins that is not complete yet
        self._name_count = 0

    @property
    def root(self) -> Element | None:
        """Name and attributes of the outermost element, once it was seen."""
        return self._builder.root

    @property
    def record_position(self) -> int:
        """Where the latest record begins: byte in the document as UTF-8."""
        return self._builder.record_position

    def feed(self, piece: bytes) -> None:
        """Read on."""
        self._take(piece, is_last=False)

    def close(self) -> None:
        """The document has ended."""
        self._take(b"", is_last=True)
        if self._lost is not None:
            return
        try:
            self._builder.parser.Parse(b"", True)
        except ExpatError as error:
            if not self._is_lenient or self.root is None:
                raise BadXml(_told(error), position=self._fed) from None
            self.warnings.append(XmlWarning(self._fed, "The document ends too early."))

    def read(self, pieces: Iterable[bytes]) -> None:
        """Read all of `pieces` and close."""
        for piece in pieces:
            self.feed(piece)
        self.close()

    def _take(self, piece: bytes, *, is_last: bool) -> None:
        if self._clean is None:
            self._waiting += piece
            if len(self._waiting) < HEAD_BYTES and not is_last:
                return
            piece, self._waiting = self._waiting, b""
            self._clean = cleaned(piece[:HEAD_BYTES])
        data = self._clean(piece, is_last)
        for start in range(0, len(data), SLICE_BYTES):
            self._parse(data[start : start + SLICE_BYTES])

    def _parse(self, data: bytes) -> None:
        """Give one slice to the parser; step over broken places."""
        while data:
            if self._lost is not None:
                data = self._search(data)
                continue
            start = self._fed
            self._fed += len(data)
            try:
                self._builder.parser.Parse(data, False)
            except ExpatError as error:
                position = self._builder.base + self._builder.parser.ErrorByteIndex
                if not self._is_lenient or self.root is None or len(self.warnings) >= self._limits.repairs:
                    raise BadXml(_told(error), position=position) from None
                self.warnings.append(XmlWarning(position, _told(error)))
                self._lost = b""
                data = data[max(0, position + 1 - start) :]
                self._fed -= len(data)
            else:
                self._mind_limits(data)
                return

    def _search(self, data: bytes) -> bytes:
        """After a broken place: drop everything before the next record; a new parser goes on there."""
        joined = (self._lost or b"") + data
        start = self._fed - len(joined) + len(data)
        self._fed += len(data)
        found = self._resume.search(joined)
        if found is None:
            self._lost = joined[-self._limits.name_length :]
            return b""
        self._lost = None
        self._builder.reopen(start + found.start())
        self._fed = start + found.start()
        return joined[found.start() :]

    def _mind_limits(self, data: bytes) -> None:
        """What expat itself does not bound; looked at once a slice."""
        limits, builder = self._limits, self._builder
        pending = self._fed - builder.base - builder.parser.CurrentByteIndex  # bytes of a token without its end
        if pending <= len(data):
            self._token = data[len(data) - pending :][:4]
        elif len(self._token) < 4:
            self._token = (self._token + data)[:4]
        limit = limits.comment_bytes if self._token.startswith(_COMMENTS) else limits.tag_bytes
        if pending > limit:
            raise TooLarge("A tag or comment is too long.")
        builder.mind_limits(self._fed)
        names = builder.parser.intern
        if len(names) != self._name_count:
            self._name_count = len(names)
            if self._name_count > limits.names or max(len(name or "") for name in names) > limits.name_length:
                raise TooLarge("The document has too many or too long names.")
            if "xi:include" in names:
                raise BadXml("The document wants to include others.", position=self._fed)


def read_xml(data: bytes, *, limits: XmlLimits = LIMITS, namespaces: bool = False) -> Element:
    """A small document as a tree. Raises: BadXml, TooLarge."""
    found: list[Element] = []
    whole = replace(limits, record_bytes=max(limits.record_bytes, 2 * len(data)))
    XmlReader(None, found.append, limits=whole, namespaces=namespaces).read([data])
    return found[0]


def _told(error: ExpatError) -> str:
    """What is wrong and where, in words of the parser."""
    return f"The XML is broken at line {error.lineno}: {messages.get(error.code, 'unknown')}."

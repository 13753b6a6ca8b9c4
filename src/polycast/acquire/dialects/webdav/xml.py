"""Multistatus answers, written straight into text: one row at a time."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Final

from msgspec import Struct

from polycast.acquire.dialects.webdav.errors import DavError
from polycast.core.errors import PolycastError
from polycast.core.xmlin import read_xml

DAV: Final = "{DAV:}"
HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>\n<d:multistatus xmlns:d="DAV:">'
TAIL: Final = "</d:multistatus>"
LIVE: Final = [
    "displayname",
    "resourcetype",
    "getcontentlength",
    "getcontenttype",
    "getetag",
    "getlastmodified",
    "creationdate",
    "supportedlock",
    "lockdiscovery",
    "quota-available-bytes",
    "quota-used-bytes",
]
SUPPORTED: Final = (
    "<d:lockentry><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockentry>"
    "<d:lockentry><d:lockscope><d:shared/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockentry>"
)
PROPERTIES: Final = 200
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


_STAND_IN: Final = datetime(1971, 2, 3, 4, 5, 6, tzinfo=UTC)  # a date that no row has


class Asked(Struct, frozen=True, kw_only=True):
    """What a PROPFIND wants: everything, names only, or some by name."""

    names: tuple[str, ...] | None = None  # None: all; `{uri}name`
    only_names: bool = False


class Resource(Struct, frozen=True, kw_only=True, gc=False):
    """A row of an answer."""

    href: str  # percent-encoded, with a slash at its end for collections
    name: str
    is_folder: bool
    modified_at: datetime
    size_bytes: int = 0
    content_type: str = ""
    etag: str = ""
    quota: tuple[int, int] | None = None  # free, used
    dead: Mapping[str, str] = {}  # `{uri}name` -> inner XML
    locks: str = ""  # activelock elements


def read_propfind(body: bytes) -> Asked:
    """No body asks for everything. Raises: DavError."""
    if not body.strip():
        return Asked()
    try:
        root = read_xml(body, namespaces=True)
    except PolycastError as error:
        raise DavError(400, "The request is no XML.") from error
    if root.name != f"{DAV}propfind":
        raise DavError(400, "The request is no propfind.")
    if root.find(f"{DAV}propname") is not None:
        return Asked(only_names=True)
    prop = root.find(f"{DAV}prop")
    if prop is None:
        return Asked()
    return Asked(names=tuple(child.name for child in prop.children)[:PROPERTIES])


def row(resource: Resource, asked: Asked) -> str:
    """A `d:response`."""
    if asked.names is None and not asked.only_names and not resource.dead:
        return (
            f"<d:response><d:href>{escape(resource.href)}</d:href><d:propstat><d:prop>{_everything(resource)}</d:prop>"
            "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
        )
    live = _live(resource)
    if asked.only_names:
        found = "".join(f"<d:{name}/>" for name in live) + "".join(_named(name, "") for name in resource.dead)
        return _response(resource.href, found, "")
    if asked.names is None:
        shown = "".join(f"<d:{name}>{value}</d:{name}>" for name, value in live.items())
        return _response(resource.href, shown + "".join(_named(n, v) for n, v in resource.dead.items()), "")
    shown_rows: list[str] = []
    missing: list[str] = []
    for name in asked.names:
        bare = name.removeprefix(DAV)
        if name.startswith(DAV) and bare in live:
            shown_rows.append(f"<d:{bare}>{live[bare]}</d:{bare}>")
        elif name in resource.dead:
            shown_rows.append(_named(name, resource.dead[name]))
        else:
            missing.append(_named(name, ""))
    return _response(resource.href, "".join(shown_rows), "".join(missing))


class FolderRows:
    """Rows of collections, thousands of them: what a PROPFIND wants is worked out once, each row only filled in."""

    def __init__(self, asked: Asked) -> None:
        pattern = Resource(href="\1/", name="\2", is_folder=True, modified_at=_STAND_IN)
        text = row(pattern, asked).replace("%", "%%")
        for mark, word in (
            ("\1", "href"),
            ("\2", "name"),
            (http_date(_STAND_IN), "http"),
            (iso_date(_STAND_IN), "iso"),
        ):
            text = text.replace(mark, f"%({word})s")
        self._text = text

    def row(self, href: str, name: str, at: datetime) -> str:
        """`href` without its last slash."""
        values = {"href": escape(href), "name": escape(name), "http": http_date(at), "iso": iso_date(at)}
        return self._text % values


def _response(href: str, found: str, missing: str) -> str:
    parts = [f"<d:response><d:href>{escape(href)}</d:href>"]
    if found or not missing:
        parts.append(f"<d:propstat><d:prop>{found}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>")
    if missing:
        parts.append(f"<d:propstat><d:prop>{missing}</d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>")
    return "".join(parts) + "</d:response>"


def _named(name: str, inner: str) -> str:
    """An element of any namespace."""
    uri, bare = name[1:].split("}", 1) if name.startswith("{") else ("", name)
    if uri == "DAV:":
        return f"<d:{bare}>{inner}</d:{bare}>" if inner else f"<d:{bare}/>"
    if not uri:
        return f'<{bare} xmlns="">{inner}</{bare}>'
    return f'<x:{bare} xmlns:x="{escape(uri)}">{inner}</x:{bare}>'


def _everything(resource: Resource) -> str:
    """The quick way for long listings."""
    name = escape(resource.name)
    date, made = http_date(resource.modified_at), iso_date(resource.modified_at)
    if resource.is_folder:
        quota = ""
        if resource.quota is not None:
            free, used = resource.quota
            quota = f"<d:quota-available-bytes>{free}</d:quota-available-bytes><d:quota-used-bytes>{used}</d:quota-used-bytes>"
        return (
            f"<d:displayname>{name}</d:displayname><d:resourcetype><d:collection/></d:resourcetype>"
            f"<d:getlastmodified>{date}</d:getlastmodified><d:creationdate>{made}</d:creationdate>"
            f"{quota}"
        )
    return (
        f"<d:displayname>{name}</d:displayname><d:resourcetype/>"
        f"<d:getcontentlength>{resource.size_bytes}</d:getcontentlength>"
        f"<d:getcontenttype>{escape(resource.content_type)}</d:getcontenttype><d:getetag>{escape(resource.etag)}</d:getetag>"
        f"<d:getlastmodified>{date}</d:getlastmodified><d:creationdate>{made}</d:creationdate>"
    )


def _live(resource: Resource) -> dict[str, str]:
    found = {
        "displayname": escape(resource.name),
        "resourcetype": "<d:collection/>" if resource.is_folder else "",
        "getlastmodified": http_date(resource.modified_at),
        "creationdate": iso_date(resource.modified_at),
        "supportedlock": SUPPORTED,
        "lockdiscovery": resource.locks,
    }
    if not resource.is_folder:
        found["getcontentlength"] = str(resource.size_bytes)
        found["getcontenttype"] = escape(resource.content_type)
        found["getetag"] = escape(resource.etag)
    if resource.quota is not None:
        found["quota-available-bytes"], found["quota-used-bytes"] = map(str, resource.quota)
    return found


def http_date(at: datetime) -> str:
    """As HTTP writes it; by hand, because a listing has tens of thousands."""
    at = at if at.tzinfo is UTC else at.astimezone(UTC)
    return f"{DAYS[at.weekday()]}, {at.day:02} {MONTHS[at.month - 1]} {at.year:04} {at.hour:02}:{at.minute:02}:{at.second:02} GMT"


def iso_date(at: datetime) -> str:
    at = at if at.tzinfo is UTC else at.astimezone(UTC)
    return f"{at.year:04}-{at.month:02}-{at.day:02}T{at.hour:02}:{at.minute:02}:{at.second:02}Z"


def multistatus(rows: Sequence[str]) -> bytes:
    return (HEAD + "".join(rows) + TAIL).encode()

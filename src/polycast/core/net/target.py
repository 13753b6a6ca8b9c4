"""A URL taken apart once, strictly: what is judged is what is connected to."""

import re
from base64 import b64encode
from typing import Final
from urllib.parse import unquote, urljoin

from msgspec import Struct
from yarl import URL

from polycast.core.net.address import Address, literal
from polycast.core.net.errors import Forbidden

URL_LIMIT: Final = 8192  # characters
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_SHAPE: Final = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<rest>[^#]*)", re.IGNORECASE)
_NAME: Final = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$"
)
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")
_TO_QUOTE: Final = re.compile(r"[^!$%&'()*+,\-./0-9:;=?@A-Z_a-z~]|%(?![0-9A-Fa-f]{2})")


class Target(Struct, frozen=True, kw_only=True):
    """Where one request goes."""

    scheme: str  # "http" | "https"
    host: str  # lower case ASCII, without brackets and final dot
    port: int
    rest: str  # path and query as they go into the request line
    address: Address | None  # when `host` is an address
    basic: str | None = None  # value of an Authorization header, from `user:password@`

    @property
    def origin(self) -> tuple[str, str, int]:
        return (self.scheme, self.host, self.port)

    @property
    def text(self) -> str:
        """The URL without credentials in its authority."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.rest}"

    @property
    def url(self) -> URL:
        """For the client library; built from the judged parts, never parsed again."""
        path, _, query = self.rest.partition("?")
        return URL.build(
            scheme=self.scheme, host=self.host, port=self.port, path=path, query_string=query, encoded=True
        )


def parse_target(text: str) -> Target:
    """Take an http or https URL apart. Non-ASCII names become punycode; odd characters of the path are quoted.

    Raises: Forbidden ("scheme", "spelling", "port").
    """
    text = text.strip(" \t\r\n")
    if len(text) > URL_LIMIT or _CONTROLS.search(text):
        raise Forbidden("spelling")
    shape = _SHAPE.match(text)
    if shape is None:
        raise Forbidden("scheme" if ":" in text else "spelling")
    userinfo, _, place = shape["authority"].rpartition("@")
    # Browsers read `\` as `/`, resolvers stop at blanks, and a second `@` moves the host: each would make two readers
    # of one URL see two hosts.
    if "@" in userinfo or any(mark in shape["authority"] for mark in "\\ "):
        raise Forbidden("spelling")
    scheme = shape["scheme"].lower()
    host, port = _place(place, scheme)
    rest = shape["rest"] if shape["rest"].startswith("/") else "/" + shape["rest"]
    return Target(
        scheme=scheme,
        host=host,
        port=port,
        rest=_TO_QUOTE.sub(_quoted, rest),
        address=literal(host),
        basic=_basic(userinfo) if userinfo else None,
    )


def follow(target: Target, location: str) -> Target:
    """Where a redirect from `target` leads. Raises as `parse_target`."""
    location = location.strip(" \t\r\n")
    if location.startswith(("\\", "/\\")):
        raise Forbidden("spelling")
    try:
        return parse_target(urljoin(target.text, location))
    except ValueError:
        raise Forbidden("spelling") from None


def host_of(text: str) -> str:
    """The host of a URL in the form in which hosts are compared; `text` itself when it is a bare host."""
    return parse_target(text).host if "://" in text else text.strip("[]").rstrip(".").lower()


def _place(place: str, scheme: str) -> tuple[str, int]:
    if place.startswith("["):
        host, closing, tail = place[1:].partition("]")
        if not closing or "%" in host or ":" not in host:  # `%` starts a scope id
            raise Forbidden("spelling")
        port_text = tail.removeprefix(":")
        if tail and not tail.startswith(":"):
            raise Forbidden("spelling")
        address = literal(host)
        if address is None:
            raise Forbidden("spelling")
        host = str(address)
    else:
        host, _, port_text = place.partition(":")
        host = _name(host)
    if not port_text:
        return host, _DEFAULT_PORTS[scheme]
    if not (port_text.isascii() and port_text.isdigit() and len(port_text) <= 5 and 0 < int(port_text) < 65536):
        raise Forbidden("port")
    return host, int(port_text)


def _name(host: str) -> str:
    try:
        # nameprep also turns full-width digits and ideographic full stops into ASCII, as a browser would
        plain = host.encode("idna").decode("ascii").lower().rstrip(".") if not host.isascii() else host.lower()
    except UnicodeError:
        raise Forbidden("spelling") from None
    plain = plain.removesuffix(".")
    if not _NAME.match(plain):
        raise Forbidden("spelling")
    return plain


def _quoted(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogateescape"))


def _basic(userinfo: str) -> str:
    user, _, password = userinfo.partition(":")
    return "Basic " + b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode("ascii")

"""How an account's own requests go out where that differs from the server's way."""

import re
import ssl
from asyncio import StreamWriter
from hashlib import sha256
from typing import Final

from aiohttp import Fingerprint
from msgspec import Struct

from polycast.core.errors import Invalid
from polycast.core.net.target import Target, parse_target

_HEX: Final = re.compile(r"[0-9a-f]{64}")


class Via(Struct, frozen=True, kw_only=True):
    """A proxy of its own, and what certificates its peer may show: those the system trusts, one, or any."""

    proxy: Target | None = None
    fingerprint: bytes | None = None  # SHA-256 of the one certificate
    verify_tls: bool = True  # False: any certificate; the bytes are sealed, but nobody knows for whom

    @property
    def tls(self) -> bool | Fingerprint:
        """As aiohttp takes it."""
        return Fingerprint(self.fingerprint) if self.fingerprint else self.verify_tls

    def context(self) -> ssl.SSLContext:
        """For a connection that is not HTTP; `check` compares a pinned certificate."""
        context = ssl.create_default_context()
        if self.fingerprint or not self.verify_tls:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def check(self, writer: StreamWriter) -> None:
        """Close what shows another certificate than the pinned one. Raises: ssl.SSLError."""
        if self.fingerprint is None:
            return
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        if sha256(shown).digest() != self.fingerprint:
            writer.close()
            raise ssl.SSLError("the server shows another certificate than the one that is pinned")


DIRECT: Final = Via()


def read_via(*, proxy: str = "", fingerprint: str = "") -> Via:
    """From an `http(s)://[user:password@]host:port` proxy and a hex SHA-256, `:` between bytes or not.

    Raises: Invalid ("proxy", "tls_fingerprint").
    """
    wanted = fingerprint.replace(":", "").strip().lower()
    if wanted and not _HEX.fullmatch(wanted):
        raise Invalid.one("tls_fingerprint", "fingerprint", "A fingerprint is the SHA-256 of a certificate, in hex.")
    if proxy and not proxy.lower().startswith(("http://", "https://")):
        raise Invalid.one("proxy", "scheme", "Only http:// and https:// proxies are spoken to.")
    return Via(proxy=parse_target(proxy) if proxy else None, fingerprint=bytes.fromhex(wanted) or None)

"""Whether a notification may go to an address: said before it is saved. Source: specs/monitor.md 3.10, 4.4."""

from typing import Any
from urllib.parse import urlsplit

from polycast.core.net import Forbidden, Reach, reach_of
from polycast.core.net.address import literal
from polycast.monitor.outbox.senders import Senders, is_loopback
from polycast.monitor.preferences.checks import redacted_url
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.servers.targets import METADATA_NAMES

PORTS = {"http": 80, "https": 443}
TEXTS = {
    "public_safe": "The destination is public.",
    "local_untrusted": "The destination is in a private network. List it as trusted to use it.",
    "trusted_local": "The destination is in a private network and listed as trusted.",
    "unsupported": "Only http and https addresses can be checked.",
}


class Safety:
    """Judges; the real judgement is made again at each connection."""

    def __init__(self, *, senders: Senders, book: PreferencesBook) -> None:
        self._senders = senders
        self._book = book

    async def preview(self, source: str, url: str) -> dict[str, Any]:
        """The judgement, with the address in its parts and its secrets left out."""
        found: dict[str, Any] = {"source": source, "url": redacted_url(url[:2000]), "normalized": None}
        try:
            parts = urlsplit(url[:2000].strip())
            host, port = (parts.hostname or "").rstrip("."), parts.port or PORTS.get(parts.scheme, 0)
        except ValueError:
            return found | _said("blocked_spelling", "The address is not written as it should be.")
        if parts.scheme not in PORTS or not host:
            return found | _said("unsupported", TEXTS["unsupported"])
        found["normalized"] = {"scheme": parts.scheme, "host": host, "port": port}
        return found | self._judged(source, host, port)

    def _judged(self, source: str, host: str, port: int) -> dict[str, Any]:
        kind = "webhook" if source == "webhook" else "apprise_custom"
        allowed = self._senders.allowed(kind, self._book.now)
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if host in METADATA_NAMES:
            return _said("blocked_metadata", "This is a metadata service.")
        try:
            address = literal(host)
        except Forbidden as error:
            return _said("blocked_spelling", error.message)
        reach = Reach.LOOPBACK if is_loopback(host) else reach_of(address) if address is not None else Reach.PUBLIC
        is_local_name = address is None and ("." not in host or host.endswith((".local", ".lan", ".home.arpa")))
        if place in allowed:
            return _said("trusted_local", TEXTS["trusted_local"], trusted=True, trustable=True)
        if reach is Reach.LOOPBACK:
            return _said("blocked_loopback", "The destination is this machine itself.", trustable=True)
        if reach is Reach.PRIVATE or is_local_name:
            return _said("local_untrusted", TEXTS["local_untrusted"], trustable=True)
        if reach is Reach.PUBLIC:
            return _said("public_safe", TEXTS["public_safe"])
        return _said(f"blocked_{reach.value}", "The destination is reserved.")


def _said(status: str, message: str, *, trustable: bool = False, trusted: bool = False) -> dict[str, Any]:
    return {"status": status, "message": message, "trustable": trustable, "trusted": trusted}

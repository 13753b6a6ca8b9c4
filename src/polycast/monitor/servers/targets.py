"""Which hosts may be watched. The addresses behind a name are judged again when a connection is made (`core/net`).

Source: specs/monitor.md 2.3.
"""

import re
from typing import Final

from polycast.core.errors import NotAllowed, PolycastError
from polycast.core.net import Forbidden, HostList, Trust, judge
from polycast.core.net.address import literal

_BAD: Final = re.compile(r"://|[/?#@\s\x00-\x1f\x7f\\]")
_NAME: Final = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_-]{1,63})*\.?$")
METADATA_NAMES: Final = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"}
)


class BadTarget(PolycastError):
    """A host that is not watched, whatever listens there."""

    code = "bad_target"


def check_target(host: str, port: int, *, trusted: HostList) -> str:
    """`host` in the form it is stored in: without brackets. Raises: BadTarget."""
    bare = host.strip()
    bare = bare[1:-1] if bare.startswith("[") and bare.endswith("]") else bare
    if not bare or _BAD.search(bare):
        raise BadTarget("The host is only a name or an address: no scheme, path, user or blank.")
    if not 1 <= port <= 65535:
        raise BadTarget("The port is a number from 1 to 65535.")
    try:
        address = literal(bare)
    except Forbidden as error:
        raise BadTarget(error.message) from error
    if address is not None:
        try:
            judge(
                address, Trust.SOURCE, host=bare.lower(), port=port, named_by=None, trusted=trusted, allowed=HostList()
            )
        except NotAllowed as error:
            raise BadTarget(f"This address is not watched. {error.message}") from error
        return bare
    lower = bare.lower().rstrip(".")
    is_local = lower == "localhost" or lower.endswith(".localhost")
    if lower in METADATA_NAMES or (is_local and (lower, 0) not in trusted.names and (lower, port) not in trusted.names):
        raise BadTarget("This name is not watched.")
    if ":" in bare or not _NAME.match(bare):
        raise BadTarget("This is neither a host name nor an address.")
    return bare

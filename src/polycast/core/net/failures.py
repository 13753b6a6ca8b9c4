"""What the client library and the system say when something fails, in our words."""

import ssl
from typing import Final

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientHttpProxyError,
    ClientPayloadError,
    ClientResponseError,
    ClientSSLError,
    ConnectionTimeoutError,
    InvalidURL,
)

from polycast.core.errors import PolycastError
from polycast.core.net.address import Trust
from polycast.core.net.errors import BadAnswer, Forbidden, Unreachable

FAILED: Final = (ClientError, OSError)  # TimeoutError is an OSError
SAME_FOR_ALL: Final = "The server could not be reached."


def reworded(error: Exception, trust: Trust) -> PolycastError:
    """`error`, raised before the head of the answer was read. Class USER cannot tell open ports from closed ones."""
    if isinstance(error, InvalidURL):
        return Forbidden("spelling")
    if trust is Trust.USER:
        return Unreachable(SAME_FOR_ALL, reason="unreachable")
    if isinstance(error, ClientSSLError):
        return Unreachable("The server's certificate or encryption is not in order.", reason="tls")
    if isinstance(error, ClientHttpProxyError):
        return Unreachable("The proxy refused to connect.", reason="connect")
    if isinstance(error, ClientConnectorError | ConnectionTimeoutError):
        return Unreachable(SAME_FOR_ALL, reason="connect")
    if isinstance(error, TimeoutError):
        return Unreachable("The server does not answer in time.", reason="silent")
    if isinstance(error, ClientResponseError):
        return BadAnswer("The server's answer is not HTTP.", reason="shape")
    return Unreachable("The server closed the connection without an answer.", reason="lost")


def socket_failed(error: Exception, trust: Trust) -> PolycastError:
    """`error`, raised while a plain or TLS connection was made."""
    if trust is Trust.USER:
        return Unreachable(SAME_FOR_ALL, reason="unreachable")
    if isinstance(error, ssl.SSLError):
        return Unreachable("The server's certificate or encryption is not in order.", reason="tls")
    return Unreachable(SAME_FOR_ALL, reason="connect")


def broken(error: Exception) -> PolycastError:
    """`error`, raised while the body was read."""
    if isinstance(error, TimeoutError):
        return BadAnswer("The server stopped sending.", reason="silent")
    if isinstance(error, ClientPayloadError):
        return BadAnswer("The answer broke off.", reason="broken")
    return BadAnswer("The connection was lost in the middle of the answer.", reason="lost")


def unknown_name(trust: Trust) -> Unreachable:
    """The name has no address."""
    if trust is Trust.USER:
        return Unreachable(SAME_FOR_ALL, reason="unreachable")
    return Unreachable("The name of the server is not known.", reason="name")

"""Failures as WebDAV clients understand them: the status, and a short XML body where RFC 4918 has one."""

from collections.abc import Mapping
from typing import Any

from polycast.acquire.dialects.rest.errors import STATUS
from polycast.core.errors import NotSignedIn, PolycastError
from polycast.core.http import headers_of, status_of
from polycast.core.module import Spelled


class DavError(PolycastError):
    """A refusal whose status is the protocol's. `condition` names the precondition element."""

    code = "dav"

    def __init__(self, status: int, message: str, *, condition: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.condition = condition


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """Source: RFC 4918, 8.7 and 16."""
    if isinstance(error, DavError):
        if error.condition:
            body = f'<?xml version="1.0" encoding="utf-8"?><d:error xmlns:d="DAV:"><d:{error.condition}/></d:error>'
            return Spelled(status=error.status, body=body.encode(), content_type='application/xml; charset="utf-8"')
        return Spelled(status=error.status, body=error.message.encode(), content_type="text/plain; charset=utf-8")
    status = STATUS.get(error.code) or status_of(error)
    headers = headers_of(error)
    if isinstance(error, NotSignedIn):
        headers["www-authenticate"] = 'Basic realm="Polycast", charset="UTF-8"'
    return Spelled(
        status=status, body=error.message.encode(), content_type="text/plain; charset=utf-8", headers=headers
    )

"""Failures as the reference words them: `{"error", "code"}`, and `status` for the original's clients."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from polycast.acquire.dialects.bytes import Unobtainable
from polycast.core.errors import PolycastError
from polycast.core.http import headers_of, status_of
from polycast.core.module import Spelled

STATUS: Final[Mapping[str, int]] = {Unobtainable.code: 412, "provider": 502, "action": 409}


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """Source: `specs/acquire.md` 3.0."""
    status = STATUS.get(error.code) or status_of(error)
    headers = headers_of(error)
    if status == 401:
        headers["www-authenticate"] = 'Bearer realm="acquire"'
    body = {"error": error.message, "code": status, "status": status}
    return Spelled(status=status, body=msgspec.json.encode(body), headers=headers)

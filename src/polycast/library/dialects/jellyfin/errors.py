"""Failures as Jellyfin's clients take them: a status and nothing else. A 401 with a body is a dead token all the same."""

from collections.abc import Mapping
from typing import Any

from polycast.core.errors import Invalid, PolycastError
from polycast.core.http import headers_of, status_of
from polycast.core.module import Spelled


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """No body. `X-Application-Error-Code` tells a client that its token is good and its rights are not."""
    headers = headers_of(error)
    headers.pop("www-authenticate", None)
    status = 400 if isinstance(error, Invalid) else status_of(error)
    if error.code == "unavailable":
        status = 503
    if status == 403:
        headers["x-application-error-code"] = "ParentalControl"
    return Spelled(status=status, body=b"", content_type="text/plain", headers=headers)

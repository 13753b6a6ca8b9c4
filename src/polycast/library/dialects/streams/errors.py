"""Failures of streams: `{"error": ...}`, as everywhere in this API. Source: specs/library.md 3.0 and 3.6."""

from collections.abc import Mapping
from typing import Any

import msgspec

from polycast.core.errors import Invalid, PolycastError
from polycast.core.http import headers_of, status_of
from polycast.core.module import Spelled


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """Players understand "later" (503) better than anything else that may pass."""
    status = status_of(error)
    text = error.message
    if isinstance(error, Invalid) or error.code == "unavailable":
        status, text = 503, "The file cannot be played."
    body: dict[str, Any] = {"error": text}
    if reason := getattr(error, "code_for_clients", ""):
        body["code"] = reason
    if request_id := scope.get("state", {}).get("request_id"):
        body["requestId"] = str(request_id)
    headers = headers_of(error)
    if status == 503:
        headers.setdefault("retry-after", "1")
    return Spelled(status=status, body=msgspec.json.encode(body), headers=headers)

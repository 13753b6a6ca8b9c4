"""The few forms of an answer."""

from typing import Any, Final

import msgspec

from polycast.acquire.dialects.qbittorrent.errors import TEXT
from polycast.core.http import Response

OK: Final = "Ok."
FAILS: Final = "Fails."
NO_STORE: Final = {"cache-control": "no-store"}


def text(body: str, status: int = 200) -> Response:
    return Response(body.encode(), status_code=status, headers={**NO_STORE, "content-type": TEXT})


def empty() -> Response:
    """200 without a word."""
    return Response(b"", headers={**NO_STORE, "content-type": TEXT})


def json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), headers=NO_STORE, media_type="application/json")

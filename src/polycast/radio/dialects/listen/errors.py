"""Failures as Icecast words them: a line of text, whoever asks is a player."""

from collections.abc import Mapping
from typing import Any

from polycast.core.errors import NotSignedIn, PolycastError
from polycast.core.http import headers_of, status_of
from polycast.core.module import Spelled
from polycast.radio.edge.model import NO_MOUNT


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """Plain text."""
    status = status_of(error)
    text = NO_MOUNT.text if status == 404 else error.message
    headers = {**headers_of(error), "access-control-allow-origin": "*"}
    if isinstance(error, NotSignedIn):
        headers["www-authenticate"] = 'Basic realm="Icecast2 Server"'
    return Spelled(status=status, body=text.encode(), content_type="text/plain; charset=utf-8", headers=headers)

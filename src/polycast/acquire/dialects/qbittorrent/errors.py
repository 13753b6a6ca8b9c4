"""Failures as qBittorrent words them: a status and a line of text. Source: `specs/acquire.md` 3.6."""

from collections.abc import Mapping
from typing import Any, Final

from polycast.core.errors import NotSignedIn, PolycastError
from polycast.core.http import headers_of, status_of
from polycast.core.module import Spelled

TEXT: Final = "text/plain; charset=UTF-8"


class Answered(PolycastError):
    """A refusal whose status and text are the original's."""

    code = "answered"

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """Without a credential 403, so that clients sign in again; a wrong one is 401; a locked address 403."""
    if isinstance(error, Answered):
        return Spelled(status=error.status, body=error.message.encode(), content_type=TEXT)
    status = status_of(error)
    if isinstance(error, NotSignedIn) and error.reason == "missing":
        return Spelled(status=403, body=b"Forbidden", content_type=TEXT)
    return Spelled(status=status, body=error.message.encode(), content_type=TEXT, headers=headers_of(error))

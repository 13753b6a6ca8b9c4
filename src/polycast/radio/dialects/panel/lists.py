"""Lists in pages, as this API gives them."""

from collections.abc import Mapping, Sequence
from typing import Any

from polycast.core.http import Envelope, address


def paged(scope: Mapping[str, Any], rows: Sequence[Any], *, count: int, limit: int, offset: int) -> Envelope[Any]:
    """The envelope around a page, with absolute addresses of its neighbours."""
    after, before = offset + limit, max(offset - limit, 0)
    return Envelope(
        count=count,
        next=address(scope, offset=str(after)) if after < count else None,
        previous=address(scope, offset=str(before) if before else None) if offset else None,
        results=list(rows),
    )

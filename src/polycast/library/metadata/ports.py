"""What finding out about titles needs of services outside."""

from typing import Protocol

from polycast.library.metadata.model import Facts
from polycast.library.metadata.scoring import Candidate
from polycast.library.scanning.names import Ids


class TitleProvider(Protocol):
    """A service that knows films and shows. Everything raises Unavailable, and Busy with the time to wait."""

    @property
    def name(self) -> str:
        """Also the column that holds its ids: "tmdb", "tvdb"."""
        ...

    @property
    def has_key(self) -> bool: ...

    async def offers(self, kind: str, title: str, year: int | None, *, language: str) -> list[Candidate]:
        """What it has of that name. `kind`: movie, show."""
        ...

    async def by_ids(self, kind: str, ids: Ids, *, language: str) -> int | None:
        """Its own id of a title."""
        ...

    async def details(self, kind: str, key: int, *, language: str, country: str) -> Facts:
        """Everything of a title. Raises, besides: NotFound."""
        ...

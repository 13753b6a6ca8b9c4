"""What the guide needs of others."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

from polycast.core.events.model import Event
from polycast.core.identity.caller import Caller
from polycast.core.media import ImageFile
from polycast.live.lineup.bulk import Changed
from polycast.live.lineup.edits import GuideChoice
from polycast.live.lineup.model import Viewer


class Unpack(Protocol):
    """Opens a file that may be compressed as its plain bytes, bounded. `core/files` has it."""

    def __call__(self, source: Path, /) -> AbstractContextManager[BinaryIO]: ...


class Teller(Protocol):
    """Where progress is told: `core/events`."""

    def tell(self, event: Event) -> None: ...


class Viewers(Protocol):
    """What callers may see of the line-up."""

    async def viewer(self, caller: Caller) -> Viewer: ...


class Pictures(Protocol):
    """The cache of pictures: `core/media` has it."""

    async def get(
        self, key: str, fetch: Callable[[], Awaitable[bytes | Path]], width: int | None = None
    ) -> ImageFile: ...


class Assigner(Protocol):
    """Gives channels their guide: the line-up's."""

    async def set_guides(self, caller: Caller, choices: Sequence[GuideChoice], text: str) -> Changed:
        """`text` says what was done when it is taken back. Raises: NotAllowed."""
        ...

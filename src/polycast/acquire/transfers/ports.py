"""What transfers need of the part that reads news servers."""

from typing import Protocol

from polycast.acquire.transfers.adding import Added, Wanted
from polycast.core.identity.caller import Caller


class NzbIntake(Protocol):
    """Takes NZB documents in, as `Adding` takes torrents."""

    def looks_like_nzb(self, content: bytes) -> bool:
        """Whether bytes are worth reading as one, packed or not."""
        ...

    async def add_nzb(self, caller: Caller, content: bytes, *, name: str, wanted: Wanted) -> Added:
        """Write it down and set out. Raises: NotAllowed; Invalid; TooLarge."""
        ...

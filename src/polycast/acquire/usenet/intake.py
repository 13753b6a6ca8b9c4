"""NZB documents by the ways in that take torrents too."""

from msgspec.structs import replace

from polycast.acquire.transfers.adding import Added, Adding, Wanted
from polycast.acquire.usenet.taking import looks_like_nzb
from polycast.core.identity.caller import Caller


class Intake:
    """`NzbIntake`, kept by news servers."""

    def __init__(self, adding: Adding) -> None:
        self._adding = adding

    def looks_like_nzb(self, content: bytes) -> bool:
        return looks_like_nzb(content)

    async def add_nzb(self, caller: Caller, content: bytes, *, name: str, wanted: Wanted) -> Added:
        """Raises: RefusedPost, Invalid; TooLarge; NotAllowed."""
        post = await self._adding.read(content, file_name=name)
        return await self._adding.add(caller, post, replace(wanted, name=wanted.name.removesuffix(".nzb")))

"""Guide channels as people look through them."""

from collections.abc import Sequence

from polycast.core.errors import NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.live.guide.model import GuideChannel
from polycast.live.guide.store_channels import GuideChannelStore


class GuideChannels:
    """What the guides' channels are called."""

    def __init__(self, *, db: Database, store: GuideChannelStore) -> None:
        self._db = db
        self._store = store

    async def page(
        self, caller: Caller, *, search: str = "", source_id: int | None = None, offset: int = 0, limit: int | None
    ) -> tuple[Sequence[GuideChannel], int]:
        """By name, and how many there are in all; each word of `search` in name or tvg id. Raises: NotAllowed."""
        caller.require(Scope.LIVE_READ)

        def read(unit: Unit) -> tuple[Sequence[GuideChannel], int]:
            found = self._store.list(unit, search=search, source_id=source_id, offset=offset, limit=limit)
            if limit is None:
                return found, len(found)
            return found, self._store.count(unit, search=search, source_id=source_id)

        return await self._db.read(read)

    async def get(self, caller: Caller, guide_channel_id: int) -> GuideChannel:
        """Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIVE_READ)
        found = await self._db.read(self._store.get, [guide_channel_id])
        if not found:
            raise NotFound("The guide channel")
        return found[guide_channel_id]

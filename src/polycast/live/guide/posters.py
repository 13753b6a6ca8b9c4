"""Pictures of programmes: fetched once, kept here, served under our own address."""

from polycast.core.errors import NotFound
from polycast.core.media import ImageFile
from polycast.core.net import IMAGE, Net, Trust
from polycast.live.guide.listings import Listings
from polycast.live.guide.ports import Pictures


class Posters:
    """Finds the picture of a programme. Who asks need not be known: players show guides without signing in."""

    def __init__(self, *, listings: Listings, pictures: Pictures, net: Net) -> None:
        self._listings = listings
        self._pictures = pictures
        self._net = net

    async def get(self, programme_id: int, width: int | None) -> ImageFile:
        """Raises: NotFound, for no such programme, none with a picture, or one that cannot be fetched."""
        url = await self._listings.poster(programme_id)

        async def fetch() -> bytes:
            client = self._net.client(Trust.CONTENT, owner="live.guide_poster", limits=IMAGE)
            found = await client.fetch(url)
            if found.status != 200:
                raise NotFound("The picture")
            return found.body

        return await self._pictures.get(f"guide:{url}", fetch, width)

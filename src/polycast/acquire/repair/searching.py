"""Having an Arr forget a file that nobody has any more, and look for another: once."""

from polycast.acquire.arrs.cleanup_store import REPAIRED, CleanupStore
from polycast.acquire.arrs.model import Arr
from polycast.acquire.arrs.service import Arrs
from polycast.acquire.repair.model import Broken
from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.storage import Database


class Searches:
    """Remembers what was taken from whom, so that no run does it again."""

    def __init__(self, *, db: Database, cleanups: CleanupStore, arrs: Arrs, clock: Clock) -> None:
        self._db = db
        self._cleanups = cleanups
        self._arrs = arrs
        self._clock = clock

    async def is_done(self, one: Broken) -> bool:
        return await self._db.read(self._cleanups.is_done, one.arr_name, one.info_hash, _rule(one))

    async def search(self, arr: Arr, one: Broken) -> str:
        """Its grab is marked as failed, or there is a plain search; what went wrong, if anything."""
        client, movies = self._arrs.client(arr), one.arr_kind == "radarr"
        try:
            episode = one.episode_ids[0] if one.episode_ids else 0
            grabs = await client.grabs(movie_id=one.media_id) if movies else await client.grabs(episode_id=episode)
            await client.delete_files([one.arr_file_id], movies=movies)
            if grabs:
                await client.mark_failed(grabs[0].id)
            elif movies:
                await client.search(movie_ids=[one.media_id])
            else:
                await client.search(episode_ids=one.episode_ids)
        except PolycastError as error:
            return error.message
        await self._db.write(
            self._cleanups.note,
            one.arr_name,
            one.info_hash,
            title=one.file_name[:300],
            rule=_rule(one),
            action="research",
            result="searched again",
            at=self._clock.now(),
        )
        return ""


def _rule(one: Broken) -> str:
    return f"{REPAIRED}{one.arr_file_id}"

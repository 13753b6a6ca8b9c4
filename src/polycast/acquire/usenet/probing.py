"""Whether a mapped post is still there, for repair: a sample of the articles of each file. Source: acquire.md 5.8."""

from typing import Final

from polycast.acquire.config.service import Configs
from polycast.acquire.providers.model import Probe
from polycast.acquire.usenet.geometry import LOST
from polycast.acquire.usenet.service import News, own_files
from polycast.acquire.usenet.store import PostStore
from polycast.core.errors import Unavailable
from polycast.core.storage import Database

LEAST: Final = 10  # articles of a sample, where there are so many
MOST: Final = 400
SPARED: Final = 0.02  # of a sample that may be missing: zeros are sent for so little


class PostProbes:
    """Asks with STAT, by the share of connections that repair has."""

    def __init__(self, *, configs: Configs, news: News, db: Database, store: PostStore) -> None:
        self._configs = configs
        self._news = news
        self._db = db
        self._store = store

    async def probe(self, entry_id: int, path: str) -> Probe:
        """GONE, when the first, the last or more than a few of the sample are missing everywhere."""
        percent = (await self._configs.read()).usenet.availability_sample_percent
        pool = await self._news.pool()
        articles = await self._articles(entry_id, path)
        if not articles:
            return Probe.GONE
        if not pool.servers:
            return Probe.UNKNOWN
        size = min(max(LEAST, len(articles) * percent // 100), MOST, len(articles))
        sample = [articles[at * len(articles) // size] for at in range(size)]
        if articles[-1] != sample[-1]:
            sample.append(articles[-1])
        try:
            there = await pool.background_have(sample)
        except Unavailable:
            return Probe.UNKNOWN
        finally:
            await pool.sweep()
        is_whole = there[0] and there[-1] and there.count(False) <= SPARED * len(sample)
        return Probe.ALIVE if is_whole else Probe.GONE

    async def _articles(self, entry_id: int, path: str) -> list[str]:
        """Message ids of everything that the file lies in, in order; those that the post never named are left out."""
        members = await self._db.read(self._store.members, entry_id)
        member = next((one for one in members if one.name == path), None)
        if member is None:
            return []
        own, positions = own_files(member)
        found = await self._db.read(self._store.geometries, entry_id, positions)
        if len(found) != len(positions):
            return []
        ids: dict[str, None] = {}
        for run in own.runs:
            geometry = found[positions[run.file]]
            first, last = geometry.segment_at(run.start), geometry.segment_at(run.start + max(run.length, 1) - 1)
            ids |= dict.fromkeys(geometry.message_ids[first : last + 1])
        ids.pop(LOST, None)
        return list(ids)

"""A real playlist of free channels, as it is published."""

import pytest

from polycast.core.identity.caller import SYSTEM
from polycast.live.sources.refresh.playlist import Tally, raw_entries
from polycast.live.sources.streams.model import StreamQuery
from tests.live.sources.world import IPTV, SourcesWorld

FREE_TV = IPTV / "free-tv.m3u8"

pytestmark = [
    pytest.mark.needs_data,
    pytest.mark.skipif(not FREE_TV.exists(), reason="../shared/data/iptv/free-tv.m3u8 is not there"),
]


class TestTheFreeTvPlaylist:
    async def test_every_entry_becomes_a_stream_or_is_accounted_for(self, world: SourcesWorld) -> None:
        data = FREE_TV.read_bytes()
        account = await world.file_account(data)
        done = await world.refresh(account)
        tally = Tally()
        addresses = [raw.url for raw in raw_entries([data], tally)]
        assert done.entries == data.count(b"#EXTINF:") == len(addresses) + sum(tally.rejected.values())
        assert done.streams_created == len(set(addresses))
        assert done.rejected == sum(tally.rejected.values())

    async def test_groups_are_its_countries(self, world: SourcesWorld) -> None:
        account = await world.file_account(FREE_TV.read_bytes())
        await world.refresh(account)
        groups = (await world.sources.accounts.get(SYSTEM, account)).groups
        assert sum(g.stream_count for g in groups) == len(await world.sources.streams.ids(SYSTEM, StreamQuery()))
        assert "UK" in {g.group_name for g in groups}

    async def test_a_second_import_changes_nothing(self, world: SourcesWorld) -> None:
        account = await world.file_account(FREE_TV.read_bytes())
        first = await world.refresh(account)
        world.write(b"\n" + FREE_TV.read_bytes())
        again = await world.refresh(account)
        assert (again.streams_unchanged, again.streams_created, again.streams_updated) == (first.streams_created, 0, 0)

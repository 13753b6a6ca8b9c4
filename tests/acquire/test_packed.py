"""A provider that hands out several files as one stored archive: they are read where they lie in it."""

import random

from tests.acquire.world import World
from tests.fakes.real_debrid import RealDebrid
from tests.fakes.releases import release

EPISODES = (("e01.mkv", 150_000), ("e02.mkv", 90_001), ("e03.mkv", 120_000))


class TestAStoredArchive:
    async def test_its_files_are_shown_and_read_without_unpacking(self, world: World, debrid: RealDebrid) -> None:
        debrid.packs = True
        season = debrid.know(release("Open.Show.S01", EPISODES))
        await world.acquired(season.magnet)
        chance = random.Random(7)
        for path, content in season.files:
            url = f"/api/browse/download/{season.name}/{path.rpartition('/')[2]}"
            assert (await world.bearer.get(url)).body == content
            first = chance.randrange(len(content) - 10)
            part = await world.bearer.get(url, headers={"Range": f"bytes={first}-{first + 9}"})
            assert (part.status, part.body) == (206, content[first : first + 10])

    async def test_a_sync_finds_them_too(self, world: World, debrid: RealDebrid) -> None:
        debrid.packs = True
        season = debrid.know(release("Elsewhere.Added.S01", EPISODES))
        made = await world.debrids()
        assert made[0]["name"] == "realdebrid"
        debrid.hold(season)
        await world.server.house.core.db.write(world.enqueue_sync, "realdebrid")
        await world.server.idle()
        path, content = season.files[1]
        url = f"/api/browse/download/{season.name}/{path.rpartition('/')[2]}"
        assert (await world.bearer.get(url)).body == content


class TestAnArchiveThatCannotBeRead:
    async def test_is_shown_as_what_it_is(self, world: World, debrid: RealDebrid) -> None:
        debrid.packs, debrid.pack_password = True, "sesame"
        season = debrid.know(release("Closed.Show.S01", EPISODES))
        await world.acquired(season.magnet)
        listed = (await world.bearer.get(f"/api/browse/__all__/{season.name}")).json()
        assert [one["name"] for one in listed["entries"]] == [f"{season.name}.rar"]

    async def test_the_largest_film_is_chosen_alone_where_that_is_wanted(
        self, world: World, debrid: RealDebrid
    ) -> None:
        [account] = await world.debrids()
        await world.configure(debrids=[account | {"unpack_rar": True}])
        debrid.packs, debrid.pack_password = True, "sesame"
        season = debrid.know(release("Closed.Show.S02", EPISODES))
        await world.acquired(season.magnet)
        listed = (await world.bearer.get(f"/api/browse/__all__/{season.name}")).json()
        assert [one["name"] for one in listed["entries"]] == ["e01.mkv"]
        assert len(debrid.items) == 1
        assert (await world.bearer.get(f"/api/browse/download/{season.name}/e01.mkv")).body == season.files[0][1]

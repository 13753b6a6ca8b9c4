"""One magnet, from an Arr's hands to a path that it can import."""

from pathlib import Path

from tests.acquire.world import World
from tests.fakes.real_debrid import RealDebrid
from tests.fakes.releases import release


class TestAnArrAddsACachedMagnet:
    async def test_it_is_complete_and_its_folder_holds_links_into_the_tree(
        self, world: World, debrid: RealDebrid
    ) -> None:
        film = debrid.know(release())
        shown = await world.acquired(film.magnet)
        folder = world.folder / "radarr" / film.name
        assert shown["content_path"] == str(folder)
        assert shown["save_path"] == str(world.folder / "radarr")
        assert shown["progress"] == 1
        [link] = folder.iterdir()
        assert link.readlink() == Path(f"/mnt/acquire/__all__/{film.name}/movie.mkv")

    # An Arr polls every few seconds: a cached release is expected at the second look.
    async def test_it_takes_few_calls(self, world: World, debrid: RealDebrid) -> None:
        film = debrid.know(release())
        await world.acquired(film.magnet)
        assert len(debrid.calls) <= 6

    async def test_adding_it_again_changes_nothing(self, world: World, debrid: RealDebrid) -> None:
        film = debrid.know(release())
        await world.acquired(film.magnet)
        await world.acquired(film.magnet)
        assert len((await world.bearer.get("/api/v2/torrents/info")).json()) == 1
        assert len(debrid.items) == 1

"""The same story at every provider: add, fetch, read, lose, refuse."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.acquire.world import World, world_of
from tests.fakes.alldebrid import alldebrid
from tests.fakes.debrid_base import DebridBase
from tests.fakes.debrid_link import debrid_link
from tests.fakes.premiumize import premiumize
from tests.fakes.releases import Release, release
from tests.fakes.torbox import torbox

pytestmark = pytest.mark.asyncio(loop_scope="module")
FAKES: dict[str, Callable[[], AbstractAsyncContextManager[Any]]] = {
    "alldebrid": alldebrid,
    "debridlink": debrid_link,
    "torbox": torbox,
    "premiumize": premiumize,
}


class Place:
    def __init__(self, world: World, fakes: dict[str, DebridBase]) -> None:
        self.world = world
        self.fakes = fakes
        self.count = 0

    def release(self, provider: str, **known: Any) -> Release:
        self.count += 1
        made = release(f"Film.{self.count}", (("movie.mkv", 300_000), ("readme.txt", 10)))
        return self.fakes[provider].know(made, **known)

    async def add(self, made: Release, provider: str) -> str:
        form = {"urls": made.magnet, "category": "radarr", "debrid": provider}
        return (await self.world.bearer.ask("POST", "/api/v2/torrents/add", data=form)).text()

    async def shown(self, made: Release) -> dict[str, Any]:
        answer = await self.world.bearer.get(f"/api/torrents/{made.info_hash}")
        found: dict[str, Any] = answer.json()
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        fakes = {name: await stack.enter_async_context(make()) for name, make in FAKES.items()}
        debrids = [
            {
                "provider": name,
                "name": name,
                "api_key": fake.key,
                "base_url": fake.base_url,
                "rate_limit": "10000/minute",
                "create_rate_limit": "10000/minute",
            }
            for name, fake in fakes.items()
        ]
        folder = tmp_path_factory.mktemp("providers")
        world = await stack.enter_async_context(world_of(folder, debrids=debrids, refresh_interval="1s"))
        yield Place(world, fakes)


@pytest.fixture(params=list(FAKES))
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class TestEveryProvider:
    async def test_what_is_cached_is_there_at_once_and_its_bytes_are_right(self, place: Place, provider: str) -> None:
        made = place.release(provider)
        assert await place.add(made, provider) == "Ok."
        await place.world.until(made.info_hash, "pausedUP")
        await place.world.server.idle()
        shown = await place.shown(made)
        assert shown["active_provider"] == provider
        assert list(shown["files"]) == ["movie.mkv"]
        answer = await place.world.bearer.get(
            f"/webdav/__all__/{made.name}/movie.mkv", headers={"Range": "bytes=1000-200000"}
        )
        assert answer.body == made.files[0][1][1000:200_001]
        assert str(place.fakes[provider].port) not in str(shown)

    async def test_a_torrent_file_is_sent_as_one(self, place: Place, provider: str) -> None:
        made = place.release(provider)
        form = aiohttp.FormData({"arr": "radarr", "debrid": provider})
        form.add_field("file", made.torrent, filename="file.torrent", content_type="application/x-bittorrent")
        answer = await place.world.bearer.ask("POST", "/api/add", data=form)
        assert [one["status"] for one in answer.json()] == ["started"], answer.text()
        await place.world.until(made.info_hash, "pausedUP")

    async def test_what_is_not_cached_is_not_kept_unless_allowed(self, place: Place, provider: str) -> None:
        fake = place.fakes[provider]
        fake.fetch_seconds = 60
        made = place.release(provider, cached=False)
        before = len(fake.items)
        assert await place.add(made, provider) == "Fails."
        assert len(fake.items) == before
        assert "not cached" in (await place.shown(made))["last_error"]

    async def test_what_is_refused_is_told(self, place: Place, provider: str) -> None:
        made = place.release(provider)
        place.fakes[provider].refused.add(made.info_hash)
        assert await place.add(made, provider) == "Fails."
        assert (await place.shown(made))["state"] == "error"

    async def test_being_asked_too_often_is_waited_for(self, place: Place, provider: str) -> None:
        place.fakes[provider].throttles = 1
        made = place.release(provider)
        assert await place.add(made, provider) == "Ok."
        await place.world.until(made.info_hash, "pausedUP")

    async def test_an_address_that_expires_in_between_is_asked_for_anew(self, place: Place, provider: str) -> None:
        made = place.release(provider)
        await place.add(made, provider)
        await place.world.until(made.info_hash, "pausedUP")
        await place.world.server.idle()
        path = f"/webdav/__all__/{made.name}/movie.mkv"
        await place.world.bearer.get(path, headers={"Range": "bytes=0-9"})
        place.fakes[provider].expire_links()
        assert (await place.world.bearer.get(path)).body == made.files[0][1]

    async def test_what_it_holds_is_found_by_a_sync(self, place: Place, provider: str) -> None:
        made = place.release(provider)
        place.fakes[provider].add(made.info_hash)
        db = place.world.server.house.core.db
        await db.write(place.world.enqueue_sync, provider)
        await place.world.server.idle()
        answer = await place.world.bearer.get(f"/api/browse/{provider}/{made.name}")
        assert [one["name"] for one in answer.json()["entries"]] == ["movie.mkv"]


class TestAtPremiumize:
    # "finished" comes before the folder has its files.
    async def test_a_folder_that_fills_late_is_waited_for(self, place: Place) -> None:
        fake: Any = place.fakes["premiumize"]
        await place.world.configure(debrids=[{**one, "download_uncached": True} for one in await place.world.debrids()])
        fake.late_looks = 2
        made = place.release("premiumize")
        assert await place.add(made, "premiumize") == "Ok."
        await place.world.until(made.info_hash, "pausedUP")


class TestSeveralAccounts:
    async def test_who_has_it_cached_is_asked_first(self, place: Place) -> None:
        made = release("Only.At.Torbox")
        for fake in place.fakes.values():
            fake.releases[made.info_hash] = made
            fake.fetch_seconds = 60
        place.fakes["torbox"].cached.add(made.info_hash)
        await place.world.bearer.ask("POST", "/api/v2/torrents/add", data={"urls": made.magnet})
        await place.world.until(made.info_hash, "pausedUP")
        assert (await place.shown(made))["active_provider"] == "torbox"
        assert not any(item.release is made for item in place.fakes["alldebrid"].items.values())


class TestAFullAccount:
    # The last of all: an account that says it is full is left alone for half a minute.
    async def test_a_full_account_lets_it_wait(self, place: Place, provider: str) -> None:
        fake = place.fakes[provider]
        slots, fake.slots = fake.slots, 0
        made = place.release(provider)
        assert await place.add(made, provider) == "Ok."
        fake.slots = slots
        assert (await place.shown(made))["state"] == "queuedDL"

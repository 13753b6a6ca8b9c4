import asyncio
from typing import Any

from tests.live.relay.world import World

ROOT = "?as=1"


async def ask(world: World, method: str, path: str, **options: Any) -> tuple[int, Any]:
    async with world.http.request(method, f"{world.url}/proxy/ts/{path}{ROOT}", **options) as answer:
        return answer.status, await answer.json()


class TestADashboardLooks:
    async def test_every_running_channel_is_listed(self, world: World) -> None:
        channel = await world.channel("news")
        async with world.viewer(channel) as viewer:
            await viewer.take(50_000)
            status, body = await ask(world, "GET", "status")
        assert (status, body["count"]) == (200, len(body["channels"]))
        [found] = body["channels"]
        assert found["channel_id"] == channel
        assert found["state"] == "active"
        assert found["stream_name"] == "news"
        assert found["client_count"] == len(found["clients"]) == 1
        assert found["clients"][0]["user_id"] == "0"

    async def test_the_details_count_their_clients(self, world: World) -> None:
        channel = await world.channel("news")
        async with world.viewer(channel) as one, world.viewer(channel) as two:
            await asyncio.gather(one.take(50_000), two.take(50_000))
            _, body = await ask(world, "GET", f"status/{channel}")
        assert body["client_count"] == len(body["clients"]) == 2
        assert body["local_manager"]["connected"] is True

    async def test_a_channel_that_does_not_run_is_404(self, world: World) -> None:
        channel = await world.channel("news")
        status, body = await ask(world, "GET", f"status/{channel}")
        assert (status, body) == (404, {"error": f"Channel {channel} not found"})

    async def test_who_is_nobody_must_sign_in(self, world: World) -> None:
        async with world.http.get(f"{world.url}/proxy/ts/status") as answer:
            assert answer.status == 401
            assert await answer.json() == {"detail": "Authentication credentials were not provided."}

    async def test_options_tell_of_its_rights_without_a_channel(self, world: World) -> None:
        status, body = await ask(world, "OPTIONS", "stop/00000000-0000-0000-0000-000000000000")
        assert (status, list(body)) == (200, ["name"])


class TestADashboardSteers:
    async def test_stopping_ends_every_player(self, world: World) -> None:
        channel = await world.channel("news")
        async with world.viewer(channel) as viewer:
            await viewer.take(50_000)
            status, body = await ask(world, "POST", f"stop/{channel}")
            assert (status, body["previous_state"]) == (200, "active")
            await viewer.rest()
        await world.quiet()
        assert await world.used_slots() == 0

    async def test_stopping_a_client_leaves_the_others(self, world: World) -> None:
        channel = await world.channel("news")
        async with world.viewer(channel) as one, world.viewer(channel) as two:
            await asyncio.gather(one.take(50_000), two.take(50_000))
            _, body = await ask(world, "GET", f"status/{channel}")
            first = body["clients"][0]["client_id"]
            status, _ = await ask(world, "POST", f"stop_client/{channel}", json={"client_id": first})
            assert status == 200
            await one.rest()
            await two.take(50_000)

    async def test_an_unknown_client_is_404_and_none_is_400(self, world: World) -> None:
        channel = await world.channel("news")
        async with world.viewer(channel) as viewer:
            await viewer.take(50_000)
            assert (await ask(world, "POST", f"stop_client/{channel}", json={"client_id": "nobody"}))[0] == 404
            assert (await ask(world, "POST", f"stop_client/{channel}", json={}))[0] == 400

    async def test_the_next_stream_takes_over_without_a_gap(self, world: World) -> None:
        channel = await world.channel("one", "two")
        async with world.viewer(channel) as viewer:
            await viewer.take(100_000)
            one, two = world.provider.feed("one"), world.provider.feed("two")
            asking = asyncio.ensure_future(ask(world, "POST", f"next_stream/{channel}"))
            await two.asked()
            assert one.connections == 1  # it plays on while the other one is only beginning
            status, body = await asking
            assert status == 200, body
            await viewer.until(two.mark)
            assert body["new_url"].endswith("/two.ts")
            assert world.provider.feed("one").connections == 0

    async def test_a_switch_with_one_connection_breaks_first(self, world: World) -> None:
        account = await world.account(max_streams=1)
        channel = await world.channel("one", "two", account=account)
        async with world.viewer(channel) as viewer:
            await viewer.take(100_000)
            status, body = await ask(world, "POST", f"next_stream/{channel}")
            assert status == 200, body
            async with asyncio.timeout(60):
                await viewer.until(world.provider.feed("two").mark)

    async def test_a_channel_with_one_stream_has_no_next_one(self, world: World) -> None:
        channel = await world.channel("one")
        async with world.viewer(channel) as viewer:
            await viewer.take(100_000)
            assert (await ask(world, "POST", f"next_stream/{channel}"))[0] == 404

    async def test_any_address_can_be_tried(self, world: World) -> None:
        channel = await world.channel("one")
        async with world.viewer(channel) as viewer:
            await viewer.take(100_000)
            url = f"{world.provider.base}/other.ts"
            status, body = await ask(world, "POST", f"change_stream/{channel}", json={"url": url})
            assert (status, body["stream_id"]) == (200, None)
            await viewer.until(world.provider.feed("other").mark)

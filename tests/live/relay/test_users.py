import asyncio

from polycast.core.identity.caller import SYSTEM
from tests.live.relay.world import World


class TestAUserAtTheLimit:
    async def test_their_oldest_stream_makes_room(self, world: World) -> None:
        world.people.limits[7] = 1
        one, two = await world.channel("one"), await world.channel("two")
        async with world.viewer(one, "?as=7") as first:
            await first.take(50_000)
            async with world.viewer(two, "?as=7") as second:
                await second.take(50_000)
                await first.rest()

    async def test_they_are_refused_where_the_settings_say_so(self, world: World) -> None:
        await world.preferences.change(SYSTEM, "user_limit_settings", {"terminate_on_limit_exceeded": False})
        world.people.limits[7] = 1
        one, two = await world.channel("one"), await world.channel("two")
        async with world.viewer(one, "?as=7") as first:
            await first.take(50_000)
            async with world.http.get(f"{world.url}/proxy/ts/stream/{two}?as=7") as answer:
                assert answer.status == 429
                assert await answer.json() == {"error": "You are watching as many streams as you may."}

    async def test_others_are_not_counted(self, world: World) -> None:
        world.people.limits[7] = 1
        one = await world.channel("one")
        async with world.viewer(one, "?as=8") as first, world.viewer(one, "?as=7") as second:
            await asyncio.gather(first.take(50_000), second.take(50_000))


class TestANetworkThatIsNotOnTheList:
    async def test_is_refused(self, world: World) -> None:
        world.people.is_open = False
        async with world.http.get(f"{world.url}/proxy/ts/stream/whatever") as answer:
            assert answer.status == 403
            assert await answer.json() == {"error": "Forbidden"}


class TestWhatIsWrittenDown:
    async def test_a_visit_becomes_history_and_events(self, world: World) -> None:
        channel = await world.channel("news")
        async with world.viewer(channel, "?as=7") as viewer:
            await viewer.take(50_000)
        await world.quiet()
        await world.written()
        [past], count = await world.relay.clients.history(SYSTEM, limit=10, offset=0)
        assert count == 1
        assert (past.user_id, past.channel_uuid, past.end_reason) == (7, channel, "left")
        assert past.bytes_sent >= 50_000
        events, _ = await world.relay.events.page(SYSTEM)
        kinds = [event.event_type for event in reversed(events)]
        assert kinds[0] == "channel_start"
        assert {"client_connect", "client_disconnect", "channel_stop"} <= set(kinds)

    async def test_the_stream_is_looked_at_while_it_plays(self, world: World) -> None:
        channel = await world.channel("news")
        async with world.viewer(channel) as viewer, asyncio.timeout(30):
            session = world.relay.relays.session(channel)
            while not session.stats:
                await viewer.take(20_000)
            assert session.stats["video_codec"] == "h264"
            assert session.stats["resolution"] == "640x360"
            assert session.stats["audio_codec"] == "aac"


class TestAServerThatWasKilled:
    async def test_its_connections_are_free_after_the_next_start(self, world: World) -> None:
        channel = await world.channel("news")
        async with world.viewer(channel) as viewer:
            await viewer.take(50_000)
            assert await world.used_slots() == 1
            await world.relay.slots.clear()
            assert await world.used_slots() == 0

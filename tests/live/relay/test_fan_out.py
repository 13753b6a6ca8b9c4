import asyncio

from polycast.core.media.ts import PACKET, TsScan
from tests.live.relay.world import World


class TestTwoPlayersWatchOneChannel:
    async def test_the_provider_is_asked_once_and_both_get_the_same_bytes(self, world: World) -> None:
        channel = await world.channel("news")
        async with world.viewer(channel) as one, world.viewer(channel) as two:
            await asyncio.gather(one.take(400_000), two.take(400_000))
            assert world.provider.feed("news").connections_peak == 1
            first, second = one.pictures(), two.pictures()
            at = first.find(second[PACKET * 2 : PACKET * 12])
            assert at >= 0
            overlap = min(len(first) - at, len(second) - PACKET * 2)
            assert first[at : at + overlap] == second[PACKET * 2 : PACKET * 2 + overlap]

    async def test_they_begin_with_tables_and_a_keyframe(self, world: World) -> None:
        channel = await world.channel("news")
        async with world.viewer(channel) as viewer:
            body = await viewer.take(100_000)
            assert set(body[: len(body) // PACKET * PACKET : PACKET]) == {0x47}
            scanned = TsScan().scan(body[: len(body) // PACKET * PACKET])
            assert scanned.keyframes[0] <= 4 * PACKET

    async def test_nothing_is_held_once_they_have_left(self, world: World) -> None:
        channel = await world.channel("news")
        async with world.viewer(channel) as viewer:
            await viewer.take(50_000)
            assert await world.used_slots() == 1
        await world.quiet()
        assert await world.used_slots() == 0
        assert world.provider.connections == 0

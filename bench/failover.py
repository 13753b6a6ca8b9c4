"""How long a picture is away: `python -m bench.failover`, a provider that stalls, and one that dies, with default settings."""

import asyncio
import tempfile
import time
from pathlib import Path

from tests.fakes.transmitter import Mood
from tests.live.relay.world import World, relay_world

from polycast.core.media.ts import NULL_PACKET, PACKET


async def measure(world: World, *, stalls: bool) -> tuple[float, float]:
    """(seconds until the next source was asked, seconds until its first picture) after the first one fails."""
    name = "stalling" if stalls else "dying"
    first, second = world.provider.feed(f"{name}-1"), world.provider.feed(f"{name}-2")
    channel = await world.channel(f"{name}-1", f"{name}-2")
    async with world.viewer(channel) as viewer:
        await viewer.take(300_000)
        failed_at = time.perf_counter()
        if stalls:
            first.mood = Mood.STALL
        else:
            first.mood = Mood.REFUSE
            first.kill()
        asking = asyncio.ensure_future(second.asked(1))
        asked_at = 0.0
        while second.mark not in viewer.body[-4 * 1024 * 1024 :]:
            viewer.body += await viewer.response.content.readany()
            if not asked_at and asking.done():
                asked_at = time.perf_counter()
        return (asked_at or time.perf_counter()) - failed_at, time.perf_counter() - failed_at


async def zap(world: World) -> tuple[float, float]:
    """Seconds to the first picture of a channel nobody watches, and of one that runs."""
    channel = await world.channel("zap")
    times = []
    async with world.viewer(channel) as first:
        began = time.perf_counter()
        await _picture(first.response)
        for _ in range(5):
            began = time.perf_counter()
            async with world.viewer(channel) as viewer:
                await _picture(viewer.response)
                times.append(time.perf_counter() - began)
    other = await world.channel("cold")
    began = time.perf_counter()
    async with world.viewer(other) as viewer:
        await _picture(viewer.response)
        cold = time.perf_counter() - began
    return cold, sorted(times)[len(times) // 2]


async def _picture(response: object) -> None:
    content = response.content  # type: ignore[attr-defined]
    while True:
        chunk = await content.readany()
        packets = (chunk[at : at + PACKET] for at in range(0, len(chunk), PACKET))
        if any(packet[:3] != NULL_PACKET[:3] for packet in packets):
            return


async def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with relay_world(Path(folder)) as world:
            for stalls, words in ((True, "stall"), (False, "reset")):
                seen, back = await measure(world, stalls=stalls)
                print(f"failover after a {words}: next source asked after {seen:.2f} s, its picture after {back:.2f} s")
            cold, warm = await zap(world)
            print(f"zap: new channel {cold * 1000:.0f} ms, running channel {warm * 1000:.0f} ms")


def main() -> None:
    """Print three lines."""
    asyncio.run(run())


if __name__ == "__main__":
    main()

"""What a player sees while its provider misbehaves."""

import asyncio
from collections.abc import Callable

import pytest

from tests.fakes.transmitter import Feed, Mood
from tests.live.relay.world import World


def refuse(feed: Feed) -> None:
    feed.mood = Mood.REFUSE
    feed.kill()


def missing(feed: Feed) -> None:
    feed.status = 404
    feed.kill()


def stall(feed: Feed) -> None:
    feed.mood = Mood.STALL


def slow(feed: Feed) -> None:
    feed.mood = Mood.SLOW


def garbage(feed: Feed) -> None:
    feed.mood = Mood.GARBAGE


def cut(feed: Feed) -> None:
    feed.mood = Mood.REFUSE
    feed.cut()


FAULTS = [refuse, missing, stall, slow, garbage, cut]


@pytest.fixture
async def quick(world: World) -> World:
    """Patience of tests; what it is in real life is measured in bench/failover.py."""
    await world.settings(no_data_timeout_s=1, connect_timeout_s=1, buffering_timeout=1)
    return world


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
class TestTheFirstOfSeveralStreamsFails:
    @pytest.mark.parametrize("others", [1, 2])
    async def test_the_player_goes_on_with_the_next(
        self, quick: World, fault: Callable[[Feed], None], others: int
    ) -> None:
        names = ["one", "two", "three"][: 1 + others]
        channel = await quick.channel(*names)
        async with quick.viewer(channel) as viewer:
            await viewer.take(100_000)
            fault(quick.provider.feed("one"))
            async with asyncio.timeout(60):
                await viewer.until(quick.provider.feed("two").mark)
            assert await quick.used_slots() == 1
        await quick.quiet()
        assert await quick.used_slots() == 0

    async def test_one_that_fails_from_the_start_is_passed_over(
        self, quick: World, fault: Callable[[Feed], None]
    ) -> None:
        fault(quick.provider.feed("one"))
        channel = await quick.channel("one", "two")
        async with quick.viewer(channel) as viewer, asyncio.timeout(60):
            await viewer.until(quick.provider.feed("two").mark)


class TestTheOnlyStreamFails:
    async def test_the_player_stays_until_it_is_back(self, quick: World) -> None:
        channel = await quick.channel("one")
        feed = quick.provider.feed("one")
        async with quick.viewer(channel) as viewer:
            await viewer.take(100_000)
            refuse(feed)
            await feed.asked(3)
            feed.mood = Mood.PLAY
            async with asyncio.timeout(60):
                await viewer.until(feed.mark)

    async def test_its_connection_is_free_while_we_wait(self, quick: World) -> None:
        account = await quick.account(max_streams=1)
        channel = await quick.channel("one", account=account)
        feed = quick.provider.feed("one")
        async with quick.viewer(channel) as viewer:
            await viewer.take(100_000)
            refuse(feed)
            await feed.asked(3)
            other = await quick.channel("two", account=account)
            async with quick.viewer(other) as second:
                await second.take(50_000)

    async def test_one_that_never_played_is_an_answer_and_no_stream(self, quick: World) -> None:
        await quick.settings(max_retries=0)
        quick.provider.feed("one").status = 404
        channel = await quick.channel("one")
        async with quick.http.get(f"{quick.url}/proxy/ts/stream/{channel}") as answer:
            assert answer.status == 503
            assert "404" in (await answer.json())["error"]
        assert await quick.used_slots() == 0


class TestNoConnectionIsFree:
    async def test_the_answer_says_how_long_we_hoped(self, quick: World) -> None:
        account = await quick.account(max_streams=1)
        first = await quick.channel("one", account=account)
        second = await quick.channel("two", account=account)
        async with quick.viewer(first) as viewer:
            await viewer.take(50_000)
            async with quick.http.get(f"{quick.url}/proxy/ts/stream/{second}") as answer:
                assert answer.status == 503
                assert await answer.json() == {
                    "error": "Every connection to the provider is in use.",
                    "waited": "3s",
                }

    async def test_another_account_takes_over(self, quick: World) -> None:
        account = await quick.account(max_streams=1)
        first = await quick.channel("one", account=account)
        second = await quick.channel("two", account=account)
        async with quick.viewer(first) as viewer:
            await viewer.take(50_000)
            opening = asyncio.ensure_future(quick.http.get(f"{quick.url}/proxy/ts/stream/{second}"))
        async with await opening as answer:
            assert answer.status == 200


class TestAnUnknownChannel:
    async def test_is_not_found(self, world: World) -> None:
        async with world.http.get(f"{world.url}/proxy/ts/stream/00000000-0000-4000-8000-000000000000") as answer:
            assert answer.status == 404
            assert "error" in await answer.json()

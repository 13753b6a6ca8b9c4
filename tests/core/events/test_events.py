import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import ClassVar

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select

from polycast.core.errors import NotFound
from polycast.core.events import Audience, Event, Listener, Resync, Sent
from polycast.core.identity.caller import SYSTEM, Caller, Credential
from polycast.core.identity.scopes import Scope
from polycast.core.storage import StorageSettings, Unit
from tests.core.jobs.world import House, house, running
from tests.engines import create_tables
from tests.fakes.clock import FakeClock

NOTES = MetaData()
NOTED = Table("test_noted", NOTES, Column("n", Integer, nullable=False))


class GuideRefreshed(Event, frozen=True, kw_only=True):
    name: ClassVar[str] = "test.guide_refreshed"
    source_id: int
    title: str = ""
    for_user: int | None = None

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIVE_READ, user_id=self.for_user)


class OthersView(Event, frozen=True, kw_only=True):
    """The same fact as another module reads it: only what it needs."""

    name: ClassVar[str] = "test.guide_refreshed"
    source_id: int


class MeterMoved(Event, frozen=True, kw_only=True):
    name: ClassVar[str] = "test.meter_moved"
    coalesce: ClassVar[str | None] = "meter"
    meter: str
    level: int


VIEWER = Caller(user_id=5, scopes=frozenset({Scope.LIVE_READ}), credential=Credential.SESSION)
STRANGER = Caller(user_id=6, scopes=frozenset({Scope.LIBRARY_READ}), credential=Credential.SESSION)


def tell_it(unit: Unit, *ids: int, for_user: int | None = None) -> None:
    for source_id in ids:
        unit.publish(GuideRefreshed(source_id=source_id, for_user=for_user))


def note(unit: Unit, event: OthersView) -> None:
    unit.execute(insert(NOTED).values(n=event.source_id))


def noted(unit: Unit) -> list[int]:
    return list(unit.execute(select(NOTED.c.n)).scalars())


async def taken(stream: AsyncIterator[Sent | Resync], count: int) -> list[Sent | Resync]:
    async with asyncio.timeout(5):
        return [await anext(stream) for _ in range(count)]


def bodies(messages: list[Sent | Resync]) -> list[bytes]:
    return [one.body for one in messages if isinstance(one, Sent)]


@pytest.fixture
async def it(settings: StorageSettings) -> AsyncIterator[House]:
    async with house(settings) as made:
        await made.db.write(create_tables, [NOTES])
        yield made


class TestAListenerThatGetsEachEventOnce:
    async def test_it_gets_them_in_order_with_only_the_fields_it_reads(self, it: House) -> None:
        it.events.register([Listener(name="test.note", event=OthersView, once=note)])
        async with running(it.events.run):
            await it.db.write(tell_it, 1, 2)
            await it.db.write(tell_it, 3)
            await it.events.idle()
            assert await it.db.read(noted) == [1, 2, 3]

    async def test_what_came_while_the_server_was_down_is_delivered_once(self, it: House) -> None:
        it.events.register([Listener(name="test.note", event=OthersView, once=note)])
        async with running(it.events.run):
            await it.events.idle()
        await it.db.write(tell_it, 1)
        for _ in range(2):
            async with running(it.events.run):
                await it.events.idle()
        assert await it.db.read(noted) == [1]

    async def test_a_unit_that_fails_publishes_nothing(self, it: House) -> None:
        def regret(unit: Unit) -> None:
            tell_it(unit, 1)
            raise NotFound("The guide")

        it.events.register([Listener(name="test.note", event=OthersView, once=note)])
        async with running(it.events.run):
            with pytest.raises(NotFound):
                await it.db.write(regret)
            await it.events.idle()
            assert await it.db.read(noted) == []

    async def test_what_it_does_and_its_cursor_leave_together(self, settings: StorageSettings) -> None:
        failures = {2: [RuntimeError("in the batch"), RuntimeError("alone")]}

        def half(unit: Unit, event: OthersView) -> None:
            note(unit, event)
            for error in failures.get(event.source_id, [])[:1]:
                failures[event.source_id].remove(error)
                raise error

        clock = FakeClock()
        async with house(settings, clock=clock) as it:
            await it.db.write(create_tables, [NOTES])
            it.events.register([Listener(name="test.half", event=OthersView, once=half)])
            async with running(it.events.run):
                await it.db.write(tell_it, 1, 2, 3)
                await it.events.idle()
                assert await it.db.read(noted) == [1]
                clock.move(timedelta(seconds=2))
                await it.events.idle()
                assert await it.db.read(noted) == [1, 2, 3]

    async def test_two_nodes_deliver_each_event_once(self, settings: StorageSettings, it: House) -> None:
        async with house(settings, fresh=False) as other:
            for each in (it, other):
                each.events.register([Listener(name="test.note", event=OthersView, once=note)])
            async with running(it.events.run, other.events.run):
                for n in range(10):
                    await (it, other)[n % 2].db.write(tell_it, n)
                await it.events.idle()
                await other.events.idle()
                assert sorted(await it.db.read(noted)) == list(range(10))

    async def test_it_may_publish_and_enqueue_by_itself(self, it: House) -> None:
        def again(unit: Unit, event: OthersView) -> None:
            note(unit, event)
            if event.source_id < 3:
                tell_it(unit, event.source_id + 1)

        it.events.register([Listener(name="test.again", event=OthersView, once=again)])
        async with running(it.events.run):
            await it.db.write(tell_it, 1)
            await it.events.idle()
            assert await it.db.read(noted) == [1, 2, 3]


class TestAListenerKeepsFailing:
    async def test_it_is_parked_and_the_others_go_on(self, settings: StorageSettings) -> None:
        def never(unit: Unit, event: OthersView) -> None:
            raise RuntimeError("the password is hunter2")

        clock = FakeClock()
        async with house(settings, clock=clock) as it:
            await it.db.write(create_tables, [NOTES])
            it.events.register(
                [
                    Listener(name="test.never", event=OthersView, once=never),
                    Listener(name="test.note", event=OthersView, once=note),
                ]
            )
            async with running(it.events.run):
                await it.db.write(tell_it, 1)
                for _ in range(20):
                    await it.events.idle()
                    clock.move(timedelta(minutes=5))
                await it.db.write(tell_it, 2)
                await it.events.idle()
                assert await it.db.read(noted) == [1, 2]
                [parked] = await it.events.parked()
                assert (parked.listener, parked.waiting) == ("test.never", 2)
                assert parked.error == "event 1 (test.guide_refreshed): RuntimeError"

    async def test_a_person_lets_it_go_on_past_the_event(self, settings: StorageSettings) -> None:
        def not_one(unit: Unit, event: OthersView) -> None:
            if event.source_id == 1:
                raise RuntimeError("not this one")
            note(unit, event)

        clock = FakeClock()
        async with house(settings, clock=clock) as it:
            await it.db.write(create_tables, [NOTES])
            it.events.register([Listener(name="test.not_one", event=OthersView, once=not_one)])
            async with running(it.events.run):
                await it.db.write(tell_it, 1, 2)
                for _ in range(20):
                    await it.events.idle()
                    clock.move(timedelta(minutes=5))
                await it.events.resume("test.not_one", skip=True)
                await it.events.idle()
                assert await it.db.read(noted) == [2]
                assert await it.events.parked() == []
                with pytest.raises(NotFound):
                    await it.events.resume("test.not_one")


class TestAListenerOfThisProcess:
    async def test_it_hears_stored_and_told_from_now_on(self, it: House) -> None:
        heard: list[object] = []

        async def hear(event: object) -> None:
            heard.append(event)
            if len(heard) == 1:
                raise RuntimeError("the next one may be fine")

        it.events.register(
            [
                Listener(name="test.hear", event=OthersView, here=hear),
                Listener(name="test.meter", event=MeterMoved, here=hear),
            ]
        )
        await it.db.write(tell_it, 1)
        async with running(it.events.run):
            await it.events.ready()
            await it.db.write(tell_it, 2, 3)
            await it.events.idle()
            it.events.tell(MeterMoved(meter="a", level=1))
            await it.events.idle()
        assert heard == [OthersView(source_id=2), OthersView(source_id=3), MeterMoved(meter="a", level=1)]


class TestSomebodySubscribes:
    async def test_only_what_they_may_see_reaches_them(self, it: House) -> None:
        async with (
            running(it.events.run),
            it.events.subscribe(VIEWER) as viewer,
            it.events.subscribe(STRANGER) as stranger,
            it.events.subscribe(SYSTEM) as system,
        ):
            await it.db.write(tell_it, 1)
            await it.db.write(tell_it, 2, for_user=6)
            await it.db.write(tell_it, 3, for_user=5)
            await it.events.idle()
            assert [body[:15] for body in bodies(await taken(viewer, 2))] == [b'{"source_id":1,', b'{"source_id":3,']
            assert len(await taken(system, 3)) == 3
            assert stranger.is_empty

    async def test_they_may_ask_for_names(self, it: House) -> None:
        async with running(it.events.run), it.events.subscribe(SYSTEM, names=["test.meter_moved"]) as stream:
            await it.db.write(tell_it, 1)
            it.events.tell(MeterMoved(meter="a", level=3))
            await it.events.idle()
            [sent] = await taken(stream, 1)
            assert isinstance(sent, Sent)
            assert (sent.id, sent.name, sent.body) == (None, "test.meter_moved", b'{"meter":"a","level":3}')

    async def test_told_messages_are_joined_by_their_key(self, it: House) -> None:
        async with running(it.events.run), it.events.subscribe(SYSTEM) as stream:
            for level in range(50):
                it.events.tell(MeterMoved(meter="a", level=level))
                it.events.tell(MeterMoved(meter="b", level=-level))
            await it.events.idle()
            assert bodies(await taken(stream, 2)) == [b'{"meter":"a","level":49}', b'{"meter":"b","level":-49}']
            assert stream.is_empty

    async def test_whoever_is_too_slow_is_told_to_read_afresh(self, it: House) -> None:
        async with running(it.events.run), it.events.subscribe(SYSTEM) as slow, it.events.subscribe(SYSTEM) as fast:
            await it.db.write(tell_it, *range(256))
            await it.events.idle()
            assert len(await taken(fast, 256)) == 256
            await it.db.write(tell_it, 1000)
            await it.events.idle()
            [resync] = await taken(slow, 1)
            assert isinstance(resync, Resync)
            [last] = await taken(fast, 1)
            assert isinstance(last, Sent)
            assert resync.id == last.id
            await it.db.write(tell_it, 1001)
            await it.events.idle()
            assert b"1001" in bodies(await taken(slow, 1))[0]


class TestASubscriberComesBack:
    async def test_what_followed_the_last_event_is_replayed_without_a_gap(self, it: House) -> None:
        async with running(it.events.run):
            async with it.events.subscribe(VIEWER) as stream:
                await it.db.write(tell_it, 1, 2)
                [first, _] = await taken(stream, 2)
            await it.db.write(tell_it, 3)
            assert isinstance(first, Sent)
            async with it.events.subscribe(VIEWER, after=first.id) as stream:
                await it.db.write(tell_it, 4)
                assert [b'"source_id":%d,' % n in body for n, body in enumerate(bodies(await taken(stream, 3)), 2)] == [
                    True
                ] * 3

    async def test_another_ones_events_are_not_replayed(self, it: House) -> None:
        async with running(it.events.run):
            await it.db.write(tell_it, 1, for_user=6)
            await it.db.write(tell_it, 2)
            await it.events.idle()
            async with it.events.subscribe(VIEWER, after=0) as stream:
                assert b'"source_id":2,' in bodies(await taken(stream, 1))[0]

    async def test_after_too_long_it_reads_afresh(self, settings: StorageSettings) -> None:
        clock = FakeClock()
        async with house(settings, clock=clock) as it, running(it.events.run):
            await it.events.ready()
            await it.db.write(tell_it, 1, 2)
            clock.move(timedelta(days=7, seconds=1))
            await it.db.write(tell_it, 3)
            await it.events.idle()
            assert await it.events.clean() == 2
            async with it.events.subscribe(SYSTEM, after=1) as stream:
                [resync] = await taken(stream, 1)
                assert isinstance(resync, Resync)
            async with it.events.subscribe(SYSTEM, after=10**12) as stream:
                assert await taken(stream, 1) == [resync]


class TestTheServerStops:
    async def test_subscriptions_end(self, it: House) -> None:
        async with running(it.events.run):
            await it.events.ready()
            subscription = it.events.subscribe(SYSTEM)
            stream = await subscription.__aenter__()
        async with asyncio.timeout(5):
            assert [message async for message in stream] == []
        await subscription.__aexit__(None, None, None)

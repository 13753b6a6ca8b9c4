from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from polycast.core.errors import NotFound, NotSignedIn
from polycast.core.events import Audience
from polycast.core.identity.caller import NOBODY, SYSTEM, Caller, Credential
from polycast.core.identity.scopes import Scope
from polycast.core.notify import Level, NotificationAdded, Notify
from polycast.core.notify.store import TABLES
from polycast.core.storage import Database, StorageSettings, Unit
from tests.engines import Kept, connected, create_tables
from tests.fakes.clock import FakeClock

ADMINS = Audience(scope=Scope.CORE_WRITE)
ADMIN = Caller(user_id=1, scopes=frozenset({Scope.CORE_WRITE}), credential=Credential.SESSION)
OTHER_ADMIN = Caller(user_id=2, scopes=frozenset({Scope.CORE_WRITE}), credential=Credential.SESSION)
MEMBER = Caller(user_id=3, credential=Credential.SESSION)


class World:
    """Notifications, and the events they published."""

    def __init__(self, db: Database, clock: FakeClock, kept: Kept) -> None:
        self.db = db
        self.clock = clock
        self.kept = kept
        self.notify = Notify(db=db, clock=clock)

    async def say(self, title: str, *, key: str | None = None, to: Audience = ADMINS, text: str = "") -> int:
        def say(unit: Unit) -> int:
            return self.notify.add(unit, title, audience=to, key=key, text=text, level=Level.WARNING, link="/app/disk")

        return await self.db.write(say)

    async def titles(self, caller: Caller) -> list[str]:
        return [one.title for one in await self.notify.list(caller)]


@pytest.fixture
async def world(settings: StorageSettings) -> AsyncIterator[World]:
    clock, kept = FakeClock(), Kept()
    async with connected(settings, metadatas=[TABLES], publisher=kept, clock=clock) as db:
        await db.write(create_tables, [TABLES])
        yield World(db, clock, kept)


class TestSomethingIsSaid:
    async def test_its_audience_sees_it_latest_first_and_is_told(self, world: World) -> None:
        first = await world.say("The disk is nearly full", text="2 GB left")
        world.clock.move(timedelta(seconds=1))
        await world.say("For member 3", to=Audience(user_id=3))
        await world.say("For all", to=Audience())
        assert await world.titles(ADMIN) == ["For all", "The disk is nearly full"]
        assert await world.titles(MEMBER) == ["For all", "For member 3"]
        assert await world.titles(SYSTEM) == ["For all", "For member 3", "The disk is nearly full"]
        assert world.kept.events[0] == NotificationAdded(
            notification_id=first,
            level=Level.WARNING,
            title="The disk is nearly full",
            text="2 GB left",
            link="/app/disk",
            to=ADMINS,
        )
        assert world.kept.events[0].audience() == ADMINS

    async def test_nobody_sees_nothing(self, world: World) -> None:
        with pytest.raises(NotSignedIn):
            await world.notify.list(NOBODY)


class TestItIsSaidAgain:
    async def test_with_the_same_key_it_is_one_and_counts_up(self, world: World) -> None:
        first = await world.say("Disk", key="disk")
        world.clock.move(timedelta(hours=1))
        assert await world.say("Disk", key="disk") == first
        [one] = await world.notify.list(ADMIN)
        assert (one.times, one.at) == (2, world.clock.now())
        assert len(world.kept.events) == 1

    async def test_put_away_it_shows_again_only_with_other_words(self, world: World) -> None:
        await world.notify.dismiss(ADMIN, await world.say("Disk", key="disk", text="2 GB left"))
        await world.say("Disk", key="disk", text="2 GB left")
        assert await world.titles(ADMIN) == []
        await world.say("Disk", key="disk", text="1 GB left")
        assert await world.titles(ADMIN) == ["Disk"]
        assert len(world.kept.events) == 2

    async def test_when_it_is_so_no_longer_it_is_gone_for_everybody(self, world: World) -> None:
        await world.notify.dismiss(ADMIN, await world.say("Disk", key="disk"))
        await world.db.write(world.notify.withdraw, "disk")
        assert await world.titles(OTHER_ADMIN) == []


class TestSomebodyPutsItAway:
    async def test_the_others_still_see_it(self, world: World) -> None:
        one = await world.say("One")
        await world.say("Two")
        await world.notify.dismiss(ADMIN, one)
        await world.notify.dismiss(ADMIN, one)
        assert await world.titles(ADMIN) == ["Two"]
        assert await world.titles(OTHER_ADMIN) == ["Two", "One"]
        await world.notify.dismiss_all(OTHER_ADMIN)
        assert await world.titles(OTHER_ADMIN) == []
        assert await world.titles(ADMIN) == ["Two"]

    async def test_what_one_may_not_see_is_not_there(self, world: World) -> None:
        one = await world.say("One")
        with pytest.raises(NotFound):
            await world.notify.dismiss(MEMBER, one)
        with pytest.raises(NotSignedIn):
            await world.notify.dismiss(NOBODY, one)

    async def test_after_a_month_it_is_dropped(self, world: World) -> None:
        await world.notify.dismiss(ADMIN, await world.say("Old"))
        world.clock.move(timedelta(days=30, seconds=1))
        await world.say("New")
        assert await world.notify.clean() == 1
        assert await world.titles(OTHER_ADMIN) == ["New"]

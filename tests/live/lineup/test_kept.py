"""Lists that clients poll are answered from what was answered before, and never after anything in them has changed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import delete, update

from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.scopes import Role
from polycast.core.storage import Unit
from polycast.live.lineup.kept import LONGEST_BYTES, MOST_BYTES, KeptAnswers, Versions
from polycast.live.lineup.model import Viewer
from polycast.live.lineup.store_versions import VersionStore
from polycast.live.tables import accounts, channel_overrides, channel_streams, channels, streams
from tests.live.lineup.world import World

PAGE = "/api/channels/channels/?page=1&page_size=50"
BARE = "/api/channels/channels/"
FACE = "/api/channels/"


def _renamed(unit: Unit) -> None:
    unit.execute(update(channels).where(channels.c.id == 1).values(name="Renamed", eff_name="Renamed"))


def _overridden(unit: Unit) -> None:
    unit.upsert(channel_overrides, [{"channel_id": 1, "name": "Mine"}], key=["channel_id"], update=["name"])


def _unlinked(unit: Unit) -> None:
    unit.execute(delete(channel_streams).where(channel_streams.c.channel_id == 1))


def _without_its_stream(unit: Unit) -> None:
    unit.execute(delete(streams).where(streams.c.id == 1))


def _stream_renamed(unit: Unit) -> None:
    unit.execute(update(streams).where(streams.c.id == 1).values(name="Another name"))


def _account_renamed(unit: Unit) -> None:
    unit.execute(update(accounts).values(name="Another account"))


def _gone(unit: Unit) -> None:
    unit.execute(delete(channels).where(channels.c.id == 1))


# Written past the line-up's own writers: whoever writes, in whichever process, is seen.
CHANGES = (_renamed, _overridden, _unlinked, _without_its_stream, _stream_renamed, _account_renamed, _gone)


async def filled(world: World) -> None:
    """Channel 1, as a sync would have made it from stream 1."""
    stream = await world.stream()
    await world.channel("News", 1, stream_ids=[stream])

    def as_synced(unit: Unit) -> None:
        account = unit.execute(streams.select()).one().account_id
        unit.execute(update(channels).values(auto_created=True, auto_account_id=account))

    await world.db.write(as_synced)


class TestAListIsAskedAgain:
    @pytest.mark.parametrize("path", [PAGE, BARE, FACE])
    async def test_it_is_the_same_bytes_and_nothing_is_read_but_the_version(self, world: World, path: str) -> None:
        await filled(world)
        admin = world.client()
        first = await admin.get(path)
        world.lineup.channels = Shown()  # type: ignore[assignment]  # whoever wants a channel of it fails
        assert (await admin.get(path)).content == first.content
        assert (await admin.get(f"{path.partition('?')[0]}?page_size=2")).status_code == 500

    @pytest.mark.parametrize("change", CHANGES)
    async def test_it_is_another_one_after_any_write(self, each_world: World, change: Callable[[Unit], None]) -> None:
        await filled(each_world)
        admin = each_world.client()
        before = [(await admin.get(path)).json() for path in (PAGE, BARE, FACE)]
        await each_world.db.write(change)
        after = [(await admin.get(path)).json() for path in (PAGE, BARE, FACE)]
        assert [old == new for old, new in zip(before, after, strict=True)] == [False, False, False]

    async def test_what_was_written_through_the_api_is_in_the_next_answer(self, each_world: World) -> None:
        await filled(each_world)
        admin = each_world.client()
        for number in range(5):
            await admin.get(PAGE)
            await admin.patch(f"{BARE}1/", json={"name": f"Name {number}"})
            assert (await admin.get(PAGE)).json()["results"][0]["name"] == f"Name {number}"

    async def test_a_member_gets_their_own_and_what_their_profile_says_now(self, each_world: World) -> None:
        await filled(each_world)
        await each_world.channel("Secret", 2, user_level=10)
        profile = await each_world.lineup.profiles.create(SYSTEM, "Kids")
        each_world.people.viewers[2] = Viewer(level=1, profile_ids=frozenset({profile.id}))
        admin, member = each_world.client(), each_world.client(Role.MEMBER, user=2)
        assert [len((await one.get(BARE)).json()) for one in (admin, member)] == [2, 1]
        path = f"/api/channels/profiles/{profile.id}/channels/1/"
        assert (await admin.patch(path, json={"enabled": False})).status_code == 200
        assert [len((await one.get(BARE)).json()) for one in (admin, member)] == [2, 0]

    async def test_what_depends_on_other_rows_is_made_each_time(self, world: World) -> None:
        await filled(world)
        admin = world.client()
        path = f"{PAGE}&search=default"
        assert (await admin.get(path)).json()["count"] == 1

        def rename(unit: Unit) -> None:
            unit.connection.exec_driver_sql("UPDATE live_groups SET name_key = 'other'")

        await world.db.write(rename)
        assert (await admin.get(path)).json()["count"] == 0


class Shown:
    """Tells who may see what, and nothing else."""

    async def visible_to(self, caller: Any) -> Viewer:
        return Viewer()


class TestManyAskAtOnce:
    async def test_one_read_answers_all_who_wait_and_never_one_that_began_before(self, world: World) -> None:
        reads: list[int] = []

        class Counting(VersionStore):
            def current(self, unit: Unit) -> int:
                reads.append(1)
                return super().current(unit)

        versions = Versions(db=world.db, store=Counting())
        before = await versions.now()
        await world.channel()
        found = await _together([versions.now] * 8)
        assert found[0] > before
        assert len(set(found)) == 1
        assert len(reads) <= 3  # the first, then one that all but the earliest asker share


async def _together(calls: list[Callable[[], Awaitable[int]]]) -> list[int]:
    return list(await asyncio.gather(*(call() for call in calls)))


class TestTheCacheIsBounded:
    def test_the_longest_unused_goes_and_the_oversized_never_comes(self) -> None:
        kept = KeptAnswers()
        piece = bytes(LONGEST_BYTES)
        for key in range(MOST_BYTES // LONGEST_BYTES):
            assert kept.get(1, key) is None
            kept.put(1, key, piece)
        kept.get(1, 0)
        kept.put(1, "one more", piece)
        assert [kept.get(1, key) is not None for key in (0, 1, "one more")] == [True, False, True]
        kept.put(1, "too long", piece + b"!")
        assert kept.get(1, "too long") is None

    def test_an_answer_of_another_version_is_not_kept(self) -> None:
        kept = KeptAnswers()
        assert kept.get(2, "list") is None
        kept.put(1, "list", b"[]")
        assert kept.get(2, "list") is None

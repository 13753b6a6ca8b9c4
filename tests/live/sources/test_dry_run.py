"""What a refresh would do, told without doing it."""

import pytest

from polycast.core.errors import Conflict, Invalid, NotFound
from polycast.core.identity.caller import SYSTEM
from polycast.live.sources.accounts.forms import AccountForm, FilterForm, GroupForm
from polycast.live.sources.refresh.work import NothingUsable
from tests.live.sources.world import SourcesWorld, playlist


class TestADryRun:
    async def test_of_a_new_account_tells_what_comes(self, each_world: SourcesWorld) -> None:
        account_id = await each_world.file_account(playlist("One", "Two") + playlist("Goal", group="Sport"))
        found = await each_world.sources.dry_runs.of(SYSTEM, account_id)
        assert (found.entries, found.added, found.unchanged, found.removed) == (3, 3, 0, 0)
        assert found.added_names == ["One", "Two", "Goal"]
        assert [(one.name, one.is_new, one.enabled, one.added) for one in found.groups] == [
            ("News", True, True, 2),
            ("Sport", True, True, 1),
        ]

    async def test_writes_nothing(self, each_world: SourcesWorld) -> None:
        account_id = await each_world.file_account(playlist("One"))
        before = await each_world.account(account_id)
        await each_world.sources.dry_runs.of(SYSTEM, account_id)
        assert await each_world.account(account_id) == before
        assert await each_world.names() == []
        assert (await each_world.sources.accounts.get(SYSTEM, account_id)).groups == []

    async def test_agrees_with_the_refresh_that_follows(self, each_world: SourcesWorld) -> None:
        account_id = await each_world.file_account(playlist("One", "Two", "Three", "Four"))
        await each_world.refresh(account_id)
        renamed = playlist("One", "Two", "Four", "Five").replace(",Two", ",Two HD")
        each_world.write(renamed)
        told = await each_world.sources.dry_runs.of(SYSTEM, account_id)
        assert (told.added, told.changed, told.unchanged, told.removed) == (1, 1, 2, 1)
        assert (told.added_names, told.removed_names) == (["Five"], ["Three"])
        done = await each_world.refresh(account_id)
        assert (done.streams_created, done.streams_updated, done.streams_unchanged, done.streams_stale) == (1, 1, 2, 1)

    async def test_of_the_same_bytes_changes_nothing(self, world: SourcesWorld) -> None:
        account_id = await world.file_account(playlist("One", "Two"))
        await world.refresh(account_id)
        found = await world.sources.dry_runs.of(SYSTEM, account_id)
        assert (found.entries, found.added, found.unchanged, found.removed) == (2, 0, 2, 0)

    # Before saving a filter people want to know what it costs them.
    async def test_counts_what_filters_and_groups_leave_out(self, world: SourcesWorld) -> None:
        account_id = await world.file_account(playlist("One", "Two") + playlist("Goal", group="Sport"))
        await world.refresh(account_id)
        [news, _] = (await world.sources.accounts.get(SYSTEM, account_id)).groups
        await world.sources.groups.change(SYSTEM, account_id, [GroupForm(group_id=news.group_id, enabled=False)])
        await world.sources.filters.create(SYSTEM, account_id, FilterForm(filter_type="name", regex_pattern="Goal"))
        found = await world.sources.dry_runs.of(SYSTEM, account_id)
        assert (found.filtered, found.removed, found.unchanged) == (3, 3, 0)

    async def test_says_when_a_refresh_would_ask_first(self, world: SourcesWorld) -> None:
        account_id = await world.file_account(playlist(*"ABCDEFGH"))
        await world.refresh(account_id)
        world.write(playlist("A"))
        assert (await world.sources.dry_runs.of(SYSTEM, account_id)).would_hold

    # Downloads hold addresses with logins.
    async def test_leaves_no_file_behind(self, world: SourcesWorld) -> None:
        account_id = await world.file_account(playlist("One"))
        await world.sources.dry_runs.of(SYSTEM, account_id)
        assert not list((world.data / "tmp").glob("**/account-*"))

    async def test_is_refused_where_a_refresh_is(self, world: SourcesWorld) -> None:
        custom = (await world.sources.accounts.all(SYSTEM))[0].account.id
        runs = world.sources.dry_runs
        with pytest.raises(NotFound):
            await runs.of(SYSTEM, 9999)
        with pytest.raises(Invalid):
            await runs.of(SYSTEM, custom)
        account_id = await world.file_account("no playlist at all", name="Bad")
        with pytest.raises(NothingUsable):
            await runs.of(SYSTEM, await world.file_account("#EXTM3U\n", name="Empty"))
        await world.sources.accounts.change(SYSTEM, account_id, AccountForm(is_active=False))
        with pytest.raises(Conflict):
            await runs.of(SYSTEM, account_id)

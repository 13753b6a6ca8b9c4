"""Groups of accounts that become channels by themselves."""

from datetime import timedelta
from typing import Any

from polycast.core.identity.caller import SYSTEM
from polycast.live.lineup.events import ChannelsChanged
from polycast.live.lineup.model import Channel, ChannelPatch, ChannelQuery, OverridePatch, Visibility
from polycast.live.sources.accounts.forms import AccountForm, GroupForm
from polycast.live.sources.model import OrphanCleanup, RefreshAccount, SourceRefreshed
from tests.fakes.runs import DirectRun
from tests.live.lineup.world import World


class Account:
    """An account of a watched file whose group "News" is synced."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.id = 0
        self.group_id = 0

    async def refresh(self, *names: str) -> SourceRefreshed:
        """The provider has these streams now; "7 BBC" has the number 7 there."""
        lines = ["#EXTM3U"]
        for name in names:
            number, _, bare = name.rpartition(" ") if name[0].isdigit() else ("", "", name)
            chno = f' tvg-chno="{number}"' if number else ""
            lines.append(f'#EXTINF:-1 tvg-id="{bare.lower()}.uk" group-title="News"{chno},{bare}')
            lines.append(f"http://streams.example.net/{bare.lower()}.ts")
        folder = self.world.data / "m3us"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "list.m3u").write_text("\n".join(lines))
        before = len(self.world.events(SourceRefreshed))
        await self.world.sources.refreshes.refresh(RefreshAccount(account_id=self.id, accept_drop=True), DirectRun())
        done: SourceRefreshed = self.world.events(SourceRefreshed)[before]
        return done

    async def rules(self, *, start: int | None = 100, end: int | None = None, **properties: Any) -> None:
        form = GroupForm(
            group_id=self.group_id,
            enabled=True,
            auto_channel_sync=True,
            sync_start=start and start * 1000,
            sync_end=end and end * 1000,
            custom_properties=properties,
        )
        await self.world.sources.groups.change(SYSTEM, self.id, [form])

    async def channels(self) -> list[Channel]:
        return await self.world.lineup.channels.all(SYSTEM, ChannelQuery(visibility=Visibility.ALL))

    async def line_up(self) -> dict[str, float | None]:
        """Effective numbers by name."""
        return {
            one.effective.name: None if one.effective.number is None else one.effective.number / 1000
            for one in await self.channels()
        }

    async def change(self, name: str, patch: ChannelPatch) -> None:
        [found] = [one for one in await self.channels() if one.effective.name == name]
        await self.world.lineup.channels.change(SYSTEM, found.id, patch)


async def synced(world: World, *names: str, start: int | None = 100, end: int | None = None, **rules: Any) -> Account:
    """An account whose first refreshes are done."""
    account = Account(world)
    form = AccountForm(name="List", account_type="FILE", file_path="m3us/list.m3u", stale_days=0)
    (world.data / "m3us").mkdir(parents=True, exist_ok=True)
    (world.data / "m3us" / "list.m3u").write_text("#EXTM3U\n")
    account.id = (await world.sources.accounts.create(SYSTEM, form)).account.id
    await account.refresh(*names)
    [group] = await world.sources.groups.of(SYSTEM, account.id)
    account.group_id = group.group_id
    await account.rules(start=start, end=end, **rules)
    await account.refresh(*names)
    return account


class TestAGroupIsSynced:
    async def test_its_streams_become_channels(self, each_world: World) -> None:
        guide = await each_world.guide("bbc.uk")
        account = await synced(each_world, "BBC", "Sky")
        assert await account.line_up() == {"BBC": 100, "Sky": 101}
        [first, second] = await account.channels()
        assert (first.auto_created, first.auto_account_name, first.base.tvg_id) == (True, "List", "bbc.uk")
        assert (first.base.guide_channel_id, second.base.guide_channel_id) == (guide, None)
        assert first.source is not None
        assert (first.source.name, first.source.account_name) == ("BBC", "List")
        assert first.base.group_id == account.group_id

    async def test_again_nothing_changes(self, world: World) -> None:
        account = await synced(world, "BBC", "Sky")
        before = [(one.id, one.uuid, one.updated_at) for one in await account.channels()]
        world.clock.move(timedelta(seconds=60))
        done = await account.refresh("BBC", "Sky")
        assert (done.channels_created, done.channels_updated, done.channels_deleted) == (0, 0, 0)
        assert [(one.id, one.uuid, one.updated_at) for one in await account.channels()] == before

    async def test_what_comes_and_goes_follows(self, world: World) -> None:
        account = await synced(world, "BBC", "Sky")
        [bbc] = [one for one in await account.channels() if one.base.name == "BBC"]
        done = await account.refresh("Arte", "BBC")
        assert (done.channels_created, done.channels_deleted) == (1, 1)
        assert await account.line_up() == {"Arte": 100, "BBC": 101}
        assert bbc.uuid in {one.uuid for one in await account.channels()}

    async def test_expressions_choose_and_rename(self, world: World) -> None:
        account = await synced(
            world,
            "BBC",
            "BBX",
            "Sky",
            name_match_regex="^bb",
            name_match_exclude_regex="x$",
            name_regex_pattern="^BB(.)",
            name_replace_pattern="bb-$1",
        )
        assert await account.line_up() == {"bb-C": 100}

    async def test_a_bad_expression_leaves_the_channels_as_they_are(self, world: World) -> None:
        account = await synced(world, "BBC")
        await account.rules(name_match_regex="(")
        done = await account.refresh("BBC", "Sky")
        assert done.channels_failed == 2
        assert await account.line_up() == {"BBC": 100}

    async def test_the_order_can_be_by_name(self, world: World) -> None:
        account = await synced(world, "Sky10", "Sky9", channel_sort_order="name", channel_sort_reverse=False)
        assert await account.line_up() == {"Sky9": 100, "Sky10": 101}

    async def test_profiles_of_the_group_get_its_channels(self, world: World) -> None:
        kids = (await world.lineup.profiles.create(SYSTEM, "Kids")).id
        other = (await world.lineup.profiles.create(SYSTEM, "Other")).id
        account = await synced(world, "BBC", channel_profile_ids=[kids])
        [channel] = await account.channels()
        assert (await world.lineup.profiles.get(kids)).channel_ids == (channel.id,)
        assert (await world.lineup.profiles.get(other)).channel_ids == ()


class TestNumbersOfASync:
    async def test_fixed_ones_skip_what_others_have(self, world: World) -> None:
        await world.channel("Mine", 101)
        account = await synced(world, "BBC", "Sky")
        assert await account.line_up() == {"BBC": 100, "Mine": 101, "Sky": 102}

    async def test_a_full_range_fails_for_the_rest(self, world: World) -> None:
        account = await synced(world, "BBC", "Sky", "Arte", start=5, end=6)
        assert await account.line_up() == {"BBC": 5, "Sky": 6}
        assert (await account.refresh("BBC", "Sky", "Arte")).channels_failed == 1

    async def test_the_providers_own(self, world: World) -> None:
        await world.channel("Mine", 7)
        account = await synced(
            world, "7 BBC", "9 Sky", "Arte", channel_numbering_mode="provider", channel_numbering_fallback=50
        )
        assert await account.line_up() == {"Mine": 7, "Sky": 9, "BBC": 50, "Arte": 51}

    async def test_the_next_that_are_free(self, world: World) -> None:
        await world.channel("Mine", 2)
        account = await synced(world, "BBC", "Sky", channel_numbering_mode="next_available")
        assert await account.line_up() == {"BBC": 1, "Mine": 2, "Sky": 3}

    async def test_compact_ones_have_no_gaps(self, world: World) -> None:
        account = await synced(world, "BBC", "Sky", "Arte", compact_numbering=True)
        await account.change("BBC", ChannelPatch(is_hidden=True))
        assert await account.line_up() == {"BBC": None, "Sky": 100, "Arte": 101}
        await account.change("Arte", ChannelPatch(override=OverridePatch(number=100_000)))
        await account.refresh("BBC", "Sky", "Arte")
        assert await account.line_up() == {"BBC": None, "Arte": 100, "Sky": 101}
        await account.change("BBC", ChannelPatch(is_hidden=False))
        assert await account.line_up() == {"BBC": 102, "Arte": 100, "Sky": 101}

    async def test_a_group_is_packed_on_demand(self, world: World) -> None:
        account = await synced(world, "7 BBC", "9 Sky", start=1, channel_numbering_mode="provider")
        packed = await world.lineup.sync.repack(SYSTEM, account.id, account.group_id)
        assert (packed.assigned, packed.released, packed.failed) == (2, 0, 0)
        assert await account.line_up() == {"BBC": 1, "Sky": 2}


class TestWhatPeopleChangedStays:
    async def test_overrides_survive(self, world: World) -> None:
        account = await synced(world, "BBC")
        await account.change("BBC", ChannelPatch(override=OverridePatch(name="One", number=1000)))
        await account.refresh("BBC", "Sky")
        assert await account.line_up() == {"One": 1, "Sky": 101}

    async def test_hidden_channels_survive_their_stream(self, world: World) -> None:
        account = await synced(world, "BBC", "Sky")
        await account.change("Sky", ChannelPatch(is_hidden=True))
        await account.refresh("BBC")
        assert set(await account.line_up()) == {"BBC", "Sky"}

    async def test_orphans_go_as_the_account_says(self, world: World) -> None:
        account = await synced(world, "BBC", "Sky")
        await account.change("Sky", ChannelPatch(override=OverridePatch(name="Mine")))
        off = GroupForm(group_id=account.group_id, auto_channel_sync=False)
        await world.sources.groups.change(SYSTEM, account.id, [off])
        for policy, left in (
            (OrphanCleanup.NEVER, {"BBC", "Mine"}),
            (OrphanCleanup.PRESERVE_CUSTOMIZED, {"Mine"}),
            (OrphanCleanup.ALWAYS, set()),
        ):
            await world.sources.accounts.change(SYSTEM, account.id, AccountForm(orphan_cleanup=policy.value))
            await account.refresh("BBC", "Sky")
            assert set(await account.line_up()) == left, policy

    async def test_with_the_account_its_channels_go(self, world: World) -> None:
        account = await synced(world, "BBC", "Sky")
        await world.channel("Mine", 1)
        assert await world.lineup.sync.made_by(SYSTEM, account.id) == (2, ["BBC", "Sky"])
        assert await world.lineup.sync.remove_of(account.id) == 2
        assert set(await account.line_up()) == {"Mine"}


class TestALargeImport:
    async def test_is_told_of_once(self, world: World) -> None:
        account = await synced(world, "First")
        world.kept.events.clear()
        await account.refresh("First", *(f"Channel{number}" for number in range(60)))
        [told] = world.events(ChannelsChanged)
        assert (told.count, len(told.channel_ids)) == (60, 60)
        world.kept.events.clear()
        await account.refresh("First", *(f"Channel{number}" for number in range(60)))
        assert world.events(ChannelsChanged) == []

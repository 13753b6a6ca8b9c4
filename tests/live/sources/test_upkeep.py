"""What is done to accounts besides refreshing them."""

import os

import pytest

from polycast.core.errors import Conflict, Invalid, NotFound
from polycast.core.identity.caller import SYSTEM
from polycast.core.jobs.model import Tick
from polycast.core.storage import Unit
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore
from polycast.live.sources.accounts.forms import AccountForm, ProfileForm
from polycast.live.sources.model import DeleteAccount, RefreshAccount, RefreshInfo, Status
from polycast.live.sources.streams.model import StreamForm
from polycast.live.tables import accounts, channel_streams, channels, stream_hashes, stream_names, streams
from tests.fakes.http_upstream import upstream
from tests.fakes.xtream_panel import XtreamPanel
from tests.live.sources.world import SourcesWorld, playlist


async def set_hash_key(world: SourcesWorld, keys: str) -> None:
    preferences = Preferences(db=world.db, store=SettingsStore())
    await preferences.change(SYSTEM, "stream_settings", {"m3u_hash_key": keys})


def rows(unit: Unit) -> tuple[int, int, int]:
    return tuple(len(unit.execute(t.select()).all()) for t in (streams, stream_names, stream_hashes))  # type: ignore[return-value]


class TestANewHashKey:
    async def test_keeps_streams_and_gives_them_new_hashes(self, each_world: SourcesWorld) -> None:
        account = await each_world.file_account(playlist("A", "B"))
        await each_world.refresh(account)
        before = await each_world.streams()
        await set_hash_key(each_world, "name,group")
        each_world.write(playlist("A", "B", host="http://other.example.net"))
        done = await each_world.refresh(account)
        after = await each_world.streams()
        assert (done.streams_created, done.streams_updated) == (0, 2)
        assert [s.id for s in after] == [s.id for s in before]
        assert {s.hash for s in after}.isdisjoint({s.hash for s in before})

    async def test_makes_one_of_doubled_streams_and_channels_keep_it(self, each_world: SourcesWorld) -> None:
        text = playlist("A", "B") + playlist("A", host="http://mirror.example.net")
        account = await each_world.file_account(text)
        await each_world.refresh(account)
        first, second = [s.id for s in await each_world.streams(name="a")]

        def link(unit: Unit) -> None:
            now = each_world.clock.now()
            channel = unit.insert(channels, uuid="u", name="n", created_at=now, updated_at=now)
            unit.insert_rows(channel_streams, ["channel_id", "stream_id", "position"], [(channel, second, 0)])

        await each_world.db.write(link)
        await set_hash_key(each_world, "name")
        await each_world.sources.refreshes.refresh(RefreshAccount(account, rehash_only=True), each_world.run)

        def linked(unit: Unit) -> list[int]:
            return [row.stream_id for row in unit.execute(channel_streams.select())]

        assert await each_world.db.read(linked) == [min(first, second)]
        assert await each_world.names() == ["A", "B"]
        assert await each_world.db.read(rows) == (2, 2, 2)

    async def test_reaches_custom_streams_too(self, world: SourcesWorld) -> None:
        made = await world.sources.streams.create(SYSTEM, StreamForm(name="Mine", url="http://a.example.net/x"))
        await set_hash_key(world, "name")
        await world.sources.rehash.enqueue_all(Tick(), world.run)
        for name, payload in world.kept.jobs:
            assert name == "live.refresh_account"
            await world.sources.refreshes.refresh(payload, world.run)  # type: ignore[arg-type]
        assert (await world.sources.streams.get(SYSTEM, made.id)).hash != made.hash

    async def test_waits_while_sources_are_refreshed(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A"))

        def busy(unit: Unit) -> None:
            unit.execute(accounts.update().where(accounts.c.id == account).values(status="parsing"))

        await world.db.write(busy)
        with pytest.raises(Conflict):
            await world.sources.rehash.start(SYSTEM)


class TestFilesInTheFolder:
    async def test_become_accounts(self, world: SourcesWorld) -> None:
        world.write(playlist("A"), name="Home list.m3u")
        world.write(b"x", name="readme.txt")
        await world.sources.watch.look(Tick(), world.run)
        await world.sources.watch.look(Tick(), world.run)
        made = [d.account for d in await world.sources.accounts.all(SYSTEM) if not d.account.locked]
        assert [(a.name, a.file_path) for a in made] == [("Home list", "m3us/Home list.m3u")]

    async def test_are_read_again_when_they_change(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A"))
        await world.refresh(account)
        world.kept.jobs.clear()
        await world.sources.watch.look(Tick(), world.run)
        assert world.kept.jobs == []
        world.write(playlist("A", "B"))
        os.utime(world.data / "m3us/List.m3u", ns=(5, 5))
        await world.sources.watch.look(Tick(), world.run)
        await world.sources.watch.look(Tick(), world.run)
        assert world.kept.jobs == [("live.refresh_account", RefreshAccount(account))]

    # It was taken for a new file, and became a second account twenty seconds later.
    async def test_of_an_account_that_is_off_are_no_new_ones(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A"))
        await world.refresh(account)
        await world.sources.accounts.change(SYSTEM, account, AccountForm(is_active=False))
        world.kept.jobs.clear()
        world.write(playlist("A", "B"))
        os.utime(world.data / "m3us/List.m3u", ns=(5, 5))
        await world.sources.watch.look(Tick(), world.run)
        assert world.kept.jobs == []
        found = [detail.account.id for detail in await world.sources.accounts.all(SYSTEM)]
        assert len(found) == 2  # it, and the one for custom streams
        await world.sources.accounts.change(SYSTEM, account, AccountForm(is_active=True))
        await world.refresh(account)
        assert await world.names() == ["A", "B"]


class TestADeletedAccount:
    async def test_is_gone_at_once_and_leaves_nothing(self, each_world: SourcesWorld) -> None:
        account = await each_world.file_account(playlist("A", "B"))
        await each_world.refresh(account)
        assert await each_world.sources.accounts.delete(SYSTEM, account) == 0
        assert await each_world.names() == []
        with pytest.raises(NotFound):
            await each_world.sources.accounts.get(SYSTEM, account)
        await each_world.sources.accounts.remove_deleted(DeleteAccount(account), each_world.run)
        assert await each_world.db.read(rows) == (0, 0, 0)

    async def test_frees_its_name(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A"))
        await world.sources.accounts.delete(SYSTEM, account)
        assert await world.file_account(playlist("A")) != account

    async def test_is_never_the_one_for_custom_streams(self, world: SourcesWorld) -> None:
        [custom] = [d.account for d in await world.sources.accounts.all(SYSTEM)]
        with pytest.raises(Conflict):
            await world.sources.accounts.delete(SYSTEM, custom.id)


class TestAnAccountThatIsSwitchedOff:
    async def test_says_so_and_is_not_refreshed(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A"), refresh_hours=1)
        await world.sources.accounts.change(SYSTEM, account, AccountForm(is_active=False))
        found = await world.account(account)
        assert (found.status, found.next_refresh_at) == (Status.DISABLED, None)
        with pytest.raises(Conflict):
            await world.sources.accounts.refresh(SYSTEM, account)


class TestWrongForms:
    async def test_every_problem_is_told_at_once(self, world: SourcesWorld) -> None:
        form = AccountForm(
            name="", account_type="FTP", url="::", max_streams=-1, cron="x", user_agent_id=99, server_group_id=99
        )
        with pytest.raises(Invalid) as refused:
            await world.sources.accounts.create(SYSTEM, form)
        assert {p.path for p in refused.value.problems} == {
            "name",
            "account_type",
            "server_url",
            "max_streams",
            "cron_expression",
            "user_agent",
            "server_group",
        }

    async def test_names_are_taken_once(self, world: SourcesWorld) -> None:
        await world.file_account(playlist("A"))
        with pytest.raises(Invalid):
            await world.file_account(playlist("A"))

    async def test_the_default_profile_keeps_the_accounts_limit(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A"), max_streams=3)
        [profile] = await world.sources.profiles.of(SYSTEM, account)
        assert profile.max_streams == 3
        with pytest.raises(Invalid):
            await world.sources.profiles.change(SYSTEM, account, profile.id, ProfileForm(max_streams=5))
        with pytest.raises(Conflict):
            await world.sources.profiles.delete(SYSTEM, account, profile.id)


class TestWhatAPanelSaysAboutALogin:
    async def test_is_kept_for_the_profile_as_it_is_rewritten(self, world: SourcesWorld) -> None:
        panel = XtreamPanel(username="second", password="other")
        async with upstream() as provider:
            provider.on("/player_api.php", panel)
            form = AccountForm(name="X", account_type="XC", url=provider.url(), username="first", password="one")
            account = (await world.sources.accounts.create(SYSTEM, form)).account.id
            rewrite = ProfileForm(name="2", search_pattern="/first/one/", replace_pattern="/second/other/")
            profile = await world.sources.profiles.create(SYSTEM, account, rewrite)
            await world.sources.infos.refresh(RefreshInfo(profile.id), world.run)
        found = (await world.sources.profiles.of(SYSTEM, account))[1]
        assert found.user_info is not None
        assert (found.user_info["status"], "second" in repr(found.user_info)) == ("Active", False)

    async def test_is_only_asked_of_panels(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A"))
        [profile] = await world.sources.profiles.of(SYSTEM, account)
        with pytest.raises(Invalid):
            await world.sources.infos.ask(SYSTEM, profile.id)

"""What a refresh does to the streams of an account."""

import gzip
import lzma
from datetime import timedelta

import pytest

from polycast.core.identity.caller import SYSTEM
from polycast.core.jobs.model import Cancelled, Tick
from polycast.core.storage import Unit
from polycast.live.sources.accounts.forms import AccountForm, FilterForm, GroupForm
from polycast.live.sources.model import RefreshAccount, SourceProgress, Status
from polycast.live.sources.refresh.scan import TooManySlow
from polycast.live.sources.refresh.store import RefreshStore
from polycast.live.sources.refresh.work import Held
from polycast.live.sources.streams.model import StreamForm, StreamQuery
from polycast.live.sources.streams.store import StreamStore
from tests.live.sources.world import SAMPLES, SourcesWorld, playlist


class TestANewAccount:
    async def test_loads_its_groups_and_waits(self, each_world: SourcesWorld) -> None:
        account = await each_world.file_account(playlist("A", group="One") + playlist("B", group="Two"))
        assert each_world.kept.jobs == [("live.refresh_account", RefreshAccount(account, groups_only=True))]
        await each_world.refresh(account, groups_only=True)
        detail = await each_world.sources.accounts.get(SYSTEM, account)
        assert detail.account.status is Status.PENDING_SETUP
        assert [(g.group_name, g.enabled) for g in detail.groups] == [("One", True), ("Two", True)]
        assert await each_world.names() == []

    async def test_new_groups_start_as_the_account_says(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A"), auto_enable_groups_live=False)
        await world.refresh(account, groups_only=True)
        assert [g.enabled for g in (await world.sources.accounts.get(SYSTEM, account)).groups] == [False]
        done = await world.refresh(account)
        assert (done.streams_created, done.filtered) == (0, 1)


class TestTheFirstImport:
    async def test_brings_every_usable_entry(self, each_world: SourcesWorld) -> None:
        account = await each_world.file_account((SAMPLES / "small.m3u").read_bytes())
        done = await each_world.refresh(account)
        assert (done.streams_created, done.rejected) == (6, 4)
        assert await each_world.names() == [
            "BBC One HD",
            "BBC Two, in single quotes",
            "Multicast",
            "Named only",
            "Plain title, with a comma",
            'The "Quoted" Show',
        ]

    async def test_keeps_what_the_playlist_says(self, world: SourcesWorld) -> None:
        await world.refresh(await world.file_account((SAMPLES / "small.m3u").read_bytes()))
        [bbc] = await world.streams(name="bbc one")
        assert (bbc.tvg_id, bbc.number, bbc.logo_url) == ("bbc1.uk", 101_000, "http://logos.example.net/bbc1.png")
        assert bbc.attributes == {"tvg-name": "BBC One", "tvg-chno": "101"}
        [kids] = await world.streams(tvg_id="kids")
        assert (kids.is_catchup, kids.catchup_days, kids.is_adult) == (True, 7, False)
        assert kids.attributes["vlc_opts"] == ["http-user-agent=Player/1.0", "http-referrer=http://site.example.net/"]

    async def test_ends_in_success_and_calls_who_comes_after(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A"))
        done = await world.refresh(account)
        found = await world.account(account)
        assert (found.status, found.stream_count, found.updated_at) == (Status.SUCCESS, 1, world.clock.now())
        assert (done.channels_created, world.heard.imports[0].has_changed) == (1, True)
        told = [event for event in world.heard.told if isinstance(event, SourceProgress)]
        assert (told[0].action, told[-1].progress, told[-1].status) == ("downloading", 100, "success")

    async def test_counts_an_entry_twice_in_the_list_once(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A", "B") + playlist("A"))
        assert (await world.refresh(account)).streams_created == 2

    @pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
    async def test_reads_compressed_files(self, world: SourcesWorld, pack: object) -> None:
        account = await world.file_account(pack(playlist("A", "B").encode()))  # type: ignore[operator]
        assert (await world.refresh(account)).streams_created == 2


class TestAnUnchangedList:
    async def test_changes_no_row(self, each_world: SourcesWorld) -> None:
        account = await each_world.file_account(playlist("A", "B"))
        await each_world.refresh(account)
        before = await each_world.streams()
        each_world.clock.move(timedelta(hours=1))
        each_world.write("\n" + playlist("A", "B"))
        done = await each_world.refresh(account)
        after = await each_world.streams()
        assert (done.streams_unchanged, done.streams_created, done.streams_updated) == (2, 0, 0)
        assert [s.updated_at for s in after] == [s.updated_at for s in before]
        assert [s.last_seen_at for s in after] == [each_world.clock.now()] * 2

    async def test_the_very_same_bytes_are_not_even_read(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A", "B"))
        await world.refresh(account)
        await world.refresh(account)
        assert [i.has_changed for i in world.heard.imports] == [True, False]
        assert await world.names() == ["A", "B"]


class TestAChangedList:
    async def test_new_names_keep_the_stream(self, each_world: SourcesWorld) -> None:
        account = await each_world.file_account(playlist("A", "B"))
        await each_world.refresh(account)
        ids = {s.name: s.id for s in await each_world.streams()}
        each_world.write(playlist("A", "B").replace(",B\n", ",Bee\n"))
        done = await each_world.refresh(account)
        assert (done.streams_updated, done.streams_created) == (1, 0)
        assert {s.name: s.id for s in await each_world.streams()} == {"A": ids["A"], "Bee": ids["B"]}
        assert await each_world.names(search="bee") == ["Bee"]
        assert await each_world.names(name="b") == ["Bee"]

    async def test_what_people_set_survives(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A"))
        await world.refresh(account)
        [stream] = await world.streams()
        await world.sources.streams.change(SYSTEM, stream.id, StreamForm(enabled=False))
        world.write(playlist("A").replace(",A\n", ",Alpha\n"))
        await world.refresh(account)
        [stream] = await world.streams()
        assert (stream.name, stream.enabled) == ("Alpha", False)
        assert await world.names(enabled=True) == []
        assert await world.names(enabled=False) == ["Alpha"]

    async def test_what_is_missing_turns_stale_and_comes_back(self, each_world: SourcesWorld) -> None:
        account = await each_world.file_account(playlist("A", "B", "C"))
        await each_world.refresh(account)
        first = each_world.clock.now()
        each_world.clock.move(timedelta(days=1))
        each_world.write(playlist("A", "C"))
        done = await each_world.refresh(account)
        [lost] = await each_world.streams(name="b")
        assert (done.streams_stale, lost.is_stale, lost.last_seen_at) == (1, True, first)
        assert await each_world.names(hide_stale=True) == ["A", "C"]
        each_world.write(playlist("A", "B", "C"))
        await each_world.refresh(account)
        [found] = await each_world.streams(name="b")
        assert (found.id, found.is_stale) == (lost.id, False)

    async def test_what_is_missing_for_too_long_is_removed(self, each_world: SourcesWorld) -> None:
        account = await each_world.file_account(playlist("A", "B", "C"), stale_days=2)
        await each_world.refresh(account)
        each_world.write(playlist("A", "C"))
        each_world.clock.move(timedelta(days=1))
        await each_world.refresh(account)
        each_world.clock.move(timedelta(days=2))
        done = await each_world.refresh(account)
        assert done.streams_deleted == 1
        assert await each_world.names() == ["A", "C"]

    async def test_provider_order_is_kept_when_entries_come_in_between(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A", "B"))
        await world.refresh(account)
        world.write(playlist("A", "X", "Y", "B"))
        await world.refresh(account)
        group = (await world.sources.accounts.get(SYSTEM, account)).groups[0]
        names = await world.db.read(_in_order, group.group_id)
        assert names == ["A", "X", "Y", "B"]

    async def test_provider_order_follows_a_move(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A", "B", "C"))
        await world.refresh(account)
        world.write(playlist("C", "A", "B"))
        await world.refresh(account)
        group = (await world.sources.accounts.get(SYSTEM, account)).groups[0]
        assert await world.db.read(_in_order, group.group_id) == ["C", "A", "B"]


class TestGroupsThatAreSwitchedOff:
    async def test_their_streams_go_with_the_next_refresh(self, each_world: SourcesWorld) -> None:
        account = await each_world.file_account(playlist("A", group="One") + playlist("B", group="Two"))
        await each_world.refresh(account)
        two = next(g for g in (await each_world.sources.accounts.get(SYSTEM, account)).groups if g.group_name == "Two")
        await each_world.sources.groups.change(SYSTEM, account, [GroupForm(group_id=two.group_id, enabled=False)])
        done = await each_world.refresh(account)
        assert (done.streams_deleted, done.streams_unchanged) == (1, 1)
        assert await each_world.names() == ["A"]
        await each_world.sources.groups.change(SYSTEM, account, [GroupForm(group_id=two.group_id, enabled=True)])
        assert (await each_world.refresh(account)).streams_created == 1


class TestFilters:
    async def test_the_first_that_matches_decides(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("News HD", "News", "Sport HD"))
        for kind, pattern, exclude in (("name", "^News HD$", False), ("name", "hd", True)):
            form = FilterForm(filter_type=kind, regex_pattern=pattern, exclude=exclude, case_sensitive=False)
            await world.sources.filters.create(SYSTEM, account, form)
        done = await world.refresh(account)
        assert (await world.names(), done.filtered) == (["News", "News HD"], 1)

    async def test_a_pattern_that_never_ends_fails_the_refresh_and_nothing_else(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A"))
        await world.refresh(account)
        form = FilterForm(filter_type="name", regex_pattern="^(a|aa|a*)+$")
        await world.sources.filters.create(SYSTEM, account, form)
        world.write(playlist("A", *("a" * 60 + f"{n}!" for n in range(30))))
        with pytest.raises(TooManySlow):
            await world.refresh(account)
        assert (await world.account(account)).last_message == "A filter takes too long: ^(a|aa|a*)+$"
        assert await world.names() == ["A"]


class TestAListThatLostMostOfItsEntries:
    async def test_is_held_back_until_somebody_confirms(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist(*"ABCDEFGHIJ"))
        await world.refresh(account)
        world.write(playlist("A", "B"))
        with pytest.raises(Held):
            await world.refresh(account)
        found = await world.account(account)
        assert (found.status, found.is_held) == (Status.ERROR, True)
        assert found.last_message.startswith("Held back: only 2 of 10 entries")
        assert len(await world.names(hide_stale=True)) == 10
        assert world.failures()[0].held
        await world.refresh(account, accept_drop=True)
        assert await world.names(hide_stale=True) == ["A", "B"]
        assert not (await world.account(account)).is_held

    async def test_half_is_still_taken(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist(*"ABCD"))
        await world.refresh(account)
        world.write(playlist("A", "B"))
        assert (await world.refresh(account)).streams_stale == 2


class TestBadInput:
    @pytest.mark.parametrize("text", ["<html><body>Sign in</body></html>", "", "884", "#EXTM3U\n#EXTINF:-1,A\n"])
    async def test_changes_nothing_and_says_why(self, world: SourcesWorld, text: str) -> None:
        account = await world.file_account(playlist("A"))
        await world.refresh(account)
        world.write(text)
        with pytest.raises(Exception) as failed:
            await world.refresh(account)
        found = await world.account(account)
        assert (found.status, found.last_message) == (Status.ERROR, str(failed.value))
        assert world.failures()[0].message == str(failed.value)
        assert await world.names() == ["A"]

    async def test_a_file_outside_our_folders_is_not_read(self, world: SourcesWorld) -> None:
        (world.data / "secret.m3u").write_text(playlist("A"))
        form = AccountForm(name="X", account_type="FILE", file_path="m3us/../secret.m3u")
        account = (await world.sources.accounts.create(SYSTEM, form)).account.id
        with pytest.raises(Exception, match="not a path"):
            await world.refresh(account)

    async def test_a_refresh_that_is_stopped_says_so(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist(*(f"N{n}" for n in range(2001))))
        world.run.is_cancelled = True
        with pytest.raises(Cancelled):
            await world.refresh(account)
        assert (await world.account(account)).last_message == "The refresh was stopped."

    async def test_what_a_killed_import_left_behind_is_listed_by_the_next(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist(*(f"N{n}" for n in range(3000))))
        world.run.cancel_after = 1  # in the middle: rows are written, nothing is listed yet
        with pytest.raises(Cancelled):
            await world.refresh(account)
        world.run.cancel_after, world.run.is_cancelled = None, False
        await world.refresh(account)
        assert len(await world.sources.streams.ids(SYSTEM, StreamQuery())) == 3000
        assert len({s.hash for s in await world.streams()}) == 1000


class TestSchedules:
    async def test_due_accounts_are_queued_once(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A"), refresh_hours=2)
        await world.file_account(playlist("B"), name="Never")
        world.kept.jobs.clear()
        await world.sources.refreshes.refresh_due(Tick(), world.run)
        assert world.kept.jobs == []
        world.clock.move(timedelta(hours=2))
        await world.sources.refreshes.refresh_due(Tick(), world.run)
        await world.sources.refreshes.refresh_due(Tick(), world.run)
        assert world.kept.jobs == [("live.refresh_account", RefreshAccount(account))]

    async def test_a_cron_line_wins_over_hours(self, world: SourcesWorld) -> None:
        account = await world.file_account(playlist("A"), refresh_hours=2, cron="30 3 * * *")
        due = (await world.account(account)).next_refresh_at
        assert due is not None
        assert (due.hour, due.minute) == (3, 30)


def _in_order(unit: Unit, group_id: int) -> list[str]:
    return StreamStore(RefreshStore()).names_in_group(unit, group_id, None, 100)

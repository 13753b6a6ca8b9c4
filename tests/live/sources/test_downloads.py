"""Accounts whose streams come over the network."""

from collections.abc import AsyncIterator

import pytest

from polycast.core.identity.caller import SYSTEM
from polycast.core.storage import Unit
from polycast.live.sources.accounts.forms import AccountForm, ProfileForm
from polycast.live.sources.model import AccountDetail, Status
from polycast.live.sources.upstreams.service import Upstream as Way
from tests.fakes.http_upstream import Upstream, html, in_turn, ok, reset_in_body, status, upstream
from tests.fakes.xtream_panel import XtreamPanel, stream
from tests.live.sources.world import SourcesWorld, playlist


@pytest.fixture
async def provider() -> AsyncIterator[Upstream]:
    async with upstream() as server:
        yield server


async def by_url(world: SourcesWorld, url: str, **fields: object) -> int:
    form = AccountForm(name="Provider", url=url, **fields)  # type: ignore[arg-type]
    return (await world.sources.accounts.create(SYSTEM, form)).account.id


async def by_panel(world: SourcesWorld, provider: Upstream, panel: XtreamPanel) -> int:
    provider.on("/player_api.php", panel)
    return await by_url(
        world,
        provider.url("/get.php?type=m3u_plus"),
        account_type="XC",
        username=panel.username,
        password=panel.password,
    )


async def ways(world: SourcesWorld, name: str) -> list[Way]:
    [found] = await world.streams(name=name)

    def read(unit: Unit) -> list[Way]:
        return world.sources.upstreams.of_stream(unit, found.id)

    return await world.db.read(read)


class TestAPlaylistByAddress:
    async def test_is_fetched_and_imported(self, world: SourcesWorld, provider: Upstream) -> None:
        provider.on("/list.m3u", ok(playlist("A", "B").encode(), "audio/x-mpegurl"))
        account = await by_url(world, provider.url("/list.m3u"))
        assert (await world.refresh(account)).streams_created == 2
        assert list((world.data / "tmp/live").iterdir()) == []  # what was fetched holds credentials

    async def test_that_has_not_changed_is_asked_for_with_its_etag(
        self, world: SourcesWorld, provider: Upstream
    ) -> None:
        provider.on("/list.m3u", in_turn(ok(playlist("A").encode(), ETag='"1"'), status(304)))
        account = await by_url(world, provider.url("/list.m3u"))
        await world.refresh(account)
        await world.refresh(account)
        assert provider.asked[1].headers["if-none-match"] == '"1"'
        assert await world.names() == ["A"]

    async def test_that_is_a_web_page_now_changes_nothing(self, world: SourcesWorld, provider: Upstream) -> None:
        provider.on("/list.m3u", in_turn(ok(playlist("A").encode()), html()))
        account = await by_url(world, provider.url("/list.m3u"))
        await world.refresh(account)
        with pytest.raises(Exception, match="web page"):
            await world.refresh(account)
        assert (await world.account(account)).last_message == "The address gives a web page instead of a playlist."
        assert await world.names() == ["A"]

    async def test_that_breaks_off_changes_nothing(self, world: SourcesWorld, provider: Upstream) -> None:
        good = playlist("A", "B").encode()
        provider.on("/list.m3u", in_turn(ok(good), reset_in_body(good[:60], len(good))))
        account = await by_url(world, provider.url("/list.m3u"))
        await world.refresh(account)
        with pytest.raises(Exception):  # noqa: B017 - whichever way the connection ends
            await world.refresh(account)
        assert (await world.account(account)).status is Status.ERROR
        assert await world.names(hide_stale=True) == ["A", "B"]

    async def test_on_this_machine_is_refused_unless_trusted(self, world: SourcesWorld, provider: Upstream) -> None:
        account = await by_url(world, provider.url("/list.m3u", host="127.0.0.2"))
        with pytest.raises(Exception, match="machine itself"):
            await world.refresh(account)
        assert provider.connections == 0


class TestALoginInAddresses:
    LIST = (
        playlist("A", "B", host="http://panel.example.net/live/user-canary/pass-canary")
        .replace("a.ts", "1.ts")
        .replace("b.ts", "2.ts")
    )

    async def test_is_in_no_answer_and_no_row(self, world: SourcesWorld, provider: Upstream) -> None:
        provider.on("/get.php", ok(self.LIST.encode()))
        account = await by_url(world, provider.url("/get.php?username=user-canary&password=pass-canary&type=m3u_plus"))
        await world.refresh(account)
        assert "canary" not in repr(await world.sources.accounts.all(SYSTEM))
        assert [s.url for s in await world.streams()] == [
            "http://panel.example.net/live/***/***/1.ts",
            "http://panel.example.net/live/***/***/2.ts",
        ]
        assert "canary" not in repr(world.kept.events) + repr(world.heard.told)
        stored = b"".join(path.read_bytes() for path in world.data.rglob("*") if path.is_file())
        assert b"canary" not in stored

    async def test_is_put_back_to_play(self, world: SourcesWorld, provider: Upstream) -> None:
        provider.on("/get.php", ok(self.LIST.encode()))
        account = await by_url(world, provider.url("/get.php?username=user-canary&password=pass-canary"))
        await world.refresh(account)
        [way] = await ways(world, "a")
        assert way.url == "http://panel.example.net/live/user-canary/pass-canary/1.ts"
        assert "canary" not in repr(way)

    async def test_that_no_field_names_is_found_in_the_streams(self, world: SourcesWorld) -> None:
        account = await world.file_account(self.LIST)
        await world.refresh(account)
        (world.data / "m3us/List.m3u").unlink()
        stored = b"".join(path.read_bytes() for path in world.data.rglob("*") if path.is_file())
        assert b"canary" not in stored
        [way] = await ways(world, "a")
        assert way.url == "http://panel.example.net/live/user-canary/pass-canary/1.ts"

    async def test_can_change_without_a_new_stream(self, world: SourcesWorld, provider: Upstream) -> None:
        provider.on("/get.php", in_turn(ok(self.LIST.encode()), ok(self.LIST.replace("pass-canary", "other").encode())))
        account = await by_url(world, provider.url("/get.php?username=user-canary&password=pass-canary"))
        await world.refresh(account)
        ids = [s.id for s in await world.streams()]
        url = provider.url("/get.php?username=user-canary&password=other")
        await world.sources.accounts.change(SYSTEM, account, AccountForm(url=url))
        done = await world.refresh(account)
        assert (done.streams_created, done.streams_stale) == (0, 0)
        assert [s.id for s in await world.streams()] == ids
        [way] = await ways(world, "a")
        assert way.url == "http://panel.example.net/live/user-canary/other/1.ts"

    async def test_a_masked_address_sent_back_changes_nothing(self, world: SourcesWorld, provider: Upstream) -> None:
        provider.on("/get.php", ok(self.LIST.encode()))
        account = await by_url(world, provider.url("/get.php?username=user-canary&password=pass-canary"))
        shown = (await world.account(account)).url
        form = AccountForm(url=shown, username="***", password="")
        await world.sources.accounts.change(SYSTEM, account, form)
        assert (await world.refresh(account)).streams_created == 2

    async def test_a_profile_rewrites_it(self, world: SourcesWorld) -> None:
        account = await world.file_account(self.LIST)
        await world.refresh(account)
        form = ProfileForm(name="Second", search_pattern="/user-canary/[^/]+/", replace_pattern="/guest/guest/")
        await world.sources.profiles.create(SYSTEM, account, form)
        first, second = await ways(world, "a")
        assert second.url == "http://panel.example.net/live/guest/guest/1.ts"
        assert first.login_fingerprint != second.login_fingerprint


class TestAnXtreamPanel:
    async def test_offers_its_categories_first(self, world: SourcesWorld, provider: Upstream) -> None:
        panel = XtreamPanel()
        account = await by_panel(world, provider, panel)
        await world.refresh(account, groups_only=True)
        detail = await world.sources.accounts.get(SYSTEM, account)
        assert [(g.group_name, g.category_id) for g in detail.groups] == [("Sport", "2"), ("UK", "1")]
        assert panel.actions == ["", "get_live_categories"]

    async def test_brings_all_streams_with_one_request(self, each_world: SourcesWorld, provider: Upstream) -> None:
        panel = XtreamPanel()
        account = await by_panel(each_world, provider, panel)
        await each_world.refresh(account)
        assert panel.actions == ["", "get_live_categories", "get_live_streams"]
        one, two, sport = await each_world.streams()
        assert (one.name, one.provider_id, one.is_catchup, one.catchup_days) == ("BBC One", 11, True, 7)
        assert (two.tvg_id, two.logo_url) == ("bbctwo.uk", "http://logos.example.net/12.png")
        assert (sport.number, sport.is_adult) == (5_000, False)

    async def test_tells_how_many_connections_and_how_long(self, world: SourcesWorld, provider: Upstream) -> None:
        account = await by_panel(world, provider, XtreamPanel())
        await world.refresh(account)
        [profile] = (await world.sources.accounts.get(SYSTEM, account)).profiles
        assert profile.max_streams == 2
        assert profile.expires_at is not None
        assert profile.expires_at.isoformat() == "2027-01-01T00:00:00+00:00"
        assert "canary" not in repr(profile)

    async def test_streams_are_asked_for_with_the_present_login(self, world: SourcesWorld, provider: Upstream) -> None:
        account = await by_panel(world, provider, XtreamPanel())
        await world.refresh(account)
        await world.sources.accounts.change(SYSTEM, account, AccountForm(password="n/ew"))
        [way] = await ways(world, "bbc one")
        assert way.url == provider.url("/live/user-canary/n%2Few/11.ts")

    async def test_another_login_and_host_keep_the_streams(self, world: SourcesWorld, provider: Upstream) -> None:
        panel = XtreamPanel()
        account = await by_panel(world, provider, panel)
        await world.refresh(account)
        ids = [s.id for s in await world.streams()]
        panel.password = "next"
        panel.streams.append(stream(31, "New", "1"))
        form = AccountForm(password="next", url=provider.url("/sub/"))
        provider.on("/sub/player_api.php", panel)
        await world.sources.accounts.change(SYSTEM, account, form)
        done = await world.refresh(account)
        assert (done.streams_created, done.streams_unchanged) == (1, 3)
        assert [s.id for s in await world.streams() if s.name != "New"] == ids

    @pytest.mark.parametrize(
        ("action", "answer", "words"),
        [
            ("", status(512, b""), "refuses this login"),
            ("", ok(b"", "application/json"), "empty"),
            ("", ok(b'{"user_info":{"auth":0}}', "application/json"), "refuses this user name"),
            ("", html(), "web page"),
            ("get_live_categories", ok(b'{"error":"x"}', "application/json"), "error"),
            ("get_live_streams", ok(b"[]", "application/json"), "no entry"),
            ("get_live_streams", ok(b'[{"stream_id":1},{"stream_id":2,"name":"A"', "application/json"), "breaks off"),
            ("get_live_streams", ok(b"Access denied"), "refuses"),
        ],
    )
    async def test_that_fails_changes_nothing(
        self, world: SourcesWorld, provider: Upstream, action: str, answer: object, words: str
    ) -> None:
        panel = XtreamPanel()
        account = await by_panel(world, provider, panel)
        await world.refresh(account)
        panel.answers[action] = answer  # type: ignore[assignment]
        with pytest.raises(Exception, match=words):
            await world.refresh(account)
        found = await world.account(account)
        assert found.status is Status.ERROR
        assert words in found.last_message
        assert len(await world.names(hide_stale=True)) == 3

    async def test_needs_address_and_login(self, world: SourcesWorld) -> None:
        with pytest.raises(Exception) as refused:
            await world.sources.accounts.create(SYSTEM, AccountForm(name="X", account_type="XC"))
        problems = refused.value.problems  # type: ignore[attr-defined]
        assert {(p.path, p.code) for p in problems} == {
            ("server_url", "required"),
            ("username", "required"),
            ("password", "required"),
        }


class TestATuner:
    async def test_brings_its_lineup_and_its_limit(self, world: SourcesWorld, provider: Upstream) -> None:
        lineup = (
            b'[{"GuideNumber":"2.1","GuideName":"News","URL":"http://tuner/auto/v2.1","HD":1},'
            b'{"GuideNumber":"3","GuideName":"Paid","URL":"http://tuner/auto/v3","DRM":1}]'
        )
        provider.on("/discover.json", ok(b'{"DeviceID":"1010CC54","TunerCount":4}', "application/json"))
        provider.on("/lineup.json", ok(lineup, "application/json"))
        account = await by_url(world, provider.url("/"), account_type="HDHR")
        done = await world.refresh(account)
        [news] = await world.streams()
        assert (news.name, news.number, news.attributes, done.rejected) == ("News", 2_100, {"HD": 1}, 1)
        detail: AccountDetail = await world.sources.accounts.get(SYSTEM, account)
        assert (detail.account.max_streams, detail.profiles[0].max_streams) == (4, 4)

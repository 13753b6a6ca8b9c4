"""What people meet when things go wrong: each is told in words, nothing typed is lost, nothing hostile runs."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, Route, expect

from polycast.core.identity.scopes import Role
from tests.command import serving
from tests.e2e.lineup import lineup
from tests.e2e.walk import FEW, Entry, Walk, browsing, tab
from tests.fakes.http_upstream import upstream
from tests.server import PASSWORD, Server, running

pytestmark = [pytest.mark.slow, pytest.mark.needs_tool("chromium")]

LOST = "The connection is lost"
RUNS = "<img src=x onerror=window.ran=1><script>window.ran=1</script>"
HUGE = "x" * 200_000
PAGES = ("", "/guide", "/live", "/live/channels?pane=streams", "/live/sources", "/live/matching", "/live/logos",
         "/live/profiles", "/live/outputs", "/activity", "/activity?view=jobs", "/settings", "/account", "/users")  # fmt: skip


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path) as server:
        await server.client(Role.OWNER)
        yield server


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as browser:
        yield browser


@pytest.fixture
async def walk(browser: Browser, server: Server) -> AsyncIterator[Walk]:
    """The owner's tab."""
    async with tab(browser, server.url) as walk:
        await walk.sign_in()
        yield walk


class TestTheServerRestarts:
    async def test_the_page_says_so_keeps_what_was_typed_and_goes_on(self, tmp_path: Path, browser: Browser) -> None:
        async with (
            serving(tmp_path) as command,
            aiohttp.ClientSession() as session,
            tab(browser, command.url) as walk,
        ):
            await command.ready(session)
            await walk.sign_in()
            await walk.page.goto(f"{command.url}/app/live/sources?add=playlist")
            field = walk.page.locator("input[type=url]")
            await field.fill("http://tv.example/list.m3u")
            await command.stop()
            await walk.shows(LOST)
            assert await field.input_value() == "http://tv.example/list.m3u"
            await command.start()
            await command.ready(session)
            await expect(walk.page.get_by_text(LOST)).to_have_count(0, timeout=20_000)
            assert await field.input_value() == "http://tv.example/list.m3u"
            await walk.page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
            await walk.shows("tv.example")


class TestTheLineIsCut:
    async def test_what_was_missed_is_on_the_page_afterwards(self, walk: Walk, server: Server) -> None:
        async with lineup(server, FEW) as owner:
            await walk.page.goto(f"{server.url}/app/live/channels")
            await walk.shows(FEW[0].name)
            first = (await owner.get("/polycast/v1/live/channels/ids")).json()["ids"][0]
            await walk.page.context.set_offline(True)
            renamed = await owner.patch(f"/polycast/v1/live/channels/{first}", {"name": "Renamed Meanwhile"})
            assert renamed.status == 200
            await walk.page.context.set_offline(False)
            await walk.shows("Renamed Meanwhile")


class TestTheSessionEnds:
    async def test_a_form_is_sent_after_signing_in_in_place(self, walk: Walk, server: Server) -> None:
        await walk.page.goto(f"{server.url}/app/account")
        name = walk.page.get_by_label("First name")
        await name.fill("Olga")
        await walk.page.context.clear_cookies()
        await walk.page.locator("main").get_by_role("button", name="Save").first.click()
        dialog = walk.page.get_by_role("dialog")
        await dialog.locator("input[type=password]").fill(PASSWORD)
        await dialog.locator("button[type=submit]").click()
        await walk.shows("Saved")
        await expect(dialog).to_have_count(0)
        assert await name.input_value() == "Olga"

    async def test_something_delicate_asks_for_the_password_and_goes_on(self, walk: Walk, server: Server) -> None:
        users = server.house.core.identity.users
        owner = await users.find("owner")
        assert owner is not None
        identity = server.house.core.identity
        opened = await identity.sessions.open(owner, "ui", address="127.0.0.1", device="test", fresh=False)
        cookie = identity.sessions.cookie(opened, secure=False)
        await walk.page.context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": server.url}])
        await walk.page.goto(f"{server.url}/app/users")
        await walk.page.locator("main").get_by_role("button", name="New user").first.click()
        form = walk.page.get_by_role("dialog")
        await form.get_by_label("User name").fill("ben")
        await form.locator("input[type=password]").fill(PASSWORD)
        await form.locator("button[type=submit]").click()
        again = walk.page.get_by_role("dialog").filter(has_text="once more")
        await again.locator("input[type=password]").fill(PASSWORD)
        await again.get_by_role("button", name="Continue").click()
        await walk.shows("ben")
        assert await users.find("ben") is not None


class TestTwoTabs:
    async def test_a_change_in_one_shows_in_the_other(self, walk: Walk, browser: Browser, server: Server) -> None:
        async with lineup(server, FEW), tab(browser, server.url) as other:
            await other.sign_in()
            for one in (walk, other):
                await one.page.goto(f"{server.url}/app/live/channels")
                await one.shows(FEW[0].name)
            await walk.page.get_by_role("gridcell", name=FEW[0].name, exact=True).first.dblclick()
            await walk.page.keyboard.press("Control+a")
            await walk.page.keyboard.type("Typed Over There")
            await walk.page.keyboard.press("Enter")
            await other.shows("Typed Over There")


class TestASlowProvider:
    async def test_is_a_job_to_be_seen_and_cancelled_while_the_pages_go_on(self, walk: Walk, server: Server) -> None:
        async with upstream() as provider:
            waiting = asyncio.Event()

            async def never(_asked: object, _writer: object) -> None:
                await waiting.wait()

            provider.on("/list.m3u", never)
            await walk.page.goto(f"{server.url}/app/live/sources?add=playlist")
            await walk.page.locator("input[type=url]").fill(provider.url("/list.m3u"))
            await walk.page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
            await walk.page.get_by_role("button", name="1 job is running").click()
            await walk.page.get_by_role("button", name="Cancel: Refresh a source").click()
            await walk.shows("cancelled")
            waiting.set()


class TestAHostileLineUp:
    async def test_text_that_would_run_is_text_on_every_page(self, walk: Walk, server: Server) -> None:
        bad = RUNS.replace('"', "").replace(",", "")
        entries = [*FEW, Entry("evil.example", bad, bad)]
        async with lineup(server, entries) as owner:
            await owner.patch("/polycast/v1/me", {"first_name": RUNS, "last_name": RUNS})
            await owner.post("/api/channels/profiles/", {"name": RUNS})
            await owner.post("/polycast/v1/me/devices", {"name": RUNS})
            await owner.post("/polycast/v1/me/keys", {"name": RUNS, "scopes": None})
            for page in PAGES:
                await walk.page.goto(f"{server.url}/app{page}")
                await walk.page.locator("main h1").wait_for()
                await expect(walk.page.locator("main [class*=skeleton]")).to_have_count(0)
                assert await walk.page.evaluate("window.ran") is None, page
            await walk.page.goto(f"{server.url}/app/live/channels")
            await walk.shows("<img src=x onerror")
            assert walk.complaints == []

    async def test_nothing_injected_would_run(self, walk: Walk, server: Server) -> None:
        answer = await server.get("/app")
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        ran = "() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.head.append(s) }"
        await walk.page.evaluate(ran)
        await walk.page.evaluate("() => { document.querySelector('main').setAttribute('onclick', 'window.ran = 1') }")
        await walk.page.locator("main").click()
        assert await walk.page.evaluate("window.ran") is None
        assert any("Content Security Policy" in one for one in walk.complaints)

    async def test_a_name_of_200_kb_neither_widens_nor_stops_the_page(self, walk: Walk, server: Server) -> None:
        async def huge(route: Route) -> None:
            answer = await route.fetch()
            body = await answer.json()
            for one in body.get("items", []):
                one["name"] = HUGE
            await route.fulfill(response=answer, body=json.dumps(body))

        async with lineup(server, FEW):
            await walk.page.route("**/polycast/v1/live/channels?**", huge)
            await walk.page.goto(f"{server.url}/app/live/channels")
            await walk.page.get_by_text("xxxxxxxx").first.wait_for()
            assert not await walk.too_wide()
            assert await walk.page.evaluate("document.body.innerText.length") < 20_000
            await walk.page.get_by_role("link", name="Guide", exact=True).click()
            await walk.shows(f"Evening on {FEW[0].name}")

    async def test_one_of_200_kb_that_is_typed_is_refused_in_words_and_stays(self, walk: Walk, server: Server) -> None:
        await walk.page.goto(f"{server.url}/app/library/collections?new=1")
        form = walk.page.get_by_role("dialog")
        name = form.get_by_role("textbox", name="Name")
        await name.fill(HUGE)
        await form.get_by_role("button", name="Create").click()
        await walk.shows("No more than 200 characters")
        assert len(await name.input_value()) == len(HUGE)
        assert not await walk.too_wide()
        await name.fill("Sunday")
        await form.get_by_role("button", name="Create").click()
        await walk.page.wait_for_url("**/app/library/collection/**")

    async def test_one_of_200_kb_in_a_playlist_spoils_none_of_the_others(self, walk: Walk, server: Server) -> None:
        async with lineup(server, [*FEW, Entry("huge.example", HUGE)]):
            await walk.page.goto(f"{server.url}/app/live/channels")
            for one in FEW:
                await walk.shows(one.name)
            assert not await walk.too_wide()
            assert walk.complaints == []


class TestAClockAnHourWrong:
    @pytest.mark.parametrize("wrong", [timedelta(hours=1), timedelta(hours=-1)])
    async def test_what_is_on_now_is_what_the_server_says(
        self, browser: Browser, server: Server, wrong: timedelta
    ) -> None:
        async with lineup(server, FEW), tab(browser, server.url) as walk:
            await walk.page.clock.install(time=datetime.now(UTC) + wrong)
            await walk.sign_in()
            await walk.page.goto(f"{server.url}/app/guide")
            await walk.shows(f"Evening on {FEW[0].name}")
            # The programme began an hour ago and goes on for two: the line of now is a third of its way.
            part = await walk.page.evaluate(
                """() => {
                  const line = document.querySelector('[data-testid=now-line]').getBoundingClientRect()
                  const cells = [...document.querySelectorAll('[role=gridcell]')]
                  const cell = cells.find(one => one.textContent.includes('Evening on')).getBoundingClientRect()
                  return (line.x - cell.x) / cell.width
                }"""
            )
            assert 0.25 < part < 0.42


class TestTheDiskIsFull:
    async def test_the_reason_is_told_and_what_was_typed_stays(self, walk: Walk, server: Server) -> None:
        async def full(route: Route) -> None:
            body = {"type": "polycast:storage/full", "title": "Insufficient Storage", "status": 507, "code": "storage",
                    "detail": "The disk is full.", "request_id": "abc", "problems": []}  # fmt: skip
            await route.fulfill(status=507, content_type="application/problem+json", body=json.dumps(body))

        await walk.page.route("**/api/m3u/accounts/", full)
        await walk.page.goto(f"{server.url}/app/live/sources?add=playlist")
        field = walk.page.locator("input[type=url]")
        await field.fill("http://tv.example/list.m3u")
        await walk.page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
        await walk.shows("There is no room left on the disk of the server")
        assert await field.input_value() == "http://tv.example/list.m3u"

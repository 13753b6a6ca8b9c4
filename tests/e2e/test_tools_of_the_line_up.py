"""What an owner does with the line-up beside putting it in order: logos, whole groups, a refused move, the palette."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Route, expect

from polycast.core.identity.scopes import Role
from tests.e2e.lineup import lineup
from tests.e2e.walk import Entry, Walk, browsing, tab
from tests.server import Server, running

pytestmark = [pytest.mark.slow, pytest.mark.needs_tool("chromium")]

ENTRIES = [Entry(f"c{n}.example", f"Channel {n}", f"Group {n // 4}") for n in range(12)]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path) as server, lineup(server, ENTRIES):
        yield server


@pytest.fixture
async def walk(server: Server) -> AsyncIterator[Walk]:
    async with browsing() as browser, tab(browser, server.url) as walk:
        await walk.sign_in()
        yield walk


class TestAnOwner:
    async def test_hangs_up_a_logo_from_a_file(self, walk: Walk, server: Server) -> None:
        await walk.page.goto(f"{server.url}/app/live/logos")
        await walk.press("Add a logo")
        dialog = walk.page.get_by_role("dialog")
        picture = FilePayload(name="Red Dot.png", mimeType="image/png", buffer=PNG)
        await dialog.locator("input[type=file]").set_input_files(picture)
        assert await dialog.get_by_label("Name").input_value() == "Red Dot"
        await dialog.get_by_role("button", name="Add", exact=True).click()
        await expect(dialog).to_have_count(0)
        await walk.shows("Red Dot")
        await expect(walk.page.locator("main img").first).to_have_js_property("naturalWidth", 1)
        assert walk.complaints == []

    async def test_is_told_which_file_is_no_picture(self, walk: Walk, server: Server) -> None:
        await walk.page.goto(f"{server.url}/app/live/logos")
        await walk.press("Add a logo")
        dialog = walk.page.get_by_role("dialog")
        text = FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"hello")
        await dialog.locator("input[type=file]").set_input_files(text)
        await expect(dialog.get_by_role("alert")).to_contain_text("notes.txt")

    async def test_takes_a_whole_group_and_moves_it_to_a_number(self, walk: Walk, server: Server) -> None:
        owner = await server.client(Role.OWNER)
        before = (await owner.get("/polycast/v1/live/channels/ids")).json()["ids"]
        await walk.page.goto(f"{server.url}/app/live/channels")
        await walk.page.get_by_role("row", name="Channel 5").get_by_role("checkbox").click()
        await walk.press("Their whole groups")
        await walk.shows("4 selected")
        await walk.press("Move to number")
        await walk.page.get_by_role("dialog").get_by_label("Number").fill("1")
        await walk.page.get_by_role("dialog").get_by_role("button", name="Move").click()
        await walk.shows("4 channels moved")
        after = (await owner.get("/polycast/v1/live/channels/ids")).json()["ids"]
        assert after == [*before[4:8], *before[:4], *before[8:]]

    async def test_sees_a_refused_move_go_back_with_the_reason(self, walk: Walk, server: Server) -> None:
        async def refuse(route: Route) -> None:
            await route.fulfill(status=503, json={"code": "busy", "detail": "Another import holds the line-up."})

        await walk.page.route("**/channels/move", refuse)
        await walk.page.goto(f"{server.url}/app/live/channels")
        grid = walk.page.get_by_test_id("grid")
        await grid.get_by_role("row").nth(1).wait_for()
        await grid.focus()
        await walk.page.keyboard.press("Alt+ArrowDown")
        await walk.shows("Another import holds the line-up.")
        await expect(grid.get_by_role("row").nth(1)).to_contain_text("Channel 0")

    async def test_finds_a_channel_by_the_palette_though_a_letter_is_wrong(self, walk: Walk, server: Server) -> None:
        await walk.page.keyboard.press("Control+k")
        await walk.page.get_by_placeholder("Search channels").fill("chanel 11")
        await walk.page.get_by_role("dialog").get_by_text("Channel 11").first.click()
        await walk.page.wait_for_url("**/app/live/channels?id=*")
        await expect(walk.page.locator("[data-active=true][role=gridcell]")).to_be_visible()
        await expect(walk.page.locator("[role=row]:has([data-active=true])")).to_contain_text("Channel 11")

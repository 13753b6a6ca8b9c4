"""The media library in a browser: from a folder to a film that goes on where one stopped, on any screen."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from polycast.core.identity.scopes import Role
from tests.e2e.walk import DESKTOP, PHONE, WITHIN_MS, Walk, browsing, tab
from tests.library.media import film, put
from tests.server import Client, Server, running

pytestmark = [pytest.mark.slow, pytest.mark.needs_tool("chromium")]

AT = "video => video.currentTime"
SCAN_MS = 90_000
LENGTH = 360  # seconds, of the film: what is shorter than five minutes is not gone on with


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """Two films and a show of two seasons."""
    root = tmp_path / "media"
    put(root, "films/Heat (1995)/Heat (1995).mp4", film("film.mp4", seconds=LENGTH, tone=300))
    put(root, "films/Up (2009)/Up (2009).mp4", film("film.mp4", tone=310))
    for season, episode in ((1, 1), (1, 2), (2, 1)):
        name = f"Scrubs (2001)/Season {season}/Scrubs - S0{season}E0{episode} - Day {season}{episode}.mp4"
        put(root, f"shows/{name}", film("film.mp4", seconds=20, tone=300 + 20 * season + episode))
    return root


@pytest.fixture
async def server(tmp_path: Path, media: Path) -> AsyncIterator[Server]:
    async with running(tmp_path, library__watch="false", media_dirs=str(media)) as server:
        yield server


@pytest.fixture
async def owner(server: Server) -> Client:
    return await server.client(Role.OWNER)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as browser:
        yield browser


async def scanned(server: Server, owner: Client, media: Path) -> None:
    """Both folders are libraries, and read."""
    for name, kind in (("films", "movie"), ("shows", "tv")):
        made = await owner.post("/v1/libraries", {"name": name, "type": kind, "paths": [str(media / name)]})
        assert made.status == 201, made.text()
        await owner.post(f"/v1/libraries/{made.json()['id']}/scan", {})
    await server.idle()


async def go(walk: Walk, path: str) -> None:
    await walk.page.goto(f"{walk.base}/app{path}")
    await walk.page.locator("main h1").wait_for()


def main(walk: Walk) -> Locator:
    return walk.page.locator("main")


async def plays_from(walk: Walk, seconds: float) -> None:
    """The picture goes on, at `seconds` or later."""
    await walk.plays(1)
    assert await walk.video.evaluate(AT) >= seconds


class TestAFolderBecomesALibrary:
    async def test_it_is_chosen_scanned_and_played_and_goes_on_on_another_device(
        self, server: Server, owner: Client, browser: Browser
    ) -> None:
        async with tab(browser, server.url) as walk:
            await walk.sign_in()
            await go(walk, "/library/folders")
            tree = main(walk).get_by_role("tree")
            await tree.get_by_role("treeitem").first.click()
            await tree.get_by_role("treeitem", name="films").click()
            await walk.press("Create and scan")
            card = main(walk).get_by_role("region", name="Films")
            await expect(card).to_contain_text("Up to date · 2 titles", timeout=SCAN_MS)
            await expect(walk.page.get_by_role("button", name="Jobs", exact=True)).to_be_visible(timeout=WITHIN_MS)
            await walk.examine()

            await main(walk).get_by_role("link", name="Films", exact=True).click()
            await main(walk).get_by_role("link", name=re.compile("Heat")).click()
            await main(walk).get_by_role("button", name="Play", exact=True).first.click()
            await walk.plays(1)
            await self._looks_ahead(walk)
            line = walk.page.get_by_role("slider", name="Position")
            box = await line.bounding_box()
            assert box is not None
            await walk.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            await plays_from(walk, LENGTH / 2 - 2)
            await walk.video.evaluate("video => video.pause()")
            await self._is_kept(owner)
            await walk.examine()
            assert (walk.findings, walk.complaints) == ([], [])

        async with tab(browser, server.url, size=PHONE) as phone:
            await phone.sign_in()
            await phone.shows("Continue watching")
            await go(phone, "/library/films")
            await main(phone).get_by_role("link", name=re.compile("Heat")).click()
            await main(phone).get_by_role("button", name="Go on").click()
            await plays_from(phone, LENGTH / 2 - 3)
            assert not await phone.too_wide()
            assert (phone.findings, phone.complaints) == ([], [])

    async def _looks_ahead(self, walk: Walk) -> None:
        """Pointing at the time line shows a small picture of that second."""
        line = walk.page.get_by_role("slider", name="Position")
        async with walk.page.expect_response(
            lambda answer: "/api/trickplay/" in answer.url and ".jpg" in answer.url
        ) as sheet:
            await line.hover()
        assert (await sheet.value).status == 200
        await expect(line.locator("i[style*='/api/trickplay/']")).to_be_visible()

    async def _is_kept(self, owner: Client) -> None:
        """The server knows where the picture is."""
        found = (await owner.get("/v1/movies?search=heat")).json()["items"][0]
        async with asyncio.timeout(60):
            while True:
                state = (await owner.get(f"/v1/movies/{found['id']}")).json()["userState"]
                if state["position"] >= LENGTH / 2 - 3:
                    return
                await asyncio.sleep(1)  # asked too often, it is refused: a hundred times a minute


class TestSomebodyBrowses:
    @pytest.mark.parametrize("size", [DESKTOP, PHONE])
    async def test_a_show_by_its_seasons_and_the_search(
        self, server: Server, owner: Client, media: Path, browser: Browser, size: tuple[int, int]
    ) -> None:
        await scanned(server, owner, media)
        async with tab(browser, server.url, size=size) as walk:
            await walk.sign_in()
            await walk.shows("New in the library")
            await go(walk, "/library/shows")
            await main(walk).get_by_role("link", name=re.compile("Scrubs")).click()
            await walk.shows("S01E02 Day 12")
            await main(walk).get_by_text("Season 2", exact=True).click()
            await walk.shows("S02E01 Day 21")
            await walk.examine()
            await main(walk).get_by_role("button", name="Play", exact=True).last.click()
            await walk.plays(1)
            await go(walk, "/library/films?search=Hea")
            await expect(main(walk).get_by_role("link", name=re.compile("Heat"))).to_be_visible()
            await expect(main(walk).get_by_role("link", name=re.compile("Up"))).to_have_count(0)
            await walk.page.keyboard.press("Control+k")
            dialog = walk.page.get_by_role("dialog")
            await dialog.locator("input").fill("Scrbs")  # as people type
            await dialog.get_by_text("Scrubs").first.click()
            await walk.page.wait_for_url("**/app/library/show/**")
            assert not await walk.too_wide()
            assert (walk.findings, walk.complaints) == ([], [])


class TestSomebodyKeepsOrder:
    @pytest.fixture
    async def walk(self, server: Server, owner: Client, media: Path, browser: Browser) -> AsyncIterator[Walk]:
        await scanned(server, owner, media)
        async with tab(browser, server.url) as walk:
            await walk.sign_in()
            await go(walk, "/library/films")
            await main(walk).get_by_role("link", name=re.compile("Heat")).click()
            await walk.shows("Versions")
            yield walk

    async def _choose(self, walk: Walk, what: str) -> Locator:
        await walk.press("More to do")
        await walk.page.get_by_role("menuitem", name=what).click()
        dialog = walk.page.get_by_role("dialog")
        await dialog.wait_for()
        return dialog

    async def test_what_is_put_right_is_locked(self, walk: Walk, owner: Client) -> None:
        dialog = await self._choose(walk, "Edit")
        await dialog.get_by_role("textbox", name="Title", exact=True).fill("Heat of the Night")
        await dialog.get_by_role("textbox", name="Genres").fill("Crime, Drama")
        await walk.examine()
        await dialog.get_by_role("button", name="Save").click()
        await expect(main(walk).locator("h1")).to_have_text("Heat of the Night", timeout=WITHIN_MS)
        await walk.shows("Drama")
        found = (await owner.get("/v1/movies?search=night")).json()["items"][0]
        kept = (await owner.get(f"/v1/movies/{found['id']}")).json()
        assert sorted(kept["lockedFields"]) == ["genres", "title"]
        assert kept["genres"] == ["Crime", "Drama"]
        dialog = await self._choose(walk, "Edit")
        await dialog.get_by_role("button", name="Unlock: Genres").click()
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog).to_have_count(0)
        assert (await owner.get(f"/v1/movies/{found['id']}")).json()["lockedFields"] == ["title"]
        assert (walk.findings, walk.complaints) == ([], [])

    async def test_another_picture_is_chosen(self, walk: Walk, media: Path) -> None:
        dialog = await self._choose(walk, "Choose pictures")
        await dialog.get_by_text("Background").click()
        before = await main(walk).locator("img").count()
        picture = Path(__file__).parents[2] / "web" / "public" / "icon.svg"
        await dialog.locator("input[type=file]").set_input_files(picture)
        await expect(dialog.get_by_role("alert")).to_be_visible(timeout=WITHIN_MS)  # no photograph: told, not taken
        await walk.examine()
        assert await main(walk).locator("img").count() == before
        assert walk.findings == []

    async def test_titles_are_gathered_by_hand_and_by_rules(self, walk: Walk) -> None:
        dialog = await self._choose(walk, "Put into a collection")
        await dialog.get_by_role("textbox", name="New collection").fill("Sunday")
        await dialog.get_by_role("button", name="Create").click()
        await expect(dialog).to_have_count(0)
        await go(walk, "/library/collections")
        await main(walk).get_by_role("link", name=re.compile("Sunday")).click()
        await walk.press("Take out: Heat")
        await walk.shows("Nothing in it yet")
        await go(walk, "/library/collections")
        await walk.press("New collection")
        dialog = walk.page.get_by_role("dialog")
        await dialog.get_by_role("textbox", name="Name").fill("Nineties")
        await dialog.get_by_text("By rules").click()
        await dialog.get_by_role("combobox", name="What").click()
        await walk.page.get_by_role("option", name="Year").click()
        await dialog.get_by_role("textbox", name="Value").fill("1990-1999")
        await expect(dialog.get_by_text("1 title fits")).to_be_visible(timeout=WITHIN_MS)
        await walk.examine()
        await dialog.get_by_role("button", name="Create").click()
        await expect(main(walk).get_by_role("link", name=re.compile("Heat"))).to_be_visible(timeout=WITHIN_MS)
        assert (walk.findings, walk.complaints) == ([], [])

    async def test_what_is_for_later_waits_and_comes_back(self, walk: Walk) -> None:
        button = main(walk).get_by_role("button", name="Watchlist")
        await button.click()
        await expect(button).to_have_attribute("aria-pressed", "true", timeout=WITHIN_MS)
        await go(walk, "/library/watchlist")
        await walk.press("Take off the watchlist: Heat")
        await walk.shows("Nothing to be seen later")
        await walk.press("Undo")
        await expect(main(walk).get_by_role("link", name=re.compile("Heat"))).to_be_visible(timeout=WITHIN_MS)
        await walk.examine()
        assert (walk.findings, walk.complaints) == ([], [])


class TestAFamily:
    async def test_a_child_sees_what_is_for_children(
        self, server: Server, owner: Client, media: Path, browser: Browser
    ) -> None:
        await scanned(server, owner, media)
        found = (await owner.get("/v1/movies?search=heat")).json()["items"][0]
        rated = await owner.patch(f"/v1/movies/{found['id']}", {"contentRating": "R"})
        assert rated.status == 200, rated.text()
        async with tab(browser, server.url) as walk:
            await walk.sign_in()
            await go(walk, "/library/family")
            await walk.press("New profile")
            form = walk.page.get_by_role("dialog")
            await form.get_by_role("textbox", name="Name").fill("Mia")
            await form.get_by_role("combobox", name="Sees what is for").click()
            await walk.page.get_by_role("option", name="up to 8 years").click()
            await walk.examine()
            await form.get_by_role("button", name="Save").click()
            await walk.shows("up to 8 years")
            await walk.press("Watch as them")
            await walk.page.get_by_role("dialog").get_by_role("button", name="Watch as them").click()
            await walk.shows("You watch as Mia now")
            await go(walk, "/library/films")
            await expect(main(walk).get_by_role("link", name=re.compile("Up"))).to_be_visible()
            await expect(main(walk).get_by_role("link", name=re.compile("Heat"))).to_have_count(0)
            await go(walk, "/library/family")
            await walk.shows("Watching now")
            await walk.press("Back to myself")
            await walk.page.get_by_role("dialog").get_by_role("button", name="Watch as them").click()
            await walk.shows("You watch as yourself again")
            await go(walk, "/library/films")
            await expect(main(walk).get_by_role("link", name=re.compile("Heat"))).to_be_visible()
            assert walk.findings == []

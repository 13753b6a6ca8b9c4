"""Every address of the pages, in both colours, for everybody: with ten rows and with ten thousand."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from polycast.core.identity.scopes import Role
from tests.command import ROOT
from tests.e2e.lineup import lineup
from tests.e2e.walk import DESKTOP, PHONE, Entry, Theme, Walk, browsing, tab
from tests.server import PASSWORD, Server, running

pytestmark = [pytest.mark.slow, pytest.mark.needs_tool("chromium")]

FEW, MANY = 10, 10_000
MOST_ROWS, MOST_CELLS = 60, 1_000  # that exist in the page, however many there are
BRAND = "Polycast"
PLAIN = re.compile(r"[A-Za-z][a-z]+( [a-z]+)*")
ROUTE = re.compile(r"path: '(/[^']*)', title:")


def routes() -> list[str]:
    """The addresses of the modules' tables, their variable parts as they stand there."""
    found = [
        path for file in (ROOT / "web" / "src").glob("*/index.ts") for path in ROUTE.findall(file.read_text("utf-8"))
    ]
    assert len(found) >= 15
    return sorted(found)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path) as server:
        yield server


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as browser:
        yield browser


def entries(count: int) -> list[Entry]:
    return [Entry(f"c{n}.example", f"Channel Number {n}", f"Group {n // 100}") for n in range(count)]


async def visit(walk: Walk, path: str) -> None:
    """Go there and look at it once it has what it shows."""
    before = len(walk.complaints)
    address = path.replace("$ref", "m3u:2").replace("$", "")
    await walk.page.goto(f"{walk.base}/app{'' if path == '/' else address}")
    await walk.page.locator("main :is(h1, h2, [role=alert])").first.wait_for()
    await expect(walk.page.locator("main [class*=skeleton]")).to_have_count(0, timeout=20_000)
    await walk.examine()
    if "$" in path:  # it may name nothing: the browser notes the refusal, the page says it in words
        del walk.complaints[before:]


class TestEveryRoute:
    @pytest.mark.parametrize("count", [FEW, MANY])
    async def test_is_readable_for_everybody_in_both_colours(
        self, server: Server, browser: Browser, count: int
    ) -> None:
        themes: tuple[Theme, ...] = ("dark", "light")
        findings, complaints, wide = [], [], []
        async with lineup(server, entries(count)):
            for theme in themes:
                async with tab(browser, server.url, size=DESKTOP, theme=theme) as walk:
                    await walk.sign_in()
                    for path in routes():
                        await visit(walk, path)
                    await walk.resize(PHONE)
                    for path in routes() if count == FEW else ("/guide", "/live/channels"):
                        await visit(walk, path)
                        wide += [path] if await walk.too_wide() else []
                    await walk.resize(DESKTOP)
                    await visit(walk, "/live/channels")
                    await walk.shows(f"{count:,} in all")
                    assert await walk.page.locator("[role=row]").count() <= MOST_ROWS
                    await visit(walk, "/guide")
                    await walk.shows("Evening on Channel Number 0")
                    assert await walk.page.get_by_test_id("guide").locator("*").count() <= MOST_CELLS
                    findings += walk.findings
                    complaints += walk.complaints
        assert (findings, complaints, wide) == ([], [], [])


class TestAMember:
    async def test_sees_what_is_on_and_no_technical_word(self, server: Server, browser: Browser) -> None:
        await server.client(Role.MEMBER)
        async with lineup(server, entries(FEW)), tab(browser, server.url, size=PHONE) as walk:
            await walk.sign_in("member")
            await walk.shows("Evening on Channel Number 0")
            for path in ("/", "/guide", "/live/outputs", "/account"):
                await visit(walk, path)
            await walk.page.goto(f"{server.url}/app")
            await walk.shows("On now")
            words = (await walk.page.locator("body").inner_text()).lower()
            assert not [
                word for word in ("m3u", "xmltv", "codec", "bitrate", "cpu", "processor", "source") if word in words
            ]
            assert (walk.findings, walk.complaints) == ([], [])

    async def test_gets_by_with_four_arrows_ok_and_back(self, server: Server, browser: Browser) -> None:
        await server.client(Role.MEMBER)
        async with lineup(server, entries(FEW)), tab(browser, server.url) as walk:
            await walk.sign_in("member")
            await walk.shows("Evening on Channel Number 0")
            focused = walk.page.locator(":focus")
            await walk.page.keyboard.press("ArrowDown")
            await expect(focused).to_contain_text("Channel Number 0")
            await walk.page.keyboard.press("ArrowRight")
            await expect(focused).to_contain_text("Channel Number 1")
            await walk.page.keyboard.press("ArrowLeft")
            await walk.page.keyboard.press("ArrowLeft")
            await expect(focused).to_have_attribute("href", re.compile("^/app"))  # the rail
            await walk.page.get_by_role("navigation").get_by_role("link", name="Guide", exact=True).focus()
            await walk.page.keyboard.press("Enter")
            await walk.page.wait_for_url("**/app/guide")
            await walk.page.go_back()
            await walk.shows("On now")


class TestOtherLanguages:
    async def test_the_made_up_one_leaves_no_plain_word_and_fits(self, server: Server, browser: Browser) -> None:
        async with lineup(server, entries(FEW)), tab(browser, server.url, size=PHONE, language="pseudo") as walk:
            await sign_in_unread(walk)
            plain: dict[str, list[str]] = {}
            for path in (
                "/",
                "/guide",
                "/live/channels",
                "/live/sources",
                "/live/outputs",
                "/settings",
                "/account",
                "/users",
            ):
                await visit(walk, path)
                assert not await walk.too_wide(), path
                heads = await walk.page.locator("main h1, nav a span, main button").all_inner_texts()
                plain[path] = [one for one in heads if PLAIN.fullmatch(one.strip()) and one.strip() != BRAND]
            assert {path: words for path, words in plain.items() if words} == {}

    async def test_from_right_to_left_is_a_mirror_and_still_readable(self, server: Server, browser: Browser) -> None:
        async with lineup(server, entries(FEW)), tab(browser, server.url, language="pseudo-rtl") as walk:
            await sign_in_unread(walk)
            rail = await walk.page.locator("nav").first.bounding_box()
            assert rail is not None
            assert rail["x"] > DESKTOP[0] / 2
            for path in routes():
                await visit(walk, path)
                assert not await walk.too_wide(), path
            assert (walk.findings, walk.complaints) == ([], [])

    async def test_german_is_told_by_the_browser_and_kept(self, server: Server, browser: Browser) -> None:
        async with lineup(server, entries(FEW)), tab(browser, server.url, language="de") as walk:
            await sign_in_unread(walk)
            await walk.shows("Schön, dass Sie da sind")
            await walk.page.goto(f"{server.url}/app/guide")
            await expect(walk.page).to_have_title("Programm · Polycast")


async def sign_in_unread(walk: Walk) -> None:
    """Sign in without knowing the words on the form."""
    await walk.page.goto(f"{walk.base}/app")
    await walk.page.locator("input[autocomplete=username]").fill("owner")
    await walk.page.locator("input[type=password]").fill(PASSWORD)
    await walk.page.locator("button[type=submit]").click()
    await walk.page.locator("main h1").wait_for()

"""As an operator would: add a server by hand, see a viewer come and go live, get the test through."""

from pathlib import Path

import pytest

from polycast.core.identity.scopes import Role
from tests.e2e.walk import DESKTOP, PHONE, UI, Theme, Walk, browsing, tab
from tests.fakes.channels_dvr import channels_dvr
from tests.monitor.world import World, inbox, until, world
from tests.server import running

PAGES = {
    "": "Living Room",
    "/timeline": "Watching ESPN on Apple TV",
    "/statistics": "By device",
    "/rules": "No rules of your own",
    "/destinations": "Sent lately",
}


@pytest.mark.slow
@pytest.mark.needs_tool("chromium")
class TestAnOperatorWithABrowser:
    async def test_sees_a_viewer_come_and_go_without_reloading(self, tmp_path: Path) -> None:
        assert UI.is_file(), "the pages are not built: make ui"
        async with channels_dvr() as dvr, inbox() as box, running(tmp_path) as server, browsing() as browser:
            owner = await server.client(Role.OWNER)
            place = {"source": "apprise_custom", "scheme": "http", "host": "127.0.0.1", "port": box.port}
            await owner.post("/api/settings", {"trusted_notification_destinations": [place]})
            async with tab(browser, server.url) as walk:
                await walk.resize(DESKTOP)
                await walk.sign_in_again()
                await walk.page.goto(f"{server.url}/app/monitor")
                await walk.shows("No server is watched yet")
                await walk.examine()
                await walk.press("Watch a server")
                await walk.page.get_by_label("Host").fill("127.0.0.1")
                await walk.page.get_by_label("Port").fill(str(dvr.port))
                await walk.page.get_by_role("textbox", name="Name", exact=True).fill("Living Room")
                await walk.page.get_by_role("button", name="Watch", exact=True).last.click()
                await walk.shows("2026.04.20.0213")
                key = dvr.watch("206", "ESPN", "Apple TV")
                await walk.shows("Apple TV watches ESPN")
                await walk.examine()
                dvr.stop(key)
                await walk.page.get_by_text("Apple TV watches ESPN").wait_for(state="detached")
                await walk.page.goto(f"{server.url}/app/monitor/destinations")
                await walk.page.get_by_label("Any Apprise address").fill(f"json://127.0.0.1:{box.port}/notify")
                await walk.page.get_by_role("button", name="Save", exact=True).click()
                await walk.page.get_by_role("button", name="Send a test").click()
                await walk.shows("Delivered in")
                assert len(box.asked) == 1
                wide = []
                for path, words in PAGES.items():
                    for size in (DESKTOP, PHONE):
                        await walk.resize(size)
                        await walk.page.goto(f"{server.url}/app/monitor{path}")
                        await walk.shows(words)
                        await walk.examine()
                        await walk.page.screenshot(
                            path=f"{tmp_path}/shot{path.replace('/', '-')}-{size[0]}.png", full_page=True
                        )
                        wide += [path] if await walk.too_wide() else []
                assert wide == []
                assert walk.findings == []
                assert walk.complaints == []

    async def test_looks_back_tries_a_rule_and_searches_for_servers(self, tmp_path: Path) -> None:
        assert UI.is_file(), "the pages are not built: make ui"
        async with world(tmp_path) as here, browsing() as browser:
            await evening(here)
            for theme, language, words in (LIGHT, DARK):
                async with tab(browser, here.server.url, theme=theme) as walk:
                    await walk.sign_in()
                    await walk.page.evaluate(f"localStorage.setItem('polycast.language', '{language}')")
                    await walk.page.goto(f"{here.server.url}/app/monitor?add=1")
                    await walk.press(words["search"])
                    await walk.shows("this server listens on loopback only")
                    await look(walk, tmp_path, f"wizard-{theme}")
                    await walk.page.keyboard.press("Escape")
                    await walk.page.goto(f"{here.server.url}/app/monitor/rules")
                    await walk.page.get_by_role("textbox", name="Name", exact=True).fill("Kids")
                    await walk.page.get_by_role("button", name=words["try"]).click()
                    await walk.shows(words["tried"])
                    await look(walk, tmp_path, f"rules-{theme}")
                    for path in ("", "/timeline", "/statistics", "/destinations"):
                        await walk.page.goto(f"{here.server.url}/app/monitor{path}")
                        await walk.shows(words[path])
                        await look(walk, tmp_path, f"page{path.replace('/', '-')}-{theme}")
                    assert walk.findings == []
                    assert walk.complaints == []


WORDS = {
    "search": "Search the network", "try": "Try on the past", "tried": "of 4 past events", "": "Living Room",
    "/timeline": "Watching ESPN on Apple TV", "/statistics": "By device", "/destinations": "Sent lately",
}  # fmt: skip
WORTE = WORDS | {
    "search": "Netz durchsuchen", "try": "An Vergangenem probieren", "tried": "von 4 vergangenen",
    "/statistics": "Nach Gerät", "/destinations": "Zuletzt gesendet",
}  # fmt: skip
LIGHT: tuple[Theme, str, dict[str, str]] = ("light", "en", WORDS)
DARK: tuple[Theme, str, dict[str, str]] = ("dark", "de", WORTE)


async def look(walk: Walk, folder: Path, name: str) -> None:
    """In both widths: nothing sticks out, nothing that axe minds; a picture for whoever wants to see."""
    for size in (DESKTOP, PHONE):
        await walk.resize(size)
        await walk.examine()
        assert not await walk.too_wide(), (name, size)
        await walk.page.screenshot(path=f"{folder}/{name}-{size[0]}.png", full_page=True)


async def evening(here: World) -> None:
    """Somebody watches, somebody has watched, a recording runs, one is planned, a disk grows full."""
    here.dvr.watch("206", "ESPN", "Apple TV")
    here.dvr.stop(here.dvr.watch("512", "NBC", "Bedroom", ip="192.168.1.46"))
    here.dvr.schedule("1-a", "Evening News", starts_in=3600)
    here.dvr.schedule("1-b", "The Late Film", starts_in=0)
    here.dvr.start_recording("1-b")
    await until(lambda: lines(here, 4))


async def lines(here: World, count: int) -> bool:
    return len(await here.lines()) >= count

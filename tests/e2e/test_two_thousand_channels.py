"""A new owner with a real provider's line-up: put in order by pointer and by keyboard, then watched, on desk and phone."""

import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from playwright.async_api import Locator, Request

from tests.conftest import DATA
from tests.e2e.walk import DESKTOP, PHONE, Entry, Walk, guide, playlist
from tests.fakes.http_upstream import ok, upstream
from tests.fakes.transmitter import transmitting

COUNT = 2_000
MOVED = 500
REAL = DATA / "iptv" / "free-tv.m3u8"
ROW_PX = 44
LATER = 6  # rows that the moved ones are dragged behind


def real_entries(path: Path) -> list[Entry]:
    """The names and groups of the real playlist; its pictures are ours."""
    found: dict[str, Entry] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines()):
        if not line.startswith("#EXTINF"):
            continue
        name = line.rpartition(",")[2].strip() or "?"
        group = re.search(r'group-title="([^"]*)"', line)
        found.setdefault(name, Entry(f"c{number}.example", name, group[1] if group else "Rest"))
    return list(found.values())


def entries() -> list[Entry]:
    """Two thousand with different names: the real ones where they are, filled up or replaced by our own."""
    real = real_entries(REAL)[:COUNT] if DATA.is_dir() else []
    own = [Entry(f"own{n}.example", f"Own Channel {n}", f"Group {n // 50}") for n in range(len(real), COUNT)]
    return [*real, *own]


@pytest.fixture
async def provider() -> AsyncIterator[str]:
    async with upstream() as server, transmitting() as transmitter:
        server.on("/list.m3u", ok(playlist(transmitter.base, entries()), "audio/x-mpegurl"))
        server.on("/guide.xml", ok(guide(entries()), "application/xml"))
        yield server.url("")


class Table:
    """The channel table of a page, as somebody with a pointer or a keyboard sees it."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.grid = walk.page.get_by_test_id("grid")
        self.moves: list[Request] = []
        walk.page.on("request", lambda one: self.moves.append(one) if one.url.endswith("/channels/move") else None)

    async def open(self) -> None:
        await self.walk.page.goto(f"{self.walk.base}/app/live/channels")
        await self.walk.shows(f"{COUNT:,} in all")
        await self.row(0).wait_for()

    def row(self, index: int) -> Locator:
        return self.grid.locator(f'[aria-rowindex="{index + 2}"]')

    async def scroll_to(self, index: int) -> None:
        """The row stands at the top, below the head."""
        await self.grid.evaluate("(grid, top) => { grid.scrollTop = top }", index * ROW_PX)
        await self.row(index).wait_for()

    async def ids(self) -> Sequence[int]:
        answer = await self.walk.page.request.get(f"{self.walk.base}/polycast/v1/live/channels/ids")
        ids: list[int] = (await answer.json())["ids"]
        return ids

    async def name_of(self, channel_id: int) -> str:
        answer = await self.walk.page.request.get(f"{self.walk.base}/api/channels/channels/{channel_id}/")
        return str((await answer.json())["name"])

    async def select(self, first: int, last: int) -> None:
        """A range: the box of the first row, with Shift the box of the last one."""
        await self.scroll_to(first)
        await self.row(first).get_by_role("checkbox").click()
        await self.scroll_to(last)
        await self.row(last).get_by_role("checkbox").click(modifiers=["Shift"])
        await self.walk.shows(f"{last - first + 1} selected")

    async def drag(self, index: int, behind: int) -> None:
        """The handle of one row to the lower half of another, as a hand does it: in several steps."""
        handle, target = (
            await self.row(index).get_by_role("button").first.bounding_box(),
            await self.row(behind).bounding_box(),
        )
        assert handle is not None
        assert target is not None
        mouse = self.walk.page.mouse
        await mouse.move(handle["x"] + 5, handle["y"] + 5)
        await mouse.down()
        await mouse.move(handle["x"] + 5, handle["y"] + 30, steps=4)
        await mouse.move(handle["x"] + 5, target["y"] + target["height"] - 6, steps=12)
        await self.walk.page.locator("[data-drop=after]").wait_for()
        await mouse.up()


@pytest.mark.slow
@pytest.mark.needs_tool("chromium")
class TestANewOwnerOfTwoThousandChannels:
    async def test_puts_five_hundred_elsewhere_by_pointer_and_by_keyboard_and_watches(
        self, walk: Walk, provider: str
    ) -> None:
        names = [one.name for one in entries()]
        await walk.set_up(provider, first=names[0], matched=COUNT)
        table = Table(walk)
        await table.open()
        before = await table.ids()

        await table.select(0, MOVED - 1)
        await table.drag(MOVED - 1, MOVED - 1 + LATER)
        await walk.shows(f"{MOVED} channels moved")
        dragged = await table.ids()
        assert dragged == [*before[MOVED : MOVED + LATER], *before[:MOVED], *before[MOVED + LATER :]]
        assert len(table.moves) == 1
        await walk.examine()

        async with walk.page.expect_response("**/live/undo/*"):
            await walk.press("Undo")
        assert await table.ids() == before

        await table.grid.focus()
        await walk.page.keyboard.press("Escape")  # nothing is selected any more
        await walk.page.keyboard.press("Home")
        await walk.page.keyboard.press("Space")
        rows = table.grid.locator("[aria-selected=true]")
        for _ in range(MOVED - 1):
            await walk.page.keyboard.press("Shift+ArrowDown")
        await walk.shows(f"{MOVED} selected")
        assert await rows.count() > 0
        await walk.page.keyboard.press("Alt+ArrowDown")
        await walk.shows(f"{MOVED} channels moved")
        assert await table.ids() == [before[MOVED], *before[:MOVED], *before[MOVED + 1 :]]
        assert len(table.moves) == 2

        first = await table.name_of(before[MOVED])
        for size in (DESKTOP, PHONE):
            await walk.resize(size)
            await walk.page.goto(f"{walk.base}/app/guide")
            await walk.shows(f"Evening on {first}")
            await walk.examine()
            assert not await walk.too_wide()
            await walk.page.get_by_text(f"Evening on {first}").first.click()
            await walk.press("Watch")
            await walk.plays(1)
            await walk.examine()
            await walk.press("Small player")
            await walk.plays(1)
            await walk.page.locator("nav:visible").get_by_role("link", name="Home", exact=True).click()
            await walk.shows("On now")
            await walk.plays(1)
        assert walk.findings == []
        assert walk.complaints == []

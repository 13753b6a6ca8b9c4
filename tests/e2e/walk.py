"""A person's browser on a server: what the tests of pages share."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Literal
from xml.sax.saxutils import escape

from msgspec import Struct
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from tests.command import ROOT
from tests.server import PASSWORD

UI = ROOT / "src" / "polycast" / "front" / "ui" / "index.html"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
Theme = Literal["dark", "light"]
DESKTOP, PHONE = (1440, 900), (390, 844)
WITHIN_MS = 75_000  # a minute, in which the house mends what was missed, and some more
CHANNELS = ("First Light", "Second Wind", "Third Man")

ON = """(video, seconds) => new Promise(done => {
  const from = video.currentTime
  const look = () => {
    if (video.currentTime < from + seconds) return
    video.removeEventListener('timeupdate', look)
    done(video.getVideoPlaybackQuality().totalVideoFrames)
  }
  video.addEventListener('timeupdate', look)
})"""
FINDINGS = """async () => (await axe.run()).violations
  .filter(one => one.impact === 'serious' || one.impact === 'critical')
  .map(one => one.id + ': ' + one.nodes[0].html.slice(0, 160))"""


class Entry(Struct, frozen=True):
    """A channel of a provider's playlist."""

    key: str  # tvg-id
    name: str
    group: str = "Test"


FEW = tuple(Entry(f"channel{number}.example", name) for number, name in enumerate(CHANNELS, 1))


def playlist(base: str, entries: Sequence[Entry] = FEW) -> bytes:
    """`entries` in order, each with pictures of its own from the transmitter at `base`."""
    lines = ["#EXTM3U"]
    for number, one in enumerate(entries, 1):
        lines += [f'#EXTINF:-1 tvg-id="{one.key}" group-title="{one.group}",{one.name}', f"{base}/feed{number}.ts"]
    return "\n".join([*lines, ""]).encode()


def guide(entries: Sequence[Entry] = FEW) -> bytes:
    """What runs on the channels from an hour ago for three hours."""
    start = datetime.now(UTC) - timedelta(hours=1)
    begin, end = (f"{at:%Y%m%d%H%M%S} +0000" for at in (start, start + timedelta(hours=3)))
    channels, programmes = "", ""
    for one in entries:
        name = escape(one.name)
        channels += f'<channel id="{one.key}"><display-name>{name}</display-name></channel>'
        programmes += (
            f'<programme channel="{one.key}" start="{begin}" stop="{end}"><title>Evening on {name}</title></programme>'
        )
    return f'<?xml version="1.0"?><tv>{channels}{programmes}</tv>'.encode()


class Walk:
    """One person's browser tab on the server."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.findings: list[str] = []  # of axe, serious or critical
        self.complaints: list[str] = []  # of the browser
        page.set_default_timeout(WITHIN_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None,
        )

    @property
    def video(self) -> Locator:
        return self.page.get_by_test_id("video")

    async def create_owner(self) -> None:
        await self.page.goto(f"{self.base}/")
        await self.page.get_by_label("User name").fill("owner")
        await self.page.locator("input[type=password]").fill(PASSWORD)
        await self.examine()
        await self.press("Create")

    async def sign_in_again(self) -> None:
        """Come back without a session."""
        await self.page.context.clear_cookies()
        await self.page.goto(f"{self.base}/app")
        await self.page.get_by_label("User name").fill("owner")
        await self.page.locator("input[type=password]").fill(PASSWORD)
        await self.examine()
        await self.page.locator("button[type=submit]").click()
        await self.shows("Good to see you")

    async def set_up(self, provider: str, *, first: str = CHANNELS[1], matched: int = len(CHANNELS)) -> None:
        """The steps of the first run, up to the channels one can watch: `first` is among them."""
        await self.create_owner()
        await self.shows("Where do your channels come from?")
        await self.examine()
        await self.add(f"{provider}/list.m3u")
        await self.press("Make channels of all of them")
        await self.shows("What do they show?")
        await self.add(f"{provider}/guide.xml")
        await self.shows(f"{matched:,} of {matched:,} channels have their programme")
        await self.press("Continue")
        await self.shows(first)
        await self.examine()

    async def resize(self, size: tuple[int, int]) -> None:
        await self.page.set_viewport_size({"width": size[0], "height": size[1]})

    async def add(self, url: str) -> None:
        """Type an address into the form of the first run and add it."""
        await self.page.locator("main input[type=url]").fill(url)
        await self.page.locator("main").get_by_role("button", name="Add", exact=True).click()

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name).first.click()

    async def shows(self, words: str) -> None:
        await expect(self.page.get_by_text(words).locator("visible=true").first).to_be_visible(timeout=WITHIN_MS)

    async def examine(self) -> None:
        """Note what axe finds on the page as it stands."""
        await self.page.evaluate(AXE.read_text("utf-8"))
        found: list[str] = await self.page.evaluate(FINDINGS)
        self.findings += [f"{self.page.url} {one}" for one in found]

    async def plays(self, seconds: float) -> None:
        """Return when the picture has gone on for so long."""
        async with asyncio.timeout(30):
            assert await self.video.evaluate(ON, seconds) > 0

    async def too_wide(self) -> bool:
        return bool(await self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))

    async def sign_in(self, name: str = "owner") -> None:
        """Through the form, on a server that has its owner."""
        await self.page.goto(f"{self.base}/app")
        await self.page.get_by_label("User name").fill(name)
        await self.page.locator("input[type=password]").fill(PASSWORD)
        await self.page.locator("button[type=submit]").click()
        await self.shows("Good to see you")

    async def theme(self, scheme: Theme) -> None:
        """Change the colours as the account menu does, for this and the next pages."""
        await self.page.evaluate("scheme => localStorage.setItem('mantine-color-scheme-value', scheme)", scheme)
        await self.page.evaluate(
            "scheme => document.documentElement.setAttribute('data-mantine-color-scheme', scheme)", scheme
        )


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def tab(
    browser: Browser, base: str, *, size: tuple[int, int] = DESKTOP, language: str = "", theme: Theme = "dark"
) -> AsyncIterator[Walk]:
    """A tab with cookies of its own."""
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-GB")
    await context.add_init_script(
        f"localStorage.getItem('mantine-color-scheme-value') ?? localStorage.setItem('mantine-color-scheme-value', '{theme}')"
    )
    if language:
        await context.add_init_script(f"localStorage.setItem('polycast.language', '{language}')")
    try:
        yield Walk(await context.new_page(), base)
    finally:
        await context.close()

"""How the pages feel: what a person waits for, in headless Chromium without a GPU, on the whole server on loopback.

    python -m bench.pages

The line-up has 10,000 channels with a guide of 14 days, a programme every two hours. Wants the pages built (`make ui`).
Prints one line a figure; the bars and budgets are those of `specs/web.md` 4.
"""

import asyncio
import gzip
import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from playwright.async_api import Browser, Page
from tests.command import serving
from tests.e2e.lineup import import_lineup
from tests.e2e.walk import UI, Entry, Walk, browsing, playlist, tab
from tests.fakes.http_upstream import ok, upstream
from tests.server import PASSWORD, Client

CHANNELS = 10_000
DAYS = 14
PROGRAMME = timedelta(hours=2)
ROUNDS = 3
MAKERS = ("live.refresh_account", "live.refresh_guide", "live.load_guide", "live.match_guides", "live.take_from_guide")
FRAMES = 240
STEP_PX = 120  # a frame
TYPED = ("ch", "chan", "channel 77", "chanel", "evening", "evning 12", "sett", "number 9", "4711", "channel number 512")
WALK = (("Live TV", "Live TV"), ("Guide", "Guide"), ("Activity", "Activity"), ("Users", "Users"), ("Settings", "Settings"), ("Home", "Good to see you"))  # fmt: skip

# Each notes, in the page itself, when what a person waits for is there: no round trip is in the figure.
WAIT_FOR = """([css, words]) => new Promise(done => {
  const look = () => [...document.querySelectorAll(css)].some(one => one.textContent.includes(words))
  const end = () => requestAnimationFrame(() => done(performance.now()))
  if (look()) return end()
  const watch = new MutationObserver(() => { if (look()) { watch.disconnect(); end() } })
  watch.observe(document, { childList: true, subtree: true, characterData: true })
})"""
FOLLOW = """([name, words]) => new Promise(done => {
  const link = [...document.querySelectorAll('nav a')].find(one => one.getAttribute('aria-label') === name)
  const from = performance.now()
  const look = () => document.querySelector('main h1')?.textContent.startsWith(words)
  const watch = new MutationObserver(() => {
    if (!look()) return
    watch.disconnect()
    requestAnimationFrame(() => done(performance.now() - from))
  })
  watch.observe(document.querySelector('main'), { childList: true, subtree: true, characterData: true })
  link.click()
})"""
SCROLL = """([frames, step, way]) => new Promise(done => {
  const grid = document.querySelector('[data-testid=guide]')
  const spans = []
  let last = 0
  const frame = now => {
    if (last) spans.push(now - last)
    last = now
    if (spans.length >= frames) return done(spans)
    grid[way] += step
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
})"""
JUMP = """row => new Promise(done => {
  const grid = document.querySelector('[data-testid=guide]')
  const from = performance.now()
  const look = () => grid.querySelector(`[aria-rowindex="${row + 2}"]`)
  const watch = new MutationObserver(() => {
    if (!look()) return
    watch.disconnect()
    requestAnimationFrame(() => done(performance.now() - from))
  })
  watch.observe(grid, { childList: true, subtree: true, attributes: true })
  grid.scrollTop = row * grid.querySelector('[role=rowgroup] [role=row]').getBoundingClientRect().height
})"""


def say(what: str, value: float, unit: str) -> None:
    print(f"{what}: {value:.1f} {unit}", flush=True)


def p95(spans: Sequence[float]) -> float:
    return sorted(spans)[int(len(spans) * 0.95)]


def entries() -> list[Entry]:
    return [Entry(f"c{n}.example", f"Channel Number {n}", f"Group {n // 100}") for n in range(CHANNELS)]


def long_guide(channels: Sequence[Entry]) -> Iterator[str]:
    """Fourteen days for each, from yesterday on."""
    begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    starts = [begin + PROGRAMME * n for n in range(int(timedelta(days=DAYS) / PROGRAMME))]
    stamps = [(f"{at:%Y%m%d%H%M%S} +0000", f"{at + PROGRAMME:%Y%m%d%H%M%S} +0000") for at in starts]
    yield '<?xml version="1.0"?><tv>'
    for one in channels:
        yield f'<channel id="{one.key}"><display-name>{one.name}</display-name></channel>'
    for one in channels:
        for number, (start, stop) in enumerate(stamps):
            yield (
                f'<programme channel="{one.key}" start="{start}" stop="{stop}">'
                f"<title>Evening {number} on {one.name}</title></programme>"
            )
    yield "</tv>"


def weights() -> None:
    """What the browser fetches, gzip."""
    html = UI.read_text("utf-8")
    names = re.findall(r'(?:src|href)="/(assets/[^"]+)"', html)
    weight = {
        f"assets/{file.name}": len(gzip.compress(file.read_bytes(), mtime=0)) / 1000
        for file in (UI.parent / "assets").iterdir()
        if file.suffix in (".js", ".css")
    }
    say("entry JS", sum(weight[name] for name in names if name.endswith(".js")), "kB")
    say("entry CSS", sum(weight[name] for name in names if name.endswith(".css")), "kB")
    say("largest lazy chunk", max(kb for name, kb in weight.items() if name not in names), "kB")


async def first_paint(
    browser: Browser, base: str, cookies: list[dict[str, object]], path: str, css: str, words: str
) -> float:
    """From the request for the page, nothing cached, to what somebody came for; milliseconds."""
    async with tab(browser, base) as walk:
        await walk.page.context.add_cookies(cookies)  # type: ignore[arg-type]
        await walk.page.goto(f"{base}/app{path}", wait_until="commit")
        return float(await walk.page.evaluate(WAIT_FOR, [css, words]))


async def paints(browser: Browser, base: str, walk: Walk) -> None:
    cookies = [dict(one) for one in await walk.page.context.cookies()]
    home = [await first_paint(browser, base, cookies, "", "main h1", "Good to see you") for _ in range(ROUNDS)]
    say("first useful paint", statistics.median(home), "ms")
    cells = [await first_paint(browser, base, cookies, "/guide", "[role=gridcell]", "Evening") for _ in range(ROUNDS)]
    say("guide, first cells, cold", statistics.median(cells), "ms")


async def routes(walk: Walk) -> None:
    await walk.page.goto(f"{walk.base}/app")
    await walk.shows("Good to see you")
    first = [await follow(walk.page, name, words) for name, words in WALK]
    again = [await follow(walk.page, name, words) for name, words in WALK]
    say("route change, first visit, median", statistics.median(first), "ms")
    say("route change, median", statistics.median(again), "ms")


async def follow(page: Page, name: str, words: str) -> float:
    spent = float(await page.evaluate(FOLLOW, [name, words]))
    await page.wait_for_timeout(250)  # the page's own queries end before the next one is timed
    return spent


async def guide_page(walk: Walk) -> None:
    page = walk.page
    await page.goto(f"{walk.base}/app/guide")
    await page.evaluate(WAIT_FOR, ["[role=gridcell]", "Evening"])
    down: list[float] = await page.evaluate(SCROLL, [FRAMES, STEP_PX, "scrollTop"])
    aside: list[float] = await page.evaluate(SCROLL, [FRAMES, STEP_PX, "scrollLeft"])
    say("guide, frame p50 while scrolling", statistics.median([*down, *aside]), "ms")
    say("guide, frame p95 while scrolling", p95([*down, *aside]), "ms")
    cells = await page.get_by_test_id("guide").locator("*").count()
    say("guide, elements in the page", cells, "elements")
    jumps = [float(await page.evaluate(JUMP, row)) for row in (5_000, 100, 9_000, 2_500, 7_777)]
    say("guide, jump, median", statistics.median(jumps), "ms")


async def palette(owner: Client) -> None:
    spans = []
    for typed in TYPED * 5:
        begun = time.perf_counter()
        answer = await owner.get("/polycast/v1/search", params={"q": typed, "limit": 12})
        spans.append((time.perf_counter() - begun) * 1000)
        assert answer.status == 200, answer.text()
    say("palette answer, p95", p95(spans), "ms")


async def moves(owner: Client) -> None:
    ids = (await owner.get("/polycast/v1/live/channels/ids")).json()["ids"]
    begun = time.perf_counter()
    moved = await owner.post("/polycast/v1/live/channels/move", {"ids": ids[:500], "after_id": ids[700]})
    assert moved.status == 200, moved.text()
    say("500 of 10,000 channels moved", (time.perf_counter() - begun) * 1000, "ms")


async def signed_in(base: str, session: aiohttp.ClientSession) -> Client:
    """The owner, as a browser is."""
    sent = {"name": "owner", "password": PASSWORD}
    answer = await Client(base, session, {"Origin": base}).post("/polycast/v1/session", sent)
    return Client(base, session, {"Origin": base, "Cookie": answer.headers["set-cookie"].partition(";")[0]})


async def idle(owner: Client) -> None:
    """Return when no job of the line-up waits or runs."""
    while True:
        answer = await owner.get("/polycast/v1/jobs?state=waiting,running&limit=200")
        if answer.status != 200:  # busy with the import
            await asyncio.sleep(1)
            continue
        jobs = answer.json()["items"]
        due = [job for job in jobs if job["name"] in MAKERS]
        if not due:
            return
        await asyncio.sleep(0.3)


async def main() -> None:
    weights()
    channels = entries()
    with tempfile.TemporaryDirectory() as folder:
        async with (
            serving(Path(folder)) as command,
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            upstream() as provider,
            browsing() as browser,
        ):
            await command.ready(session)
            provider.on("/list.m3u", ok(playlist("http://127.0.0.1:9", channels), "audio/x-mpegurl"))
            provider.on("/guide.xml", ok("".join(long_guide(channels)).encode(), "application/xml"))
            owner = await signed_in(command.url, session)
            await import_lineup(owner, provider.url(""), lambda: idle(owner))
            async with tab(browser, command.url) as walk:
                await walk.sign_in()
                await paints(browser, command.url, walk)
                await routes(walk)
                await guide_page(walk)
            await palette(owner)
            await moves(owner)


if __name__ == "__main__":
    asyncio.run(main())

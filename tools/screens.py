"""Takes the pictures of the README: a server with a believable line-up, seen through Chromium.

    .venv/bin/python tools/screens.py [NAME ...]

Writes `docs/screens/*.webp`. Wants the pages built (`make ui`), Chromium, ffmpeg. Every name, logo and picture is made here.
"""

import asyncio
import base64
import random  # noqa: TID251
import subprocess  # noqa: TID251
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape  # noqa: TID251

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

import aiohttp  # noqa: E402, TID251
from playwright.async_api import Browser, Page  # noqa: E402
from tests.e2e.lineup import import_lineup  # noqa: E402
from tests.e2e.walk import DESKTOP, PHONE, Theme, Walk, browsing, tab  # noqa: E402
from tests.fakes.http_upstream import ok, upstream  # noqa: E402
from tests.fakes.reel import SECONDS, Reel  # noqa: E402
from tests.fakes.transmitter import transmitting  # noqa: E402
from tests.server import Client, Server, running  # noqa: E402

OUT = ROOT / "docs" / "screens"
FFMPEG = "ffmpeg"
SEED = 20261121
GROUPS = {
    "News": ("Meridian News", "Harbour 24", "The Daily Lens", "Northline", "Capital Report", "Open Parliament"),
    "Film": ("Silver Reel", "Matinee", "Cinema Uno", "Night Owl Film", "Classic House", "World Screen"),
    "Nature": ("Wild Coast", "Green Valley", "Deep Blue", "Terra", "Summit", "Birdsong"),
    "Sport": ("Arena One", "Arena Two", "Court & Track", "Velo", "Wintersport", "Open Water"),
    "Children": ("Tumble", "Kite", "Little Orchard", "Story Tree", "Pebble", "Hopscotch"),
    "Music": ("Studio Live", "Backbeat", "Chamber", "Blue Note Hour", "Festival", "Vinyl"),
    "Knowledge": ("Orbit", "Inventors", "Yesterday", "The Workshop", "Atlas", "Open Lecture"),
}
SHOWS = {
    "News": ("Morning Briefing", "World at Noon", "The Long Interview", "Markets", "Press Review", "Late Edition"),
    "Film": ("The Lighthouse Keeper", "A Summer in Lisbon", "Paper Boats", "Midnight Express Train", "The Cartographer", "Two for the Coast"),
    "Nature": ("Rivers of Iceland", "The Secret Life of Moss", "Wolves of the North", "Coral Nights", "Four Seasons", "Alpine Meadows"),
    "Sport": ("Matchday Live", "Grand Tour: Stage 14", "Final Set", "Downhill", "Sailing Cup", "Highlights"),
    "Children": ("Kite and Friends", "The Tiny Bakery", "Counting Stars", "Robot Garden", "Goodnight, Otter", "Let's Build"),
    "Music": ("Live from the Harbour", "Unplugged", "Album of the Week", "Strings at Eight", "Late Jazz", "Open Stage"),
    "Knowledge": ("How Bridges Stand", "Moons of Saturn", "The Map Makers", "Clockwork", "A History of Salt", "Big Questions"),
}  # fmt: skip
HUES = {"News": 210, "Film": 350, "Nature": 145, "Sport": 25, "Children": 45, "Music": 285, "Knowledge": 190}


# Servers fetch pixels only, so the marks are painted before they are served.
PAINT = """async svgs => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 160 })
  const pen = canvas.getContext('2d')
  const painted = []
  for (const svg of svgs) {
    const image = new Image(160, 160)
    image.src = 'data:image/svg+xml;base64,' + btoa(svg)
    await image.decode()
    pen.clearRect(0, 0, 160, 160)
    pen.drawImage(image, 0, 0, 160, 160)
    painted.push(canvas.toDataURL('image/png').split(',')[1])
  }
  return painted
}"""


def logo(name: str, group: str) -> str:
    """A mark of its own for each channel: two letters on a coloured shape."""
    dice = random.Random(name)  # noqa: S311
    hue = (HUES[group] + dice.randint(-18, 18)) % 360
    letters = "".join(word[0] for word in name.split()[:2]).upper()
    shape = dice.choice(
        (
            '<rect x="6" y="6" width="88" height="88" rx="22"/>',
            '<circle cx="50" cy="50" r="45"/>',
            '<path d="M50 4 96 50 50 96 4 50z"/>',
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><g fill="hsl({hue} 65% 42%)">{shape}</g>'
        f'<text x="50" y="63" font-family="sans-serif" font-weight="700" font-size="36" text-anchor="middle" '
        f'fill="white">{escape(letters)}</text></svg>'
    )


def channels() -> list[tuple[str, str]]:
    return [(name, group) for group, names in GROUPS.items() for name in names]


def playlist(base: str) -> bytes:
    lines = ["#EXTM3U"]
    for number, (name, group) in enumerate(channels(), 1):
        lines.append(f'#EXTINF:-1 tvg-id="c{number}" group-title="{group}",{name}')
        lines.append(f"{base}/feed{number}.ts")
    return "\n".join([*lines, ""]).encode()


def guide(now: datetime) -> bytes:
    """Two days of programmes whose lengths differ, none of them cut at the same minute."""
    dice = random.Random(SEED)  # noqa: S311
    parts = ['<?xml version="1.0"?><tv>']
    rows = list(enumerate(channels(), 1))
    parts += [f'<channel id="c{n}"><display-name>{escape(name)}</display-name></channel>' for n, (name, _) in rows]
    for n, (_, group) in rows:
        at = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=3, minutes=dice.choice((0, 15, 30)))
        while at < now + timedelta(days=2):
            end = at + timedelta(minutes=dice.choice((25, 30, 45, 60, 60, 90, 110)))
            title = escape(dice.choice(SHOWS[group]))
            parts.append(
                f'<programme channel="c{n}" start="{at:%Y%m%d%H%M%S} +0000" stop="{end:%Y%m%d%H%M%S} +0000">'
                f"<title>{title}</title><desc>An hour in good company, told without hurry.</desc></programme>"
            )
            at = end
    return "".join([*parts, "</tv>"]).encode()


def draw_reel(path: Path) -> None:
    """Half a minute of slow evening light: colours that drift, and a quiet tone."""
    picture = "gradients=size=960x540:rate=25:c0=0x14213d:c1=0xb5533c:c2=0xf2b950:c3=0x27496d:nb_colors=4:speed=0.008:type=linear:x0=480:y0=0:x1=520:y1=539"
    sound = f"sine=frequency=220:sample_rate=48000:duration={SECONDS - 1024 / 48000}"
    subprocess.run(  # noqa: S603
        [FFMPEG, "-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound,
         "-t", str(SECONDS), "-c:v", "libx264", "-preset", "veryfast", "-g", "25", "-bf", "0", "-pix_fmt", "yuv420p", "-b:v", "900k",
         "-c:a", "aac", "-b:a", "96k", "-mpegts_flags", "pat_pmt_at_frames", "-f", "mpegts", str(path)],
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip


async def keep(page: Page, name: str) -> None:
    """What the page shows, as a small file."""
    OUT.mkdir(parents=True, exist_ok=True)
    picture = await page.screenshot()
    subprocess.run(  # noqa: ASYNC221, S603
        [FFMPEG, "-hide_banner", "-loglevel", "error", "-y", "-f", "png_pipe", "-i", "-", "-quality", "84", str(OUT / f"{name}.webp")],
        input=picture, check=True,
    )  # fmt: skip
    print(f"docs/screens/{name}.webp", flush=True)  # noqa: T201


async def settle(walk: Walk, path: str, words: str) -> None:
    await walk.page.goto(f"{walk.base}/app{path}")
    await walk.shows(words)
    await walk.page.wait_for_timeout(1_200)  # logos and charts draw themselves


async def play(walk: Walk, seconds: float = 2) -> None:
    await walk.page.locator("main section button").first.click()
    await walk.plays(seconds)


async def home(walk: Walk) -> None:
    await settle(walk, "", "On now")
    await play(walk, 1)
    await keep(walk.page, "home")


async def guide_dark(walk: Walk) -> None:
    await settle(walk, "/guide", "Matinee")
    await keep(walk.page, "guide")


async def channel_table(walk: Walk) -> None:
    await settle(walk, "/live/channels?pane=streams", "Silver Reel")
    await walk.page.get_by_label("Without a channel").uncheck()
    boxes = walk.page.get_by_test_id("grid").get_by_role("checkbox")
    await boxes.nth(3).click()
    await boxes.nth(8).click(modifiers=["Shift"])
    await walk.page.wait_for_timeout(400)
    await keep(walk.page, "channels")


async def live_cards(walk: Walk) -> None:
    await settle(walk, "", "On now")
    await play(walk, 8)
    await walk.page.get_by_role("navigation").get_by_role("link", name="Live TV").first.click()
    await walk.page.wait_for_timeout(6_000)  # the curve wants points
    await keep(walk.page, "live")


async def player(walk: Walk) -> None:
    await settle(walk, "", "On now")
    await play(walk)
    await walk.press("Large player")
    await walk.page.mouse.move(400, 400)
    await walk.plays(1)
    await keep(walk.page, "player")


async def palette(walk: Walk) -> None:
    await settle(walk, "", "On now")
    await walk.page.keyboard.press("Control+k")
    await walk.page.get_by_placeholder("Search channels").fill("night")
    await walk.page.wait_for_timeout(900)
    await keep(walk.page, "palette")


async def outputs(walk: Walk) -> None:
    await settle(walk, "/live/outputs", "Playlist")
    await keep(walk.page, "outputs")


async def phone_home(walk: Walk) -> None:
    await settle(walk, "", "On now")
    await play(walk, 1)
    await keep(walk.page, "phone-home")


async def phone_guide(walk: Walk) -> None:
    await settle(walk, "/guide", "Kite")
    await keep(walk.page, "phone-guide")


Shot = tuple[Callable[[Walk], Awaitable[None]], tuple[int, int], Theme]
SHOTS: dict[str, Shot] = {
    "home": (home, DESKTOP, "dark"),
    "guide": (guide_dark, DESKTOP, "dark"),
    "channels": (channel_table, DESKTOP, "light"),
    "live": (live_cards, DESKTOP, "dark"),
    "player": (player, DESKTOP, "dark"),
    "palette": (palette, DESKTOP, "dark"),
    "outputs": (outputs, DESKTOP, "light"),
    "phone-home": (phone_home, PHONE, "dark"),
    "phone-guide": (phone_guide, PHONE, "light"),
}


async def hang_logos(owner: Client, browser: Browser) -> None:
    """Each channel gets its mark."""
    page = await browser.new_page()
    named = dict(channels())
    painted: list[str] = await page.evaluate(PAINT, [logo(name, group) for name, group in named.items()])
    await page.close()
    pictures = dict(zip(named, painted, strict=True))
    for row in (await owner.get("/polycast/v1/live/channels?limit=100")).json()["items"]:
        form = aiohttp.FormData({"name": row["name"]})
        picture = base64.b64decode(pictures[row["name"]])
        form.add_field("file", picture, filename=f"{row['id']}.png", content_type="image/png")
        made = await owner.post("/api/channels/logos/upload/", data=form)
        assert made.status == 201, made.text()
        await owner.patch(f"/polycast/v1/live/channels/{row['id']}", {"logo_id": made.json()["id"]})


@asynccontextmanager
async def world(folder: Path, browser: Browser) -> AsyncIterator[Server]:
    """A server whose channels send pictures and whose guide has just begun."""
    reel = folder / "reel.ts"
    await asyncio.to_thread(draw_reel, reel)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(running(folder))
        provider = await stack.enter_async_context(upstream())
        transmitter = await stack.enter_async_context(transmitting(Reel(reel)))
        provider.on("/list.m3u", ok(playlist(transmitter.base), "audio/x-mpegurl"))
        provider.on("/guide.xml", ok(guide(datetime.now(UTC)), "application/xml"))
        owner = await server.client()
        await import_lineup(owner, provider.url(""), server.idle)
        await hang_logos(owner, browser)
        await owner.patch("/polycast/v1/me", {"first_name": "Anna"})
        for step in ("owner", "source", "guide", "watch"):
            await owner.post(f"/polycast/v1/first-run/steps/{step}", {"state": "done"})
        yield server


async def main(names: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with browsing() as browser, world(Path(folder), browser) as server:
            for name in names or SHOTS:
                shoot, size, theme = SHOTS[name]
                async with tab(browser, server.url, size=size, theme=theme) as walk:
                    await walk.sign_in()
                    await shoot(walk)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))

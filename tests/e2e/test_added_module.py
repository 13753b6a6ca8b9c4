"""A module that somebody adds as one folder of the UI's sources, nothing else changed."""

import asyncio
import gzip
import re
import shutil
import subprocess
from pathlib import Path

import aiohttp
import imageio_ffmpeg
import pytest
from playwright.async_api import Route, expect

from tests.command import ROOT, serving
from tests.e2e.walk import Walk, browsing, tab
from tests.fakes.reel import draw

FOLDER = {
    "index.ts": """
import { IconStar } from '@tabler/icons-react'
import type { ModuleUi } from '~/kit/module'

export const module: ModuleUi = {
  name: 'dummy',
  rail: [{ path: '/dummy', label: 'dummy.title', icon: IconStar, order: 35, scope: 'core:read' }],
  words: { 'dummy.title': ['Dummies', 'Attrappen'] },
  routes: [
    { path: '/dummy', title: 'dummy.title', scope: 'core:read', page: 'list' },
    { path: '/dummy/film', title: 'dummy.one', scope: 'core:read', page: 'film' },
    { path: '/dummy/$id', title: 'dummy.one', scope: 'core:read', page: 'one' },
  ],
  more: () => import('./more'),
}
""",
    "more.ts": """
import { IconStar } from '@tabler/icons-react'
import type { ModuleMore } from '~/kit/module'

export const more: ModuleMore = {
  strings: {
    'dummy.one': ['One dummy', 'Eine Attrappe'],
    'dummy.do': ['Polish the dummies', 'Attrappen polieren'],
    'dummy.panel': ['Dummy settings', 'Einstellungen der Attrappen'],
    'dummy.words': ['Twelve dummies stand here', 'Hier stehen zwölf Attrappen'],
  },
  pages: { list: () => import('./Page'), one: () => import('./Page'), film: () => import('./FilmPage') },
  actions: [{ id: 'dummy.do', label: 'dummy.do', icon: IconStar, path: '/dummy/7' }],
  panels: [{ id: 'dummy', label: 'dummy.panel', panel: () => import('./Page') }],
  home: [{ id: 'dummy.row', order: 5, row: () => import('./Page') }],
}
""",
    "Page.tsx": """
import { useTranslation } from 'react-i18next'

export default function DummyPage() {
  const { t } = useTranslation()
  return <p>{t('dummy.words')}</p>
}
""",
}
# A page that hands a film to the player, as the library's pages do, and keeps what the player reports.
FOLDER["FilmPage.tsx"] = """
import { type Media, play } from '~/player'

const reports: string[] = []
Object.assign(window, { reports })

const film = (name: string, more: Partial<Media>): Media => ({
  key: `dummy:${name}`,
  title: name,
  subtitle: 'A film of ours',
  image: null,
  isLive: false,
  ways: [
    { kind: 'mp4', url: '/assets/nothing.mp4', label: 'Broken' },
    { kind: 'mp4', url: '/test/film.mp4', label: 'Direct' },
  ],
  stretches: [{ kind: 'intro', start: 5, end: 12 }],
  subtitles: [{ id: 'en', label: 'English', language: 'en', url: '/test/film.vtt', isDefault: true }],
  report: async (now) => void reports.push(`${now.event} ${Math.floor(now.at)}`),
  again: () => Promise.resolve(film(name, more)),
  ...more,
})
const second = film('The Second Film', {})
const first = film('The First Film', {
  startAt: 6,
  next: { title: 'The Second Film', load: () => Promise.resolve(second), isAutomatic: true },
})

export default function FilmPage() {
  return (
    <button type="button" onClick={() => void play(() => Promise.resolve(first), { full: true })}>
      Play the film
    </button>
  )
}
"""
SUBTITLES = "WEBVTT\n\n00:00:01.000 --> 00:00:19.000\nGood evening.\n"
SECONDS = 20
WORDS = "Twelve dummies stand here"
MOST_BYTES = 1_000  # of the entry bundle, gzip


def entry_bytes(ui: Path) -> int:
    """What the browser fetches of scripts before it draws anything, gzip."""
    scripts = re.findall(r'(?:src|href)="/(assets/[^"]+\.js)"', (ui / "index.html").read_text("utf-8"))
    assert scripts
    return sum(len(gzip.compress((ui / name).read_bytes(), mtime=0)) for name in scripts)


async def build(web: Path) -> None:
    vite = await asyncio.create_subprocess_exec(
        str(ROOT / "tools" / "npm"), "exec", "--", "vite", "build", str(web), "--logLevel", "error",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told, _ = await vite.communicate()
    assert vite.returncode == 0, told.decode()


def film(path: Path) -> bytes:
    """A film that browsers play by themselves."""
    draw(path.with_suffix(".ts"), seconds=SECONDS)
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", "-i", str(path.with_suffix(".ts"))]
    subprocess.run([*ffmpeg, "-c", "copy", "-movflags", "+faststart", str(path)], check=True, stdin=subprocess.DEVNULL)
    return path.read_bytes()


async def serve_film(walk: Walk, body: bytes) -> None:
    """The film and its text at addresses of the server, ranges and all."""

    async def ranged(route: Route) -> None:
        asked = re.match(r"bytes=(\d+)-(\d*)", route.request.headers.get("range", "bytes=0-"))
        assert asked is not None
        begin, end = int(asked[1]), int(asked[2] or len(body) - 1)
        headers = {"Content-Range": f"bytes {begin}-{end}/{len(body)}", "Accept-Ranges": "bytes"}
        await route.fulfill(status=206, body=body[begin : end + 1], content_type="video/mp4", headers=headers)

    async def text(route: Route) -> None:
        await route.fulfill(body=SUBTITLES, content_type="text/vtt")

    await walk.page.route("**/test/film.mp4", ranged)
    await walk.page.route("**/test/film.vtt", text)


def copied(tmp_path: Path) -> Path:
    """A copy of the package and of the UI's sources; the built pages stay behind. Returns the UI's folder."""
    without = shutil.ignore_patterns("ui", "__pycache__")
    shutil.copytree(ROOT / "src" / "polycast", tmp_path / "src" / "polycast", ignore=without)
    web = tmp_path / "web"
    shutil.copytree(ROOT / "web", web, ignore=shutil.ignore_patterns("node_modules", "dist", "dev"))
    (web / "node_modules").symlink_to(ROOT / "web" / "node_modules", target_is_directory=True)
    return web


@pytest.mark.slow
@pytest.mark.needs_tool("chromium")
class TestAModuleAddedAsOneFolder:
    async def test_stands_in_rail_palette_settings_and_home_and_weighs_next_to_nothing_at_the_start(
        self, tmp_path: Path
    ) -> None:
        web = await asyncio.to_thread(copied, tmp_path)
        ui = tmp_path / "src" / "polycast" / "front" / "ui"
        await build(web)
        before = entry_bytes(ui)
        folder = web / "src" / "dummy"
        folder.mkdir()
        for name, text in FOLDER.items():
            (folder / name).write_text(text, "utf-8")
        await build(web)

        assert entry_bytes(ui) - before < MOST_BYTES
        async with (
            serving(tmp_path, PYTHONPATH=str(tmp_path / "src")) as command,
            aiohttp.ClientSession() as session,
            browsing() as browser,
            tab(browser, command.url) as walk,
        ):
            await command.ready(session)
            await walk.sign_in()
            await walk.shows(WORDS)  # its row of the home page
            await walk.page.get_by_role("navigation").get_by_role("link", name="Dummies").click()
            await walk.page.wait_for_url("**/app/dummy")
            await walk.shows(WORDS)
            await walk.page.keyboard.press("Control+k")
            await walk.page.get_by_role("dialog").get_by_label("Search and commands").last.fill("polish the")
            await walk.page.get_by_text("Polish the dummies").click()
            await walk.page.wait_for_url("**/app/dummy/7")
            await expect(walk.page).to_have_title("One dummy · Polycast")
            await walk.page.goto(f"{command.url}/app/settings?section=dummy")
            await walk.shows(WORDS)
            await walk.page.get_by_role("link", name="Dummy settings").wait_for()
            assert walk.complaints == []
            await serve_film(walk, await asyncio.to_thread(film, tmp_path / "film.mp4"))
            await self.plays_a_film(walk)

    async def plays_a_film(self, walk: Walk) -> None:
        """What is not live goes on where it was left, is skipped, sought, reported, and followed by the next one."""
        await walk.page.goto(f"{walk.base}/app/dummy/film")
        await walk.press("Play the film")
        await walk.plays(0.5)
        assert 6 <= await walk.video.evaluate("video => video.currentTime") < 12  # the second way, where it was left
        await walk.press("Skip the intro")
        await walk.video.evaluate(
            "video => new Promise(done => { video.currentTime >= 12 ? done() : video.ontimeupdate = () => video.currentTime >= 12 && done() })"
        )
        assert await walk.video.evaluate("video => video.textTracks[0].activeCues[0].text") == "Good evening."
        line = walk.page.get_by_role("slider", name="Position")
        await line.press("ArrowLeft")
        await expect(line).to_have_attribute("aria-valuenow", re.compile(r"^[2-5]$"))
        await walk.examine()
        await line.press("End")
        await walk.shows("Up next in")
        await walk.press("Play the next one")
        await walk.shows("The Second Film")
        await walk.plays(0.5)
        reports: list[str] = await walk.page.evaluate("window.reports")
        assert "start 6" in reports
        assert [one for one in reports if one.startswith("end")]
        assert walk.findings == []

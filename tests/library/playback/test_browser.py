"""hls.js in a real browser plays every master playlist, from the first second to the last, with a seek between."""

from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Page, Route

from tests.e2e.walk import browsing
from tests.library.playback.cinema import Cinema, cinema

HLS: Final = Path(__file__).parents[3] / "web" / "node_modules" / "hls.js" / "dist" / "hls.min.js"
PAGE: Final = "<!doctype html><video id=screen muted></video><script src=/test/hls.js></script>"
WATCH: Final = """async ([address, position]) => {
    const video = document.getElementById('screen'), failures = [];
    const once = (name) => new Promise((done) => video.addEventListener(name, done, { once: true }));
    const player = new Hls();
    // At eight times its pace a busy machine is slower than the film: to wait for bytes is no failure, a gap in them is.
    player.on(Hls.Events.ERROR, (_, failure) => {
        if (failure.fatal || failure.details !== Hls.ErrorDetails.BUFFER_STALLED_ERROR) failures.push(failure.details);
    });
    player.loadSource(address);
    player.attachMedia(video);
    video.play();
    await once('playing');
    video.currentTime = position;
    await once('seeked');
    video.playbackRate = 8;
    await once('ended');
    const buffered = Array.from({ length: video.buffered.length }, (_, at) => video.buffered.end(at));
    const found = {
        failures, buffered, at: video.currentTime, length: video.duration, width: video.videoWidth,
        sounds: player.audioTracks.map((track) => track.name),
        words: [...video.textTracks].map((track) => track.language),
    };
    player.destroy();
    return found;
}"""


async def _given(route: Route) -> None:
    is_script = route.request.url.endswith(".js")
    await route.fulfill(
        body=HLS.read_text() if is_script else PAGE, content_type="text/javascript" if is_script else "text/html"
    )


async def watch(house: Cinema, page: Page, title: str, **asked: Any) -> tuple[str, dict[str, Any]]:
    session = await house.start(title, **asked)
    await page.goto(house.server.url + "/test/page.html")
    address = f"/api/stream/{session['id']}/master.m3u8?token={session['token']}"
    return session["mode"], await page.evaluate(WATCH, [address, 6.3])


@pytest.mark.slow
@pytest.mark.needs_tool("chromium")
class TestABrowser:
    async def test_plays_every_mode_to_its_end(self, tmp_path: Path) -> None:
        if not HLS.is_file():
            pytest.skip("web/node_modules is not installed: make ui")
        async with cinema(tmp_path) as house, browsing() as browser:
            page = await browser.new_page()
            await page.route("**/test/*", _given)
            modes = []
            for title, asked, length in (
                ("Plain", {}, 12.0),
                ("Surround", {}, 20.0),
                ("Broadcast", {}, 12.0),
                ("Bright", {}, 8.0),
                ("Surround", {"quality": "240p", "maxBitrate": 300_000}, 20.0),
            ):
                mode, found = await watch(house, page, title, **asked)
                modes.append(mode)
                assert found["failures"] == [], (title, mode)
                assert found["at"] == pytest.approx(length, abs=0.1)
                assert len(found["buffered"]) == 1, (title, found["buffered"])
                assert found["width"] == 320
            assert modes == ["direct_play", "remux_hls_audio_transcode", "remux_hls", "transcode_hls", "transcode_hls"]
            assert found["sounds"] == ["English (AC3 5.1)", "German (AAC Stereo)"]
            assert found["words"] == ["en"]

"""Tries the built pages against dev/server.mjs: axe on each page, the guide's frames, a drag of many rows, a picture, a lost session.

`python web/dev/try.py [url]`, with the server started as `node web/dev/server.mjs 8124 --rows=10000 --ts=/some/sample.ts`.
"""

import json
import sys
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright
from shots import ARGS, PAGES

AXE = Path(__file__).parents[1] / "node_modules/axe-core/axe.min.js"
FRAMES = """async ({steps, dx, dy}) => {
  const box = document.querySelector('[data-testid=guide]'), times = []
  let last = performance.now(), cells = 0
  for (let i = 0; i < steps; i++) {
    box.scrollTop += dy; box.scrollLeft += dx
    await new Promise(requestAnimationFrame)
    const now = performance.now(); times.push(now - last); last = now
    if (i % 20 === 0) cells = Math.max(cells, box.querySelectorAll('[role=gridcell]').length)
  }
  times.sort((a, b) => a - b)
  return {p50: times[times.length >> 1], p95: times[Math.floor(times.length * .95)], max: times.at(-1), cells}
}"""


def until(page: Page, script: str, seconds: float = 20) -> None:
    """Waits for a condition; Playwright's own waiting evaluates text inside the page, which our CSP forbids."""
    for _ in range(int(seconds * 10)):
        if page.evaluate(script):
            return
        page.wait_for_timeout(100)
    raise AssertionError(script)


SEEN: set[tuple[str, str]] = set()


def axe(page: Page, name: str) -> int:
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run()).violations")
    bad = [v for v in found if v["impact"] in ("serious", "critical")]
    for v in bad:
        key = (v["id"], v["nodes"][0]["html"][:60].split("id=")[0])
        if key in SEEN:
            continue
        SEEN.add(key)
        print("  AXE", name, v["id"], len(v["nodes"]), v["nodes"][0]["html"][:160], v["nodes"][0]["any"][:1] and v["nodes"][0]["any"][0]["message"][:160])
    return len(bad)


def guide(page: Page, base: str) -> None:
    page.goto(base + "/app/guide")
    page.wait_for_selector("[data-testid=guide] [data-id]")
    print("guide first cells ms", page.evaluate("Math.round(performance.now())"))
    for dx, dy in ((0, 120), (120, 0), (60, 120)):
        print("guide", (dx, dy), json.dumps({k: round(v, 1) for k, v in page.evaluate(FRAMES, {"steps": 200, "dx": dx, "dy": dy}).items()}))
    page.focus("[data-testid=guide]")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    page.wait_for_selector("[role=dialog]")
    axe(page, "programme")


def reorder(page: Page, base: str) -> None:
    page.goto(base + "/app/live/channels")
    page.wait_for_selector("[data-row]")
    page.click("[data-row='5'] input[type=checkbox]")
    page.click("[data-row='9'] input[type=checkbox]", modifiers=["Shift"])
    handle = page.locator("[data-row='7'] button").bounding_box()
    target = page.locator("[data-row='2']").bounding_box()
    assert handle and target
    page.mouse.move(handle["x"] + 5, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(handle["x"] + 5, handle["y"] - 40, steps=5)
    page.mouse.move(target["x"] + 100, target["y"] + 35, steps=8)
    page.screenshot(path="/tmp/drag.png")
    page.mouse.up()
    page.wait_for_timeout(500)
    rows = page.eval_on_selector_all("[data-row]", "all => all.map(e => [Number(e.getAttribute('aria-rowindex')), e.dataset.row]).sort((a, b) => a[0] - b[0]).map(p => p[1]).slice(0, 9)")
    print("after the drag", rows)
    page.focus("[data-testid=grid]")
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_timeout(400)
    rows = page.eval_on_selector_all("[data-row]", "all => all.map(e => [Number(e.getAttribute('aria-rowindex')), e.dataset.row]).sort((a, b) => a[0] - b[0]).map(p => p[1]).slice(0, 9)")
    print("after Alt+Down", rows)
    page.dblclick("[data-row='1'] [role=gridcell]:nth-child(3)")
    page.keyboard.type("A new name")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    print("edited", page.locator("[data-row='1']").inner_text().replace("\n", " "))


def picture(page: Page, base: str) -> None:
    page.goto(base + "/app")
    page.click("main button:has(b) >> nth=0")
    until(page, "document.querySelector('[data-testid=video]')?.currentTime > 2", 20)
    first = page.evaluate("document.querySelector('[data-testid=video]').currentTime")
    page.click("nav >> text=Guide")
    page.wait_for_selector("[data-testid=guide] [data-id]")
    page.wait_for_timeout(1500)
    print("picture", page.evaluate("(() => { const v = document.querySelector('[data-testid=video]'); return [v.currentTime, v.getVideoPlaybackQuality().totalVideoFrames, v.videoWidth] })()"), "after", first)
    page.screenshot(path="/tmp/mini.png")
    page.click("main", position={"x": 5, "y": 5})
    page.keyboard.press("f")
    page.keyboard.press("i")
    page.wait_for_timeout(1200)
    page.screenshot(path="/tmp/full.png")
    axe(page, "player")
    page.keyboard.press("4")
    page.keyboard.press("2")
    page.wait_for_timeout(300)
    page.screenshot(path="/tmp/digits.png")
    until(page, "document.querySelector('[data-testid=player]').innerText.includes('42')", 5)
    page.keyboard.press("Escape")


def lost_session(page: Page, base: str) -> None:
    page.goto(base + "/app/settings?section=live")
    page.wait_for_selector("#setting-live\\.prefixes")
    page.fill("#setting-live\\.prefixes", "kept")
    page.evaluate("fetch('/polycast/v1/test/expire', {method: 'POST'})")
    page.wait_for_timeout(200)
    page.click("main button:has-text('Save')")
    page.wait_for_selector("[role=dialog] input[type=password]")
    page.fill("[role=dialog] input[type=password]", "right")
    page.click("[role=dialog] button[type=submit]")
    page.wait_for_selector("[role=dialog]", state="detached")
    page.wait_for_timeout(600)
    print("session back; saved:", page.locator("text=Saved").count() > 0)


def every_page(context: BrowserContext, base: str, theme: str) -> int:
    page = context.new_page()
    bad = 0
    for name, path in PAGES.items():
        page.goto(base + path)
        page.wait_for_timeout(900)
        bad += axe(page, f"{name} {theme}")
    page.close()
    return bad


def main() -> None:
    base = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8124"
    with sync_playwright() as pw:
        browser = pw.chromium.launch(executable_path="/usr/bin/chromium", args=[*ARGS, "--autoplay-policy=no-user-gesture-required"])
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page = context.new_page()
        page.on("console", lambda m: print("console", m.type, m.text[:300]) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: print("pageerror", e))
        for part in (guide, reorder, picture, lost_session):
            try:
                part(page, base)
            except Exception as error:
                print("FAILED", part.__name__, str(error)[:600])
                page.screenshot(path=f"/tmp/failed-{part.__name__}.png")
        context.close()
        for theme in ("dark", "light"):
            context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
            context.add_init_script(f"localStorage.setItem('mantine-color-scheme-value', '{theme}')")
            print(theme, "serious findings:", every_page(context, base, theme))
            context.close()
        browser.close()


if __name__ == "__main__":
    main()

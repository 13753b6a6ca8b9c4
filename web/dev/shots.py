"""Takes pictures of the pages against dev/server.mjs: `python web/dev/shots.py [url] [name ...]`, into web/dev/shots/."""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PAGES = {
    "home": "/app",
    "guide": "/app/guide",
    "live": "/app/live",
    "channels": "/app/live/channels?pane=streams",
    "sources": "/app/live/sources",
    "source": "/app/live/sources/m3u:3",
    "addsource": "/app/live/sources?add=playlist",
    "matching": "/app/live/matching",
    "logos": "/app/live/logos",
    "profiles": "/app/live/profiles",
    "outputs": "/app/live/outputs",
    "activity": "/app/activity",
    "settings": "/app/settings",
    "account": "/app/account?tab=devices",
    "users": "/app/users",
    "welcome": "/app/welcome",
}
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


def shoot(page: Page, base: str, names: list[str], kind: str, theme: str, out: Path) -> None:
    for name in names:
        page.goto(base + PAGES[name])
        page.wait_for_load_state("load")
        page.wait_for_timeout(1200)
        page.screenshot(path=str(out / f"{name}-{kind}-{theme}.png"))


def main() -> None:
    base = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8123"
    names = sys.argv[2:] or list(PAGES)
    out = Path(__file__).parent / "shots"
    out.mkdir(exist_ok=True)
    with sync_playwright() as pw:
        browser = pw.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        for kind, (width, height) in SIZES.items():
            for theme in ("dark", "light"):
                context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
                context.add_init_script(f"localStorage.setItem('mantine-color-scheme-value', '{theme}')")
                page = context.new_page()
                page.on("console", lambda m: print(m.type, m.text) if m.type in ("error", "warning") else None)
                page.on("pageerror", lambda e: print("pageerror", e))
                shoot(page, base, names, kind, theme, out)
                context.close()
        browser.close()


if __name__ == "__main__":
    main()

"""The pages in a browser on the real command: from an empty server to a picture that stays while one walks about."""

import pytest

from tests.e2e.walk import CHANNELS, DESKTOP, PHONE, Walk

PAGES = {  # the address, and words that stand on the page once it has what it shows
    "/app": "Health",
    "/app/guide": "Evening on First Light",
    "/app/live": "Live TV",
    "/app/live/channels": "Second Wind",
    "/app/live/sources": "3 streams",
    "/app/live/matching": "Guide matching",
    "/app/live/logos": "Logos",
    "/app/live/profiles": "Channel profiles",
    "/app/live/outputs": "Playlist (M3U)",
    "/app/activity": "was refreshed",
    "/app/settings": "Data directory",
    "/app/account": "My account",
    "/app/users": "owner",
}


@pytest.mark.slow
@pytest.mark.needs_tool("chromium")
class TestAPersonWithABrowserAndANewServer:
    async def test_watches_a_channel_that_plays_on_wherever_they_go(self, walk: Walk, provider: str) -> None:
        await walk.set_up(provider)
        await walk.press(f"Watch: {CHANNELS[1]}")
        await walk.plays(1)
        await walk.video.evaluate("video => { video.dataset.mark = 'the same' }")
        await walk.page.get_by_role("navigation").get_by_role("link", name="Guide", exact=True).click()
        await walk.shows("Evening on First Light")
        await walk.plays(1)
        await walk.examine()
        await walk.press("Large player")
        await walk.plays(1)
        await walk.examine()
        await walk.page.go_back()
        await walk.plays(1)
        await walk.press("Small player")
        await walk.plays(1)

        assert await walk.video.get_attribute("data-mark") == "the same"
        assert walk.findings == []
        assert walk.complaints == []

    async def test_finds_every_page_filled_readable_and_no_wider_than_the_screen(
        self, walk: Walk, provider: str
    ) -> None:
        await walk.set_up(provider)
        await walk.sign_in_again()
        wide = []
        for address, words in PAGES.items():
            await walk.resize(DESKTOP)
            await walk.page.goto(walk.base + address)
            await walk.shows(words)
            await walk.examine()
            await walk.resize(PHONE)
            await walk.shows(words)
            await walk.examine()
            wide += [address] if await walk.too_wide() else []
        assert wide == []
        assert walk.findings == []
        assert walk.complaints == []

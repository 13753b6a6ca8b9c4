"""A television that shows a code is let in by somebody in a browser."""

from pathlib import Path

import pytest

from tests.e2e.walk import PHONE, browsing, tab
from tests.server import running

TOKEN = "/api/auth/device/token"


@pytest.mark.slow
@pytest.mark.needs_tool("chromium")
class TestATelevisionWithACode:
    async def test_is_let_in_and_another_is_refused(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server, browsing() as browser:
            await server.client()
            begun = (await server.post("/api/auth/device/code", {"client_id": "Living-room television"})).json()
            other = (await server.post("/api/auth/device/code", {"client_id": "A stranger's"})).json()
            async with tab(browser, server.url, size=PHONE) as walk:
                await walk.sign_in()
                await walk.page.goto(begun["verification_uri_complete"])
                await walk.shows("Let Living-room television in?")
                await walk.examine()
                await walk.press("Let it in")
                await walk.shows("The device is in")
                await walk.press("Another device")
                await walk.page.get_by_label("Code that the device shows").fill(other["user_code"].lower())
                await walk.press("Continue")
                await walk.shows("Let A stranger's in?")
                await walk.page.get_by_role("button", name="No", exact=True).click()
                await walk.shows("The device was refused")
                assert (walk.findings, walk.complaints) == ([], [])
            assert (await server.post(TOKEN, {"device_code": begun["device_code"]})).json()["token_type"] == "Bearer"
            refused = (await server.post(TOKEN, {"device_code": other["device_code"]})).json()
            assert refused["error"] == "access_denied"

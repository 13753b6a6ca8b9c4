"""Settings that pages and widgets read, and the document of the API. Source: `specs/radio.md` 3.14."""

import asyncio

import msgspec
import pytest
import pytest_asyncio

from tests.radio.panel.world import V2, Station, customer
from tests.radio.world import NOBODY, NOT_FOUND, World

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def at(books: World) -> Station:
    return await customer(books, "wordfm")


class TestWords:
    async def test_settings_that_anybody_may_know(self, at: Station) -> None:
        place = f"settings/?server={at.server}"
        shown = (await at.public.get(f"{V2}/{place}")).json()
        assert (shown["title"], shown["likes_enabled"], "password" in shown, "geo_mode" in shown) == (
            "wordfm", True, False, False,
        )  # fmt: skip
        changed = await at.status("PUT", place, {"likes_enabled": False, "password": "not-here"})
        assert changed == (200, shown | {"likes_enabled": False})
        assert (await at.status("GET", f"servers/{at.server}/"))[1]["password"] != "not-here"
        assert await at.status("PUT", place, {"timezone": "Nowhere"}) == (400, {"timezone": ["invalid"]})
        assert await at.status("GET", "settings/?server=999999") == (404, NOT_FOUND)

    async def test_the_player_on_other_pages(self, at: Station) -> None:
        place = f"player_widget_settings/{at.server}/"
        status, shown = await at.status("PUT", place, {"settings": {"color": "#87c95f", "footer": "<b>x</b>"}})
        assert (status, shown["settings"]["color"], shown["settings"]["theme"]) == (200, "#87c95f", "")
        assert (await at.public.get(f"{V2}/{place}")).json() == shown
        assert await at.status("PUT", place, {"settings": {"script": "x"}}) == (400, {"settings": ["invalid"]})
        assert await at.status("GET", "player_widget_settings/999999/") == (404, NOT_FOUND)
        podcasts = (await at.public.get(f"{V2}/podcasts_settings/?server={at.server}")).json()
        assert (podcasts["title_tag"], podcasts["block_footer_html"]) == ("wordfm: podcasts", "<b>x</b>")

    async def test_whose_machine_it_is(self, at: Station) -> None:
        got = await at.public.get(f"{V2}/copyright_settings/")
        assert set(got.json()) == {"copyright", "company_name", "company_logo"}

    async def test_nobody_changes_anothers(self, at: Station) -> None:
        for path, sent in (
            (f"settings/?server={at.server}", {"title": "x"}),
            (f"player_widget_settings/{at.server}/", {"settings": {}}),
        ):
            assert await at.status("PUT", path, sent, by=at.other) == (404, NOT_FOUND)
            assert await at.status("PUT", path, sent, by=at.public) == (401, NOBODY)


class TestTheDocument:
    async def test_names_every_route(self, at: Station) -> None:
        got = await at.public.get("/radio/openapi.json")
        paths = got.json()["paths"]
        assert got.json()["openapi"].startswith("3.1")
        assert {f"{V2}/servers/", f"{V2}/royalties/", f"{V2}/podcasts/{{pk}}/feed.xml"} <= set(paths)
        page = await at.public.get(f"{V2}/")
        assert (page.status, "/radio/openapi.json" in page.text()) == (200, True)
        for name in ("reference.js", "reference.css"):
            assert (await at.public.get(f"{V2}/{name}")).status == 200


class TestNowPlayingAsItHappens:
    async def test_is_told_at_once(self, at: Station) -> None:
        url = f"{at.public.url}{V2}/nowplaying/wordfm/events/"
        async with at.public.session.get(url) as got:
            assert got.headers["content-type"].startswith("text/event-stream")
            head, data = [await asyncio.wait_for(got.content.readline(), 30) for _ in range(2)]
        assert head == b"event: nowplaying\n"
        told = msgspec.json.decode(data.removeprefix(b"data: "))
        assert told == (await at.public.get(f"{V2}/nowplaying/wordfm/")).json()
        assert (await at.public.get(f"{V2}/nowplaying/nobody/events/")).json() == NOT_FOUND

"""Public pages of stations, as their listeners see them. Source: `specs/radio.md` 3.15."""

import io

import aiohttp
import pytest
import pytest_asyncio

from tests.radio.panel.world import V2, Station, customer
from tests.radio.songs import song
from tests.radio.world import NOT_FOUND, World

pytestmark = pytest.mark.asyncio(loop_scope="package")
TITLE = "<img src=x onerror=alert(1)> & Co"


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def at(books: World) -> Station:
    station = await customer(books, "sitefm", website_enabled=True, podcasts_enabled=True)
    await station.owner.put(f"{V2}/servers/{station.server}/", {"title": TITLE, "minisite_display": True})
    return station


class TestTheSite:
    async def test_shows_a_station_and_runs_nothing_of_its_words(self, at: Station) -> None:
        got = await at.public.get("/radio/sitefm/")
        page = got.text()
        assert (got.status, got.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "<img" not in page
        assert "&lt;img src=x onerror=alert(1)&gt; &amp; Co" in page
        assert 'data-stream="/listen/sitefm/stream"' in page
        policy = got.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'self'" in policy
        german = await at.public.get("/radio/sitefm/", headers={"Accept-Language": "de-DE,de"})
        assert 'lang="de"' in german.text()
        assert "Wunschtitel" in german.text()
        for name, kind in (("site.js", "text/javascript"), ("site.css", "text/css")):
            asset = await at.public.get(f"/radio/public/{name}")
            assert (asset.status, asset.headers["content-type"].startswith(kind)) == (200, True)
            again = await at.public.get(f"/radio/public/{name}", headers={"If-None-Match": asset.headers["etag"]})
            assert again.status == 304

    async def test_is_there_only_where_it_is_wanted_and_paid_for(self, at: Station, books: World) -> None:
        await at.owner.put(f"{V2}/servers/{at.server}/", {"minisite_display": False})
        assert (await at.public.get("/radio/sitefm/")).json() == NOT_FOUND
        await at.owner.put(f"{V2}/servers/{at.server}/", {"minisite_display": True})
        await customer(books, "nositefm")
        assert (await at.public.get("/radio/nositefm/")).json() == NOT_FOUND
        assert (await at.public.get("/radio/nobody/")).json() == NOT_FOUND

    async def test_the_player_stands_on_other_peoples_pages(self, at: Station) -> None:
        sent = {"settings": {"color": '"><script>', "theme": "dark"}}
        await at.owner.put(f"{V2}/player_widget_settings/{at.server}/", sent)
        got = await at.public.get("/radio/sitefm/player")
        assert (got.status, "frame-ancestors *" in got.headers["content-security-policy"]) == (200, True)
        assert got.text().count("<script") == 1
        assert 'data-theme="dark"' in got.text()
        now = (await at.public.get(f"{V2}/nowplaying/sitefm/")).json()
        assert now["station"]["public_player_url"] == f"{at.public.url}/radio/sitefm/player"
        assert (await at.public.get("/radio/nobody/player")).json() == NOT_FOUND

    async def test_a_podcast_has_a_page(self, at: Station) -> None:
        made = (await at.owner.post(f"{V2}/podcasts/", {"server": at.server, "title": TITLE})).json()
        form = aiohttp.FormData({"title": "<b>One</b>"})
        form.add_field("file", io.BytesIO(song()), filename="a.mp3")
        episode = (await at.owner.ask("POST", f"{V2}/podcasts/{made['id']}/episodes/", data=form)).json()
        place = made["public_page_url"].removeprefix(at.public.url)
        page = (await at.public.get(place)).text()
        assert "&lt;b&gt;One&lt;/b&gt;" in page
        assert episode["file"].removeprefix(at.public.url) in page
        assert (await at.public.get("/radio/public/podcasts/999999/")).json() == NOT_FOUND

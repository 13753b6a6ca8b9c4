"""The guide in the whole server: from an address to what is on, over HTTP alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from polycast.live.guide.times import xmltv_time
from tests.fakes.http_upstream import ok, upstream
from tests.server import running


def guide_of_today() -> bytes:
    """News from an hour ago until in an hour, films after that."""
    now = int(datetime.now(UTC).replace(minute=0, second=0, microsecond=0).timestamp())
    hour = int(timedelta(hours=1).total_seconds())
    rows = [(-1, 2, "The News"), (2, 4, "A Film")]
    programmes = "".join(
        f'<programme start="{xmltv_time(now + a * hour)}" stop="{xmltv_time(now + b * hour)}" channel="news.example">'
        f"<title>{title}</title></programme>"
        for a, b, title in rows
    )
    return f'<tv><channel id="news.example"><display-name>News</display-name></channel>{programmes}</tv>'.encode()


class TestSomebodyAddsAGuide:
    async def test_and_sees_what_is_on(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server, upstream() as provider:
            provider.on("/guide.xml", ok(guide_of_today()))
            owner = await server.client()
            made = await owner.post("/api/epg/sources/", {"name": "TV", "url": provider.url("/guide.xml")})
            assert made.status == 201, made.text()
            channel = (await owner.post("/api/channels/channels/", {"name": "News HD", "channel_number": 1})).json()
            await server.idle()
            [source] = (await owner.get("/api/epg/sources/")).json()
            assert (source["status"], source["epg_data_count"], source["has_channels"]) == ("success", 1, False)
            await owner.post("/polycast/v1/live/match", {})
            await server.idle()
            taken = await owner.post("/polycast/v1/live/match/apply", {"certain": True})
            assert (taken.status, taken.json()["count"]) == (200, 1), taken.text()
            await server.idle()  # the mapping has its programmes read
            [now] = (await owner.post("/api/epg/current-programs/", {"channel_uuids": [channel["uuid"]]})).json()
            assert now["title"] == "The News"
            assert (await owner.get("/api/epg/sources/")).json()[0]["has_channels"] is True
            found = (await owner.get("/polycast/v1/live/guide/search?q=film")).json()["items"]
            assert [(hit["channel_name"], hit["title"]) for hit in found] == [("News HD", "A Film")]
            output = await server.get("/output/epg")
            assert "<title>The News</title>" in output.text()

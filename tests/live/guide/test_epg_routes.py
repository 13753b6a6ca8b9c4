"""`/api/epg/`, whole answers."""

from typing import Any

import pytest

from polycast.core.identity.scopes import Role
from polycast.live.guide.model import LoadGuide, programme_id
from polycast.live.lineup.model import Viewer
from tests.fakes.asgi import AsgiClient
from tests.live.guide.world import GuideWorld

NEWS = "11111111-1111-4111-8111-111111111111"
PLAIN = "22222222-2222-4222-8222-222222222222"
NOON = 1_795_262_400  # 2026-11-21 12:00 UTC, the clock of the world


@pytest.fixture
async def full(world: GuideWorld, sample: str) -> GuideWorld:
    """A guide, a channel mapped to it and one without."""
    source = await world.file_source(sample)
    await world.refresh(source)
    await world.map("news.example", name="News", uuid=NEWS, number=1000)
    await world.map("films.example", name="Films", uuid="films", number=2000)
    await world.channel("Plain", uuid=PLAIN, number=3000)
    await world.refresh(source)
    return world


async def got(client: AsgiClient, path: str, status: int = 200) -> Any:
    answer = await client.get(path)
    assert answer.status_code == status, answer.content
    return answer.json()


class TestSources:
    async def test_are_made_changed_and_removed(self, world: GuideWorld) -> None:
        admin = world.client()
        made = await admin.post("/api/epg/sources/", json={"name": "UK", "url": "http://h.example/g.php?token=secret"})
        assert made.status_code == 201
        assert made.json() == {
            "id": 1,
            "name": "UK",
            "source_type": "xmltv",
            "url": "http://h.example/g.php?token=***",
            "username": None,
            "is_active": True,
            "file_path": None,
            "refresh_interval": 0,
            "cron_expression": "",
            "priority": 0,
            "status": "idle",
            "last_message": "",
            "created_at": "2026-11-21T12:00:00Z",
            "updated_at": None,
            "custom_properties": {},
            "epg_data_count": 0,
            "has_channels": False,
        }
        changed = await admin.patch(
            "/api/epg/sources/1/", json={"is_active": False, "url": "http://h.example/g.php?token=***", "password": "x"}
        )
        assert (changed.json()["status"], changed.json()["url"]) == ("disabled", "http://h.example/g.php?token=***")
        opened = await world.db.read(world.guide.sources.open, 1)
        assert opened is not None
        assert opened.url == "http://h.example/g.php?token=secret"
        assert (await got(admin, "/api/epg/sources/"))[0]["is_active"] is False
        assert (await admin.delete("/api/epg/sources/1/")).status_code == 204
        assert await got(admin, "/api/epg/sources/1/", 404) == {"detail": "Not found."}

    async def test_are_refused_with_everything_that_is_wrong(self, world: GuideWorld) -> None:
        admin = world.client()
        sent = {"name": "A", "source_type": "tape", "url": "ftp://x", "refresh_interval": -1, "cron_expression": "x"}
        refused = await admin.post("/api/epg/sources/", json=sent)
        assert refused.status_code == 400
        assert refused.json() == {
            "source_type": ['"tape" is not a valid choice.'],
            "url": ["Enter a valid URL."],
            "refresh_interval": ["Ensure this value is greater than or equal to 0."],
            "cron_expression": ["Enter five cron fields, like 0 3 * * *."],
        }
        await admin.post("/api/epg/sources/", json={"name": "A"})
        twin = await admin.post("/api/epg/sources/", json={"name": "A"})
        assert twin.json() == {"name": ["epg source with this name already exists."]}

    async def test_are_read_by_members_and_written_by_administrators(self, world: GuideWorld) -> None:
        member = world.client(Role.MEMBER)
        assert await got(member, "/api/epg/sources/") == []
        refused = await member.post("/api/epg/sources/", json={"name": "A"})
        assert refused.status_code == 403
        assert (await world.client(None).get("/api/epg/sources/")).status_code == 401

    async def test_of_dummies_and_schedules_direct_are_not_imported(self, world: GuideWorld) -> None:
        admin = world.client()
        for name, kind in (("D", "dummy"), ("S", "schedules_direct")):
            await admin.post("/api/epg/sources/", json={"name": name, "source_type": kind})
        dummy = await admin.post("/api/epg/import/", json={"id": 1})
        assert (dummy.status_code, dummy.json()["error"]) == (400, "A dummy guide has nothing to import.")
        assert (await admin.post("/api/epg/import/", json={"id": 2})).status_code == 501
        assert (await admin.get("/api/epg/sources/2/sd-lineups/")).status_code == 501

    async def test_import_is_queued(self, world: GuideWorld, sample: str) -> None:
        source = await world.file_source(sample)
        done = await world.client().post("/api/epg/import/", json={"id": source})
        assert (done.status_code, done.json()) == (202, {"success": True, "message": "EPG data refresh initiated."})


class TestGuideChannels:
    async def test_are_a_bare_list_and_pages_when_asked(self, full: GuideWorld) -> None:
        admin = full.client()
        rows = await got(admin, "/api/epg/epgdata/")
        assert [row["tvg_id"] for row in rows] == ["films.example", "news.example", "sport.example"]
        assert rows[1] == {
            "id": rows[1]["id"],
            "tvg_id": "news.example",
            "name": "News & More",
            "icon_url": "http://logos.example.net/news.png",
            "epg_source": 1,
        }
        page = await got(admin, "/api/epg/epgdata/?page=1&page_size=2&search=e")
        assert (page["count"], len(page["results"])) == (3, 2)
        assert page["next"] == "http://testserver/api/epg/epgdata/?page_size=2&search=e&page=2"
        assert [row["name"] for row in await got(admin, "/api/epg/epgdata/?search=news more")] == ["News & More"]


class TestWhatIsOn:
    async def test_grid_holds_a_day_and_makes_up_what_is_missing(self, full: GuideWorld) -> None:
        data = (await got(full.client(), "/api/epg/grid/"))["data"]
        news = await full.guide_id("news.example")
        assert data[0] == {
            "id": programme_id(news, NOON - 3600),
            "start_time": "2026-11-21T11:00:00Z",
            "end_time": "2026-11-21T12:00:00Z",
            "title": "Morning & More",
            "sub_title": "Pilot",
            "description": "What happened.",
            "tvg_id": "news.example",
            "season": 1,
            "episode": 2,
            "is_new": True,
            "is_live": False,
            "is_premiere": False,
            "is_finale": False,
        }
        plain = [each for each in data if each["tvg_id"] == PLAIN]
        assert plain[0]["title"] == "Plain"
        assert str(plain[0]["id"]).startswith("dummy-standard-")
        assert [each["start_time"][11:16] for each in plain] == [
            "08:00",
            "12:00",
            "16:00",
            "20:00",
            "00:00",
            "04:00",
            "08:00",
        ]

    async def test_grid_takes_a_window(self, full: GuideWorld) -> None:
        path = "/api/epg/grid/?start=2026-11-21T19:30:00Z&end=2026-11-21T20:00:00%2B00:00&channel_ids=2"
        assert [each["title"] for each in (await got(full.client(), path))["data"]] == ["The Long Film"]
        bad = await got(full.client(), "/api/epg/grid/?start=soon", 400)
        assert bad == {"error": "Invalid datetime format for start"}

    async def test_now_on_channels(self, full: GuideWorld) -> None:
        admin = full.client()
        found = (await admin.post("/api/epg/current-programs/", json={"channel_uuids": [NEWS, "films"]})).json()
        assert [(each["channel_uuid"], each["title"], each["start_time"]) for each in found] == [
            (NEWS, "Noon News", "2026-11-21T12:00:00Z")
        ]
        everything = (await admin.post("/api/epg/current-programs/", json={"channel_uuids": None})).json()
        assert [each["title"] for each in everything] == ["Noon News", "Plain"]
        assert (await admin.post("/api/epg/current-programs/", json={"channel_uuids": []})).json() == []
        both = await admin.post("/api/epg/current-programs/", json={"channel_uuids": [], "epg_data_ids": [1]})
        assert both.status_code == 400

    async def test_now_on_guide_channels_reads_what_nobody_has_mapped(self, full: GuideWorld) -> None:
        admin = full.client()
        news, sport = await full.guide_id("news.example"), await full.guide_id("sport.example")
        asked = {"epg_data_ids": [news, sport]}
        first = (await admin.post("/api/epg/current-programs/", json=asked)).json()
        assert [each.get("title") for each in first] == ["Noon News", None]
        assert first[1] == {"epg_data_id": sport, "parsing": True}
        payload = LoadGuide(source_id=1, guide_channel_ids=[sport])
        assert full.kept.jobs[-1] == ("live.load_guide", payload)
        await full.guide.refreshes.load(payload, full.run)
        second = (await admin.post("/api/epg/current-programs/", json=asked)).json()
        assert second[1]["title"] == "Match of the Day"

    async def test_nobody_sees_channels_that_are_not_for_them(self, full: GuideWorld) -> None:
        await full.channel("Secret", uuid="secret", user_level=10)
        full.people.viewers[2] = Viewer(level=1)
        found = (await full.client(Role.MEMBER, 2).post("/api/epg/current-programs/", json={})).json()
        assert "Secret" not in [each["title"] for each in found]


class TestProgrammes:
    async def test_are_listed_in_pages(self, full: GuideWorld) -> None:
        page = await got(full.client(), "/api/epg/programs/?page_size=3&page=2")
        assert (page["count"], page["next"]) == (5, None)
        assert page["previous"] == "http://testserver/api/epg/programs/?page_size=3"
        assert [each["title"] for each in page["results"]] == ["Afternoon", "Café & Talk"]

    async def test_have_details(self, full: GuideWorld) -> None:
        found = programme_id(await full.guide_id("films.example"), NOON + 7 * 3600)
        detail = await got(full.client(), f"/api/epg/programs/{found}/")
        assert detail["credits"] == {
            "actors": [{"name": "Bob Sample", "role": "Tom", "guest": True}, {"name": "Eve Other"}],
            "directors": ["Ann Example"],
            "writers": [],
            "producers": [],
            "presenters": [],
        }
        assert detail["poster_url"] == f"http://testserver/api/epg/programs/{found}/poster/"
        assert (detail["production_date"], detail["runtime"], detail["categories"]) == ("1999", "120", ["Movie"])
        assert await got(full.client(), "/api/epg/programs/77/", 404) == {"detail": "Not found."}

    @pytest.mark.parametrize(
        ("query", "titles"),
        [
            ("title=noon news", ["Noon News"]),
            ("title=noon n OR film", ["Noon News", "The Long Film"]),
            ("title=(noon or film) and news", ["Noon News"]),
            ('title="long film"', ["The Long Film"]),
            ("title=caf%C3%89", ["Café & Talk"]),
            ("title=^Noon&title_regex=true", ["Noon News"]),
            ("title=new&title_whole_words=true", []),
            ("description=brothers", ["The Long Film"]),
            ("airing_at=2026-11-21T12:30:00Z", ["Noon News"]),
            ("channel=films", ["The Long Film"]),
            ("tvg_id=FILMS.example", ["The Long Film"]),
            ("epg_source=guide&start_after=2026-11-21T15:00:00Z", ["Café & Talk", "The Long Film"]),
            ("epg_source=other", []),
        ],
    )
    async def test_are_found(self, full: GuideWorld, query: str, titles: list[str]) -> None:
        found = await got(full.client(), f"/api/epg/programs/search/?{query.replace(' ', '%20')}")
        assert [each["title"] for each in found["results"]] == titles
        assert found["count"] == len(titles)

    async def test_found_ones_tell_where_they_run(self, full: GuideWorld) -> None:
        found = await got(full.client(), "/api/epg/programs/search/?title=noon%20news&fields=title,channels,epg_name")
        assert found["results"] == [
            {
                "title": "Noon News",
                "epg_name": "News & More",
                "channels": [
                    {"id": 1, "name": "News", "channel_number": 1.0, "channel_group": None, "tvg_id": None},
                ],
            }
        ]

    async def test_bad_searches_are_refused(self, full: GuideWorld) -> None:
        for query in ("start_after=soon", "title=(&title_regex=true&title=%5B"):
            answer = await full.client().get(f"/api/epg/programs/search/?{query}")
            assert answer.status_code == 400
            assert "error" in answer.json()

"""The guide page and the matching page, whole answers."""

from typing import Any

import pytest

from polycast.core.identity.scopes import Role
from polycast.live.guide.match.service import MatchGuides
from polycast.live.guide.model import programme_id
from polycast.live.lineup.model import Viewer
from tests.fakes.asgi import AsgiClient
from tests.live.guide.world import GuideWorld

NOON = 1_795_262_400  # 2026-11-21 12:00 UTC, the clock of the world
ROOT = "/polycast/v1/live"


@pytest.fixture
async def full(world: GuideWorld, sample: str) -> GuideWorld:
    """A guide, two channels mapped to it and one without."""
    source = await world.file_source(sample)
    await world.refresh(source)
    await world.map("news.example", name="News", uuid="n", number=1000)
    await world.map("films.example", name="Films", uuid="f", number=2500)
    await world.channel("Plain", uuid="p", number=3000)
    await world.refresh(source)
    return world


async def got(client: AsgiClient, path: str, status: int = 200) -> Any:
    answer = await client.get(f"{ROOT}{path}")
    assert answer.status_code == status, answer.content
    return answer.json()


class TestTheGuidePage:
    async def test_shows_rows_and_hours(self, full: GuideWorld) -> None:
        found = await got(full.page(), f"/guide?start={NOON + 60}&end={NOON + 3600}&offset=0&limit=2")
        news = await full.guide_id("news.example")
        assert found == {
            "total": 3,
            "rows": [
                {
                    "channel_id": 1,
                    "uuid": "n",
                    "number": "1",
                    "name": "News",
                    "logo_url": None,
                    "programmes": [
                        {
                            "id": str(programme_id(news, NOON)),
                            "title": "Noon News",
                            "sub_title": "",
                            "start": NOON,
                            "end": NOON + 3600,
                            "category": "",
                            "season": 3,
                            "episode": 5,
                            "is_new": False,
                            "is_live": False,
                            "can_replay": False,
                            "recording": "",
                            "reminder": False,
                        }
                    ],
                },
                {"channel_id": 2, "uuid": "f", "number": "2.5", "name": "Films", "logo_url": None, "programmes": []},
            ],
        }

    async def test_makes_up_what_has_no_guide(self, full: GuideWorld) -> None:
        found = await got(full.page(), f"/guide?start={NOON}&end={NOON + 60}&search=plain")
        [row] = found["rows"]
        [made_up] = row["programmes"]
        detail = await got(full.page(), f"/guide/programmes/{made_up['id']}")
        assert (detail["title"], detail["channel_uuid"], detail["poster_url"]) == ("Plain", "p", None)

    async def test_refuses_a_span_that_is_none(self, full: GuideWorld) -> None:
        refused = await got(full.page(), f"/guide?start={NOON}&end={NOON}", 400)
        assert refused["problems"][0]["path"] == "end"
        assert (await full.page(None).get(f"{ROOT}/guide?start=1&end=2")).status_code == 401

    async def test_finds_programmes_and_their_rows(self, full: GuideWorld) -> None:
        found = await got(full.page(), "/guide/search?q=film+long")
        [hit] = found["items"]
        assert (hit["row"], hit["channel_name"], hit["title"]) == (1, "Films", "The Long Film")
        assert (await got(full.page(), "/guide/search?q=morning"))["items"] == []  # it is over
        assert (await got(full.page(), "/guide/search?q="))["items"] == []

    async def test_shows_one_programme(self, full: GuideWorld) -> None:
        found = programme_id(await full.guide_id("films.example"), NOON + 7 * 3600)
        assert await got(full.page(), f"/guide/programmes/{found}") == {
            "id": str(found),
            "channel_id": 2,
            "channel_uuid": "f",
            "channel_name": "Films",
            "title": "The Long Film",
            "sub_title": "",
            "description": "Two brothers race along the coast.",
            "start": NOON + 7 * 3600,
            "end": NOON + 9 * 3600,
            "categories": ["Movie"],
            "people": ["Ann Example", "Bob Sample", "Eve Other"],
            "rating": "",
            "year": "1999",
            "season": None,
            "episode": None,
            "poster_url": f"/api/epg/programs/{found}/poster/",
            "can_replay": False,
            "recording": "",
            "recording_id": None,
            "reminder": False,
        }
        for missing in ("77", "dummy-standard-9-1", "x"):
            assert (await got(full.page(), f"/guide/programmes/{missing}", 404))["code"] == "not_found"
        assert (await full.page().post(f"{ROOT}/guide/programmes/{found}/recording")).status_code == 501

    async def test_hides_what_is_not_for_the_viewer(self, full: GuideWorld) -> None:
        full.people.viewers[2] = Viewer(level=0)
        await full.channel("Secret", uuid="s", user_level=1)
        found = await got(full.page(Role.GUEST, 2), f"/guide?start={NOON}&end={NOON + 60}")
        assert [row["name"] for row in found["rows"]] == ["News", "Films", "Plain"]


class TestTheMatchingPage:
    async def test_runs_shows_and_takes(self, full: GuideWorld) -> None:
        await full.channel("Sport One HD", uuid="so", number=4000)
        page = full.page()
        begun = await page.post(f"{ROOT}/match", json={})
        assert (begun.status_code, begun.json()["name"], begun.json()["by"]) == (202, "live.match_guides", "1")
        await full.guide.matching.run(MatchGuides(), full.run)
        found = await got(page, "/match")
        sport = await full.guide_id("sport.example")
        assert found["certain"] == 1
        assert found["items"][0] == {
            "channel_id": 4,
            "number": "4",
            "name": "Sport One HD",
            "current": None,
            "best": {
                "guide_id": sport,
                "name": "Sport One",
                "tvg_id": "sport.example",
                "source": "Guide",
                "icon_url": None,
                "score": 1.0,
                "reasons": ["same name"],
            },
            "others": [],
        }
        taken = await page.post(f"{ROOT}/match/apply", json={"certain": True})
        assert taken.json()["first"] == [
            {
                "id": 4,
                "name": "Sport One HD",
                "field": "guide_id",
                "before": "",
                "after": "Sport One",
                "refused": None,
            }
        ]
        assert (await got(page, "/match"))["certain"] == 0

    async def test_wants_choices_or_all_that_is_certain(self, full: GuideWorld) -> None:
        assert (await full.page().post(f"{ROOT}/match/apply", json={})).status_code == 400
        assert (await full.page(Role.MEMBER, 2).post(f"{ROOT}/match", json={})).status_code == 403
        assert (await got(full.page(), "/match?cursor=7", 400))["problems"][0]["code"] == "bad_cursor"

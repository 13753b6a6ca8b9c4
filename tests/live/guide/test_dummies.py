"""Programmes that are made up."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from polycast.core.identity.caller import SYSTEM
from polycast.live.guide.dummies import standard
from polycast.live.guide.dummy_custom import CustomDummy
from polycast.live.guide.model import Airing, SourceForm
from tests.live.guide.world import GuideWorld

EVENT = {
    "title_pattern": r"(?<league>\w+): (?<home>[\w ]+) vs (?<away>[\w ]+?) @",
    "time_pattern": r"@ .*?(?<hour>\d{1,2}):(?<minute>\d\d)\s*(?<ampm>[AP]M)",
    "date_pattern": r"@ (?<month>\w{3}) (?<day>\d{1,2})",
    "timezone": "America/New_York",
    "title_template": "{home} v {away}",
    "subtitle_template": "{league} at {starttime}",
    "description_template": "{starttime24} to {endtime24}",
    "upcoming_title_template": "Soon: {home}",
    "ended_title_template": "Over: {home_normalize}",
    "category": "Sports, Live",
    "program_poster_url": "http://posters.example.net/{home}.png",
    "include_live": True,
}


def at(day: int, hour: int, minute: int = 0) -> int:
    return int(datetime(2026, 11, day, hour, minute, tzinfo=UTC).timestamp())


def shown(airings: list[Airing]) -> list[tuple[str, int, int]]:
    return [(airing.title, airing.start, airing.end) for airing in airings]


class TestAChannelWithoutAGuide:
    def test_has_blocks_of_four_hours_with_its_name(self) -> None:
        found = standard(7, "News", at(21, 13), at(21, 21))
        assert [(p.id, p.airing.title, p.airing.start) for p in found] == [
            (f"dummy-standard-7-{at(21, 12) // 3600}", "News", at(21, 12)),
            (f"dummy-standard-7-{at(21, 16) // 3600}", "News", at(21, 16)),
            (f"dummy-standard-7-{at(21, 20) // 3600}", "News", at(21, 20)),
        ]
        assert len({p.airing.description for p in found}) == 3


class TestAnEventInAName:
    NAME = "NBA: New York vs Boston @ Nov 21 7:30 PM"

    def test_runs_at_its_time_with_fillers_around_it(self) -> None:
        found = CustomDummy.of(EVENT).airings(self.NAME, [], at(21, 22), at(22, 6))
        assert shown(found) == [
            ("Soon: New York", at(21, 22), at(22, 0, 30)),
            ("New York v Boston", at(22, 0, 30), at(22, 3, 30)),
            ("Over: newyork", at(22, 3, 30), at(22, 6)),
        ]
        event = found[1]
        assert (event.sub_title, event.description) == ("NBA at 7:30 PM", "19:30 to 22:30")
        assert event.extras == {
            "categories": ["Sports", "Live"],
            "icon": "http://posters.example.net/New%20York.png",
            "date": "20261121",
            "live": True,
        }

    def test_before_and_after_its_day_there_are_fillers_only(self) -> None:
        early = CustomDummy.of(EVENT).airings(self.NAME, [], at(20, 0), at(20, 6))
        late = CustomDummy.of(EVENT).airings(self.NAME, [], at(23, 0), at(23, 6))
        assert {a.title for a in early} == {"Soon: New York"}
        assert {a.title for a in late} == {"Over: newyork"}

    def test_without_a_date_it_runs_each_day(self) -> None:
        daily = {**EVENT, "date_pattern": ""}
        found = CustomDummy.of(daily).airings(self.NAME, [], at(21, 0), at(23, 0))
        assert [a.start for a in found if a.title == "New York v Boston"] == [at(21, 0, 30), at(22, 0, 30)]
        assert all(a.end == b.start for a, b in pairwise(found))

    def test_without_a_time_it_fills_the_day(self) -> None:
        untimed = {**EVENT, "time_pattern": "", "date_pattern": ""}
        found = CustomDummy.of(untimed).airings(self.NAME, [], at(21, 0), at(21, 6))
        assert shown(found) == [
            ("New York v Boston", at(21, 0), at(21, 3)),
            ("New York v Boston", at(21, 3), at(21, 6)),
        ]

    def test_the_clock_change_moves_nothing(self) -> None:
        name = "NBA: New York vs Boston @ Nov 1 7:30 PM"  # that day ends an hour later
        found = CustomDummy.of(EVENT).airings(name, [], at(1, 20), at(2, 6))
        assert [a.start for a in found if a.title == "New York v Boston"] == [at(2, 0, 30)]

    def test_may_stand_in_the_name_of_a_stream(self) -> None:
        by_stream = {**EVENT, "name_source": "stream", "stream_index": 2}
        found = CustomDummy.of(by_stream).airings("Event 1", ["", self.NAME], at(22, 1), at(22, 2))
        assert [a.title for a in found] == ["New York v Boston"]

    @pytest.mark.parametrize("pattern", ["(", r"(?<home>(a+)+)$"])
    def test_a_bad_pattern_is_no_pattern(self, pattern: str) -> None:
        found = CustomDummy.of({**EVENT, "title_pattern": pattern}).airings("a" * 60 + "!", [], at(21, 0), at(21, 3))
        assert [a.title for a in found] == ["a" * 60 + "!"]

    def test_a_name_that_says_nothing_gets_the_fallback(self) -> None:
        dummy = CustomDummy.of({**EVENT, "fallback_title_template": "No event", "fallback_description_template": "-"})
        assert [a.title for a in dummy.airings("Event 1", [], at(21, 0), at(21, 3))] == ["No event"]


class TestADummySource:
    async def test_gives_the_channels_mapped_to_it_their_programmes(self, each_world: GuideWorld) -> None:
        form = SourceForm(name="Events", source_type="dummy", custom_properties=EVENT)
        source = await each_world.guide.sources.create(SYSTEM, form)
        await each_world.map(f"dummy-{source.id}", name="NBA: New York vs Boston @ Nov 21 7:30 PM", uuid="u")
        grid = await each_world.client().get("/api/epg/grid/")
        rows = grid.json()["data"]
        assert [row["title"] for row in rows if row["is_live"]] == ["New York v Boston"]
        assert {row["tvg_id"] for row in rows} == {"u"}
        assert str(rows[0]["id"]).startswith("dummy-custom-1-")

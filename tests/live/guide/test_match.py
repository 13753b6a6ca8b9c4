"""Which guide a channel gets, and why."""

import pytest

from polycast.core.identity.caller import SYSTEM
from polycast.live.guide.match.finder import BULK, Asked, Finder, is_certain
from polycast.live.guide.match.names import Normalizer
from polycast.live.guide.match.service import Matched, MatchGuides, SingleMatched
from polycast.live.lineup.edits import GuideChoice
from polycast.live.preferences.groups import EpgSettings
from tests.live.guide.world import GuideWorld

GUIDES = [
    ("bbc1.uk", "BBC One"),
    ("bbc2.uk", "BBC Two"),
    ("bbcnews.uk", "BBC News"),
    ("skysp1.uk", "Sky Sports 1"),
    ("skysp2.uk", "Sky Sports 2"),
    ("itv1.uk", "ITV1"),
    ("itv1plus1.uk", "ITV1 +1"),
    ("film4.uk", "Film4"),
    ("discovery.uk", "Discovery Channel"),
    ("discovery.de", "Discovery Channel"),
    ("wabc.us", "ABC New York (WABC)"),
    ("rtl.de", "RTL Television"),
    ("canalplus.fr", "Canal+ Cinéma"),
    ("natgeo.us", "National Geographic"),
    ("11331", "Weather Live"),
]
NAMED = [  # name of a channel, tvg id, station id, the guide that is right; None for none
    ("UK: BBC One FHD", "", "", "bbc1.uk"),
    ("BBC 1 HD", "", "", "bbc1.uk"),
    ("BBC TWO [UK]", "", "", "bbc2.uk"),
    ("BBC Three", "", "", None),
    ("Sky Sports 2 HD", "", "", "skysp2.uk"),
    ("Sky Sports 3", "", "", None),
    ("ITV1", "", "", "itv1.uk"),
    ("ITV1 +1", "", "", "itv1plus1.uk"),
    ("UK | Discovery HD", "", "", "discovery.uk"),
    ("DE: Discovery Channel", "", "", "discovery.de"),
    ("FR: Discovery Channel", "", "", None),
    ("ABC (WABC)", "", "", None),  # proposed, and for somebody to look at
    ("RTL HEVC", "", "", "rtl.de"),
    ("CANAL+ CINEMA", "", "", "canalplus.fr"),
    ("National Geografic", "", "", "natgeo.us"),
    ("Anything", "BBC1.UK", "", "bbc1.uk"),
    ("Whatever", "", "11331", "11331"),
    ("Kitchen Stories", "", "", None),
]


@pytest.fixture(scope="module")
def finder() -> Finder:
    rows = [(place, tvg_id, name, "Guide", 0, "") for place, (tvg_id, name) in enumerate(GUIDES)]
    return Finder(rows, Normalizer(EpgSettings()), "")


class TestAChannelLooksForItsGuide:
    @pytest.mark.parametrize(("name", "tvg_id", "station_id", "right"), NAMED)
    def test_and_is_only_sure_of_the_right_one(
        self, finder: Finder, name: str, tvg_id: str, station_id: str, right: str | None
    ) -> None:
        found = finder.find(Asked(id=1, name=name, tvg_id=tvg_id, station_id=station_id))
        sure = found[0].tvg_id if is_certain(found, BULK) else None
        assert sure == right, found

    def test_and_is_told_why(self, finder: Finder) -> None:
        [first, *_] = finder.find(Asked(id=1, name="UK: BBC One FHD", tvg_id="", station_id=""))
        assert (first.score, first.reasons) == (100.0, ("same name", "same country UK"))
        assert finder.find(Asked(id=1, name="x", tvg_id="BBC1.UK", station_id=""))[0].reasons == ("same tvg id",)

    def test_and_prefers_the_source_of_higher_priority(self) -> None:
        rows = [(1, "a", "News", "Low", 1, ""), (2, "a", "News", "High", 5, "")]
        made = Finder(rows, Normalizer(EpgSettings()), "")
        for asked in (("News", ""), ("Other", "a")):
            assert made.find(Asked(id=1, name=asked[0], tvg_id=asked[1], station_id=""))[0].source == "High"

    def test_and_the_server_may_ignore_parts_of_names(self) -> None:
        settings = EpgSettings(
            epg_match_mode="advanced",
            epg_match_ignore_prefixes=["PRIME "],
            epg_match_ignore_suffixes=[" (backup)"],
            epg_match_ignore_custom=["#"],
        )
        assert Normalizer(settings)("Prime # BBC One (Backup)").text == "bbc 1"


class TestARun:
    @pytest.fixture
    async def ready(self, each_world: GuideWorld) -> GuideWorld:
        channels = "".join(f'<channel id="{i}"><display-name>{n}</display-name></channel>' for i, n in GUIDES)
        source = await each_world.file_source(f"<tv>{channels}</tv>")
        await each_world.refresh(source)
        for name in ("UK: BBC One", "Kitchen", "BBC Three"):
            await each_world.channel(name)
        return each_world

    async def test_proposes_and_changes_nothing(self, ready: GuideWorld) -> None:
        matching = ready.guide.matching
        await matching.ask(SYSTEM, None)
        assert ready.kept.jobs[-1] == ("live.match_guides", MatchGuides())
        await matching.run(MatchGuides(), ready.run)
        page = await matching.proposals(SYSTEM, cursor="", limit=1, below=None)
        assert (page.total, page.certain) == (2, 1)
        assert [(each.name, each.current_id, each.candidates[0].tvg_id) for each in page.items] == [
            ("UK: BBC One", None, "bbc1.uk")
        ]
        assert page.next is not None
        rest = await matching.proposals(SYSTEM, cursor=page.next, limit=5, below=None)
        assert [each.name for each in rest.items] == ["BBC Three"]
        below = await matching.proposals(SYSTEM, cursor="", limit=5, below=0.9)
        assert [each.name for each in below.items] == ["BBC Three"]

    async def test_is_taken_and_the_proposals_are_closed(self, ready: GuideWorld) -> None:
        matching = ready.guide.matching
        await matching.run(MatchGuides(), ready.run)
        taken = await matching.take(SYSTEM, None)
        assert [(each.name, each.before, each.after) for each in taken.first] == [("UK: BBC One", "", "BBC One")]
        left = await matching.proposals(SYSTEM, cursor="", limit=5, below=None)
        assert [each.name for each in left.items] == ["BBC Three"]
        await matching.take(SYSTEM, [GuideChoice(channel_id=left.items[0].channel_id, guide_channel_id=None)])
        assert (await matching.proposals(SYSTEM, cursor="", limit=5, below=None)).items == []

    async def test_can_be_taken_back(self, ready: GuideWorld) -> None:
        await ready.guide.matching.run(MatchGuides(), ready.run)
        taken = await ready.guide.matching.take(SYSTEM, None)
        assert taken.undo is not None
        assert ready.lineup is not None
        assert (await ready.lineup.undos.undo(SYSTEM, taken.undo)).count == 1
        assert (await ready.lineup.channels.get(SYSTEM, 1)).effective.guide_channel_id is None

    async def test_may_take_at_once_what_is_certain(self, ready: GuideWorld) -> None:
        await ready.guide.matching.run(MatchGuides(takes=True), ready.run)
        [event] = ready.events(Matched)
        assert (event.looked_at, event.taken) == (3, 1)
        assert event.associations == [(1, await ready.guide_id("bbc1.uk"))]

    async def test_for_one_channel_tells_what_became_of_it(self, ready: GuideWorld) -> None:
        await ready.guide.matching.run(MatchGuides(channel_ids=[2], takes=True), ready.run)
        [event] = ready.events(SingleMatched)
        assert (event.channel_id, event.is_matched) == (2, False)

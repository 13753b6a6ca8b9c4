"""What a refresh of a guide brings, keeps and survives."""

import gzip
import lzma
from datetime import UTC, datetime

import pytest

from polycast.core.errors import PolycastError
from polycast.live.guide.model import GuideFailed, GuideRefreshed, LoadGuide, RefreshGuide
from tests.fakes.http_upstream import HTML, ok, upstream
from tests.live.guide.world import GuideWorld


def at(hour: int, minute: int = 0) -> int:
    return int(datetime(2026, 11, 21, hour, minute, tzinfo=UTC).timestamp())


class TestAGuideFile:
    async def test_brings_its_channels_and_no_programmes_nobody_wants(
        self, each_world: GuideWorld, sample: str
    ) -> None:
        source = await each_world.file_source(sample)
        done = await each_world.refresh(source)
        assert (done.status, done.channel_count, done.programme_count) == ("success", 3, 0)
        assert await each_world.names() == ["Films HD", "News & More", "Sport One"]

    async def test_brings_the_programmes_of_mapped_channels(self, each_world: GuideWorld, sample: str) -> None:
        source = await each_world.file_source(sample)
        await each_world.refresh(source)
        await each_world.map("news.example")
        done = await each_world.refresh(source, force=True)
        assert done.programme_count == 4
        found = await each_world.airings("news.example")
        assert [(a.start, a.end, a.title) for a in found] == [
            (at(11), at(12), "Morning & More"),
            (at(12), at(13), "Noon News"),
            (at(13), at(15), "Afternoon"),
            (at(15), at(16), "Café & Talk"),
        ]
        assert found[0].extras == {
            "categories": ["News", "Talk"],
            "onscreen_episode": "S01E02",
            "season": 1,
            "episode": 2,
            "new": True,
        }
        assert found[1].extras == {
            "season": 3,
            "episode": 5,
            "previously_shown": True,
            "previously_shown_details": {"start": "20250101"},
            "rating": "TV-PG",
            "rating_system": "VCHIP",
        }
        assert await each_world.titles("films.example") == []

    async def test_refreshed_again_writes_nothing(self, world: GuideWorld, sample: str) -> None:
        source = await world.file_source(sample)
        await world.refresh(source)
        await world.map("news.example")
        await world.refresh(source)
        assert (await world.refresh(source)).last_message == "The guide has not changed."
        assert (await world.refresh(source, force=True)).programme_count == 4
        assert [event.changed for event in world.events(GuideRefreshed)] == [0, 1, 0, 0]

    async def test_tells_only_the_channels_that_differ(self, world: GuideWorld, sample: str) -> None:
        source = await world.file_source(sample)
        await world.refresh(source)
        await world.map("news.example")
        await world.map("films.example")
        await world.refresh(source)
        world.write(sample.replace("The Long Film", "Another Film"))
        await world.refresh(source)
        event = world.events(GuideRefreshed)[-1]
        assert event.guide_channel_ids == [await world.guide_id("films.example")]
        assert await world.titles("films.example") == ["Another Film"]

    async def test_lets_go_of_channels_it_no_longer_has(self, world: GuideWorld, sample: str) -> None:
        source = await world.file_source(sample)
        await world.refresh(source)
        await world.map("news.example")
        world.write('<tv><channel id="new"><display-name>New</display-name></channel></tv>')
        await world.refresh(source)
        assert await world.names() == ["New", "News & More"]  # a mapped one stays, so that the mapping does
        assert await world.titles("news.example") == []

    @pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
    async def test_may_be_compressed(self, world: GuideWorld, sample: str, pack: object) -> None:
        assert callable(pack)
        source = await world.file_source(pack(sample.encode()))
        assert (await world.refresh(source)).channel_count == 3

    async def test_without_a_list_of_channels_names_them_by_its_programmes(self, world: GuideWorld) -> None:
        await world.refresh(
            await world.file_source(
                '<tv><programme start="20261121120000" channel="a"><title>T</title></programme></tv>'
            )
        )
        assert await world.names() == ["a"]


class TestAChannelIsMapped:
    async def test_its_programmes_are_read_from_the_guide_that_is_there(self, world: GuideWorld, sample: str) -> None:
        source = await world.file_source(sample)
        await world.refresh(source)
        await world.map("sport.example")
        await world.db.write(world.guide.refreshes.mapped, [await world.guide_id("sport.example")])
        assert ("live.load_guide", LoadGuide(source_id=source)) in world.kept.jobs
        await world.load(source)
        assert await world.titles("sport.example") == ["Match of the Day"]
        assert (await world.look(source)).programme_count == 1

    async def test_and_unmapped_its_programmes_go_with_the_next_refresh(self, world: GuideWorld, sample: str) -> None:
        source = await world.file_source(sample)
        await world.refresh(source)
        channel = await world.map("sport.example")
        await world.refresh(source)
        await world.unmap(channel)
        assert (await world.refresh(source, force=True)).programme_count == 0


class TestABrokenGuide:
    async def test_that_breaks_off_is_taken_as_far_as_it_goes(self, world: GuideWorld, sample: str) -> None:
        source = await world.file_source(sample)
        await world.refresh(source)
        for tvg_id in ("news.example", "films.example"):
            await world.map(tvg_id)
        await world.refresh(source)
        world.write(sample[: sample.index("Noon News")].replace("Morning", "Early"))
        done = await world.refresh(source)
        assert done.status == "success"
        assert "The document ends too early." in done.last_message
        assert await world.titles("news.example") == ["Early & More"]
        assert await world.titles("films.example") == ["The Long Film"]  # what was not reached stays

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "The guide is empty."),
            (HTML, "The address gives a web page instead of a guide."),
            ("#EXTM3U\n#EXTINF:-1,A\nhttp://a/\n", "This is a playlist, not a guide; add it as a playlist."),
            ('{"error": "no"}', "The provider answers with JSON instead of a guide; check the login."),
            ("<rss><channel/></rss>", "This is XML, but no guide: it begins with <rss>."),
            ("<tv></tv>", "The guide holds no channels."),
            (
                '<!DOCTYPE tv [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><tv>&b;</tv>',
                "The document declares things of its own.",
            ),
            (
                gzip.compress(b"<tv>" + b"<channel/>" * 6_000_000),
                "The content grows beyond what is allowed when it is decompressed.",
            ),
        ],
    )
    async def test_changes_nothing_and_says_why(
        self, world: GuideWorld, sample: str, text: str | bytes, message: str
    ) -> None:
        source = await world.file_source(sample)
        await world.refresh(source)
        await world.map("news.example")
        await world.refresh(source)
        world.write(text)
        with pytest.raises(PolycastError):
            await world.guide.refreshes.refresh(RefreshGuide(source_id=source), world.run)
        failed = await world.look(source)
        assert (failed.status, failed.last_message) == ("error", message)
        assert world.events(GuideFailed)[-1].message == message
        assert len(await world.titles("news.example")) == 4


class TestAGuideByUrl:
    async def test_is_fetched_and_asked_for_again_by_its_etag(self, world: GuideWorld, sample: str) -> None:
        async with upstream() as server:
            server.on("/guide.xml", ok(sample.encode(), etag='"one"'))
            source = await world.source(url=server.url("/guide.xml"))
            assert world.kept.jobs == [("live.refresh_guide", RefreshGuide(source_id=source))]
            assert (await world.refresh(source)).channel_count == 3
            await world.refresh(source)
            assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, '"one"']

    async def test_that_gives_a_page_keeps_the_guide(self, world: GuideWorld, sample: str) -> None:
        async with upstream() as server:
            server.on("/guide.xml", ok(sample.encode()))
            source = await world.source(url=server.url("/guide.xml"))
            await world.refresh(source)
            server.on("/guide.xml", ok(HTML))
            with pytest.raises(PolycastError):
                await world.refresh(source)
            assert (await world.look(source)).last_message == "The address gives a web page instead of a guide."
            await world.map("news.example")
            await world.load(source)  # the last good download is still there
            assert len(await world.titles("news.example")) == 4

"""What a guide promises while it is refreshed, and on real input."""

import asyncio
import lzma
import zipfile
from pathlib import Path

import pytest

from polycast.core.errors import Conflict
from polycast.core.identity.caller import SYSTEM
from polycast.core.jobs.model import Cancelled, Tick
from polycast.live.guide.model import RefreshGuide, SourceForm, programme_id, programme_of
from polycast.live.guide.reading import GuideReader
from polycast.live.guide.times import TimeReader, xmltv_time
from tests.fakes.http_upstream import gzipped, ok, status, upstream
from tests.live.guide.world import IPTV, GuideWorld

PNG = bytes.fromhex("89504e470d0a1a0a") + b"\0" * 32


def guide(channels: int, programmes: int, title: str) -> str:
    """A guide whose channels take turns, as guides sorted by time have it."""
    head = "".join(f'<channel id="c{i}"><display-name>C {i}</display-name></channel>' for i in range(channels))
    body = "".join(
        f'<programme start="20261121{hour:02}0000" stop="20261121{hour + 1:02}0000" channel="c{i}">'
        f"<title>{title} {hour}</title></programme>"
        for hour in range(programmes)
        for i in range(channels)
    )
    return f"<tv>{head}{body}</tv>"


class TestWhileAGuideIsRefreshed:
    async def test_nobody_ever_reads_an_empty_one(self, each_world: GuideWorld) -> None:
        world = each_world
        source = await world.file_source(guide(20, 20, "Old"))
        await world.refresh(source)
        for i in range(20):
            await world.map(f"c{i}")
        await world.refresh(source)
        world.write(guide(20, 20, "New"))
        refreshing = asyncio.create_task(world.refresh(source))
        seen: set[tuple[int, frozenset[str]]] = set()
        ids = [await world.guide_id(f"c{i}") for i in range(20)]
        while not refreshing.done():
            for airings in (await world.db.read(world.guide.programmes.window, ids, 0, None)).values():
                seen.add((len(airings), frozenset(a.title.split()[0] for a in airings)))
        await refreshing
        assert seen <= {(20, frozenset({"Old"})), (20, frozenset({"New"}))}
        assert (await world.titles("c7"))[0] == "New 0"

    async def test_a_stop_leaves_it_as_it_was(self, world: GuideWorld) -> None:
        source = await world.file_source(guide(2, 3, "Old"))
        await world.refresh(source)
        await world.map("c0")
        await world.refresh(source)
        world.write(guide(2, 3, "New"))
        world.run.is_cancelled = True
        with pytest.raises(Cancelled):
            await world.refresh(source)
        assert (await world.look(source)).last_message == "The refresh was stopped."
        assert await world.titles("c0") == ["Old 0", "Old 1", "Old 2"]

    async def test_programmes_beyond_the_memory_allowed_go_to_a_file(self, tmp_path: Path) -> None:
        with GuideReader({"c0", "c1"}, folder=tmp_path, check=lambda _: None, memory_bytes=200) as reader:
            reader.read([guide(2, 20, "T").encode()])
            runs = {run.tvg_id: [a.title for a in run.airings()] for run in reader.runs()}
        assert runs == {"c0": [f"T {i}" for i in range(20)], "c1": [f"T {i}" for i in range(20)]}


class TestSchedules:
    async def test_due_sources_are_queued_once(self, world: GuideWorld, sample: str) -> None:
        source = await world.file_source(sample, refresh_hours=6)
        await world.refresh(source)
        world.kept.jobs.clear()
        await world.guide.refreshes.refresh_due(Tick(), world.run)
        assert world.kept.jobs == []
        world.clock.move((await world.look(source)).next_refresh_at - world.clock.now())  # type: ignore[operator]
        await world.guide.refreshes.refresh_due(Tick(), world.run)
        await world.guide.refreshes.refresh_due(Tick(), world.run)
        assert world.kept.jobs == [("live.refresh_guide", RefreshGuide(source_id=source))]

    async def test_a_source_that_is_off_is_left_alone(self, world: GuideWorld, sample: str) -> None:
        source = await world.file_source(sample, refresh_hours=6, is_active=False)
        assert world.kept.jobs == []
        assert (await world.refresh(source)).status == "disabled"
        with pytest.raises(Conflict):
            await world.guide.sources.refresh(SYSTEM, source)
        await world.guide.sources.change(SYSTEM, source, SourceForm(is_active=True))
        assert (await world.look(source)).next_refresh_at is not None


class TestADeletedSource:
    async def test_takes_its_programmes_and_its_file_along(self, each_world: GuideWorld, sample: str) -> None:
        world = each_world
        source = await world.file_source(sample)
        await world.refresh(source)
        channel = await world.map("news.example", uuid="n")
        await world.refresh(source)
        kept = world.guide.files.kept(source)
        kept.write_bytes(b"x")
        assert (await world.client().delete(f"/api/epg/sources/{source}/")).status_code == 204
        await world.db.write(world.guide.refreshes.forgotten, source)
        assert not kept.exists()
        assert await world.names() == []
        [shown] = (await world.client().get("/api/epg/grid/")).json()["data"][:1]
        assert (channel, shown["title"]) == (1, "news.example")  # the channel is there, without a guide


class TestAGuideByUrlIn:
    async def test_a_broken_gzip_says_so(self, world: GuideWorld, sample: str) -> None:
        async with upstream() as server:
            server.on("/guide.xml", ok(gzip_cut(sample)))
            source = await world.source(url=server.url("/guide.xml"))
            with pytest.raises(Exception, match="damaged"):
                await world.refresh(source)
            assert (await world.look(source)).status == "error"

    async def test_content_encoding_is_undone(self, world: GuideWorld, sample: str) -> None:
        async with upstream() as server:
            server.on("/guide.xml", gzipped(sample.encode()))
            assert (await world.refresh(await world.source(url=server.url("/guide.xml")))).channel_count == 3

    async def test_a_failing_server_is_named(self, world: GuideWorld) -> None:
        async with upstream() as server:
            server.on("/guide.xml", status(404))
            source = await world.source(url=server.url("/guide.xml"))
            with pytest.raises(Exception, match="404"):
                await world.refresh(source)
            assert "404" in (await world.look(source)).last_message


class TestAnUploadedGuide:
    async def test_is_read(self, world: GuideWorld, sample: str, tmp_path: Path) -> None:
        packed = tmp_path / "g.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("guide.xml", sample)
        answer = await world.client().upload(
            "/api/epg/sources/upload/",
            file=("../g.zip", packed.read_bytes(), "application/zip"),
            fields={"name": "Mine"},
        )
        assert (answer.status_code, answer.json()["name"]) == (201, "Mine")
        assert answer.json()["file_path"].startswith("uploads/epgs/")
        assert (await world.refresh(answer.json()["id"])).channel_count == 3


class TestAPoster:
    async def test_is_fetched_by_us_for_anybody(self, world: GuideWorld, sample: str) -> None:
        async with upstream() as server:
            server.on("/film.jpg", ok(PNG))
            text = sample.replace("http://pictures.example.net/film.jpg", server.url("/film.jpg"))
            source = await world.file_source(text)
            await world.refresh(source)
            await world.map("films.example")
            await world.refresh(source)
            [film] = await world.airings("films.example")
            path = f"/api/epg/programs/{programme_id(await world.guide_id('films.example'), film.start)}/poster/"
            found = await world.client(None).get(path)
            # Pictures in guides are foreign content: they may not be fetched from this very machine.
            assert found.status_code == 404
            assert server.connections == 0
        assert (await world.client(None).get("/api/epg/programs/5/poster/")).status_code == 404


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "read"),
        [
            ("20261121120000 +0000", "20261121120000 +0000"),
            ("20261121120000", "20261121120000 +0000"),
            ("20261121120000 +0130", "20261121103000 +0000"),
            ("20261121120000-0500", "20261121170000 +0000"),
            ("202611211200 CET", "20261121110000 +0000"),
            ("2026112112", "20261121120000 +0000"),
            ("20261121", "20261121000000 +0000"),
            ("20261121120000 EST", "20261121170000 +0000"),
            ("20240229235959 Z", "20240229235959 +0000"),
        ],
    )
    def test_are_read_as_guides_write_them(self, text: str, read: str) -> None:
        assert xmltv_time(TimeReader()(text)) == read

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "soon",
            "20261321120000",
            "20261121256100",
            "20261121120000 MOON",
            "\uff12\uff10\uff12\uff16\uff11\uff11\uff12\uff11",
        ],
    )
    def test_and_nothing_else(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"^"):
            TimeReader()(text)

    def test_ids_lead_back_to_programmes(self) -> None:
        found = programme_id(123_456, 1_795_262_400)
        assert programme_of(found) == (123_456, 1_795_262_400)
        assert found < 2**53


def gzip_cut(text: str) -> bytes:
    return lzma.compress(text.encode())[:-20]


@pytest.mark.needs_data
@pytest.mark.skipif(not IPTV.exists(), reason="../shared/data/iptv is not there")
class TestRealGuides:
    @pytest.mark.parametrize(("name", "programmes"), [("pluto-gb.xml.gz", 3447), ("nz.xml.gz", 5510)])
    async def test_are_read_to_the_last_programme(self, world: GuideWorld, name: str, programmes: int) -> None:
        data = (IPTV / name).read_bytes()
        source = await world.source(file_path=world.write(data, name))
        await world.refresh(source)
        for channel in (await world.guide.guide_channels.page(SYSTEM, limit=None))[0]:
            await world.map(channel.tvg_id, uuid=str(channel.id))
        done = await world.refresh(source)
        assert done.status == "success"
        assert 0.98 * programmes <= done.programme_count <= programmes

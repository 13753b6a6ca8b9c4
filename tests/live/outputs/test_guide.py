"""`/output/epg`, as players and the validator of the XMLTV project read it."""

import asyncio
import gzip
from asyncio.subprocess import PIPE, STDOUT
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Text, cast, func, update

from polycast.live import tables
from polycast.live.guide.model import GuideRefreshed, programme_id
from tests.fakes.clock import FakeClock
from tests.live.outputs.world import NOW, World, attribute_values, outputs_world

GOLDEN = Path(__file__).with_name("golden_programme.xml").read_text()
DTD = "/usr/share/xmltv/xmltv.dtd"  # else it asks for one from the net
SOURCES = ("channel_number", "tvg_id", "gracenote")


class TestSomebodyFetchesTheGuide:
    async def test_a_programme_has_all_that_is_known_of_it(self, world: World) -> None:
        answer = await world.get("/output/epg")
        assert GOLDEN.format(o=world.url, id=programme_id(1, NOW)) in answer.text()
        assert answer.headers["content-type"] == "application/xml"
        assert answer.headers["content-disposition"] == 'attachment; filename="Dispatcharr.xml"'

    async def test_channels_come_first_each_once(self, world: World) -> None:
        text = (await world.get("/output/epg")).text()
        assert text.startswith(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<tv generator-info-name="Polycast" generator-info-url="{world.url}/">\n'
            '  <channel id="2">\n'
            "    <display-name>News</display-name>\n"
            f'    <icon src="{world.url}/api/channels/logos/1/cache/" />\n'
            "  </channel>\n"
            '  <channel id="2.1">\n'
            '    <display-name>The "Quoted", One</display-name>\n'
            "  </channel>\n"
        )
        assert text.rindex("<channel ") < text.index("<programme ")
        assert text.endswith("</tv>\n")

    async def test_two_channels_of_one_guide_have_a_copy_each(self, world: World) -> None:
        text = (await world.get("/output/epg")).text()
        starts = [line for line in text.splitlines() if line.startswith("  <programme ")]
        first = [line for line in starts if 'channel="2"' in line]
        second = [line.replace('"2.1"', '"2"') for line in starts if 'channel="2.1"' in line]
        assert first == second == sorted(first)
        assert starts[: len(first)] == first

    async def test_channels_without_a_guide_have_blocks_that_bear_their_name(self, world: World) -> None:
        text = (await world.get("/output/epg?days=1")).text()
        assert text.count("<title>Numberless</title>") in {6, 7}

    @pytest.mark.parametrize("source", SOURCES)
    async def test_ids_are_those_of_the_playlist(self, world: World, source: str) -> None:
        playlist = (await world.get(f"/output/m3u?tvg_id_source={source}")).text()
        guide = (await world.get(f"/output/epg?tvg_id_source={source}")).text()
        assert attribute_values(guide, "<channel id") == attribute_values(playlist, "tvg-id")

    async def test_days_and_past_days_are_what_was_asked_for(self, world: World) -> None:
        def news(text: str) -> list[str]:
            return [line for line in text.splitlines() if line.startswith("  <programme") and 'channel="2"' in line]

        usual, one, back = [
            news((await world.get(f"/output/epg{query}")).text()) for query in ("", "?days=1", "?prev_days=1")
        ]
        assert (len(usual), len(one), len(back)) == (48, 24, 54)


class TestManyFetchTheGuide:
    async def test_it_is_made_once(self, world: World) -> None:
        answers = await asyncio.gather(*(world.get("/output/epg") for _ in range(8)))
        assert len({answer.body for answer in answers}) == 1
        assert len(list((world.core.data_dir / "tmp/live/outputs").iterdir())) == 0
        assert len(world.outputs.artefacts) == 1

    async def test_whoever_has_it_gets_nothing_twice(self, world: World) -> None:
        await world.get("/output/epg")
        whole = await world.get("/output/epg", headers={"accept-encoding": "identity"})
        known = {"if-none-match": whole.headers["etag"], "accept-encoding": "identity"}
        again = await world.get("/output/epg", headers=known)
        assert (whole.status, again.status) == (200, 304)
        assert int(whole.headers["content-length"]) == len(whole.body)

    async def test_it_comes_packed_where_that_is_understood(self, world: World) -> None:
        plain = await world.get("/output/epg", headers={"accept-encoding": "identity"})
        packed = await world.get("/output/epg.gz")
        assert packed.headers["content-type"] == "application/gzip"
        assert gzip.decompress(packed.body) == plain.body
        coded = await world.get("/output/epg", headers={"accept-encoding": "gzip"})
        assert coded.headers["content-encoding"] == "gzip"
        assert coded.body == plain.body

    async def test_a_new_guide_shows_at_once(self, world: World) -> None:
        before = await world.get("/output/epg")
        event = GuideRefreshed(source_id=1, source_name="Guide", channels=1, programmes=0, changed=1)
        await world.core.db.write(world.forget_programmes)
        stale = await world.get("/output/epg")
        await world.core.db.write(lambda unit: unit.publish(event))
        await world.settle()
        fresh = await world.get("/output/epg")
        assert stale.body == before.body
        assert "Morning" in before.text() and "Morning" not in fresh.text()

    async def test_it_moves_on_with_time(self, tmp_path: Path) -> None:
        clock = FakeClock()
        async with outputs_world(tmp_path, clock=clock) as world:
            first = await world.get("/output/epg")
            clock.move(timedelta(minutes=61))
            later = await world.get("/output/epg")
            assert "Morning" in first.text() and "Morning" not in later.text()


@pytest.mark.needs_tool("tv_validate_file")
class TestTheValidatorReadsTheGuide:
    # It wants ids that look like names of hosts; the numbers that players want by default are none.
    async def test_the_strict_one_is_valid(self, world: World, tmp_path: Path) -> None:
        await world.core.db.write(
            lambda unit: unit.execute(
                update(tables.channels)
                .where(tables.channels.c.id != 1)
                .values(eff_tvg_id=func.lower("c") + cast(tables.channels.c.id, Text) + ".example")
            )
        )
        file = tmp_path / "guide.xml"
        file.write_bytes((await world.get("/output/epg?strict=1&tvg_id_source=tvg_id")).body)
        process = await asyncio.create_subprocess_exec(
            "tv_validate_file", "--dtd-file", DTD, str(file), stdout=PIPE, stderr=STDOUT
        )
        said, _ = await process.communicate()
        assert (said.decode(), process.returncode) == ("Validated ok.\n", 0)

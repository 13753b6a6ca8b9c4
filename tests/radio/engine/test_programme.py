"""A station plays its library, and listeners hear it."""

from pathlib import Path

from tests.fakes.radio_sounds import heard, unpacked, without_titles
from tests.radio.engine.world import on_air


class TestAStationWithMusic:
    async def test_is_heard_with_its_titles_and_without_a_broken_frame(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            for hz in (440, 880):
                await world.add_track(hz, 4.0, title=f"Тон {hz}")
            await world.announce()
            ear = await world.listen(titles=True)
            data = await ear.for_seconds(12)
            ear.close()
            assert ear.status == "HTTP/1.0 200 OK"
            sound, titles = without_titles(data, int(ear.headers["icy-metaint"]))
            assert {"Lab - Тон 440", "Lab - Тон 880"} <= set(titles)
            order = heard(unpacked(sound))
            assert {440, 880} <= set(order)
            loud = order.index(next(one for one in order if one))
            assert 0 not in order[loud:]
            played = await world.played()
            assert played[-1] in titles

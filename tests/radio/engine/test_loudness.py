"""Music is measured in the background, and played as loud as the station wants it."""

from pathlib import Path

from sqlalchemy import select

from polycast.core.jobs import Tick
from polycast.core.storage import Unit
from polycast.radio.engine.files import gain_of
from polycast.radio.engine.loudness import Loudness
from polycast.radio.engine.store import AudienceStore
from polycast.radio.stations.model import Track
from polycast.radio.tables import tracks
from tests.fakes.runs import DirectRun
from tests.radio.engine.world import World, on_air


async def row(world: World, number: int) -> dict[str, object]:
    def read(unit: Unit) -> dict[str, object]:
        return dict(unit.execute(select(tracks).where(tracks.c.id == number)).one()._mapping)

    found: dict[str, object] = await world.core.db.read(read)
    return found


class TestNewMusic:
    async def test_is_measured_and_levelled_and_what_does_not_play_is_marked(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            good = await world.add_track(997, 4.0)
            bad = await world.add_track(600, 2.0)
            folder = world.engine.house.setups.media(world.account_id, world.station_id)
            (folder / "600.mp3").write_bytes(b"no sound at all" * 100)
            await Loudness(db=world.core.db, store=AudienceStore(), setups=world.engine.house.setups).measure(
                Tick(), DirectRun()
            )
            found = await row(world, good)
            lufs = found["loudness_lufs"]
            assert isinstance(lufs, float)
            assert abs(lufs - -10.5) < 0.5  # a tone of 0.3 on both channels
            assert (await row(world, bad))["state"] == "broken"
            shelf = await world.engine.shelves.of(world.station_id)
            track: Track = shelf.tracks[good]
            assert abs(gain_of(shelf.station, track) - (-14.0 - lufs)) < 0.01

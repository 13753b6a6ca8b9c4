"""A channel on a social network, as ffmpeg hears it there. Source: `specs/radio.md` 4.13."""

import asyncio
import socket
from pathlib import Path

import av
import imageio_ffmpeg
import pytest

from polycast.core.storage import Unit
from polycast.radio.engine.restreaming import target_of
from polycast.radio.events import StationChanged
from polycast.radio.stations.model import Restream
from polycast.radio.tables import restreams
from tests.fakes.radio_sounds import heard, unpacked
from tests.radio.engine.world import World, on_air, program, until

KEY = "secret-key-1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


async def restream(world: World, url: str, *, enabled: bool = True) -> None:
    sealed = world.core.secrets.seal(KEY, context="radio.restream")

    def put(unit: Unit) -> None:
        unit.execute(restreams.delete())
        unit.execute(
            restreams.insert().values(
                channel_id=world.channel_id, network="youtube", url=url, key_sealed=sealed, enabled=enabled
            )
        )
        unit.publish(StationChanged(account_id=world.account_id, station_id=world.station_id))

    await world.write(put)
    await world.settled()


def codecs_of(path: Path) -> set[str]:
    with av.open(str(path)) as container:
        return {stream.codec_context.name for stream in container.streams}


class TestAChannelOnANetwork:
    async def test_arrives_with_picture_and_sound_until_it_is_switched_off(self, tmp_path: Path) -> None:
        fields = {"youtube_streaming_enabled": True, "radio__allowed_targets": "127.0.0.1"}
        async with on_air(tmp_path, **fields) as world:
            await world.add_track(660, 120.0)
            await world.announce()
            ear = await world.listen()
            await until(ear, lambda: world.station.air.title.text == "Lab - Tone 660")
            ear.close()
            port, kept = free_port(), tmp_path / "kept.flv"
            sink = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-listen", "1", "-y"]
            sink += ["-i", f"rtmp://127.0.0.1:{port}/live2/{KEY}", "-t", "6", "-c", "copy", str(kept)]
            async with program(*sink) as there:
                await restream(world, f"rtmp://127.0.0.1:{port}/live2")
                async with asyncio.timeout(120):
                    assert await there.wait() == 0
            assert await asyncio.to_thread(codecs_of, kept) == {"h264", "aac"}
            sound = await asyncio.to_thread(unpacked, kept.read_bytes(), "flv")
            assert 660 in heard(sound)
            outputs = world.station.restreaming
            await restream(world, f"rtmp://127.0.0.1:{port}/live2", enabled=False)
            async with asyncio.timeout(30):
                while outputs.running:
                    await asyncio.sleep(0.1)  # it looks once a second

    async def test_needs_the_accounts_permission(self, tmp_path: Path) -> None:
        async with on_air(tmp_path, radio__allowed_targets="127.0.0.1") as world:
            await restream(world, f"rtmp://127.0.0.1:{free_port()}/live2")
            assert world.station.restreaming._wanted() == {}


@pytest.mark.parametrize(
    ("url", "key", "place"),
    [
        ("rtmp://a.rtmp.youtube.com/live2", "k", ("a.rtmp.youtube.com", 1935, False, "live2", "k")),
        ("rtmps://dc4-1.rtmp.t.me/s/", "1:k", ("dc4-1.rtmp.t.me", 443, True, "s", "1:k")),
        ("rtmp://x.example:80/rtmp/", "k?a=b", ("x.example", 80, False, "rtmp", "k?a=b")),
        ("http://x.example/live", "k", None),
        ("rtmp://x.example/", "k", None),
        ("rtmp://x.example/live", 'k" -f x', None),
        ("rtmp://u:p@x.example/live", "k", None),
        ("rtmp://x.example:999999/live", "k", None),
    ],
)
def test_addresses(url: str, key: str, place: tuple[str, int, bool, str, str] | None) -> None:
    restream = Restream(channel_id=1, network="youtube", url=url, key=key, enabled=True, image="", image_resolution="")
    found = target_of(restream)
    assert (None if found is None else (found.host, found.port, found.tls, found.app, found.path)) == place
    assert key not in repr(found)

"""DJs with the encoders that people use: they are heard over the programme, and it comes back after them."""

import asyncio
import base64
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.fakes.radio_sounds import heard, packed, pitches, silence_at_most, tone, unpacked, without_titles, write_tone
from tests.radio.engine.world import DJ_PASSWORD, Ear, World, on_air, program, until

Client = AbstractAsyncContextManager[object]
SINE = "sine=frequency=1000:sample_rate=44100:duration=60"


def ffmpeg(port: int, words: Sequence[str]) -> Client:
    url = f"icecast://anybody:{DJ_PASSWORD}@127.0.0.1:{port}/anything"
    named = ("-metadata", "title=Live", "-metadata", "artist=Anna")
    return program("ffmpeg", "-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i", SINE, *named, *words, url)


FFMPEG = {
    "mp3 by SOURCE": ("-c:a", "libmp3lame", "-content_type", "audio/mpeg", "-legacy_icecast", "1", "-f", "mp3"),
    "aac": ("-c:a", "aac", "-content_type", "audio/aac", "-f", "adts"),
    "vorbis": ("-c:a", "libvorbis", "-content_type", "application/ogg", "-f", "ogg"),
    "webm": ("-c:a", "libopus", "-content_type", "audio/webm", "-f", "webm"),
}


def ezstream(port: int, folder: Path) -> Client:
    """libshout: asks OPTIONS, sends without a password first, titles by POST."""
    sound = write_tone(folder / "ez.mp3", 1000, 30.0)
    config = folder / "ez.xml"
    config.write_text(
        f"<ezstream><servers><server><hostname>127.0.0.1</hostname><port>{port}</port>"
        f"<password>{DJ_PASSWORD}</password></server></servers><streams><stream><mountpoint>/ez.mp3</mountpoint>"
        "<format>MP3</format></stream></streams><intakes><intake><type>autodetect</type>"
        f"<filename>{sound}</filename></intake></intakes></ezstream>"
    )
    config.chmod(0o600)
    return program("ezstream", "-c", str(config))


def liquidsoap(port: int, folder: Path, protocol: str) -> Client:
    """`icy`: the password line on port + 1; `http`: SOURCE as HTTP/1.0, titles by GET."""
    script = folder / f"{protocol}.liq"
    script.write_text(
        "settings.init.allow_root.set(true)\n"
        f'output.icecast(%mp3(bitrate=128), host="127.0.0.1", port={port}, password="{DJ_PASSWORD}", mount="/", '
        f'protocol="{protocol}", fallible=true, sine(1000.))\n'
    )
    return program("liquidsoap", str(script))


async def comes_to(ear: Ear, pitch: int, *, has_titles: bool = False) -> None:
    """Listen until `pitch` is what is heard: what was mixed already is on its way before it."""
    async with asyncio.timeout(120):
        while True:
            await ear.take(8_000)
            body = bytes(ear.body)
            if heard(unpacked(without_titles(body, 16000)[0] if has_titles else body))[-1:] == [pitch]:
                return


async def takes_over(world: World, dj: int, client: Client) -> None:
    """The client is heard while it is there, and what was on before goes on after it."""
    air = world.station.air
    ear = await world.listen()
    async with client:
        await until(ear, lambda: air.on_air_dj == dj)
        await comes_to(ear, 1000)
    await until(ear, lambda: air.on_air_dj is None and not air.lives)
    await comes_to(ear, 440)
    ear.close()
    sound = unpacked(bytes(ear.body))
    order = heard(sound)
    assert order[-2:] == [1000, 440]
    last = len(order) - 1 - order[::-1].index(1000)
    assert 0 not in order[last:]
    windows = pitches(sound)
    assert silence_at_most(sound[windows.index(1000) * 4410 :]) <= 0.1


@pytest.mark.needs_tool("ffmpeg")
class TestADjWithARealEncoder:
    async def test_is_heard_over_the_programme_in_every_format(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            await world.add_track(440, 120.0)
            await world.announce()
            dj = await world.add_dj("Anna", port=world.port + 4)
            for words in FFMPEG.values():
                await takes_over(world, dj, ffmpeg(world.port + 4, words))
            assert "Anna - Live" in await world.played()

    @pytest.mark.needs_tool("ezstream")
    @pytest.mark.needs_tool("liquidsoap")
    async def test_is_heard_with_libshout_and_with_liquidsoap(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            await world.add_track(440, 120.0)
            await world.announce()
            dj = await world.add_dj("Anna", port=world.port + 4)
            await takes_over(world, dj, ezstream(world.port + 4, tmp_path))
            for protocol in ("icy", "http"):
                await takes_over(world, dj, liquidsoap(world.port + 4, tmp_path, protocol))


class TestTwoDjs:
    # Higher priority takes over at once, the lower stays connected and returns.
    async def test_the_higher_is_heard_and_the_lower_comes_back(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            await world.add_track(440, 120.0)
            await world.announce()
            low = await world.add_dj("Low", port=world.port + 4, priority=2)
            high = await world.add_dj("High", port=world.port + 6, priority=1)
            air, words = world.station.air, FFMPEG["mp3 by SOURCE"]
            ear = await world.listen(titles=True)
            async with ffmpeg(world.port + 4, words):
                await until(ear, lambda: air.on_air_dj == low)
                await comes_to(ear, 1000, has_titles=True)
                url = f"icecast://x:{DJ_PASSWORD}@127.0.0.1:{world.port + 6}/x"
                loud = ("-re", "-f", "lavfi", "-i", "sine=frequency=2000:sample_rate=44100:duration=60")
                async with program("ffmpeg", "-nostdin", "-loglevel", "error", *loud, *words, url):
                    await until(ear, lambda: air.on_air_dj == high)
                    await comes_to(ear, 2000, has_titles=True)
                await until(ear, lambda: air.on_air_dj == low)
                await comes_to(ear, 1000, has_titles=True)
            await until(ear, lambda: air.on_air_dj is None)
            await comes_to(ear, 440, has_titles=True)
            ear.close()
            sound, _ = without_titles(bytes(ear.body), 16000)
            order = heard(unpacked(sound))
            assert order[order.index(1000) :] == [1000, 2000, 1000, 440]


class TestWhatIsNoSound:
    async def test_garbage_is_hung_up_on_and_the_station_stays(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            await world.add_track(440, 120.0)
            await world.announce()
            await world.add_dj("Anna", port=world.port + 4)
            ear = await world.listen()
            head = (
                f"SOURCE /x HTTP/1.0\r\nAuthorization: Basic {basic(DJ_PASSWORD)}\r\nContent-Type: audio/mpeg\r\n\r\n"
            )
            answer = await world.say(head.encode() + bytes(range(256)) * 4000, port=world.port + 4)
            assert answer.startswith(b"HTTP/1.0 200 OK")
            ear = await world.listen()
            await ear.take(100_000)
            ear.close()
            assert heard(unpacked(bytes(ear.body)))[-1] == 440
            assert world.station.air.on_air_dj is None

    async def test_a_wrong_password_is_refused_and_the_third_time_not_heard_at_all(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            await world.add_dj("Anna", port=world.port + 4)
            head = f"PUT /x HTTP/1.1\r\nAuthorization: Basic {basic('wrong')}\r\nContent-Type: audio/mpeg\r\n\r\n"
            answers = [await world.say(head.encode(), port=world.port + 4) for _ in range(4)]
            assert [one.split(b"\r\n")[0] for one in answers] == [
                *[b"HTTP/1.0 401 Authentication Required"] * 3,
                b"HTTP/1.0 403 Forbidden",
            ]
            assert await world.say(b"wrong\r\n", port=world.port + 5) == b""


class TestARecording:
    async def test_holds_the_bytes_that_the_dj_sent(self, tmp_path: Path) -> None:
        async with on_air(tmp_path, save_dj_streams_enabled=True) as world:
            dj = await world.add_dj("Anna", port=world.port + 4, do_recording=True)
            sent = packed(tone(1000, 3.0))
            head = (
                f"SOURCE /x HTTP/1.0\r\nAuthorization: Basic {basic(DJ_PASSWORD)}\r\nContent-Type: audio/mpeg\r\n\r\n"
            )
            ear = await world.listen()
            await until(ear, lambda: world.station.air.state == 2)
            reader, writer = await world.connect(world.port + 4)
            writer.write(head.encode() + sent)
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.0 200")
            await until(ear, lambda: world.station.air.on_air_dj == dj)
            writer.close()
            await until(ear, lambda: not world.station.air.lives)
            await world.engine.tapes.flush()
            folder = world.core.data_dir / "radio" / "accounts" / str(world.account_id) / "recordings" / str(dj)
            [file] = list(folder.iterdir())
            assert file.suffix == ".mp3"
            assert file.read_bytes() == sent


def basic(password: str) -> str:
    return base64.b64encode(f"source:{password}".encode()).decode()

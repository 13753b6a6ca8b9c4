"""A relay is on air while the schedule wants it; the webcast of a browser; SHOUTcast's manners."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import msgspec
import websockets
from sqlalchemy import insert

from polycast.core.storage import Unit
from polycast.radio.engine.relaying import Titles
from polycast.radio.events import ProgrammeChanged
from polycast.radio.tables import channels, grid_events
from tests.fakes.radio_sounds import heard, packed, tone, unpacked, without_titles
from tests.fakes.radio_station import transmitting_station
from tests.radio.engine.world import DJ_PASSWORD, on_air, until


class TestTitlesOfAnotherStation:
    def test_are_taken_out_however_they_come(self) -> None:
        sound = bytes(range(256)) * 100
        block = b"StreamTitle='A - B';".ljust(32, b"\0")
        raw = b"".join(
            sound[at : at + 1000] + (b"\2" + block if at == 2000 else b"\0") for at in range(0, 25_000, 1000)
        )
        for size in (1, 7, 1000, 30_000):
            titles = Titles(1000)
            found = b"".join(titles.feed(raw[at : at + size]) for at in range(0, len(raw), size))
            assert found == sound[:25_000]
            assert titles.text == "A - B"


class TestARelayInTheSchedule:
    async def test_is_heard_from_its_time_on(self, tmp_path: Path) -> None:
        async with transmitting_station(1000) as url, on_air(tmp_path, radio__allowed_targets="127.0.0.1") as world:
            await world.add_track(440, 120.0)
            await world.announce()
            ear = await world.listen()
            await until(ear, lambda: world.station.air.title.text == "Lab - Tone 440")
            dj = await world.add_dj("Far", port=0, cat="server", stream_url=url)
            at = datetime.now(UTC) - timedelta(minutes=1)

            def schedule(unit: Unit) -> None:
                values = {
                    "station_id": world.station_id,
                    "name": "Relay",
                    "periodicity": "periodic",
                    "cast_type": "relay",
                    "break_track": True,
                    "start_time": f"{time(at.hour, at.minute):%H:%M:%S}",
                    "weekdays": 127,
                    "weeks": 15,
                    "dj_id": dj,
                    "timezone": "UTC",
                }
                unit.execute(insert(grid_events).values(**values))
                unit.publish(ProgrammeChanged(account_id=world.account_id, station_id=world.station_id))

            await world.write(schedule)
            await world.settled()
            await until(ear, lambda: world.station.air.on_air_dj == dj, most_bytes=1_000_000)
            await ear.take(40_000)
            ear.close()
            assert heard(unpacked(bytes(ear.body)))[-1] == 1000
            assert world.station.air.title.text == "Far - Away"


class TestABrowser:
    async def test_is_a_dj_by_webcast(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            dj = await world.add_dj("Web", port=world.port + 4)
            ear = await world.listen()
            await until(ear, lambda: world.station.runner.pid is not None)
            url = f"ws://127.0.0.1:{world.port + 4}/"
            async with websockets.connect(url, subprotocols=[websockets.Subprotocol("webcast")]) as socket:
                said = {"mime": "audio/mpeg", "user": "source", "password": DJ_PASSWORD}
                await socket.send(msgspec.json.encode({"type": "hello", "data": said}).decode())
                await socket.send(packed(tone(1000, 6.0)))
                await socket.send('{"type":"metadata","data":{"title":"Hier","artist":"Ünal"}}')
                await until(ear, lambda: world.station.air.on_air_dj == dj)
                await until(ear, lambda: world.station.air.title.text == "Ünal - Hier")
                await ear.take(16_000)
            await until(ear, lambda: not world.station.air.lives)
            ear.close()

    async def test_with_a_wrong_password_is_shown_the_door(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            await world.add_dj("Web", port=world.port + 4)
            url = f"ws://127.0.0.1:{world.port + 4}/"
            async with websockets.connect(url, subprotocols=[websockets.Subprotocol("webcast")]) as socket:
                await socket.send('{"type":"hello","data":{"mime":"audio/mpeg","user":"x","password":"no"}}')
                await socket.wait_closed()
                assert socket.close_code == 1008


class TestShoutcast:
    async def test_sounds_like_shoutcast(self, tmp_path: Path) -> None:
        async with on_air(tmp_path, server_type="shoutcast1") as world:
            await world.set(channels, world.channel_id, s_type="shoutcast1")
            for path in ("/", "/;", "/;stream.mp3", "/stream"):
                ear = await world.listen(path, titles=True)
                assert ear.status == "ICY 200 OK"
                assert ear.headers["icy-metaint"] == "8192"
                assert ear.headers["content-type"] == "audio/mpeg"
                await ear.take(9000)
                _, titles = without_titles(bytes(ear.body), 8192)
                assert titles == [world.station.air.title.text]
                ear.close()
            page = await world.say(b"GET / HTTP/1.0\r\nUser-Agent: Mozilla/5.0\r\n\r\n")
            assert b"Content-Type: text/html" in page

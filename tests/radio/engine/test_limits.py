"""What an account may is held on open sockets."""

import base64
from pathlib import Path

from sqlalchemy import update

from polycast.core.events import Sent
from polycast.core.identity.caller import SYSTEM
from polycast.core.storage import Unit
from polycast.radio.accounts.model import Status
from polycast.radio.events import AccountSuspended
from polycast.radio.tables import accounts, channels
from tests.fakes.radio_sounds import packed, tone
from tests.radio.engine.world import PASSWORD, Ear, World, on_air, until

FORBIDDEN = "HTTP/1.0 403 Forbidden"


async def refused(world: World) -> str:
    """The body of the refusal."""
    ear = await world.listen()
    assert ear.status == FORBIDDEN
    body = (await ear.rest()).decode()
    ear.close()
    return body


async def ended(ear: Ear) -> None:
    """The server has hung up."""
    await ear.rest()
    ear.close()


class TestListeners:
    async def test_one_more_than_the_account_may_have_is_refused(self, tmp_path: Path) -> None:
        async with on_air(tmp_path, limit_listeners=2) as world:
            ears = [await world.listen() for _ in range(2)]
            assert await refused(world) == "max listeners reached"
            ears[0].close()
            await until(ears[1], lambda: world.station.air.listener_count() == 1)
            third = await world.listen()
            assert third.status == "HTTP/1.0 200 OK"
            for ear in (ears[1], third):
                ear.close()

    async def test_a_lowered_limit_cuts_the_newest(self, tmp_path: Path) -> None:
        async with on_air(tmp_path, limit_listeners=5) as world:
            first, second, third = [await world.listen() for _ in range(3)]
            await world.set(accounts, world.account_id, limit_listeners=1)
            await ended(second)
            await ended(third)
            await first.take(1000)
            first.close()

    async def test_a_channel_has_a_limit_of_its_own_and_sends_the_rest_elsewhere(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            await world.set(channels, world.channel_id, listeners=1, redirect_url="http://overflow.example/stream")
            ear = await world.listen()
            answer = await world.get("/stream")
            assert answer.status == "HTTP/1.0 302 Found"
            assert answer.headers["location"] == "http://overflow.example/stream"
            ear.close()


class TestSuspended:
    async def test_is_silent_and_its_ports_are_closed(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            ears = [await world.listen() for _ in range(20)]
            _, source = await world.connect(world.port)

            def suspend(unit: Unit) -> None:
                unit.execute(update(accounts).where(accounts.c.id == world.account_id).values(status=Status.SUSPENDED))
                unit.publish(AccountSuspended(account_id=world.account_id))

            await world.write(suspend)
            for ear in ears:
                await ended(ear)
            await world.settled()
            source.close()
            try:
                await world.connect(world.port)
            except ConnectionRefusedError:
                closed = True
            assert closed
            assert world.station.runner.pid is None

    async def test_by_the_front_door_and_back(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            ear = await world.listen()
            admin = await world.server.client(name="root")
            assert (await admin.post(f"/api/v1/broadcasters/{world.account_id}/suspend/")).status == 200
            await ended(ear)
            assert (await admin.post(f"/api/v1/broadcasters/{world.account_id}/unsuspend/")).status == 200
            await world.server.idle()
            await world.settled()
            again = await world.listen()
            assert again.status == "HTTP/1.0 200 OK"
            again.close()


class TestTraffic:
    async def test_a_month_that_is_used_up_ends_listening_until_the_limit_is_raised(self, tmp_path: Path) -> None:
        async with on_air(tmp_path, limit_traffic=1) as world:
            ears = [await world.listen() for _ in range(12)]
            await until(ears[0], lambda: sum(one.sent_bytes for one in world.station.air.mounts.values()) > 1_100_000)
            engine = world.engine
            engine.audience.flush(engine.accounts.values(), [one.air for one in engine.stations.values()])
            for ear in ears:
                await ended(ear)
            assert await refused(world) == "traffic limit reached"
            await world.set(accounts, world.account_id, limit_traffic=0)
            ear = await world.listen()
            assert ear.status == "HTTP/1.0 200 OK"
            ear.close()


class TestADirectSource:
    async def test_of_more_than_the_allowed_bit_rate_is_cut(self, tmp_path: Path) -> None:
        async with on_air(tmp_path, limit_bitrate=64) as world:
            mount = next(iter(world.station.air.mounts.values()))
            assert mount.spec.bitrate_kbps == 64
            ear = await world.listen()
            reader, writer = await world.connect(world.port)
            user = base64.b64encode(f"source:{PASSWORD}".encode()).decode()
            head = f"PUT /stream HTTP/1.1\r\nAuthorization: Basic {user}\r\nContent-Type: audio/mpeg\r\n\r\n"
            writer.write(head.encode() + packed(tone(1000, 2.0), kbps=192))
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.0 200 OK\r\n\r\n"
            await until(ear, lambda: bool(world.station.air._sources))
            [source] = world.station.air._sources.values()
            source._above_since -= 20  # as if it had gone on for so long
            writer.write(packed(tone(1000, 1.0), kbps=192))
            assert await reader.read() == b""
            writer.close()
            await until(ear, lambda: not world.station.air._sources)
            ear.close()


class TestAPlayerThatDies:
    async def test_drops_nobody_and_comes_back(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            await world.add_track(440, 120.0)
            await world.announce()
            ear = await world.listen()
            runner = world.station.runner
            await until(ear, lambda: runner.pid is not None and world.station.air.title.text == "Lab - Tone 440")
            first = runner.pid
            runner._line.close()
            await until(ear, lambda: runner.pid not in (None, first))
            await ear.take(50_000)
            assert world.station.air.state == 2
            ear.close()

    async def test_a_change_of_settings_drops_nobody(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            ear = await world.listen()
            await until(ear, lambda: world.station.runner.pid is not None)
            first = world.station.runner.pid
            await world.set(channels, world.channel_id, bitrate=96, burst_size=65536)
            await ear.take(40_000)
            assert world.station.runner.pid == first
            ear.close()


class TestThePanel:
    async def test_hears_who_comes_and_what_is_on(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            names = ["radio.audience_changed", "radio.now_playing_changed"]
            async with world.core.events.subscribe(SYSTEM, names=names) as told:
                await world.add_track(440, 60.0)
                await world.announce()
                ear = await world.listen()
                seen: dict[str, bytes] = {}
                async for one in told:
                    if isinstance(one, Sent):
                        seen[one.name] = one.body
                    if len(seen) == 2:
                        break
                ear.close()
            assert b'"listeners":1' in seen["radio.audience_changed"]
            assert b'"text":"Lab - Tone 440"' in seen["radio.now_playing_changed"]
            air = world.air.on_air(world.station_id)
            assert (air.state, air.metadata, air.length_ms, air.playlist_title) == (
                2,
                "Lab - Tone 440",
                60_000,
                "All music",
            )
            assert world.air.load(world.channel_id).state == 2
            planned = await world.air.forecast(world.station_id, hours=1)
            assert planned[0].title == "Lab - Tone 440"
            assert planned[0].why.startswith("playlist All music: ")

"""The ports of a station: pages, administration, sources that come directly, and real players."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fakes.radio_sounds import heard, packed, tone, unpacked, without_titles
from tests.radio.engine.world import PASSWORD, Ear, World, on_air, program, until

pytestmark = pytest.mark.asyncio(loop_scope="module")
ADMIN = "admin-pass-1"
SINE = "sine=frequency=1000:sample_rate=44100:duration=60"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with on_air(tmp_path_factory.mktemp("ports")) as found:
        await found.add_track(440, 120.0, title='It\'s; - "Ü"')
        await found.announce()
        await found.set_admin(ADMIN)
        ear = await found.listen()
        await until(ear, lambda: found.station.air.title.text.startswith("Lab"))
        ear.close()
        await found.alone()
        yield found


def basic(password: str, user: str = "source") -> str:
    return f"Authorization: Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}\r\n"


def timeless(text: str) -> str:
    """Without what differs from run to run."""
    text = re.sub(r"(\w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000|\d{4}-\d\d-\d\dT[\d:]{8}\+0000)", "TIME", text)
    return re.sub(
        r"<total_bytes_(read|sent)>\d+", r"<total_bytes_\1>N", re.sub(r"<Connected>\d+", "<Connected>N", text)
    )


class TestPages:
    async def test_status_is_icecasts_with_one_source(self, world: World) -> None:
        answer = await world.get("/status-json.xsl")
        assert answer.status == "HTTP/1.0 200 OK"
        assert answer.headers["content-type"] == "application/json; charset=UTF-8"
        assert answer.headers["access-control-allow-origin"] == "*"
        peak = world.station.air.mounts[world.channel_id].peak
        assert timeless(answer.body.decode()) == (
            '{"icestats":{"admin":"","host":"radio.test","location":"","server_id":"Icecast 2.4.4","server_start":"TIME",'
            '"server_start_iso8601":"TIME","source":{"audio_info":"ice-samplerate=44100;ice-bitrate=128;ice-channels=2",'
            f'"bitrate":128,"genre":"","listener_peak":{peak},"listeners":0,'
            '"listenurl":"http://radio.test:8000/stream","server_description":"","server_name":"myradio",'
            '"server_type":"audio/mpeg","server_url":"","stream_start":"TIME","stream_start_iso8601":"TIME",'
            '"title":"Lab - It\'s; - \\"Ü\\"","dummy":null}}}'
        )
        assert timeless((await world.get("/status-json.xsl?mount=/none")).body.decode()).count("source") == 0

    async def test_playlists_name_the_host_that_was_asked(self, world: World) -> None:
        assert (await world.get("/stream.m3u")).body == b"http://radio.test:8000/stream\r\n"
        assert (await world.get("/stream.pls")).body.splitlines()[2] == b"File1=http://radio.test:8000/stream"
        assert (await world.get("/stream.xspf")).headers["content-type"] == "application/xspf+xml"

    async def test_a_mount_nobody_has_is_not_found(self, world: World) -> None:
        answer = await world.get("/nothing")
        assert (answer.status, answer.body) == (
            "HTTP/1.0 404 File Not Found",
            b"The file you requested could not be found",
        )

    async def test_head_and_options_are_answered(self, world: World) -> None:
        head = await world.say(b"HEAD /stream HTTP/1.1\r\nHost: h\r\nIcy-MetaData: 1\r\n\r\n")
        assert head.startswith(b"HTTP/1.0 200 OK\r\n")
        assert head.endswith(b"icy-metaint:16000\r\n\r\n")
        reader, writer = await world.connect(world.port)
        writer.write(b"OPTIONS * HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: TLS/1.0, HTTP/1.1\r\n\r\n")
        asked = await reader.readuntil(b"\r\n\r\n")
        assert asked.startswith(b"HTTP/1.1 200 OK")
        assert b"Allow: GET, HEAD, OPTIONS, SOURCE, PUT, POST" in asked
        writer.write(b"OPTIONS /stream HTTP/1.1\r\nOrigin: https://a.example\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 No Content")
        writer.close()

    async def test_shoutcasts_pages(self, world: World) -> None:
        seven = (await world.get("/7.html")).body.decode()
        peak = world.station.air.mounts[world.channel_id].peak
        assert seven == f"<html><body>0,1,{peak},9999,0,128,Lab - It&#x27;s; - &quot;Ü&quot;</body></html>"
        assert (await world.get("/currentsong?sid=1")).body.decode() == 'Lab - It\'s; - "Ü"'
        assert b'"servertitle":"myradio"' in (await world.get("/stats?sid=1&json=1")).body


class TestAdministration:
    async def test_wants_the_password(self, world: World) -> None:
        for path in ("/admin/stats", "/admin/listclients?mount=/stream", "/admin/metadata?mount=/stream&song=x"):
            answer = await world.get(path)
            assert answer.status == "HTTP/1.0 401 Authentication Required"
            assert answer.headers["www-authenticate"] == 'Basic realm="Icecast2 Server"'

    async def test_lists_mounts_and_listeners_and_ends_one(self, world: World) -> None:
        ear = await world.listen(headers={"User-Agent": "Play & er/1"})
        await until(ear, lambda: world.station.air.listener_count() == 1)
        clients = (await world.get("/admin/listclients?mount=/stream", user="admin", password=ADMIN)).body.decode()
        number = re.findall(r"<ID>(\d+)</ID>", clients)[0]
        assert timeless(clients) == (
            '<?xml version="1.0" encoding="UTF-8"?>\n<icestats><source mount="/stream"><Listeners>1</Listeners><listener>'
            f"<IP>127.0.0.1</IP><UserAgent>Play &amp; er/1</UserAgent><Connected>N</Connected><ID>{number}</ID></listener>"
            "</source></icestats>\n"
        )
        mounts = (await world.get("/admin/listmounts", user="admin", password=ADMIN)).body.decode()
        assert timeless(mounts) == (
            '<?xml version="1.0" encoding="UTF-8"?>\n<icestats><source mount="/stream"><fallback></fallback>'
            "<listeners>1</listeners><Connected>N</Connected><content-type>audio/mpeg</content-type></source></icestats>\n"
        )
        stats = (await world.get("/admin/stats", user="admin", password=ADMIN)).body.decode()
        assert "<max_listeners>unlimited</max_listeners>" in stats
        listed = await world.get("/admin/streamlist.txt", user="relay", password=ADMIN)
        assert listed.body == b"/stream\r\n"
        killed = await world.get(f"/admin/killclient?mount=/stream&id={number}", user="admin", password=ADMIN)
        assert killed.body.endswith(
            f"<iceresponse><message>Client {number} removed</message><return>1</return></iceresponse>\n".encode()
        )
        await ear.rest()
        ear.close()


class TestADirectSource:
    async def test_is_heard_as_it_is_and_silence_or_programme_follows(self, world: World) -> None:
        ear = await world.listen(titles=True)
        await ear.take(sum(map(len, world.station.air.mounts[world.channel_id].kept())))
        reader, writer = await world.connect(world.port)
        head = f"PUT /stream HTTP/1.1\r\n{basic(PASSWORD)}Content-Type: audio/mpeg\r\nExpect: 100-continue\r\n\r\n"
        writer.write(head.encode())
        said = await reader.readexactly(
            len(b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\nHTTP/1.0 200 OK\r\n\r\n")
        )
        assert said == b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\nHTTP/1.0 200 OK\r\n\r\n"
        assert (await world.say(head.encode())).endswith(b"Mountpoint in use")
        path = "/admin/metadata?mode=updinfo&mount=/stream&charset=UTF-8&artist=D%C3%AF&title=Rect"
        updated = await world.get(path, user="source", password=PASSWORD)
        assert updated.body.endswith(
            b"<iceresponse><message>Metadata update successful</message><return>1</return></iceresponse>\n"
        )
        writer.write(packed(tone(1000, 3.0)))
        air = world.station.air
        await until(ear, lambda: air.mounts[world.channel_id].title.text == "Dï - Rect")
        await ear.take(40_000)
        writer.close()
        await until(ear, lambda: not air._sources)
        await ear.take(56_000)
        ear.close()
        sound, titles = without_titles(bytes(ear.body), 16000)
        order = [one for one in heard(unpacked(sound)) if one]
        assert order[-2:] == [1000, 440]
        assert "Dï - Rect" in titles

    @pytest.mark.parametrize(
        ("fields", "answer"),
        [
            ("", b"No Content-type given"),
            ("Content-Type: text/html\r\n", b"Content-type not supported"),
            ("Content-Type: audio/aac\r\n", b"Content-type not supported"),
        ],
    )
    async def test_without_a_type_that_fits_is_refused(self, world: World, fields: str, answer: bytes) -> None:
        said = await world.say(f"SOURCE /stream HTTP/1.0\r\n{basic(PASSWORD)}{fields}\r\n".encode())
        assert said.startswith(b"HTTP/1.0 403 Forbidden\r\n")
        assert said.endswith(b"\r\n\r\n" + answer)

    async def test_of_garbage_is_hung_up_on(self, world: World) -> None:
        head = f"SOURCE /stream HTTP/1.0\r\n{basic(PASSWORD)}Content-Type: audio/mpeg\r\n\r\n"
        assert await world.say(head.encode() + b"<html>" * 60_000) == b"HTTP/1.0 200 OK\r\n\r\n"

    async def test_by_icy_on_the_next_port(self, world: World) -> None:
        reader, writer = await world.connect(world.port + 1)
        writer.write(f"{PASSWORD}\r\n".encode())
        assert await reader.readuntil(b"\r\n\r\n") == b"OK2\r\nicy-caps:11\r\n\r\n"
        writer.write(b"icy-name:x\r\ncontent-type:audio/mpeg\r\nicy-br:128\r\n\r\n" + packed(tone(1000, 1.0)))
        ear = await world.listen()
        await until(ear, lambda: bool(world.station.air._sources))
        said = await world.say(
            f"GET /admin.cgi?pass={PASSWORD}&mode=updinfo&song=\xcf\xf0 HTTP/1.0\r\n\r\n".encode("latin-1")
        )
        assert said.startswith(b"HTTP/1.0 200 OK")
        writer.close()
        await until(ear, lambda: not world.station.air._sources)
        ear.close()


class TestRealPlayers:
    @pytest.mark.needs_tool("streamripper")
    async def test_streamripper_cuts_where_titles_change(self, world: World, tmp_path: Path) -> None:
        url = f"http://127.0.0.1:{world.port}/stream"
        async with program("streamripper", url, "-d", str(tmp_path), "-l", "4", "-A", "-a", "all", "-s") as client:
            await client.wait()
        [file] = tmp_path.rglob("all*.mp3")
        assert heard(unpacked(file.read_bytes()))[-1] == 440

    @pytest.mark.needs_tool("icecast2")
    async def test_icecast_relays_us(self, world: World, tmp_path: Path) -> None:
        port = await free_port()
        config = tmp_path / "icecast.xml"
        config.write_text(
            "<icecast><limits><clients>10</clients><sources>4</sources></limits><authentication>"
            "<source-password>x</source-password><admin-user>admin</admin-user><admin-password>x</admin-password>"
            f"</authentication><listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>"
            f"<relay><server>127.0.0.1</server><port>{world.port}</port><mount>/stream</mount><local-mount>/r</local-mount>"
            "<relay-shoutcast-metadata>1</relay-shoutcast-metadata><on-demand>0</on-demand></relay>"
            f"<paths><basedir>{tmp_path}</basedir><logdir>{tmp_path}</logdir><webroot>/usr/share/icecast2/web</webroot>"
            "<adminroot>/usr/share/icecast2/admin</adminroot></paths><security><chroot>0</chroot><changeowner>"
            "<user>nobody</user><group>nogroup</group></changeowner></security></icecast>"
        )
        tmp_path.chmod(0o777)
        for parent in list(tmp_path.parents)[:2]:
            parent.chmod(0o755)
        ear = await world.listen()
        async with program("icecast2", "-c", str(config)):
            await until(ear, lambda: world.station.air.listener_count() == 2)
            relayed = await relaying(world, ear, port)
            await relayed.take(60_000)
            sound, titles = without_titles(bytes(relayed.body), int(relayed.headers["icy-metaint"]))
            assert heard(unpacked(sound))[-1] == 440
            assert 'Lab - It\'s; - "Ü"' in titles
            relayed.close()
        ear.close()


async def relaying(world: World, ear: Ear, port: int) -> Ear:
    """A listener of the relay, as soon as it has something to hear."""
    while True:
        await ear.take(2_000)
        try:
            found = await world.listen("/r", titles=True, port=port)
        except ConnectionRefusedError:
            continue
        if found.status == "HTTP/1.0 200 OK":
            return found
        found.close()


async def free_port() -> int:
    server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port

"""Fetching from servers that behave and from those that do not."""

import asyncio
import gzip
import zlib
from datetime import timedelta

import pytest
from msgspec import Struct
from msgspec.structs import replace

from polycast.core.errors import Invalid, TooLarge
from polycast.core.net import API, GUIDE, LIVE, BadAnswer, Body, Forbidden, Part, Trust, Unreachable
from tests.fakes import http_upstream as fake
from tests.fakes.http_upstream import Upstream

MIB = 1024 * 1024


class Title(Struct):
    name: str
    year: int


@pytest.fixture
def client(net, quick):
    return net.client(Trust.SOURCE, owner="test", limits=quick)


class TestAGoodServer:
    async def test_gives_a_whole_answer_with_its_head(self, client, server: Upstream) -> None:
        server.on("/a", fake.ok(b"hello", "text/plain; charset=utf-8", ETag='"1"'))
        got = await client.fetch(server.url("/a"), params={"q": "ü &"})
        assert (got.status, got.body, got.content_type, got.headers["etag"]) == (200, b"hello", "text/plain", '"1"')
        assert server.asked[0].path == "/a?q=%C3%BC+%26"
        assert server.asked[0].headers["user-agent"] == "Polycast"

    async def test_gives_json_as_a_struct(self, client, server: Upstream) -> None:
        server.on("/t", fake.ok(b'\xef\xbb\xbf{"name":"Heat","year":1995,"more":1}', "application/json"))
        assert await client.json("GET", server.url("/t"), type=Title) == Title("Heat", 1995)

    async def test_gets_json_forms_and_files(self, client, server: Upstream) -> None:
        server.on("/", fake.ok(b""))
        await client.fetch(server.url(), method="POST", body=Body(json={"a": 1}))
        await client.fetch(server.url(), method="POST", body=Body(form={"a": "1 2", "b": "ü"}))
        await client.fetch(server.url(), method="PUT", body=Body(form={"f": Part(filename="x.torrent", data=b"d8:")}))
        json, form, files = server.asked
        assert (json.body, json.headers["content-type"]) == (b'{"a":1}', "application/json")
        assert form.body == b"a=1+2&b=%C3%BC"
        assert files.headers["content-type"].startswith("multipart/form-data")
        assert b'filename="x.torrent"' in files.body

    async def test_is_sent_the_credentials_of_the_url_as_a_header(self, client, server: Upstream) -> None:
        server.on("/", fake.ok(b""))
        await client.fetch(server.url().replace("//", "//u:p@"))
        assert server.asked[0].headers["authorization"] == "Basic dTpw"

    async def test_never_gets_its_cookies_back(self, client, server: Upstream) -> None:
        server.on("/", fake.ok(b"", Set_Cookie="a=1; Path=/"))
        await client.fetch(server.url())
        await client.fetch(server.url())
        assert "cookie" not in server.asked[1].headers

    async def test_keeps_one_connection_for_many_requests(self, client, server: Upstream) -> None:
        server.on("/", fake.ok(b"x"))
        for _ in range(5):
            await client.fetch(server.url())
        assert server.connections == 1

    @pytest.mark.parametrize("members", [1, 3])
    async def test_may_pack_its_answer(self, client, server: Upstream, members: int) -> None:
        text = b"<tv>" + b"programme " * 200_000
        server.on("/", fake.gzipped(text, members=members))
        assert (await client.fetch(server.url())).body == text * members

    @pytest.mark.parametrize("bits", [zlib.MAX_WBITS, -zlib.MAX_WBITS])
    async def test_may_deflate_with_or_without_a_header(self, client, server: Upstream, bits: int) -> None:
        squeeze = zlib.compressobj(wbits=bits)
        server.on("/", fake.ok(squeeze.compress(b"ab" * 9999) + squeeze.flush(), Content_Encoding="deflate"))
        assert (await client.fetch(server.url())).body == b"ab" * 9999

    async def test_streams_pieces_as_they_come(self, net, server: Upstream) -> None:
        server.on("/live", fake.stall(b"G" * 188))
        client = net.client(Trust.SOURCE, owner="live", limits=LIVE)
        async with client.stream("GET", server.url("/live")) as incoming:
            pieces = incoming.chunks()
            assert await anext(pieces) == b"G" * 188
            await pieces.aclose()
        assert server.asked[0].headers["accept-encoding"] == "identity"

    async def test_a_head_request_has_no_body(self, client, server: Upstream) -> None:
        server.on("/", fake.ok(b"12345"))
        got = await client.fetch(server.url(), method="HEAD")
        assert (got.body, got.headers["content-length"]) == (b"", "5")


class TestAnAnswerThatIsOfNoUse:
    async def test_a_status_is_told_with_what_came(self, client, server: Upstream) -> None:
        server.on("/", fake.status(403, b'{"error":"banned"}', Retry_After="7"))
        with pytest.raises(BadAnswer) as caught:
            await client.json("GET", server.url(), type=Title)
        error = caught.value
        assert (error.reason, error.status, error.retry_after, error.body) == ("status", 403, 7, b'{"error":"banned"}')

    async def test_a_web_page_is_told_as_one(self, client, server: Upstream) -> None:
        server.on("/", fake.html())
        with pytest.raises(BadAnswer, match="web page"):
            await client.json("GET", server.url(), type=Title)

    @pytest.mark.parametrize("body", [b"", b"{", b'{"name":1,"year":2}', b"\xff", b"[" * 100_000])
    async def test_broken_data_never_passes(self, client, server: Upstream, body: bytes) -> None:
        server.on("/", fake.ok(body))
        with pytest.raises(BadAnswer) as caught:
            await client.json("GET", server.url(), type=Title)
        assert caught.value.reason == "shape"

    @pytest.mark.parametrize(
        "text", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/9.9 banana\r\n\r\n", b"\x16\x03\x01", b"ICY 200 OK\r\n\r\n"]
    )
    async def test_something_that_is_not_http(self, client, server: Upstream, text: bytes) -> None:
        server.on("/", fake.raw(text))
        with pytest.raises((BadAnswer, Unreachable)):
            await client.fetch(server.url())

    async def test_a_packing_nobody_asked_for(self, client, server: Upstream) -> None:
        server.on("/", fake.ok(b"x", Content_Encoding="br"))
        with pytest.raises(BadAnswer) as caught:
            await client.fetch(server.url())
        assert caught.value.reason == "encoding"

    async def test_a_packed_answer_cut_short(self, client, server: Upstream) -> None:
        server.on("/", fake.gzipped(b"x" * 100_000, cut=10))
        with pytest.raises(BadAnswer) as caught:
            await client.fetch(server.url())
        assert caught.value.reason == "broken"

    async def test_a_body_shorter_than_announced(self, client, server: Upstream) -> None:
        server.on("/", fake.wrong_length(b"abc", 10))
        with pytest.raises(BadAnswer) as caught:
            await client.fetch(server.url())
        assert caught.value.reason == "broken"


class TestAnAnswerTooLarge:
    async def test_is_refused_by_its_announced_length(self, net, quick, server: Upstream) -> None:
        server.on("/", fake.stall(b"", 2 * MIB))
        client = net.client(Trust.SOURCE, owner="test", limits=replace(quick, size_bytes=MIB))
        with pytest.raises(TooLarge):
            await client.fetch(server.url())

    async def test_is_cut_off_when_it_never_ends(self, net, server: Upstream) -> None:
        server.on("/", fake.endless())
        client = net.client(Trust.SOURCE, owner="test", limits=replace(API, size_bytes=MIB))
        with pytest.raises(TooLarge):
            await client.fetch(server.url())

    async def test_is_refused_when_it_unpacks_more_than_two_hundredfold(self, net, server: Upstream) -> None:
        server.on("/", fake.gzip_bomb(64 * MIB))
        client = net.client(Trust.SOURCE, owner="test", limits=GUIDE)
        count = 0
        with pytest.raises(TooLarge, match="unpacks"):
            async with client.stream("GET", server.url()) as incoming:
                async for piece in incoming.chunks():
                    count += len(piece)
        assert count <= 14 * MIB  # 64 KiB, two hundredfold, beyond the free 10 MiB

    async def test_passes_when_it_unpacks_little(self, net, server: Upstream) -> None:
        server.on("/", fake.gzip_bomb(9 * MIB))
        client = net.client(Trust.SOURCE, owner="test", limits=GUIDE)
        assert (await client.fetch(server.url())).body == bytes(9 * MIB)


class TestASlowServer:
    async def test_that_never_answers_is_left(self, client, server: Upstream) -> None:
        server.on("/", fake.silent())
        with pytest.raises(Unreachable) as caught:
            await client.fetch(server.url())
        assert caught.value.reason == "silent"

    async def test_that_stops_in_the_middle_is_left(self, client, server: Upstream) -> None:
        server.on("/", fake.stall(b"abc"))
        with pytest.raises(BadAnswer) as caught:
            await client.fetch(server.url())
        assert caught.value.reason == "silent"

    async def test_that_drips_is_left_at_the_end_of_its_time(self, client, server: Upstream) -> None:
        server.on("/", fake.drip())
        with pytest.raises(BadAnswer) as caught:
            await client.fetch(server.url())
        assert caught.value.reason == "slow"

    async def test_a_stream_has_no_end_but_for_silence(self, net, quick, server: Upstream) -> None:
        server.on("/", fake.drip())
        client = net.client(Trust.SOURCE, owner="live", limits=replace(quick, total=None, size_bytes=None))
        count = 0
        async with client.stream("GET", server.url()) as incoming:
            async with asyncio.timeout(5):
                async for piece in incoming.chunks():
                    count += len(piece)
                    if count == 40:
                        break
        assert count == 40


class TestAServerThatIsNotThere:
    async def test_is_told_by_its_reason(self, client, opened, quick, server: Upstream) -> None:
        await server.stop()
        with pytest.raises(Unreachable) as caught:
            await client.fetch(server.url())
        assert caught.value.reason == "connect"
        with pytest.raises(Unreachable) as caught:
            await client.fetch("http://no-such-name.invalid/")
        assert caught.value.reason == "name"

    async def test_one_that_hangs_up_is_lost(self, client, server: Upstream) -> None:
        server.on("/", fake.reset())
        with pytest.raises(Unreachable) as caught:
            await client.fetch(server.url(), method="POST")
        assert caught.value.reason == "lost"

    async def test_one_without_tls_is_told(self, client, server: Upstream) -> None:
        with pytest.raises(Unreachable) as caught:
            await client.fetch(server.url().replace("http:", "https:"))
        assert caught.value.reason in ("tls", "lost", "connect")


class TestAUserLearnsNothingAboutPorts:
    async def test_open_closed_silent_and_foreign_ones_look_the_same(self, net, quick, server, other) -> None:
        client = net.client(Trust.USER, owner="test", limits=quick, allowed=["127.0.0.1"])
        server.on("/silent", fake.silent())
        server.on("/ssh", fake.raw(b"SSH-2.0-OpenSSH_9.2\r\n"))
        server.on("/reset", fake.reset())
        await other.stop()
        seen = set()
        for url in (
            server.url("/silent"),
            server.url("/ssh"),
            server.url("/reset"),
            server.url().replace("http:", "https:"),
            other.url(),
            "http://no-such-name.invalid/",
        ):
            with pytest.raises(Unreachable) as caught:
                await client.fetch(url)
            seen.add((type(caught.value), caught.value.reason, caught.value.message))
        assert len(seen) == 1

    @pytest.mark.parametrize("port", [22, 25, 81, 443 + 1, 1023])
    async def test_low_ports_are_not_tried(self, net, port: int) -> None:
        client = net.client(Trust.USER, owner="test", allowed=["127.0.0.1"])
        with pytest.raises(Forbidden) as caught:
            await client.fetch(f"http://127.0.0.1:{port}/")
        assert caught.value.why == "port"


class TestTryingAgain:
    @pytest.fixture
    def patient(self, net, quick):
        return net.client(Trust.SOURCE, owner="test", limits=replace(quick, attempts=3, total=timedelta(seconds=20)))

    async def test_a_reset_and_a_503_are_tried_again(self, patient, server: Upstream) -> None:
        server.on("/", fake.in_turn(fake.reset(), fake.status(503), fake.ok(b"good")))
        assert (await patient.fetch(server.url())).body == b"good"

    async def test_a_post_is_not(self, patient, server: Upstream) -> None:
        server.on("/", fake.in_turn(fake.status(503), fake.ok(b"good")))
        assert (await patient.fetch(server.url(), method="POST", body=Body(data=b"x"))).status == 503
        assert len(server.asked) == 1

    async def test_the_last_answer_is_handed_on(self, patient, server: Upstream) -> None:
        server.on("/", fake.status(502))
        assert (await patient.fetch(server.url())).status == 502
        assert len(server.asked) == 3

    async def test_a_long_asked_wait_is_the_callers_business(self, patient, server: Upstream) -> None:
        server.on("/", fake.status(429, Retry_After="120"))
        with pytest.raises(BadAnswer) as caught:
            await patient.json("GET", server.url(), type=Title)
        assert (caught.value.retry_after, len(server.asked)) == (120, 1)


class TestHeaders:
    @pytest.mark.parametrize("value", ["a\r\nHost: evil", "a\nb", "a\0b", "x" * 9000])
    async def test_line_ends_are_refused(self, client, server: Upstream, value: str) -> None:
        with pytest.raises(Invalid):
            await client.fetch(server.url(), headers={"X-A": value})
        assert server.connections == 0


class TestSaving:
    async def test_a_file_appears_whole_with_what_to_ask_next_time(self, client, server, tmp_path) -> None:
        body = bytes(range(256)) * 10_000
        server.on("/g", fake.ok(body, "application/gzip", ETag='"7"', Last_Modified="yesterday"))
        steps: list[tuple[int, int | None]] = []
        saved = await client.save(server.url("/g"), tmp_path / "g", progress=lambda *step: steps.append(step))
        assert (tmp_path / "g").read_bytes() == body
        assert (saved.etag, saved.last_modified, saved.size_bytes) == ('"7"', "yesterday", len(body))
        assert steps[-1] == (len(body), len(body))
        assert [path.name for path in tmp_path.iterdir()] == ["g"]

    async def test_an_unchanged_one_is_left_alone(self, client, server, tmp_path) -> None:
        (tmp_path / "g").write_bytes(b"old")
        server.on("/g", fake.status(304))
        saved = await client.save(server.url("/g"), tmp_path / "g", if_none_match='"7"')
        assert saved.is_unchanged
        assert server.asked[0].headers["if-none-match"] == '"7"'
        assert (tmp_path / "g").read_bytes() == b"old"

    @pytest.mark.parametrize(
        "answer",
        [
            fake.status(500),
            fake.wrong_length(b"abc", 10),
            fake.stall(b"abc"),
            fake.reset_in_body(b"abc", 10),
            fake.gzip_bomb(64 * MIB),
        ],
    )
    async def test_a_failure_leaves_the_old_one(self, client, server, tmp_path, answer) -> None:
        (tmp_path / "g").write_bytes(b"old")
        server.on("/g", answer)
        with pytest.raises((BadAnswer, TooLarge)):
            await client.save(server.url("/g"), tmp_path / "g")
        assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("g", b"old")]

    async def test_what_does_not_look_right_replaces_nothing(self, client, server, tmp_path) -> None:
        def sniff(head: bytes) -> None:
            if not head.startswith(b"#EXTM3U"):
                raise BadAnswer("not a playlist", reason="shape")

        server.on("/g", fake.html())
        with pytest.raises(BadAnswer, match="not a playlist"):
            await client.save(server.url("/g"), tmp_path / "g", sniff=sniff)
        assert list(tmp_path.iterdir()) == []

    async def test_a_packed_body_is_stored_unpacked(self, client, server, tmp_path) -> None:
        server.on("/g", fake.gzipped(gzip.compress(b"<tv/>")))
        await client.save(server.url("/g"), tmp_path / "g")
        assert gzip.decompress((tmp_path / "g").read_bytes()) == b"<tv/>"


class TestAPlainConnection:
    async def test_goes_only_to_judged_addresses(self, client, net, server: Upstream) -> None:
        async with client.connected("127.0.0.1", server.port) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            assert (await reader.readline()).startswith(b"HTTP/1.1 404")
        with pytest.raises(Forbidden):
            async with net.client(Trust.CONTENT, owner="test").connected("127.0.0.1", server.port):
                pass
        assert server.connections == 1

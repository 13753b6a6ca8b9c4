"""Attempts to lead the server where it must not go; the proof is that nobody connects there."""

import asyncio
import ssl
from datetime import timedelta

import pytest
from msgspec.structs import replace

from polycast.core.errors import Busy
from polycast.core.net import API, BadAnswer, Body, Forbidden, Trust, Unreachable
from polycast.core.settings.model import SecretText
from tests.fakes import http_upstream as fake
from tests.fakes.clock import FakeClock
from tests.fakes.http_upstream import Upstream
from tests.fakes.names import FakeNames

PUBLIC = "93.184.216.34"
OTHER_PUBLIC = "1.1.1.1"


def names(**answers) -> FakeNames:
    """Names under `.test`; two public addresses are really on loopback."""
    return FakeNames(
        {name.replace("_", ".") + ".test": turns for name, turns in answers.items()},
        {PUBLIC: "127.0.0.1", OTHER_PUBLIC: "127.0.0.1"},
    )


class TestANameWithTwoFaces:
    async def test_the_connection_goes_where_the_first_answer_said(self, opened, server, other) -> None:
        # The second answer would be our own machine: it is asked for, judged and refused, never connected to.
        made = names(evil=[[PUBLIC], ["127.0.0.1"]])
        net = await opened(names=made)
        client = net.client(Trust.CONTENT, owner="test")
        server.on("/", fake.ok(b"x", Connection="close"))
        await client.fetch(server.url(host="evil.test"))
        assert made.asked == ["evil.test"]
        for _ in range(3):
            with pytest.raises(Forbidden):
                await client.fetch(server.url(host="evil.test"))
        assert server.connections == 1

    @pytest.mark.parametrize("trust", [Trust.CONTENT, Trust.USER])
    async def test_one_bad_address_among_good_ones_spoils_all(self, opened, server, trust) -> None:
        net = await opened(names=names(evil=[[PUBLIC, "127.0.0.1"]]))
        with pytest.raises(Forbidden):
            await net.client(trust, owner="test").fetch(server.url(host="evil.test"))
        assert server.connections == 0

    async def test_an_administrators_host_is_reached_at_its_good_address(self, opened, server) -> None:
        net = await opened(names=names(nas=[["fe80::1", PUBLIC]]))
        server.on("/", fake.ok(b"x"))
        assert (await net.client(Trust.SOURCE, owner="test").fetch(server.url(host="nas.test"))).body == b"x"

    async def test_an_answer_without_addresses_is_an_unknown_name(self, opened) -> None:
        net = await opened(names=names(empty=[[]]))
        with pytest.raises(Unreachable):
            await net.client(Trust.SOURCE, owner="test").fetch("http://empty.test/")


FORBIDDEN_PLACES = [
    "http://127.0.0.1:{port}/",
    "http://localhost.test:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://0x7f000001:{port}/",
    "http://2130706433:{port}/",
    "http://127.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://0.0.0.0:{port}/",
    "http://[::]:{port}/",
    "http://169.254.169.254:{port}/latest/meta-data",
    "http://10.0.0.1:{port}/",
    "http://192.168.1.1:{port}/",
    "http://100.64.0.1:{port}/",
    "http://[fc00::1]:{port}/",
    "http://[fe80::1%25lo]:{port}/",
    "http://good.test\\@127.0.0.1:{port}/",
    "http://224.0.0.1:{port}/",
    "file:///etc/passwd",
    "ftp://127.0.0.1:{port}/",
]


class TestARedirectIntoTheHouse:
    @pytest.mark.parametrize("trust", list(Trust))
    @pytest.mark.parametrize("place", FORBIDDEN_PLACES)
    async def test_is_not_followed(self, opened, server, other, place: str, trust: Trust) -> None:
        net = await opened(names=names(good=[[PUBLIC]], between=[[OTHER_PUBLIC]], localhost=[["127.0.0.1"]]))
        server.on("/", fake.redirect(server.url("/next", host="between.test"), 307))
        server.on("/next", fake.redirect(place.format(port=other.port)))
        with pytest.raises(Forbidden):
            await net.client(trust, owner="test").fetch(server.url(host="good.test"))
        assert other.connections == 0
        assert len(server.asked) == 2

    async def test_from_a_trusted_loopback_host_reaches_only_that_very_origin(self, net, server, other) -> None:
        server.on("/", fake.redirect("/b"))
        server.on("/b", fake.ok(b"same"))
        server.on("/c", fake.redirect(other.url()))
        client = net.client(Trust.SOURCE, owner="test")
        assert (await client.fetch(server.url())).body == b"same"
        with pytest.raises(Forbidden):
            await client.fetch(server.url("/c"))
        assert other.connections == 0

    async def test_a_users_host_cannot_name_itself_private(self, opened, server) -> None:
        net = await opened(names=names(evil=[[PUBLIC], ["192.168.1.1"]]))
        server.on("/", fake.redirect("http://evil.test:8080/"))
        with pytest.raises(Forbidden):
            await net.client(Trust.USER, owner="test").fetch(server.url(host="evil.test"))


class TestRedirects:
    @pytest.fixture
    async def net(self, opened):
        return await opened(names=names(good=[[PUBLIC]], cdn=[[OTHER_PUBLIC]]))

    async def test_five_are_followed_a_sixth_is_not(self, net, server: Upstream) -> None:
        for number in range(6):
            server.on(f"/{number}", fake.redirect(f"/{number + 1}"))
        server.on("/6", fake.ok(b"end"))
        client = net.client(Trust.SOURCE, owner="test")
        got = await client.fetch(server.url("/1", host="good.test"))
        assert (got.body, got.url) == (b"end", server.url("/6", host="good.test"))
        with pytest.raises(BadAnswer) as caught:
            await client.fetch(server.url("/0", host="good.test"))
        assert caught.value.reason == "redirect"

    async def test_a_caller_may_want_the_redirect_itself(self, net, server: Upstream) -> None:
        server.on("/", fake.redirect("http://elsewhere.test/x"))
        got = await net.client(Trust.SOURCE, owner="test").fetch(server.url(host="good.test"), follows=False)
        assert (got.status, got.headers["location"]) == (302, "http://elsewhere.test/x")

    async def test_credentials_stay_with_the_host_they_were_for(self, net, server, other) -> None:
        server.on("/", fake.redirect(server.url("/same", host="good.test")))
        server.on("/same", fake.redirect(other.url("/x", host="cdn.test")))
        other.on("/x", fake.ok(b""))
        sent = {"X-Api-Key": "k", "Authorization": "Bearer t", "Cookie": "c=1", "Range": "bytes=0-"}
        await net.client(Trust.SOURCE, owner="test").fetch(server.url(host="good.test"), headers=sent)
        assert server.asked[1].headers["x-api-key"] == "k"
        kept = other.asked[0].headers
        assert kept["range"] == "bytes=0-"
        assert not {"x-api-key", "authorization", "cookie"} & set(kept)

    async def test_user_and_password_of_a_url_stay_too(self, net, server, other) -> None:
        server.on("/", fake.redirect("/same"))
        server.on("/same", fake.redirect(other.url("/x", host="cdn.test")))
        other.on("/x", fake.ok(b""))
        await net.client(Trust.SOURCE, owner="test").fetch(server.url(host="u:p@good.test"))
        assert server.asked[1].headers["authorization"] == "Basic dTpw"
        assert "authorization" not in other.asked[0].headers

    async def test_a_body_is_not_sent_on_to_another_host(self, net, server, other) -> None:
        server.on("/", fake.redirect(other.url("/x", host="cdn.test"), 307))
        with pytest.raises(BadAnswer):
            await net.client(Trust.SOURCE, owner="test").fetch(
                server.url(host="good.test"), method="POST", body=Body(data=b"secret")
            )
        assert other.connections == 0

    @pytest.mark.parametrize(
        ("code", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")]
    )
    async def test_a_post_becomes_what_http_says(self, net, server: Upstream, code: int, method: str) -> None:
        server.on("/", fake.redirect("/x", code))
        server.on("/x", fake.ok(b""))
        await net.client(Trust.SOURCE, owner="test").fetch(
            server.url(host="good.test"), method="POST", body=Body(data=b"1")
        )
        assert (server.asked[1].method, server.asked[1].body) == (method, b"1" if method == "POST" else b"")


class TestOurOwnAddress:
    async def test_is_refused_for_everybody(self, opened, server) -> None:
        net = await opened(names=names(us=[["127.0.0.1"]]), own_ports=[server.port])
        for trust in Trust:
            client = net.client(trust, owner="test", allowed=["127.0.0.1"])
            for url in (server.url(), server.url(host="us.test"), server.url(host="127.9.9.9")):
                with pytest.raises(Forbidden):
                    await client.fetch(url)
        assert server.connections == 0

    async def test_is_known_once_the_port_is(self, net, server) -> None:
        net.own([server.port])
        with pytest.raises(Forbidden) as caught:
            await net.client(Trust.SOURCE, owner="test").fetch(server.url())
        assert caught.value.why == "own"


class TestAServerThatKeepsFailing:
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    async def net(self, opened, clock):
        return await opened(clock=clock)

    @pytest.fixture
    def client(self, net, quick):
        return net.client(Trust.SOURCE, owner="test", limits=quick)

    async def fail(self, client, url: str, times: int) -> None:
        for _ in range(times):
            with pytest.raises(BadAnswer):
                await client.json("GET", url, type=dict)

    async def test_is_left_alone_after_five_failures_and_tried_once_later(self, client, clock, server) -> None:
        server.on("/", fake.in_turn(*[fake.status(500)] * 6, fake.ok(b"{}")))
        await self.fail(client, server.url(), 5)
        with pytest.raises(Unreachable) as caught:
            await client.fetch(server.url())
        assert (caught.value.reason, caught.value.retry_after, len(server.asked)) == ("resting", 30, 5)
        clock.move(timedelta(seconds=30))
        await self.fail(client, server.url(), 1)  # the one try fails: another rest
        with pytest.raises(Unreachable):
            await client.fetch(server.url())
        clock.move(timedelta(seconds=30))
        assert await client.json("GET", server.url(), type=dict) == {}
        assert await client.json("GET", server.url(), type=dict) == {}

    async def test_failures_far_apart_do_not_count(self, client, clock, server) -> None:
        server.on("/", fake.status(500))
        for _ in range(7):
            await self.fail(client, server.url(), 1)
            clock.move(timedelta(seconds=15))
        assert len(server.asked) == 7

    async def test_while_it_is_tried_nobody_else_gets_through(self, net, client, clock, server) -> None:
        server.on("/", fake.status(500))
        server.on("/slow", fake.stall(b"x"))
        await self.fail(client, server.url(), 5)
        clock.move(timedelta(seconds=30))
        async with client.stream("GET", server.url("/slow")):
            pass  # its head was good: the host is back
        async with client.stream("GET", server.url("/slow")):
            assert [state.is_resting for state in net.states()] == [False]

    async def test_another_owner_and_another_host_are_not_held_up(self, net, client, quick, server, other) -> None:
        server.on("/", fake.status(500))
        other.on("/", fake.ok(b"{}"))
        await self.fail(client, server.url(), 5)
        assert await client.json("GET", other.url(), type=dict) == {}
        with pytest.raises(BadAnswer):
            await net.client(Trust.SOURCE, owner="else", limits=quick).json("GET", server.url(), type=dict)
        assert {(state.owner, state.is_resting) for state in net.states()} == {
            ("test/source", True),
            ("test/source", False),
            ("else/source", False),
        }


class TestManyAtOnce:
    async def test_a_host_gets_so_many_and_the_rest_wait(self, opened, quick, server: Upstream) -> None:
        net = await opened(connections_per_host=2)
        client = net.client(Trust.SOURCE, owner="test", limits=replace(quick, total=timedelta(seconds=0.2)))
        server.on("/hold", fake.stall(b"x"))
        server.on("/", fake.ok(b"x"))
        async with client.stream("GET", server.url("/hold")):
            async with client.stream("GET", server.url("/hold")):
                with pytest.raises(Busy):
                    await client.fetch(server.url())
            assert (await client.fetch(server.url())).body == b"x"

    async def test_a_place_is_handed_over(self, opened, server: Upstream) -> None:
        net = await opened(connections_per_host=1)
        client = net.client(Trust.SOURCE, owner="test", limits=API)
        server.on("/", fake.ok(b"x"))
        got = await asyncio.gather(*(client.fetch(server.url()) for _ in range(20)))
        assert len(got) == 20
        assert server.connections == 1


class TestAProxy:
    async def test_carries_plain_requests_of_an_administrator_by_name(self, opened, server: Upstream) -> None:
        net = await opened(names=names(good=[[PUBLIC]]), proxy=SecretText(server.url().replace("//", "//u:p@")))
        server.on("http://good.test:81/a?b", fake.ok(b"through"))
        got = await net.client(Trust.SOURCE, owner="test").fetch("http://good.test:81/a?b")
        assert got.body == b"through"
        assert server.asked[0].headers["proxy-authorization"] == "Basic dTpw"

    async def test_is_told_the_judged_address_for_others(self, opened, server: Upstream) -> None:
        made = FakeNames({"good.test": [[PUBLIC]], "evil.test": [["127.0.0.1"]]})
        net = await opened(names=made, proxy=SecretText(server.url()))
        server.on(f"http://{PUBLIC}:81/a", fake.ok(b"through"))
        client = net.client(Trust.CONTENT, owner="test")
        assert (await client.fetch("http://good.test:81/a")).body == b"through"
        assert server.asked[0].headers["host"] == "good.test:81"
        with pytest.raises(Forbidden):
            await client.fetch("http://evil.test/")
        with pytest.raises(Unreachable):
            await client.fetch("https://good.test/")
        assert (server.asked[1].method, server.asked[1].path) == ("CONNECT", f"{PUBLIC}:443")


def test_certificates_are_checked() -> None:
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED

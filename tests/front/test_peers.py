"""Whom a request comes from, when headers may lie."""

from typing import Any

import pytest

from polycast.core.http import BadBody
from polycast.front.peers import Peers, parse_address, without_claims
from polycast.front.protocol import Doorkeeper, Patience


def scope(peer: str, host: str | None = "here", **headers: str) -> dict[str, Any]:
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    if host is not None:
        told.append((b"host", host.encode()))
    return {"client": (peer, 1), "scheme": "http", "server": ("::1", 8000), "headers": told}


PEERS = Peers(["10.0.0.0/8", "::1/128"])


class TestTheClientBehindProxies:
    @pytest.mark.parametrize(
        ("peer", "forwarded", "client"),
        [
            ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "6.6.6.6, 203.0.113.9, 10.1.1.1", "203.0.113.9"),
            ("10.0.0.1", "10.3.3.3, 10.2.2.2", "10.3.3.3"),
            ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
            ("10.0.0.1", "[2001:db8::5]", "2001:db8::5"),
            ("10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "6.6.6.6, nonsense", "10.0.0.1"),
            ("10.0.0.1", "6.6.6.6, nonsense, 10.2.2.2", "10.2.2.2"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("::1", "203.0.113.9", "203.0.113.9"),
            ("203.0.113.1", "6.6.6.6", "203.0.113.1"),
            ("::ffff:203.0.113.1", "6.6.6.6", "203.0.113.1"),
            ("fe80::1%eth0", "6.6.6.6", "fe80::1"),
        ],
    )
    def test_is_the_last_hop_that_no_proxy_of_ours_is(self, peer: str, forwarded: str, client: str) -> None:
        assert PEERS.read(scope(peer, x_forwarded_for=forwarded)).client_ip == client

    def test_may_come_in_another_header(self) -> None:
        assert PEERS.read(scope("10.0.0.1", x_real_ip="203.0.113.9")).client_ip == "203.0.113.9"

    def test_is_not_this_machine_when_a_proxy_says_so(self) -> None:
        assert Peers().read(scope("127.0.0.1")).is_loopback
        assert not Peers().read(scope("127.0.0.1", x_forwarded_for="127.0.0.1")).is_loopback
        assert not Peers().read(scope("203.0.113.1")).is_loopback

    def test_may_be_without_an_address(self) -> None:
        assert Peers().read({**scope(""), "client": None}).client_ip == ""


class TestOurOwnAddress:
    @pytest.mark.parametrize(
        ("host", "headers", "origin"),
        [
            ("tv.example", {}, "http://tv.example"),
            ("tv.example:80", {}, "http://tv.example"),
            ("tv.example:8000", {}, "http://tv.example:8000"),
            ("[::1]:8000", {}, "http://[::1]:8000"),
            (None, {}, "http://[::1]:8000"),
            ("tv.example", {"x_forwarded_proto": "https"}, "https://tv.example"),
            (
                "inner",
                {"x_forwarded_proto": "https", "x_forwarded_host": "a.example, tv.example:443"},
                "https://tv.example",
            ),
        ],
    )
    def test_is_as_the_client_spelled_it(self, host: str | None, headers: dict[str, str], origin: str) -> None:
        assert PEERS.read(scope("10.0.0.1", host, **headers)).origin == origin

    @pytest.mark.parametrize("headers", [{"x_forwarded_proto": "gopher"}, {"x_forwarded_host": "a/b"}])
    def test_must_make_sense(self, headers: dict[str, str]) -> None:
        with pytest.raises(BadBody):
            PEERS.read(scope("10.0.0.1", **headers))


def test_what_a_client_claims_is_not_passed_on() -> None:
    asked = scope("10.0.0.1", x_forwarded_for="1.1.1.1", forwarded="for=1.1.1.1", remote_user="root", accept="*/*")
    kept = without_claims(asked["headers"], PEERS.read(asked))
    assert kept == [(b"host", b"here"), (b"accept", b"*/*")]


@pytest.mark.parametrize("text", ["", "x", "1.2.3", "1.2.3.4.5", "0x7f.1", "127.1", "[::1", "::1::"])
def test_only_addresses_are_addresses(text: str) -> None:
    assert parse_address(text) is None or text == "[::1"


class TestADoorkeeper:
    def test_lets_each_peer_in_so_often(self) -> None:
        keeper = Doorkeeper(Patience(per_peer=2), trusts=lambda host: host == "10.0.0.1")
        assert [keeper.enter("a"), keeper.enter("a"), keeper.enter("a"), keeper.enter("b")] == [True, True, False, True]
        assert all(keeper.enter("10.0.0.1") for _ in range(10))
        keeper.leave("a")
        assert keeper.enter("a")

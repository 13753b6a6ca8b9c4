"""A cookie is sent by the browser whoever asks; these tests say who may have asked."""

import pytest

from polycast.core.errors import NotAllowed, NotSignedIn
from polycast.core.identity.caller import SIGNED_IN, Policy
from polycast.core.identity.origin import is_direct
from tests.core.identity.house import House, scope

# (headers of the request, whether a page of ours sent it; None: no browser did)
ORIGINS = [
    ({"origin": "http://tv.local:8000"}, True),
    ({"origin": "https://tv.local:8000"}, True),  # a proxy ended TLS and kept the name
    ({"origin": "HTTP://TV.LOCAL:8000"}, True),
    ({"origin": "https://tv.example.org"}, True),  # POLYCAST_PUBLIC_URL
    ({"sec_fetch_site": "same-origin"}, True),
    ({"origin": "https://behind.proxy", "sec_fetch_site": "same-origin"}, True),
    ({"host": "tv.local", "origin": "http://tv.local:80"}, True),
    ({"host": "tv.local:443", "origin": "https://tv.local"}, True),
    ({"origin": "http://evil.example"}, False),
    ({"origin": "http://tv.local"}, False),
    ({"origin": "http://tv.local:8000.evil.example"}, False),
    ({"origin": "http://tv.local:8000@evil.example"}, False),
    ({"origin": "http://evil.example/http://tv.local:8000"}, False),
    ({"origin": "http://tv.example.org"}, False),  # the public address is https
    ({"origin": "null"}, False),
    ({"origin": ""}, False),
    ({"origin": "http://[::1"}, False),
    ({"sec_fetch_site": "same-site"}, False),
    ({"sec_fetch_site": "cross-site"}, False),
    ({"sec_fetch_site": "none"}, False),
    ({}, None),
]


@pytest.fixture
async def ada(home: House) -> House:
    await home.user("ada")
    return home


class TestACookieAlone:
    @pytest.mark.parametrize(("headers", "ours"), ORIGINS)
    async def test_it_changes_something_only_for_our_own_pages(
        self, ada: House, headers: dict[str, str], ours: bool | None
    ) -> None:
        token, _ = await ada.signed_in("ada")
        for kind in ("http", "websocket"):
            request = scope(method="POST", kind=kind, cookie=f"polycast_session={token}", **headers)
            if ours:
                assert (await ada.identity.authenticate(request, SIGNED_IN)).username == "ada"
            else:
                with pytest.raises(NotAllowed) as refused:
                    await ada.identity.authenticate(request, SIGNED_IN)
                assert refused.value.reason == "csrf"

    # qBittorrent's clients send neither header, and keep the cookie.
    @pytest.mark.parametrize(("headers", "ours"), ORIGINS)
    async def test_sid_also_passes_where_no_browser_asks(
        self, ada: House, headers: dict[str, str], ours: bool | None
    ) -> None:
        token, _ = await ada.signed_in("ada", kind="sid")
        request = scope(method="POST", cookie=f"SID={token}", **headers)
        if ours is False:
            with pytest.raises(NotAllowed):
                await ada.identity.authenticate(request, SIGNED_IN)
        else:
            assert (await ada.identity.authenticate(request, SIGNED_IN)).username == "ada"

    async def test_the_leniency_is_for_sessions_of_that_kind_not_for_the_cookies_name(self, ada: House) -> None:
        token, _ = await ada.signed_in("ada")
        with pytest.raises(NotAllowed):
            await ada.identity.authenticate(scope(method="POST", cookie=f"SID={token}"), SIGNED_IN)

    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
    async def test_reading_asks_nothing(self, ada: House, method: str) -> None:
        token, _ = await ada.signed_in("ada")
        request = scope(method=method, cookie=f"polycast_session={token}", origin="http://evil.example")
        assert (await ada.identity.authenticate(request, SIGNED_IN)).username == "ada"

    async def test_what_the_front_says_of_our_address_goes_before_the_host_header(self, ada: House) -> None:
        token, _ = await ada.signed_in("ada")
        for origin, passes in [("https://outside.example", True), ("http://outside.example", False)]:
            request = scope(
                method="POST",
                cookie=f"polycast_session={token}",
                origin=origin,
                state={"origin": "https://outside.example"},
            )
            if passes:
                await ada.identity.authenticate(request, SIGNED_IN)
            else:
                with pytest.raises(NotAllowed):
                    await ada.identity.authenticate(request, SIGNED_IN)

    async def test_on_an_open_route_a_foreign_page_is_nobody(self, ada: House) -> None:
        token, _ = await ada.signed_in("ada")
        request = scope(method="POST", cookie=f"polycast_session={token}", origin="http://evil.example")
        assert (await ada.identity.authenticate(request, Policy(anonymous=True))).is_anonymous


class TestAHeader:
    async def test_it_needs_no_origin(self, ada: House) -> None:
        token, _ = await ada.signed_in("ada")
        request = scope(method="DELETE", authorization=f"Bearer {token}", origin="http://evil.example")
        assert (await ada.identity.authenticate(request, SIGNED_IN)).username == "ada"


class TestSeveralCookies:
    async def test_one_that_has_ended_does_not_spoil_another(self, ada: House) -> None:
        token, _ = await ada.signed_in("ada", kind="channelwatch")
        request = scope(cookie=f"polycast_session=gone; channelwatch_session={token}; SID=x; a")
        caller = await ada.identity.authenticate(request, SIGNED_IN)
        assert (caller.username, caller.via) == ("ada", "channelwatch_session")

    async def test_none_that_holds_is_as_good_as_none(self, ada: House) -> None:
        with pytest.raises(NotSignedIn) as refused:
            await ada.identity.authenticate(scope(cookie="polycast_session=gone; SID=x"), SIGNED_IN)
        assert refused.value.reason == "missing"

    async def test_an_unsigned_or_wrongly_signed_one_of_better_auth_does_not_hold(self, ada: House) -> None:
        token, _ = await ada.signed_in("ada", kind="better_auth")
        signed = ada.identity.sessions.signed(token)
        for value in (token, f"{token}.", f"{token}.x", signed[:-3] + "AA=", signed.swapcase()):
            with pytest.raises(NotSignedIn):
                await ada.identity.authenticate(scope(cookie=f"better-auth.session_token={value}"), SIGNED_IN)


class TestSittingAtTheMachine:
    @pytest.mark.parametrize(
        ("address", "headers", "direct"),
        [
            ("127.0.0.1", {"host": "127.0.0.1:8000"}, True),
            ("127.0.0.1", {"host": "localhost:8000", "origin": "http://localhost:8000"}, True),
            ("::1", {"host": "[::1]:8000"}, True),
            ("::ffff:127.0.0.1", {"host": "localhost"}, True),
            ("192.0.2.1", {"host": "localhost"}, False),
            ("127.0.0.1", {"host": "localhost", "x_forwarded_for": "127.0.0.1"}, False),
            ("127.0.0.1", {"host": "localhost", "forwarded": "for=127.0.0.1"}, False),
            ("127.0.0.1", {"host": "localhost", "origin": "http://evil.example"}, False),
            ("127.0.0.1", {"host": "localhost", "sec_fetch_site": "cross-site"}, False),
            ("127.0.0.1", {"host": "rebound.example:8000"}, False),
            ("127.0.0.1", {"host": "rebound.example", "origin": "http://rebound.example"}, False),
            ("127.0.0.1", {"host": "[::1"}, False),
            ("testclient", {"host": "localhost"}, False),
        ],
    )
    def test_no_proxy_no_foreign_page_no_borrowed_name(
        self, address: str, headers: dict[str, str], direct: bool
    ) -> None:
        assert is_direct(scope(address=address, **headers)) is direct

    def test_a_client_that_a_trusted_proxy_names_is_not_at_the_machine(self) -> None:
        request = scope(address="127.0.0.1", host="localhost", state={"client_ip": "198.51.100.7"})
        assert not is_direct(request)

    async def test_the_caller_says_so_on_open_routes(self, home: House) -> None:
        request = scope(address="127.0.0.1", host="localhost:8000")
        assert (await home.identity.authenticate(request, Policy(anonymous=True))).is_direct

"""What must not happen on the way: an unknown certificate, credentials in the clear, a packed body read differently."""

import asyncio
import gzip
import ssl
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from polycast.core.net import BadAnswer, Forbidden, HostList, Trust, Unreachable, host_of, trust_at
from polycast.core.net.decode import decoder_for
from polycast.core.net.exchange import Request, Rules, redirected
from polycast.core.net.target import parse_target
from polycast.core.settings.model import NetSettings

NONE = HostList()
RULES = Rules(
    trust=Trust.SOURCE,
    owner="test",
    user_agent="x",
    named_by=None,
    trusted=NONE,
    allowed=NONE,
    own_ports=frozenset(),
    at_once=1,
    proxy=None,
)


@pytest.fixture
async def tls_port(tmp_path: Path) -> AsyncIterator[int]:
    """A server whose certificate nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()


class TestACertificateNobodyKnows:
    async def test_ends_the_exchange(self, net, quick, tls_port: int) -> None:
        client = net.client(Trust.SOURCE, owner="test", limits=quick)
        with pytest.raises(Unreachable) as caught:
            await client.fetch(f"https://127.0.0.1:{tls_port}/", headers={"Authorization": "Bearer x"})
        assert caught.value.reason == "tls"
        with pytest.raises(Unreachable) as caught:
            async with client.connected("127.0.0.1", tls_port, tls=True):
                pass
        assert caught.value.reason == "tls"


class TestARedirectFromHttpsToHttp:
    def request(self, url: str, **headers: str) -> Request:
        return Request(method="GET", target=parse_target(url), headers=CIMultiDict(headers))

    @pytest.mark.parametrize("location", ["http://a.test/", "http://b.test/"])
    def test_is_refused_when_credentials_were_sent(self, location: str) -> None:
        for request in (self.request("https://a.test/", Authorization="x"), self.request("https://u:p@a.test/")):
            with pytest.raises(Forbidden) as caught:
                redirected(request, RULES, 302, location)
            assert caught.value.why == "credentials"

    def test_is_followed_as_content_without_any(self) -> None:
        request, rules = redirected(self.request("https://a.test/", Range="bytes=0-"), RULES, 302, "http://b.test/")
        assert (request.target.text, rules.trust, rules.named_by) == ("http://b.test/", Trust.CONTENT, "a.test")

    def test_the_other_way_round_keeps_them(self) -> None:
        request, _ = redirected(self.request("http://a.test/", Authorization="x"), RULES, 302, "https://a.test/")
        assert request.headers["Authorization"] == "x"

    def test_to_another_port_drops_them(self) -> None:
        request, _ = redirected(self.request("http://u:p@a.test/", Cookie="x"), RULES, 302, "http://a.test:8080/")
        assert (dict(request.headers), request.target.basic) == ({}, None)


class TestAPackedBody:
    @given(st.binary(max_size=3000), st.integers(1, 50), st.sampled_from(["gzip", "x-gzip", "deflate", "raw"]))
    def test_is_the_same_however_it_arrives(self, body: bytes, step: int, kind: str) -> None:
        packed = gzip.compress(body) if "gzip" in kind else zlib.compress(body)
        if kind == "raw":
            packed = packed[2:-4]
        decoder = decoder_for("deflate" if kind == "raw" else kind)
        got = b"".join(b"".join(decoder.feed(packed[at : at + step])) for at in range(0, len(packed), step))
        decoder.end()
        assert got == body

    @given(st.binary(min_size=1, max_size=300))
    def test_of_any_bytes_is_read_or_refused(self, data: bytes) -> None:
        for kind in ("gzip", "deflate"):
            decoder = decoder_for(kind)
            try:
                b"".join(decoder.feed(data))
                decoder.end()
            except BadAnswer:
                continue

    def test_with_padding_behind_it_is_whole(self) -> None:
        decoder = decoder_for("gzip")
        assert b"".join(decoder.feed(gzip.compress(b"x") + bytes(512))) == b"x"
        decoder.end()


class TestAnAddressFoundInASource:
    def test_belongs_to_the_administrator_at_the_host_he_gave(self) -> None:
        given = host_of("http://127.0.0.1:34400/m3u/list.m3u")
        assert trust_at(host_of("http://127.0.0.1:34401/stream/1"), given) is Trust.SOURCE
        assert trust_at(host_of("http://192.168.1.9/stream/1"), given) is Trust.CONTENT


class TestChangedSettings:
    async def test_hold_from_the_next_request_on(self, net, server) -> None:
        client = net.client(Trust.SOURCE, owner="test")
        await client.fetch(server.url())
        net.configure(NetSettings(user_agent="Other"))
        with pytest.raises(Forbidden):
            await client.fetch(server.url())
        net.configure(NetSettings(user_agent="Other", trusted_hosts=("localhost",)))
        await client.fetch(server.url())
        assert [asked.headers["user-agent"] for asked in server.asked] == ["Polycast", "Other"]

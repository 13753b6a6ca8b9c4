"""An account's own way: its proxy, and the one certificate that its peer may show."""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from polycast.core.errors import Invalid
from polycast.core.net import Forbidden, Trust, Unreachable, Via, read_via
from tests.fakes import http_upstream as fake
from tests.fakes.http_upstream import Upstream


@pytest.fixture
async def self_signed(tmp_path: Path) -> AsyncIterator[tuple[int, str]]:
    """The port of an HTTPS server that nobody but itself has signed, and its certificate's fingerprint."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "elsewhere.invalid")])
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

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    der = certificate.public_bytes(serialization.Encoding.DER)
    yield server.sockets[0].getsockname()[1], hashlib.sha256(der).hexdigest()
    server.close()


class TestAPinnedCertificate:
    async def test_counts_although_nobody_has_signed_it(self, net, quick, self_signed) -> None:
        port, print_ = self_signed
        written = ":".join(print_[at : at + 2] for at in range(0, 64, 2)).upper()
        client = net.client(Trust.SOURCE, owner="t", limits=quick, via=read_via(fingerprint=written))
        assert (await client.fetch(f"https://127.0.0.1:{port}/")).body == b"hello"

    @pytest.mark.parametrize("pin", ["", "00" * 32])
    async def test_any_other_does_not(self, net, quick, self_signed, pin: str) -> None:
        client = net.client(Trust.SOURCE, owner="t", limits=quick, via=read_via(fingerprint=pin))
        with pytest.raises(Unreachable):
            await client.fetch(f"https://127.0.0.1:{self_signed[0]}/")

    async def test_holds_for_connections_that_are_not_http(self, net, quick, self_signed) -> None:
        port, print_ = self_signed
        pinned = net.client(Trust.SOURCE, owner="t", limits=quick, via=read_via(fingerprint=print_))
        async with pinned.connected("127.0.0.1", port, tls=True) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            assert (await reader.read()).endswith(b"hello")
        other = net.client(Trust.SOURCE, owner="t", limits=quick, via=read_via(fingerprint="00" * 32))
        with pytest.raises(Unreachable):
            async with other.connected("127.0.0.1", port, tls=True):
                pass


class TestAnyCertificate:
    async def test_is_good_enough_where_an_administrator_says_so(self, net, quick, self_signed) -> None:
        client = net.client(Trust.SOURCE, owner="t", limits=quick, via=Via(verify_tls=False))
        assert (await client.fetch(f"https://127.0.0.1:{self_signed[0]}/")).body == b"hello"
        async with client.connected("127.0.0.1", self_signed[0], tls=True) as (_, writer):
            writer.close()

    def test_is_for_nobody_else(self, net, quick) -> None:
        with pytest.raises(ValueError, match="administrator"):
            net.client(Trust.CONTENT, owner="t", limits=quick, via=Via(verify_tls=False))


class TestAProxyOfItsOwn:
    async def test_is_asked_with_its_password(self, net, quick, server: Upstream, other: Upstream) -> None:
        server.on(other.url("/film"), fake.ok(b"from the proxy"))
        via = read_via(proxy=server.url().replace("//", "//me:secret@"))
        client = net.client(Trust.SOURCE, owner="t", limits=quick, via=via)
        assert (await client.fetch(other.url("/film"))).body == b"from the proxy"
        assert server.asked[0].path == other.url("/film")
        assert server.asked[0].headers["proxy-authorization"] == "Basic bWU6c2VjcmV0"
        assert other.connections == 0

    async def test_may_not_be_this_machine(self, opened, quick, server: Upstream) -> None:
        net = await opened(trusted_hosts=())
        client = net.client(Trust.SOURCE, owner="t", limits=quick, via=read_via(proxy=server.url()))
        with pytest.raises(Forbidden):
            await client.fetch("http://192.0.2.1/")
        assert server.connections == 0

    @pytest.mark.parametrize(
        ("given", "path"),
        [({"proxy": "socks5://127.0.0.1:1080"}, "proxy"), ({"fingerprint": "abc"}, "tls_fingerprint")],
    )
    def test_what_cannot_be_used_is_refused(self, given: dict[str, str], path: str) -> None:
        with pytest.raises(Invalid) as refused:
            read_via(**given)
        assert refused.value.problems[0].path == path

"""A mail server on loopback: aiosmtpd, with sign-in and both kinds of TLS; what it took is kept."""

import asyncio
import datetime as dt
import ipaddress
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import msgspec
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class MailBox(msgspec.Struct):
    """What the server took, and where it is."""

    port: int = 0
    trust: Path | None = None  # the server's certificate
    taken: list[EmailMessage] = []
    users: dict[str, str] = {}
    refuses: str = ""  # an answer to every recipient, "550 no such user"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.taken.append(BytesParser(_class=EmailMessage, policy=default).parsebytes(envelope.original_content))
        return "250 taken"

    def may(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and self.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=known, handled=known)


@asynccontextmanager
async def mail_server(
    folder: Path, *, tls: bool = False, starttls: bool = False, **users: str
) -> AsyncIterator[MailBox]:
    """Takes mail for the length of the block; with `users` only from those, and only over TLS where it has some."""
    box = MailBox(users=users, taken=[])
    context = None
    if tls or starttls:
        context, box.trust = certificates(folder)

    def serve() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it finds sign-in without TLS noteworthy
            return SMTP(
                box,
                authenticator=box.may,
                auth_required=bool(users),
                auth_require_tls=starttls,
                tls_context=context if starttls else None,
                require_starttls=starttls,
                hostname="mail.test",
            )

    server = await asyncio.get_running_loop().create_server(serve, "127.0.0.1", 0, ssl=context if tls else None)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()


def certificates(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """(for a server on 127.0.0.1, the file of its certificate)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    pem = made.public_bytes(serialization.Encoding.PEM)
    path.write_bytes(
        pem
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, path

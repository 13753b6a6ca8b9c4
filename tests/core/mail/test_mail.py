"""Mail goes to a server we did not write, protected as asked, and nothing smuggles a header in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from polycast.core.clock import SystemClock
from polycast.core.errors import Invalid
from polycast.core.mail import Mail, MailRefused, MailServer, Security, send_mail
from polycast.core.net import Forbidden, Outbound, Trust, Unreachable, open_net
from polycast.core.settings.model import NetSettings, SecretText
from tests.fakes.mail_server import mail_server

MAIL = Mail(sender="Radio <radio@example.org>", to=["Ada <ada@example.org>"], subject="Grüße", text="Hör zu.\n")


@pytest.fixture
async def out() -> AsyncIterator[Outbound]:
    async with open_net(NetSettings(trusted_hosts=("127.0.0.1",)), SystemClock()) as net:
        yield net.client(Trust.SOURCE, owner="test.mail")


def server(port: int, security: Security = Security.NONE, password: str = "") -> MailServer:
    return MailServer(
        host="127.0.0.1",
        port=port,
        security=security,
        username="ada" if password else "",
        password=SecretText(password),
    )


class TestItIsTaken:
    async def test_in_the_clear(self, out: Outbound, tmp_path: Path) -> None:
        async with mail_server(tmp_path) as box:
            await send_mail(out, server(box.port), MAIL)
        (taken,) = box.taken
        assert (taken["From"], taken["To"], taken["Subject"]) == (MAIL.sender, MAIL.to[0], "Grüße")
        assert taken.get_content() == "Hör zu.\r\n"

    @pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
    async def test_protected_and_signed_in(self, out: Outbound, tmp_path: Path, security: Security) -> None:
        async with mail_server(
            tmp_path, tls=security is Security.TLS, starttls=security is Security.STARTTLS, ada="secret"
        ) as box:
            await send_mail(out, server(box.port, security, "secret"), MAIL, trust=box.trust)
        assert len(box.taken) == 1

    async def test_with_a_part_for_programs_that_show_html(self, out: Outbound, tmp_path: Path) -> None:
        async with mail_server(tmp_path) as box:
            await send_mail(
                out,
                server(box.port),
                Mail(sender="a@example.org", to=["b@example.org"], subject="x", text="plain", html="<b>bold</b>"),
            )
        body = box.taken[0].get_body(("html",))
        assert body is not None
        assert body.get_content() == "<b>bold</b>\r\n"


class TestItIsNot:
    async def test_a_wrong_password(self, out: Outbound, tmp_path: Path) -> None:
        async with mail_server(tmp_path, ada="secret") as box:
            with pytest.raises(MailRefused) as refused:
                await send_mail(out, server(box.port, password="wrong"), MAIL)
        assert refused.value.smtp_code == 535
        assert box.taken == []

    async def test_a_recipient_nobody_knows(self, out: Outbound, tmp_path: Path) -> None:
        async with mail_server(tmp_path) as box:
            box.refuses = "550 no such user"
            with pytest.raises(MailRefused, match="no such user"):
                await send_mail(out, server(box.port), MAIL)

    async def test_a_certificate_nobody_signed(self, out: Outbound, tmp_path: Path) -> None:
        async with mail_server(tmp_path, tls=True) as box:
            with pytest.raises(MailRefused, match="certificate"):
                await send_mail(out, server(box.port, Security.TLS), MAIL)

    async def test_a_server_that_cannot_protect_it(self, out: Outbound, tmp_path: Path) -> None:
        async with mail_server(tmp_path) as box:
            with pytest.raises(MailRefused, match="STARTTLS"):
                await send_mail(out, server(box.port, Security.STARTTLS), MAIL)
        assert box.taken == []

    async def test_nobody_is_there(self, out: Outbound, tmp_path: Path) -> None:
        async with mail_server(tmp_path) as box:
            pass
        with pytest.raises(Unreachable):
            await send_mail(out, server(box.port), MAIL)

    async def test_an_address_we_do_not_go_to(self, out: Outbound) -> None:
        with pytest.raises(Forbidden):
            await send_mail(out, MailServer(host="169.254.169.254"), MAIL)

    @pytest.mark.parametrize(
        ("mail", "field"),
        [
            (Mail(sender="a@example.org", to=["b@example.org\r\nBcc: c@example.org"], subject="", text=""), "to"),
            (Mail(sender="nobody", to=["b@example.org"], subject="", text=""), "sender"),
            (Mail(sender="a@example.org", to=[], subject="", text=""), "to"),
            (
                Mail(sender="a@example.org", to=["b@e.org"], subject="", text="", headers={"X-A": "1\nBcc: c@e.org"}),
                "headers",
            ),
        ],
    )
    async def test_a_header_within_a_header(self, out: Outbound, mail: Mail, field: str) -> None:
        with pytest.raises(Invalid) as invalid:
            await send_mail(out, MailServer(host="127.0.0.1"), mail)
        assert [one.path for one in invalid.value.problems] == [field]

    async def test_a_subject_of_several_lines_becomes_one(self, out: Outbound, tmp_path: Path) -> None:
        async with mail_server(tmp_path) as box:
            await send_mail(
                out, server(box.port), Mail(sender="a@e.org", to=["b@e.org"], subject="one\r\nBcc: c@e.org", text="")
            )
        assert box.taken[0]["Subject"] == "one Bcc: c@e.org"
        assert box.taken[0]["Bcc"] is None

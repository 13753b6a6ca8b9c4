"""One mail over one connection. Source: RFC 5321, RFC 3207, RFC 4954; the message RFC 5322."""

from email.errors import MessageError
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from pathlib import Path
from typing import Final

import aiosmtplib

from polycast.core.errors import Invalid, Problem
from polycast.core.mail.model import Mail, MailRefused, MailServer, Security
from polycast.core.net import Outbound

TIMEOUT_S: Final = 30.0
OUR_NAME: Final = "polycast.invalid"  # in EHLO and message ids: the machine's own name is nobody's business
LONGEST_SUBJECT: Final = 300  # characters


async def send_mail(out: Outbound, server: MailServer, mail: Mail, *, trust: Path | None = None) -> None:
    """Hand `mail` to `server`. `out` judges where that is; `trust`: a file of certificates to believe besides the system's.

    Raises: Invalid for an address or a header that cannot be one; MailRefused; Forbidden, Unreachable.
    """
    message = made(mail)
    async with out.dialled(server.host, server.at) as opened:
        client = aiosmtplib.SMTP(
            hostname=server.host,
            sock=opened,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            cert_bundle=str(trust) if trust else None,
            timeout=TIMEOUT_S,
            local_hostname=OUR_NAME,
            username=server.username or None,
            password=server.password.plain or None,
        )
        try:
            async with client:
                await client.send_message(message)
        except aiosmtplib.SMTPResponseException as error:
            raise MailRefused(
                f"The mail server said {error.code} {error.message}"[:500], smtp_code=error.code
            ) from error
        except (aiosmtplib.SMTPException, OSError) as error:  # SSLError is an OSError
            raise MailRefused(f"The mail server did not take it: {error}"[:500]) from error


def made(mail: Mail) -> EmailMessage:
    """The message, with nothing in its headers that could end one. Raises: Invalid, naming the field."""
    message = EmailMessage()
    fields = [("From", "sender", mail.sender), *(("To", "to", one) for one in mail.to)]
    problems = [Problem(path, "invalid_address") for _, path, one in fields if not _is_address(one)]
    if not mail.to:
        problems.append(Problem("to", "required"))
    if problems:
        raise Invalid(problems)
    try:
        message["From"] = mail.sender
        message["To"] = ", ".join(mail.to)
        message["Subject"] = " ".join(mail.subject.split())[:LONGEST_SUBJECT]
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=OUR_NAME)
        message["Auto-Submitted"] = "auto-generated"
        for name, value in mail.headers.items():
            message[name] = value
    except (ValueError, MessageError) as error:
        raise Invalid.one("headers", "invalid_header", "A header of the mail holds what no header may.") from error
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    return message


def _is_address(text: str) -> bool:
    _, address = parseaddr(text)
    local, _, domain = address.rpartition("@")
    return bool(local and domain) and not any(ch in text for ch in "\r\n\x00") and " " not in address

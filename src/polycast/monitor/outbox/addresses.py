"""From the settings to destinations: which address belongs to which channel. Source: specs/monitor.md 4.4."""

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

from polycast.core.errors import Invalid
from polycast.core.mail import MailServer, Security
from polycast.core.settings import SecretText
from polycast.monitor.outbox.model import SCHEMES, Destination
from polycast.monitor.preferences.model import Preferences

DISCORD: Final = re.compile(
    r"(?:https://(?:discord|discordapp)\.com/api/webhooks/|discord://)?(?P<id>\d{5,25})/(?P<token>[A-Za-z0-9_-]{10,200})/?(?:\?.*)?$"
)
KNOWN_SERVERS: Final[Mapping[str, str]] = {
    "gmail.com": "smtp.gmail.com",
    "googlemail.com": "smtp.gmail.com",
    "outlook.com": "smtp-mail.outlook.com",
    "hotmail.com": "smtp-mail.outlook.com",
    "yahoo.com": "smtp.mail.yahoo.com",
    "icloud.com": "smtp.mail.me.com",
    "fastmail.com": "smtp.fastmail.com",
}


class MailWay(Struct, frozen=True, kw_only=True):
    """How mail leaves, and to whom."""

    server: MailServer
    sender: str
    to: tuple[str, ...]


def destinations(prefs: Preferences) -> Iterator[Destination]:
    """Every place that is set up."""
    for channel in ("pushover", "discord", "email", "telegram", "slack", "gotify", "matrix"):
        value = getattr(prefs, f"apprise_{channel}").strip()
        if not value:
            continue
        if channel == "discord" and DISCORD.match(value):
            yield Destination(channel=channel, provider_type="discord", address=value)
        elif channel == "email":
            yield Destination(channel=channel, provider_type="email", address=value)
        else:
            scheme = SCHEMES.get(channel, channel)
            address = value if "://" in value else f"{scheme}://{value}"
            yield Destination(channel=channel, address=address)
    for index, address in enumerate(prefs.apprise_custom.replace(",", " ").split()):
        kind = "email" if address.lower().startswith(("mailto://", "mailtos://")) else "apprise"
        yield Destination(channel="custom", channel_id=str(index) if index else "", provider_type=kind, address=address)
    for hook in prefs.webhooks:
        if hook.enabled:
            yield Destination(channel="webhook", channel_id=hook.id, provider_type="webhook", address=hook.url)


def discord_url(value: str) -> str | None:
    """The address of a Discord webhook, in whichever form it was given."""
    found = DISCORD.match(value.strip())
    return f"https://discord.com/api/webhooks/{found['id']}/{found['token']}" if found else None


def mail_way(value: str, to: str) -> MailWay:
    """A mail account as people write it: `user:password@host`, `mailto://...`, `user=..&pass=..&smtp=..&port=587`.

    Raises: Invalid, in words for a person.
    """
    options: dict[str, str] = {}
    user = password = host = ""
    port = 0
    text = value.strip()
    is_tls = text.lower().startswith("mailtos://")
    if "://" not in text and "=" in text and "@" not in text.split("=", 1)[0]:
        options = dict(parse_qsl(text.lstrip("?"), keep_blank_values=True))
    else:
        try:
            parts = urlsplit(text if "://" in text else f"mailto://{text}")
            user, password = unquote(parts.username or ""), unquote(parts.password or "")
            host, port = parts.hostname or "", parts.port or 0
        except ValueError as error:
            raise Invalid.one("apprise_email", "invalid", "This is no mail account.") from error
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
    user, password = options.get("user", user), options.get("pass", password)
    port = int(options["port"]) if options.get("port", "").isdecimal() else port
    domain = user.rpartition("@")[2] if "@" in user else host
    server = options.get("smtp") or KNOWN_SERVERS.get(domain, host or domain)
    recipients = tuple(
        filter(None, (one.strip() for one in (to or options.get("to", "")).replace(";", ",").split(",")))
    )
    sender = options.get("from", "") or (user if "@" in user else f"{user or 'polycast'}@{domain or server}")
    if not server or not (recipients or "@" in sender):
        raise Invalid.one("apprise_email", "invalid", "A mail account needs a server and a recipient.")
    sender = sender if "@" in sender else f"ChannelWatch <{user if '@' in user else 'polycast@' + server}>"
    return MailWay(
        server=MailServer(
            host=server, port=port, security=_security(options.get("mode", ""), port, is_tls=is_tls),
            username=user if password else "", password=SecretText(password),
        ),
        sender=sender,
        to=recipients or (sender,),
    )  # fmt: skip


def _security(mode: str, port: int, *, is_tls: bool) -> Security:
    word = mode.lower()
    if word in ("insecure", "none"):
        return Security.NONE
    if word == "ssl" or port == 465:
        return Security.TLS
    if word == "starttls" or is_tls or port == 587:
        return Security.STARTTLS
    return Security.NONE if port in (25, 1025, 2525) or port >= 8025 else Security.STARTTLS

"""One try at one destination, by the way that its kind takes. Places of ours and of the private network are refused
unless an administrator has listed them. Source: specs/monitor.md 4.4, security.md 3.2."""

import html
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, PolycastError
from polycast.core.mail import Mail, MailRefused, send_mail
from polycast.core.messengers import Message, Messengers, Tone
from polycast.core.net import BadAnswer, Body, Forbidden, HostList, Limits, Net, Outbound, Trust, Unreachable
from polycast.core.net.address import Reach, literal, reach_of
from polycast.monitor.alerts.model import Alert
from polycast.monitor.outbox.addresses import destinations, discord_url, mail_way
from polycast.monitor.outbox.model import Delivery, Destination, Result
from polycast.monitor.outbox.webhooks import embed, headers, payload
from polycast.monitor.preferences.model import Preferences, TrustedDestination

TOTAL: Final = timedelta(seconds=15)
LIMITS: Final = Limits(
    connect=timedelta(seconds=5), first_byte=timedelta(seconds=10), total=TOTAL, size_bytes=256 * 1024
)
HOOK_LIMITS: Final = Limits(
    connect=timedelta(seconds=5), first_byte=timedelta(seconds=5), idle=timedelta(seconds=5),
    total=timedelta(seconds=5), size_bytes=256 * 1024,
)  # fmt: skip
TONES: Final = {"info": Tone.INFO, "warning": Tone.WARNING, "critical": Tone.FAILURE}
PASSING: Final = frozenset({408, 425, 429})


class Senders:
    """All ways out for messages. `trusted_hosts` are the hosts that the server's settings let be loopback."""

    def __init__(
        self,
        *,
        net: Net,
        messengers: Messengers,
        clock: Clock,
        trusted_hosts: Callable[[], Sequence[str]],
        instance_url: Callable[[], str],
    ) -> None:
        self._net = net
        self._messengers = messengers
        self._clock = clock
        self._trusted_hosts = trusted_hosts
        self._instance_url = instance_url

    async def send(self, delivery: Delivery, prefs: Preferences) -> Result:
        """Try once; never raises for what is outside us."""
        place = next((one for one in destinations(prefs) if one.key == delivery.key), None)
        if place is None:
            return Result(ok=False, text="This destination is no longer set up.", is_final=True)
        return await self.send_to(place, delivery.notice, prefs, delivery.uuid)

    async def send_to(self, place: Destination, alert: Alert, prefs: Preferences, uuid: str) -> Result:
        """Try once at `place`."""
        started = self._clock.monotonic()
        try:
            result = await self._by_kind(place, alert, prefs, uuid)
        except Forbidden as error:
            result = Result(ok=False, text=error.message, is_final=True)
        except Invalid as error:
            result = Result(ok=False, text=error.message, is_final=True)
        except MailRefused as error:
            result = Result(ok=False, text=error.message, is_final=500 <= error.smtp_code < 600)
        except (Unreachable, BadAnswer) as error:
            result = Result(ok=False, text=error.message, retry_after=error.retry_after)
        except PolycastError as error:
            result = Result(ok=False, text=error.message)
        return msgspec.structs.replace(result, latency=self._clock.monotonic() - started)

    async def _by_kind(self, place: Destination, alert: Alert, prefs: Preferences, uuid: str) -> Result:
        if place.provider_type == "webhook":
            return await self._webhook(place, alert, prefs, uuid)
        if place.provider_type == "discord":
            return await self._discord(place, alert)
        if place.provider_type == "email":
            return await self._mail(place, alert, prefs)
        return await self._messenger(place, alert, prefs)

    async def _webhook(self, place: Destination, alert: Alert, prefs: Preferences, uuid: str) -> Result:
        hook = next((one for one in prefs.webhooks if one.id == place.channel_id), None)
        if hook is None or not hook.secret:
            return Result(ok=False, text="The webhook has no secret; it is not sent unsigned.", is_final=True)
        body = payload(alert, hook, delivery=uuid, instance_url=self._instance_url())
        sent = headers(alert, hook, body, delivery=uuid, at=self._clock.now())
        out = self.client("webhook", prefs)
        got = await out.fetch(
            hook.url, method="POST", headers=sent, body=Body(data=body), limits=HOOK_LIMITS, follows=False
        )
        return _judged(got.status, got.headers.get("Retry-After", ""), len(body))

    async def _discord(self, place: Destination, alert: Alert) -> Result:
        body = msgspec.json.encode(embed(alert))
        out = self._net.client(Trust.USER, owner="monitor.discord", limits=LIMITS)
        got = await out.fetch(
            discord_url(place.address) or "", method="POST", headers={"Content-Type": "application/json"},
            body=Body(data=body), follows=False,
        )  # fmt: skip
        return _judged(got.status, got.headers.get("Retry-After", ""), len(body))

    async def _mail(self, place: Destination, alert: Alert, prefs: Preferences) -> Result:
        way = mail_way(place.address, prefs.apprise_email_to if place.channel == "email" else "")
        text = html.escape(alert.text).replace("\n", "<br />\n")
        mail = Mail(
            sender=way.sender, to=way.to, subject=alert.title, text=alert.text,
            html=f"<p><strong>{html.escape(alert.title)}</strong></p>\n<p>{text}</p>",
        )  # fmt: skip
        await send_mail(self.client("email", prefs), way.server, mail)
        return Result(ok=True, text="The mail server took it.", size=len(mail.html) + len(mail.text))

    async def _messenger(self, place: Destination, alert: Alert, prefs: Preferences) -> Result:
        message = Message(title=alert.title, text=alert.text, tone=TONES.get(alert.severity, Tone.INFO))
        source = "apprise_custom" if place.channel == "custom" else place.channel
        sent = await self._messengers.send(place.address, message, out=self.client(source, prefs))
        text = sent.text or (f"{sent.service} took it." if sent.ok else "The service did not take the message.")
        is_final = sent.reason in ("address", "refused")
        return Result(ok=sent.ok, text=text, is_final=is_final, size=len(alert.text.encode()))

    def client(self, source: str, prefs: Preferences) -> Outbound:
        """A way out for `source`, to public places and to those that are listed for it."""
        return self._net.client(
            Trust.USER, owner=f"monitor.{source}", limits=LIMITS, allowed=self.allowed(source, prefs)
        )

    def allowed(self, source: str, prefs: Preferences) -> list[str]:
        """`host:port` of what is trusted for `source`; loopback only if the server's settings trust it as well."""
        listed = [one for one in prefs.trusted_notification_destinations if one.source == source]
        trusted = HostList.of(self._trusted_hosts())
        return [_place(one) for one in listed if not is_loopback(one.host) or _is_trusted(one, trusted)]


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine, by its name or its address."""
    try:
        address = literal(host)
    except Forbidden:
        return True  # an odd spelling of an address is not believed to be another machine's
    if address is None:
        return host == "localhost" or host.endswith(".localhost")
    return reach_of(address) is Reach.LOOPBACK


def _is_trusted(one: TrustedDestination, trusted: HostList) -> bool:
    address = literal(one.host)
    if address is not None:
        return trusted.has(one.host, address, one.port)
    return (one.host, 0) in trusted.names or (one.host, one.port) in trusted.names


def _place(one: TrustedDestination) -> str:
    host = one.host.lower().rstrip(".")
    return f"[{host}]:{one.port}" if ":" in host else f"{host}:{one.port}"


def _judged(status: int, retry_after: str, size: int) -> Result:
    if 200 <= status < 300:
        return Result(ok=True, text=f"It answered with status {status}.", size=size)
    wait = int(retry_after) if retry_after.isdecimal() and len(retry_after) < 6 else None
    is_final = 300 <= status < 500 and status not in PASSING
    return Result(ok=False, text=f"It answered with status {status}.", is_final=is_final, retry_after=wait, size=size)

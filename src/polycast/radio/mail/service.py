"""Writing mails, and sending them."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, Problem, Unavailable
from polycast.core.jobs import Run
from polycast.core.mail import Mail, MailServer, Security, send_mail
from polycast.core.net import Outbound
from polycast.core.secrets import Secrets, Unsealable
from polycast.core.settings import SecretText
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.model import Account
from polycast.radio.accounts.who import Who
from polycast.radio.company.model import Smtp
from polycast.radio.company.service import CompanyRoom
from polycast.radio.mail.builtin import BUILTIN
from polycast.radio.mail.model import TYPES, Letter, MailTemplate, Words, written
from polycast.radio.mail.store import MailStore
from polycast.radio.settings import RadioSettings

CONTEXT: Final = "radio.mail"
GIVEN_UP: Final = timedelta(hours=24)
KEPT: Final = timedelta(days=30)  # that there was a mail; its words are gone when it is sent
FALLBACK: Final = "en"


class SendLetter(Struct, frozen=True):
    """Hand a mail to the mail server."""

    mail_id: int


class Owners(Protocol):
    """Whose words come before the built-in ones."""

    def admins_in(self, unit: Unit) -> list[int]: ...


class MailRoom:
    """Templates, letters and their sending."""

    def __init__(
        self, *, db: Database, store: MailStore, company: CompanyRoom, owners: Owners, secrets: Secrets,
        out: Outbound, settings: Callable[[], RadioSettings], public_url: Callable[[], str], clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._company = company
        self._owners = owners
        self._secrets = secrets
        self._out = out
        self._settings = settings
        self._public_url = public_url
        self._clock = clock

    def put(self, unit: Unit, account: Account, email_type: str, values: Mapping[str, str] = {}) -> None:
        """Write to `account` in this commit. Nothing, while mail is off or no mail server is set."""
        if self._settings().mail_enabled and account.email:
            self.put_to(unit, account.email, account, email_type, values)

    def put_to(self, unit: Unit, to: str, account: Account, email_type: str, values: Mapping[str, str]) -> None:
        """`put`, to an address of its own."""
        words = self._words(unit, account, email_type)
        known = {
            "username": account.username,
            "company_name": self._company.name_in(unit),
            "panel_url": f"{self._public_url()}/app/radio" if self._public_url() else "",
            "station_name": account.station_name or account.first_name or account.username,
        }
        letter = written(words, known | dict(values), to=to, at=self._clock.now())
        sealed = self._secrets.seal(msgspec.json.encode(letter).decode(), context=CONTEXT)
        mail_id = self._store.add(
            unit, account_id=account.id, email_type=email_type, sealed=sealed, at=self._clock.now()
        )
        unit.enqueue("radio.send_letter", SendLetter(mail_id=mail_id))

    def written_in(self, unit: Unit, account_id: int, email_type: str, *, within: timedelta) -> int:
        """How many mails of a kind an account got in the last `within`."""
        return self._store.count(unit, account_id, email_type, since=self._clock.now() - within)

    async def send(self, payload: SendLetter, run: Run) -> None:
        """The job. Raises: Unavailable, to be tried again until a day has passed."""
        sealed = await self._db.read(self._store.get, payload.mail_id)
        smtp = await self._company.smtp()
        if not sealed:
            return
        letter = self._opened(sealed)
        if letter is not None and smtp.host and self._clock.now() - letter.written_at < GIVEN_UP:
            await send_mail(
                self._out,
                server_of(smtp),
                Mail(sender=smtp.sender, to=[letter.to], subject=letter.subject, text=letter.text, html=letter.html),
            )
        await self._db.write(self._store.sent, payload.mail_id)

    def _opened(self, sealed: bytes) -> Letter | None:
        """None for a letter that another installation has sealed: nobody can read it any more."""
        try:
            return msgspec.json.decode(self._secrets.open(sealed, context=CONTEXT), type=Letter)
        except Unsealable:
            return None

    async def send_test(self, *, recipient: str, subject: str, body: str) -> None:
        """A mail right now, over the present server. Raises: Unavailable, with the server's words; Invalid."""
        smtp = await self._company.smtp()
        if not smtp.host:
            raise Unavailable("No mail server is set.")
        letter = written(Words(subject=subject, body=body), {}, to=recipient, at=self._clock.now())
        mail = Mail(sender=smtp.sender, to=[recipient], subject=letter.subject, text=letter.text, html=letter.html)
        await send_mail(self._out, server_of(smtp), mail)

    async def templates(self, who: Who, *, language: str) -> list[MailTemplate]:
        """One for each kind, as `who`'s customers would get it."""
        return await self._db.read(self._templates, who.id or 0, language)

    def _templates(self, unit: Unit, owner_id: int, language: str) -> list[MailTemplate]:
        return [self._shown(unit, owner_id, language, email_type) for email_type in TYPES]

    async def template(self, who: Who, *, language: str, email_type: str) -> MailTemplate:
        """Raises: Invalid for an unknown kind."""
        _known(email_type)
        return await self._db.read(self._shown, who.id or 0, language, email_type)

    async def put_template(self, who: Who, template: MailTemplate) -> MailTemplate:
        """Keep the caller's own words. Raises: Invalid."""
        _known(template.email_type)
        await self._db.write(self._store.put_template, template)
        return template

    def _shown(self, unit: Unit, owner_id: int, language: str, email_type: str) -> MailTemplate:
        words = self._found(unit, [owner_id, *self._owners.admins_in(unit)], language, email_type)
        return MailTemplate(
            owner_id=owner_id, language=language, email_type=email_type, subject=words.subject, body=words.body
        )

    def _words(self, unit: Unit, account: Account, email_type: str) -> Words:
        owners = [*([account.owner_id] if account.owner_id else []), *self._owners.admins_in(unit)]
        return self._found(unit, owners, account.language or self._settings().default_language, email_type)

    def _found(self, unit: Unit, owner_ids: list[int], language: str, email_type: str) -> Words:
        """The owner's, the admins', then ours; first in the language, then in English."""
        for wanted in dict.fromkeys((language, FALLBACK)):
            for owner_id in dict.fromkeys(owner_ids):
                found = self._store.template(unit, owner_id, wanted, email_type)
                if found is not None:
                    return Words(subject=found.subject, body=found.body)
            if email_type in BUILTIN.get(wanted, {}):
                return BUILTIN[wanted][email_type]
        return BUILTIN[FALLBACK][email_type]

    async def purge(self) -> int:
        """Forget mails of more than 30 days ago."""
        return await self._db.write(self._store.purge, before=self._clock.now() - KEPT)


def server_of(smtp: Smtp) -> MailServer:
    """The mail server as the mail door takes it."""
    security = Security.TLS if smtp.ssl else Security.STARTTLS if smtp.tls else Security.NONE
    return MailServer(
        host=smtp.host,
        port=smtp.port or 0,
        security=security,
        username=smtp.username,
        password=SecretText(smtp.password),
    )


def _known(email_type: str) -> None:
    if email_type not in TYPES:
        raise Invalid([Problem("email_type", "invalid_choice")])

"""Words of mails, and packages. Source: `specs/radio.md` 3.10, 3.11."""

from msgspec import UNSET

from polycast.core.errors import Invalid, NotAllowed, Problem
from polycast.core.http import Route, delete, get, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.radio.accounts.model import Kind
from polycast.radio.accounts.who import Who, who_of
from polycast.radio.dialects.admin import wire
from polycast.radio.dialects.admin.policies import READ, WRITE
from polycast.radio.dialects.admin.sent import EmailTemplateSent, TemplateSent, template_change
from polycast.radio.mail.model import TYPES, MailTemplate
from polycast.radio.mail.service import MailRoom
from polycast.radio.templates.service import Templates

KINDS = (("broadcasters", Kind.BROADCASTER), ("resellers", Kind.RESELLER))


@get("/api/v1/templates/email/", policy=READ)
async def mails(
    caller: Caller, mail: MailRoom, language: str = "en", email_type: str = ""
) -> list[wire.EmailTemplate] | wire.EmailTemplate:
    """One with `email_type`, else one for each kind."""
    who = _owner(caller)
    if email_type:
        return _mail(await mail.template(who, language=language, email_type=email_type))
    return [_mail(one) for one in await mail.templates(who, language=language)]


@put("/api/v1/templates/email/", policy=WRITE, sent=EmailTemplateSent)
async def put_mail(caller: Caller, sent: EmailTemplateSent, mail: MailRoom) -> wire.EmailTemplate:
    """The caller's own words from now on."""
    who = _owner(caller)
    given = {"email_type": sent.email_type, "subject": sent.subject, "body": sent.body}
    missing = [name for name, text in given.items() if text is UNSET]
    if missing or sent.email_type is UNSET or sent.subject is UNSET or sent.body is UNSET:
        raise Invalid([Problem(name, "required") for name in missing])
    template = MailTemplate(
        owner_id=who.id or 0,
        language=sent.language,
        email_type=sent.email_type,
        subject=sent.subject,
        body=sent.body,
    )
    return _mail(await mail.put_template(who, template))


@get("/api/v1/templates/email/types/", policy=READ)
async def mail_types(caller: Caller) -> list[tuple[str, str]]:
    """Pairs of value and label."""
    who_of(caller)
    return list(TYPES.items())


def _owner(caller: Caller) -> Who:
    """Whoever has customers. Raises: NotAllowed."""
    who = who_of(caller)
    who.require(Kind.ADMIN, Kind.RESELLER)
    if who.id is None:
        raise NotAllowed
    return who


def _mail(one: MailTemplate) -> wire.EmailTemplate:
    return wire.EmailTemplate(
        owner=one.owner_id, language=one.language, email_type=one.email_type, subject=one.subject, body=one.body
    )


def package_routes(word: str, kind: Kind) -> list[Route]:
    """The same five for both kinds of package."""
    lists, ones = f"/api/v1/templates/{word}/", f"/api/v1/templates/{word}/{{pk}}/"

    @get(lists, policy=READ)
    async def page(caller: Caller, templates: Templates) -> list[wire.Shown]:
        """In the order of their names."""
        return [wire.shown(wire.template(one)) for one in await templates.of_kind(who_of(caller), kind)]

    @post(lists, policy=WRITE, sent=TemplateSent, status=201)
    async def create(caller: Caller, sent: TemplateSent, templates: Templates) -> wire.Shown:
        """A new package."""
        return wire.shown(wire.template(await templates.create(who_of(caller), kind, template_change(sent))))

    @get(ones, policy=READ)
    async def one(caller: Caller, pk: int, templates: Templates) -> wire.Shown:
        """One package."""
        return wire.shown(wire.template(await templates.get(who_of(caller), kind, pk)))

    @put(ones, policy=WRITE, sent=TemplateSent)
    async def replace(caller: Caller, pk: int, sent: TemplateSent, templates: Templates) -> wire.Shown:
        """What is not sent stays; accounts made from it stay as they are."""
        return wire.shown(wire.template(await templates.update(who_of(caller), kind, pk, template_change(sent))))

    @patch(ones, policy=WRITE, sent=TemplateSent)
    async def update(caller: Caller, pk: int, sent: TemplateSent, templates: Templates) -> wire.Shown:
        """As PUT."""
        return wire.shown(wire.template(await templates.update(who_of(caller), kind, pk, template_change(sent))))

    @delete(ones, policy=WRITE, status=204)
    async def remove(caller: Caller, pk: int, templates: Templates) -> None:
        """Accounts made from it stay as they are."""
        await templates.delete(who_of(caller), kind, pk)

    return [page, create, one, replace, update, remove]


def routes() -> list[Route]:
    packages = [route for word, kind in KINDS for route in package_routes(word, kind)]
    return [mails, put_mail, mail_types, *packages]

"""Settings of the business, and numbers of the machine. Source: `specs/radio.md` 3.9."""

import asyncio
from typing import Any

import msgspec

from polycast.core.errors import PolycastError, Unavailable
from polycast.core.http import Request, Route, get, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.radio.accounts.around import Surveys
from polycast.radio.accounts.model import Kind
from polycast.radio.accounts.rules import email_problems
from polycast.radio.accounts.who import who_of
from polycast.radio.company.model import Company, CompanyChange, Smtp
from polycast.radio.company.service import MASKED, CompanyRoom
from polycast.radio.dialects.admin import wire, wire_company
from polycast.radio.dialects.admin.addresses import Addresses
from polycast.radio.dialects.admin.errors import Plain
from polycast.radio.dialects.admin.policies import COSTLY_ADMIN, OPEN, READ, WRITE
from polycast.radio.dialects.admin.profile import picture_of
from polycast.radio.dialects.admin.sent import SettingsSent, TestEmailSent
from polycast.radio.machine.service import Machine, readable
from polycast.radio.mail.service import MailRoom

PICTURES_LIMIT = 3_000_000  # bytes of a whole multipart body


@get("/api/v1/settings/", policy=OPEN)
async def shown(caller: Caller, company: CompanyRoom, addresses: Addresses, request: Request) -> wire.Shown:
    """Name and pictures for everybody; the way mail leaves for those who are signed in."""
    seen, smtp = await company.shown()
    if caller.is_anonymous:
        return {name: getattr(seen, name) for name in wire_company.CompanyShown.__struct_fields__}
    who = who_of(caller)
    found: wire.Shown = msgspec.structs.asdict(shown_settings(seen, smtp if who.is_admin else Smtp()))
    return found | (msgspec.structs.asdict(addresses.host_shown(request.scope)) if who.is_admin else {})


@put("/api/v1/settings/", policy=WRITE, sent=SettingsSent, body_limit=PICTURES_LIMIT)
async def replace(caller: Caller, sent: SettingsSent, company: CompanyRoom) -> wire_company.SettingsShown:
    """Change what is sent."""
    return await _changed(caller, sent, company)


@patch("/api/v1/settings/", policy=WRITE, sent=SettingsSent, body_limit=PICTURES_LIMIT)
async def update(caller: Caller, sent: SettingsSent, company: CompanyRoom) -> wire_company.SettingsShown:
    """As PUT."""
    return await _changed(caller, sent, company)


async def _changed(caller: Caller, sent: SettingsSent, company: CompanyRoom) -> wire_company.SettingsShown:
    who = who_of(caller)
    who.require(Kind.ADMIN)
    given: dict[str, Any] = {
        name: value
        for name in SettingsSent.__struct_fields__
        if (value := getattr(sent, name)) is not msgspec.UNSET and not name.endswith(("_logo", "_favicon"))
    }
    given |= {name: bool(given[name]) for name in ("smtp_tls", "smtp_ssl") if name in given}
    for field in ("company_logo", "company_favicon"):
        content = picture_of(getattr(sent, field))
        if content is not None:
            given[field] = await asyncio.to_thread(company.keep_picture, field, content)
    seen, smtp = await company.change(who, CompanyChange(**given))
    return shown_settings(seen, smtp)


def shown_settings(company: Company, smtp: Smtp) -> wire_company.SettingsShown:
    """The password is masked when there is one."""
    return wire_company.SettingsShown(
        **{name: getattr(company, name) for name in wire_company.CompanyShown.__struct_fields__},
        smtp_host=smtp.host,
        smtp_port=smtp.port,
        smtp_username=smtp.username,
        smtp_password=MASKED if smtp.password else "",
        smtp_sender=smtp.sender,
        smtp_tls=smtp.tls,
        smtp_ssl=smtp.ssl,
    )


@post("/api/v1/settings/test_email/", policy=COSTLY_ADMIN, sent=TestEmailSent)
async def test_email(caller: Caller, sent: TestEmailSent, mail: MailRoom) -> wire.Empty:
    """A mail right now, over the present server."""
    who_of(caller).require(Kind.ADMIN)
    if problems := email_problems(sent.recipient):
        raise Plain({"recipient": [problem.code for problem in problems]})
    try:
        await mail.send_test(recipient=sent.recipient, subject=sent.subject, body=sent.body)
    except (Unavailable, PolycastError) as error:
        raise Plain({"non_field_errors": ["email_failed"], "smtp_exception": error.message}) from error
    return wire.Empty()


@get("/api/v1/settings/permanent_stats/", policy=READ)
async def permanent(caller: Caller, machine: Machine) -> wire_company.PermanentStats:
    """Host, system, processor."""
    who_of(caller)
    found = await machine.permanent()
    return wire_company.PermanentStats(**msgspec.structs.asdict(found))


@get("/api/v1/settings/dynamic_stats/", policy=READ)
async def dynamic(caller: Caller, machine: Machine, surveys: Surveys) -> wire_company.DynamicStats:
    """Accounts, listeners, network, disk, memory, processor, as they are now."""
    who = who_of(caller)
    totals, loads = await surveys.totals(who.id, who.kind), await machine.loads()
    return wire_company.DynamicStats(
        broadsters_num=totals.broadcasters,
        resellers_num=totals.resellers,
        listeners_num=totals.listeners,
        r_kbps=loads.r_kbps,
        t_kbps=loads.t_kbps,
        du_free=loads.du_free,
        du_free_readable=readable(loads.du_free),
        du_total=loads.du_total,
        du_total_readable=readable(loads.du_total),
        uptime=loads.uptime,
        ram_free_megabytes=loads.ram_free_megabytes,
        ram_total_megabytes=loads.ram_total_megabytes,
        cpu_load=loads.cpu_load,
    )


def routes() -> list[Route]:
    return [shown, replace, update, test_email, permanent, dynamic]

"""Broadcasters: made, changed, silenced, deleted, entered. Source: `specs/radio.md` 3.3."""

from msgspec import UNSET

from polycast.core.errors import Invalid
from polycast.core.http import Envelope, Request, Route, delete, get, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.radio.accounts.around import Surveys
from polycast.radio.accounts.model import Kind
from polycast.radio.accounts.service import Accounts
from polycast.radio.accounts.who import who_of
from polycast.radio.dialects.admin import wire
from polycast.radio.dialects.admin.addresses import Addresses
from polycast.radio.dialects.admin.lists import ListQuery, listed
from polycast.radio.dialects.admin.policies import READ, WRITE
from polycast.radio.dialects.admin.sent import BroadcasterSent, account_change
from polycast.radio.dialects.admin.views import Views
from polycast.radio.signin.service import SignIn


@get("/api/v1/broadcasters/", policy=READ, query=ListQuery)
async def page(
    caller: Caller, query: ListQuery, accounts: Accounts, views: Views, request: Request
) -> list[wire.Broadcaster] | Envelope[wire.Broadcaster]:
    """An admin's: all; a reseller's: their own."""
    who = who_of(caller)
    return await listed(
        request,
        query,
        lambda limit, offset: accounts.page(
            who, Kind.BROADCASTER, search=query.search, ordering=query.ordering, limit=limit, offset=offset
        ),
        views.broadcasters,
    )


@post("/api/v1/broadcasters/", policy=WRITE, sent=BroadcasterSent, status=201)
async def create(caller: Caller, sent: BroadcasterSent, accounts: Accounts, views: Views) -> wire.Broadcaster:
    """A new account; a job makes it."""
    return await views.broadcaster(await accounts.create(who_of(caller), Kind.BROADCASTER, account_change(sent)))


@get("/api/v1/broadcasters/{pk}/", policy=READ)
async def one(caller: Caller, pk: int, accounts: Accounts, views: Views) -> wire.Broadcaster:
    """One account."""
    who = who_of(caller)
    who.require(Kind.ADMIN, Kind.RESELLER)
    return await views.broadcaster(await accounts.get(who, Kind.BROADCASTER, pk))


@put("/api/v1/broadcasters/{pk}/", policy=WRITE, sent=BroadcasterSent)
async def replace(caller: Caller, pk: int, sent: BroadcasterSent, accounts: Accounts, views: Views) -> wire.Broadcaster:
    """Change an account; what is not sent stays, but an address must be."""
    if sent.email is UNSET:
        await accounts.get(who_of(caller), Kind.BROADCASTER, pk)
        raise Invalid.one("email", "required")
    return await update_account(caller, pk, sent, accounts, views)


@patch("/api/v1/broadcasters/{pk}/", policy=WRITE, sent=BroadcasterSent)
async def update(caller: Caller, pk: int, sent: BroadcasterSent, accounts: Accounts, views: Views) -> wire.Broadcaster:
    """Change an account; what is not sent stays."""
    return await update_account(caller, pk, sent, accounts, views)


async def update_account(
    caller: Caller, pk: int, sent: BroadcasterSent, accounts: Accounts, views: Views
) -> wire.Broadcaster:
    """What PUT and PATCH share."""
    change = account_change(sent)
    return await views.broadcaster(await accounts.update(who_of(caller), Kind.BROADCASTER, pk, change))


@delete("/api/v1/broadcasters/{pk}/", policy=WRITE, status=204)
async def remove(caller: Caller, pk: int, accounts: Accounts) -> None:
    """Silent at once; a job takes the rest away."""
    await accounts.delete(who_of(caller), pk)


@post("/api/v1/broadcasters/{pk}/suspend/", policy=WRITE)
async def suspend(caller: Caller, pk: int, accounts: Accounts) -> wire.Empty:
    """Silent until it is unsuspended."""
    await accounts.suspend(who_of(caller), pk)
    return wire.Empty()


@post("/api/v1/broadcasters/{pk}/unsuspend/", policy=WRITE)
async def unsuspend(caller: Caller, pk: int, accounts: Accounts) -> wire.Empty:
    """What was on air before comes back."""
    await accounts.unsuspend(who_of(caller), pk)
    return wire.Empty()


@post("/api/v1/broadcasters/{pk}/login/", policy=WRITE)
async def enter(
    caller: Caller, pk: int, accounts: Accounts, sign_in: SignIn, addresses: Addresses, request: Request
) -> wire.LoginUrl:
    """Where the account's panel is, and a ticket into it."""
    who = who_of(caller)
    who.require(Kind.ADMIN, Kind.RESELLER)
    account = await accounts.get(who, Kind.BROADCASTER, pk)
    return wire.LoginUrl(url=addresses.panel(request.scope), token=sign_in.panel_token(account))


@post("/api/v1/broadcasters/{pk}/restart/", policy=WRITE)
async def restart(caller: Caller, pk: int, accounts: Accounts) -> wire.Empty:
    """Start the account's stations anew; listeners stay."""
    await accounts.restart(who_of(caller), pk)
    return wire.Empty()


@get("/api/v1/broadcasters/{pk}/usage/", policy=READ)
async def usage(caller: Caller, pk: int, accounts: Accounts, surveys: Surveys, request: Request) -> list[wire.UsageDay]:
    """Listeners, traffic and disk by day, `?from=2026-11-01&to=2026-11-30`."""
    account = await accounts.get(who_of(caller), Kind.BROADCASTER, pk)
    asked = request.query_params
    days = await surveys.days(account, asked.get("from", "")[:10], asked.get("to", "")[:10])
    return [
        wire.UsageDay(
            date=one.day,
            listeners_peak=one.listeners_peak,
            listeners_avg=round(one.listened_ms / 86_400_000, 2),
            traffic=one.traffic_bytes,
            du=one.du_bytes,
        )
        for one in days
    ]


@get("/api/v1/broadcasters/{pk}/events/", policy=READ)
async def events(caller: Caller, pk: int, accounts: Accounts, surveys: Surveys) -> list[wire.AccountEvent]:
    """What happened to the account, the latest first."""
    account = await accounts.get(who_of(caller), Kind.BROADCASTER, pk)
    return [wire.AccountEvent(at=at, code=code, text=text) for at, code, text in await surveys.events(account)]


def routes() -> list[Route]:
    return [page, create, one, replace, update, remove, suspend, unsuspend, enter, restart, usage, events]

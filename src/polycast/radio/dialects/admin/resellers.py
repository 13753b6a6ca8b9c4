"""Resellers. Source: `specs/radio.md` 3.4."""

from msgspec import UNSET

from polycast.core.errors import Invalid
from polycast.core.http import Envelope, Request, Route, delete, get, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.radio.accounts.model import Kind
from polycast.radio.accounts.service import Accounts
from polycast.radio.accounts.who import who_of
from polycast.radio.dialects.admin import wire
from polycast.radio.dialects.admin.lists import ListQuery, listed
from polycast.radio.dialects.admin.policies import ADMIN
from polycast.radio.dialects.admin.sent import ResellerSent, account_change
from polycast.radio.dialects.admin.views import Views
from polycast.radio.signin.service import SignIn


@get("/api/v1/resellers/", policy=ADMIN, query=ListQuery)
async def page(
    caller: Caller, query: ListQuery, accounts: Accounts, views: Views, request: Request
) -> list[wire.Reseller] | Envelope[wire.Reseller]:
    """All of them."""
    who = who_of(caller)
    return await listed(
        request,
        query,
        lambda limit, offset: accounts.page(
            who, Kind.RESELLER, search=query.search, ordering=query.ordering, limit=limit, offset=offset
        ),
        views.resellers,
    )


@post("/api/v1/resellers/", policy=ADMIN, sent=ResellerSent, status=201)
async def create(caller: Caller, sent: ResellerSent, accounts: Accounts, views: Views) -> wire.Reseller:
    """A new one, ready at once."""
    return await views.reseller(await accounts.create(who_of(caller), Kind.RESELLER, account_change(sent)))


@get("/api/v1/resellers/{pk}/", policy=ADMIN)
async def one(caller: Caller, pk: int, accounts: Accounts, views: Views) -> wire.Reseller:
    """One of them."""
    who = who_of(caller)
    who.require(Kind.ADMIN)
    return await views.reseller(await accounts.get(who, Kind.RESELLER, pk))


@put("/api/v1/resellers/{pk}/", policy=ADMIN, sent=ResellerSent)
async def replace(caller: Caller, pk: int, sent: ResellerSent, accounts: Accounts, views: Views) -> wire.Reseller:
    """Change one; what is not sent stays, but an address must be."""
    if sent.email is UNSET:
        who = who_of(caller)
        who.require(Kind.ADMIN)
        await accounts.get(who, Kind.RESELLER, pk)
        raise Invalid.one("email", "required")
    return await views.reseller(await accounts.update(who_of(caller), Kind.RESELLER, pk, account_change(sent)))


@patch("/api/v1/resellers/{pk}/", policy=ADMIN, sent=ResellerSent)
async def update(caller: Caller, pk: int, sent: ResellerSent, accounts: Accounts, views: Views) -> wire.Reseller:
    """Change one; what is not sent stays."""
    return await views.reseller(await accounts.update(who_of(caller), Kind.RESELLER, pk, account_change(sent)))


@delete("/api/v1/resellers/{pk}/", policy=ADMIN, status=204)
async def remove(caller: Caller, pk: int, accounts: Accounts, reassign_to: int | None = None) -> None:
    """Their accounts go to `reassign_to`; without it there must be none."""
    await accounts.delete_reseller(who_of(caller), pk, reassign_to=reassign_to)


@post("/api/v1/resellers/{pk}/login/", policy=ADMIN)
async def enter(caller: Caller, pk: int, accounts: Accounts, sign_in: SignIn, views: Views) -> wire.LoggedIn:
    """The reseller's own login token: an admin looks after them."""
    who = who_of(caller)
    who.require(Kind.ADMIN)
    await accounts.get(who, Kind.RESELLER, pk)
    entered = await sign_in.enter(pk, caller=caller)
    return wire.LoggedIn(key=entered.token, user=await views.profile(entered.account))


def routes() -> list[Route]:
    return [page, create, one, replace, update, remove, enter]

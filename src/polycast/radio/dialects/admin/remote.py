"""The calls of billing programs, each with an admin's or a reseller's own login. Source: `specs/radio.md` 3.8, 4.15."""

from polycast.core.errors import NotAllowed
from polycast.core.http import Request, Route, get, patch, post
from polycast.core.identity.caller import Caller
from polycast.radio.accounts.model import Account, AccountChange, Kind
from polycast.radio.billing.service import Billing, Login, Refusal
from polycast.radio.dialects.admin import wire
from polycast.radio.dialects.admin.addresses import Addresses
from polycast.radio.dialects.admin.policies import ENTRY, OPEN
from polycast.radio.dialects.admin.sent import RemoteQuery, RemoteSent, account_change
from polycast.radio.dialects.admin.views import Views
from polycast.radio.signin.service import SignIn


def login_of(sent: RemoteSent, query: RemoteQuery) -> Login:
    """From the body, or from the address."""
    return Login(
        username=sent.server_username or query.server_username,
        password=sent.server_password or query.server_password,
    )


def change_of(sent: RemoteSent) -> AccountChange:
    """What of a call is about the account itself."""
    return account_change(sent)


@get("/api/v1/remote_get_all_broadcasters/", policy=ENTRY, query=RemoteQuery)
async def everybody(caller: Caller, query: RemoteQuery, billing: Billing, views: Views) -> wire.Broadcasters:
    """For the billing program's own list."""
    login = Login(username=query.server_username, password=query.server_password)
    return wire.Broadcasters(broadcasters=await views.rows(await billing.everybody(login, caller)))


@get("/api/v1/check_username/", policy=OPEN)
async def exists(caller: Caller, billing: Billing, username: str = "") -> wire.Exists:
    """Whether a name is taken."""
    return wire.Exists(exists=await billing.exists(username, caller))


@post("/api/v1/remote_admin_login/", policy=ENTRY, sent=RemoteSent, query=RemoteQuery)
async def admin_login(caller: Caller, sent: RemoteSent, query: RemoteQuery, billing: Billing) -> wire.Token:
    """The admin's own login token. Here `username` and `password` are the admin's, too."""
    login = login_of(sent, query)
    if not login.username:
        login = Login(username=sent.username, password=sent.password if isinstance(sent.password, str) else "")
    return wire.Token(token=await billing.token_of(login, caller))


@post("/api/v1/remote_user_login/", policy=ENTRY, sent=RemoteSent, query=RemoteQuery)
async def user_login(  # a route's collaborators
    caller: Caller, sent: RemoteSent, query: RemoteQuery, billing: Billing, sign_in: SignIn, addresses: Addresses,
    request: Request,
) -> wire.Url:  # fmt: skip
    """A link into an account's panel."""
    _, account = await billing.account(login_of(sent, query), sent.username, caller)
    if account.kind is not Kind.BROADCASTER:
        raise Refusal("user_not_found", reason="user_not_found")
    panel = addresses.panel(request.scope)
    return wire.Url(url=f"{panel}/auth?t={sign_in.panel_token(account)}")


@patch("/api/v1/remote_change_password/", policy=ENTRY, sent=RemoteSent, query=RemoteQuery)
async def change_password(caller: Caller, sent: RemoteSent, query: RemoteQuery, billing: Billing) -> wire.Success:
    """A new password for an account."""
    await billing.change_password(login_of(sent, query), sent.username, sent.new_password, caller)
    return wire.Success()


@post("/api/v1/remote_user_suspend/", policy=ENTRY, sent=RemoteSent, query=RemoteQuery)
async def suspend(caller: Caller, sent: RemoteSent, query: RemoteQuery, billing: Billing) -> wire.Empty:
    """Silent until it is paid."""
    await billing.suspend(login_of(sent, query), sent.username, caller)
    return wire.Empty()


@post("/api/v1/remote_user_unsuspend/", policy=ENTRY, sent=RemoteSent, query=RemoteQuery)
async def unsuspend(caller: Caller, sent: RemoteSent, query: RemoteQuery, billing: Billing) -> wire.Empty:
    """On air again."""
    await billing.unsuspend(login_of(sent, query), sent.username, caller)
    return wire.Empty()


@post("/api/v1/remote_user_delete/", policy=ENTRY, sent=RemoteSent, query=RemoteQuery)
async def remove(caller: Caller, sent: RemoteSent, query: RemoteQuery, billing: Billing) -> wire.Empty:
    """As DELETE of the account."""
    await billing.delete(login_of(sent, query), sent.username, caller)
    return wire.Empty()


@post("/api/v1/remote_get_templates/", policy=ENTRY, sent=RemoteSent, query=RemoteQuery)
async def template_names(caller: Caller, sent: RemoteSent, query: RemoteQuery, billing: Billing) -> wire.TemplateNames:
    """What `template` may be."""
    mine, others = await billing.template_names(login_of(sent, query), caller)
    return wire.TemplateNames(broadcaster_templates=mine, reseller_templates=others)


@post("/api/v1/remote_bcaster_create_from_template/", policy=ENTRY, sent=RemoteSent, query=RemoteQuery)
async def create(caller: Caller, sent: RemoteSent, query: RemoteQuery, billing: Billing) -> wire.Empty:
    """A new account of a package, or of the request's own limits."""
    try:
        await billing.create(login_of(sent, query), sent.template or sent.configoption1, change_of(sent), caller)
    except NotAllowed as error:
        raise Refusal("invalid_params", reason="invalid_params") from error
    return wire.Empty()


@post("/api/v1/remote_get_details/", policy=ENTRY, sent=RemoteSent, query=RemoteQuery)
async def details(caller: Caller, sent: RemoteSent, query: RemoteQuery, billing: Billing, views: Views) -> wire.Shown:
    """The account as the customer's page shows it."""
    _, account = await billing.account(login_of(sent, query), sent.username, caller)
    return await either(account, views)


@patch("/api/v1/remote_update_client/", policy=ENTRY, sent=RemoteSent, query=RemoteQuery)
async def update(caller: Caller, sent: RemoteSent, query: RemoteQuery, billing: Billing, views: Views) -> wire.Shown:
    """Another package, or the request's own limits."""
    change = account_change(without_names(sent))
    login, template = login_of(sent, query), sent.template or sent.configoption1
    account, was_package = await billing.update(login, sent.username, template, change, caller)
    if was_package:
        return {}
    return await either(account, views)


async def either(account: Account, views: Views) -> wire.Shown:
    """A broadcaster's or a reseller's object."""
    if account.kind is Kind.BROADCASTER:
        return wire.shown(await views.broadcaster(account))
    return wire.shown(await views.reseller(account))


def without_names(sent: RemoteSent) -> RemoteSent:
    """A call that changes limits sends the account's name and password along: they say who, not what."""
    skipped = ("username", "password", "email")
    kept = {name: getattr(sent, name) for name in sent.__struct_fields__ if name not in skipped}
    return RemoteSent(**kept)


def routes() -> list[Route]:
    return [
        everybody,
        exists,
        admin_login,
        user_login,
        change_password,
        suspend,
        unsuspend,
        remove,
        template_names,
        create,
        details,
        update,
    ]

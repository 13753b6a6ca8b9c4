"""Signing in and out, and the first run."""

from collections.abc import Sequence
from typing import Any

from polycast.core.errors import Invalid, NotFound
from polycast.core.http import Answer, Cookie, Request, Route, delete, get, post
from polycast.core.identity.caller import OPEN, Caller, Credential, Policy, RateClass, needs
from polycast.core.identity.scopes import Scope
from polycast.core.identity.service import Identity
from polycast.core.identity.sessions.model import UI, SessionCookie, SignedIn
from polycast.core.identity.users.model import UserNew
from polycast.hub.activity.service import Activities
from polycast.hub.dialects.v1.wire_people import (
    Confirm,
    FirstOwner,
    FirstRun,
    Me,
    Server,
    SignedInAs,
    SignIn,
    Step,
    StepSent,
)
from polycast.hub.welcome.service import ServerFacts, Welcome

SIGN_IN = Policy(anonymous=True, rate=RateClass.SIGN_IN)
BROWSER = Policy(kinds=frozenset({Credential.SESSION}))
STATES = ("open", "done", "skipped")


def routes() -> Sequence[Route]:
    """What the pages need before and while somebody is signed in."""
    return [session, sign_in, sign_out, confirm, first_run, make_owner, set_step]


@get("/polycast/v1/session", policy=OPEN)
async def session(caller: Caller, identity: Identity, facts: ServerFacts, activities: Activities) -> SignedInAs:
    """Who is signed in, and what server this is."""
    return await _signed_in(caller, identity, facts, activities)


@post("/polycast/v1/session", policy=SIGN_IN, sent=SignIn)
async def sign_in(
    caller: Caller, sent: SignIn, request: Request, identity: Identity, facts: ServerFacts, activities: Activities
) -> Answer[SignedInAs]:
    """Sign in with a name and the login password; sets the cookie `polycast_session`."""
    signed_in = await identity.sign_in(
        sent.name,
        sent.password,
        kind=UI.name,
        address=caller.address,
        device=request.headers.get("user-agent", ""),
        known=caller,
        request_id=caller.request_id,
    )
    return await _welcome(signed_in, request, identity, facts, activities)


@delete("/polycast/v1/session", policy=OPEN, status=204)
async def sign_out(caller: Caller, request: Request, identity: Identity) -> Answer[None]:
    """Sign out of this browser."""
    if caller.credential is Credential.SESSION and caller.credential_id is not None:
        await identity.sessions.end(caller, caller.credential_id)
    ended = identity.sessions.end_cookie(UI.name, secure=_is_secure(request))
    return Answer(None, cookies=[_cookie(ended)])


@post("/polycast/v1/session/confirm", policy=BROWSER, sent=Confirm, status=204)
async def confirm(caller: Caller, sent: Confirm, identity: Identity) -> None:
    """Show the login password once more: for ten minutes, delicate things may be done."""
    await identity.sign_ins.confirm(caller, sent.password)


@get("/polycast/v1/first-run", policy=OPEN)
async def first_run(caller: Caller, identity: Identity, welcome: Welcome) -> FirstRun:
    """How far the first run is."""
    return await _first_run(caller, identity, welcome)


@post("/polycast/v1/first-run/owner", policy=SIGN_IN, sent=FirstOwner)
async def make_owner(
    caller: Caller,
    sent: FirstOwner,
    request: Request,
    identity: Identity,
    facts: ServerFacts,
    welcome: Welcome,
    activities: Activities,
) -> Answer[SignedInAs]:
    """Make the first owner, and sign them in. Only while there is no user."""
    new = UserNew(username=sent.username, password=sent.password, email=sent.email or None)
    owner = await identity.first_run.make_owner(caller, new, code=sent.code)
    await welcome.set("owner", "done")
    agent = request.headers.get("user-agent", "")
    signed_in = await identity.sessions.open(owner, UI.name, address=caller.address, device=agent, fresh=True)
    return await _welcome(signed_in, request, identity, facts, activities)


@post("/polycast/v1/first-run/steps/{name}", policy=needs(Scope.CORE_WRITE), sent=StepSent)
async def set_step(caller: Caller, name: str, sent: StepSent, identity: Identity, welcome: Welcome) -> FirstRun:
    """Say what became of a step."""
    if sent.state not in STATES:
        raise Invalid.one("state", "not_a_choice", "A step is open, done or skipped.")
    if not await welcome.set(name, sent.state):
        raise NotFound("The step")
    return await _first_run(caller, identity, welcome)


async def _first_run(caller: Caller, identity: Identity, welcome: Welcome) -> FirstRun:
    is_open = await identity.first_run.is_open()
    steps = await welcome.steps()
    return FirstRun(
        needed=is_open,
        code_required=is_open and not identity.first_run.may(caller),
        steps=[Step(name=name, state=state) for name, state in steps.items()],
    )


async def _welcome(
    signed_in: SignedIn, request: Request, identity: Identity, facts: ServerFacts, activities: Activities
) -> Answer[SignedInAs]:
    event = await activities.latest()
    cookie = _cookie(identity.sessions.cookie(signed_in, secure=_is_secure(request)))
    user = signed_in.user
    body = SignedInAs(user=Me.of(user, user.scopes), first_run=False, server=_server(facts), event=event)
    return Answer(body, cookies=[cookie])


async def _signed_in(caller: Caller, identity: Identity, facts: ServerFacts, activities: Activities) -> SignedInAs:
    if caller.user_id is None:
        is_open = await identity.first_run.is_open()
        return SignedInAs(user=None, first_run=is_open, server=_server(facts), event=0)
    event = await activities.latest()
    user = await identity.users.get(caller, caller.user_id)
    return SignedInAs(user=Me.of(user, caller.scopes), first_run=False, server=_server(facts), event=event)


def _server(facts: ServerFacts) -> Server:
    return Server(
        name="Polycast", version=facts.version, now=facts.now(), time_zone=facts.time_zone(), modules=facts.modules
    )


def _cookie(session: SessionCookie) -> Cookie:
    return Cookie(
        name=session.name,
        value=session.value,
        max_age=int(session.max_age.total_seconds()),
        same_site=session.same_site,
        secure=session.secure,
    )


def _is_secure(request: Request) -> bool:
    scheme: Any = request.scope.get("scheme")
    return bool(scheme == "https")

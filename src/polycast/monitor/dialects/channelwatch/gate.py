"""Who may come in: none, the shared key, or users with roles, as the mode says. Source: specs/monitor.md 2.10, 3.1."""

import ipaddress
from collections.abc import MutableMapping
from typing import Any, Final

from polycast.core.errors import NotAllowed, NotSignedIn
from polycast.core.http import Authenticator
from polycast.core.identity import origin
from polycast.core.identity.caller import OPEN, Caller, Credential, Policy, RateClass
from polycast.core.identity.scopes import Role, Scope
from polycast.core.identity.sessions.model import CHANNELWATCH
from polycast.core.net import Reach, reach_of
from polycast.core.secrets import Tokens
from polycast.monitor.access.modes import API_KEY, NONE, SETUP, Mode, Modes, level_of

VIEWER, OPERATOR, ADMIN = 0, 1, 2
SCOPES: Final = (Scope.MONITOR_READ, Scope.MONITOR_WRITE, Scope.MONITOR_ADMIN)
CSRF: Final = "channelwatch-csrf"
_HEADER: Final = b"x-csrf-token"


class Level(Policy, frozen=True, kw_only=True):
    """A policy by role: 0 viewer, 1 operator, 2 admin. Its scope is the nearest word of the house for it."""

    level: int = VIEWER


def reads(level: int = VIEWER) -> Level:
    """A GET."""
    return Level(scope=SCOPES[level], level=level)


def writes(level: int) -> Level:
    """All that changes something: a bucket of its own."""
    return Level(scope=SCOPES[level], level=level, rate=RateClass.COSTLY)


FREE: Final = Level(anonymous=True, rate=RateClass.BYTES)  # counted nowhere
ASKED: Final = Level(anonymous=True)
SENT: Final = Level(anonymous=True, rate=RateClass.COSTLY)
OPENED: Final = Caller(username="anonymous", role=Role.ADMIN, scopes=frozenset(SCOPES))
NEWCOMER: Final = Caller(scopes=frozenset({Scope.MONITOR_READ}))


class Gate:
    """Identity, with the mode before it."""

    def __init__(self, identity: Authenticator, modes: Modes, tokens: Tokens) -> None:
        self._identity = identity
        self._modes = modes
        self._tokens = tokens

    async def authenticate(self, scope: MutableMapping[str, Any], policy: Policy) -> Caller:
        """Who asks. Raises: NotSignedIn ("no_key", "setup" and identity's own); NotAllowed."""
        if not isinstance(policy, Level) or policy.anonymous:
            # A token beside the cookie stands for the origin that no script sends; the route compares it.
            has_token = origin.header(scope, _HEADER) is not None
            return await self._identity.authenticate({**scope, "method": "GET"} if has_token else scope, OPEN)
        mode = await self._modes.now()
        if mode.effective == NONE:
            return self._let_in(scope)
        caller = await self._identified(scope, policy, mode)
        if level_of(caller) < policy.level and caller is not NEWCOMER:
            raise NotAllowed("scope", "Your role does not allow this.")
        return caller

    def csrf(self, session_id: int) -> str:
        """The token of a session, 64 hex characters."""
        return self._tokens.mac(str(session_id), purpose=CSRF).hex()

    def require_csrf(self, sent: str | None, caller: Caller) -> None:
        """Raises: NotAllowed ("csrf_token"), unless a cookie came with its own token. Only this dialect's cookie has one;
        with another one a token proves nothing, so it must come without."""
        if sent is None and caller.via != CHANNELWATCH.cookie:
            return
        is_ours = caller.via == CHANNELWATCH.cookie and caller.credential_id is not None
        if not is_ours and caller.credential is not Credential.SESSION:
            return
        if not is_ours or sent is None or not self._tokens.same(sent, self.csrf(caller.credential_id or 0)):
            raise NotAllowed("csrf_token", "The X-CSRF-Token header is missing or does not belong to this session.")

    async def _identified(self, scope: MutableMapping[str, Any], policy: Level, mode: Mode) -> Caller:
        try:
            return await self._signed_in(scope)
        except NotSignedIn as error:
            if error.reason != "missing":
                raise
            if mode.effective == SETUP:
                is_reading = policy.level == VIEWER and not origin.needs_origin(scope)
                if is_reading and await self._modes.is_empty():
                    return NEWCOMER
                raise NotSignedIn("setup", "Finish the setup first.") from error
            raise NotSignedIn("no_key" if mode.effective == API_KEY else "missing") from error

    async def _signed_in(self, scope: MutableMapping[str, Any]) -> Caller:
        """By any credential; this dialect's own cookie needs its token for all that changes something."""
        sent = origin.header(scope, _HEADER)
        if not origin.needs_origin(scope):
            return await self._identity.authenticate(scope, Policy())
        if sent is None:
            caller = await self._identity.authenticate(scope, Policy())
            # A page can give a socket no header; its Origin, which was ours, has to do.
            if caller.via == CHANNELWATCH.cookie and scope["type"] != "websocket":
                raise NotAllowed("csrf_token", "The X-CSRF-Token header is missing.")
            return caller
        caller = await self._identity.authenticate({**scope, "method": "GET"}, Policy())
        if caller.via != CHANNELWATCH.cookie:
            return await self._identity.authenticate(scope, Policy())
        if caller.credential_id is None or not self._tokens.same(sent, self.csrf(caller.credential_id)):
            raise NotAllowed("csrf_token", "The X-CSRF-Token header does not belong to this session.")
        return caller

    def _let_in(self, scope: MutableMapping[str, Any]) -> Caller:
        """Nobody is asked for a credential; but only neighbours come in, and no foreign page."""
        address = origin.address(scope)
        if not is_near(address):
            raise NotAllowed("network", "Without sign-in only private networks are served.")
        is_sent_by_page = origin.needs_origin(scope) and origin.header(scope, b"origin") is not None
        if is_sent_by_page and origin.is_ours(scope, None) is False:
            raise NotAllowed("cross_site", "This request comes from another site.")
        return Caller(
            username=OPENED.username, role=OPENED.role, scopes=OPENED.scopes, address=address,
            request_id=origin.state(scope, "request_id"),
        )  # fmt: skip


def is_near(address: str) -> bool:
    """Whether somebody asks from this machine or a private network."""
    try:
        return reach_of(ipaddress.ip_address(address.partition("%")[0])) in (Reach.LOOPBACK, Reach.PRIVATE)
    except ValueError:
        return False

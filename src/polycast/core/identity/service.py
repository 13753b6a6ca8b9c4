"""Identity, put together: what the composition root builds and everybody else is given."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import NotSignedIn
from polycast.core.events.model import Event, Listener
from polycast.core.identity.audit.service import Audit
from polycast.core.identity.audit.store import AuditStore
from polycast.core.identity.authentication import Authentication
from polycast.core.identity.caller import NOBODY, Caller, Policy
from polycast.core.identity.devices.service import DevicePasswords
from polycast.core.identity.devices.store import DeviceStore
from polycast.core.identity.events import CredentialEnded, UserAdded, UserChanged, UserRemoved
from polycast.core.identity.first_run import FirstRun
from polycast.core.identity.jwt import BadJwt, JwtTokens, Use
from polycast.core.identity.keys.service import ApiKeys
from polycast.core.identity.keys.store import ApiKeyStore
from polycast.core.identity.known import KnownCache
from polycast.core.identity.passwords import Hasher
from polycast.core.identity.presented import cookies
from polycast.core.identity.sessions.model import JWT, SessionCookie, SignedIn
from polycast.core.identity.sessions.service import Sessions
from polycast.core.identity.sessions.store import SessionStore
from polycast.core.identity.sign_ins import Attempt, SignIns
from polycast.core.identity.signed import SignedTokens
from polycast.core.identity.store import CredentialStore
from polycast.core.identity.throttle.service import Throttle
from polycast.core.identity.throttle.store import ThrottleStore
from polycast.core.identity.touches import Touches
from polycast.core.identity.users.service import Reserved, Users
from polycast.core.identity.users.store import UserStore
from polycast.core.ids import Ids
from polycast.core.secrets.seal import Secrets
from polycast.core.secrets.tokens import Tokens
from polycast.core.storage.database import Database


class JwtPair(Struct, frozen=True, kw_only=True):
    """What a JWT sign-in hands out."""

    access: str  # 30 minutes
    refresh: str  # as long as the session: a day
    ends_at: datetime  # of the session

    def __repr__(self) -> str:
        return "JwtPair()"


class Identity:
    """One set of users, one way in. `reserved` are names nobody may have, `public_url` our address, if it is set."""

    def __init__(
        self, *, db: Database, secrets: Secrets, tokens: Tokens, clock: Clock, ids: Ids, reserved: Reserved,
        public_url: Callable[[], str | None],
    ) -> None:  # fmt: skip
        user_rows, device_rows, known = UserStore(), DeviceStore(), KnownCache(clock)
        reads = CredentialStore(user_rows, device_rows)
        self.hasher = Hasher()
        self.audit = Audit(db=db, store=AuditStore(), clock=clock)
        self.throttle = Throttle(db=db, store=ThrottleStore(), clock=clock)
        self.sessions = Sessions(db=db, store=SessionStore(), tokens=tokens, clock=clock, known=known, audit=self.audit)
        self.keys = ApiKeys(
            db=db,
            store=ApiKeyStore(),
            users=user_rows,
            tokens=tokens,
            secrets=secrets,
            clock=clock,
            known=known,
            audit=self.audit,
        )
        self.devices = DevicePasswords(
            db=db, store=device_rows, users=user_rows, hasher=self.hasher, tokens=tokens, clock=clock, known=known,
            audit=self.audit,
        )  # fmt: skip
        self.users = Users(
            db=db, store=user_rows, devices=device_rows, sessions=self.sessions, hasher=self.hasher, audit=self.audit,
            known=known, clock=clock, ids=ids, reserved=reserved,
        )  # fmt: skip
        self.first_run = FirstRun(db=db, store=user_rows, users=self.users, throttle=self.throttle, tokens=tokens)
        self.jwt = JwtTokens(tokens, clock)
        self.signed = SignedTokens(tokens)
        self.sign_ins = SignIns(
            db=db, reads=reads, users=user_rows, accounts=self.users, sessions=self.sessions, throttle=self.throttle,
            hasher=self.hasher, audit=self.audit, tokens=tokens, clock=clock,
        )  # fmt: skip
        self.touches = Touches(
            db=db, sessions=self.sessions, keys=self.keys, devices=self.devices, throttle=self.throttle,
            audit=self.audit, clock=clock,
        )  # fmt: skip
        self._way_in = Authentication(
            db=db, reads=reads, sign_ins=self.sign_ins, sessions=self.sessions, jwt=self.jwt, signed=self.signed,
            tokens=tokens, known=known, touches=self.touches, audit=self.audit, clock=clock, public_url=public_url,
        )  # fmt: skip
        self._db = db
        self._reads = reads
        self._known = known
        self._clock = clock

    async def authenticate(self, scope: Mapping[str, Any], policy: Policy) -> Caller:
        """Who asks, by an ASGI scope; see `Authentication.authenticate`."""
        return await self._way_in.authenticate(scope, policy)

    async def authenticate_token(self, text: str, *, address: str) -> Caller:
        """Who a session token, JWT or API key belongs to that stood where only a dialect looks. Raises: NotSignedIn."""
        return await self._way_in.by_token(text, address=address)

    async def authenticate_device(self, username: str, password: str, *, address: str) -> Caller:
        """Whose device password this is; the login password is never one.

        Raises: NotSignedIn ("bad_login", "inactive"); NotAllowed ("network"); TooMany; Busy.
        """
        return await self._way_in.by_device(username, password, address=address)

    async def sign_in(
        self, name: str, password: str, *, kind: str, address: str, device: str = "", known: Caller = NOBODY,
        request_id: str = "",
    ) -> SignedIn:  # fmt: skip
        """A session of `kind` for the right login password. Raises: NotSignedIn; TooMany; Busy."""
        attempt = Attempt(name=name, password=password, address=address, device=device, request_id=request_id)
        return await self.sign_ins.sign_in(attempt, kind=kind, known=known)

    async def renewed_cookie(self, scope: Mapping[str, Any], caller: Caller, *, secure: bool) -> SessionCookie | None:
        """The cookie that `caller` came in by, with its new end, for a page to keep; None without a session cookie."""
        for shown in cookies(scope, self.sessions.cookie_kinds):
            if shown.kind is not None and shown.via == caller.via:
                token = self.sessions.token_in(shown.kind, shown.text)
                session = await self.sessions.of(caller)
                return self.sessions.renewed_cookie(session, token or "", secure=secure)
        return None

    def jwt_pair(self, signed_in: SignedIn) -> JwtPair:
        """Access and refresh token for a session of the kind `jwt`."""
        session = signed_in.session
        life = session.ends_at - self._clock.now()
        return JwtPair(
            access=self.jwt.make(Use.ACCESS, user_id=session.user_id, session_id=session.id),
            refresh=self.jwt.make(Use.REFRESH, user_id=session.user_id, session_id=session.id, life=life),
            ends_at=session.ends_at,
        )

    async def refresh(self, text: str) -> str:
        """A new access token for a refresh token. Raises: NotSignedIn ("bad_token"; "inactive")."""
        try:
            claims = self.jwt.read(text, Use.REFRESH)
        except BadJwt as error:
            raise NotSignedIn("bad_token", "This token is not valid.") from error
        known = await self._db.read(self._reads.session_by_id, claims.session_id)
        if known is None or known.kind != JWT.name or known.user_id != claims.user_id:
            raise NotSignedIn("bad_token", "This token is not valid.")
        if not known.is_good(self._clock.now()):
            raise NotSignedIn("bad_token" if known.is_active else "inactive", "This token is not valid.")
        return self.jwt.make(Use.ACCESS, user_id=claims.user_id, session_id=claims.session_id)

    @property
    def listens(self) -> Sequence[Listener]:
        """For `Events.register`: how other processes' endings reach this one's memory."""
        return (Listener(name="core.reread_credentials", event=CredentialEnded, here=self._reread),)

    @property
    def publishes(self) -> Sequence[type[Event]]:
        """For `Events.register`."""
        return (CredentialEnded, UserAdded, UserChanged, UserRemoved)

    async def run(self) -> None:
        """Write notes of use each minute and drop what has ended, until cancelled. On each node."""
        await self.touches.run()

    def close(self) -> None:
        """End the threads."""
        self.hasher.close()

    async def _reread(self, event: CredentialEnded) -> None:
        self._known.reread(event.user_id)

"""From the spelling of a credential to the `Caller`: the only way in."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.errors import NotAllowed, NotSignedIn
from polycast.core.identity import origin
from polycast.core.identity.audit.service import Audit
from polycast.core.identity.caller import Caller, Credential, Policy
from polycast.core.identity.jwt import BadJwt, JwtTokens, Use, looks_like_jwt
from polycast.core.identity.known import Known, KnownCache
from polycast.core.identity.presented import Presented, Shape, cookies, explicit
from polycast.core.identity.scopes import DEVICE_SCOPES
from polycast.core.identity.sessions.service import Sessions
from polycast.core.identity.sign_ins import SignIns
from polycast.core.identity.signed import SignedTokens
from polycast.core.identity.store import CredentialStore
from polycast.core.identity.touches import Touches
from polycast.core.secrets.tokens import BadSignature, Tokens
from polycast.core.storage.database import Database
from polycast.core.storage.unit import Unit

FRESH: Final = timedelta(minutes=10)
# Paths below these begin with words of ours; any other path may hold a password in its second segment.
_PLAIN_ROOTS: Final = frozenset({"api", "v1", "polycast", "acquire", "radio", "webdav"})

Read = Callable[[Unit], Known | None]


class Authentication:
    """Judges what a request shows. An explicit credential decides alone; cookies count only where there is none."""

    def __init__(
        self, *, db: Database, reads: CredentialStore, sign_ins: SignIns, sessions: Sessions, jwt: JwtTokens,
        signed: SignedTokens, tokens: Tokens, known: KnownCache, touches: Touches, audit: Audit, clock: Clock,
        public_url: Callable[[], str | None],
    ) -> None:  # fmt: skip
        self._db = db
        self._reads = reads
        self._sign_ins = sign_ins
        self._sessions = sessions
        self._jwt = jwt
        self._signed = signed
        self._tokens = tokens
        self._known = known
        self._touches = touches
        self._audit = audit
        self._clock = clock
        self._public_url = public_url

    async def authenticate(self, scope: Mapping[str, Any], policy: Policy) -> Caller:
        """Who asks, and whether `policy` lets them in.

        Where nobody may come in too, a wrong credential is nobody: a client that renews its session still sends the
        old one along.

        Raises: NotSignedIn; NotAllowed ("scope", "csrf", "fresh", "network"); TooMany and Busy for Basic.
        """
        try:
            known, via = await self._find(scope, policy)
        except (NotSignedIn, NotAllowed) as refusal:
            if not policy.anonymous:
                raise
            known, via = None, ""
            if isinstance(refusal, NotAllowed) and refusal.reason == "network":
                raise
        if known is None:
            if not policy.anonymous:
                raise NotSignedIn
            return self._nobody(scope)
        caller = self._caller(known, scope, via=via, is_direct=policy.anonymous and origin.is_direct(scope))
        self._touches.note(known, self._clock.now())
        await self._admit(caller, policy, scope)
        return caller

    async def by_token(self, text: str, *, address: str) -> Caller:
        """Who a token belongs to that some dialect found in a place of its own: session, JWT or API key.

        Raises: NotSignedIn.
        """
        known = await self._by_token(text, keys_first=True)
        self._touches.note(known, self._clock.now())
        return known.caller(address=address, via="dialect", request_id="", is_direct=False)

    async def by_device(self, username: str, password: str, *, address: str) -> Caller:
        """Whose device password this is. Raises: as `SignIns.device`."""
        known = await self._cached_login("device", username, password, address)
        self._touches.note(known, self._clock.now())
        return known.caller(address=address, via="path", request_id="", is_direct=False)

    async def _find(self, scope: Mapping[str, Any], policy: Policy) -> tuple[Known | None, str]:
        # Basic is a reverse proxy's or a billing program's own where the route does not take it.
        shown = explicit(scope, in_query=policy.in_query, with_basic=Credential.DEVICE in policy.kinds)
        if shown is None:
            return await self._by_cookie(scope, policy)
        known = await self._by_explicit(shown, scope, policy)
        if known.credential not in policy.kinds:
            raise NotAllowed("scope", "This needs another kind of sign-in.")
        return known, shown.via

    async def _by_explicit(self, shown: Presented, scope: Mapping[str, Any], policy: Policy) -> Known:
        if shown.shape is Shape.BASIC:
            return await self._cached_login("basic", shown.username, shown.text, origin.address(scope))
        if shown.via == "query" and Credential.SIGNED in policy.kinds:
            found = await self._by_signed(shown.text, scope["path"])
            if found is not None:
                return found
        return await self._by_token(shown.text, keys_first=shown.shape is Shape.KEY)

    async def _by_token(self, text: str, *, keys_first: bool) -> Known:
        if looks_like_jwt(text):
            return await self._by_jwt(text)
        token = (self._sessions.unsigned(text) if "." in text else None) or text
        hashed = self._tokens.hash(token)
        known = await self._read(
            f"token {hashed.hex()}", lambda unit: self._reads.token(unit, hashed, keys_first=keys_first)
        )
        if not token or known is None or not known.is_good(self._clock.now()):
            raise NotSignedIn("bad_key" if keys_first else "bad_token", "This key or token is not valid.")
        return known

    async def _by_jwt(self, text: str) -> Known:
        try:
            claims = self._jwt.read(text, Use.ACCESS)
        except BadJwt as error:
            raise NotSignedIn("bad_token", "This token is not valid.") from error
        known = await self._session(claims.session_id)
        if known is None or known.user_id != claims.user_id:
            raise NotSignedIn("bad_token", "This token is not valid.")
        return replace(known, credential=Credential.JWT)

    async def _by_signed(self, text: str, path: str) -> Known | None:
        """Who a stream token stands for; None when it is none. Raises: NotSignedIn, when its session has ended."""
        try:
            found = self._signed.read(text, path)
        except BadSignature:
            return None
        if found.session_id is not None:
            known = await self._session(found.session_id)
        elif (key_id := found.key_id) is not None:
            known = await self._read(f"key {key_id}", lambda unit: self._reads.key_by_id(unit, key_id))
        elif (device_id := found.device_id) is not None:
            known = await self._read(f"device {device_id}", lambda unit: self._reads.device(unit, device_id))
        else:
            known = await self._read(f"user {found.user_id}", lambda unit: self._reads.user(unit, found.user_id))
        if known is None or known.user_id != found.user_id or not known.is_good(self._clock.now()):
            raise NotSignedIn("bad_token", "This link is no longer valid.")
        return replace(
            known, credential=Credential.SIGNED, credential_id=found.session_id, scopes=known.scopes & DEVICE_SCOPES
        )

    async def _session(self, session_id: int) -> Known | None:
        known = await self._read(f"session {session_id}", lambda unit: self._reads.session_by_id(unit, session_id))
        return known if known is not None and known.is_good(self._clock.now()) else None

    async def _by_cookie(self, scope: Mapping[str, Any], policy: Policy) -> tuple[Known | None, str]:
        """The first cookie that holds. One origin serves all dialects, so a browser may send several.

        Raises: NotAllowed ("csrf"), when one held but a foreign page may have sent it.
        """
        refusal: NotAllowed | None = None
        if Credential.SESSION not in policy.kinds:
            return None, ""
        ours = origin.is_ours(scope, self._public_url()) if origin.needs_origin(scope) else True
        for shown in cookies(scope, self._sessions.cookie_kinds):
            token = self._sessions.token_in(shown.kind, shown.text) if shown.kind else None
            known = await self._cookie_session(token) if token else None
            if known is None or shown.kind is None:
                continue
            if ours or (ours is None and shown.kind.without_origin and self._sessions.kind(known.kind).without_origin):
                return known, shown.via
            refusal = NotAllowed("csrf", "This request does not come from a page of this server.")
        if refusal is not None:
            raise refusal
        return None, ""

    async def _cookie_session(self, token: str) -> Known | None:
        hashed = self._tokens.hash(token)
        known = await self._read(f"cookie {hashed.hex()}", lambda unit: self._reads.session(unit, hashed))
        return known if known is not None and known.is_good(self._clock.now()) else None

    async def _cached_login(self, kind: str, username: str, password: str, address: str) -> Known:
        # The address is part of the key: a password may be good from some networks only.
        hashed = self._tokens.hash("\0".join((username, password, address)))
        key = f"{kind} {hashed.hex()}"
        found = self._known.get(key)
        if found is not None and found.is_good(self._clock.now()):
            return found
        generation = self._known.generation()
        check = self._sign_ins.basic if kind == "basic" else self._sign_ins.device
        known = await check(username, password, address=address)
        self._known.put(key, known, generation=generation)
        return known

    async def _read(self, key: str, look: Read) -> Known | None:
        found = self._known.get(key)
        if found is None:
            generation = self._known.generation()
            found = await self._db.read(look)
            if found is not None:
                self._known.put(key, found, generation=generation)
        return found

    async def _admit(self, caller: Caller, policy: Policy, scope: Mapping[str, Any]) -> None:
        if policy.anonymous:
            return
        reason = ""
        if policy.scope is not None and not caller.has(policy.scope):
            reason = "scope"
        elif policy.fresh and not self._is_fresh(caller):
            reason = "fresh"
        if reason:
            await self._audit.denied(caller, reason, _area(scope["path"]))
            raise NotAllowed(reason, "You may not do this." if reason == "scope" else "Enter your password again.")

    def _is_fresh(self, caller: Caller) -> bool:
        return caller.fresh_at is not None and self._clock.now() - caller.fresh_at <= FRESH

    def _nobody(self, scope: Mapping[str, Any]) -> Caller:
        return Caller(
            address=origin.address(scope),
            request_id=origin.state(scope, "request_id"),
            is_direct=origin.is_direct(scope),
        )

    def _caller(self, known: Known, scope: Mapping[str, Any], *, via: str, is_direct: bool) -> Caller:
        return known.caller(
            address=origin.address(scope),
            via=via,
            request_id=origin.state(scope, "request_id"),
            is_direct=is_direct,
        )


def _area(path: str) -> str:
    """As much of a path as certainly holds no credential."""
    parts = path.split("/")
    return "/".join(parts[: 4 if len(parts) > 1 and parts[1] in _PLAIN_ROOTS else 2])

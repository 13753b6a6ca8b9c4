"""Opening, sliding, listing and ending sessions."""

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import quote, unquote

from polycast.core.clock import Clock
from polycast.core.errors import NotFound, NotSignedIn
from polycast.core.identity.audit.service import Audit
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.events import CredentialEnded
from polycast.core.identity.known import KnownCache
from polycast.core.identity.rights import whose
from polycast.core.identity.scopes import Scope
from polycast.core.identity.sessions.model import KINDS, Session, SessionCookie, SessionKind, SignedIn
from polycast.core.identity.sessions.store import SessionStore
from polycast.core.identity.users.model import User
from polycast.core.secrets.tokens import Tokens
from polycast.core.storage.database import Database
from polycast.core.storage.text import clean
from polycast.core.storage.unit import Unit

KEPT_PER_KIND: Final = 200  # sessions of one user and kind; a script that signs in every time drops its own oldest
COOKIE_PURPOSE: Final = "session-cookie"


class Sessions:
    """The sessions of all users. A token is known to its client alone; here is its hash."""

    def __init__(
        self, *, db: Database, store: SessionStore, tokens: Tokens, clock: Clock, known: KnownCache, audit: Audit
    ) -> None:
        self._db = db
        self._store = store
        self._tokens = tokens
        self._clock = clock
        self._known = known
        self._audit = audit
        self._kinds = {kind.name: kind for kind in KINDS}
        self._cookies = {kind.cookie: kind for kind in KINDS if kind.cookie}

    def offer(self, kind: SessionKind) -> None:
        """Add a dialect's own kind, while the server is built.

        Kinds may share a cookie (one that lives a day, one that slides) when they write it alike.

        Raises: ValueError, when another kind has its name, or writes its cookie in another way.
        """
        for other in self._kinds.values():
            if other.name == kind.name and other != kind:
                raise ValueError(f"there is another kind of session with the name {kind.name}")
            if kind.cookie and other.cookie == kind.cookie and _way(other) != _way(kind):
                raise ValueError(f"the cookie {kind.cookie} is written in another way by {other.name}")
        self._kinds[kind.name] = kind
        if kind.cookie:
            self._cookies.setdefault(kind.cookie, kind)

    @property
    def cookie_kinds(self) -> Sequence[SessionKind]:
        """One kind for each cookie that carries a session."""
        return tuple(self._cookies.values())

    def kind(self, name: str) -> SessionKind:
        """Raises: KeyError for a kind that nobody has offered."""
        return self._kinds[name]

    async def open(
        self, user: User, kind: str, *, address: str, device: str = "", scopes: frozenset[Scope] | None = None,
        fresh: bool = False, token: str | None = None,
    ) -> SignedIn:  # fmt: skip
        """A new session for somebody who has proved who they are; see `open_in`."""
        return await self._db.write(
            self.open_in, user, kind, address=address, device=device, scopes=scopes, fresh=fresh, token=token
        )

    def open_in(
        self, unit: Unit, user: User, kind: str, *, address: str, device: str = "",
        scopes: frozenset[Scope] | None = None, fresh: bool = False, token: str | None = None,
    ) -> SignedIn:  # fmt: skip
        """A new session, in `unit`. `fresh` when the login password was just shown.

        `scopes` cuts the role's: a session got by an API key may no more than the key. `token` is for dialects whose
        token is derived; a living session with the same one is returned as it is.
        """
        how, now = self.kind(kind), self._clock.now()
        made = token or self._tokens.new(how.form)
        if token and (present := self._store.by_hash(unit, self._tokens.hash(token))):
            if present.ends_at > now and present.user_id == user.id:
                return SignedIn(user=user, session=present, token=token)
            self._store.delete(unit, present.id)
        last = now + how.life
        session = self._store.insert(
            unit,
            user_id=user.id,
            kind=kind,
            token_hash=self._tokens.hash(made),
            device=clean(device, 255),
            address=address[:64],
            scopes=None if scopes is None else sorted(scopes),
            created_at=now,
            seen_at=now,
            ends_at=last if how.idle is None else min(now + how.idle, last),
            last_at=last,
            fresh_at=now if fresh else None,
        )
        self._store.drop_longest_unused(unit, user.id, kind=kind, keep=KEPT_PER_KIND)
        return SignedIn(user=user, session=session, token=made)

    def cookie(self, signed_in: SignedIn, *, secure: bool) -> SessionCookie:
        """The cookie that carries the session, as its dialect's clients expect it. `secure` over https."""
        how = self.kind(signed_in.session.kind)
        left = signed_in.session.ends_at - self._clock.now()
        return self._cookie(how, self.cookie_value(how, signed_in.token), max(left, timedelta()), secure=secure)

    def renewed_cookie(self, session: Session, token: str, *, secure: bool) -> SessionCookie:
        """The cookie of a session that is in use now, to be sent again before the client drops it."""
        how, now = self.kind(session.kind), self._clock.now()
        ends = session.ends_at if how.idle is None else min(now + how.idle, session.last_at)
        return self._cookie(how, self.cookie_value(how, token), max(ends - now, timedelta()), secure=secure)

    def end_cookie(self, kind: str, *, secure: bool) -> SessionCookie:
        """The cookie that makes a client drop its own."""
        return self._cookie(self.kind(kind), "", timedelta(), secure=secure)

    def _cookie(self, how: SessionKind, value: str, life: timedelta, *, secure: bool) -> SessionCookie:
        name = f"{how.secure_prefix}{how.cookie}" if secure else how.cookie
        return SessionCookie(name=name, value=value, max_age=life, same_site=how.same_site, secure=secure)

    def signed(self, token: str) -> str:
        """`<token>.<signature>`, as better-auth writes it."""
        return f"{token}.{base64.b64encode(self._tokens.mac(token, purpose=COOKIE_PURPOSE)).decode()}"

    def unsigned(self, text: str) -> str | None:
        """The token in a signed text; None when the signature is not ours."""
        token, dot, signature = text.rpartition(".")
        return token if dot and self._tokens.same(self.signed(token), f"{token}.{signature}") else None

    def cookie_value(self, how: SessionKind, token: str) -> str:
        return quote(self.signed(token), safe="") if how.is_signed else token

    def token_in(self, how: SessionKind, cookie: str) -> str | None:
        """The token that a cookie of this kind carries; None when its signature is wrong."""
        return self.unsigned(unquote(cookie)) if how.is_signed else cookie

    async def of(self, caller: Caller) -> Session:
        """The session that `caller` came in by. Raises: NotSignedIn, when it was by something else."""
        if caller.credential not in (Credential.SESSION, Credential.JWT) or caller.credential_id is None:
            raise NotSignedIn("missing", "There is no session.")
        found = await self._db.read(self._store.get, caller.credential_id)
        if found is None:
            raise NotSignedIn("bad_token", "This session has ended.")
        return found

    async def list(self, caller: Caller, *, user_id: int | None = None) -> list[Session]:
        """Where a user is signed in, the last used first; another's only with `core:admin`."""
        owner = whose(caller, user_id)
        return await self._db.read(self._store.of_user, owner, now=self._clock.now())

    async def end(self, caller: Caller, session_id: int, *, reason: str = "signed_out") -> None:
        """End one session. Raises: NotFound, when there is none or it is another's and `core:admin` is missing."""
        await self._db.write(self._end, caller, session_id, reason)

    def _end(self, unit: Unit, caller: Caller, session_id: int, reason: str) -> None:
        found = self._store.get(unit, session_id)
        if found is None or (found.user_id != caller.user_id and not caller.has(Scope.CORE_ADMIN)):
            raise NotFound("The session")
        self._store.delete(unit, session_id)
        self._announce(unit, found.user_id, reason, ended=session_id)
        self._audit.note(unit, caller, "session.end", target=f"session:{session_id}", details={"reason": reason})

    async def end_token(self, caller: Caller, token: str) -> None:
        """End the session of the caller's own `token`, when there is one: no error where a sign-out is a repeat."""
        found = await self._db.read(self._store.by_hash, self._tokens.hash(self.unsigned(token) or token))
        if found is not None and found.user_id == caller.user_id:
            await self.end(caller, found.id)

    async def end_all(self, caller: Caller, *, user_id: int | None = None, keep: int | None = None) -> None:
        """Sign a user out everywhere, but for the session `keep`."""
        await self._db.write(self.end_all_in, whose(caller, user_id), reason="signed_out", keep=keep)

    def end_all_in(self, unit: Unit, user_id: int, *, reason: str, keep: int | None = None) -> None:
        """End all sessions of a user, in `unit`: for a new password."""
        self._store.delete_of_user(unit, user_id, but=keep)
        self._announce(unit, user_id, reason, kept=keep)

    def choose_profile_in(self, unit: Unit, session_id: int, profile_id: int | None, *, user_id: int) -> None:
        """Act as one of the user's profiles from now on, in this session."""
        self._store.update(unit, session_id, profile_id=profile_id)
        unit.after_commit(partial(self._known.reread, user_id))

    def freshen_in(self, unit: Unit, session_id: int, *, user_id: int) -> None:
        """Note that the login password was shown again."""
        self._store.update(unit, session_id, fresh_at=self._clock.now())
        unit.after_commit(partial(self._known.reread, user_id))

    def seen_in(self, unit: Unit, session_id: int, *, kind: str, at: datetime) -> None:
        """Note a use; a kind that slides ends later for it."""
        found = self._store.get(unit, session_id)
        if found is None:
            return
        how = self._kinds.get(kind)
        slides = how is not None and how.idle is not None
        ends = min(at + how.idle, found.last_at) if slides and how and how.idle else None
        self._store.seen(unit, session_id, at=at, ends_at=ends)

    def purge_in(self, unit: Unit) -> int:
        """Drop the rows of sessions that ended by themselves; their number."""
        return self._store.purge(unit, before=self._clock.now())

    def _announce(
        self, unit: Unit, user_id: int, reason: str, *, ended: int | None = None, kept: int | None = None
    ) -> None:
        self._known.announce(
            unit,
            CredentialEnded(
                user_id=user_id, credential=Credential.SESSION, credential_id=ended, kept_id=kept, reason=reason
            ),
        )


def _way(kind: SessionKind) -> tuple[object, ...]:
    return kind.is_signed, kind.secure_prefix, kind.without_origin

"""Who is asking, and what a route demands of them."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from polycast.core.errors import NotAllowed, NotSignedIn
from polycast.core.identity.scopes import Role, Scope


class Credential(StrEnum):
    """The kinds of credential that end in a `Caller`."""

    NONE = "none"
    SESSION = "session"  # a cookie or bearer session token
    JWT = "jwt"
    API_KEY = "api_key"
    DEVICE = "device"  # a device password: Xtream paths, playlists, WebDAV, Icecast, Basic
    SIGNED = "signed"  # a signed stream token, good for one path scope
    INTERNAL = "internal"  # the server itself: jobs, daemons


class RateClass(StrEnum):
    """Which bucket a request is counted in; the dialect says how large each is."""

    NORMAL = "normal"
    COSTLY = "costly"  # scans, restores, tests of outside services: 3-10 a minute
    SIGN_IN = "sign_in"
    BYTES = "bytes"  # streams and files: limited by concurrency, not by rate


class Caller(Struct, frozen=True, kw_only=True):
    """Whoever asks. Anonymous callers have no user and no scopes."""

    user_id: int | None = None
    username: str = ""
    role: Role | None = None
    scopes: frozenset[Scope] = frozenset()
    credential: Credential = Credential.NONE
    credential_id: int | None = None  # row of the session, key or device password behind it
    tenant_id: int | None = None
    profile_id: int | None = None
    address: str = ""  # IP of the client, after trusted proxies
    via: str = ""  # how it was spelled: a cookie's name, or "bearer", "x-api-key", "basic", "query" ...
    request_id: str = ""
    fresh_at: datetime | None = None  # when the login password was last shown in this session
    ends_at: datetime | None = None  # a socket or stream of this caller ends then
    is_direct: bool = False  # from this very machine, through no proxy and from no foreign page

    @property
    def is_anonymous(self) -> bool:
        return self.credential is Credential.NONE

    def has(self, scope: Scope) -> bool:
        return scope in self.scopes

    def require(self, scope: Scope) -> None:
        """Raises: NotSignedIn when anonymous; NotAllowed without `scope`."""
        if self.has(scope):
            return
        if self.is_anonymous:
            raise NotSignedIn
        raise NotAllowed("scope")


NOBODY = Caller()
SYSTEM = Caller(username="system", role=Role.OWNER, scopes=frozenset(Scope), credential=Credential.INTERNAL)

_HEADERS = frozenset({Credential.SESSION, Credential.JWT, Credential.API_KEY})


class Policy(Struct, frozen=True, kw_only=True):
    """What a route demands. The object check is the store's (`for_caller`); this is the door."""

    kinds: frozenset[Credential] = _HEADERS  # which credentials count here
    scope: Scope | None = None  # None: any signed-in caller
    anonymous: bool = False  # nobody may come in too
    in_query: bool = False  # ?token= and ?api_key= count (media endpoints and sockets only)
    fresh: bool = False  # signed in with the password at most 10 minutes ago
    rate: RateClass = RateClass.NORMAL


OPEN = Policy(anonymous=True)
SIGNED_IN = Policy()


def needs(scope: Scope, *, rate: RateClass = RateClass.NORMAL, fresh: bool = False, in_query: bool = False) -> Policy:
    """The usual policy: a header or cookie credential with `scope`."""
    return Policy(scope=scope, rate=rate, fresh=fresh, in_query=in_query)

"""What a caller may do, in words. A role gives scopes; a key has at most its owner's."""

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """`<module>:<read|play|write|admin>`. Wider ones do not imply narrower ones; roles list them all."""

    CORE_READ = "core:read"  # jobs, events and health of the server
    CORE_WRITE = "core:write"  # settings, backups
    CORE_ADMIN = "core:admin"  # users, roles, other people's credentials, restore
    LIVE_PLAY = "live:play"  # watch, fetch playlists and guides
    LIVE_READ = "live:read"
    LIVE_WRITE = "live:write"
    LIVE_ADMIN = "live:admin"
    LIBRARY_PLAY = "library:play"
    LIBRARY_READ = "library:read"
    LIBRARY_WRITE = "library:write"
    LIBRARY_ADMIN = "library:admin"
    RADIO_PLAY = "radio:play"
    RADIO_READ = "radio:read"
    RADIO_WRITE = "radio:write"
    RADIO_ADMIN = "radio:admin"
    ACQUIRE_READ = "acquire:read"
    ACQUIRE_WRITE = "acquire:write"
    ACQUIRE_ADMIN = "acquire:admin"
    MONITOR_READ = "monitor:read"
    MONITOR_WRITE = "monitor:write"
    MONITOR_ADMIN = "monitor:admin"


class Role(StrEnum):
    """One per user; `design.md` 5 has the table of what it means in each dialect."""

    OWNER = "owner"
    ADMIN = "admin"
    OPERATOR = "operator"
    MEMBER = "member"
    GUEST = "guest"
    RESELLER = "reseller"
    BROADCASTER = "broadcaster"


_PLAY = frozenset({Scope.LIVE_PLAY, Scope.LIBRARY_PLAY, Scope.RADIO_PLAY})
_READ = _PLAY | {Scope.LIVE_READ, Scope.LIBRARY_READ, Scope.RADIO_READ, Scope.ACQUIRE_READ, Scope.MONITOR_READ}
_TENANT = frozenset({Scope.RADIO_PLAY, Scope.RADIO_READ, Scope.RADIO_WRITE})
_ALL = frozenset(Scope)

SCOPES_OF_ROLE: dict[Role, frozenset[Scope]] = {
    Role.OWNER: _ALL,
    Role.ADMIN: _ALL,
    Role.OPERATOR: _ALL - {Scope.CORE_WRITE, Scope.CORE_ADMIN, Scope.ACQUIRE_ADMIN, Scope.LIBRARY_ADMIN},
    Role.MEMBER: _READ,
    Role.GUEST: _PLAY,
    Role.RESELLER: _TENANT,
    Role.BROADCASTER: _TENANT,
}


# What a device password may do unless it says otherwise, and a link always: play, and read what WebDAV serves.
DEVICE_SCOPES: frozenset[Scope] = _PLAY | {Scope.ACQUIRE_READ}


def known_scopes(words: Iterable[str] | None) -> frozenset[Scope] | None:
    """Stored scopes, read back; None stays None (no limit). A word of a scope that is no more gives nothing."""
    if words is None:
        return None
    wanted = frozenset(words)
    return frozenset(scope for scope in Scope if scope.value in wanted)


def granted(role: Role, own: frozenset[Scope] | None) -> frozenset[Scope]:
    """What a credential of a user with `role` may do: the role's, cut by the credential's own."""
    return SCOPES_OF_ROLE[role] if own is None else SCOPES_OF_ROLE[role] & own

"""Which way in holds now: none, the shared key, or users. Source: specs/monitor.md 2.10."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

from polycast.core.identity.caller import SYSTEM, Caller
from polycast.core.identity.keys.model import ApiKeyNew
from polycast.core.identity.scopes import Role
from polycast.core.identity.service import Identity
from polycast.core.storage import Database
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.servers.service import Servers

KEY_NAME: Final = "default"
MADE_BY: Final = "monitor"
RBAC: Final = "rbac"
NONE: Final = "none"
API_KEY: Final = "api_key"
SETUP: Final = "setup"


class Mode(Struct, frozen=True, kw_only=True):
    """How the watch is guarded."""

    persisted: str | None
    configured: str
    is_overridden: bool  # CW_DISABLE_AUTH
    has_key: bool

    @property
    def effective(self) -> str:
        return NONE if self.is_overridden else self.configured

    @property
    def rbac(self) -> bool:
        return self.effective == RBAC

    @property
    def setup_required(self) -> bool:
        return self.configured == SETUP

    @property
    def security(self) -> str:
        if self.rbac:
            return "RBAC_WITH_API_KEY_FALLBACK" if self.has_key else "RBAC_ONLY"
        return "API_KEY_ONLY" if self.has_key and self.effective == API_KEY else "NO_AUTH"

    def shared(self) -> Mapping[str, Any]:
        """What both status routes tell."""
        return {
            "persisted_mode": self.persisted,
            "configured_mode": self.configured,
            "effective_mode": self.effective,
            "setup_required": self.setup_required,
            "runtime_auth_override_active": self.is_overridden,
            "api_key_fallback_active": self.rbac and self.has_key,
            "rbac_enabled": self.rbac,
            "session_auth_available": self.rbac,
            "session_setup_required": self.setup_required,
        }


class Modes:
    """Tells the mode; keeps the shared key, which is a key of the core that belongs to nobody."""

    def __init__(
        self,
        *,
        db: Database,
        identity: Identity,
        book: PreferencesBook,
        servers: Servers,
        is_disabled: Callable[[], bool],
    ) -> None:
        self._db = db
        self._identity = identity
        self._book = book
        self._servers = servers
        self._is_disabled = is_disabled
        self._has_users = False  # once there is one there is always one: the last owner cannot be removed
        self._key_id: int | None = None
        self._has_looked = False

    async def now(self) -> Mode:
        """The mode as it is."""
        if not self._has_users:
            self._has_users = await self._identity.users.any()
        stored = (await self._book.load()).known.auth_mode
        has_key = await self._key() is not None
        if self._has_users:
            configured = RBAC
        elif stored == NONE:
            configured = NONE
        else:
            configured = API_KEY if has_key else SETUP
        return Mode(persisted=stored or None, configured=configured, is_overridden=self._is_disabled(), has_key=has_key)

    async def is_empty(self) -> bool:
        """Whether nothing is watched yet: then an unfinished set-up has nothing to hide."""
        return not await self._servers.all()

    async def renew_key(self) -> str:
        """A new shared key; the old one is none any more. Its text, here and never again."""
        await self.drop_key()
        made = await self._identity.keys.create(SYSTEM, ApiKeyNew(name=KEY_NAME, made_by=MADE_BY, role=Role.ADMIN))
        self.reread()
        return made.key

    async def import_key(self, text: str) -> None:
        """Make `text` the shared key, if there is none yet."""
        if await self._key() is None:
            await self._identity.keys.create(
                SYSTEM, ApiKeyNew(name=KEY_NAME, made_by=MADE_BY, role=Role.ADMIN, key=text)
            )
            self.reread()

    async def drop_key(self) -> None:
        """There is no shared key any more."""
        found = await self._key()
        if found is not None:
            await self._identity.keys.revoke(SYSTEM, found)
        self.reread()

    def reread(self) -> None:
        """Keys or settings were changed."""
        self._has_looked = False

    async def _key(self) -> int | None:
        if not self._has_looked:
            keys = await self._identity.keys.of_server(SYSTEM)
            ours = [key.id for key in keys if key.made_by == MADE_BY and key.name == KEY_NAME]
            self._key_id = ours[0] if ours else None
            self._has_looked = True
        return self._key_id


def level_of(caller: Caller) -> int:
    """0 viewer, 1 operator, 2 admin; -1 for those who have no business here."""
    scopes = {scope.value for scope in caller.scopes}
    if "monitor:admin" in scopes and caller.role in (Role.OWNER, Role.ADMIN):
        return 2
    if "monitor:write" in scopes:
        return 1
    return 0 if "monitor:read" in scopes else -1


ROLE_WORDS: Final = {2: "admin", 1: "operator", 0: "viewer"}

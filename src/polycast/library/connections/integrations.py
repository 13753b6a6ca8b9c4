"""The services outside that need a key: which are set up, setting them up, and trying them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from msgspec import Struct

from polycast.core.errors import Conflict, Invalid, NotFound, PolycastError
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.settings.book import SettingsService
from polycast.library.connections.servers import Checked
from polycast.library.settings import LibrarySettings

FIELDS: Final[Mapping[str, Mapping[str, str]]] = {  # as clients name them -> the setting
    "tmdb": {"apiKey": "tmdb_api_key"},
    "tvdb": {"apiKey": "tvdb_api_key", "pin": "tvdb_pin"},
    "mdblist": {"apiKey": "mdblist_api_key"},
    "opensubtitles": {
        "apiKey": "opensubtitles_api_key", "username": "opensubtitles_username", "password": "opensubtitles_password",
    },
    "trakt": {"clientId": "trakt_client_id", "clientSecret": "trakt_client_secret"},
    "podcast_index": {"key": "podcast_index_key", "secret": "podcast_index_secret"},
}  # fmt: skip
NEEDED: Final = {"tmdb": ("apiKey",), "tvdb": ("apiKey",), "mdblist": ("apiKey",), "opensubtitles": ("apiKey",),
                 "trakt": ("clientId", "clientSecret"), "podcast_index": ("key", "secret")}  # fmt: skip


class Service(Protocol):
    """A client that can be tried."""

    @property
    def has_key(self) -> bool: ...

    async def check(self) -> str:
        """Raises: PolycastError with the reason."""
        ...


class Integration(Struct, frozen=True, kw_only=True):
    """How a service is set up. `fields` tells which are given, never what."""

    name: str
    is_configured: bool
    last_error: str
    fields: dict[str, bool]


class Integrations:
    """The services by name."""

    def __init__(
        self, *, services: Mapping[str, Service], settings: SettingsService, now: Callable[[], LibrarySettings]
    ) -> None:
        self._services = services
        self._settings = settings
        self._now = now
        self._errors: dict[str, str] = {}  # of the last trial, in this process

    def all(self, caller: Caller) -> Sequence[Integration]:
        """Raises: NotAllowed."""
        caller.require(Scope.LIBRARY_WRITE)
        return [self._one(name) for name in FIELDS]

    def get(self, caller: Caller, name: str) -> Integration:
        """Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)
        return self._one(_known(name))

    async def put(self, caller: Caller, name: str, told: Mapping[str, str]) -> Integration:
        """Set it up. A secret that is not told stays. Raises: NotAllowed; NotFound; Invalid; Conflict when the host has set it."""
        caller.require(Scope.LIBRARY_WRITE)
        fields = FIELDS[_known(name)]
        aliases = {"readToken": "apiKey"} if name == "tmdb" else {}
        changes: dict[str, object] = {}
        for field, value in told.items():
            known = aliases.get(field, field)
            if known not in fields:
                raise Invalid.one(field, "unknown", "There is no such field")
            changes[f"library.{fields[known]}"] = value.strip()
        await self._change(caller, changes)
        self._errors.pop(name, None)
        return self._one(name)

    async def remove(self, caller: Caller, name: str) -> None:
        """Forget its keys. Raises: NotAllowed; NotFound; Conflict when the host has set them."""
        caller.require(Scope.LIBRARY_WRITE)
        await self._change(caller, {f"library.{path}": None for path in FIELDS[_known(name)].values()})
        self._errors.pop(name, None)

    async def check(self, caller: Caller, name: str) -> Checked:
        """Ask it something. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)
        try:
            message = await self._services[_known(name)].check()
        except PolycastError as error:
            self._errors[name] = error.message
            return Checked(ok=False, message=error.message)
        self._errors.pop(name, None)
        return Checked(ok=True, message=message)

    async def _change(self, caller: Caller, changes: dict[str, object]) -> None:
        fixed = {one.path for one in self._settings.describe(caller) if one.fixed_by_host and one.is_changed}
        if pinned := sorted(set(changes) & fixed):
            raise Conflict(f"{pinned[0]} is set by the host's configuration.", reason="pinned")
        if changes:
            await self._settings.change(caller, changes)

    def _one(self, name: str) -> Integration:
        now = self._now()
        given: dict[str, bool] = {}
        for field, path in FIELDS[name].items():
            value = getattr(now, path)
            given[field] = bool(value if isinstance(value, str) else value.plain)
        is_ready = all(given[field] for field in NEEDED[name])
        return Integration(name=name, is_configured=is_ready, last_error=self._errors.get(name, ""), fields=given)


def _known(name: str) -> str:
    if name not in FIELDS:
        raise NotFound("The integration")
    return name

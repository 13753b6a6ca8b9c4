"""`/api/core/settings/`, `version/`, `timezones/`, `rehash-streams/`: the server as a whole."""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import UNSET, Struct, UnsetType

import polycast
from polycast.core.errors import Invalid, Problem
from polycast.core.http import Answer, Docs, Envelope, Request, Route, delete, get, line, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.core.settings.book import SettingsService
from polycast.live.dialects.rest.errors import word
from polycast.live.dialects.rest.levels import ANYBODY, COSTLY, READ, SELF, SETTINGS
from polycast.live.dialects.rest.lists import Lists
from polycast.live.outputs.access import Endpoint, holds, networks_of
from polycast.live.preferences.groups import GROUPS, SystemSettings
from polycast.live.preferences.model import SettingsRow
from polycast.live.preferences.service import Preferences
from polycast.live.sources.refresh.rehash import Rehash
from polycast.live.zones import zone_names

ROOT = "/api/core/settings/"
TAGS = Docs(tags=["core"])
NETWORKS = "network_access"
SYSTEM = "system_settings"
# Of the original whose API this is; clients gate features on it, and a suffix would sort it below its release.
VERSION = "0.32.0"
REGIONS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


class SettingOut(Struct, frozen=True, kw_only=True):
    """A group of settings, defaults included."""

    id: int
    key: str
    name: str
    value: dict[str, Any]

    @classmethod
    def of(cls, row: SettingsRow) -> "SettingOut":
        return cls(id=row.id, key=row.key, name=row.name, value=dict(row.value))


class SettingIn(Struct, frozen=True, kw_only=True):
    """A group to be set; what it does not name keeps its value, null gives the default back."""

    key: Annotated[str, line(255)]
    value: dict[str, Any]
    name: str = ""  # ours to say


class SettingPatch(Struct, frozen=True, kw_only=True):
    """Values to be set."""

    value: dict[str, Any] | UnsetType = UNSET
    key: str | UnsetType = UNSET
    name: str | UnsetType = UNSET


class Check(Struct, frozen=True, kw_only=True):
    """Lists of networks, before they are set."""

    key: Annotated[str, line(255)]
    value: dict[str, Any]


class Version(Struct, frozen=True, kw_only=True):
    """Which API this is."""

    version: str
    timestamp: str | None
    polycast_version: str


class Tls(Struct, frozen=True, kw_only=True):
    """Of a service that this server does not use."""

    enabled: bool = False


class Environment(Struct, frozen=True, kw_only=True):
    """Where the server runs. It asks nobody outside, so what only others know is null."""

    authenticated: bool
    public_ip: str | None = None
    local_ip: str | None = None
    country_code: str | None = None
    country_name: str | None = None
    city: str | None = None
    ip_lookup_enabled: bool = False
    ip_lookup_env_disabled: bool = False
    ip_lookup_pending: bool = False
    env_mode: str = "prod"
    redis_tls: Tls = Tls()
    postgres_tls: Tls = Tls()


class TimeZones(Struct, frozen=True, kw_only=True):
    """Every time zone there is, also by region."""

    timezones: list[str]
    grouped: dict[str, list[str]]
    count: int


class Started(Struct, frozen=True, kw_only=True):
    """Work that goes on in the background."""

    success: bool
    message: str
    task_id: str


def routes() -> list[Route]:
    """Settings and what belongs to the server as a whole."""
    return [many, check, environment, one, new, replace, change, remove, version, time_zones, rehash_streams]


@get(ROOT, policy=READ, docs=TAGS)
async def many(request: Request, preferences: Preferences, lists: Lists) -> list[SettingOut] | Envelope[SettingOut]:
    """All groups of settings."""
    return await lists.bare(request, [SettingOut.of(row) for row in await preferences.rows()])


@post(f"{ROOT}check/", policy=SETTINGS, sent=Check, docs=TAGS)
async def check(caller: Caller, sent: Check) -> dict[str, Any]:
    """Which lists would keep you out."""
    bad = _bad_networks(sent.value) if sent.key == NETWORKS else {}
    if bad:
        words = [word for some in bad.values() for word in some]
        return {"error": True, "message": "Invalid CIDR(s)", "data": words}
    found: dict[str, Any] = {}
    for name, text in sent.value.items():
        networks = networks_of(str(text or ""))[0]
        if networks and not holds(networks, caller.address):
            found[name] = [str(network) for network in networks]
    return found | {"client_ip": caller.address}


@get(f"{ROOT}env/", policy=SELF, docs=TAGS)
async def environment(request: Request) -> Environment:
    """Where the server runs."""
    server = request.scope.get("server")
    return Environment(authenticated=True, local_ip=str(server[0]) if server else None)


@get(f"{ROOT}{{setting_id}}/", policy=READ, docs=TAGS)
async def one(setting_id: int, preferences: Preferences) -> SettingOut:
    """One group."""
    return SettingOut.of(await preferences.row(setting_id))


@post(ROOT, policy=SETTINGS, sent=SettingIn, status=201, docs=TAGS)
async def new(
    caller: Caller, sent: SettingIn, preferences: Preferences, settings_service: SettingsService
) -> Answer[SettingOut]:
    """Set a group by its key. All groups exist, so it adds none."""
    if sent.key not in GROUPS:
        raise Invalid.one("key", "not_a_choice", f'"{sent.key}" is not a valid choice.', value=sent.key)
    return await _set(caller, sent.key, sent.value, preferences, settings_service, status=201)


@put(f"{ROOT}{{setting_id}}/", policy=SETTINGS, sent=SettingIn, docs=TAGS)
async def replace(
    caller: Caller, setting_id: int, sent: SettingIn, preferences: Preferences, settings_service: SettingsService
) -> Answer[SettingOut]:
    """Set a group."""
    row = await preferences.row(setting_id)
    return await _set(caller, row.key, sent.value, preferences, settings_service)


@patch(f"{ROOT}{{setting_id}}/", policy=SETTINGS, sent=SettingPatch, docs=TAGS)
async def change(
    caller: Caller, setting_id: int, sent: SettingPatch, preferences: Preferences, settings_service: SettingsService
) -> Answer[SettingOut]:
    """Set what is named."""
    row = await preferences.row(setting_id)
    return await _set(caller, row.key, {} if sent.value is UNSET else sent.value, preferences, settings_service)


@delete(f"{ROOT}{{setting_id}}/", policy=SETTINGS, status=204, docs=TAGS)
async def remove(caller: Caller, setting_id: int, preferences: Preferences) -> None:
    """Give every setting of a group its default back."""
    row = await preferences.row(setting_id)
    await preferences.change(caller, row.key, dict.fromkeys(row.value))


@get("/api/core/version/", policy=ANYBODY, docs=TAGS)
async def version() -> Version:
    """Which API this is."""
    return Version(version=VERSION, timestamp=None, polycast_version=polycast.__version__)


@get("/api/core/timezones/", policy=READ, docs=TAGS)
async def time_zones() -> TimeZones:
    """Every time zone there is."""
    names = zone_names()
    grouped: dict[str, list[str]] = {}
    for name in names:
        region = name.partition("/")[0]
        grouped.setdefault(region if region in REGIONS else "Other", []).append(name)
    return TimeZones(timezones=names, grouped=grouped, count=len(names))


@post("/api/core/rehash-streams/", policy=COSTLY, docs=TAGS)
async def rehash_streams(caller: Caller, rehash: Rehash) -> Started:
    """Give all streams their identities anew."""
    job = await rehash.start(caller)
    return Started(success=True, message="Stream rehashing task has been queued", task_id=str(job))


async def _set(
    caller: Caller,
    key: str,
    value: Mapping[str, Any],
    preferences: Preferences,
    settings_service: SettingsService,
    *,
    status: int = 200,
) -> Answer[Any]:
    bad = _bad_networks(value) if key == NETWORKS else {}
    if bad:
        return Answer({"message": "Invalid CIDRs", "value": bad}, status=400)
    zone = value.get("time_zone")
    if key == SYSTEM and zone is not None and zone != (await preferences.group(SystemSettings)).time_zone:
        if zone not in zone_names():
            raise Invalid.one("value.time_zone", "not_a_choice", f'"{zone}" is not a valid choice.', value=str(zone))
        await settings_service.change(caller, {"time_zone": zone})  # the server has one, whoever sets it
    try:
        row = await preferences.change(caller, key, value)
    except Invalid as error:  # all stand under "value", so each says which setting it means
        names = [(one, one.path.partition(".")[2]) for one in error.problems]
        told = [Problem(one.path, "setting", {}, f"{name}: {word(one)}" if name else word(one)) for one, name in names]
        raise Invalid(told) from error
    return Answer(SettingOut.of(row), status=status)


def _bad_networks(value: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is no network, by list. Raises: Invalid, for a list that does not exist or is no text."""
    names = {endpoint.value for endpoint in Endpoint}
    problems = [
        Problem(f"value.{name}", "not_a_string", text="Must be text.")
        for name, text in value.items()
        if text is not None and not isinstance(text, str)
    ]
    problems += [
        Problem(f"value.{name}", "unknown", text=f'There is no list "{name}".') for name in value.keys() - names
    ]
    if problems:
        raise Invalid(problems)
    bad = {name: list(networks_of(text)[1]) for name, text in value.items() if isinstance(text, str)}
    return {name: words for name, words in bad.items() if words}

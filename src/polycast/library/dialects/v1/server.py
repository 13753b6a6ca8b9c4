"""Backups, settings, config, set-up, preferences. Source: specs/library.md 3.17, 3.18, 3.22."""

from typing import Annotated, Any, cast

from msgspec import Meta

from polycast.core.backups import Backups
from polycast.core.errors import Conflict, Invalid, NotFound, Problem
from polycast.core.files import FileAnswer
from polycast.core.http import Response, Route, delete, get, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.core.identity.service import Identity
from polycast.core.settings.book import SettingInfo, SettingsService
from polycast.library.administration.backups import BackupRuns, Made
from polycast.library.dialects.v1.names import ALIASES, KEYS
from polycast.library.dialects.v1.policies import ADMIN, FRESH, UNCOUNTED, USER, require_owner
from polycast.library.dialects.v1.system import About
from polycast.library.dialects.v1.wire import Out, PageOf, Sent, iso
from polycast.library.people.preferences import Preferences

Text = Annotated[str, Meta(max_length=2000)]


class BackupOut(Out, frozen=True, kw_only=True):
    """A backup."""

    id: str
    filename: str | None
    size: int
    kind: str
    contents: dict[str, bool]
    status: str  # pending, running, completed, failed
    version: str | None
    created_at: str | None
    error: str | None


class BackupIn(Sent, frozen=True, kw_only=True):
    """What to take along."""

    database: bool = True
    images: bool = True
    trickplay: bool = False
    note: Text | None = None


class RestoreIn(Sent, frozen=True, kw_only=True):
    """Which backup."""

    backup_id: Annotated[str, Meta(min_length=1, max_length=200)]
    passphrase: Text = ""
    force: bool = False


class SettingIn(Sent, frozen=True, kw_only=True):
    """A value."""

    value: Any


class SettingOut(Out, frozen=True, kw_only=True):
    """A setting."""

    key: str
    value: Any
    default: Any
    source: str
    type: str
    min: float | None
    max: float | None
    choices: list[str]
    restart_required: bool
    description: str


@get("/v1/backups", policy=ADMIN)
async def backups_(caller: Caller, backup_runs: BackupRuns) -> PageOf[BackupOut]:
    """All backups of the server, the youngest first."""
    return PageOf(items=[_backup(one) for one in await backup_runs.all(caller)])


@post("/v1/backups", policy=ADMIN, sent=BackupIn, status=202)
async def back_up(caller: Caller, backup_runs: BackupRuns, sent: BackupIn) -> dict[str, Any]:
    """Have a backup made: of the whole server, as the core makes them. 409 while one is made."""
    made = await backup_runs.start(caller)
    return {"id": made, "status": "pending", "workflowId": made}


@get("/v1/backups/{backup_id}", policy=ADMIN)
async def backup(caller: Caller, backup_runs: BackupRuns, backup_id: str) -> BackupOut:
    """One backup, also one that is being made."""
    return _backup(await backup_runs.get(caller, backup_id))


@delete("/v1/backups/{backup_id}", policy=ADMIN, status=204)
async def drop_backup(caller: Caller, backups: Backups, backup_runs: BackupRuns, backup_id: str) -> None:
    """Delete a backup."""
    await backups.delete(caller, await backup_runs.name(caller, backup_id))


@get("/v1/backups/{backup_id}/download", policy=FRESH)
async def download_backup(caller: Caller, backups: Backups, backup_runs: BackupRuns, backup_id: str) -> Response:
    """The file. It holds all that the server knows: only with a sign-in of the last ten minutes."""
    name = await backup_runs.name(caller, backup_id)
    file = FileAnswer(backups.path(caller, name), content_type="application/zstd", name=name, attachment=True)
    return cast("Response", file)  # any ASGI app is an answer


@post("/v1/backups/restore", policy=FRESH, sent=RestoreIn, status=202)
async def restore(caller: Caller, backups: Backups, backup_runs: BackupRuns, sent: RestoreIn) -> dict[str, Any]:
    """Make everything what it was; the server starts again. Owners only, with a sign-in of the last ten minutes."""
    require_owner(caller)
    name = await backup_runs.name(caller, sent.backup_id)
    manifest = await backups.restore(caller, name, passphrase=sent.passphrase)
    return {"workflowId": name, "version": manifest.version, "restarting": True}


@post("/v1/backups/{backup_id}/verify", policy=ADMIN)
async def verify_backup(caller: Caller, backups: Backups, backup_runs: BackupRuns, backup_id: str) -> dict[str, Any]:
    """Read a backup to its end."""
    manifest = await backups.verify(caller, await backup_runs.name(caller, backup_id))
    return {"ok": True, "version": manifest.version, "createdAt": iso(manifest.made_at), "tables": len(manifest.tables)}


@get("/v1/settings", policy=ADMIN)
async def settings_(caller: Caller, settings: SettingsService) -> PageOf[SettingOut]:
    """Every setting of the library; secrets masked."""
    return PageOf(items=[_setting(one) for one in settings.describe(caller) if one.path in KEYS])


@patch("/v1/settings", policy=ADMIN, sent=dict[str, Any])
async def change_settings(caller: Caller, settings: SettingsService, sent: dict[str, Any]) -> PageOf[SettingOut]:
    """Change several at once; all or none."""
    await _set(caller, settings, {_path(key): value for key, value in sent.items()})
    return PageOf(items=[_setting(one) for one in settings.describe(caller) if one.path in KEYS])


@get("/v1/settings/{key}", policy=ADMIN)
async def setting(caller: Caller, settings: SettingsService, key: str) -> SettingOut:
    """One setting."""
    return _one(caller, settings, _path(key))


@put("/v1/settings/{key}", policy=ADMIN, sent=SettingIn)
async def set_setting(caller: Caller, settings: SettingsService, key: str, sent: SettingIn) -> SettingOut:
    """Change one."""
    path = _path(key)
    await _set(caller, settings, {path: sent.value})
    return _one(caller, settings, path)


@delete("/v1/settings/{key}", policy=ADMIN)
async def reset_setting(caller: Caller, settings: SettingsService, key: str) -> SettingOut:
    """Back to the default."""
    path = _path(key)
    await _set(caller, settings, {path: None})
    return _one(caller, settings, path)


@get("/v1/config", policy=ADMIN)
async def config(caller: Caller, settings: SettingsService) -> dict[str, Any]:
    """The whole tree: what holds, and who has decided it."""
    found = settings.describe(caller)
    effective: dict[str, Any] = {}
    for one in found:
        here = effective
        *outer, name = one.path.split(".")
        for word in outer:
            here = here.setdefault(word, {})
        here[name] = one.value
    sources = {one.path: _source(one) for one in found}
    return {"effective": effective, "sources": sources, "file": None, "schema": {one.path: one.kind for one in found}}


@patch("/v1/config", policy=ADMIN, sent=dict[str, Any])
async def change_config(caller: Caller, settings: SettingsService, sent: dict[str, Any]) -> dict[str, Any]:
    """Change parts of the tree; null takes back."""
    await _set(caller, settings, _flat(sent))
    return await config.handler(caller, settings)  # type: ignore[no-any-return]


@get("/v1/config/public", policy=UNCOUNTED)
async def public_config(about: About) -> dict[str, Any]:
    """What anybody may know."""
    return {
        "serverName": about.name(),
        "version": about.version,
        "auth": ["email"],
        "features": ["libraries", "playback", "jellyfin"],
    }


@get("/v1/setup", policy=UNCOUNTED)
async def setup(identity: Identity, about: About) -> dict[str, Any]:
    """How far the first run is."""
    return await _setup(identity, about)


@get("/v1/setup/status", policy=UNCOUNTED)
async def setup_status(identity: Identity, about: About) -> dict[str, Any]:
    """How far the first run is."""
    return await _setup(identity, about)


@get("/v1/playback-preferences", policy=USER)
async def playback_preferences(caller: Caller, preferences: Preferences) -> dict[str, Any]:
    """How the caller likes sound and subtitles."""
    return await preferences.playback(caller)


@put("/v1/playback-preferences", policy=USER, sent=dict[str, Any])
async def replace_playback(caller: Caller, preferences: Preferences, sent: dict[str, Any]) -> dict[str, Any]:
    """All of it anew."""
    return await preferences.set_playback(caller, sent, replace=True)


@patch("/v1/playback-preferences", policy=USER, sent=dict[str, Any])
async def change_playback(caller: Caller, preferences: Preferences, sent: dict[str, Any]) -> dict[str, Any]:
    """Parts of it."""
    return await preferences.set_playback(caller, sent, replace=False)


async def _setup(identity: Identity, about: About) -> dict[str, Any]:
    is_open = await identity.first_run.is_open()
    return {
        "completed": not is_open,
        "step": "owner" if is_open else "finish",
        "version": about.version,
        "hasUsers": not is_open,
    }


def _backup(made: Made) -> BackupOut:
    one = made.backup
    kind = "manual" if one is None else "pre_restore" if one.kind.value == "safety" else one.kind.value
    return BackupOut(
        id=made.id, filename=one.name if one else None, size=one.size_bytes if one else 0, kind=kind,
        contents={"database": True, "images": True, "trickplay": False}, status=made.status,
        version=one.version if one else None, created_at=iso(one.made_at) if one else None, error=made.error or None,
    )  # fmt: skip


def _path(key: str) -> str:
    path = ALIASES.get(key, key)
    if path not in KEYS:
        raise NotFound("The setting")
    return path


async def _set(caller: Caller, settings: SettingsService, changes: dict[str, Any]) -> None:
    fixed = {one.path for one in settings.describe(caller) if one.fixed_by_host}
    pinned = sorted(set(changes) & fixed)
    if pinned:
        raise Conflict(f"{pinned[0]} is set by the host's configuration.", reason="pinned")
    await settings.change(caller, changes)


def _one(caller: Caller, settings: SettingsService, path: str) -> SettingOut:
    return next(_setting(one) for one in settings.describe(caller) if one.path == path)


def _setting(one: SettingInfo) -> SettingOut:
    kinds = {
        "whole": "integer",
        "flag": "boolean",
        "text": "string",
        "choice": "string",
        "list": "array",
        "secret": "string",
    }
    return SettingOut(
        key=KEYS.get(one.path, one.path), value="••••" if one.kind == "secret" and one.value else one.value,
        default=one.default, source=_source(one), type=kinds.get(one.kind, one.kind), min=one.at_least, max=one.at_most,
        choices=one.choices, restart_required=one.needs_restart, description=one.help,
    )  # fmt: skip


def _source(one: SettingInfo) -> str:
    if one.fixed_by_host and one.is_changed:
        return "env"
    return "database" if one.is_changed else "default"


def _flat(tree: dict[str, Any], before: str = "", depth: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if depth > 8:
        raise Invalid([Problem(before, "invalid", {}, "Nested too deeply")])
    for name, value in tree.items():
        path = f"{before}.{name}" if before else name
        found |= _flat(value, path, depth + 1) if isinstance(value, dict) else {path: value}
    return found


def routes() -> list[Route]:
    """In the order of the reference."""
    return [
        backups_, back_up, backup, drop_backup, download_backup, restore, verify_backup, settings_, change_settings, setting, set_setting,
        reset_setting, config, change_config, public_config, setup, setup_status, playback_preferences, replace_playback,
        change_playback,
    ]  # fmt: skip

"""Bringing accounts over from another host. Source: `specs/radio.md` 3.7."""

from typing import Annotated

from msgspec import Meta, Struct

from polycast.core.errors import Invalid, Problem
from polycast.core.http import Route, get, post
from polycast.core.identity.caller import Caller
from polycast.radio.accounts.who import who_of
from polycast.radio.dialects.admin import wire
from polycast.radio.dialects.admin.errors import Plain
from polycast.radio.dialects.admin.policies import ADMIN
from polycast.radio.migration.model import MigrationFailed, SshLogin
from polycast.radio.migration.service import Migrations

SSH = 22


class MigrationSent(Struct, frozen=True, kw_only=True):
    """Where the old host is. `user` is the radio account, `username` the SSH login."""

    host: Annotated[str, Meta(max_length=255)] = ""
    port: Annotated[int, Meta(ge=1, le=65535)] = SSH
    user: Annotated[str, Meta(max_length=64)] = ""
    username: Annotated[str, Meta(max_length=255)] = ""
    password: Annotated[str, Meta(max_length=1024)] = ""
    fingerprint: Annotated[str, Meta(max_length=128)] = ""
    background: bool = False

    def __repr__(self) -> str:
        return f"MigrationSent({self.host!r})"


class Transferred(Struct, frozen=True, kw_only=True, omit_defaults=True):
    success: bool
    files: int | None = None
    job: str | None = None


@get("/api/v1/before_migration_check/", policy=ADMIN, query=MigrationSent)
async def check(caller: Caller, query: MigrationSent, migrations: Migrations) -> wire.Success:
    """Whether an SFTP session opens."""
    return await _check(caller, query, migrations)


@post("/api/v1/before_migration_check/", policy=ADMIN, sent=MigrationSent)
async def check_by_form(caller: Caller, sent: MigrationSent, migrations: Migrations) -> wire.Success:
    """As GET, with the password out of addresses and logs."""
    return await _check(caller, sent, migrations)


@get("/api/v1/migration_file_transfer/", policy=ADMIN, query=MigrationSent)
async def transfer(caller: Caller, query: MigrationSent, migrations: Migrations) -> Transferred:
    """Bring the files of an account here."""
    return await _transfer(caller, query, migrations)


@post("/api/v1/migration_file_transfer/", policy=ADMIN, sent=MigrationSent)
async def transfer_by_form(caller: Caller, sent: MigrationSent, migrations: Migrations) -> Transferred:
    """As GET, with the password out of addresses and logs."""
    return await _transfer(caller, sent, migrations)


async def _check(caller: Caller, sent: MigrationSent, migrations: Migrations) -> wire.Success:
    login = _login(sent, "host", "username", "password")
    try:
        await migrations.check(who_of(caller), login, sent.fingerprint)
    except MigrationFailed as error:
        raise Plain({"success": False, "error": error.reason}, status=500) from error
    return wire.Success()


async def _transfer(caller: Caller, sent: MigrationSent, migrations: Migrations) -> Transferred:
    login, who = _login(sent, "host", "user", "username", "password"), who_of(caller)
    try:
        if sent.background:
            return Transferred(success=True, job=str(await migrations.begin(who, sent.user, login)))
        return Transferred(success=True, files=await migrations.transfer(who, sent.user, login))
    except MigrationFailed as error:
        raise Plain({"success": False, "error": error.reason}, status=500) from error


def _login(sent: MigrationSent, *needed: str) -> SshLogin:
    """Raises: Invalid, when something is missing."""
    if missing := [name for name in needed if not getattr(sent, name)]:
        raise Invalid([Problem(name, "required") for name in missing])
    return SshLogin(host=sent.host, port=sent.port, username=sent.username, password=sent.password)


def routes() -> list[Route]:
    return [check, check_by_form, transfer, transfer_by_form]

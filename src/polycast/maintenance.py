"""What an operator does at the machine: look what is missing, mend accounts, save and restore."""

import getpass
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pysqlite3
from msgspec import Struct

import polycast
from polycast import app
from polycast.core.backups import Kind, Making, Shelf
from polycast.core.clock import SystemClock
from polycast.core.errors import NotFound, PolycastError
from polycast.core.house import Boot, Core
from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.scopes import Role
from polycast.core.identity.users.model import User, UserNew

ENOUGH_DISK: Final = 1024**3  # bytes
TESTS_NEED: Final = (("chromium", "chromium"), ("ffmpeg", "ffmpeg"), ("hdhomerun_config", "hdhomerun-config"))


class Check(Struct, frozen=True):
    """One line of `doctor`."""

    ok: bool
    what: str
    advice: str = ""


def doctor(boot: Boot) -> Sequence[Check]:
    """What is missing on this machine, and how to get it. Opens nothing, changes nothing."""
    core = boot.book().core
    checks = [
        Check(sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}", "Polycast needs Python 3.11 or newer."),
        Check(True, f"Polycast {polycast.__version__}"),
        _sqlite(),
        _folder(core.data_dir),
        *[
            Check(path.is_dir(), f"media folder {path}", "Create it, or change POLYCAST_MEDIA_DIRS.")
            for path in core.media_dirs
        ],
        Check(
            (app.UI_FOLDER / "index.html").exists(),
            "the pages are built",
            "`make ui` builds them; it needs Node 20.19 or newer, or takes one from PyPI.",
        ),
    ]
    checks += [
        Check(False, f"setting {name}", "There is no such setting; look for a typing error.") for name in boot.strange
    ]
    checks += [
        Check(shutil.which(command) is not None, f"{command} (for tests only)", f"apt-get install {package}")
        for command, package in TESTS_NEED
    ]
    return checks


def _sqlite() -> Check:
    version = tuple(int(part) for part in pysqlite3.sqlite_version.split("."))
    return Check(version >= (3, 51, 3), f"SQLite {pysqlite3.sqlite_version}", "Install pysqlite3 0.6.1 or newer.")


def _folder(path: Path) -> Check:
    place = path if path.exists() else path.parent
    if not os.access(place, os.W_OK):
        return Check(False, f"data directory {path}", f"{place} cannot be written to by this user.")
    free = shutil.disk_usage(place).free
    return Check(free > ENOUGH_DISK, f"data directory {path}: {free // 1024**2} MiB free", "Make room on this disk.")


def backup(boot: Boot) -> Path:
    """Make a backup now, the server running or not. Raises: Storage, Busy."""
    book = boot.book().core.backup
    making = Making(kind=Kind.MANUAL, at=SystemClock().now(), passphrase=book.passphrase.plain)
    return Shelf(boot.saved).make(making)


def restore(boot: Boot, name: str, *, passphrase: str, with_credentials: bool) -> str:
    """Make the data what it was in a backup; the server must not run. Raises: NotFound, BadBackup, Storage."""
    shelf = Shelf(boot.saved)
    safety = Making(kind=Kind.SAFETY, at=SystemClock().now())
    shelf.restore(shelf.path(name), safety, passphrase=passphrase, with_credentials=with_credentials)
    app.prepare(boot)
    return name


async def add_user(core: Core, username: str, role: str, password: str | None) -> User:
    """Make a user; without a password it is asked for at the terminal."""
    chosen = password or getpass.getpass(f"Password for {username}: ")
    return await core.identity.users.create(SYSTEM, UserNew(username=username, password=chosen, role=Role(role)))


async def set_password(core: Core, username: str, password: str | None) -> User:
    """Give a user another password; all their sessions end. Raises: NotFound, Invalid."""
    user = await _user(core, username)
    chosen = password or getpass.getpass(f"New password for {username}: ")
    await core.identity.users.set_password(SYSTEM, user.id, chosen)
    return user


async def list_users(core: Core) -> list[User]:
    """Every user, in the order of their making."""
    return await core.identity.users.list(SYSTEM, limit=1000)


async def _user(core: Core, username: str) -> User:
    user = await core.identity.users.find(username)
    if user is None:
        raise NotFound(f"The user {username}")
    return user


__all__ = ["Check", "PolycastError", "add_user", "backup", "doctor", "list_users", "restore", "set_password"]

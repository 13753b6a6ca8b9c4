"""The command line: serve, worker, doctor, user, backup, restore, openapi."""

import argparse
import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing
from functools import partial
from typing import Any, TypeVar

import uvloop

import polycast
from polycast import app, maintenance
from polycast.core.errors import PolycastError
from polycast.core.events import link_pair
from polycast.core.house import Boot, Core
from polycast.core.identity.scopes import Role
from polycast.core.log import Redactor, setup_logging
from polycast.core.net import listen
from polycast.core.processes.supervisor import Duty, Supervisor

T = TypeVar("T")
log = logging.getLogger("polycast")
WORKER_NICE = 10


def main(arguments: Sequence[str]) -> int:
    """Run one command; its exit code. Expected failures are one line on stderr."""
    asked = _parser().parse_args(arguments)
    try:
        boot = app.read_boot(os.environ)
        settings = boot.book().core
        setup_logging(settings.log_level, settings.log_format, boot.known)
        code: int = asked.run(boot, Redactor(boot.known), asked)
    except PolycastError as error:
        sys.stderr.write(f"polycast: {error.message}\n")
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="polycast", description="One self-hosted media server.")
    parser.add_argument("--version", action="version", version=f"polycast {polycast.__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")
    commands.add_parser("serve", help="run the server").set_defaults(run=serve)
    commands.add_parser("worker", help="run a worker of a cluster").set_defaults(run=worker)
    commands.add_parser("openapi", help="write every dialect's OpenAPI document").set_defaults(run=openapi)
    commands.add_parser("doctor", help="say what is missing on this machine").set_defaults(run=doctor)
    commands.add_parser("backup", help="make a backup now").set_defaults(run=backup)
    again = commands.add_parser("restore", help="make the data what it was; stop the server first")
    again.add_argument("name", help="a file name in <data>/backups")
    again.add_argument("--passphrase", default="")
    again.add_argument("--with-credentials", action="store_true", help="sign-ins, API keys and device passwords too")
    again.set_defaults(run=restore)
    _user_parser(commands.add_parser("user", help="list, add, or give a new password"))
    return parser


def _user_parser(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="action")
    actions.add_parser("list").set_defaults(run=user_list)
    add = actions.add_parser("add")
    add.add_argument("username")
    add.add_argument("--role", default="member", choices=[role.value for role in Role])
    add.add_argument("--password")
    add.set_defaults(run=user_add)
    change = actions.add_parser("password")
    change.add_argument("username")
    change.add_argument("--password")
    change.set_defaults(run=user_password)


def serve(boot: Boot, redactor: Redactor, asked: argparse.Namespace) -> int:
    """Fork the web process and the workers, and keep them running until SIGTERM."""
    os.umask(0o027)
    for name in boot.strange:
        log.warning("there is no setting %s; it is ignored", name)
    settings = boot.book().core
    sockets = [one for port in (settings.port, *settings.extra_ports) for one in listen(settings.host, port)]
    pairs = [link_pair() for _ in range(settings.workers)]
    web_ends = [web_end.fileno() for web_end, _ in pairs]
    duties = [Duty(name="web", run=partial(_loop, app.web, boot, sockets, web_ends))]
    for number, (_, worker_end) in enumerate(pairs):
        work = partial(_worker, boot, redactor, number, sockets=sockets, links=[worker_end.fileno()])
        duties.append(Duty(name=f"worker-{number}", run=work, nice=WORKER_NICE))
    return Supervisor(duties, prepare=partial(_prepare, boot)).run()


def worker(boot: Boot, redactor: Redactor, asked: argparse.Namespace) -> int:
    """A worker alone, on a database that other nodes share."""
    os.umask(0o027)
    role = Duty(name="worker", run=partial(_worker, boot, redactor, os.getpid()), nice=WORKER_NICE)
    return Supervisor([role], prepare=partial(_prepare, boot)).run()


def openapi(boot: Boot, redactor: Redactor, asked: argparse.Namespace) -> int:
    """Write the documents to where the UI's build and the server look for them."""
    return _loop(app.write_documents, boot)


def doctor(boot: Boot, redactor: Redactor, asked: argparse.Namespace) -> int:
    """A line for each check, and what to do; 1 when the server would not start well."""
    checks = maintenance.doctor(boot)
    for check in checks:
        _say(f"{'ok  ' if check.ok else 'FAIL'}  {check.what}" + ("" if check.ok else f"\n      {check.advice}"))
    return 0 if all(check.ok or "tests only" in check.what for check in checks) else 1


def backup(boot: Boot, redactor: Redactor, asked: argparse.Namespace) -> int:
    """Make a backup, running server or not, and say where it is."""
    _say(str(maintenance.backup(boot)))
    return 0


def restore(boot: Boot, redactor: Redactor, asked: argparse.Namespace) -> int:
    """Put a backup in the place of what is there, after a backup of that."""
    maintenance.restore(boot, asked.name, passphrase=asked.passphrase, with_credentials=asked.with_credentials)
    _say(f"{asked.name} is restored; what was there before is saved beside it.")
    return 0


def user_list(boot: Boot, redactor: Redactor, asked: argparse.Namespace) -> int:
    """Every user with their role."""
    for user in _with_core(boot, maintenance.list_users):
        _say(f"{user.username}\t{user.role.value}" + ("" if user.is_active else "\tswitched off"))
    return 0


def user_add(boot: Boot, redactor: Redactor, asked: argparse.Namespace) -> int:
    """Make a user."""
    run = partial(maintenance.add_user, username=asked.username, role=asked.role, password=asked.password)
    _say(f"{_with_core(boot, run).username} is {asked.role} now.")
    return 0


def user_password(boot: Boot, redactor: Redactor, asked: argparse.Namespace) -> int:
    """Give a user another password."""
    run = partial(maintenance.set_password, username=asked.username, password=asked.password)
    _say(f"{_with_core(boot, run).username} has a new password; all their sessions have ended.")
    return 0


def _with_core(boot: Boot, run: Callable[[Core], Coroutine[Any, Any, T]]) -> T:
    """Run something on the open core, beside a running server if there is one."""
    app.prepare(boot)

    async def opened() -> T:
        async with app.open_house(boot, app.circumstances(is_web=False)) as house:
            return await run(house.core)

    return asyncio.run(opened())


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _prepare(boot: Boot) -> int:
    try:
        app.prepare(boot)
    except PolycastError as error:
        sys.stderr.write(f"polycast: {error.message}\n")
        return 1
    return 0


def _worker(
    boot: Boot,
    redactor: Redactor,
    number: int,
    *,
    sockets: Sequence[socket.socket] = (),
    links: Sequence[int] = (),
) -> int:
    for one in sockets:
        one.close()
    return _loop(partial(app.work, number=number, redactor=redactor), boot, links)


def _loop(run: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> int:
    with closing(uvloop.new_event_loop()) as loop:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(run(*arguments))
        loop.run_until_complete(loop.shutdown_default_executor())
    return 0

"""What each module shows the world, as text: routes with their policies, tables, jobs, events, settings."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from polycast import app
from polycast.core.identity.caller import Policy
from polycast.core.module import Module
from polycast.core.settings.load import leaves

SRC = Path(__file__).parents[2] / "src" / "polycast"


def surfaces() -> dict[Path, str]:
    """The text that each `surface.txt` should hold, by its path."""
    with tempfile.TemporaryDirectory(prefix="polycast-surface-") as folder:
        boot = app.read_boot(
            {"PATH": os.environ.get("PATH", ""), "POLYCAST_DATA_DIR": folder}, Path(folder) / "none.toml"
        )
        app.prepare(boot)
        return asyncio.run(_surfaces(boot))


async def _surfaces(boot: app.Boot) -> dict[Path, str]:
    async with app.open_house(boot, app.circumstances(is_web=True)) as house:
        return {SRC / module.name / "surface.txt": "\n".join(_lines(module)) + "\n" for module in house.modules}


def _lines(module: Module) -> Iterator[str]:
    for dialect in module.dialects:
        yield f"dialect {dialect.name} ({dialect.slash.value} slash)"
        yield from (f"  claim {claim}" for claim in sorted(dialect.claims))
        yield from sorted(
            f"  route {route.method} {route.path}: {policy(route.policy)}" for route in dialect.app.routes
        )
    yield from sorted(f"table {name}" for name in module.tables.tables)
    for job in sorted(module.jobs, key=lambda job: job.name):
        when = f", every {job.every}" if job.every else f", at {job.cron}" if job.cron else ""
        yield f"job {job.name}({', '.join(job.payload.__struct_fields__)}), lane {job.lane.value}{when}"
    for event in sorted(module.publishes, key=lambda event: event.name):
        yield f"event {event.name}({', '.join(event.__struct_fields__)})"
    yield from sorted(
        f"listener {listener.name} to {listener.event.name}, {listener.delivery.value}" for listener in module.listens
    )
    yield from sorted(f"daemon {daemon.name}" for daemon in module.daemons)
    own = {path for path, _ in leaves({module.name: module.settings})} - {path for path, _ in leaves({})}
    yield from sorted(f"setting {path}" for path in own)


def policy(given: Policy) -> str:
    """A policy in one line."""
    words = [
        "anybody" if given.anonymous else "",
        given.scope.value if given.scope else ("signed in" if not given.anonymous else ""),
        "fresh" if given.fresh else "",
        "query credentials" if given.in_query else "",
        "" if given.rate.value == "normal" else given.rate.value,
    ]
    return ", ".join(word for word in words if word)

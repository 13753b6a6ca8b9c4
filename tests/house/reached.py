"""Which routes the tests have reached, and with what outcome: noted by every test process, read by `make lists`.

A route counts as reached when a test got a good answer from it and, where it takes an id or a body, the answer to a wrong
one too ("sign in first" is asked of every route in tests/test_matrix.py). Whether the answers were compared whole is for whoever reads the test.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

from polycast.core.http import dialects

FOLDER = Path(__file__).parents[2] / ".stamps" / "routes"
Reached = dict[tuple[str, str], set[int]]  # (method, template) -> statuses


def note_routes() -> Reached:
    """From now on every answer of every dialect in this process is noted in what this returns."""
    reached: Reached = defaultdict(set)
    original = dialects.Routed.__call__

    @wraps(original)
    async def noted(self: Any, scope: Any, receive: Any, send: Any) -> None:
        async def watched(message: Any) -> None:
            if message["type"] in ("http.response.start", "websocket.accept", "websocket.close"):
                status = message.get("status", 101 if message["type"] == "websocket.accept" else 400)
                template = scope.get("state", {}).get("route")
                if template:
                    reached[scope.get("method", "WS"), template].add(status)
            await send(message)

        await original(self, scope, receive, watched)

    dialects.Routed.__call__ = noted  # type: ignore[method-assign]
    return reached


def keep(reached: Mapping[tuple[str, str], Iterable[int]]) -> None:
    """Add what this process has seen to what others have."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines = [f"{method} {path} {' '.join(map(str, sorted(seen)))}\n" for (method, path), seen in reached.items()]
    (FOLDER / f"{os.getpid()}.txt").write_text("".join(lines), "utf-8")


def unreached(surfaces: Mapping[Path, str]) -> list[str]:
    """A line for each route of the surfaces that no test run since `.stamps/routes` was last emptied has reached well."""
    reached: Reached = defaultdict(set)
    for path in FOLDER.glob("*.txt"):
        for line in path.read_text("utf-8").splitlines():
            method, template, *seen = line.split(" ")
            reached[method, template] |= {int(status) for status in seen}
    return [f"{path.parent.name}: {line}" for path, text in surfaces.items() for line in _missing(text, reached)]


def _missing(surface: str, reached: Reached) -> Iterable[str]:
    for line in surface.splitlines():
        if not line.startswith("  route "):
            continue
        method, template = line.removeprefix("  route ").partition(": ")[0].split(" ")
        seen = reached.get((method, template), set())
        lacks = []
        if not any(status < 400 for status in seen):
            lacks.append("a good answer")
        takes_something = "{" in template or method in {"POST", "PUT", "PATCH"}
        if takes_something and not any(status >= 400 and status not in (401, 403) for status in seen):
            lacks.append("a wrong request")
        if lacks:
            yield f"{method} {template}: no test for {' and '.join(lacks)}"

"""What a dialect does about the slash at the end of a path."""

import re
from collections.abc import Iterable
from typing import Final

from polycast.core.http.routes import RouteInfo
from polycast.core.module import Slash

_PARAMETER: Final = re.compile(r"\{[^{}:]+(?::(\w+))?\}")


class SlashRule:
    """A dialect's rule, with the few routes of its own that are spelled the other way."""

    def __init__(self, slash: Slash, routes: Iterable[RouteInfo], *, ignore_case: bool = False) -> None:
        self._slash = slash
        routes = tuple(routes)
        wanted = {Slash.ADD: False, Slash.STRIP: True}.get(slash)
        self._flags = re.IGNORECASE if ignore_case else 0
        self._others = [
            self._pattern(path)
            for path in sorted({route.path for route in routes})
            if wanted is not None and path.endswith("/") is wanted and path != "/"
        ]

        paths = sorted({route.path for route in routes}) if slash is Slash.EXACT else []
        self._exact = (
            re.compile("|".join(self._pattern(path).pattern for path in paths), self._flags) if paths else None
        )

    def refuses(self, path: str) -> bool:
        """Whether `path` is a route's but for the slash at its end, where the dialect does not forgive that."""
        if self._exact is None or path == "/" or self._exact.fullmatch(path):
            return False
        return bool(self._exact.fullmatch(path[:-1] if path.endswith("/") else f"{path}/"))

    def redirect(self, method: str, path: str) -> tuple[int, str] | None:
        """Status and path to send the client to; None when the path is served as it is."""
        if path == "/" or self._slash in (Slash.EITHER, Slash.EXACT):
            return None
        has_slash = path.endswith("/")
        if self._slash is Slash.ADD and not has_slash and method in ("GET", "HEAD") and not self._is_other(path):
            return 301, path + "/"
        if self._slash is Slash.STRIP and has_slash and not self._is_other(path):
            return 307, path.rstrip("/")
        return None

    def _is_other(self, path: str) -> bool:
        return any(pattern.fullmatch(path) for pattern in self._others)

    def _pattern(self, path: str) -> re.Pattern[str]:
        pieces = []
        at = 0
        for match in _PARAMETER.finditer(path):
            pieces.append(re.escape(path[at : match.start()]))
            pieces.append(".*" if match[1] == "path" else "[^/]+")
            at = match.end()
        return re.compile("".join(pieces) + re.escape(path[at:]), self._flags)

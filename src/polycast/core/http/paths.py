"""Finding a route among few, for byte routes and sockets; JSON routes are found by Litestar's trie."""

import re
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from msgspec import Struct
from starlette.routing import compile_path

T = TypeVar("T")


class Found(Struct, Generic[T], frozen=True):
    """A path that fits: its template, what stands in its braces, and the targets by method."""

    template: str
    params: Mapping[str, Any]
    targets: Mapping[str, T]


class Paths(Generic[T]):
    """Templates in the order they were added; the first that fits wins."""

    def __init__(self, *, ignore_case: bool = False) -> None:
        self._flags = re.IGNORECASE if ignore_case else 0
        self._targets: dict[str, dict[str, T]] = {}
        self._patterns: list[tuple[re.Pattern[str], Mapping[str, Any], str]] = []

    def add(self, method: str, template: str, target: T) -> None:
        """Raises: ValueError when method and template are taken."""
        if template not in self._targets:
            regex, _, convertors = compile_path(template)
            self._patterns.append((re.compile(regex.pattern, self._flags), convertors, template))
            self._targets[template] = {}
        if method in self._targets[template]:
            raise ValueError(f"{method} {template} is there twice")
        self._targets[template][method] = target

    def find(self, path: str) -> Found[T] | None:
        """The template for `path`, or for `path` with its last slash added or taken away."""
        other = path[:-1] if path.endswith("/") else f"{path}/"
        for spelling in (path, other) if len(path) > 1 else (path,):
            for regex, convertors, template in self._patterns:
                if match := regex.match(spelling):
                    params = {name: convertors[name].convert(text) for name, text in match.groupdict().items()}
                    return Found(template, params, self._targets[template])
        return None

"""The document our own pages make their types from."""

from collections.abc import Iterator
from typing import Any

from tests.live.polycast.world import World


def answers(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and the operation's good answers by status."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield path, method, {s: a for s, a in operation["responses"].items() if s.startswith("2")}


def referred(document: dict[str, Any], node: Any, seen: set[str]) -> set[str]:
    """The names of all schemas that `node` leads to."""
    if isinstance(node, dict):
        name = str(node.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            referred(document, document["components"]["schemas"][name], seen)
        for value in node.values():
            referred(document, value, seen)
    elif isinstance(node, list):
        for value in node:
            referred(document, value, seen)
    return seen


class TestTheDocument:
    async def test_has_one_good_answer_for_each_operation(self, world: World) -> None:
        assert world.dialect.openapi is not None
        for path, method, good in answers(dict(world.dialect.openapi())):
            assert len(good) == 1, (method, path)

    async def test_requires_every_field_of_an_answer(self, world: World) -> None:
        assert world.dialect.openapi is not None
        document = dict(world.dialect.openapi())
        for path, method, good in answers(document):
            for name in referred(document, list(good.values()), set()):
                schema = document["components"]["schemas"][name]
                wanted = sorted(schema.get("properties", {}))
                assert sorted(schema.get("required", [])) == wanted, (method, path, name)

    async def test_is_of_the_right_place(self, world: World) -> None:
        assert world.dialect.openapi is not None
        assert world.dialect.openapi_at == "live.polycast.json"
        assert all(path.startswith("/polycast/v1/live/") for path in world.dialect.openapi()["paths"])
        assert world.dialect.openapi()["openapi"] == "3.1.0"

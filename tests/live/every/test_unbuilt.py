"""What later issues build: every list is empty in its shape, no row is there, and every change says that it cannot be."""

import re

import pytest

from polycast.live.dialects.rest import later
from tests.server import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROUTES = [(route.method, route.path) for route in later.routes()]
CHANGES = [(method, path) for method, path in ROUTES if method != "GET"]
ROWS = [path for method, path in ROUTES if method == "GET" and "{" in path]
LISTS = [path for method, path in ROUTES if method == "GET" and "{" not in path]


def filled(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "1", path)


@pytest.mark.parametrize(("method", "path"), CHANGES)
async def test_a_change_says_that_it_is_not_built(owner: Client, method: str, path: str) -> None:
    answer = await owner.ask(method, filled(path), json={})
    assert (answer.status, list(answer.json())) == (501, ["detail"])
    assert answer.json()["detail"].startswith("This server cannot do this yet")


@pytest.mark.parametrize("path", ROWS)
async def test_no_row_is_there(owner: Client, path: str) -> None:
    answer = await owner.get(filled(path))
    assert (answer.status, answer.json()) == (404, {"detail": "Not found."})


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_is_empty_in_its_shape(owner: Client, path: str) -> None:
    answer = await owner.get(path)
    body = answer.json()
    assert answer.status == 200
    rows = body.get("results", body.get("rules", body.get("plugins", []))) if isinstance(body, dict) else body
    assert rows == []

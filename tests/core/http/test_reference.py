"""The pages around an API document."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from polycast.core.http import Route, get, json_dialect, problem_details
from polycast.core.http.openapi import openapi_document
from polycast.core.http.reference import ApiReference
from polycast.core.http.yaml import to_yaml
from polycast.core.identity.caller import OPEN
from tests.core.http.test_json_dialect import Door
from tests.fakes.asgi import AsgiClient


@get("/api/things/", policy=OPEN)
async def things(search: str = "a: b # c") -> list[str]:
    """All things: "yes", 'no', # and so on."""
    return []


def client_of(reference: ApiReference) -> tuple[AsgiClient, list[Route]]:
    routes = reference.routes(
        schemas=["/api/schema/", "/api/swagger.json"], try_out=["/api/swagger/"], reading=["/api/redoc/"]
    )
    return AsgiClient(json_dialect([things, *routes], services={}, identity=Door(), spell=problem_details)), routes


def build() -> dict[str, Any]:
    return openapi_document(json_dialect([things], services={}, identity=Door(), spell=problem_details), version="3.0")


@pytest.fixture
def client() -> AsgiClient:
    return client_of(ApiReference("Things <&>", build))[0]


class TestTheDocument:
    @pytest.mark.parametrize("path", ["/api/schema/", "/api/swagger.json"])
    async def test_is_json_at_every_address(self, client: AsgiClient, path: str) -> None:
        answer = await client.get(path)
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == build()

    @pytest.mark.parametrize(
        ("query", "accept", "is_yaml"),
        [
            ("?format=yaml", "", True),
            ("", "application/yaml", True),
            ("?format=json", "application/yaml", False),
            ("", "*/*", False),
            ("", "text/html,application/json,application/yaml", False),
        ],
    )
    async def test_is_yaml_when_asked_for(self, client: AsgiClient, query: str, accept: str, is_yaml: bool) -> None:
        answer = await client.get(f"/api/schema/{query}", headers={"accept": accept})
        assert (answer.headers["content-type"] == "application/yaml") is is_yaml
        assert yaml.safe_load(answer.content) == build()

    async def test_is_not_sent_twice(self, client: AsgiClient) -> None:
        tag = (await client.get("/api/schema/")).headers["etag"]
        assert (await client.get("/api/schema/", headers={"if-none-match": tag})).status_code == 304

    async def test_is_the_file_that_was_built_where_there_is_one(self, tmp_path: Path) -> None:
        file = tmp_path / "live.rest.json"
        file.write_bytes(msgspec.json.encode({"openapi": "3.0.3", "from": "file"}))
        client, _ = client_of(ApiReference("Things", build, file=file))
        assert (await client.get("/api/schema/")).json()["from"] == "file"

    async def test_is_built_where_there_is_none(self, tmp_path: Path) -> None:
        client, _ = client_of(ApiReference("Things", build, file=tmp_path / "none.json"))
        assert (await client.get("/api/schema/")).json() == build()

    def test_does_not_list_its_own_pages(self) -> None:
        _, routes = client_of(ApiReference("Things", build))
        assert all(route.docs.hidden for route in routes)


class TestAPage:
    @pytest.mark.parametrize(("path", "layout"), [("/api/swagger/", "try"), ("/api/redoc/", "read")])
    async def test_loads_only_what_is_ours(self, client: AsgiClient, path: str, layout: str) -> None:
        page = await client.get(path)
        assert f'data-layout="{layout}" data-schema="/api/schema/"' in page.text
        assert "<title>Things &lt;&amp;&gt;</title>" in page.text
        assert "http" not in page.text.replace("html", "")
        assert "script-src 'self';" in page.headers["content-security-policy"]
        for asset in ("/api/swagger/reference.js", "/api/swagger/reference.css"):
            assert asset in page.text
            assert (await client.get(asset)).status_code == 200

    async def test_never_makes_markup_of_text(self, client: AsgiClient) -> None:
        script = (await client.get("/api/swagger/reference.js")).text
        assert "innerHTML" not in script
        assert "insertAdjacentHTML" not in script
        assert "://" not in script


class TestYaml:
    @pytest.mark.parametrize(
        "value",
        [
            {
                "a": {"b": [1, {"c": None, "d": []}], "no": True, "5": "x", "/a/{b}/": {}},
                "e": ["- x", "# y", "a: b", ""],
            },
            [[1, [2]], {"x": 'é\n"q"'}],
            "text",
            {},
        ],
    )
    def test_says_the_same_as_json(self, value: Any) -> None:
        assert yaml.safe_load(to_yaml(value)) == value

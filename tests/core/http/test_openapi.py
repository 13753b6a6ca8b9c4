"""The OpenAPI documents, judged by the validator that client generators trust."""

from collections.abc import MutableMapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from msgspec import UNSET, Meta, Struct, UnsetType
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from polycast.core.http import (
    Answer,
    Docs,
    Envelope,
    Media,
    OpenApi,
    Response,
    Upload,
    delete,
    get,
    json_dialect,
    line,
    patch,
    post,
    problem_details,
)
from polycast.core.http.dialects import JsonDialect
from polycast.core.http.openapi import openapi_document
from polycast.core.http.openapi30 import schema_3_0
from polycast.core.identity.caller import OPEN, SIGNED_IN, Caller, Policy


class Kind(StrEnum):
    LIVE = "live"
    FILM = "film"


class Logo(Struct, kw_only=True):
    url: str


class Channel(Struct, kw_only=True):
    id: int
    name: Annotated[str, Meta(max_length=255, description="As shown", examples=["HBO"])]
    number: Decimal | None = None
    kind: Kind
    logo: Logo | None = None
    added_at: datetime | None = None
    weight: Annotated[int, Meta(gt=0, lt=100)] = 1
    either: int | str | None = None
    fixed: Literal["a"] = "a"
    extra: dict[str, Any] = {}
    pair: tuple[int, str] = (1, "a")
    children: list["Channel"] = []
    blob: bytes = b""


class ChannelPatch(Struct, kw_only=True):
    name: Annotated[str, line(255)] | UnsetType = UNSET
    logo_id: int | UnsetType | None = UNSET


class Filter(Struct, kw_only=True):
    search: Annotated[str, Meta(description="Part of a name")] = ""
    group: list[int] = []


class Picture(Struct, kw_only=True):
    file: Upload


class Detail(Struct):
    detail: str


@get("/api/channels/", policy=SIGNED_IN, query=Filter)
async def channels(query: Filter, page: int = 1, page_size: int | None = None) -> Envelope[Channel]:
    """The line-up.

    Hidden channels are left out.
    """
    raise NotImplementedError


@patch("/api/channels/{channel_id}/", policy=SIGNED_IN, sent=ChannelPatch)
async def change(channel_id: int, sent: ChannelPatch) -> Answer[Channel]:
    raise NotImplementedError


@delete("/api/channels/{channel_id}/", policy=SIGNED_IN, status=204)
async def drop(channel_id: int) -> None: ...


@post("/api/logos/upload/", policy=SIGNED_IN, sent=Picture, status=201, media=[Media.MULTIPART])
async def upload(sent: Picture) -> Logo:
    raise NotImplementedError


@post(
    "/api/bulk/",
    policy=OPEN,
    sent=list[ChannelPatch],
    media=[Media.JSON, Media.FORM],
    docs=Docs(request_example=[{"name": "A"}], answers={409: "Another refresh runs"}, tags=["bulk"]),
)
async def bulk(sent: list[ChannelPatch]) -> list[Channel]:
    raise NotImplementedError


@get("/api/files/{rest:path}", policy=OPEN)
async def file(rest: str) -> Response:
    raise NotImplementedError


@get("/api/logos/{logo_id}/", policy=OPEN)
async def logo(logo_id: int) -> Answer[Logo] | Response:
    raise NotImplementedError


@get("/api/secret/", policy=OPEN, docs=Docs(hidden=True))
async def hidden() -> None: ...


class Door:
    async def authenticate(self, scope: MutableMapping[str, Any], policy: Policy) -> Caller:
        return Caller()


@pytest.fixture
def app() -> JsonDialect:
    head = OpenApi(title="Live", version="1.0", spec="3.0", shapes={400: dict[str, list[str]], 0: Detail})
    handlers = [channels, change, drop, upload, bulk, file, logo, hidden]
    return json_dialect(handlers, services={}, identity=Door(), spell=problem_details, openapi=head)


class TestTheDocument:
    def test_is_valid_openapi_3_1(self, app: JsonDialect) -> None:
        document = openapi_document(app, version="3.1")
        assert document["openapi"] == "3.1.0"
        OpenAPIV31SpecValidator(document).validate()

    def test_is_valid_openapi_3_0(self, app: JsonDialect) -> None:
        document = openapi_document(app)
        assert document["openapi"] == "3.0.3"
        OpenAPIV30SpecValidator(document).validate()

    def test_says_what_a_route_takes_and_answers(self, app: JsonDialect) -> None:
        document = openapi_document(app)
        listed = document["paths"]["/api/channels/"]["get"]
        assert listed["summary"] == "The line-up."
        assert listed["description"] == "Hidden channels are left out."
        assert [parameter["name"] for parameter in listed["parameters"]] == ["search", "group", "page", "page_size"]
        assert sorted(listed["responses"]) == ["200", "400", "401", "403", "default"]
        assert listed["security"] == [{"jwtAuth": []}, {"ApiKeyAuth": []}]
        example = listed["responses"]["200"]["content"]["application/json"]["example"]
        assert example["results"][0]["name"] == "HBO"
        assert (example["results"][0]["pair"], example["results"][0]["children"]) == ([1, "text"], [])
        changed = document["paths"]["/api/channels/{channel_id}/"]
        assert changed["delete"]["responses"]["204"] == {"description": "Done; no body"}
        assert changed["patch"]["parameters"][0]["schema"] == {"type": "integer"}
        assert "multipart/form-data" in document["paths"]["/api/logos/upload/"]["post"]["requestBody"]["content"]
        assert document["paths"]["/api/bulk/"]["post"]["responses"]["409"]["description"] == "Another refresh runs"
        found = document["paths"]["/api/logos/{logo_id}/"]["get"]["responses"]["200"]["content"]["application/json"]
        assert found["schema"] == {"$ref": "#/components/schemas/Logo"}
        assert "content" not in document["paths"]["/api/files/{rest}"]["get"]["responses"]["200"]
        assert "/api/secret/" not in document["paths"]

    def test_has_security_schemes_under_the_names_clients_know(self, app: JsonDialect) -> None:
        schemes = openapi_document(app)["components"]["securitySchemes"]
        assert schemes["jwtAuth"]["bearerFormat"] == "JWT"
        assert schemes["ApiKeyAuth"]["name"] == "X-API-Key"

    def test_has_an_example_on_every_body(self, app: JsonDialect) -> None:
        for methods in openapi_document(app)["paths"].values():
            for operation in methods.values():
                bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
                for status, body in zip(["sent", *operation["responses"]], bodies, strict=True):
                    for media in body.get("content", {}).values():
                        assert status in ("400", "401", "403", "404", "409", "default") or "example" in media


class TestASchemaIn30:
    @pytest.mark.parametrize(
        ("new", "old"),
        [
            ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"type": "integer", "nullable": True}),
            ({"anyOf": [{"$ref": "#/a"}, {"type": "null"}]}, {"allOf": [{"$ref": "#/a"}], "nullable": True}),
            (
                {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
                {"anyOf": [{"type": "integer"}, {"type": "string"}], "nullable": True},
            ),
            ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
            ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
            ({"type": "null"}, {"enum": [None], "nullable": True}),
            ({"const": 5}, {"enum": [5]}),
            ({"enum": ["a", None]}, {"enum": ["a", None], "nullable": True}),
            ({"examples": ["a", "b"]}, {"example": "a"}),
            ({"exclusiveMinimum": 0}, {"minimum": 0, "exclusiveMinimum": True}),
            ({"type": "string", "contentEncoding": "base64"}, {"type": "string", "format": "byte"}),
            ({"$ref": "#/a", "description": "x"}, {"allOf": [{"$ref": "#/a"}], "description": "x"}),
            ({"type": "array", "items": False, "prefixItems": []}, {"type": "array", "items": {}}),
            (
                {"type": "object", "additionalProperties": {"const": 1}},
                {"type": "object", "additionalProperties": {"enum": [1]}},
            ),
        ],
    )
    def test_says_the_same_in_older_words(self, new: Any, old: Any) -> None:
        assert schema_3_0(new) == old

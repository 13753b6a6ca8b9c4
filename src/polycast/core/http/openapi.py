"""The OpenAPI document of a JSON dialect, made from what its routes declare; built when asked for, never at run time."""

import inspect
import re
import types
import typing
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, Final

import msgspec

from polycast.core.http.answers import Answer
from polycast.core.http.bodies import Media, Upload
from polycast.core.http.calls import Call
from polycast.core.http.dialects import JsonDialect, OpenApi
from polycast.core.http.openapi30 import as_3_0
from polycast.core.http.routing import WEBSOCKET
from polycast.core.identity.caller import Credential, Policy

_REF: Final = "#/components/schemas/{name}"
_TAIL: Final = re.compile(r":path\}")
_SAMPLES: Final[Mapping[str, Any]] = {
    "string": "text",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "null": None,
}
_FORMATS: Final[Mapping[str, Any]] = {
    "date-time": "2026-11-21T20:15:00Z",
    "date": "2026-11-21",
    "time": "20:15:00",
    "duration": "PT1H",
    "uuid": "3f2f4d2e-6f1c-4b7a-9a55-0d3c8a1f5b10",
    "decimal": "2.1",
    "binary": "(bytes)",
}
_MEANINGS: Final = {
    200: "Done",
    201: "Created",
    202: "Accepted; the work goes on",
    204: "Done; no body",
    400: "The input is not valid",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    422: "The input is not valid",
}
_SECURITY: Final[Mapping[str, Any]] = {
    "jwtAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "ApiKeyAuth": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "basicAuth": {"type": "http", "scheme": "basic", "description": "User name and device password"},
}

Json = dict[str, Any]


def openapi_document(app: JsonDialect, *, version: str | None = None) -> Json:
    """`app`'s document in OpenAPI "3.1" or "3.0"; by default the one that its `OpenApi` names."""
    head = app.openapi or OpenApi(title="Polycast", version="1")
    calls = [call for call in app.calls if call.route.method != WEBSOCKET and not call.route.docs.hidden]
    document = _Document(head, calls).build()
    return as_3_0(document) if (version or head.spec).startswith("3.0") else document


class _Document:
    def __init__(self, head: OpenApi, calls: Iterable[Call]) -> None:
        self._head = head
        self._calls = list(calls)
        kinds: list[Any] = []
        for call in self._calls:
            kinds += [call.route.sent, call.route.query, call.query_type, _answer_type(call)]
        wanted = [kind for kind in [*kinds, *head.shapes.values()] if kind is not None]
        schemas, components = msgspec.json.schema_components(wanted, schema_hook=_custom, ref_template=_REF)
        # Through JSON and back, so that a default is what it looks like there: a tuple a list, an enum its word.
        self._components = msgspec.json.decode(msgspec.json.encode(components))
        self._schemas = list(zip(wanted, schemas, strict=True))
        self._ids: set[str] = set()

    def build(self) -> Json:
        paths: dict[str, Json] = {}
        for call in self._calls:
            path = _TAIL.sub("}", call.route.path)
            paths.setdefault(path, {})[call.route.method.lower()] = self._operation(call)
        info = {"title": self._head.title, "version": self._head.version}
        if self._head.description:
            info["description"] = self._head.description
        components = self._reachable(paths)
        return {
            "openapi": "3.1.0",
            "info": info,
            "paths": dict(sorted(paths.items())),
            "components": {"schemas": components, "securitySchemes": dict(_SECURITY)},
        }

    def _reachable(self, paths: Json) -> Json:
        """The schemas that something refers to; those of queries have become parameters."""
        found: Json = {}
        names = _references(paths)
        while names:
            name = names.pop()
            if name not in found:
                found[name] = self._components[name]
                names |= _references(found[name])
        return dict(sorted(found.items()))

    def _operation(self, call: Call) -> Json:
        route = call.route
        text = inspect.getdoc(route.handler) or route.handler.__name__.replace("_", " ").capitalize()
        summary, _, description = text.partition("\n")
        operation: Json = {
            "operationId": self._id(call),
            "summary": route.docs.summary or summary.strip(),
            "tags": list(route.docs.tags) or [route.handler.__module__.rpartition(".")[2]],
            "security": _security(route.policy),
            "responses": self._responses(call),
        }
        if description.strip():
            operation["description"] = description.strip()
        if parameters := [*self._path_parameters(call), *self._query_parameters(call)]:
            operation["parameters"] = parameters
        if route.sent is not None:
            schema = self._resolved(self._schema(route.sent))
            is_required = schema.get("type") != "object" or bool(schema.get("required"))
            operation["requestBody"] = {"required": is_required, "content": self._body(call)}
        return operation

    def _id(self, call: Call) -> str:
        handler = call.route.handler
        base = f"{handler.__module__.rpartition('.')[2]}_{handler.__name__}"
        found, number = base, 2
        while found in self._ids:
            found, number = f"{base}_{number}", number + 1
        self._ids.add(found)
        return found

    def _path_parameters(self, call: Call) -> Iterable[Json]:
        hints = typing.get_type_hints(call.route.handler)
        for name in call.route.parameters():
            kind = "integer" if hints.get(name) is int else "string"
            yield {"name": name, "in": "path", "required": True, "schema": {"type": kind}}

    def _query_parameters(self, call: Call) -> Iterable[Json]:
        for kind in (call.route.query, call.query_type):
            if kind is None:
                continue
            schema = self._resolved(self._schema(kind))
            required = set(schema.get("required", ()))
            for name, field in schema.get("properties", {}).items():
                parameter: Json = {"name": name, "in": "query", "required": name in required, "schema": field}
                if "description" in field:
                    parameter["description"] = field["description"]
                yield parameter

    def _body(self, call: Call) -> Json:
        schema = self._schema(call.route.sent)
        given = call.route.docs.request_example
        example = msgspec.to_builtins(given) if given is not None else self._example(schema)
        kinds = call.media or (Media.JSON,)
        return {kind.value: {"schema": schema, "example": example} for kind in kinds}

    def _responses(self, call: Call) -> Json:
        route = call.route
        found: Json = {str(route.status): self._good(call)}
        failures: dict[int, str] = {}
        if route.sent is not None or route.query is not None or call.query_type is not None:
            failures[422 if 422 in self._head.shapes else 400] = ""
        if not route.policy.anonymous:
            failures |= {401: "", 403: ""}
        if route.parameters():
            failures[404] = ""
        failures |= route.docs.answers
        for status, meaning in failures.items():
            found[str(status)] = self._failure(status, meaning or _MEANINGS.get(status, "Failed"))
        answers = dict(sorted(found.items()))
        if 0 in self._head.shapes:
            answers["default"] = self._failure(0, "Any other failure, of any route: 405, 413, 415, 429, 500, 503")
        return answers

    def _failure(self, status: int, meaning: str) -> Json:
        shape = self._head.shapes.get(status, self._head.shapes.get(0))
        if shape is None or 0 < status < 400:
            return {"description": meaning}
        return {"description": meaning, "content": {self._head.failure_media: {"schema": self._schema(shape)}}}

    def _good(self, call: Call) -> Json:
        status, kind = call.route.status, _answer_type(call)
        response: Json = {"description": _MEANINGS.get(status, "Done")}
        if kind is not None and status not in (204, 304):
            schema = self._schema(kind)
            given = call.route.docs.response_example
            example = msgspec.to_builtins(given) if given is not None else self._example(schema)
            response["content"] = {"application/json": {"schema": schema, "example": example}}
        return response

    def _schema(self, kind: Any) -> Json:
        return next(schema for known, schema in self._schemas if known == kind)

    def _resolved(self, schema: Json) -> Json:
        name = schema.get("$ref", "").rpartition("/")[2]
        resolved: Json = self._components[name] if name else schema
        return resolved

    def _example(self, schema: Json, around: tuple[str, ...] = ()) -> Any:
        """A value that fits `schema`, from its own examples, defaults and choices where it has any.

        `around` names the structs that it stands in: a list of the same kind again stays empty.
        """
        name = schema.get("$ref", "").rpartition("/")[2]
        if name:
            return None if name in around else self._example(self._components[name], (*around, name))
        for word in ("examples", "enum", "anyOf"):
            if word in schema:
                first = schema[word][0]
                return self._example(first, around) if word == "anyOf" else first
        if "const" in schema:
            return schema["const"]
        if schema.get("type") == "object":
            return {field: self._example(kind, around) for field, kind in schema.get("properties", {}).items()}
        if schema.get("type") == "array":
            items = schema.get("items")
            kinds = schema.get("prefixItems") or ([items] if isinstance(items, dict) else [])
            return [made for kind in kinds if (made := self._example(kind, around)) is not None]
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        return schema.get("default", _sample(schema))


def _references(part: Any) -> set[str]:
    """The names of all schemas that `part` refers to."""
    if isinstance(part, dict):
        own = {part["$ref"].rpartition("/")[2]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*map(_references, part.values()))
    return set().union(*map(_references, part)) if isinstance(part, list) else set()


def _sample(schema: Json) -> Any:
    if schema.get("type") == "string":
        return "text".ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", 100)]
    if schema.get("type") in ("integer", "number"):
        low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        return min(low, schema.get("maximum", low))
    return _SAMPLES.get(str(schema.get("type")))


def _answer_type(call: Call) -> Any:
    """The type of a handler's JSON body; None for no body and for bytes of its own making."""
    return _json_type(call.returns)


def _json_type(kind: Any) -> Any:
    if typing.get_origin(kind) is Answer:
        return _json_type(typing.get_args(kind)[0])
    if kind in (None, type(None), Any, Answer, bytes) or _is_response(kind):
        return None
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        options = typing.get_args(kind)
        bodies = [body for body in map(_json_type, options) if body is not None]
        return kind if bodies == list(options) else next(iter(bodies), None)
    return kind


def _is_response(kind: Any) -> bool:
    if typing.get_origin(kind) is not None or not isinstance(kind, type) or issubclass(kind, msgspec.Struct):
        return False
    return inspect.iscoroutinefunction(getattr(kind, "__call__", None))  # noqa: B004 - the class's own


def _custom(kind: type) -> Json:
    if kind is Upload:
        return {"type": "string", "format": "binary"}
    return {}


def _security(policy: Policy) -> list[MutableMapping[str, list[str]]]:
    found: list[MutableMapping[str, list[str]]] = []
    if Credential.JWT in policy.kinds or Credential.SESSION in policy.kinds:
        found.append({"jwtAuth": []})
    if Credential.API_KEY in policy.kinds:
        found.append({"ApiKeyAuth": []})
    if Credential.DEVICE in policy.kinds:
        found.append({"basicAuth": []})
    return [{}, *found] if policy.anonymous else found

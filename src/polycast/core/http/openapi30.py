"""An OpenAPI 3.1 document said again in 3.0.3, whose schemas are older than JSON Schema's and spell null apart."""

from collections.abc import Mapping
from typing import Any, Final

Json = dict[str, Any]
_DROPPED: Final = frozenset(
    {"$comment", "propertyNames", "patternProperties", "unevaluatedProperties", "$schema", "$id"}
)
_SCHEMA_LISTS: Final = ("anyOf", "oneOf", "allOf")
_NULL: Final[Mapping[str, Any]] = {"enum": [None], "nullable": True}


def as_3_0(document: Json) -> Json:
    """`document` for clients and generators that read only 3.0.x."""
    components = dict(document.get("components", {}))
    components["schemas"] = {name: schema_3_0(schema) for name, schema in components.get("schemas", {}).items()}
    paths = {
        path: {method: _operation(operation) for method, operation in methods.items()}
        for path, methods in document["paths"].items()
    }
    return {**document, "openapi": "3.0.3", "paths": paths, "components": components}


def _operation(operation: Json) -> Json:
    found = dict(operation)
    if "parameters" in found:
        found["parameters"] = [{**one, "schema": schema_3_0(one["schema"])} for one in found["parameters"]]
    if "requestBody" in found:
        found["requestBody"] = _with_content(found["requestBody"])
    found["responses"] = {status: _with_content(response) for status, response in found["responses"].items()}
    return found


def _with_content(part: Json) -> Json:
    if "content" not in part:
        return part
    content = {kind: {**media, "schema": schema_3_0(media["schema"])} for kind, media in part["content"].items()}
    return {**part, "content": content}


def schema_3_0(schema: Any) -> Any:
    """One schema, with everything below it."""
    if not isinstance(schema, dict):  # `true` and `false` are schemas in 3.1 only, or an `additionalProperties` flag
        return schema
    if "$ref" in schema:
        beside = {name: value for name, value in schema.items() if name != "$ref"}
        reference = {"$ref": schema["$ref"]}
        return {"allOf": [reference], **schema_3_0(beside)} if beside else reference
    found: Json = {name: value for name, value in schema.items() if name not in _DROPPED}
    _convert_words(found)
    _convert_children(found)
    _convert_type(found)
    return _without_null(found)


def _convert_words(found: Json) -> None:
    if found.get("required") == []:
        found.pop("required")
    if "const" in found:
        found["enum"] = [found.pop("const")]
    if None in found.get("enum", ()):
        found["nullable"] = True
    if "examples" in found:
        examples = found.pop("examples")
        found.setdefault("example", examples[0] if examples else None)
    if found.pop("contentEncoding", None) == "base64":
        found["format"] = "byte"
    for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if bound in found and not isinstance(found[bound], bool):
            found[limit] = found[bound]
            found[bound] = True


def _convert_children(found: Json) -> None:
    if "prefixItems" in found:
        kinds = [schema_3_0(item) for item in found.pop("prefixItems")]
        found["items"] = {"anyOf": kinds} if kinds else {}
    if found.get("type") == "array" and not isinstance(found.get("items"), dict):
        found["items"] = {}
    if "properties" in found:
        found["properties"] = {name: schema_3_0(field) for name, field in found["properties"].items()}
    for name in ("items", "additionalProperties", "not"):
        if name in found:
            found[name] = schema_3_0(found[name])


def _convert_type(found: Json) -> None:
    """3.0 knows one type a schema, and no type of null."""
    kinds = found.get("type")
    if kinds == "null":
        found.pop("type")
        found.update(_NULL)
    if not isinstance(kinds, list):
        return
    found.pop("type")
    named = [kind for kind in kinds if kind != "null"]
    if len(named) < len(kinds):
        found["nullable"] = True
    if len(named) == 1:
        found["type"] = named[0]
    elif named:
        found["anyOf"] = [{"type": kind} for kind in named]


def _without_null(found: Json) -> Json:
    for name in _SCHEMA_LISTS:
        if name not in found:
            continue
        options = [option for option in found[name] if option != {"type": "null"}]
        is_nullable = len(options) < len(found[name])
        found[name] = [schema_3_0(option) for option in options]
        if is_nullable:
            found["nullable"] = True
            if len(options) == 1:
                found = _merged(found, name)
    return found


def _merged(found: Json, name: str) -> Json:
    """`X or null` without the list around X; a reference keeps one, because nothing may stand beside `$ref`."""
    [only] = found.pop(name)
    if "$ref" in only:
        return {**found, "allOf": [only]}
    return {**only, **found}

"""Reads the tree from the environment and `polycast.toml`. The only place that looks at the environment.

Order, strongest first: environment (our name, then the further ones of a setting), `polycast.toml`, database (what people change in the UI), defaults. What the
host has fixed in the first two cannot be changed in the UI.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from polycast.core.errors import Invalid, Problem
from polycast.core.settings.model import CoreSettings, SecretText

PREFIX = "POLYCAST_"
Fixed = dict[str, Any]  # dotted path -> raw value (text from the environment, TOML values)


class BadSettings(Invalid):
    """The host's configuration cannot be used; each problem names the variable or the key."""


def hook(wanted: type, value: Any) -> Any:
    """msgspec's `dec_hook` for the types of the tree that it does not know."""
    if wanted is SecretText and isinstance(value, str):
        return SecretText(value)
    if wanted is Path and isinstance(value, str):
        return Path(value).expanduser()
    raise NotImplementedError(f"no setting may be of type {wanted}")


def fields(tree: type[Struct]) -> Iterator[tuple[str, Any]]:
    """Name and annotated type of each field, in order."""
    hints = get_type_hints(tree, include_extras=True)
    for name in tree.__struct_fields__:
        yield name, hints[name]


def bare(annotated: Any) -> Any:
    """The type below an `Annotated`."""
    return get_args(annotated)[0] if get_origin(annotated) is Annotated else annotated


def leaves(sections: Mapping[str, type[Struct]]) -> Iterator[tuple[str, Any]]:
    """Dotted path and annotated type of every setting: the core's at the root, each section below its name."""
    yield from _leaves(CoreSettings, "")
    for name, section in sections.items():
        yield from _leaves(section, f"{name}.")


def _leaves(tree: type[Struct], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, annotated in fields(tree):
        kind = bare(annotated)
        if isinstance(kind, type) and issubclass(kind, Struct):
            yield from _leaves(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", annotated


def read_host(
    environ: Mapping[str, str], toml: Path | None, sections: Mapping[str, type[Struct]]
) -> tuple[Fixed, list[str]]:
    """What the host has fixed, and the names nobody knows (told in the log and by `doctor`).

    Raises: BadSettings, when the file cannot be read or a value does not fit its type.
    """
    known = dict(leaves(sections))
    fixed: Fixed = {}
    strange: list[str] = []
    if toml is not None and toml.exists():
        for path, value in _flat(_read_toml(toml), known, ""):
            if path in known:
                fixed[path] = value
            else:
                strange.append(f"{toml.name}: {path}")
    by_variable = {PREFIX + path.replace(".", "__").upper(): path for path in known}
    taken: set[str] = set()
    for path, annotated in known.items():
        text, names = _of_others(environ, annotated, by_variable)
        taken |= names
        if text is not None:
            fixed[path] = text
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or variable in taken:
            continue
        if variable in by_variable:
            fixed[by_variable[variable]] = text
        else:
            strange.append(variable)
    problems = [problem for path, value in fixed.items() if (problem := _check(path, value, known[path]))]
    if problems:
        raise BadSettings(problems)
    return {path: convert(value, known[path]) for path, value in fixed.items()}, strange


def _of_others(environ: Mapping[str, str], annotated: Any, known: Mapping[str, str]) -> tuple[str | None, set[str]]:
    """What another program's variables say of a setting, and their names.

    Whole names count by themselves; those that only begin as `Meta.extra["env_prefixes"]` says are a tree that its module
    alone can read, and come as one JSON object. A variable of `known` is a setting's own.
    """
    prefixes = tuple(_names(annotated, "env_prefixes"))
    below = {
        name: text for name, text in environ.items() if prefixes and name.startswith(prefixes) and name not in known
    }
    if below:
        return msgspec.json.encode(below).decode(), set(below)
    whole = [name for name in _names(annotated, "env") if name in environ]
    return (environ[whole[-1]] if whole else None), set(whole)


def _names(annotated: Any, key: str) -> Sequence[str]:
    """Variables by which users of another program know a setting, whole ("env") or how they begin ("env_prefixes")."""
    metas = (
        [part for part in get_args(annotated)[1:] if isinstance(part, Meta)]
        if get_origin(annotated) is Annotated
        else []
    )
    return [name for meta in metas for name in (meta.extra or {}).get(key, ())]


def _check(path: str, value: Any, annotated: Any) -> Problem | None:
    try:
        convert(value, annotated)
    except msgspec.ValidationError as error:
        return Problem(PREFIX + path.replace(".", "__").upper(), "invalid", text=str(error))
    return None


def convert(value: Any, annotated: Any) -> Any:
    """One value in the type of its setting; text is split at commas (paths: at colons) for lists.

    Raises: msgspec.ValidationError.
    """
    if isinstance(value, str) and (inner := _elements(bare(annotated))) is not None:
        separator = ":" if bare(inner) is Path else ","
        value = [part.strip() for part in value.split(separator) if part.strip()]
    if isinstance(value, str) and value == "" and _takes_none(bare(annotated)):
        value = None
    return msgspec.convert(value, annotated, strict=False, dec_hook=hook)


def _elements(kind: Any) -> Any | None:
    return get_args(kind)[0] if get_origin(kind) in (tuple, list) else None


def _takes_none(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType) and type(None) in get_args(kind)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSettings([Problem(str(path), "unreadable", text=str(error))]) from error


def _flat(tree: Mapping[str, Any], known: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        path = prefix + name
        if isinstance(value, Mapping) and path not in known:
            yield from _flat(value, known, path + ".")
        else:
            yield path, value


def build(tree: type[Struct], prefix: str, values: Mapping[str, Any]) -> Struct:
    """`tree` with what `values` (dotted path -> converted value) say, and defaults for the rest."""
    chosen: dict[str, Any] = {}
    for name, annotated in fields(tree):
        kind = bare(annotated)
        path = prefix + name
        if isinstance(kind, type) and issubclass(kind, Struct):
            chosen[name] = build(kind, path + ".", values)
        elif path in values:
            chosen[name] = values[path]
    return tree(**chosen)


def choices(annotated: Any) -> list[str]:
    """The words of a `Literal` setting; empty for any other."""
    kind = bare(annotated)
    return [str(word) for word in get_args(kind)] if get_origin(kind) is Literal else []

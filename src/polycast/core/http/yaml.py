"""Plain data as YAML text, for the one format question that API documents raise. We never read YAML."""

import re
from typing import Any, Final

import msgspec

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_/$][A-Za-z0-9_/$.{}-]*")
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def to_yaml(value: Any) -> bytes:
    """`value` (maps, lists, texts, numbers, booleans, None) in block style; texts are quoted as in JSON."""
    lines: list[str] = []
    _write(lines, value, "")
    return ("\n".join(lines) + "\n").encode()


def _write(lines: list[str], value: Any, indent: str) -> None:
    if isinstance(value, dict) and value:
        for name, item in value.items():
            _entry(lines, f"{indent}{_key(str(name))}:", item, indent + "  ")
    elif isinstance(value, list | tuple) and value:
        for item in value:
            _entry(lines, f"{indent}-", item, indent + "  ")
    else:
        lines.append(indent + _scalar(value))


def _entry(lines: list[str], head: str, item: Any, indent: str) -> None:
    if isinstance(item, dict | list | tuple) and item:
        lines.append(head)
        _write(lines, item, indent)
    else:
        lines.append(f"{head} {_scalar(item)}")


def _key(name: str) -> str:
    is_plain = _PLAIN_KEY.fullmatch(name) is not None and "{" not in name and name.lower() not in _WORDS
    return name if is_plain else _scalar(name)


def _scalar(value: Any) -> str:
    return msgspec.json.encode(value).decode()

"""A configuration as plain values: merged, masked, sealed, judged."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec
import regex
from msgspec.structs import replace

from polycast.acquire.config import units
from polycast.acquire.config.model import RESERVED_NAMES, Config, Debrid
from polycast.core.errors import Invalid, Problem
from polycast.core.net import Forbidden, read_via
from polycast.core.secrets import Secrets, Unsealable, is_mask

MASK: Final = "********"
SECRET_KEYS: Final = frozenset(
    {"api_key", "download_api_keys", "password", "token", "rc_password", "webhook_url", "api_token"}
)
CONTEXT: Final = "acquire.config"
SEALED: Final = "sealed:"
ROW_NAMES: Final = ("name", "host", "id")  # what says that two elements of a list are the same one
MOST_ROWS: Final = 200
REGEX_CHARACTERS: Final = 1000
ONE_WORD: Final = re.compile(r"(?!-)[A-Za-z0-9_./:@%+,=-]{0,300}")  # what becomes part of a command is no other option


def merge(stored: Any, sent: Any) -> Any:
    """`sent` laid over `stored`: objects deep, lists replaced, null deletes, masked secrets stay."""
    if isinstance(stored, Mapping) and isinstance(sent, Mapping):
        found = dict(stored)
        for name, value in sent.items():
            if value is None:
                found.pop(name, None)
            else:
                found[name] = merge(found.get(name), value)
        return found
    if isinstance(sent, list):
        return [_row(stored, index, value) for index, value in enumerate(sent)]
    if isinstance(sent, Mapping):
        return {name: merge(None, value) for name, value in sent.items() if value is not None}
    if isinstance(sent, str) and is_mask(sent) and isinstance(stored, str):
        return stored
    return "" if isinstance(sent, str) and is_mask(sent) else sent


def _row(stored: Any, index: int, value: Any) -> Any:
    """An element of a list that replaces another, with the secrets of the one that it was."""
    rows = stored if isinstance(stored, list) else []
    if isinstance(value, str) and is_mask(value):
        return rows[index] if index < len(rows) else ""
    if not isinstance(value, Mapping):
        return value
    before = next((row for row in rows if isinstance(row, Mapping) and _is_same(row, value)), {})
    kept = {name: before[name] for name in SECRET_KEYS & set(before) if name in value}
    return merge(kept, value)


def _is_same(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    for name in ROW_NAMES:
        if left.get(name) or right.get(name):
            return bool(left.get(name) == right.get(name))
    return False


def each_secret(value: Any, change: Callable[[str], str], *, is_secret: bool = False) -> Any:
    """`value` with `change` applied to every secret that is not empty."""
    if isinstance(value, Mapping):
        return {name: each_secret(inner, change, is_secret=name in SECRET_KEYS) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [each_secret(inner, change, is_secret=is_secret) for inner in value]
    return change(value) if is_secret and isinstance(value, str) and value else value


def masked(value: Any) -> Any:
    """As an answer shows it."""
    return each_secret(value, lambda _: MASK)


def sealed(value: Any, secrets: Secrets) -> Any:
    """As the database keeps it."""
    return each_secret(value, lambda text: SEALED + base64.b64encode(secrets.seal(text, context=CONTEXT)).decode())


def opened(value: Any, secrets: Secrets) -> Any:
    """What `sealed` made, in plain; a secret that cannot be opened here is empty and has to be entered again."""

    def plain(text: str) -> str:
        try:
            return secrets.open(base64.b64decode(text.removeprefix(SEALED), validate=True), context=CONTEXT)
        except (Unsealable, binascii.Error):
            return ""

    return each_secret(value, lambda text: plain(text) if text.startswith(SEALED) else text)


def typed(document: Any) -> Config:
    """The document as a struct, every value judged. Raises: Invalid, naming the dotted key."""
    try:
        config = msgspec.convert(document, Config, strict=True)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `$")
        path = where.rstrip("`").replace("[", ".").replace("]", "").strip(".")
        raise Invalid.one(path, "invalid", text) from error
    debrids = tuple(replace(one, name=one.name or one.provider) for one in config.debrids)
    config = replace(config, debrids=debrids)
    problems: list[Problem] = []
    for check in (_spans, _sizes, _rates, _names, _folders, _paths, _counts, _ways, _mount):
        try:
            check(config)
        except Invalid as error:
            problems += error.problems
    if problems:
        raise Invalid(problems)
    return config


def _spans(config: Config) -> None:
    units.span(config.refresh_interval, path="refresh_interval")
    units.span(config.remove_stalled_after, path="remove_stalled_after")
    units.span(config.repair.recheck_interval, path="repair.recheck_interval")
    units.span(config.usenet.processing_timeout, path="usenet.processing_timeout")
    for index, one in enumerate(config.debrids):
        for name in ("torrents_refresh_interval", "download_links_refresh_interval", "auto_expire_links_after"):
            units.span(getattr(one, name), path=f"debrids.{index}.{name}")


def _sizes(config: Config) -> None:
    units.size(config.min_file_size, path="min_file_size")
    units.size(config.max_file_size, path="max_file_size")
    for name in ("read_ahead", "buffer_memory", "socket_read_buffer", "socket_write_buffer"):
        units.size(getattr(config.usenet, name), path=f"usenet.{name}")


def _rates(config: Config) -> None:
    for index, one in enumerate(config.debrids):
        for name in ("rate_limit", "repair_rate_limit", "download_rate_limit", "create_rate_limit"):
            units.rate(getattr(one, name), path=f"debrids.{index}.{name}")


def _names(config: Config) -> None:
    seen: set[str] = set()
    for index, one in enumerate(config.debrids):
        if one.name in seen or one.name == "usenet" or not is_folder_name(one.name):
            raise Invalid.one(f"debrids.{index}.name", "name", "Accounts need different names without slashes.")
        seen.add(one.name)
    for index, name in enumerate(config.categories):
        if not is_folder_name(name):
            raise Invalid.one(f"categories.{index}", "name", f"{name!r} cannot be the name of a category.")


def is_folder_name(name: str) -> bool:
    """Whether a category, an account or a custom folder may have this name."""
    return (
        0 < len(name) <= 100
        and name.isprintable()
        and not name.startswith(("__", ".", " ", "-"))
        and not name.endswith((" ", "."))
        and name.lower() not in RESERVED_NAMES
        and not any(character in name for character in '\\:*?"<>|')
        and all(part not in {"", ".", ".."} for part in name.split("/"))
    )


def _folders(config: Config) -> None:
    for name, folder in config.custom_folders.items():
        where = f"custom_folders.{name}"
        if not is_folder_name(name) or "/" in name or name in config.categories:
            raise Invalid.one(where, "name", f"{name!r} cannot be the name of a folder.")
        filters = folder.filters
        for word in ("regex", "not_regex", "files_regex", "not_files_regex"):
            pattern = getattr(filters, word)
            try:
                regex.compile(pattern[:REGEX_CHARACTERS])
            except regex.error as error:
                raise Invalid.one(
                    f"{where}.filters.{word}", "regex", f"The pattern of {name!r} is wrong: {error}"
                ) from error
            if len(pattern) > REGEX_CHARACTERS:
                raise Invalid.one(f"{where}.filters.{word}", "too_long", f"The pattern of {name!r} is too long.")
        units.size(filters.size_gt, path=f"{where}.filters.size_gt")
        units.size(filters.size_lt, path=f"{where}.filters.size_lt")
        units.span(filters.last_added, path=f"{where}.filters.last_added")


def _paths(config: Config) -> None:
    for path, text in (
        ("download_folder", config.download_folder),
        ("mount.mount_path", config.mount.mount_path),
        ("usenet.disk_buffer_path", config.usenet.disk_buffer_path),
    ):
        parts = PurePosixPath(text)
        if text and (not parts.is_absolute() or ".." in parts.parts or len(text) > 1000 or not text.isprintable()):
            raise Invalid.one(path, "not_a_path", "This needs to be an absolute path.")
    if config.app_url and not config.app_url.startswith(("http://", "https://")):
        raise Invalid.one("app_url", "not_a_url", "An address starts with http:// or https://.")


def _ways(config: Config) -> None:
    for index, one in enumerate(config.debrids):
        try:
            read_via(proxy=one.proxy, fingerprint=one.tls_fingerprint)
        except Invalid as error:
            raise Invalid.one(f"debrids.{index}.{error.problems[0].path}", "invalid", error.problems[0].text) from error
        except Forbidden as error:
            raise Invalid.one(f"debrids.{index}.proxy", "not_a_url", "This is no address of a proxy.") from error


def _mount(config: Config) -> None:
    if config.mount.type == "dfs":
        raise Invalid.one(
            "mount.type", "no_dfs", "There is no file system of our own here: rclone mounts the WebDAV tree (rclone)."
        )
    for name, value in config.mount.rclone.items():
        if not isinstance(value, str | int | float | bool) or not ONE_WORD.fullmatch(str(value)):
            raise Invalid.one(f"mount.rclone.{name}", "invalid", f"{name} cannot have this value.")
    if not str(config.mount.rclone.get("port", 1)).isdecimal():
        raise Invalid.one("mount.rclone.port", "invalid", "A port is a number.")
    url = config.mount.external_rclone.rc_url
    if url and not url.startswith(("http://", "https://")):
        raise Invalid.one("mount.external_rclone.rc_url", "not_a_url", "An address starts with http:// or https://.")


def _counts(config: Config) -> None:
    bounds = (
        ("max_active_downloads", config.max_active_downloads, 1, 100),
        ("retries", config.retries, 0, 20),
        ("repair.workers", config.repair.workers, 1, 50),
        ("repair.nntp_connection_percent", config.repair.nntp_connection_percent, 0, 100),
        ("debrids", len(config.debrids), 0, MOST_ROWS),
        ("categories", len(config.categories), 0, MOST_ROWS),
        ("custom_folders", len(config.custom_folders), 0, MOST_ROWS),
    )
    for path, value, least, most in bounds:
        if not least <= value <= most:
            raise Invalid.one(path, "out_of_range", f"This must lie between {least} and {most}.")


def in_use(config: Config) -> tuple[Debrid, ...]:
    """The accounts that can be asked at all."""
    return tuple(one for one in config.debrids if one.api_key)


__all__ = ["MASK", "in_use", "is_folder_name", "masked", "merge", "opened", "sealed", "typed"]

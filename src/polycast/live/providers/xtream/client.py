"""Asking an Xtream panel, with the failures panels have. Source: `specs/live.md` 4.7."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit, urlunsplit

import msgspec
from msgspec.structs import replace

from polycast.core.errors import Invalid, PolycastError
from polycast.core.net import PLAYLIST, BadAnswer, Limits, Outbound
from polycast.live.providers.xtream.wire import AccountInfo, Category

ASK: Final[Limits] = replace(
    PLAYLIST, connect=timedelta(seconds=15), first_byte=timedelta(seconds=60), total=timedelta(seconds=60), attempts=3
)
LISTS: Final[Limits] = replace(PLAYLIST, first_byte=timedelta(seconds=60), attempts=3)
REFUSED: Final = frozenset({401, 403, 512, 513})
REFUSING: Final = ("blocked", "forbidden", "access denied", "unauthorized")
BLOCK_CHARS: Final = 256 * 1024
AFTER_KEY: Final = re.compile(r"[\s:]*")
ITEM_LIMIT: Final = 256 * 1024  # characters of one element


class BadPanel(PolycastError):
    """The panel refuses, or sends no Xtream answer. `reason`: refused, html, empty, error, broken."""

    code = "bad_panel"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def base_of(address: str) -> str:
    """The panel's base: without a pasted `*.php` and query, sub-paths kept; http when no scheme was given.

    Raises: Invalid.
    """
    text = address.strip()
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Invalid.one("server_url", "invalid", "Enter the address of the panel: http://host:port")
    path = parts.path
    if path.rpartition("/")[2].endswith(".php"):
        path = path.rpartition("/")[0]
    return urlunsplit((parts.scheme, parts.netloc, path.rstrip("/"), "", ""))


class Xtream:
    """One login at one panel."""

    def __init__(self, outbound: Outbound, *, base: str, username: str, password: str) -> None:
        self._outbound = outbound
        self._url = f"{base}/player_api.php"
        self._login = {"username": username, "password": password}

    async def info(self) -> AccountInfo:
        """What the panel says about the login. Raises: BadPanel; what `core/net` raises."""
        answer = msgspec.convert(await self._asked({}), AccountInfo, strict=False)
        user = answer.user_info
        if user is None or str(user.auth or "0") in {"0", "False"}:
            raise BadPanel("refused", "The provider refuses this user name and password.")
        return answer

    async def live_categories(self) -> list[Category]:
        """Raises: BadPanel; what `core/net` raises."""
        sent = await self._asked({"action": "get_live_categories"})
        if isinstance(sent, dict):
            sent = list(sent.values())
        try:
            return msgspec.convert(sent, list[Category], strict=False)
        except msgspec.ValidationError as error:
            raise BadPanel("broken", "The provider's list of categories cannot be read.") from error

    async def save_live_streams(self, path: Path, *, progress: Callable[[int, int | None], None]) -> None:
        """Store the answer of `get_live_streams` at `path`; `items` reads it. Raises: BadPanel; what `core/net` raises."""
        try:
            await self._outbound.save(
                self._url,
                path,
                params={**self._login, "action": "get_live_streams"},
                progress=progress,
                sniff=require_list,
                limits=LISTS,
            )
        except BadAnswer as error:
            raise _reworded(error) from error

    async def _asked(self, params: dict[str, str]) -> Any:
        answer = await self._outbound.fetch(self._url, params={**self._login, **params}, limits=ASK)
        if answer.status in REFUSED:
            raise BadPanel("refused", f"The provider refuses this login (status {answer.status}).")
        if answer.status >= 400:
            raise BadPanel("error", f"The provider answers with status {answer.status}.")
        require_json(answer.body)
        try:
            sent = msgspec.json.decode(answer.body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise BadPanel("broken", "The provider's answer cannot be read.") from error
        if isinstance(sent, dict) and sent.get("error"):
            raise BadPanel("error", "The provider answers with an error.")
        return sent


def require_json(body: bytes) -> None:
    """Raises: BadPanel for an empty answer, a page, or a word like "blocked"."""
    text = body[:2000].decode("utf-8", "replace").strip()
    if not text:
        raise BadPanel("empty", "The provider's answer is empty.")
    if text[:1] in "{[":
        return
    lower = text.lower()
    if any(word in lower for word in REFUSING):
        raise BadPanel("refused", "The provider refuses the login or this address of ours.")
    if lower.startswith("<"):
        raise BadPanel("html", "The address gives a web page instead of an Xtream answer.")
    raise BadPanel("broken", "The provider's answer is no Xtream answer.")


def require_list(head: bytes) -> None:
    """Raises: BadPanel, unless a list (or an object of elements) begins."""
    require_json(head)
    if b'"user_info"' in head[:200] or head.lstrip()[:200].startswith(b'{"error"'):
        raise BadPanel("refused", "The provider gives no list of streams for this login.")


def _reworded(error: BadAnswer) -> PolycastError:
    status = getattr(error, "status", None)
    if status in REFUSED:
        return BadPanel("refused", f"The provider refuses this login (status {status}).")
    return error


def items(file: IO[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The elements of a JSON list of objects, one at a time: raw text and value. An object of objects will do too.

    Raises: BadPanel, where the text is no such list or breaks off.
    """
    decode = json.JSONDecoder().raw_decode
    buffer, at, keyed = file.read(BLOCK_CHARS).lstrip(), 0, False
    if buffer[:1] not in "[{" or not buffer:
        raise BadPanel("broken", "The provider's list cannot be read.")
    keyed, at = buffer[0] == "{", 1
    end = "}" if keyed else "]"
    while True:
        while at < len(buffer) and buffer[at] in " \t\r\n,":
            at += 1
        if at < len(buffer) and buffer[at] == end:
            return
        try:
            start = at
            if keyed:
                _, start = decode(buffer, at)
                start = AFTER_KEY.match(buffer, start).end()  # type: ignore[union-attr] # it matches anything
            value, stop = decode(buffer, start)
        except (ValueError, RecursionError) as error:
            more = file.read(BLOCK_CHARS)
            if not more or len(buffer) - at > ITEM_LIMIT + BLOCK_CHARS:
                raise BadPanel("broken", "The provider's list breaks off in the middle.") from error
            buffer, at = buffer[at:] + more, 0
            continue
        if isinstance(value, dict):
            yield buffer[start:stop], value
        at = stop

"""The log: text for people or JSON for machines, one request id through everything, and no secret in any line.

Loggers are `logging.getLogger("polycast.live.relay")`; fields go in `extra=`. Redaction happens in the handler, so no
caller can forget it; `Redactor` serves whatever else leaves the server as text (support bundles, error bodies).
Source: specs/security.md 3.12.
"""

import hashlib
import logging
import os
import re
import sys
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Final, TextIO
from urllib.parse import quote, quote_plus

import msgspec

REQUEST_ID: Final[ContextVar[str]] = ContextVar("request_id", default="")  # set by the front door for each request
MASK: Final = "***"
SHORTEST_SECRET: Final = 6  # characters; shorter ones would black out half of every log
MOST_SECRETS: Final = 20_000  # spellings that are remembered
LINE_LIMIT: Final = 32 * 1024  # characters
_QUIET: Final = ("aiohttp", "apprise", "asyncio", "alembic", "httpx", "urllib3", "zeroconf", "async_upnp_client")
_OWN_FIELDS: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_ESCAPES: Final = {code: f"\\x{code:02x}" for code in [*range(32), *range(127, 160)]} | {9: "\t", 10: "\\n", 13: "\\r"}

_NAMES = (  # of fields and headers that hold secrets
    r"[\w-]{0,40}(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|"
    r"signature|session[_-]?id|authorization|auth[_-]?key|csrf)[\w-]{0,40}"
)
_BARE_NAME = r"auth|pass|pw|sid|sig|key|code|otp|t|username|user|u|p"  # secret as part of a query only
_RULES: Final = (
    # user:password@ of any URL; the last @ before the path ends it
    (re.compile(r"\b([a-z][a-z0-9+.-]{0,20}://)[^\s/?#\"'<>]{1,500}@", re.IGNORECASE), rf"\1{MASK}@"),
    (
        re.compile(
            r"/(live|movie|series|timeshift|streaming|hlsr?|play)/[^/\s\"'?]{1,200}/[^/\s\"'?]{1,200}/", re.IGNORECASE
        ),
        rf"/\1/{MASK}/{MASK}/",
    ),
    # the short Xtream form, http://host/user/password/123.ts
    (
        re.compile(r"(https?://[^/\s\"']{1,255})/[^/\s\"'?]{1,200}/[^/\s\"'?]{1,200}/(?=\d+(?:[.?\s\"']|$))"),
        rf"\1/{MASK}/{MASK}/",
    ),
    (re.compile(r"\b((?:set-)?cookie[\"']?\s*[:=]\s*[\"']?)[^\"'\n]{1,4000}", re.IGNORECASE), rf"\1{MASK}"),
    (
        re.compile(
            rf"\b({_NAMES}[\"']?\s*[:=]\s*[\"']?)(?:(Bearer|Basic|Token|ApiKey|Digest)\s+)?[^\s\"'&,;<>)}}\]]{{1,4000}}",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (re.compile(rf"([?&](?:{_BARE_NAME})=)[^&\s\"'#<>]{{1,2000}}", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"\b(Bearer|Basic|Token|ApiKey)\s+[A-Za-z0-9._~+/=-]{8,4000}"), rf"\1 {MASK}"),
    (re.compile(r"\beyJ[\w-]{5,4000}\.[\w-]{5,8000}\.[\w-]{0,2000}"), MASK),
    (re.compile(r"\b[0-9a-fA-F]{32,4000}\b"), MASK),
    (re.compile(r"(?<![\w+-])(?=[\w+-]*[0-9])(?=[\w+-]*[a-z])(?=[\w+-]*[A-Z])[A-Za-z0-9+_-]{32,4000}={0,2}"), MASK),
)
_SECRET_KEY: Final = re.compile(rf"(?:{_NAMES}|(?:set-)?cookie|auth)$", re.IGNORECASE)


class KnownSecrets:
    """Secrets in use, kept as keyed hashes: enough to find them in a line, useless to whoever reads this memory."""

    def __init__(self) -> None:
        self._key = os.urandom(32)
        self._lengths: dict[int, set[int]] = {}  # hash of the first characters -> lengths of secrets that begin so
        self._digests: set[bytes] = set()
        self._lock = Lock()

    def add(self, secret: str) -> None:
        """Hide `secret` from now on, also as it is spelled in URLs; one that is too short is left to the shapes."""
        if self._digest(secret) in self._digests or len(self._digests) >= MOST_SECRETS:
            return
        for spelled in {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}:
            if len(spelled) < SHORTEST_SECRET:
                continue
            with self._lock:
                self._digests.add(self._digest(spelled))
                lengths = self._lengths.get(hash(spelled[:SHORTEST_SECRET]), set())
                self._lengths[hash(spelled[:SHORTEST_SECRET])] = lengths | {len(spelled)}

    def hide(self, text: str) -> str:
        """`text` with every known secret masked, wherever in a word it stands."""
        if not self._lengths:
            return text
        parts: list[str] = []
        done = at = 0
        last = len(text) - SHORTEST_SECRET
        while at <= last:
            lengths = self._lengths.get(hash(text[at : at + SHORTEST_SECRET]))
            found = 0
            for length in sorted(lengths or (), reverse=True):
                if at + length <= len(text) and self._digest(text[at : at + length]) in self._digests:
                    found = length
                    break
            if found:
                parts += text[done:at], MASK
                done = at = at + found
            else:
                at += 1
        return "".join(parts) + text[done:]

    def _digest(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).digest()


class Redactor:
    """Takes secrets out of text and of JSON-like values."""

    def __init__(self, known: KnownSecrets) -> None:
        self._known = known

    def text(self, text: str) -> str:
        """`text`, at most LINE_LIMIT characters of it, without secrets."""
        if len(text) > LINE_LIMIT:
            text = text[:LINE_LIMIT] + f" ... ({len(text) - LINE_LIMIT} more characters)"
        text = self._known.hide(text)
        for rule, mask in _RULES:
            text = rule.sub(mask, text)
        return text

    def value(self, value: Any, *, depth: int = 8) -> Any:
        """The same for numbers, texts, lists and mappings of them; anything else becomes text."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping) and depth:
            return {
                str(key): MASK if item and _SECRET_KEY.match(str(key)) else self.value(item, depth=depth - 1)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset) and depth:
            return [self.value(item, depth=depth - 1) for item in value]
        return self.text(value if isinstance(value, str) else str(value))


class RedactingFormatter(logging.Formatter):
    """One record as one line without secrets; control characters are escaped, so that no text can fake a line."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redact = redactor

    def format(self, record: logging.LogRecord) -> str:
        raise NotImplementedError

    def _fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """What the caller has given in `extra`."""
        given = {name: value for name, value in vars(record).items() if name not in _OWN_FIELDS}
        cleaned: dict[str, Any] = self._redact.value(given)
        return cleaned

    def _trace(self, record: logging.LogRecord) -> str:
        if not record.exc_info or record.exc_info[1] is None:
            return ""
        return self._redact.text("".join(traceback.format_exception(record.exc_info[1])).rstrip())


class TextFormatter(RedactingFormatter):
    """`2026-11-21T12:00:00.000Z INFO polycast.live [request id] message name=value`; a traceback is indented."""

    def format(self, record: logging.LogRecord) -> str:
        message = self._redact.text(record.getMessage()).translate(_ESCAPES)
        fields = "".join(f" {name}={_short(value)}" for name, value in self._fields(record).items())
        request = REQUEST_ID.get()
        mark = f" [{request.translate(_ESCAPES)}]" if request else ""
        line = f"{_time(record)} {record.levelname} {record.name}{mark} {message}{fields}"
        trace = self._trace(record)
        lines = (part.translate(_ESCAPES) for part in trace.splitlines())
        return line + "".join(f"\n  | {part}" for part in lines)


class JsonFormatter(RedactingFormatter):
    """One JSON object a line: time, level, logger, message, request, then the fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._redact.text(record.getMessage()),
        }
        if request := REQUEST_ID.get():
            line["request"] = request
        if trace := self._trace(record):
            line["trace"] = trace
        line |= {name: value for name, value in self._fields(record).items() if name not in line}
        return msgspec.json.encode(line).decode()


def setup_logging(
    level: str,
    format: str,  # noqa: A002 - the setting's name
    known_secrets: KnownSecrets,
    stream: TextIO | None = None,
) -> logging.Handler:
    """Let everything that is logged in this process leave through one redacting handler, to `stream` (stderr).

    `level`: "debug" ... "error"; `format`: "text" or "json". Calling again replaces the handler.
    """
    redactor = Redactor(known_secrets)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(redactor) if format == "json" else TextFormatter(redactor))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(True)
    return handler


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return repr(text) if not text or any(mark in text for mark in " \t\r\n\"'=") else text.translate(_ESCAPES)

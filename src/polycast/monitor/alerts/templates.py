"""Templates of messages: `{name}` from a fixed list, with prefix, suffix, case and slices; `<tag>` blocks. No expressions.

A value is put in once and never read again, so that nothing in it can be a placeholder. Source: specs/monitor.md 5.8.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_SHARED: Final = """server_name server_url server_version channelwatch_version alert_type alert_type_friendly timestamp datestamp
current_year current_month current_day current_time unixtime dvr_id dvr_name severity incident_url"""
_CHANNEL: Final = """channel_number channel_name program_title client_name device_name client_ip stream_source resolution
stream_count channel_logo program_image image_url is_live program_summary content_rating genres cast categories
episode_title season_number season_number00 episode_number episode_number00 program_duration program_duration_secs"""
_VOD: Final = """media_type title show_name summary full_summary thumbnail_url duration duration_secs playback_time
progress_percent release_year release_date directors tags watched favorited library_path channel media_title
progress_line summary_block info_sections"""
_RECORDING: Final = """recording_status recording_status_friendly job_id start_time end_time error_message file_path is_pass
pass_name completed corrupted processed status details time_table default_message"""
_DISK: Final = """disk_path disk_label disk_total disk_total_bytes disk_used disk_used_bytes disk_free disk_free_bytes
disk_percent disk_percent_num threshold threshold_num recording_count oldest_recording oldest_recording_date"""
NAMES: Final = frozenset(" ".join((_SHARED, _CHANNEL, _VOD, _RECORDING, _DISK)).split())
TAGS: Final = frozenset(
    [
        "movie",
        "episode",
        "show",
        "live",
        "recorded",
        "started",
        "completed",
        "failed",
        "cancelled",
        "scheduled",
        "stopped",
        "missed",
        "skipped",
        "interrupted",
        "warning",
        "critical",
    ]
)
_TOKEN: Final = re.compile(r"\{(?P<hole>[^{}]*)\}|</?(?P<tag>[a-z]+)>|(?P<stray>[{}])")
_HOLE: Final = re.compile(
    r"(?:(?P<prefix>[^<>]*)<)?\s*(?P<name>[a-z][a-z0-9_]*)\s*(?:!(?P<mode>[cul]))?(?::\[(?P<cut>-?\d{0,4}(?::-?\d{0,4})?)\])?"
    r"(?:>(?P<suffix>[^<>]*))?$"
)
LONGEST: Final = 20_000  # characters of a rendered text


class BadTemplate(ValueError):
    """It cannot be rendered; the built-in text is used instead."""


def problems_of(template: str) -> list[tuple[int, str]]:
    """What is wrong with it, each with its position; empty when all is well."""
    found: list[tuple[int, str]] = []
    opened: list[tuple[str, int]] = []
    for token in _TOKEN.finditer(template):
        if token["stray"]:
            found.append((token.start(), "a brace without its partner"))
        elif token["hole"] is not None:
            found += [(token.start(), text) for text in _hole_problems(token["hole"])]
        elif token["tag"] in TAGS:
            if token[0].startswith("</"):
                if not opened or opened.pop()[0] != token["tag"]:
                    found.append((token.start(), f"</{token['tag']}> closes nothing"))
            else:
                opened.append((token["tag"], token.start()))
    found += [(at, f"<{tag}> is not closed") for tag, at in opened]
    return sorted(found)


def _hole_problems(hole: str) -> Iterator[str]:
    parts = _HOLE.match(hole)
    if not hole.strip():
        yield "an empty placeholder"
    elif parts is None:
        yield f"{{{hole[:60]}}} is no placeholder"
    elif parts["name"] not in NAMES:
        yield f"there is no {parts['name']}"
    elif parts["cut"] is not None and parts["cut"] in ("", "-"):
        yield "a slice without a number"


def render(template: str, values: Mapping[str, Any]) -> str:
    """The text; lines that become empty are gone. Raises: BadTemplate, also when nothing is left."""
    if problems_of(template):
        raise BadTemplate("; ".join(text for _, text in problems_of(template)))
    pieces, _ = _rendered(list(_tokens(template)), 0, values, None)
    lines = [line.rstrip() for line in "".join(pieces).split("\n")]
    text = "\n".join(line for line in lines if line.strip())
    if not text.strip():
        raise BadTemplate("nothing is left of it")
    return text[:LONGEST]


def _tokens(template: str) -> Iterator[tuple[str, str]]:
    """("text" | "hole" | "open" | "close", what)."""
    at = 0
    for token in _TOKEN.finditer(template):
        if token["tag"] is not None and token["tag"] not in TAGS:
            continue  # a tag of somebody else's: plain text
        if token.start() > at:
            yield "text", template[at : token.start()]
        at = token.end()
        if token["hole"] is not None:
            yield "hole", token["hole"]
        elif token["tag"] is not None:
            yield ("close" if token[0].startswith("</") else "open"), token["tag"]
    if at < len(template):
        yield "text", template[at:]


def _rendered(
    tokens: Sequence[tuple[str, str]], at: int, values: Mapping[str, Any], until: str | None
) -> tuple[list[str], int]:
    pieces: list[str] = []
    while at < len(tokens):
        kind, what = tokens[at]
        at += 1
        if kind == "text":
            pieces.append(what)
        elif kind == "hole":
            pieces.append(_filled(what, values))
        elif kind == "open":
            inner, at = _rendered(tokens, at, values, what)
            pieces += inner if _holds(what, values) else []
        elif what == until:
            return pieces, at
    return pieces, at


def _filled(hole: str, values: Mapping[str, Any]) -> str:
    parts = _HOLE.match(hole)
    if parts is None:
        raise BadTemplate(f"{hole} is no placeholder")
    text = _spelled(values.get(parts["name"]), parts["cut"])
    if not text:
        return ""
    mode = parts["mode"]
    text = {"c": str.title, "u": str.upper, "l": str.lower}[mode](text) if mode else text
    return f"{parts['prefix'] or ''}{text}{parts['suffix'] or ''}"


def _spelled(value: Any, cut: str | None) -> str:
    if cut is not None:
        items = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        if not isinstance(items, list | tuple):
            items = [] if items is None else [items]
        value = _cut(list(items), cut)
    if isinstance(value, list | tuple):
        return ", ".join(_plain(one) for one in value if one not in (None, ""))
    return _plain(value)


def _cut(items: list[Any], cut: str) -> list[Any]:
    start, colon, end = cut.partition(":")
    if colon:
        return items[int(start) if start else None : int(end) if end else None]
    index = int(start)
    return items[index : index + 1 or None]


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return " ".join(str(value).split("\x00")) if "\x00" in str(value) else str(value)


def _holds(tag: str, values: Mapping[str, Any]) -> bool:
    media = str(values.get("media_type") or "").lower()
    if tag in ("movie", "episode"):
        return media == tag
    if tag == "show":
        return media in ("episode", "show")
    is_live = values.get("is_live") in (True, "true", "True", "Yes")
    if tag in ("live", "recorded"):
        return is_live == (tag == "live")
    if tag in ("warning", "critical"):
        return str(values.get("severity") or "") == tag
    return str(values.get("recording_status") or "").lower() == tag

"""Events in words. An event without an entry is not shown: it is for machines."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct


class Phrase(Struct, frozen=True):
    """How an event reads. `text` takes the event's own fields in braces."""

    level: str  # info, good, warning, bad
    text: str
    ref: str = ""  # "live.channel:{channel_id}"
    url: str = ""  # the page that shows more


PHRASES: Final[Mapping[str, Phrase]] = {
    "core.settings_changed": Phrase("info", "Settings were changed: {paths}", url="/app/settings"),
    "core.user_added": Phrase("info", "{username} was added as {role}", "core.user:{user_id}", "/app/settings/users"),
    "core.user_changed": Phrase("info", "The account of {username} was changed", "core.user:{user_id}"),
    "core.user_removed": Phrase("warning", "{username} was deleted", "core.user:{user_id}"),
    "core.backup_created": Phrase("good", "A backup was made: {name}"),
    "core.backup_failed": Phrase("bad", "A backup failed: {error}"),
    "live.source_refreshed": Phrase("good", "{account_name} was refreshed: {message}", url="/app/live/sources"),
    "live.source_failed": Phrase("bad", "{account_name} could not be refreshed: {message}", url="/app/live/sources"),
    "live.guide_refreshed": Phrase("good", "The guide {source_name} was refreshed: {message}", url="/app/live/sources"),
    "live.guide_failed": Phrase("bad", "The guide {source_name} failed: {message}", url="/app/live/sources"),
    "live.channel_created": Phrase(
        "info", "The channel {channel_name} was added", "live.channel:{channel_id}", "/app/live/channels"
    ),
    "live.channel_deleted": Phrase("warning", "The channel {channel_name} was deleted", url="/app/live/channels"),
    "live.channels_changed": Phrase("info", "{count} channels were changed", url="/app/live/channels"),
    "live.session_started": Phrase("info", "{channel_name} is on air", url="/app/live"),
    "live.session_failed": Phrase("bad", "{channel_name} failed: {reason}", url="/app/live"),
    "live.stream_switched": Phrase("warning", "{channel_name} went on with another stream: {reason}", url="/app/live"),
}


class _Fields(dict[str, Any]):
    """An event of an older release may lack a field that a sentence names."""

    def __missing__(self, key: str) -> str:
        return "…"


def said(phrase: Phrase, fields: Mapping[str, Any]) -> tuple[str, str, str]:
    """Sentence, ref and address of the page for an event."""
    shown = _Fields({name: ", ".join(map(str, v)) if isinstance(v, list) else v for name, v in fields.items()})
    return (
        phrase.text.format_map(shown),
        phrase.ref.format_map(shown) if phrase.ref else "",
        phrase.url.format_map(shown) if phrase.url else "",
    )

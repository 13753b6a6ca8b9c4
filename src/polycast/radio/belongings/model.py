"""Small things that belong to a station: tokens of listeners, webhooks, news."""

from typing import Final

from msgspec import Struct

HOOK_EVENTS: Final = ("now_playing", "dj_connected", "dj_left", "silence", "stream_down", "stream_up")
CONTEXTS: Final = {"auth_listeners": "radio.listener", "webhooks": "radio.webhook"}
PUBLIC: Final = frozenset({"news"})


class CallWebhook(Struct, frozen=True):
    """Tell a webhook what has happened."""

    webhook_id: int
    event: str
    body: str  # JSON, as it is sent
    key: str  # of this happening: told once

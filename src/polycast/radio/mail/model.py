"""Mails to customers: their kinds and their words."""

import html
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

TYPES: Final[Mapping[str, str]] = {
    "account_created": "Account created",
    "password_reset": "Password reset",
    "account_suspended": "Account suspended",
    "account_unsuspended": "Account unsuspended",
    "account_deleted": "Account deleted",
    "disk_limit": "Disk limit",
    "traffic_limit": "Traffic limit",
    "listeners_limit": "Listeners limit",
    "backup_done": "Backup done",
    "backup_failed": "Backup failed",
    "restore_failed": "Restore failed",
    "song_request": "Song request",
    "stream_down": "Stream down",
    "stream_up": "Stream up",
    "test": "Test",
}
PLACEHOLDER: Final = re.compile(r"\{\{\s*([a-z_]{1,40})\s*\}\}")
NAMES: Final = frozenset(
    {"username", "password", "panel_url", "reset_url", "company_name", "station_name", "limit", "used"}
)
TAG: Final = re.compile(r"<[^>]{0,2000}>")


class Words(Struct, frozen=True, kw_only=True):
    """What a mail says, with `{{ username }}` and the like in it."""

    subject: str
    body: str


class MailTemplate(Struct, frozen=True, kw_only=True):
    """Words that an owner has written for their customers."""

    owner_id: int
    language: str
    email_type: str
    subject: str
    body: str


class Letter(Struct, frozen=True, kw_only=True):
    """A mail, ready to go. It may hold links that are secrets: it is sealed while it waits."""

    to: str
    subject: str
    text: str
    html: str = ""
    written_at: datetime

    def __repr__(self) -> str:
        return "Letter()"


def filled(text: str, values: Mapping[str, str], *, escape: bool = False) -> str:
    """`text` with its placeholders filled in, once: a value that looks like a placeholder stays as it is."""

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1], "") if match[1] in NAMES else ""
        return html.escape(found) if escape else found

    return PLACEHOLDER.sub(value, text)


def written(words: Words, values: Mapping[str, str], *, to: str, at: datetime) -> Letter:
    """A letter of `words`. With a tag in them it is sent as HTML, and as text beside it."""
    subject = " ".join(filled(words.subject, values).split())
    if "<" not in words.body:
        return Letter(to=to, subject=subject, text=filled(words.body, values), written_at=at)
    plain = html.unescape(TAG.sub("", re.sub(r"<br\s*/?>|</p>", "\n", words.body)))
    return Letter(
        to=to,
        subject=subject,
        text=filled(plain, values).strip() + "\n",
        html=filled(words.body, values, escape=True),
        written_at=at,
    )

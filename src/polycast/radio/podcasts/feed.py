"""A podcast as RSS 2.0 with Apple's words. Source: `specs/radio.md` 4.14; the RSS Advisory Board's profile."""

from collections.abc import Sequence
from email.utils import format_datetime
from html import escape
from typing import Final

from polycast.radio.podcasts.model import Episode, Podcast

ITUNES: Final = "http://www.itunes.com/dtds/podcast-1.0.dtd"
ATOM: Final = "http://www.w3.org/2005/Atom"
TYPES: Final = {
    "mp3": "audio/mpeg", "m4a": "audio/x-m4a", "aac": "audio/aac", "ogg": "audio/ogg", "opus": "audio/ogg",
    "flac": "audio/flac", "wav": "audio/wav",
}  # fmt: skip
CATEGORY: Final = "Music"


def media_type(path: str) -> str:
    """Of an episode's file."""
    return TYPES.get(path.rpartition(".")[2].lower(), "application/octet-stream")


def feed(podcast: Podcast, episodes: Sequence[Episode], *, author: str, page: str, base: str) -> bytes:
    """`page` is what people look at; `base` the podcast's own address below the API, without a slash at its end."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<rss version="2.0" xmlns:itunes="{ITUNES}" xmlns:atom="{ATOM}"><channel>',
        _tag("title", podcast.title),
        _tag("link", page),
        _tag("description", podcast.description or podcast.title),
        _tag("language", podcast.language or "en"),
        f'<atom:link href="{escape(base)}/feed.xml" rel="self" type="application/rss+xml"/>',
        _tag("itunes:author", author),
        f"<itunes:owner>{_tag('itunes:name', author)}</itunes:owner>",
        f'<itunes:category text="{escape(podcast.category or CATEGORY)}"/>',
        _tag("itunes:explicit", "true" if any(one.explicit for one in episodes) else "false"),
    ]
    if podcast.image:
        lines.append(f'<itunes:image href="{escape(base)}/image/"/>')
    lines += [_item(one, base) for one in episodes]
    return ("\n".join([*lines, "</channel></rss>"]) + "\n").encode()


def _item(one: Episode, base: str) -> str:
    address = f"{base}/episodes/{one.id}/episode.{one.path.rpartition('.')[2].lower()}"
    parts = [
        _tag("title", one.title),
        _tag("description", one.description or one.title),
        f'<guid isPermaLink="false">{_plain(one.guid)}</guid>',
        _tag("pubDate", format_datetime(one.pub_date)),
        f'<enclosure url="{escape(address)}" length="{one.size_bytes}" type="{media_type(one.path)}"/>',
        _tag("itunes:duration", str(one.duration_ms // 1000)),
        _tag("itunes:explicit", "true" if one.explicit else "false"),
    ]
    if one.season:
        parts.append(_tag("itunes:season", str(one.season)))
    if one.number:
        parts.append(_tag("itunes:episode", str(one.number)))
    return f"<item>{''.join(parts)}</item>"


def _tag(name: str, text: str) -> str:
    return f"<{name}>{_plain(text)}</{name}>"


def _plain(text: str) -> str:
    """Text that an XML document may hold."""
    legal = "".join(ch for ch in text if ch >= " " or ch in "\t\n")
    return escape("".join(ch for ch in legal if ch not in "\ufffe\uffff"), quote=False)

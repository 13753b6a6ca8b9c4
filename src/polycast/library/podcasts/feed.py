"""Reading feeds. Source: RSS 2.0; Apple's podcast tags; podcastindex.org, namespace 1.0; RFC 5322 dates."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import nh3
from msgspec import Struct

from polycast.core.errors import Invalid, PolycastError
from polycast.core.storage import clean
from polycast.core.xmlin import Element, read_xml

ITUNES: Final = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST: Final = "{https://podcastindex.org/namespace/1.0}"
CONTENT: Final = "{http://purl.org/rss/1.0/modules/content/}"
MOST_EPISODES: Final = 5_000
LONG: Final = 20_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class FeedEpisode(Struct, frozen=True, kw_only=True):
    """An episode of a feed."""

    guid: str
    title: str
    description: str
    published_at: datetime
    duration_s: int
    season: int | None
    episode: int | None
    audio_url: str
    audio_type: str
    audio_bytes: int
    image: str
    chapters_url: str
    transcript_url: str


class Feed(Struct, frozen=True, kw_only=True):
    """A podcast."""

    title: str
    author: str
    description: str
    language: str
    image: str
    link: str
    explicit: bool
    categories: list[str]
    episodes: list[FeedEpisode]


def read_feed(content: bytes) -> Feed:
    """Raises: Invalid for what is no feed of a podcast."""
    try:
        root = read_xml(content, namespaces=True)
    except PolycastError as error:
        raise Invalid.one("feedUrl", "not_a_feed", "This is no podcast feed") from error
    channel = root.find("channel")
    if root.name != "rss" or channel is None:
        raise Invalid.one("feedUrl", "not_a_feed", "This is no podcast feed")
    picture = channel.find(f"{ITUNES}image")
    plain = channel.find("image")
    image = picture.attributes.get("href", "") if picture is not None else plain.text_of("url") if plain else ""
    return Feed(
        title=clean(channel.text_of("title"), 300) or "Untitled",
        author=clean(channel.text_of(f"{ITUNES}author"), 300),
        description=_plain(channel.text_of("description") or channel.text_of(f"{ITUNES}summary")),
        language=clean(channel.text_of("language"), 20),
        image=_web(image),
        link=_web(channel.text_of("link")),
        explicit=channel.text_of(f"{ITUNES}explicit").lower() in ("yes", "true", "explicit"),
        categories=[
            text for one in channel.all(f"{ITUNES}category") if (text := clean(one.attributes.get("text", ""), 100))
        ],
        episodes=[found for one in channel.all("item")[:MOST_EPISODES] if (found := _episode(one)) is not None],
    )


def _episode(item: Element) -> FeedEpisode | None:
    enclosure = item.find("enclosure")
    audio = _web(enclosure.attributes.get("url", "")) if enclosure is not None else ""
    if enclosure is None or not audio:
        return None
    picture = item.find(f"{ITUNES}image")
    chapters, transcript = item.find(f"{PODCAST}chapters"), item.find(f"{PODCAST}transcript")
    length = enclosure.attributes.get("length", "")
    return FeedEpisode(
        guid=clean(item.text_of("guid"), 1000) or audio,
        title=clean(item.text_of("title") or item.text_of(f"{ITUNES}title"), 300) or "Untitled",
        description=_plain(
            item.text_of(f"{CONTENT}encoded") or item.text_of("description") or item.text_of(f"{ITUNES}summary")
        ),
        published_at=_when(item.text_of("pubDate")),
        duration_s=seconds_of(item.text_of(f"{ITUNES}duration")),
        season=_whole(item.text_of(f"{ITUNES}season")),
        episode=_whole(item.text_of(f"{ITUNES}episode")),
        audio_url=audio,
        audio_type=clean(enclosure.attributes.get("type", ""), 100) or "audio/mpeg",
        audio_bytes=int(length) if length.isascii() and length.isdigit() and len(length) < 16 else 0,
        image=_web(picture.attributes.get("href", "")) if picture is not None else "",
        chapters_url=_web(chapters.attributes.get("url", "")) if chapters is not None else "",
        transcript_url=_web(transcript.attributes.get("url", "")) if transcript is not None else "",
    )


def seconds_of(text: str) -> int:
    """`3600`, `60:00`, `1:00:00`; 0 for what is none."""
    parts = text.strip().split(":")
    if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() and len(part) < 8 for part in parts):
        return 0
    total = 0
    for part in parts:
        total = total * 60 + int(part)
    return total


def _plain(text: str) -> str:
    """Foreign markup, cut down to what cannot do harm."""
    kept: str = nh3.clean(text[: 4 * LONG], tags={"p", "br", "a", "ul", "ol", "li", "em", "strong", "b", "i"})
    return clean(kept, LONG, lines=True)


def _web(text: str) -> str:
    plain = clean(text, 2000)
    return plain if plain.startswith(("https://", "http://")) else ""


def _when(text: str) -> datetime:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return EPOCH
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found.astimezone(UTC) if 1970 <= found.year < 2200 else EPOCH


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None

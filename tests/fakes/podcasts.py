"""A podcast's own server (feed, sound) and the Podcast Index, on one socket.

Written from RSS 2.0, Apple's podcast tags, and podcastindex-org.github.io/docs-api.
"""

import hashlib
from typing import Any

from tests.fakes.json_service import JsonService, Question, Reply

KEY, SECRET = "PODCASTINDEXKEY00000", "podcast-index-secret"
SOUND = b"ID3" + bytes(range(256)) * 400


class FakePodcasts(JsonService):
    """`episodes` are in the feed; `feed_status` answers for it when it is not 200."""

    def __init__(self) -> None:
        super().__init__()
        self.episodes = 3
        self.feed_status = 200
        self.route("GET", "/feed.xml", self._feed)
        self.route("GET", r"/audio/(\d+)\.mp3", self._audio)
        self.route("GET", "/api/1.0/search/byterm", self._index)
        self.route("GET", "/api/1.0/podcasts/trending", self._index)
        self.route("GET", "/api/1.0/podcasts/(byfeedid|byitunesid)", self._one)

    @property
    def feed(self) -> str:
        return f"{self.address}/feed.xml"

    @property
    def index(self) -> str:
        return f"{self.address}/api/1.0"

    def refuse(self, question: Question) -> Reply | None:
        if not question.path.startswith("/api/"):
            return None
        at = question.headers.get("x-auth-date", "")
        signed = hashlib.sha1(f"{KEY}{SECRET}{at}".encode()).hexdigest()
        good = question.headers.get("x-auth-key") == KEY and question.headers.get("authorization") == signed
        return None if good and question.headers.get("user-agent") else (401, {"status": "false", "description": "no"})

    def _feed(self, question: Question) -> Reply:
        tag = f'"{self.episodes}"'
        if self.feed_status != 200:
            return self.feed_status, None
        if question.headers.get("if-none-match") == tag:
            return 304, None
        items = "".join(
            f"<item><title>Episode {n}</title><guid>g{n}</guid><pubDate>Mon, 0{n} Jun 2026 10:00:00 GMT</pubDate>"
            f"<itunes:duration>00:10:00</itunes:duration>"
            f'<enclosure url="{self.address}/audio/{n}.mp3" type="audio/mpeg" length="{len(SOUND)}"/></item>'
            for n in range(1, self.episodes + 1)
        )
        text = (
            '<?xml version="1.0"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>'
            f"<title>Deep Sea</title><itunes:author>Ada</itunes:author><language>en</language>{items}</channel></rss>"
        )
        return 200, text.encode(), {"Content-Type": "application/rss+xml", "ETag": tag}

    def _audio(self, question: Question) -> Reply:
        span = question.headers.get("range", "")
        if span.startswith("bytes="):
            start, _, end = span[6:].partition("-")
            last = min(int(end or len(SOUND) - 1), len(SOUND) - 1)
            told = {
                "Content-Type": "audio/mpeg",
                "Content-Range": f"bytes {start}-{last}/{len(SOUND)}",
                "Accept-Ranges": "bytes",
            }
            return 206, SOUND[int(start) : last + 1], told
        return 200, SOUND, {"Content-Type": "audio/mpeg", "Accept-Ranges": "bytes"}

    def _index(self, _: Question) -> Reply:
        return 200, {"status": "true", "feeds": [self._entry()], "count": 1}

    def _one(self, question: Question) -> Reply:
        return 200, {
            "status": "true",
            "feed": self._entry() if question.query["id"] in ("920666", "1200361736") else [],
        }

    def _entry(self) -> dict[str, Any]:
        return {
            "id": 920666, "title": "Deep Sea", "url": self.feed, "author": "Ada", "description": "Below.", "image": "",
            "artwork": "", "language": "en", "itunesId": 1200361736, "episodeCount": 3, "categories": {"55": "News"},
        }  # fmt: skip

"""Telling by its first bytes what came instead of a playlist."""

import re
from typing import Final

from polycast.core.errors import PolycastError
from polycast.live.sources.refresh.playlist import SCHEMES

HEAD_BYTES: Final = 32 * 1024
PACKED: Final = (b"\x1f\x8b", b"\xfd7zXZ\x00", b"PK\x03\x04")
REFUSING: Final = re.compile(
    r"\b(blocked|forbidden|access denied|unauthorized|not authorized|invalid (?:user|login|credentials))\b", re.I
)
HLS_TAGS: Final = ("#EXT-X-TARGETDURATION", "#EXT-X-STREAM-INF", "#EXT-X-MEDIA-SEQUENCE")


class NoPlaylist(PolycastError):
    """What came is something else. `reason`: empty, html, refused, code, guide, hls, binary, unknown."""

    code = "no_playlist"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def require_playlist(head: bytes) -> None:
    """Look at the first 32 KiB of a download. Raises: NoPlaylist, with the likely cause in plain words."""
    if head.startswith(PACKED):
        return  # looked at again once it is unpacked
    if b"\x00" in head[:512]:
        raise NoPlaylist("binary", "This is a binary file, not a playlist.")
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").strip()
    if any(tag in text for tag in HLS_TAGS):
        raise NoPlaylist("hls", "This is a single HLS stream, not a playlist; add it as a stream.")
    if "#EXTINF:" in text or text[:7].upper() == "#EXTM3U":
        return
    if any(line.strip().startswith(SCHEMES) for line in text.splitlines()[:50]):
        return
    raise _what_it_is(text)


def refusal(text: str) -> NoPlaylist | None:
    """What a provider's panel says with a page or a word instead of data; None when it is no such thing."""
    start = text.lstrip()[:15].lower()
    if not text.strip():
        return NoPlaylist("empty", "The provider's answer is empty.")
    if REFUSING.search(text[:2000]):
        return NoPlaylist("refused", "The provider refuses the login or this address of ours.")
    if start.startswith(("<!doctype html", "<html", "<head", "<body")):
        return NoPlaylist("html", "The address gives a web page instead of a playlist.")
    return None


def _what_it_is(text: str) -> NoPlaylist:
    if found := refusal(text):
        return found
    if re.fullmatch(r"\d{3,5}", text):
        return NoPlaylist("code", f"The provider answers with the code {text} instead of a playlist.")
    if text.startswith(("<?xml", "<tv")):
        return NoPlaylist("guide", "This is a guide or another XML file, not a playlist.")
    if text.startswith(("{", "[")):
        return NoPlaylist("refused", "The provider answers with JSON instead of a playlist; check the login.")
    return NoPlaylist("unknown", "This is not a playlist: there is no #EXTM3U, no #EXTINF and no address in it.")

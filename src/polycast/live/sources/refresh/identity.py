"""What makes an entry the same stream as before, and what makes it unchanged."""

import hashlib
from collections.abc import Callable, Sequence
from json.encoder import encode_basestring_ascii as quoted
from typing import Final

from polycast.core.errors import Invalid

KEYS: Final = ("name", "url", "tvg_id", "m3u_id", "group")
SHIFT: Final = 1  # 63 bits: what a signed 64-bit column holds without a sign

# (name, url, tvg_id, group) -> SHA-256
Hasher = Callable[[str, str, str, str], bytes]


def hash_keys(setting: str) -> tuple[str, ...]:
    """The parts that `m3u_hash_key` names, in the order of the hash; "url" when it names none.

    Raises: Invalid for an unknown part.
    """
    named = [word.strip() for word in setting.split(",") if word.strip()]
    for word in named:
        if word not in KEYS:
            raise Invalid.one("m3u_hash_key", "invalid_choice", f'"{word}" is not a valid choice.', choice=word)
    return tuple(sorted(set(named))) or ("url",)


def hasher(keys: Sequence[str], *, account_id: int, is_xtream: bool) -> Hasher:
    """SHA-256 of the JSON, keys sorted, of the chosen parts. Source: `specs/live.md` 5.1, step 3.

    For Xtream the caller gives the provider's stream id as `url`, and the account is always a part, so that other
    credentials or another host keep the identity.
    """
    chosen = sorted({*keys, "m3u_id"} if is_xtream else set(keys))
    parts = {"m3u_id": str(account_id), "name": "{0}", "url": "{1}", "tvg_id": "{2}", "group": "{3}"}
    if chosen == ["url"]:
        return lambda name, url, tvg_id, group: hashlib.sha256(b'{"url": %s}' % quoted(url).encode()).digest()
    text = ", ".join(f'"{key}": {parts[key]}' for key in chosen)
    form = ("{{" + text + "}}").format

    def digest(name: str, url: str, tvg_id: str, group: str) -> bytes:
        return hashlib.sha256(form(quoted(name), quoted(url), quoted(tvg_id), quoted(group)).encode()).digest()

    return digest


def hash_key(digest: bytes) -> int:
    """The first 63 bits of a hash: the key of `live_stream_hashes`."""
    return int.from_bytes(digest[:8], "big") >> SHIFT


def content_key(text: str) -> int:
    """A 63-bit fingerprint of an entry's raw text."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> SHIFT

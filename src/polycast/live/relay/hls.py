"""A live HLS source as one stream of bytes: the best variant, its segments in order, one ahead of time at most."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Final

from polycast.core.net import BadAnswer, Fetched, Limits, Outbound, Unreachable
from polycast.core.secrets.broadcast import unlocked_cbc
from polycast.live.relay.hls_playlist import Lock, MediaList, Piece, parse

MIB: Final = 1024 * 1024
BEHIND: Final = 3  # segments between the end of the playlist and where we begin (RFC 8216, 6.3.3)
LIST_LIMITS: Final = Limits(
    connect=timedelta(seconds=5),
    first_byte=timedelta(seconds=8),
    total=timedelta(seconds=15),
    size_bytes=8 * MIB,
    attempts=2,
    counts_answers=False,
    per_host=0,
)
SEGMENT_LIMITS: Final = Limits(total=timedelta(seconds=60), size_bytes=128 * MIB, counts_answers=False, per_host=0)
NOTHING: Final[Mapping[str, str]] = {}
KEYS: Final = 8  # kept: lists that change theirs with each segment exist
STALE_LISTS: Final = 5  # the same playlist so often in a row, each a target duration apart: the source has ended


class HlsReader:
    """Reads one source. `headers` go along with every request."""

    def __init__(self, client: Outbound, *, headers: Mapping[str, str]) -> None:
        self._client = client
        self._headers = dict(headers)
        self._keys: OrderedDict[str, bytes] = OrderedDict()
        self._next: int | None = None  # number of the segment that follows
        self._init = ""  # the initialisation segment last sent
        self._url = ""
        self._list = MediaList(0.0, (), True)
        self.is_mp4 = False  # its segments are fragments
        self.sound_url = ""  # where the sound is, when it comes apart
        self.patience_s = 15.0  # how long it may rightly bring nothing

    async def begin(self, url: str, first: bytes) -> None:
        """Find the media playlist, `first` being what `url` has just answered. Raises: BadAnswer, Unreachable."""
        self._url, self._list = await self._media(url, first)
        self.is_mp4 = any(piece.init_url for piece in self._list.pieces)
        self.patience_s = 2 * self._list.target_s + 2

    async def begin_at(self, url: str) -> None:
        """`begin` with what `url` answers now."""
        answer = await self._fetch(url)
        await self.begin(answer.url, answer.body)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Segments as they come, once it has begun. Raises: BadAnswer, Unreachable."""
        url, media = self._url, self._list
        unchanged = 0
        while True:
            self.patience_s = 2 * media.target_s + 2
            pieces = self._due(media)
            unchanged = 0 if pieces else unchanged + 1
            for piece in pieces:
                async for chunk in self._segment(piece):
                    yield chunk
                self._next = piece.number + 1
            if media.is_ended:
                return
            if unchanged > STALE_LISTS:
                raise BadAnswer("The provider's playlist does not move on.", reason="silent")
            await asyncio.sleep(media.target_s / 2 if pieces else min(media.target_s / 2, 1.0))
            url, media = await self._media(url, (await self._fetch(url)).body)

    async def _media(self, url: str, body: bytes) -> tuple[str, MediaList]:
        """The media playlist behind `url`, over the best variant when it is a master."""
        for _ in range(3):
            found = parse(body.decode("utf-8", "replace"), url)
            if isinstance(found, MediaList):
                return url, found
            if not found:
                break
            self.sound_url = found[0].sound_url
            answer = await self._fetch(found[0].url)
            url, body = answer.url, answer.body
        raise BadAnswer("The provider's playlist names no stream.", reason="shape")

    async def _fetch(self, url: str, more: Mapping[str, str] = NOTHING) -> Fetched:
        answer = await self._client.fetch(url, headers={**self._headers, **more}, limits=LIST_LIMITS)
        if answer.status not in {200, 206}:
            raise BadAnswer(
                f"The provider answered with status {answer.status}.", reason="status", status=answer.status
            )
        return answer

    def _due(self, media: MediaList) -> tuple[Piece, ...]:
        """What has not been read yet."""
        if not media.pieces:
            return ()
        first, last = media.pieces[0].number, media.pieces[-1].number
        if self._next is None or self._next > last + 1:  # the beginning, or a provider that has started over
            self._next = first if media.is_ended else max(first, last + 1 - BEHIND)
        self._next = max(self._next, first)
        return tuple(piece for piece in media.pieces if piece.number >= self._next)

    async def _segment(self, piece: Piece) -> AsyncIterator[bytes]:
        if piece.init_url and piece.init_url != self._init:
            if self._init:  # who reads fragments takes one head; the next attempt begins with the new one
                raise BadAnswer("The provider's stream has changed its form.", reason="shape")
            self._init = piece.init_url
            yield await self._head(piece.init_url, piece.init_span)
        headers = self._headers | ({"Range": f"bytes={piece.span[0]}-{piece.span[1]}"} if piece.span else {})
        is_last = False
        while True:
            try:
                async with self._client.stream("GET", piece.url, headers=headers, limits=SEGMENT_LIMITS) as incoming:
                    if not 200 <= incoming.status < 300:
                        raise BadAnswer(f"A segment was answered with status {incoming.status}.", reason="status")
                    if piece.lock is not None:
                        yield await self._unlocked(piece, piece.lock, await incoming.read())
                        return
                    async for chunk in incoming.chunks():
                        is_last = True  # a segment cannot be begun again once a part of it was sent on
                        yield chunk
                    return
            except (BadAnswer, Unreachable):
                if is_last:
                    raise
                is_last = True

    async def _head(self, url: str, span: tuple[int, int] | None) -> bytes:
        """An initialisation segment, perhaps a part of a file."""
        answer = await self._fetch(url, {"Range": f"bytes={span[0]}-{span[1]}"} if span else {})
        if span is not None and answer.status == 200:  # a server without ranges sends all
            return answer.body[span[0] : span[1] + 1]
        return answer.body

    async def _unlocked(self, piece: Piece, lock: Lock, content: bytes) -> bytes:
        key = self._keys.get(lock.url)
        if key is None:
            key = (await self._fetch(lock.url)).body
            self._keys[lock.url] = key
            if len(self._keys) > KEYS:
                self._keys.popitem(last=False)
        plain = unlocked_cbc(content, key=key, iv=lock.iv or piece.number.to_bytes(16, "big"))
        if plain is None:
            raise BadAnswer("An encrypted segment cannot be read.", reason="encoding")
        return plain

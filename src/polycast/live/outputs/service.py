"""Playlists and what they and their guides are made for."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

from polycast.core.storage import Database
from polycast.live.outputs.addresses import is_direct
from polycast.live.outputs.lineups import LineUps
from polycast.live.outputs.model import LineUp, View
from polycast.live.outputs.playlist import PlaylistForm, playlist
from polycast.live.outputs.store import OutputStore

KEPT_BYTES: Final = 16 * 1024 * 1024
THREADED: Final = 500  # channels from which on rendering is left to a thread


class Origins:
    """Under which address players reach us: the one that is set, else the one they asked at."""

    def __init__(self, public_url: Callable[[], str | None]) -> None:
        self._public_url = public_url

    def of(self, scope: Mapping[str, Any]) -> str:
        """Without a slash at its end."""
        return (self._public_url() or str(scope["state"].get("origin") or "http://127.0.0.1")).rstrip("/")


class _Key(Struct, frozen=True):
    view: View
    form: PlaylistForm
    direct: bool


class Playlists:
    """Playlists, kept while the line-up stays as it is."""

    def __init__(self, *, db: Database, store: OutputStore, lineups: LineUps) -> None:
        self._db = db
        self._store = store
        self._lineups = lineups
        self._kept: OrderedDict[_Key, tuple[LineUp, bytes]] = OrderedDict()

    async def m3u(self, view: View, form: PlaylistForm, *, direct: bool = False) -> bytes:
        """The playlist of a view. `direct`: streams that people added by hand are named by their own address."""
        lineup = await self._lineups.of(view)
        key = _Key(view, form, direct)
        kept = self._kept.get(key)
        if kept is not None and kept[0] is lineup and not direct:
            self._kept.move_to_end(key)
            return kept[1]
        urls = await self._direct(lineup) if direct else {}
        if len(lineup.entries) < THREADED:
            made = playlist(lineup, form, urls)
        else:
            made = await asyncio.to_thread(playlist, lineup, form, urls)
        self._keep(key, lineup, made)
        return made

    def _keep(self, key: _Key, lineup: LineUp, made: bytes) -> None:
        self._kept[key] = (lineup, made)
        self._kept.move_to_end(key)
        while len(self._kept) > 1 and sum(len(body) for _, body in self._kept.values()) > KEPT_BYTES:
            self._kept.popitem(last=False)

    async def _direct(self, lineup: LineUp) -> dict[int, str]:
        found = await self._db.read(self._store.direct_urls, [entry.id for entry in lineup.entries])
        return {channel_id: _multicast(url) for channel_id, url in found.items() if is_direct(url)}


def _multicast(url: str) -> str:
    """Players want an `@` before a group's address."""
    return url.replace("udp://", "udp://@", 1) if url.startswith("udp://") and not url.startswith("udp://@") else url

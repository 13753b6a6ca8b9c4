"""What is on, in AzuraCast's shape, which many players and widgets read. Source: `specs/radio.md` 4.9."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.http import Answer, Request, Route, StreamingResponse, get
from polycast.core.identity.caller import NOBODY, Caller
from polycast.radio.dialects.admin.addresses import Addresses
from polycast.radio.dialects.panel.policies import CORS, PUBLIC, PUBLIC_BYTES
from polycast.radio.dialects.panel.stations import V2
from polycast.radio.panel.service import Panel, StationView
from polycast.radio.ports import Air, OnAir
from polycast.radio.stations.model import Channel, Played
from polycast.radio.stations.pulse import Pulse
from polycast.radio.wishes.service import Wishes

SHOWN = 5  # songs of the history
BEAT = timedelta(seconds=15)
FRAMES = 2000  # kept at once
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NowPlaying:
    """Puts a station's moment together."""

    def __init__(self, *, panel: Panel, wishes: Wishes, air: Air, pulse: Pulse, clock: Clock) -> None:
        self._pulse = pulse
        self._frames: dict[tuple[int, str, str], tuple[int, bytes]] = {}
        self._panel = panel
        self._wishes = wishes
        self._air = air
        self._clock = clock

    async def of(self, caller: Caller, name: str, *, base: str, host: str) -> dict[str, Any]:
        """By key or slug. Raises: NotFound."""
        view = await (self._panel.station(caller, int(name)) if name.isdigit() else self._panel.by_slug(caller, name))
        return await self.of_view(view, base=base, host=host)

    async def follow(self, caller: Caller, name: str, *, base: str, host: str) -> AsyncIterator[bytes]:
        """Frames of server-sent events. Rendered once for all who follow a station."""
        beat, first = -1, await self.of(caller, name, base=base, host=host)
        number = int(first["station"]["id"])
        while True:
            now = await self._pulse.after(number, beat, within=BEAT)
            if now == beat:
                yield b": beat\n\n"
                continue
            beat = now
            try:
                yield await self._frame(caller, number, beat, base, host)
            except NotFound:  # it is silent or hidden now
                return

    async def _frame(self, caller: Caller, number: int, beat: int, base: str, host: str) -> bytes:
        known = self._frames.get((number, base, host))
        if known is None or known[0] != beat:
            found = await self.of(caller, str(number), base=base, host=host)
            known = beat, b"event: nowplaying\ndata: " + msgspec.json.encode(found) + b"\n\n"
            if len(self._frames) >= FRAMES:
                self._frames.clear()
            self._frames[number, base, host] = known
        return known[1]

    async def all(self, *, base: str, host: str) -> list[dict[str, Any]]:
        """Every public station."""
        return [await self.of_view(view, base=base, host=host) for view in await self._panel.stations(NOBODY)]

    async def of_view(self, view: StationView, *, base: str, host: str) -> dict[str, Any]:
        """A station's moment."""
        station = view.seen.station
        on_air = self._air.on_air(station.id)
        rows, _ = await self._wishes.history_of(view.seen, limit=SHOWN + 1)
        mounts = [self._mount(view, one, base, host, is_first=not index) for index, one in enumerate(view.channels)]
        total = {name: sum(mount["listeners"][name] for mount in mounts) for name in ("total", "unique", "current")}
        dj = next((one for one in view.djs if one.id == on_air.dj_id), None)
        page = f"{base}/radio/{station.slug}/player"
        return {
            "station": {
                "id": station.id,
                "name": station.title,
                "shortcode": station.slug,
                "description": station.description,
                "frontend": "icecast",
                "backend": "liquidsoap",
                "timezone": station.timezone,
                "listen_url": mounts[0]["url"] if mounts else "",
                "url": station.url_address or None,
                "public_player_url": page,
                "playlist_pls_url": f"{base}/listen/{station.slug}.pls",
                "playlist_m3u_url": f"{base}/listen/{station.slug}.m3u",
                "is_public": station.public,
                "requests_enabled": station.requests_enabled,
                "mounts": mounts,
                "remotes": [],
                "hls_enabled": any(one.hls_enabled for one in view.channels),
                "hls_is_default": False,
                "hls_url": f"{base}/listen/{station.slug}/hls/mp3/master.m3u8",
                "hls_listeners": sum(self._air.load(one.id).hls_listeners for one in view.channels),
            },
            "listeners": total,
            "live": {
                "is_live": dj is not None,
                "streamer_name": dj.name if dj else "",
                "broadcast_start": _seconds(on_air.live_since) if dj else None,
                "art": None,
            },
            "now_playing": self._now(on_air, rows, dj.name if dj else ""),
            "playing_next": _next(on_air),
            "song_history": [_song_row(row) for row in rows[1:]],
            "is_online": on_air.state == 2,
            "cache": None,
        }

    def _mount(self, view: StationView, one: Channel, base: str, host: str, *, is_first: bool) -> dict[str, Any]:
        load = self._air.load(one.id)
        name = one.proxy_url_path or one.mount_point.lstrip("/")
        return {
            "id": one.id,
            "name": f"{one.bitrate}kbps {one.s_format.upper()}",
            "url": f"{base}/listen/{view.seen.station.slug}/{name}",
            "bitrate": one.bitrate,
            "format": one.s_format,
            "listeners": {"total": load.listeners, "unique": load.unique, "current": load.listeners},
            "path": one.mount_point,
            "is_default": is_first,
        }

    def _now(self, on_air: OnAir, rows: list[Played], streamer: str) -> dict[str, Any] | None:
        """What is heard: the history's newest row knows its words."""
        if on_air.state == 0 and not rows:
            return None
        found = rows[0] if rows else None
        started = on_air.started_at or (found.at if found else None)
        elapsed = int((self._clock.now() - started).total_seconds()) if started else 0
        duration = (on_air.length_ms or (found.length_ms if found else 0)) // 1000
        return {
            "sh_id": found.id if found else 0,
            "played_at": _seconds(started),
            "duration": duration,
            "playlist": on_air.playlist_title or (found.playlist_title if found else ""),
            "streamer": streamer,
            "is_request": on_air.is_request,
            "song": _song(found, on_air.metadata),
            "elapsed": elapsed,
            "remaining": max(duration - elapsed, 0),
        }


def _next(on_air: OnAir) -> dict[str, Any] | None:
    if on_air.next_track_id is None:
        return None
    return {
        "cued_at": _seconds(on_air.next_at),
        "played_at": _seconds(on_air.next_at),
        "duration": 0,
        "playlist": on_air.next_playlist_title,
        "is_request": False,
        "song": {},
    }


def _song_row(row: Played) -> dict[str, Any]:
    return {
        "sh_id": row.id,
        "played_at": _seconds(row.at),
        "duration": row.length_ms // 1000,
        "playlist": row.playlist_title,
        "streamer": "" if row.dj_name == "AutoDJ" else row.dj_name,
        "is_request": row.is_request,
        "song": _song(row, row.metadata),
    }


def _song(row: Played | None, text: str) -> dict[str, Any]:
    words = text or (row.metadata if row else "")
    fitting = row if row is not None and row.metadata == words else None
    return {
        "id": hashlib.md5(words.encode(), usedforsecurity=False).hexdigest(),
        "art": fitting.image if fitting else "",
        "custom_fields": [],
        "text": words,
        "artist": fitting.author if fitting else "",
        "title": fitting.title if fitting else words,
        "album": fitting.album if fitting else "",
        "genre": fitting.genre if fitting else "",
        "isrc": fitting.isrc if fitting else "",
        "lyrics": "",
    }


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int((at - EPOCH).total_seconds())


@get(f"{V2}/nowplaying/", policy=PUBLIC)
async def everything(now_playing: NowPlaying, addresses: Addresses, request: Request) -> Answer[list[dict[str, Any]]]:
    """Every public station."""
    base, host = addresses.base(request.scope), addresses.host(request.scope)
    return Answer(await now_playing.all(base=base, host=host), headers=CORS)


@get(f"{V2}/nowplaying/{{name}}/", policy=PUBLIC)
async def one(
    caller: Caller, name: str, now_playing: NowPlaying, addresses: Addresses, request: Request
) -> Answer[dict[str, Any]]:
    """One, by key or slug."""
    base, host = addresses.base(request.scope), addresses.host(request.scope)
    return Answer(await now_playing.of(caller, name[:64], base=base, host=host), headers=CORS)


@get(f"{V2}/nowplaying/{{name}}/events/", policy=PUBLIC_BYTES)
async def events(
    caller: Caller, name: str, now_playing: NowPlaying, addresses: Addresses, request: Request
) -> StreamingResponse:
    """The same as server-sent events: at once, and whenever it changes."""
    base, host = addresses.base(request.scope), addresses.host(request.scope)
    await now_playing.of(caller, name[:64], base=base, host=host)  # NotFound before anything is sent
    body = now_playing.follow(caller, name[:64], base=base, host=host)
    return StreamingResponse(body, media_type="text/event-stream", headers=CORS | {"cache-control": "no-store"})


def routes() -> list[Route]:
    return [everything, one, events]

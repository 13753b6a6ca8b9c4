"""Plex Media Server. Source: specs/monitor.md 4.12."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from polycast.core.net import Outbound
from polycast.monitor.providers.reading import listing, mapping, number, text
from polycast.monitor.sessions.model import SessionKind
from polycast.monitor.watch.polled import Seen, Viewing
from polycast.monitor.watch.state import Planned


class Plex:
    """One server; `key` is an `X-Plex-Token`."""

    def __init__(self, out: Outbound, url: str, *, key: str) -> None:
        self._out = out
        self._url = url
        self._headers = {"Accept": "application/json"} | ({"X-Plex-Token": key} if key else {})
        self._looks = 0
        self._planned: list[Planned] = []

    async def look(self) -> Seen:
        identity = mapping((await self._ask("/identity")).get("MediaContainer"))
        sessions = mapping((await self._ask("/status/sessions")).get("MediaContainer"))
        if self._looks % 60 == 0:
            found = mapping((await self._ask("/media/subscriptions/scheduled")).get("MediaContainer"))
            self._planned = [
                plan for one in listing(found.get("MediaGrabOperation")) if (plan := _planned(mapping(one)))
            ]
        self._looks += 1
        viewings = [_viewing(mapping(one)) for one in listing(sessions.get("Metadata"))]
        return Seen(
            version=text(identity.get("version"), 60),
            viewings=[one for one in viewings if one is not None],
            planned=self._planned,
        )

    async def _ask(self, path: str) -> Mapping[str, Any]:
        return mapping(await self._out.json("GET", self._url + path, type=Any, headers=self._headers))


def _viewing(one: Mapping[str, Any]) -> Viewing | None:
    key = text(one.get("sessionKey"), 100)
    if not key:
        return None
    player, user = mapping(one.get("Player")), mapping(one.get("User"))
    is_live = text(one.get("live")) == "1" or one.get("live") is True
    show, title = text(one.get("grandparentTitle")), text(one.get("title"))
    way = text(mapping(one.get("TranscodeSession")).get("videoDecision"), 40) or "direct play"
    return Viewing(
        key=key,
        kind=SessionKind.CHANNEL if is_live else SessionKind.VOD,
        title=f"{show} - {title}" if show and title else title or show,
        channel_name=text(one.get("channelTitle") or one.get("channelCallSign")) if is_live else "",
        channel_number=text(one.get("channelVcn"), 40) if is_live else "",
        device=text(player.get("title") or player.get("product")),
        user=text(user.get("title")),
        ip=text(player.get("address"), 64),
        source=way.capitalize(),
        file_id=text(one.get("ratingKey"), 60) or title,
        position=timedelta(milliseconds=max(0.0, min(number(one.get("viewOffset")), 1e12))),
    )


def _planned(one: Mapping[str, Any]) -> Planned | None:
    item = mapping(one.get("Metadata"))
    media = mapping(next(iter(listing(item.get("Media"))), None))
    begins, ends = number(media.get("beginsAt")), number(media.get("endsAt"))
    if not 0 < begins < 4e9 or not begins < ends < 4e9:
        return None
    return Planned(
        job_id=text(one.get("key") or item.get("ratingKey"), 200),
        title=text(item.get("title")) or "Untitled Recording",
        starts_at=datetime.fromtimestamp(begins, UTC),
        ends_at=datetime.fromtimestamp(ends, UTC),
        channel=text(media.get("channelTitle")) or "Unknown Channel",
    )

"""Tvheadend. Source: specs/monitor.md 4.12."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from polycast.core.net import Outbound
from polycast.monitor.providers.reading import listing, mapping, number, text
from polycast.monitor.sessions.model import SessionKind
from polycast.monitor.watch.polled import Seen, Viewing
from polycast.monitor.watch.state import NowRecording, Planned

DVR = "DVR: "


class Tvheadend:
    """One server; Basic sign-in with name and `key`."""

    def __init__(self, out: Outbound, url: str, *, username: str, key: str) -> None:
        self._out = out
        self._url = url
        pair = b64encode(f"{username}:{key}".encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}"} if username else {}

    async def look(self) -> Seen:
        info = await self._ask("/api/serverinfo")
        rows = [mapping(one) for one in listing((await self._ask("/api/status/subscriptions")).get("entries"))]
        plans = listing((await self._ask("/api/dvr/entry/grid_upcoming?limit=250")).get("entries"))
        inputs = listing((await self._ask("/api/status/inputs")).get("entries"))
        viewings = [_viewing(one) for one in rows if not text(one.get("title")).startswith(DVR)]
        recording = [one for one in rows if text(one.get("title")).startswith(DVR)]
        return Seen(
            version=text(info.get("sw_version"), 60),
            name=text(info.get("name")),
            viewings=[one for one in viewings if one is not None],
            recording=[
                NowRecording(title=text(one.get("title")).removeprefix(DVR), channel=text(one.get("channel")))
                for one in recording
            ],
            planned=[plan for one in plans if (plan := _planned(mapping(one))) is not None],
            details={text(mapping(one).get("input"), 80): _signal(mapping(one)) for one in inputs[:16]},
        )

    async def _ask(self, path: str) -> Mapping[str, Any]:
        return mapping(await self._out.json("GET", self._url + path, type=Any, headers=self._headers))


def _viewing(one: Mapping[str, Any]) -> Viewing | None:
    key, channel = text(one.get("id"), 100), text(one.get("channel"))
    if not key or not channel:
        return None
    return Viewing(
        key=key,
        kind=SessionKind.CHANNEL,
        channel_name=channel,
        device=text(one.get("client") or one.get("title")),
        user=text(one.get("username")),
        ip=text(one.get("hostname"), 64),
        source=text(one.get("service") or one.get("title"), 120),
    )


def _planned(one: Mapping[str, Any]) -> Planned | None:
    starts, ends = number(one.get("start")), number(one.get("stop"))
    if not 0 < starts < ends < 4e9:
        return None
    return Planned(
        job_id=text(one.get("uuid"), 200),
        title=text(one.get("disp_title")) or "Untitled Recording",
        starts_at=datetime.fromtimestamp(starts, UTC),
        ends_at=datetime.fromtimestamp(ends, UTC),
        channel=text(one.get("channelname")) or "Unknown Channel",
    )


def _signal(one: Mapping[str, Any]) -> str:
    return f"signal {number(one.get('signal')):g}, snr {number(one.get('snr')):g}, errors {number(one.get('te')):g}"

"""An Xtream Codes panel with one login, on a real loopback socket: `PANEL` answers `/player_api.php` of an `Upstream`."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.http_upstream import Answer, Asked, ok, status


class XtreamPanel:
    """What the panel would answer. Change its lists between requests."""

    def __init__(self, *, username: str = "user-canary", password: str = "pass-canary") -> None:
        self.username = username
        self.password = password
        self.user_info: dict[str, Any] = {
            "username": username,
            "password": password,
            "message": "Welcome",
            "auth": 1,
            "status": "Active",
            "exp_date": "1798761600",
            "is_trial": "0",
            "active_cons": "0",
            "created_at": "1700000000",
            "max_connections": "2",
            "allowed_output_formats": ["m3u8", "ts"],
        }
        self.categories: list[dict[str, Any]] = [
            {"category_id": "1", "category_name": "UK", "parent_id": 0},
            {"category_id": "2", "category_name": "Sport", "parent_id": 0},
        ]
        self.streams: list[dict[str, Any]] = [
            stream(11, "BBC One", "1", tv_archive=1, tv_archive_duration="7"),
            stream(12, "BBC Two", "1"),
            stream(21, "Sky Sport", "2", is_adult="0", num="5"),
        ]
        self.answers: dict[str, Answer] = {}  # by action ("" for none): instead of the good one
        self.actions: list[str] = []

    async def __call__(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        query = {key: values[0] for key, values in parse_qs(urlsplit(asked.path).query).items()}
        action = query.get("action", "")
        self.actions.append(action)
        if action in self.answers:
            await self.answers[action](asked, writer)
            return
        if (query.get("username"), query.get("password")) != (self.username, self.password):
            await status(512, b"{}")(asked, writer)
            return
        bodies: dict[str, Any] = {
            "": {
                "user_info": self.user_info,
                "server_info": {"url": "panel", "port": "80", "timezone": "Europe/London"},
            },
            "get_live_categories": self.categories,
            "get_live_streams": self.streams,
        }
        await ok(json.dumps(bodies.get(action, [])).encode(), "application/json")(asked, writer)


def stream(stream_id: int, name: str, category: str, **more: Any) -> dict[str, Any]:
    """An element of `get_live_streams` as panels send it."""
    return {
        "num": stream_id,
        "name": name,
        "stream_type": "live",
        "stream_id": stream_id,
        "stream_icon": f"http://logos.example.net/{stream_id}.png",
        "epg_channel_id": f"{name.replace(' ', '').lower()}.uk",
        "added": "1700000000",
        "category_id": category,
        "custom_sid": "",
        "tv_archive": 0,
        "direct_source": "",
        "tv_archive_duration": 0,
        **more,
    }

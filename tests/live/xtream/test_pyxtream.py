"""A client from PyPI lists the line-up and opens a channel, without being told anything but a login."""

import asyncio
from pathlib import Path
from typing import Any

import requests
from pyxtream import XTream

from tests.live.outputs.world import DEVICE_PASSWORD, World


def looked_around(url: str, cache: Path) -> tuple[Any, bytes]:
    """What the client has found, and the first bytes of the first channel."""
    client = XTream("Polycast", "anna", DEVICE_PASSWORD, url, cache_path=str(cache))
    client.load_iptv()
    with requests.get(client.channels[0].url, timeout=10, stream=True) as stream:
        return client, next(stream.iter_content(188))


class TestPyxtreamLooksAround:
    async def test_it_lists_and_opens_a_channel(self, world: World, tmp_path: Path) -> None:
        await world.user("anna")
        client, first = await asyncio.to_thread(looked_around, world.url, tmp_path)
        assert client.state["authenticated"] and client.state["loaded"]
        assert [channel.name for channel in client.channels][:2] == ["News", 'The "Quoted", One']
        assert {group.name for group in client.groups} >= {"US News", "Default Group"}
        assert client.movies == [] and client.series == []
        assert first[:1] == b"\x47"
        listings = (await asyncio.to_thread(client.liveEpgByStream, client.channels[0].id))["epg_listings"]
        assert listings[0]["title"] == "TW9ybmluZyAmIE1vcmU="

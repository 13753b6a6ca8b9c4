"""One DVR, one viewer, one notification: from the event stream to the destination."""

import json
from pathlib import Path

from tests.monitor.world import trust_inbox, until, world


class TestSomebodyTunesIn:
    async def test_a_session_appears_one_notification_is_sent_and_the_session_ends(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            await trust_inbox(here)
            key = here.dvr.watch("206", "ESPN", "Apple TV")
            await until(lambda: sessions(here, 1))
            assert (await here.dvr_get("/streams"))["subtitle"] == "Apple TV watching ESPN"
            await until(lambda: arrived(here, 1))
            here.dvr.stats(key)
            here.dvr.stop(key)
            await until(lambda: sessions(here, 0))
            assert await here.messages() == ["Watching ESPN on Apple TV"]
            [asked] = here.inbox.asked
        body = json.loads(asked.body)
        assert body["title"] == "Channels DVR - Watching TV"
        assert body["message"].splitlines() == [
            "📺 ESPN",
            "Channel: 206",
            "Program: SportsCenter",
            "Device: Apple TV",
            "Device IP: 192.168.1.45",
            "Source: PBS",
            "Total Streams: 1",
        ]


async def sessions(here: object, count: int) -> bool:
    return (await here.dvr_get("/health"))["session_state_size"] == count  # type: ignore[attr-defined]


async def arrived(here: object, count: int) -> bool:
    return len(here.inbox.asked) >= count  # type: ignore[attr-defined]

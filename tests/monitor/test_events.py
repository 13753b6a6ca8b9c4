"""The event stream, as `EventSource` and `sseclient` read it."""

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.monitor.world import World, world


async def read(here: World, path: str, wanted: str, **headers: str) -> tuple[str, dict[str, Any]]:
    """Id and body of the first event of the type `wanted`."""
    async with asyncio.timeout(60):
        async with here.server.session.get(here.server.url + path, headers=here.owner.headers | headers) as got:
            assert got.headers["content-type"].startswith("text/event-stream")
            fields: dict[str, str] = {}
            async for raw in got.content:
                name, _, value = raw.decode().rstrip("\n").partition(": ")
                fields[name] = value
                if not name and fields.get("event") == wanted:
                    return fields.get("id", ""), json.loads(fields["data"])
                fields = {} if not name else fields
    raise AssertionError("the stream ended")


class TestTheEventStream:
    async def test_a_session_is_told_as_it_happens_and_again_to_those_who_come_back(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            reading = asyncio.ensure_future(
                read(here, f"/api/v1/monitor/events?dvr_id={here.dvr_id}&types=session", "session.ended")
            )
            await asyncio.sleep(0)
            key = here.dvr.watch("206", "ESPN", "Apple TV")
            here.dvr.stop(key)
            _, again = await read(here, "/api/v1/monitor/events", "session.started", **{"Last-Event-ID": "1"})
            ended_id, body = await reading
            assert (again["device"], again["title"]) == ("Apple TV", "ESPN")
            assert (body["change"], body["dvr_id"], body["end_reason"]) == ("ended", here.dvr_id, "ended")
            assert int(ended_id) > 0
            wrong = await here.owner.get("/api/v1/monitor/events", headers={"Last-Event-ID": "x"})
            assert wrong.status == 422
            assert (await here.server.get("/api/v1/monitor/events")).status == 401

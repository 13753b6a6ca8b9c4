"""Running a server by this API: news, the log, backups, PINs."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from polycast.core.identity.scopes import Role
from tests.library.world import library, world
from tests.server import Client, running

QUIET = {"library__jellyfin_enabled": "false"}
PATIENCE = 60


class News:
    """What comes out of an event stream, one after the other."""

    def __init__(self, content: Any) -> None:
        self._content = content

    async def until(self, name: str) -> dict[str, Any]:
        """The data of the next event of that name."""
        async with asyncio.timeout(PATIENCE):
            while line := (await self._content.readline()).decode().strip("\r\n") or " ":
                if line == f"event: {name}":
                    data = (await self._content.readline()).decode()
                    found: dict[str, Any] = json.loads(data.removeprefix("data: "))
                    return found
        raise AssertionError("the stream has ended")


@asynccontextmanager
async def listening(client: Client, **headers: str) -> AsyncIterator[News]:
    async with client.session.get(f"{client.url}/v1/events", headers=client.headers | headers) as got:
        assert (got.status, got.content_type) == (200, "text/event-stream")
        await got.content.readline()
        yield News(got.content)


class TestNews:
    async def test_a_scan_is_followed_and_its_titles_are_told(self, tmp_path: Path) -> None:
        async with world(tmp_path, **QUIET) as here, listening(here.owner) as news:
            films = await library(here, "Films", "movie", here.films)
            assert (await news.until("library.updated"))["libraryId"] == films["id"]
            told = await news.until("item.updated")
            assert told["mediaType"] == "movie"
            assert len(told["mediaId"]) == 21

    async def test_nobody_hears_of_a_library_that_is_not_theirs(self, tmp_path: Path) -> None:
        async with world(tmp_path, **QUIET) as here, listening(here.member) as news:
            secret = await library(here, "Secret", "movie", here.films)
            shown = await library(here, "Shown", "tv", here.shows)
            me = (await here.member.get("/v1/users/me")).json()["id"]
            await here.owner.post(f"/v1/libraries/{shown['id']}/permissions", {"userId": me})
            await here.owner.patch(f"/v1/libraries/{secret['id']}", {"name": "Still secret"})
            await here.owner.patch(f"/v1/libraries/{shown['id']}", {"name": "Still shown"})
            assert (await news.until("library.updated"))["libraryId"] == shown["id"]

    async def test_nobody_else_hears_anything(self, tmp_path: Path) -> None:
        async with running(tmp_path, **QUIET) as server:
            assert (await server.get("/v1/events")).status == 401


class TestTheLog:
    async def test_is_searched_by_time_and_kind_and_words(self, tmp_path: Path) -> None:
        async with running(tmp_path, **QUIET) as server:
            owner = await server.client(Role.OWNER)
            await owner.post("/v1/invites", {"role": "member", "libraryIds": []})
            everything = (await owner.get("/v1/audit-logs")).json()
            assert everything["items"]
            later = (await owner.get("/v1/audit-logs?from=2100-01-01T00:00:00Z")).json()
            assert (later["items"], later["hasMore"]) == ([], False)
            earlier = (await owner.get("/v1/audit-logs?to=2000-01-01T00:00:00Z")).json()
            assert (earlier["items"], earlier["counts"]) == ([], {})
            page = (await owner.get("/v1/audit-logs?limit=1")).json()
            again = (await owner.get(f"/v1/audit-logs?limit=1&cursor={page['nextCursor']}")).json()
            assert page["items"][0]["id"] != again["items"][0]["id"]
            table = await owner.get("/v1/audit-logs/export.csv")
            assert table.headers["content-type"].startswith("text/csv")
            assert len(table.text().splitlines()) == len(everything["items"]) + 1
            assert (await (await server.client(Role.MEMBER)).get("/v1/audit-logs")).status == 403


class TestBackups:
    async def test_is_found_under_the_id_it_was_asked_by(self, tmp_path: Path) -> None:
        async with running(tmp_path, **QUIET) as server:
            owner = await server.client(Role.OWNER)
            asked = await owner.post("/v1/backups", {})
            assert asked.status == 202
            path = f"/v1/backups/{asked.json()['id']}"
            assert (await owner.get(path)).json()["status"] in ("pending", "running", "completed")
            await server.idle()
            made = (await owner.get(path)).json()
            assert made["status"] == "completed"
            listed = (await owner.get("/v1/backups")).json()["items"]
            assert [one["id"] for one in listed] == [made["filename"]]
            assert (await owner.post(f"{path}/verify")).json()["ok"]
            assert (await owner.get("/v1/backups/job-999999")).status == 404
            assert (await owner.delete(path)).status == 204
            assert (await owner.get(f"/v1/backups/{made['filename']}")).status == 404


class TestPins:
    async def test_five_wrong_ones_close_the_door_of_this_profile(self, tmp_path: Path) -> None:
        async with running(tmp_path, **QUIET) as server:
            member = await server.client(Role.MEMBER)
            kids, teens = [await _profile(member, name) for name in ("Kids", "Teens")]
            left = [(await _try(member, kids, "0000")).json()["attemptsLeft"] for _ in range(4)]
            assert left == [4, 3, 2, 1]
            assert (await _try(member, kids, "0000")).json() == {"valid": False, "attemptsLeft": 0}
            closed = await _try(member, kids, "4821")  # the right one, too late
            assert closed.status == 429
            assert 250 < int(closed.headers["retry-after"]) <= 300
            assert (await _try(member, teens, "4821")).json()["valid"]


async def _profile(member: Client, name: str) -> str:
    made = await member.post("/v1/parental-controls/profiles", {"name": name, "maxAge": 8, "pin": "4821"})
    assert made.status == 201, made.text()
    return str(made.json()["id"])


async def _try(member: Client, profile: str, pin: str) -> Any:
    return await member.post("/v1/parental-controls/pin/verify", {"profileId": profile, "pin": pin})

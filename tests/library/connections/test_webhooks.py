"""Other programs are told what happens here: signed, again when they were not there, and never a title twice."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from tests.fakes.json_service import JsonService, Question, Reply, serving
from tests.library.media import film, put
from tests.library.world import World, library, world

SECRET = "a-shared-secret"
QUIET = {"library__jellyfin_enabled": "false"}


class Listening(JsonService):
    """A program that takes webhooks; `bad` answers are refusals."""

    def __init__(self) -> None:
        super().__init__()
        self.bad = 0
        self.route("POST", "/hook", self._take)

    def _take(self, _: Question) -> Reply:
        self.bad -= 1
        return (503, {}) if self.bad >= 0 else (204, None)

    def told(self, event: str) -> list[dict[str, Any]]:
        return [json.loads(one.body) for one in self.questions if one.headers["x-polycast-event"] == event]


async def _add(here: World, there: Listening, *events: str) -> str:
    made = await here.owner.post(
        "/v1/webhooks", {"name": "Home", "url": f"{there.address}/hook", "secret": SECRET, "events": list(events)}
    )
    assert made.status == 201, made.text()
    assert SECRET not in made.text()
    return str(made.json()["id"])


class TestTelling:
    async def test_new_titles_are_told_once_and_signed(self, tmp_path: Path) -> None:
        async with serving(Listening()) as there, world(tmp_path, **QUIET) as here:
            films = await library(here, "Films", "movie", here.films)
            await _add(here, there, "item.added", "scan.completed")
            put(here.films, "Alien (1979)/Alien (1979).mkv", film(tone=611))
            for mode in ("quick", "full"):
                await here.owner.post(f"/v1/libraries/{films['id']}/scan", {"mode": mode})
                await here.server.idle()
            [news] = there.told("item.added")
            assert [(one["mediaType"], one["title"], one["year"]) for one in news["items"]] == [
                ("movie", "Alien", 1979)
            ]
            assert len(there.told("scan.completed")) == 2
            for one in there.questions:
                signed = hmac.digest(SECRET.encode(), one.body, hashlib.sha256).hex()
                assert one.headers["x-polycast-signature"] == f"sha256={signed}"

    async def test_a_test_tells_what_came_of_it(self, tmp_path: Path) -> None:
        async with serving(Listening()) as there, world(tmp_path, **QUIET) as here:
            hook = await _add(here, there, "scan.completed")
            there.bad = 1
            first = (await here.owner.post(f"/v1/webhooks/{hook}/test")).json()
            assert first == {"ok": False, "message": "It answered with status 503."}
            assert (await here.owner.post(f"/v1/webhooks/{hook}/test")).json()["ok"]

    async def test_a_switched_off_one_hears_nothing(self, tmp_path: Path) -> None:
        async with serving(Listening()) as there, world(tmp_path, **QUIET) as here:
            hook = await _add(here, there, "scan.completed")
            changed = (await here.owner.patch(f"/v1/webhooks/{hook}", {"enabled": False})).json()
            assert (changed["enabled"], changed["name"]) == (False, "Home")
            await library(here, "Films", "movie", here.films)
            assert there.questions == []
            assert (await here.owner.delete(f"/v1/webhooks/{hook}")).status == 204
            assert (await here.owner.post(f"/v1/webhooks/{hook}/test")).status == 404
            assert (await here.member.get("/v1/webhooks")).status == 403

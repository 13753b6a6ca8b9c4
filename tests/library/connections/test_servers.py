"""Radarr, Sonarr and Seerr: connected, asked, and believed when they tell us that something has arrived."""

import shutil
from pathlib import Path
from typing import Any

from tests.fakes.json_service import serving
from tests.fakes.seerr import KEY as SEERR_KEY
from tests.fakes.seerr import FakeSeerr
from tests.fakes.servarr import KEY, FakeServarr
from tests.library.media import film, put
from tests.library.world import World, library, world

QUIET = {"library__jellyfin_enabled": "false"}


async def _connect(here: World, kind: str, url: str, key: str, **more: Any) -> dict[str, Any]:
    path = "/v1/seerr/instances" if kind == "seerr" else f"/v1/integrations/{kind}/instances"
    made = await here.owner.post(path, {"name": kind, "baseUrl": url, "apiKey": key, **more})
    assert made.status == 201, made.text()
    assert key not in made.text()
    found: dict[str, Any] = made.json()
    return found


class TestConnectingRadarr:
    async def test_it_tells_what_titles_can_be_added_with(self, tmp_path: Path) -> None:
        async with serving(FakeServarr("Radarr")) as fake, world(tmp_path, **QUIET) as here:
            server = await _connect(here, "radarr", fake.address, KEY)
            path = f"/v1/integrations/radarr/instances/{server['id']}"
            tested = (await here.owner.post(f"{path}/test")).json()
            assert (tested["ok"], tested["version"]) == (True, "5.14.0.9383")
            options = (await here.owner.get(f"{path}/options")).json()
            assert options["qualityProfiles"] == [{"id": 4, "name": "HD-1080p"}]
            assert options["rootFolders"][0]["path"] == "/movies"
            [shown] = (await here.owner.get("/v1/integrations/radarr/instances")).json()["items"]
            assert (shown["status"], shown["version"]) == ("ok", "5.14.0.9383")
            assert (await here.member.get("/v1/integrations/radarr/instances")).status == 403

    async def test_a_wrong_key_and_a_wrong_program_are_told(self, tmp_path: Path) -> None:
        async with serving(FakeServarr("Sonarr")) as fake, world(tmp_path, **QUIET) as here:
            for key, words in (("wrong", "Radarr does not take the key."), (KEY, "This is no Radarr server.")):
                server = await _connect(here, "radarr", fake.address, key)
                tested = (await here.owner.post(f"/v1/integrations/radarr/instances/{server['id']}/test")).json()
                assert (tested["ok"], tested["message"]) == (False, words)

    async def test_a_title_that_is_not_here_is_fetched_by_it(self, tmp_path: Path) -> None:
        async with serving(FakeServarr("Radarr")) as fake, world(tmp_path, **QUIET) as here:
            asked = {"mediaType": "movie", "tmdbId": 550, "via": "arr"}
            assert (await here.owner.post("/v1/discover/request", asked)).status == 409  # no server yet
            await _connect(here, "radarr", fake.address, KEY, rootFolder="/movies", qualityProfileId=4)
            made = await here.owner.post("/v1/discover/request", asked)
            assert (made.status, made.json()["title"]) == (202, "Fight Club")
            [added] = fake.added
            assert (added["qualityProfileId"], added["rootFolderPath"], added["addOptions"]) == (
                4, "/movies", {"searchForMovie": True},
            )  # fmt: skip
            assert (await here.owner.post("/v1/discover/request", asked)).status == 409  # it has it now
            assert (await here.member.post("/v1/discover/request", asked)).status == 403


class TestWhatRadarrTells:
    async def test_an_imported_film_is_seen_at_once(self, tmp_path: Path) -> None:
        async with world(tmp_path, **QUIET) as here:
            await library(here, "Films", "movie", here.films)
            mapping = [{"remote": "/movies", "local": str(here.films)}]
            server = await _connect(here, "radarr", "http://127.0.0.1:9", KEY, pathMappings=mapping)
            put(here.films, "Alien (1979)/Alien (1979).mkv", film(tone=610))
            told = {
                "eventType": "Download", "instanceName": "Radarr", "isUpgrade": False,
                "movie": {"id": 1, "title": "Alien", "year": 1979, "folderPath": "/movies/Alien (1979)", "tmdbId": 348},
                "movieFile": {"id": 1, "relativePath": "Alien (1979).mkv", "path": "/movies/Alien (1979)/Alien (1979).mkv"},
            }  # fmt: skip
            answer = await here.server.post(server["webhookPath"], told)
            assert (answer.status, answer.json()["folders"]) == (200, 1)
            await here.server.idle()
            found = (await here.owner.get("/v1/movies?search=alien")).json()["items"]
            assert [(one["title"], one["year"]) for one in found] == [("Alien", 1979)]
            shutil.rmtree(here.films / "Alien (1979)")
            await here.server.post(server["webhookPath"], told | {"eventType": "MovieDelete"})
            await here.server.idle()
            assert not (await here.owner.get("/v1/movies?search=alien")).json()["items"]
            [shown] = (await here.owner.get("/v1/integrations/radarr/instances")).json()["items"]
            assert shown["lastEvent"] == "MovieDelete"

    async def test_a_word_that_nobody_has_is_not_found(self, tmp_path: Path) -> None:
        async with world(tmp_path, **QUIET) as here:
            answer = await here.server.post("/v1/integrations/webhooks/radarr/guess", {"eventType": "Test"})
            assert (answer.status, answer.json()["error"]) == (404, "Not found")


class TestSeerr:
    async def test_requests_are_read_and_made_and_taken_back(self, tmp_path: Path) -> None:
        async with serving(FakeSeerr()) as fake, world(tmp_path, **QUIET) as here:
            server = await _connect(here, "seerr", fake.address, SEERR_KEY)
            base = f"/v1/seerr/instances/{server['id']}"
            assert (await here.owner.post(f"{base}/test")).json()["version"] == "2.7.3"
            assert (await here.owner.post(f"{base}/sync")).json() == {"requests": 2}
            page = (await here.owner.get("/v1/seerr/wanted")).json()
            assert [(one["title"], one["status"], one["requestedBy"]) for one in page["items"]] == [
                ("Breaking Bad", "pending", "grace"), ("Fight Club", "available", "ada"),
            ]  # fmt: skip
            assert page["counts"] == {"pending": 1, "approved": 0, "available": 1, "declined": 0, "failed": 0}
            made = await here.member.post("/v1/seerr/requests", {"mediaType": "movie", "tmdbId": 949})
            assert (made.status, made.json()["title"], made.json()["status"]) == (201, "Heat", "pending")
            news = {
                "notification_type": "MEDIA_APPROVED",
                "subject": "Heat",
                "request": {"request_id": str(made.json()["requestId"])},
            }
            assert (await here.server.post(server["webhookPath"], news)).status == 200
            [heat] = (await here.owner.get("/v1/seerr/wanted?status=approved")).json()["items"]
            assert heat["id"] == made.json()["id"]
            assert (await here.owner.delete(f"/v1/seerr/requests/{heat['id']}")).status == 204
            assert [one["id"] for one in fake.requests] == [1, 2]
            again = await here.member.post("/v1/seerr/requests", {"mediaType": "movie", "tmdbId": 550})
            assert again.status == 409

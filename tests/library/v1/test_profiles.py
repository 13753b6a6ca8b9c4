"""A managed profile sees nothing that its rule forbids, on any route, and manages nothing."""

import re
from pathlib import Path
from typing import Any

from polycast.core.identity.scopes import Role
from tests.library.world import World, library, world
from tests.server import PASSWORD, Client

NFO = """<movie><title>{title}</title><year>{year}</year><mpaa>{rating}</mpaa><genre>Drama</genre>
<actor><name>Forbidden Star</name><role>Herself</role></actor></movie>"""


async def _signed_in(here: World, name: str) -> Client:
    """Somebody with a session, as profiles need one."""
    answer = await here.server.post("/api/auth/sign-in/email", {"email": name, "password": PASSWORD})
    token = answer.json()["token"]
    return Client(here.server.url, here.server.session, {"Authorization": f"Bearer {token}"})


async def _family(here: World) -> tuple[Client, dict[str, Any]]:
    """The owner's session, acting as a child that may see what is for eight."""
    for title, year, rating in (("Heat", 1995, "R"), ("Up", 2009, "PG")):
        folder = here.films / f"{title} ({year})"
        (folder / "movie.nfo").write_text(NFO.format(title=title, year=year, rating=rating), "utf-8")
    await library(here, "Films", "movie", here.films)
    owner = await _signed_in(here, "owner")
    made = await owner.post(
        "/v1/parental-controls/profiles", {"name": "Kids", "maxAge": 8, "blockUnrated": True, "kidsUi": True}
    )
    assert made.status == 201, made.text()
    await owner.post("/v1/parental-controls/pin", {"profileId": None, "pin": "4821"})
    switched = await owner.post("/v1/parental-controls/switch-profile", {"profileId": made.json()["id"]})
    assert switched.status == 200, switched.text()
    return owner, made.json()


class TestAChildsProfile:
    async def test_no_route_tells_of_a_forbidden_title(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            child, profile = await _family(here)
            seen = {one["title"]: one["id"] for one in (await here.owner.get("/v1/movies")).json()["items"]}
            assert sorted(seen) == ["Brazil", "Heat", "Up"]
            document = (await here.server.get("/v1/openapi.json")).json()
            forbidden = {seen["Heat"], seen["Brazil"], "Forbidden Star"} - {None}
            walked = 0
            for template, methods in document["paths"].items():
                if "get" not in methods or template.startswith(("/v1/speedtest", "/v1/migration", "/v1/events")):
                    continue
                path = re.sub(r"\{movie_id\}|\{media_id\}", seen["Heat"], template)
                path = path.replace("{media_type}", "movie")
                path = re.sub(r"\{\w+\}", "1", path)
                if template.startswith("/v1/search"):
                    path += "?q=heat"
                answer = await here.server.session.get(here.server.url + path, headers=child.headers)
                body = (await answer.read()).decode("utf-8", "replace")
                walked += 1
                if walked % 60 == 0:  # a hundred a minute are allowed to one session
                    child = await _signed_in(here, "owner")
                    await child.post("/v1/parental-controls/switch-profile", {"profileId": profile["id"]})
                assert answer.status != 429, path
                assert not [one for one in forbidden if str(one) in body], path
            assert walked > 60
            shown = [one["title"] for one in (await child.get("/v1/movies")).json()["items"]]
            assert shown == ["Up"]

    async def test_it_manages_nothing_whatever_the_account_may(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            child, _ = await _family(here)
            for path in ("/v1/admin/dashboard", "/v1/jobs", "/v1/audit-logs", "/v1/settings"):
                assert (await child.get(path)).status == 403, path
            refused = await child.post("/v1/parental-controls/profiles", {"name": "More"})
            assert (refused.status, refused.json()["error"]) == (403, "A managed profile may not do this")

    async def test_a_session_says_which_one_it_acts_as(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            child, profile = await _family(here)
            parent = await _signed_in(here, "owner")
            path = "/v1/parental-controls/profiles"
            as_child, as_parent = [(await who.get(path)).json()["items"] for who in (child, parent)]
            assert [(one["id"], one["isActive"]) for one in as_child] == [(profile["id"], True)]
            assert [(one["id"], one["isActive"]) for one in as_parent] == [(profile["id"], False)]
            assert profile["isActive"] is False

    async def test_it_is_left_with_the_pin_only(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            child, _ = await _family(here)
            path = "/v1/parental-controls/switch-profile"
            assert (await child.post(path, {"profileId": None})).status == 403
            assert (await child.post(path, {"profileId": None, "pin": "0000"})).status == 403
            assert (await child.post(path, {"profileId": None, "pin": "4821"})).status == 200
            assert len((await child.get("/v1/movies")).json()["items"]) == 3

    async def test_single_titles_may_be_excepted(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            child, profile = await _family(here)
            parent = await _signed_in(here, "owner")
            ids = {one["title"]: one["id"] for one in (await here.owner.get("/v1/movies")).json()["items"]}
            rule = f"/v1/parental-controls/profiles/{profile['id']}/restrictions/movie"
            assert (await parent.put(f"{rule}/{ids['Heat']}", {"action": "allow"})).status == 200
            assert (await parent.put(f"{rule}/{ids['Up']}", {"action": "block"})).status == 200
            assert [one["title"] for one in (await child.get("/v1/movies")).json()["items"]] == ["Heat"]
            assert (await child.get(f"/v1/movies/{ids['Up']}")).status == 404


class TestALibraryWithoutAGrant:
    async def test_is_not_there(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            found = await library(here, "Films", "movie", here.films)
            ids = [one["id"] for one in (await here.owner.get("/v1/movies")).json()["items"]]
            assert (await here.member.get("/v1/libraries")).json()["items"] == []
            assert (await here.member.get(f"/v1/libraries/{found['id']}")).status == 404
            assert (await here.member.get(f"/v1/movies/{ids[0]}")).status == 404
            assert (await here.member.get("/v1/search?q=heat")).json()["items"] == []
            members = (await here.owner.get("/v1/admin/users")).json()["items"]
            member = next(one["id"] for one in members if one["name"] == "member")
            granted = await here.owner.post(f"/v1/libraries/{found['id']}/permissions", {"userId": member})
            assert granted.status == 201
            assert (await here.member.get(f"/v1/movies/{ids[0]}")).status == 200
            assert len((await here.member.get("/v1/search?q=heat")).json()["items"]) == 1
            await here.owner.delete(f"/v1/libraries/{found['id']}/permissions/{member}")
            assert (await here.member.get(f"/v1/movies/{ids[0]}")).status == 404

    async def test_radio_tenants_have_no_part_in_it(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            tenant = await here.server.client(Role.BROADCASTER)
            assert (await tenant.get("/v1/libraries")).status == 403

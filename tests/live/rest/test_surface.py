"""The reference as a whole: index, documents, pages, and what is not built yet."""

import pytest
from openapi_spec_validator import validate

from polycast.core.backups import Kind, Making, Shelf
from polycast.core.identity.scopes import Role
from tests.live.rest.world import World
from tests.server import boot_of

MODULES = {"accounts", "channels", "epg", "m3u", "core", "hdhr", "vod", "catchup", "backups", "connect", "plugins"}
BARE = ["channels/recordings/", "channels/recurring-rules/", "vod/categories/", "hdhr/devices/", "backups/"]
PAGED = [
    "vod/movies/",
    "vod/series/",
    "vod/episodes/",
    "vod/vodlogos/",
    "connect/integrations/",
    "connect/subscriptions/",
    "connect/logs/",
    "plugins/repos/",
]
OBJECTS = {
    "channels/series-rules/": {"rules": []},
    "channels/dvr/comskip-config/": {"path": "", "exists": False},
    "vod/all/": {"count": 0, "next": False, "previous": False, "results": []},
    "plugins/plugins/": {"plugins": []},
    "plugins/repos/settings/": {"refresh_interval_hours": 6},
}
UNBUILT = [
    ("POST", "channels/recordings/"),
    ("DELETE", "channels/recordings/3/"),
    ("POST", "channels/recordings/3/stop/"),
    ("POST", "channels/recordings/bulk-delete-upcoming/"),
    ("PUT", "channels/recurring-rules/3/"),
    ("POST", "channels/series-rules/"),
    ("DELETE", "channels/series-rules/"),
    ("DELETE", "channels/series-rules/bbc.uk/"),
    ("POST", "channels/series-rules/evaluate/"),
    ("POST", "vod/vodlogos/cleanup/"),
    ("POST", "catchup/sessions/"),
    ("DELETE", "catchup/sessions/abc/"),
    ("POST", "connect/integrations/"),
    ("PUT", "connect/integrations/1/subscriptions/set/"),
    ("POST", "plugins/plugins/weather/run/"),
    ("POST", "plugins/repos/install/"),
]


class TestTheIndex:
    async def test_names_every_module(self, world: World) -> None:
        got = (await world.client().get("/api/")).json()
        assert set(got) >= MODULES
        assert got["core"] == "http://testserver/api/core/"

    async def test_is_found_without_a_slash(self, world: World) -> None:
        got = await world.client().get("/api")
        assert (got.status_code, got.headers["location"]) == (301, "/api/")

    async def test_of_a_module_names_its_lists(self, world: World) -> None:
        got = (await (await world.signed_in()).get("/api/core/")).json()
        assert got["useragents"] == "http://testserver/api/core/useragents/"

    # The original answers its page with 200 here, and clients choke on the HTML.
    async def test_does_not_know_other_paths(self, world: World) -> None:
        for path in ("/api/nothing/", "/api/core/nothing/", "/api/core/useragents/abc/"):
            got = await (await world.signed_in()).get(path)
            assert (got.status_code, got.json()) == (404, {"detail": "Not found."})


class TestTheDocument:
    @pytest.mark.parametrize("path", ["/api/schema/", "/api/swagger.json"])
    async def test_is_valid_openapi_3_0(self, world: World, path: str) -> None:
        got = await world.client().get(path)
        document = got.json()
        validate(document)
        assert document["openapi"].startswith("3.0.")
        assert {"jwtAuth", "ApiKeyAuth"} <= set(document["components"]["securitySchemes"])
        assert "/api/m3u/accounts/{account_id}/" in document["paths"]

    async def test_has_examples_for_every_body(self, world: World) -> None:
        paths = (await world.client().get("/api/schema/")).json()["paths"]
        parts = [
            (path, part)
            for path, methods in paths.items()
            for operation in methods.values()
            for part in [
                operation.get("requestBody", {}),
                *(answer for status, answer in operation["responses"].items() if status.startswith("2")),
            ]
        ]
        bodies = [(path, media) for path, part in parts for media in part.get("content", {}).values()]
        assert len(bodies) > 100
        assert [path for path, media in bodies if "example" not in media] == []

    async def test_comes_as_yaml_too(self, world: World) -> None:
        for path, headers in (("/api/schema/?format=yaml", {}), ("/api/schema/", {"accept": "application/yaml"})):
            got = await world.client().get(path, headers=headers)
            assert got.headers["content-type"].startswith("application/yaml")
            assert got.text.startswith("openapi:")

    @pytest.mark.parametrize("path", ["/api/swagger/", "/api/redoc/"])
    async def test_is_shown_by_pages_that_load_only_what_is_ours(self, world: World, path: str) -> None:
        got = await world.client().get(path)
        assert (got.status_code, got.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "http" not in got.text.replace("http-equiv", "")
        assert "script-src 'self'" in got.headers["content-security-policy"]
        asset = await world.client().get("/api/swagger/reference.js")
        assert asset.status_code == 200

    async def test_is_found_at_the_old_places(self, world: World) -> None:
        got = await world.client().get("/swagger")
        assert (got.status_code, got.headers["location"]) == (301, "/api/swagger/")
        got = await world.client().get("/redoc")
        assert (got.status_code, got.headers["location"]) == (301, "/api/redoc/")


class TestWhatIsNotBuiltYet:
    @pytest.mark.parametrize("path", BARE)
    async def test_is_a_bare_list_of_nothing(self, world: World, path: str) -> None:
        owner = await world.signed_in()
        assert (await owner.get(f"/api/{path}")).json() == []
        nothing: dict[str, object] = {"count": 0, "next": None, "previous": None, "results": []}
        assert (await owner.get(f"/api/{path}?page=1")).json() == nothing

    @pytest.mark.parametrize("path", PAGED)
    async def test_is_a_page_of_nothing(self, world: World, path: str) -> None:
        got = await (await world.signed_in()).get(f"/api/{path}")
        assert got.json() == {"count": 0, "next": None, "previous": None, "results": []}

    @pytest.mark.parametrize("path", sorted(OBJECTS))
    async def test_is_an_object_around_nothing(self, world: World, path: str) -> None:
        assert (await (await world.signed_in()).get(f"/api/{path}")).json() == OBJECTS[path]

    @pytest.mark.parametrize(("method", "path"), UNBUILT)
    async def test_says_so_when_it_should_change(self, world: World, method: str, path: str) -> None:
        got = await (await world.signed_in()).request(method, f"/api/{path}", json={})
        assert (got.status_code, list(got.json())) == (501, ["detail"])

    async def test_has_no_single_rows(self, world: World) -> None:
        owner = await world.signed_in()
        for path in (
            "channels/recordings/1/",
            "channels/recordings/1/file/",
            "vod/movies/1/",
            "vod/series/2/episodes/",
        ):
            got = await owner.get(f"/api/{path}")
            assert (got.status_code, got.json()) == (404, {"detail": "Not found."})


class TestBackups:
    async def test_are_made_in_the_background_and_watched_with_a_token(self, world: World) -> None:
        owner = await world.signed_in()
        begun = (await owner.post("/api/backups/create/")).json()
        status = f"/api/backups/status/{begun['task_id']}/"
        assert (await world.client().get(f"{status}?token={begun['task_token']}")).json() == {"state": "pending"}
        assert (await owner.get(status)).json() == {"state": "pending"}
        assert (await world.client().get(status)).status_code == 401
        assert (await world.client().get(f"{status}?token=x")).status_code == 401
        assert (await (await world.signed_in(Role.MEMBER)).get(status)).status_code == 403
        other = f"/api/backups/status/9999/?token={begun['task_token']}"
        assert (await world.client().get(other)).status_code == 401

    async def test_are_listed_fetched_brought_back_and_removed(self, world: World) -> None:
        owner = await world.signed_in()
        boot = boot_of(world.core.data_dir)
        await world.core.db.read(
            lambda unit: Shelf(boot.saved).make(Making(kind=Kind.MANUAL, at=world.core.clock.now()))
        )
        [row] = (await owner.get("/api/backups/")).json()
        assert set(row) == {"name", "size", "created"}
        assert row["name"].startswith("polycast-live-backup-")
        root = f"/api/backups/{row['name']}/"
        token = (await owner.get(f"{root}download-token/")).json()["token"]
        fetched = await world.client().get(f"{root}download/?token={token}")
        assert (fetched.status_code, fetched.content[:2]) == (200, b"PK")
        assert len(fetched.content) == row["size"]
        assert (await world.client().get(f"{root}download/")).status_code == 401
        assert (await owner.delete(f"{root}delete/")).status_code == 204
        assert (await owner.get("/api/backups/")).json() == []
        theirs = row["name"].replace("polycast-live-", "dispatcharr-")
        got = await owner.upload("/api/backups/upload/", file=(theirs, fetched.content, "application/zip"))
        assert (got.status_code, got.json()["filename"]) == (201, row["name"])
        got = await owner.upload("/api/backups/upload/", file=("x.zip", b"no archive", "application/zip"))
        assert got.status_code == 400

    async def test_have_one_schedule(self, world: World) -> None:
        owner = await world.signed_in()
        seen = (await owner.get("/api/backups/schedule/")).json()
        assert seen == {
            "enabled": True,
            "frequency": "daily",
            "time": "03:00",
            "day_of_week": 0,
            "retention_count": 3,
            "cron_expression": "",
        }
        sent = {"frequency": "weekly", "day_of_week": 2, "time": "04:30", "retention_count": 5}
        got = await owner.put("/api/backups/schedule/update/", json=sent)
        assert got.json() == seen | sent
        assert world.core.settings.core.backup.cron == "30 4 * * 2"
        assert world.core.settings.core.backup.keep == 5
        got = await owner.put("/api/backups/schedule/update/", json={"cron_expression": "often"})
        assert (got.status_code, list(got.json())) == (400, ["cron_expression"])

    async def test_are_not_for_everybody(self, world: World) -> None:
        member = await world.signed_in(Role.MEMBER)
        assert (await member.get("/api/backups/")).status_code == 403
        assert (await member.post("/api/backups/create/")).status_code == 403

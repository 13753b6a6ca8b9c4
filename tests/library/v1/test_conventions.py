"""What holds for every route of the API: shapes of refusals, pages, rates."""

import io
from pathlib import Path
from typing import Any

import pytest

from tests.library.world import library, world


def _bare(body: dict[str, Any]) -> dict[str, Any]:
    """A refusal without the id of its request."""
    assert len(body.pop("requestId")) == 21
    return body


class TestRefusals:
    async def test_have_their_shapes(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            nobody = await here.server.get("/v1/movies")
            assert (nobody.status, _bare(nobody.json())) == (401, {"error": "Unauthorized"})
            forbidden = await here.member.get("/v1/admin/dashboard")
            assert (forbidden.status, _bare(forbidden.json())) == (403, {"error": "Forbidden"})
            for path in ("/v1/movies/nothing", "/v1/shows/a/seasons/x", "/v1/nowhere"):
                missing = await here.owner.get(path)
                assert (missing.status, _bare(missing.json())) == (404, {"error": "Not found"})
            method = await here.owner.put("/v1/libraries")
            assert (method.status, _bare(method.json())) == (405, {"error": "Method not allowed"})
            broken = await here.owner.ask(
                "POST", "/v1/libraries", data=b"{", headers={"content-type": "application/json"}
            )
            assert (broken.status, _bare(broken.json())) == (400, {"error": "Invalid JSON"})
            other = await here.owner.ask("POST", "/v1/libraries", data=b"x", headers={"content-type": "text/plain"})
            assert other.status == 415

    async def test_name_every_field_that_is_wrong(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            sent = {"name": "", "type": "films", "paths": ["/nowhere/at/all"], "country": "usa"}
            answer = await here.owner.post("/v1/libraries", sent)
            assert answer.status == 422
            told = _bare(answer.json())
            assert told["error"] == "Validation error"
            assert [one["path"] for one in told["details"]] == ["name", "type", "country"]
            answer = await here.owner.post(
                "/v1/libraries", {"name": "x", "type": "movie", "paths": ["/nowhere/at/all"]}
            )
            assert _bare(answer.json()) == {
                "error": "Validation error",
                "details": [{"path": "paths.0", "message": "Path does not exist or is not readable"}],
            }

    async def test_bodies_of_more_than_a_mebibyte_are_too_large(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            body = b'{"name":"' + b"x" * (1024 * 1024 - 10) + b'"}'
            assert len(body) == 1024 * 1024 + 1
            answer = await here.owner.ask(
                "POST", "/v1/libraries", data=io.BytesIO(body), headers={"content-type": "application/json"}
            )
            assert (answer.status, _bare(answer.json())) == (413, {"error": "Request body too large"})

    async def test_the_hundred_and_first_request_has_to_wait(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            statuses = [(await here.member.get("/v1/watchlist")).status for _ in range(100)]
            assert set(statuses) == {200}
            # The bucket refills while we ask, so that the end comes a few requests later than at a stroke.
            refused = None
            for _ in range(200):
                refused = await here.member.get("/v1/watchlist")
                if refused.status == 429:
                    break
            assert refused is not None
            assert (refused.status, _bare(refused.json())) == (429, {"error": "Rate limit exceeded"})
            assert int(refused.headers["retry-after"]) >= 1
            assert (await here.server.get("/v1/health")).status == 200

    async def test_a_fourth_speed_test_has_to_wait(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            path = "/v1/speedtest/download?bytes=2000"
            sizes = [len((await here.member.get(path)).body) for _ in range(3)]
            assert sizes == [2000, 2000, 2000]
            assert (await here.member.get(path)).status == 429


class TestPages:
    @pytest.mark.parametrize("limit", ["0", "101", "x"])
    async def test_limits_out_of_range_are_refused(self, tmp_path: Path, limit: str) -> None:
        async with world(tmp_path) as here:
            answer = await here.owner.get(f"/v1/movies?limit={limit}")
            assert answer.status == 422
            assert [one["path"] for one in answer.json()["details"]] == ["limit"]

    async def test_cursors_go_through_everything_once_in_every_order(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            await library(here, "Films", "movie", here.films)
            for sort in ("title", "year", "releaseDate", "addedAt", "rating", "runtime", "random", "fileSize", "bitrate",
                         "lastPlayedAt"):  # fmt: skip
                for order in ("asc", "desc"):
                    path, seen, cursor = f"/v1/movies?limit=1&sort={sort}&order={order}", [], ""
                    for _ in range(3):
                        page = (await here.owner.get(path + (f"&cursor={cursor}" if cursor else ""))).json()
                        seen += [one["title"] for one in page["items"]]
                        cursor = page["nextCursor"]
                    assert (sorted(seen), cursor, page["hasMore"]) == (["Brazil", "Heat", "Up"], None, False), sort

    async def test_a_cursor_is_good_for_its_own_list_only(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            await library(here, "Films", "movie", here.films)
            page = (await here.owner.get("/v1/movies?limit=1&includeTotal=true")).json()
            assert page["total"] == 3
            cursor = page["nextCursor"]
            for path in (f"/v1/movies?limit=1&sort=year&cursor={cursor}", f"/v1/movies?cursor={cursor[:-2]}AA"):
                answer = await here.owner.get(path)
                assert (answer.status, _bare(answer.json())) == (400, {"error": "Invalid cursor"})


class TestTheDocument:
    async def test_has_every_route_that_the_reference_names(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            document = (await here.server.get("/v1/openapi.json")).json()
            assert document["openapi"].startswith("3.1")
            have = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
            wanted = (Path(__file__).parent / "reference_routes.txt").read_text("utf-8").split("\n")
            assert [one for one in wanted if one and one not in have] == []
            assert (await here.server.get("/docs")).headers["content-type"].startswith("text/html")

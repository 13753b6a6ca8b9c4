"""Collections by hand and by rules, and what people mean to see."""

from pathlib import Path

from tests.library.world import library, world


class TestCollections:
    async def test_by_hand_and_by_rules(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            await library(here, "Films", "movie", here.films)
            ids = {one["title"]: one["id"] for one in (await here.owner.get("/v1/movies")).json()["items"]}
            made = (await here.owner.post("/v1/collections", {"name": "Mine"})).json()
            path = f"/v1/collections/{made['id']}"
            item = {"mediaType": "movie", "mediaId": ids["Heat"]}
            first = await here.owner.post(f"{path}/items", item)
            again = await here.owner.post(f"{path}/items", item)
            assert (first.status, first.json(), again.status, again.json()) == (
                201,
                {"added": True},
                200,
                {"added": False},
            )
            batch = {
                "items": [{"mediaType": "movie", "mediaId": ids["Up"]}, {"mediaType": "movie", "mediaId": "nothing"}]
            }
            told = (await here.owner.post(f"{path}/items/batch", batch)).json()
            assert told == {"added": 1, "skipped": 0, "errors": [{"index": 1, "error": "Not found"}]}
            order = {"items": [{"mediaType": "movie", "mediaId": ids["Up"]}]}
            assert (await here.owner.put(f"{path}/items/order", order)).json() == {"updated": 1}
            shown = (await here.owner.get(f"{path}/items")).json()["items"]
            assert [one["title"] for one in shown] == ["Up", "Heat"]
            rules = [{"field": "year", "operator": "between", "value": [1980, 1999]}]
            preview = (await here.owner.post("/v1/collections/preview-rules", {"rules": rules})).json()
            assert (preview["count"], len(preview["sample"])) == (2, 2)
            auto = await here.owner.post("/v1/collections", {"name": "Old", "type": "auto", "rules": rules})
            assert (auto.status, auto.json()["itemCount"]) == (201, 2)
            refused = await here.owner.post(f"/v1/collections/{auto.json()['id']}/items", item)
            assert refused.status == 400
            assert (await here.owner.post("/v1/collections", {"name": "Old"})).status == 409
            wrong = await here.owner.post("/v1/collections/preview-rules", {"rules": [{"field": "x"}]})
            assert [one["path"] for one in wrong.json()["details"]] == ["rules.0.field"]

    async def test_those_that_are_always_there_stay(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            listed = (await here.owner.get("/v1/collections")).json()["items"]
            assert [one["name"] for one in listed] == ["Continue watching", "Recently added"]
            assert (await here.owner.delete(f"/v1/collections/{listed[0]['id']}")).status == 403
            assert (await here.member.post("/v1/collections", {"name": "x", "visibility": "server"})).status == 403


class TestTheWatchlist:
    async def test_lists_a_title_once(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            await library(here, "Films", "movie", here.films)
            heat = (await here.owner.get("/v1/movies?search=heat")).json()["items"][0]["id"]
            sent = {"mediaType": "movie", "mediaId": heat}
            made = await here.owner.post("/v1/watchlist", sent)
            assert (made.status, made.json()["available"]) == (201, True)
            assert (await here.owner.post("/v1/watchlist", sent)).status == 409
            assert (await here.owner.get(f"/v1/movies/{heat}")).json()["userState"]["inWatchlist"] is True
            assert (await here.member.get("/v1/watchlist")).json()["items"] == []
            entry = f"/v1/watchlist/{made.json()['id']}"
            assert (await here.member.delete(entry)).status == 404
            assert (await here.owner.delete(entry)).status == 204

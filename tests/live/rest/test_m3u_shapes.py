"""`/api/m3u/`: an account as a whole, who may ask, and what is not there."""

from pathlib import Path

import msgspec
import pytest

from polycast.core.identity.scopes import Role
from polycast.live.dialects.rest import m3u, m3u_parts, m3u_trial
from polycast.live.sources.accounts.store import AccountStore
from polycast.live.sources.model import RefreshAccount, Status
from tests.fakes.clock import FakeClock
from tests.fakes.runs import DirectRun
from tests.live.rest.world import World, opened
from tests.live.sources.world import playlist

ACCOUNTS = "/api/m3u/accounts/"
GOLDEN = Path(__file__).with_name("golden_m3u_account.json")
ROUTES = [(route.method, route.path) for part in (m3u, m3u_parts, m3u_trial) for route in part.routes()]
IDS = {"account_id": "1", "profile_id": "1", "filter_id": "1", "group_id": "1"}
SIGNED_OUT = {"detail": "Authentication credentials were not provided."}
NOT_ALLOWED = {"detail": "You do not have permission to perform this action."}
# For each method a body that says nothing wrong, so that only the missing row can be complained about.
FULL = {"name": "X", "search_pattern": "a", "replace_pattern": "b", "filter_type": "name", "regex_pattern": "x"}


def filled(path: str, key: str) -> str:
    return path.format(**dict.fromkeys(IDS, key))


class TestAnAccountWithEverything:
    async def test_is_spelled_as_ever(self, tmp_path: Path) -> None:
        async with opened(tmp_path, clock=FakeClock()) as world:
            owner = await world.signed_in()
            watched = world.core.data_dir / "m3us"
            watched.mkdir()
            (watched / "list.m3u").write_text(playlist("One", "Two"))
            sent = {
                "name": "List",
                "account_type": "FILE",
                "file_path": "m3us/list.m3u",
                "max_streams": 2,
                "exp_date": "2027-01-01T00:00:00Z",
                "refresh_interval": 24,
            }
            account = (await owner.post(ACCOUNTS, json=sent)).json()
            path = f"{ACCOUNTS}{account['id']}/"
            rule = {"filter_type": "name", "regex_pattern": "^Ad", "custom_properties": {"case_sensitive": False}}
            assert (await owner.post(f"{path}filters/", json=rule)).status_code == 201
            second = {"name": "Second", "search_pattern": "one", "replace_pattern": "two", "is_active": False}
            second["exp_date"] = "2026-12-01T12:30:00Z"
            assert (await owner.post(f"{path}profiles/", json=second)).status_code == 201
            await world.rooms.sources.refreshes.refresh(RefreshAccount(account_id=account["id"]), DirectRun())
            got = await owner.get(path)
            assert msgspec.json.format(got.content) + b"\n" == GOLDEN.read_bytes()
            [listed] = [one for one in (await owner.get(ACCOUNTS)).json() if one["id"] == account["id"]]
            assert listed == got.json()

    async def test_comes_in_pages_when_they_are_asked_for(self, world: World) -> None:
        owner = await world.signed_in()
        for name in ("A", "B"):
            await owner.post(ACCOUNTS, json={"name": name})
        got = (await owner.get(f"{ACCOUNTS}?page=2&page_size=2")).json()
        assert [one["name"] for one in got.pop("results")] == ["B"]
        assert got == {
            "count": 3,
            "next": None,
            "previous": f"http://testserver{ACCOUNTS}?page_size=2",
        }
        got = await owner.get(f"{ACCOUNTS}?page=9")
        assert (got.status_code, got.json()) == (404, {"detail": "Invalid page."})


class TestEveryRoute:
    async def test_is_closed_to_strangers(self, world: World) -> None:
        for method, path in ROUTES:
            got = await world.client().request(method, filled(path, "1"), json={})
            assert (got.status_code, got.json()) == (401, SIGNED_OUT), (method, path)

    async def test_that_changes_something_is_for_administrators(self, world: World) -> None:
        member = await world.signed_in(Role.MEMBER)
        for method, path in ROUTES:
            if method != "GET":
                got = await member.request(method, filled(path, "1"), json=FULL)
                assert (got.status_code, got.json()) == (403, NOT_ALLOWED), (method, path)

    async def test_says_when_there_is_no_such_row(self, world: World) -> None:
        owner = await world.signed_in()
        for method, path in ROUTES:
            if "{" in path:
                query = "?channel_group_id=1" if "repack" in path else ""
                got = await owner.request(method, filled(path, "9999") + query, json=FULL)
                assert (got.status_code, got.json()) == (404, {"detail": "Not found."}), (method, path)


class TestAnUpload:
    # A form that is refused must not fill the disk, however often it is sent.
    @pytest.mark.parametrize("fields", [{"name": "custom"}, {"name": "X", "account_type": "radio"}])
    async def test_that_is_refused_leaves_no_file(self, world: World, fields: dict[str, str]) -> None:
        owner = await world.signed_in()
        got = await owner.upload(ACCOUNTS, file=("a.m3u", b"#EXTM3U\n", "audio/x-mpegurl"), fields=fields)
        assert got.status_code == 400
        assert list(world.rooms.sources.files.uploads.iterdir()) == []


class TestRepacking:
    async def test_waits_for_a_refresh(self, world: World) -> None:
        owner = await world.signed_in()
        account = (await owner.post(ACCOUNTS, json={"name": "A"})).json()
        path = f"{ACCOUNTS}{account['id']}/repack-group/"
        got = await owner.post(path)
        assert (got.status_code, got.json()) == (400, {"channel_group_id": ["This field is required."]})
        assert (await owner.post(f"{path}?channel_group_id=77")).status_code == 404
        await world.core.db.write(AccountStore().update, account["id"], {"status": Status.PARSING.value})
        got = await owner.post(f"{path}?channel_group_id=77")
        told = "The account is being refreshed; its channels are numbered at the end."
        assert (got.status_code, got.json()) == (409, {"detail": told})

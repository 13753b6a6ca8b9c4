"""What administrators do: users, roles, jobs, measures; and that nobody else may."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from polycast.core.errors import Unavailable
from polycast.core.identity.scopes import SCOPES_OF_ROLE, Role
from polycast.core.jobs import Job, Lane, Retry, Run
from polycast.core.storage import Unit
from tests.server import PASSWORD, Client, Server, running

NOT_FOUND = {"type": "polycast:not_found", "title": "Not Found", "status": 404, "code": "not_found"}
CARL = {"username": "carl", "password": PASSWORD, "role": "member", "first_name": "Carl", "last_name": "Sagan"}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path) as server:
        yield server


@pytest.fixture
async def owner(server: Server) -> Client:
    """Somebody who has just signed in: what is delicate asks for that."""
    await server.client(Role.OWNER, "olga")
    signed = await server.post("/polycast/v1/session", {"name": "olga", "password": PASSWORD})
    cookie = signed.headers["set-cookie"].partition(";")[0]
    return Client(server.url, server.session, {"Cookie": cookie, "Origin": server.url})


def said(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name in ("type", "title", "status", "code")}


class TestUsers:
    async def test_are_made_changed_and_deleted(self, server: Server, owner: Client) -> None:
        made = (await owner.post("/polycast/v1/users", CARL)).json()
        about = {
            "id": made["id"],
            "username": "carl",
            "email": None,
            "first_name": "Carl",
            "last_name": "Sagan",
            "role": "member",
            "is_active": True,
            "created_at": made["created_at"],
            "last_seen_at": None,
            "stream_limit": 0,
        }
        assert made == about
        path = f"/polycast/v1/users/{made['id']}"
        changed = await owner.patch(path, {"role": "operator", "stream_limit": 2, "last_name": "Saga"})
        assert changed.json() == about | {"role": "operator", "stream_limit": 2, "last_name": "Saga"}
        found = (await owner.get("/polycast/v1/users?search=carl")).json()
        assert found == {"items": [changed.json()], "next": None}
        assert (await owner.delete(path)).status == 204
        assert said(await owner.patch(path, {"role": "member"})) == NOT_FOUND
        assert said(await owner.delete(path)) == NOT_FOUND

    async def test_come_in_pages(self, server: Server, owner: Client) -> None:
        for name in ("ann", "ben", "cleo"):
            assert (await owner.post("/polycast/v1/users", CARL | {"username": name})).status == 200
        first = (await owner.get("/polycast/v1/users?limit=2")).json()
        second = (await owner.get(f"/polycast/v1/users?limit=2&cursor={first['next']}")).json()
        assert [row["username"] for page in (first, second) for row in page["items"]] == ["olga", "ann", "ben", "cleo"]
        assert second["next"] is None
        assert (await owner.get("/polycast/v1/users?cursor=x")).status == 400

    @pytest.mark.parametrize(
        ("wrong", "path"),
        [({"role": "king"}, "role"), ({"username": ""}, "username"), ({"password": "short"}, "password")],
    )
    async def test_that_make_no_sense_are_refused_beside_the_field(self, owner: Client, wrong: Any, path: str) -> None:
        refused = await owner.post("/polycast/v1/users", CARL | wrong)
        assert (refused.status, [one["path"] for one in refused.json()["problems"]]) == (400, [path])

    async def test_a_name_there_is_already(self, owner: Client) -> None:
        assert (await owner.post("/polycast/v1/users", CARL)).status == 200
        refused = await owner.post("/polycast/v1/users", CARL | {"username": "CARL"})
        assert refused.status in (400, 409)

    async def test_given_a_password_are_signed_out_everywhere(self, server: Server, owner: Client) -> None:
        carl = (await owner.post("/polycast/v1/users", CARL)).json()
        signed = await server.post("/polycast/v1/session", {"name": "carl", "password": PASSWORD})
        cookie = {"Cookie": signed.headers["set-cookie"].partition(";")[0]}
        path = f"/polycast/v1/users/{carl['id']}"
        assert (await owner.post(f"{path}/password", {"new": "x"})).status == 400
        assert (await owner.post(f"{path}/password", {"new": "harbour-walnut-9"})).status == 204
        assert (await server.get("/polycast/v1/me/keys", headers=cookie)).status == 401
        again = await server.post("/polycast/v1/session", {"name": "carl", "password": "harbour-walnut-9"})
        cookie = {"Cookie": again.headers["set-cookie"].partition(";")[0]}
        assert (await owner.delete(f"{path}/sessions")).status == 204
        assert (await server.get("/polycast/v1/me/keys", headers=cookie)).status == 401
        assert said(await owner.post("/polycast/v1/users/999/password", {"new": "harbour-walnut-9"})) == NOT_FOUND

    async def test_the_last_owner_cannot_be_taken_away(self, owner: Client) -> None:
        (row,) = (await owner.get("/polycast/v1/users")).json()["items"]
        assert (await owner.patch(f"/polycast/v1/users/{row['id']}", {"role": "member"})).status == 409
        assert (await owner.delete(f"/polycast/v1/users/{row['id']}")).status == 409


class TestRoles:
    async def test_say_what_they_may(self, owner: Client) -> None:
        rows = (await owner.get("/polycast/v1/roles")).json()["items"]
        assert {row["name"]: row["scopes"] for row in rows} == {
            role.value: sorted(scopes) for role, scopes in SCOPES_OF_ROLE.items()
        }


class Nothing(Struct, frozen=True):
    """The payload."""


class TestJobs:
    @pytest.fixture
    async def failed(self, server: Server) -> int:
        """A job that fails the first time it is run, and not the second."""
        runs: list[int] = []

        async def once(_payload: Nothing, run: Run) -> None:
            runs.append(run.job_id)
            if len(runs) == 1:
                raise Unavailable("The moon does not answer.")

        core = server.house.core
        job = Job(name="test.once", payload=Nothing, run=once, lane=Lane.QUICK, title="Try it", retry=Retry(attempts=1))
        core.queue.register([job])
        job_id = await core.db.write(Unit.enqueue, "test.once", Nothing())
        await server.idle()
        return job_id

    async def test_are_listed_with_what_became_of_them(self, owner: Client, failed: int) -> None:
        page = (await owner.get("/polycast/v1/jobs?state=failed")).json()
        (row,) = page["items"]
        times = {name: row[name] for name in ("due_at", "started_at", "ended_at")}
        assert all(times.values())
        assert row == times | {
            "id": failed,
            "name": "test.once",
            "title": "Try it",
            "state": "failed",
            "done": 0,
            "total": None,
            "note": "",
            "error": "The moon does not answer.",
            "attempt": 1,
            "attempts": 1,
            "by": None,
            "key": None,
        }
        assert page["next"] is None
        assert (await owner.get("/polycast/v1/jobs?state=asleep")).status == 400
        assert (await owner.get("/polycast/v1/jobs?cursor=-1")).status == 400

    async def test_are_tried_again(self, server: Server, owner: Client, failed: int) -> None:
        assert (await owner.post(f"/polycast/v1/jobs/{failed}/retry")).status == 200
        await server.idle()
        done = (await owner.get("/polycast/v1/jobs?state=done")).json()["items"]
        assert failed in [row["id"] for row in done]
        assert said(await owner.post("/polycast/v1/jobs/987654/retry")) == NOT_FOUND

    async def test_that_wait_are_cancelled(self, server: Server, owner: Client, failed: int) -> None:
        core = server.house.core
        tomorrow = core.clock.now() + timedelta(days=1)
        job_id = await core.db.write(Unit.enqueue, "test.once", Nothing(), due=tomorrow)
        stopped = await owner.post(f"/polycast/v1/jobs/{job_id}/cancel")
        assert (stopped.status, stopped.json()["state"]) == (200, "cancelled")
        assert said(await owner.post("/polycast/v1/jobs/987654/cancel")) == NOT_FOUND


class TestTheMachine:
    async def test_says_how_busy_it_was(self, owner: Client) -> None:
        measures = (await owner.get("/polycast/v1/home/measures?minutes=5")).json()
        lengths = {len(values) for values in measures.values() if isinstance(values, list)}
        assert len(lengths) == 1
        assert (await owner.get("/polycast/v1/home/measures?minutes=soon")).status == 400


class TestTheDelicate:
    async def test_a_password_shown_once_more(self, server: Server, owner: Client) -> None:
        signed = await server.post("/polycast/v1/session", {"name": "olga", "password": PASSWORD})
        page = {"Cookie": signed.headers["set-cookie"].partition(";")[0], "Origin": server.url}
        wrong = await server.post("/polycast/v1/session/confirm", {"password": "wrong-horse-1"}, headers=page)
        assert wrong.status in (400, 401)
        right = await server.post("/polycast/v1/session/confirm", {"password": PASSWORD}, headers=page)
        assert (right.status, right.body) == (204, b"")

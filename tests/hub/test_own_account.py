"""What users do with their own account: name, password, sessions, keys, device passwords, news."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from polycast.core.events import Audience
from polycast.core.identity.scopes import SCOPES_OF_ROLE, Role, Scope
from polycast.core.notify import Level
from polycast.core.storage import Unit
from tests.server import PASSWORD, Client, Server, running

MEMBER = sorted(SCOPES_OF_ROLE[Role.MEMBER])
NOT_FOUND = {"type": "polycast:not_found", "title": "Not Found", "status": 404, "code": "not_found"}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path) as server:
        await server.client(Role.OWNER, "olga")
        yield server


@pytest.fixture
async def ben(server: Server) -> Client:
    await server.client(Role.MEMBER, "ben")
    return await browser(server, "ben")


async def browser(server: Server, name: str, password: str = PASSWORD) -> Client:
    answer = await server.post("/polycast/v1/session", {"name": name, "password": password})
    assert answer.status == 200, answer.text()
    cookie = answer.headers["set-cookie"].partition(";")[0]
    return Client(server.url, server.session, {"Cookie": cookie, "Origin": server.url})


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    """`row` without what differs from run to run; each of these must be there."""
    return {name: value for name, value in row.items() if name not in names or row[name] is None}


def said(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name in ("type", "title", "status", "code")}


class TestTheirName:
    async def test_is_changed_in_parts(self, ben: Client) -> None:
        changed = await ben.patch(
            "/polycast/v1/me", {"first_name": "Ben", "last_name": "Lee", "email": "Ben@Example.org"}
        )
        assert without(changed.json(), "id") == {
            "username": "ben",
            "email": "ben@example.org",
            "first_name": "Ben",
            "last_name": "Lee",
            "role": "member",
            "scopes": MEMBER,
        }
        again = await ben.patch("/polycast/v1/me", {"last_name": "Ley"})
        assert (again.json()["first_name"], again.json()["last_name"]) == ("Ben", "Ley")

    async def test_an_address_that_is_none_is_told_beside_its_field(self, ben: Client) -> None:
        refused = await ben.patch("/polycast/v1/me", {"email": "nobody"})
        assert (refused.status, [one["path"] for one in refused.json()["problems"]]) == (400, ["email"])


class TestTheirPassword:
    async def test_changed_ends_every_other_session(self, server: Server, ben: Client) -> None:
        other = await browser(server, "ben")
        changed = await ben.post("/polycast/v1/me/password", {"current": PASSWORD, "new": "harbour-walnut-9"})
        assert (changed.status, changed.body) == (204, b"")
        assert (await ben.get("/polycast/v1/me/keys")).status == 200
        assert (await other.get("/polycast/v1/me/keys")).status == 401
        assert (await browser(server, "ben", "harbour-walnut-9")).headers

    async def test_is_not_changed_by_who_does_not_know_it(self, ben: Client) -> None:
        refused = await ben.post("/polycast/v1/me/password", {"current": "wrong-horse-1", "new": "harbour-walnut-9"})
        assert refused.status in (400, 401)
        assert (await ben.get("/polycast/v1/me/keys")).status == 200


class TestTheirSessions:
    async def test_are_listed_and_ended_one_by_one_or_all_but_this(self, server: Server, ben: Client) -> None:
        second, third = await browser(server, "ben"), await browser(server, "ben")
        rows = (await ben.get("/polycast/v1/me/sessions")).json()["items"]
        assert sorted(row["is_current"] for row in rows) == [False, False, True]
        assert {(row["kind"], row["address"]) for row in rows} == {("ui", "127.0.0.1")}
        mine = [
            row["id"] for row in (await second.get("/polycast/v1/me/sessions")).json()["items"] if row["is_current"]
        ]
        assert (await ben.delete(f"/polycast/v1/me/sessions/{mine[0]}")).status == 204
        assert (await second.get("/polycast/v1/me/sessions")).status == 401
        assert (await ben.delete("/polycast/v1/me/sessions")).status == 204
        assert (await third.get("/polycast/v1/me/sessions")).status == 401
        assert len((await ben.get("/polycast/v1/me/sessions")).json()["items"]) == 1

    async def test_of_others_are_none_of_their_business(self, server: Server, ben: Client) -> None:
        olga = await browser(server, "olga")
        (hers,) = (await olga.get("/polycast/v1/me/sessions")).json()["items"]
        refused = await ben.delete(f"/polycast/v1/me/sessions/{hers['id']}")
        assert said(refused) == NOT_FOUND
        assert (await olga.get("/polycast/v1/me/sessions")).status == 200


class TestTheirKeys:
    async def test_are_made_listed_used_and_revoked(self, server: Server, ben: Client) -> None:
        made = (await ben.post("/polycast/v1/me/keys", {"name": "kodi", "scopes": ["live:read"]})).json()
        assert without(made["key"], "id", "prefix", "created_at") == {
            "name": "kodi",
            "scopes": ["live:read"],
            "last_used_at": None,
            "ends_at": None,
        }
        key = Client(server.url, server.session, {"X-API-Key": made["secret"]})
        assert (await key.get("/polycast/v1/me/keys")).status == 200
        listed = (await ben.get("/polycast/v1/me/keys")).json()["items"]
        assert made["secret"] not in str(listed)
        assert made["key"]["id"] in [row["id"] for row in listed]
        assert (await ben.delete(f"/polycast/v1/me/keys/{made['key']['id']}")).status == 204
        assert (await key.get("/polycast/v1/me/keys")).status == 401

    @pytest.mark.parametrize(
        ("sent", "path"), [({"name": "", "scopes": []}, "name"), ({"name": "x", "scopes": ["moon:land"]}, "scopes.0")]
    )
    async def test_that_make_no_sense_are_refused(self, ben: Client, sent: Any, path: str) -> None:
        refused = await ben.post("/polycast/v1/me/keys", sent)
        assert (refused.status, [one["path"] for one in refused.json()["problems"]]) == (400, [path])

    async def test_may_never_more_than_their_owner(self, server: Server, ben: Client) -> None:
        made = await ben.post("/polycast/v1/me/keys", {"name": "x", "scopes": ["core:admin"]})
        if made.status == 200:
            key = Client(server.url, server.session, {"X-API-Key": made.json()["secret"]})
            assert (await key.get("/polycast/v1/users")).status == 403
        else:
            assert made.status in (400, 403)

    async def test_of_others_cannot_be_revoked(self, server: Server, ben: Client) -> None:
        olga = await browser(server, "olga")
        hers = (await olga.get("/polycast/v1/me/keys")).json()["items"][0]
        assert said(await ben.delete(f"/polycast/v1/me/keys/{hers['id']}")) == NOT_FOUND


class TestTheirDevicePasswords:
    async def test_are_made_listed_and_revoked(self, ben: Client) -> None:
        made = (await ben.post("/polycast/v1/me/devices", {"name": "Fernseher"})).json()
        assert without(made["device"], "id", "created_at", "scopes") == {
            "name": "Fernseher",
            "username": "ben",
            "last_used_at": None,
            "ends_at": None,
        }
        assert set(made["device"]["scopes"]) <= set(MEMBER)
        listed = (await ben.get("/polycast/v1/me/devices")).json()["items"]
        assert listed == [made["device"]]
        assert (await ben.delete(f"/polycast/v1/me/devices/{listed[0]['id']}")).status == 204
        assert (await ben.get("/polycast/v1/me/devices")).json() == {"items": [], "next": None}
        assert said(await ben.delete(f"/polycast/v1/me/devices/{listed[0]['id']}")) == NOT_FOUND

    async def test_without_a_name_there_is_none(self, ben: Client) -> None:
        refused = await ben.post("/polycast/v1/me/devices", {"name": " "})
        assert (refused.status, [one["path"] for one in refused.json()["problems"]]) == (400, ["name"])


class TestTheirNews:
    @pytest.fixture
    async def told(self, server: Server) -> list[int]:
        def tell(unit: Unit) -> list[int]:
            add = server.house.core.notify.add
            everyone = Audience(scope=Scope.LIVE_PLAY)
            return [
                add(
                    unit,
                    "A guide is broken",
                    text="It ends too early.",
                    audience=everyone,
                    level=Level.WARNING,
                    link="/app/guide",
                ),
                add(unit, "A new channel", audience=everyone),
                add(unit, "Only for owners", audience=Audience(scope=Scope.CORE_ADMIN)),
            ]

        return await server.house.core.db.write(tell)

    async def test_are_those_for_them_the_youngest_first(self, ben: Client, told: list[int]) -> None:
        page = (await ben.get("/polycast/v1/notifications")).json()
        assert (page["unread"], page["next"]) == (2, None)
        assert [without(row, "at") for row in page["items"]] == [
            {"id": told[1], "level": "info", "title": "A new channel", "text": "", "url": None, "is_read": False},
            {
                "id": told[0],
                "level": "warning",
                "title": "A guide is broken",
                "text": "It ends too early.",
                "url": "/app/guide",
                "is_read": False,
            },
        ]

    async def test_are_put_away_one_by_one_or_all(self, ben: Client, told: list[int]) -> None:
        assert (await ben.post(f"/polycast/v1/notifications/{told[0]}/read")).status == 204
        assert (await ben.get("/polycast/v1/notifications")).json()["unread"] == 1
        assert (await ben.delete(f"/polycast/v1/notifications/{told[1]}")).status == 204
        assert (await ben.get("/polycast/v1/notifications")).json()["items"] == []
        assert (await ben.post("/polycast/v1/notifications/read-all")).status == 204

    async def test_of_others_are_not_there(self, ben: Client, told: list[int]) -> None:
        for method, path in (("POST", f"{told[2]}/read"), ("DELETE", str(told[2])), ("DELETE", "999999")):
            assert said(await ben.ask(method, f"/polycast/v1/notifications/{path}")) == NOT_FOUND


class TestWhatTheyMayFind:
    async def test_is_found_as_it_is_typed(self, server: Server, ben: Client) -> None:
        owner = await server.client(Role.OWNER, "olga")
        made = (await owner.post("/api/channels/channels/", {"name": "Harbour News", "channel_number": 7})).json()
        await server.idle()
        found = (await ben.get("/polycast/v1/search?q=harb")).json()
        assert [(hit["ref"], hit["title"], hit["url"]) for hit in found["items"]] == [
            (f"live.channel:{made['id']}", "Harbour News", f"/app/live/channels?id={made['id']}")
        ]
        assert (await ben.get("/polycast/v1/search?q=zzzz")).json() == {"items": []}

    async def test_a_search_without_a_question_is_refused(self, ben: Client) -> None:
        assert (await ben.get("/polycast/v1/search")).status == 400

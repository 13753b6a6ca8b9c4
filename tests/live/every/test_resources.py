"""Every resource of the reference: made, read, replaced, changed and dropped; wrong ones told field by field."""

from collections.abc import Mapping
from typing import Any

import pytest
import pytest_asyncio
from msgspec import Struct

from tests.server import Client, Server

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOT_FOUND = {"detail": "Not found."}
REQUIRED = ["This field is required."]
BLANK = ["This field may not be blank."]
COPY = "-i {streamUrl} -c copy -f mpegts pipe:1"
ONE_INPUT = {"parameters": ["There can be one input only, and it is {streamUrl}."]}
BAD_PATTERN = ["Not a valid regular expression: missing ) at position 1"]


class Resource(Struct, frozen=True, kw_only=True):
    """`other` differs from `new` in each field it names; `wrong` is refused with `said` by POST, PUT and PATCH alike."""

    path: str  # below /api/, `{account}` for an account's id
    new: Mapping[str, Any]
    other: Mapping[str, Any]
    required: Mapping[str, Any]  # what an empty body of POST is answered
    wrong: Mapping[str, Any]
    said: Mapping[str, Any]
    unread: tuple[str, ...] = ()  # sent, never shown
    needs_all: bool = True  # whether PUT refuses an empty body as POST does


def command(path: str, required: Mapping[str, Any]) -> Resource:
    return Resource(
        path=path,
        new={"name": "Copy", "command": "ffmpeg", "parameters": COPY},
        other={"name": "Again", "command": "ffmpeg", "parameters": f"-re {COPY}"},
        required=required,
        wrong={"name": "Bad", "command": "ffmpeg", "parameters": "-i /etc/passwd"},
        said=ONE_INPUT,
    )


def named(path: str, **more: Any) -> Resource:
    given: dict[str, Any] = {
        "new": {"name": "One"},
        "other": {"name": "Two"},
        "required": {"name": REQUIRED},
        "wrong": {"name": ""},
        "said": {"name": BLANK},
    }
    return Resource(path=path, **given | more)


RESOURCES = [
    named("accounts/groups/", wrong={"name": None}, said={"name": ["This field may not be null."]}),
    Resource(
        path="accounts/users/",
        new={"username": "anna", "first_name": "Anna", "password": "walnut-harbour-8"},
        other={"username": "bert", "first_name": "Bert", "password": "walnut-harbour-9"},
        required={"username": REQUIRED, "password": REQUIRED},
        wrong={"username": "cora", "password": "short"},
        said={"password": ["Ensure this field has at least 8 characters."]},
        unread=("password",),
        needs_all=False,
    ),
    Resource(
        path="channels/",
        new={"name": "HBO", "channel_number": "500", "enabled": True},
        other={"name": "HBO 2", "channel_number": "501.5", "enabled": False},
        required={"channel_number": REQUIRED, "name": REQUIRED},
        wrong={"name": "x" * 256, "channel_number": "abc"},
        said={
            "channel_number": ["A valid number is required."],
            "name": ["Ensure this field has no more than 255 characters."],
        },
    ),
    Resource(
        path="channels/channels/",
        new={"name": "BBC", "channel_number": 7, "tvg_id": "bbc.uk"},
        other={"name": "BBC 2", "channel_number": 7.5, "tvg_id": "bbc2.uk"},
        required={"name": REQUIRED},
        wrong={"name": "BBC 3", "channel_group_id": 9999, "streams": [9999]},
        said={
            "channel_group_id": ['Invalid pk "9999" - object does not exist.'],
            "streams": ['Invalid pk "9999" - object does not exist.'],
        },
    ),
    named("channels/groups/"),
    named("channels/profiles/", wrong={"name": "x" * 101}, said={"name": ["Ensure this field has no more than 100 characters."]}),
    Resource(
        path="channels/logos/",
        new={"name": "One", "url": "http://pictures.example/1.png"},
        other={"name": "Two", "url": "https://pictures.example/2.png"},
        required={"name": REQUIRED, "url": REQUIRED},
        wrong={"name": "Three", "url": "pictures"},
        said={"url": ["Enter a valid URL."]},
    ),
    Resource(
        path="channels/streams/",
        new={"name": "One", "url": "http://streams.example/1.ts", "enabled": True},
        other={"name": "Two", "url": "http://streams.example/2.ts", "enabled": False},
        required={"url": REQUIRED},
        wrong={"name": "Three", "url": "file:///etc/passwd"},
        said={"url": ["Enter a valid URL."]},
        needs_all=False,  # a provider's stream keeps what its provider says
    ),
    Resource(
        path="core/useragents/",
        new={"name": "One", "user_agent": "One/1", "description": "first"},
        other={"name": "Two", "user_agent": "Two/2", "description": "second"},
        required={"name": REQUIRED, "user_agent": REQUIRED},
        wrong={"name": "", "user_agent": "Three/3"},
        said={"name": BLANK},
    ),
    command("core/streamprofiles/", {"name": REQUIRED}),
    command("core/outputprofiles/", {"name": REQUIRED, "command": REQUIRED, "parameters": REQUIRED}),
    Resource(
        path="epg/sources/",
        new={"name": "One", "source_type": "dummy", "priority": 1},
        other={"name": "Two", "source_type": "dummy", "priority": 2},
        required={"name": REQUIRED},
        wrong={"name": "Three", "source_type": "teletext"},
        said={"source_type": ['"teletext" is not a valid choice.']},
    ),
    Resource(
        path="hdhr/devices/",
        new={"friendly_name": "Den", "device_id": "1010CC54", "tuner_count": 2},
        other={"friendly_name": "Attic", "device_id": "1010CC55", "tuner_count": 4},
        required={"device_id": REQUIRED},
        wrong={"friendly_name": "Hall", "device_id": "1" * 33},
        said={"device_id": ["Ensure this field has no more than 32 characters."]},
    ),
    named("m3u/server-groups/"),
    Resource(
        path="m3u/accounts/",
        new={"name": "One", "server_url": "http://127.0.0.1:9/1.m3u", "max_streams": 1},
        other={"name": "Two", "server_url": "http://127.0.0.1:9/2.m3u", "max_streams": 2},
        required={"name": REQUIRED},
        wrong={"name": "Three", "account_type": "TAPE"},
        said={"account_type": ['"TAPE" is not a valid choice.']},
    ),
    Resource(
        path="m3u/accounts/{account}/filters/",
        new={"filter_type": "name", "regex_pattern": "^a", "exclude": True},
        other={"filter_type": "group", "regex_pattern": "^b", "exclude": False},
        required={"filter_type": REQUIRED, "regex_pattern": REQUIRED},
        wrong={"filter_type": "colour", "regex_pattern": "("},
        said={"filter_type": ['"colour" is not a valid choice.'], "regex_pattern": BAD_PATTERN},
    ),
    Resource(
        path="m3u/accounts/{account}/profiles/",
        new={"name": "One", "search_pattern": "a", "replace_pattern": "b", "max_streams": 1},
        other={"name": "Two", "search_pattern": "c", "replace_pattern": "d", "max_streams": 2},
        required={"name": REQUIRED},
        wrong={"name": "Three", "search_pattern": "(", "replace_pattern": "b"},
        said={"search_pattern": BAD_PATTERN},
    ),
]  # fmt: skip
EACH = pytest.mark.parametrize("resource", RESOURCES, ids=[one.path for one in RESOURCES])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def account(owner: Client) -> int:
    sent = {"name": "Provider", "server_url": "http://127.0.0.1:9/list.m3u"}
    return int((await owner.post("/api/m3u/accounts/", sent)).json()["id"])


def shown(body: Mapping[str, Any], sent: Mapping[str, Any], resource: Resource) -> dict[str, Any]:
    return {name: body.get(name) for name in sent if name not in resource.unread}


def readable(sent: Mapping[str, Any], resource: Resource) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if name not in resource.unread}


@EACH
class TestAResource:
    async def test_is_made_read_replaced_changed_and_dropped(
        self, owner: Client, account: int, resource: Resource
    ) -> None:
        root = "/api/" + resource.path.format(account=account)
        made = await owner.post(root, resource.new)
        assert made.status == 201, made.text()
        assert shown(made.json(), resource.new, resource) == readable(resource.new, resource)
        one = f"{root}{made.json()['id']}/"
        assert (await owner.get(one)).json() == made.json()
        put = await owner.put(one, resource.other)
        assert (put.status, shown(put.json(), resource.other, resource)) == (200, readable(resource.other, resource))
        for name, value in readable(resource.new, resource).items():
            changed = await owner.patch(one, {name: value})
            assert (changed.status, changed.json()[name]) == (200, value)
        now = (await owner.get(one)).json()
        assert shown(now, resource.new, resource) == readable(resource.new, resource)
        listed = (await owner.get(f"{root}?page_size=1000")).json()
        assert now["id"] in [row["id"] for row in listed["results"]]
        assert listed["count"] == len(listed["results"])
        assert (await owner.delete(one)).status in {200, 204}
        assert (await owner.get(one)).json() == NOT_FOUND

    async def test_a_wrong_one_is_told_field_by_field_and_changes_nothing(
        self, owner: Client, account: int, resource: Resource
    ) -> None:
        root = "/api/" + resource.path.format(account=account)
        one = f"{root}{(await owner.post(root, resource.new)).json()['id']}/"
        before = (await owner.get(one)).json()
        for method, path in (("POST", root), ("PUT", one), ("PATCH", one)):
            refused = await owner.ask(method, path, json=resource.wrong)
            assert (method, refused.status, refused.json()) == (method, 400, resource.said)
            listed = await owner.ask(method, path, json=[])
            said = {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}
            assert (method, listed.status, listed.json()) == (method, 400, said)
        missing = await owner.post(root, {})
        assert (missing.status, missing.json()) == (400, resource.required)
        replaced = await owner.put(one, {})
        assert (replaced.status == 400) == resource.needs_all or replaced.json() != {}
        after = (await owner.get(one)).json()
        assert shown(after, resource.new, resource) == shown(before, resource.new, resource)
        assert (await owner.delete(one)).status in {200, 204}

    async def test_one_that_is_not_there_is_not_found(self, owner: Client, account: int, resource: Resource) -> None:
        root = "/api/" + resource.path.format(account=account)
        for missing in (f"{root}999999/", f"{root}{2**63}/"):
            for method, sent in (("GET", None), ("PUT", resource.other), ("PATCH", resource.other), ("DELETE", None)):
                answer = await owner.ask(method, missing, json=sent)
                assert (method, answer.status, answer.json()) == (method, 404, NOT_FOUND)

    async def test_what_is_no_json_is_said(self, owner: Client, account: int, resource: Resource) -> None:
        root = "/api/" + resource.path.format(account=account)
        answer = await owner.ask("POST", root, data=b"{", headers={"Content-Type": "application/json"})
        assert (answer.status, answer.json()["detail"].partition(" - ")[0]) == (400, "JSON parse error")
        answer = await owner.ask("POST", root, data=b"a", headers={"Content-Type": "text/x-wrong"})
        assert (answer.status, answer.json()) == (
            415,
            {"detail": 'Unsupported media type "text/x-wrong" in request.'},
        )


class TestSettings:
    async def test_a_group_is_set_by_its_key_or_its_row_and_gets_its_defaults_back(self, owner: Client) -> None:
        rows = (await owner.get("/api/core/settings/")).json()
        row = next(row for row in rows if row["key"] == "proxy_settings")
        one = f"/api/core/settings/{row['id']}/"
        value = {"buffering_timeout": 20}
        for method, path, status, sent in (
            ("POST", "/api/core/settings/", 201, {"key": "proxy_settings", "name": "Proxy", "value": value}),
            ("PUT", one, 200, {"key": "proxy_settings", "name": "Proxy", "value": {"buffering_timeout": 21}}),
            ("PATCH", one, 200, {"value": {"buffering_timeout": 22}}),
        ):
            answer = await owner.ask(method, path, json=sent)
            assert (answer.status, answer.json()["value"]["buffering_timeout"]) == (
                status,
                sent["value"]["buffering_timeout"],
            )
        assert (await owner.delete(one)).status == 204
        assert (await owner.get(one)).json()["value"] == row["value"]

    async def test_what_does_not_fit_is_told(self, owner: Client) -> None:
        rows = (await owner.get("/api/core/settings/")).json()
        one = f"/api/core/settings/{next(row['id'] for row in rows if row['key'] == 'proxy_settings')}/"
        unknown = await owner.post("/api/core/settings/", {"key": "ui", "name": "UI", "value": {}})
        assert (unknown.status, unknown.json()) == (400, {"key": ['"ui" is not a valid choice.']})
        for method in ("PUT", "PATCH"):
            value = {"buffering_timeout": 301, "max_retries": "often"}
            answer = await owner.ask(method, one, json={"key": "proxy_settings", "name": "Proxy", "value": value})
            said = [
                "buffering_timeout: Ensure this value is less than or equal to 300.",
                "max_retries: A valid integer is required.",
            ]
            assert (answer.status, answer.json()) == (400, {"value": said})
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            sent = {"key": "proxy_settings", "name": "Proxy", "value": {}}
            answer = await owner.ask(
                method, "/api/core/settings/999/", json=None if method in {"GET", "DELETE"} else sent
            )
            assert (method, answer.status, answer.json()) == (method, 404, NOT_FOUND)


class TestTheDefaultProfileOfAnAccount:
    async def test_it_is_not_dropped_and_has_its_own_list(self, server: Server, owner: Client, account: int) -> None:
        [default] = [
            row for row in (await owner.get(f"/api/m3u/accounts/{account}/profiles/")).json() if row["is_default"]
        ]
        answer = await owner.delete(f"/api/m3u/accounts/{account}/profiles/{default['id']}/")
        assert (answer.status, answer.json()) == (409, {"detail": "The default profile cannot be deleted."})
        assert (await owner.get(f"/api/m3u/accounts/{account}/filters/")).json() == []

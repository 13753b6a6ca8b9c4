"""Actions asked for in a wrong way: each says what is wrong in its dialect's own shape, and nothing happens."""

from typing import Any

import pytest
import pytest_asyncio

from tests.server import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOT_FOUND = {"detail": "Not found."}
REQUIRED = ["This field is required."]
C = "/api/channels/channels/"
OWN = "/polycast/v1/live/"


def no_list(name: str) -> dict[str, list[str]]:
    return {name: ['Expected a list of items but got type "str".']}


REFUSED: list[tuple[str, str, Any, int, Any]] = [
    ("POST", f"{C}assign/", {}, 400, {"channel_ids": REQUIRED}),
    ("POST", f"{C}assign/", {"channel_ids": [1], "starting_number": "x"}, 400, {"starting_number": ["A valid number is required."]}),
    ("POST", f"{C}batch-set-epg/", {"associations": "x"}, 400, no_list("associations")),
    ("POST", f"{C}by-uuids/", {"uuids": "x"}, 400, no_list("uuids")),
    ("POST", f"{C}from-stream/", {"stream_id": 9999}, 404, NOT_FOUND),
    ("POST", f"{C}from-stream/bulk/", {}, 400, {"stream_ids": REQUIRED}),
    ("POST", f"{C}from-stream/bulk/", {"stream_ids": [1], "channel_profile_ids": [9999]}, 400,
     {"channel_profile_ids": ['Invalid pk "9999" - object does not exist.']}),
    ("POST", f"{C}match-epg/", {"channel_ids": "x"}, 400, no_list("channel_ids")),
    ("POST", f"{C}match-epg/", {"channel_ids": [9999]}, 404, NOT_FOUND),
    ("POST", f"{C}9999/match-epg/", {}, 404, NOT_FOUND),
    ("POST", f"{C}9999/set-epg/", {"epg_data_id": None}, 404, NOT_FOUND),
    ("POST", f"{C}9999/reorder/", {"insert_after_id": None}, 404, NOT_FOUND),
    ("POST", f"{C}set-names-from-epg/", {"channel_ids": "x"}, 400, no_list("channel_ids")),
    ("POST", f"{C}set-tvg-ids-from-epg/", {"channel_ids": "x"}, 400, no_list("channel_ids")),
    ("POST", f"{C}set-logos-from-epg/", {"channel_ids": [1], "epg_source_id": 1}, 400,
     {"error": "Provide either channel_ids or epg_source_id, not both"}),
    ("PATCH", f"{C}edit/bulk/", {}, 400, {"error": "Expected a list of channel updates"}),
    ("POST", f"{C}edit/bulk-regex/", {"channel_ids": [1], "find": "("}, 400,
     {"find": ["Not a valid regular expression: missing ) at position 1"]}),
    ("DELETE", f"{C}bulk-delete/", {}, 400, {"channel_ids": REQUIRED}),
    ("GET", f"{C}numbers-in-range/?start=x&end=2", None, 400, {"start": ["A valid number is required."]}),
    ("GET", f"{C}?page=99", None, 404, {"detail": "Invalid page."}),
    ("GET", f"{C}9999/streams/", None, 404, NOT_FOUND),
    ("GET", f"{C}9999/streams/stats/", None, 404, NOT_FOUND),
    ("DELETE", "/api/channels/logos/bulk-delete/", {}, 400, {"logo_ids": REQUIRED}),
    ("POST", "/api/channels/logos/cleanup/", {"delete_files": "perhaps"}, 400, {"delete_files": ["Must be a valid boolean."]}),
    ("GET", "/api/channels/logos/9999/cache/", None, 404, NOT_FOUND),
    ("POST", "/api/channels/profiles/{kids}/duplicate/", {"name": "kids"}, 400,
     {"name": ["channel profile with this name already exists."]}),
    ("POST", "/api/channels/profiles/9999/duplicate/", {"name": "x"}, 404, NOT_FOUND),
    ("PATCH", "/api/channels/profiles/{kids}/channels/9999/", {"enabled": True}, 404, NOT_FOUND),
    ("PATCH", "/api/channels/profiles/{kids}/channels/bulk-update/", {"channels": [{"channel_id": 9999, "enabled": True}]}, 400,
     {"error": "Some channels do not exist.", "status": "error", "updated": 0, "created": 0, "invalid_channels": [9999]}),
    ("DELETE", "/api/channels/streams/bulk-delete/", {"stream_ids": "x"}, 400, no_list("stream_ids")),
    ("POST", "/api/channels/streams/by-ids/", {"ids": "x"}, 400, no_list("ids")),
    ("GET", "/api/channels/streams/regex-preview/", None, 400, {"error": "channel_group is required"}),
    ("GET", "/api/epg/epgdata/9999/", None, 404, NOT_FOUND),
    ("GET", "/api/epg/programs/9999/", None, 404, NOT_FOUND),
    ("GET", "/api/epg/programs/9999/poster/", None, 404, NOT_FOUND),
    ("POST", "/api/epg/import/", {"id": 9999}, 404, NOT_FOUND),
    ("POST", "/api/epg/current-programs/", {"channel_uuids": [], "epg_data_ids": []}, 400,
     {"error": "Provide either channel_uuids or epg_data_ids, not both"}),
    ("POST", "/api/epg/sources/upload/", {}, 415, {"detail": 'Unsupported media type "application/json" in request.'}),
    ("PATCH", "/api/accounts/users/me/", {"email": "x"}, 400, {"email": ["Enter a valid email address."]}),
    ("POST", "/api/accounts/auth/login/", {}, 400, {"username": REQUIRED, "password": REQUIRED}),
    ("POST", "/api/accounts/token/refresh/", {"refresh": "x"}, 401,
     {"detail": "Token is invalid or expired", "code": "token_not_valid"}),
    ("POST", "/api/accounts/api-keys/generate/", {"user_id": 9999}, 404, NOT_FOUND),
    ("POST", "/api/accounts/api-keys/revoke/", {"id": 9999}, 404, NOT_FOUND),
    ("GET", "/api/backups/status/9999/", None, 404, NOT_FOUND),
    ("GET", "/api/backups/none.zip/download-token/", None, 404, NOT_FOUND),
    ("GET", "/api/backups/none.zip/download/", None, 404, NOT_FOUND),
    ("DELETE", "/api/backups/none.zip/delete/", None, 404, NOT_FOUND),
    ("POST", "/api/backups/none.zip/restore/", None, 404, NOT_FOUND),
    ("PUT", "/api/backups/schedule/update/", {"frequency": "yearly"}, 400, {"frequency": ['"yearly" is not a valid choice.']}),
    ("POST", "/api/core/notifications/9999/dismiss/", {}, 404, NOT_FOUND),
    ("POST", "/api/core/settings/check/", {}, 400, {"key": REQUIRED, "value": REQUIRED}),
    ("GET", "/api/core/system-events/?limit=x", None, 400, {"limit": ["A valid integer is required."]}),
    ("POST", "/api/m3u/accounts/1/refresh-vod/", None, 400,
     {"error": "VOD refresh is only available for XtreamCodes accounts"}),
    ("POST", "/api/m3u/accounts/9999/refresh-vod/", None, 404, NOT_FOUND),
    ("POST", "/api/m3u/refresh/9999/", None, 404, NOT_FOUND),
    ("POST", "/api/m3u/refresh-account-info/9999/", None, 404, NOT_FOUND),
    ("POST", "/api/m3u/accounts/1/repack-group/", None, 400, {"channel_group_id": REQUIRED}),
    ("POST", "/api/m3u/accounts/9999/dry-run/", None, 404, NOT_FOUND),
    ("PATCH", "/api/m3u/accounts/1/group-settings/", {"group_settings": [{"channel_group": 9999}]}, 400,
     {"group_settings": ['Invalid pk "9999" - object does not exist.']}),
    ("GET", "/api/m3u/accounts/9999/auto-created-channels-count/", None, 404, NOT_FOUND),
    ("GET", "/api/connect/clients/9999/", None, 404, NOT_FOUND),
    ("DELETE", "/api/connect/clients/9999/", None, 404, NOT_FOUND),
    ("GET", "/api/epg/sources/9999/sd-lineups/", None, 404, NOT_FOUND),
    ("POST", "/api/epg/sources/9999/sd-lineups/", None, 404, NOT_FOUND),
    ("DELETE", "/api/epg/sources/9999/sd-lineups/", None, 404, NOT_FOUND),
    ("POST", "/api/epg/sources/9999/sd-lineups/search/", None, 404, NOT_FOUND),
    ("POST", "/proxy/ts/change_stream/{news}", {}, 400, {"error": "Either stream_id or url must be provided"}),
    ("POST", "/proxy/ts/change_stream/{news}", {"url": "http://a.example/2.ts"}, 404, {"error": "Channel {news} not found"}),
    ("POST", "/proxy/ts/next_stream/{news}", None, 404, {"error": "No alternate streams available for this channel"}),
    ("POST", "/proxy/ts/next_stream/nothing", None, 404, {"error": "Channel nothing not found"}),
    ("POST", "/proxy/ts/stop/{news}", None, 404, {"error": "Channel {news} not found"}),
    ("DELETE", "/proxy/ts/stop/{news}", None, 404, {"error": "Channel {news} not found"}),
    ("POST", "/proxy/ts/stop_client/{news}", {}, 400, {"error": "No client_id provided"}),
    ("GET", "/proxy/ts/status/{news}", None, 404, {"error": "Channel {news} not found"}),
    ("GET", "/proxy/ts/stream/nothing", None, 404, {"error": "Channel was not found."}),
    ("OPTIONS", "/proxy/ts/stream/nothing", None, 404, {"error": "Channel was not found."}),
    ("GET", "/proxy/ts/peer/{news}", None, 404, {"error": "Channel was not found."}),
    ("POST", "/proxy/ts/peer/{news}/switch", {"wish": "made up"}, 404, {"error": "Channel was not found."}),
    ("GET", "/proxy/hls/nothing/index.m3u8", None, 404, {"error": "Channel was not found."}),
    ("GET", "/proxy/hls/{news}/x.ts", None, 404, {"error": "This path was not found."}),
]  # fmt: skip
OWN_REFUSED: list[tuple[str, str, Any, int, str, list[str]]] = [
    ("POST", "guide/programmes/1/recording", None, 404, "not_found", []),
    ("DELETE", "guide/programmes/1/recording", None, 404, "not_found", []),
    ("POST", "guide/programmes/1/reminder", None, 404, "not_found", []),
    ("DELETE", "guide/programmes/1/reminder", None, 404, "not_found", []),
    ("GET", "guide/programmes/1", None, 404, "not_found", []),
    ("GET", "play/9999", None, 404, "not_found", []),
    ("GET", "play/by-number/77", None, 404, "not_found", []),
    ("DELETE", "sessions/nothing", None, 404, "not_found", []),
    ("DELETE", "sessions/nothing/clients/nobody", None, 404, "not_found", []),
    ("POST", "sessions/nothing/switch", {}, 404, "not_found", []),
    ("POST", "sessions/nothing/switch", {"stream_id": "x"}, 400, "invalid", ["stream_id"]),
    ("POST", "match", {"ids": "x"}, 400, "invalid", ["ids"]),
    ("POST", "match/apply", {}, 400, "invalid", ["choices"]),
    ("POST", "undo/nothing", None, 404, "not_found", []),
    ("PATCH", "channels/9999", {"name": "x"}, 404, "not_found", []),
    ("GET", "sources/m3u-9999/groups", None, 404, "not_found", []),
    ("GET", "sources/m3u-9999/history", None, 404, "not_found", []),
    ("PATCH", "sources/m3u-9999/groups", {"groups": []}, 404, "not_found", []),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def names(owner: Client) -> dict[str, str]:
    """A channel with one stream, and a profile."""
    stream = (await owner.post("/api/channels/streams/", {"name": "News", "url": "http://a.example/1.ts"})).json()
    news = (await owner.post(C, {"name": "News", "channel_number": 1, "streams": [stream["id"]]})).json()
    kids = (await owner.post("/api/channels/profiles/", {"name": "kids"})).json()
    return {"{news}": news["uuid"], "{kids}": str(kids["id"])}


def filled(said: Any, names: dict[str, str]) -> Any:
    if isinstance(said, str):
        for mark, value in names.items():
            said = said.replace(mark, value)
        return said
    return {name: filled(value, names) for name, value in said.items()} if isinstance(said, dict) else said


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "said"), REFUSED, ids=[f"{one[0]} {one[1]}" for one in REFUSED]
)
async def test_the_reference_says_what_is_wrong(
    owner: Client, names: dict[str, str], method: str, path: str, sent: Any, status: int, said: Any
) -> None:
    answer = await owner.ask(method, filled(path, names), json=sent)
    assert (answer.status, answer.json()) == (status, filled(said, names))


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "code", "paths"),
    OWN_REFUSED,
    ids=[f"{one[0]} {one[1]}" for one in OWN_REFUSED],
)
async def test_our_own_pages_are_told_a_code_and_the_fields(
    owner: Client, method: str, path: str, sent: Any, status: int, code: str, paths: list[str]
) -> None:
    answer = await owner.ask(method, OWN + path, json=sent)
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert (answer.status, said["code"], [one["path"] for one in said["problems"]]) == (status, code, paths)
    assert said["request_id"] == answer.headers["x-request-id"]

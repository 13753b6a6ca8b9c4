"""Tokens of listeners, stream servers' callbacks, geo rules, relays, keys, webhooks, news. Source: `specs/radio.md` 3.14, 4.11."""

import asyncio
import hashlib
import hmac
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from polycast.radio.belongings.hooks import Hooks
from polycast.radio.engine.events import DjConnected, NowPlayingChanged
from tests.fakes.radio_shelf import Letterbox, open_shelf
from tests.radio.panel.world import V2, Station, customer
from tests.radio.world import NOBODY, NOT_FOUND, World

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def at(books: World) -> Station:
    return await customer(books, "gatefm", geoblocking_enabled=True)


def hooks_of(world: World) -> Hooks:
    """The room that calls webhooks, by the job that it brings."""
    [radio] = [one for one in world.server.house.modules if one.name == "radio"]
    [job] = [one for one in radio.jobs if one.name == "radio.call_webhook"]
    found = job.run.__self__  # type: ignore[attr-defined]
    assert isinstance(found, Hooks)
    return found


class TestListenersWithATokenOnly:
    async def test_a_stream_server_asks(self, at: Station) -> None:
        [channel] = (await at.owner.get(f"{V2}/channels/?server={at.server}")).json()
        place = f"{V2}/channels/{channel['id']}"
        call = {
            "action": "listener_add",
            "mount": "/stream?abc12345",
            "ip": "1.2.3.4",
            "agent": "x",
            "user": "",
            "pass": "",
        }
        free = await at.public.ask("POST", f"{place}/auth_listener/", data=call)
        assert (free.status, free.headers["icecast-auth-user"], free.headers["icecast-auth-message"]) == (
            200,
            "1",
            "auth",
        )
        await at.owner.put(f"{place}/", {"allow_auth_listeners_only": True})
        sent = {"server": at.server, "name": "Bo", "token": "abc12345"}
        status, made = await at.status("POST", "auth_listeners/", sent)
        assert (status, made["token"], made["active"], made["expires"]) == (201, "abc12345", True, None)
        for mount, told in (
            ("/stream?abc12345", "1"),
            ("/stream?token=abc12345", "1"),
            ("/stream?x", "0"),
            ("/stream", "0"),
        ):
            got = await at.public.ask("POST", f"{place}/auth_listener/", data=call | {"mount": mount})
            assert (got.status, got.headers["icecast-auth-user"]) == (200, told), mount
            got = await at.public.get(f"{place}/auth_listener/", params={"mount": mount})
            assert got.headers["icecast-auth-user"] == told
        one = f"auth_listeners/{made['id']}/"
        await at.status("PUT", one, {"expires": "2020-01-01T00:00:00Z"})
        got = await at.public.get(f"{place}/auth_listener/?mount=%2Fstream%3Fabc12345")
        assert got.headers["icecast-auth-user"] == "0"
        for method in ("GET", "POST"):
            got = await at.public.ask(method, f"{place}/add_listener/", data=call if method == "POST" else None)
            assert (got.status, got.headers["icecast-auth-user"]) == (200, "1")
            for word in ("add", "auth"):
                gone = f"{V2}/channels/999999/{word}_listener/"
                assert (await at.public.ask(method, gone, data=call if method == "POST" else None)).status == 404
        assert (await at.status("GET", one))[1]["name"] == "Bo"
        assert [row["id"] for row in (await at.status("GET", f"auth_listeners/?server={at.server}"))[1]] == [made["id"]]
        for bad, body in (
            ({"token": "short"}, {"token": ["invalid"]}),
            ({"name": ""}, {"name": ["required"]}),
            ({"expires": "2020-01-01T00:00:00"}, {"expires": ["invalid"]}),
        ):
            assert await at.status("PUT", one, bad) == (400, body)
        assert await at.status("POST", "auth_listeners/", sent) == (400, {"token": ["unique"]})
        assert len((await at.status("POST", "auth_listeners/", {"server": at.server, "name": "Cy"}))[1]["token"]) == 32
        assert (await at.owner.delete(f"{V2}/{one}")).status == 204
        await at.owner.put(f"{place}/", {"allow_auth_listeners_only": False})


class TestGeoRules:
    async def test_are_set_whole(self, at: Station, books: World) -> None:
        rules = {"mode": "deny", "countries": ["FR"], "ips": ["1.2.3.0/24"], "agents": ["*bot*"]}
        assert await at.status("PUT", f"geo/?server={at.server}", rules) == (200, rules)
        assert await at.status("GET", f"geo/?server={at.server}") == (200, rules)
        assert await at.status("PUT", "geo/", rules) == (400, {"server": ["required"]})
        for bad, body in (
            ({"mode": "maybe"}, "mode"),
            ({"ips": ["here"]}, "ips"),
            ({"countries": ["fr"]}, "countries"),
        ):
            status, told = await at.status("PUT", f"geo/?server={at.server}", rules | bad)
            assert (status, list(told)) == (400, [body])
        plain = await customer(books, "flatfm")
        told = await plain.status("PUT", f"geo/?server={plain.server}", rules)
        assert told == (403, {"detail": "feature_disabled"})
        await at.status("PUT", f"geo/?server={at.server}", {"mode": "off"})


class TestRelays:
    async def test_their_life(self, at: Station) -> None:
        sent = {"server": at.server, "name": "Far", "url": "http://radio.example/live", "meta": "Far away"}
        status, made = await at.status("POST", "relays/", sent)
        assert (status, made["url"], made["connected"]) == (201, sent["url"], False)
        place = f"relays/{made['id']}/"
        assert await at.status("GET", place) == (200, made)
        assert (await at.status("GET", f"relays/?server={at.server}"))[1] == [made]
        assert (await at.status("PUT", place, {"name": "Near"}))[1] == made | {"name": "Near"}
        assert await at.status("PUT", place, {"url": "ftp://x"}) == (400, {"stream_url": ["invalid"]})
        assert await at.status("POST", "relays/", {"name": "x"}) == (400, {"server": ["required"]})
        [auto] = [row for row in (await at.owner.get(f"{V2}/djs/?server={at.server}")).json() if row["cat"] == "auto"]
        for method in ("GET", "PUT", "DELETE"):
            assert await at.status(method, f"relays/{auto['id']}/", {} if method == "PUT" else None) == (404, NOT_FOUND)
        assert (await at.owner.delete(f"{V2}/{place}")).status == 204


class TestKeys:
    async def test_open_until_they_are_revoked(self, at: Station) -> None:
        status, made = await at.status("POST", "api_keys/", {"name": "Site"})
        assert (status, made["key"][8], len(made["key"])) == (201, ".", 41)
        mine = {"SC-API-KEY": made["key"]}
        assert (await at.public.get(f"{V2}/queue/?server={at.server}", headers=mine)).status == 200
        [row] = (await at.status("GET", "api_keys/"))[1]
        assert (row["name"], row["prefix"], "key" in row) == ("Site", made["key"][:8], False)
        assert await at.status("POST", "api_keys/", {}) == (400, {"name": ["required"]})
        assert (await at.status("DELETE", f"api_keys/{made['id']}/", by=at.other))[0] == 404
        assert (await at.owner.delete(f"{V2}/api_keys/{made['id']}/")).status == 204
        assert (await at.public.get(f"{V2}/queue/?server={at.server}", headers=mine)).status == 403


class TestNews:
    async def test_everybody_reads_and_the_owner_writes(self, at: Station) -> None:
        status, made = await at.status("POST", "news/", {"server": at.server, "title": "Hi", "text": "<b>x</b>"})
        assert (status, made["title"], made["text"]) == (201, "Hi", "<b>x</b>")
        place = f"news/{made['id']}/"
        assert (await at.public.get(f"{V2}/news/?server={at.server}")).json() == [made]
        assert (await at.public.get(f"{V2}/{place}")).json() == made
        changed = (await at.status("PUT", place, {"date": "2026-01-01T00:00:00Z"}))[1]
        assert changed == made | {"date": 1767225600000}
        assert await at.status("PUT", place, {"title": ""}) == (400, {"title": ["required"]})
        assert await at.status("POST", "news/", {"title": "x"}) == (400, {"server": ["required"]})
        assert (await at.owner.delete(f"{V2}/{place}")).status == 204
        assert (await at.public.get(f"{V2}/{place}")).json() == NOT_FOUND


class TestWebhooks:
    async def test_are_told_with_a_signature(self, at: Station) -> None:
        letters, hooks = Letterbox(), hooks_of(at.world)
        async with open_shelf(letters) as url:
            sent = {"server": at.server, "url": f"{url}/hook", "events": ["now_playing"], "secret": "hush-hush"}
            status, made = await at.status("POST", "webhooks/", sent)
            assert (status, made["secret"], made["active"], made["last_at"]) == (201, "hush-hush", True, None)
            clock = at.world.server.house.core.clock
            event = NowPlayingChanged(account_id=1, station_id=at.server, text="A - B", at=clock.now())
            listeners = {one.event: one.here for one in hooks.listeners()}
            now_playing, dj_connected = listeners[NowPlayingChanged], listeners[DjConnected]
            assert now_playing is not None
            assert dj_connected is not None
            await now_playing(event)
            await dj_connected(DjConnected(account_id=1, station_id=at.server, dj_id=1))  # nobody wants to know
            headers, body = await asyncio.wait_for(letters.came.get(), 30)
            assert headers["X-Polycast-Event"] == "now_playing"
            signature = hmac.new(b"hush-hush", body, hashlib.sha256).hexdigest()
            assert headers["X-Polycast-Signature"] == f"sha256={signature}"
            told: dict[str, Any] = msgspec.json.decode(body)
            assert (told["event"], told["station"]["slug"], told["data"]) == (
                "now_playing",
                "gatefm",
                {"metadata": "A - B", "dj": None},
            )
            await at.world.server.idle()
            assert letters.came.empty()
            assert (await at.status("GET", f"webhooks/{made['id']}/"))[1]["last_result"] == "200"
        place = f"webhooks/{made['id']}/"
        for bad, body_ in (
            ({"url": "file:///x"}, {"url": ["invalid"]}),
            ({"events": ["everything"]}, {"events": ["invalid_choice"]}),
        ):
            assert await at.status("PUT", place, bad) == (400, body_)
        assert (await at.status("PUT", place, {"active": False}))[1]["active"] is False
        assert len((await at.status("GET", f"webhooks/?server={at.server}"))[1]) == 1
        assert await at.status("POST", "webhooks/", {"url": "http://x.example"}) == (400, {"server": ["required"]})
        assert (await at.owner.delete(f"{V2}/{place}")).status == 204
        assert await at.status("GET", place) == (404, NOT_FOUND)


class TestTwoTenants:
    async def test_neither_finds_what_is_the_others(self, at: Station) -> None:
        made = {}
        for kind, sent in (
            ("auth_listeners", {"name": "x"}), ("webhooks", {"url": "http://x.example/h"}), ("news", {"title": "x"}),
            ("relays", {"name": "x", "url": "http://x.example/h"}),
        ):  # fmt: skip
            made[kind] = (await at.status("POST", f"{kind}/", sent | {"server": at.server}))[1]["id"]
        calls: list[tuple[str, str, Any]] = [
            ("GET", f"geo/?server={at.server}", None),
            ("PUT", f"geo/?server={at.server}", {}),
        ]
        for kind, pk in made.items():
            calls += [
                ("POST", f"{kind}/", {"server": at.server, "name": "x", "title": "x", "url": "http://x.example/h"})
            ]
            calls += [("PUT", f"{kind}/{pk}/", {}), ("DELETE", f"{kind}/{pk}/", None)]
            if kind != "news":
                calls += [("GET", f"{kind}/?server={at.server}", None), ("GET", f"{kind}/{pk}/", None)]
        for method, path, sent in calls:
            assert await at.status(method, path, sent, by=at.other) == (404, NOT_FOUND), (method, path)
            assert await at.status(method, path, sent, by=at.public) == (401, NOBODY), (method, path)
        for kind, pk in made.items():
            assert (await at.owner.delete(f"{V2}/{kind}/{pk}/")).status == 204

"""Playlists, guides and tuner documents under every address that they have, for everybody and for nobody."""

import gzip
import json
import re
from collections.abc import AsyncIterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import pytest_asyncio
from msgspec import Struct

from tests.server import Answer, Client, Server

pytestmark = pytest.mark.asyncio(loop_scope="module")
UPNP = "{urn:schemas-upnp-org:device-1-0}"
FORBIDDEN = {"error": "Forbidden"}
TUNER = ("device.xml", "discover.json", "lineup.json", "lineup.m3u", "lineup.xml", "lineup.post", "lineup_status.json")
REST_TUNER = ("device.xml", "discover.json", "lineup.json", "lineup_status.json")


class Shop(Struct, frozen=True):
    """Two channels, of which the profile `kids` has one, and an output profile."""

    news: str
    cartoons: str
    output: int


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(owner: Client) -> Shop:
    found = []
    for number, name in enumerate(("News", "Cartoons"), 1):
        sent = {"name": name, "url": f"http://a.example/{number}.ts"}
        stream = (await owner.post("/api/channels/streams/", sent)).json()
        new = {"name": name, "channel_number": number, "streams": [stream["id"]]}
        found.append((await owner.post("/api/channels/channels/", new)).json())
    kids = (await owner.post("/api/channels/profiles/", {"name": "kids"})).json()
    switch = f"/api/channels/profiles/{kids['id']}/channels/{found[0]['id']}/"
    assert (await owner.patch(switch, {"enabled": False})).json() == {"channel": found[0]["id"], "enabled": False}
    profile = {"name": "Small", "command": "ffmpeg", "parameters": "-i {streamUrl} -c copy -f mpegts pipe:1"}
    output = (await owner.post("/api/core/outputprofiles/", profile)).json()
    return Shop(found[0]["uuid"], found[1]["uuid"], output["id"])


def prefixes(shop: Shop) -> dict[str, tuple[str, list[str], str]]:
    """Address of a tuner: (its name, its channels, what their addresses end with)."""
    both, one, small = [shop.news, shop.cartoons], [shop.cartoons], f"?output_profile={shop.output}"
    return {
        "": ("Polycast", both, ""),
        "/hdhr": ("Polycast", both, ""),
        "/hdhr/kids": ("Polycast - kids", one, ""),
        "/hdhr/nobody": ("Polycast - nobody", [], ""),
        f"/hdhr/output_profile/{shop.output}": (f"Polycast / {shop.output}", both, small),
        "/hdhr/output_profile/99": ("Polycast / 99", both, ""),
        f"/hdhr/kids/output_profile/{shop.output}": (f"Polycast - kids / {shop.output}", one, small),
        "/hdhr/kids/output_profile/99": ("Polycast - kids / 99", one, ""),
    }


@pytest_asyncio.fixture(loop_scope="module")
async def closed(server: Server, owner: Client) -> AsyncIterator[None]:
    """Nobody of this machine may read line-ups for the length of a test."""
    rows = (await owner.get("/api/core/settings/")).json()
    row = next(row for row in rows if row["key"] == "network_access")
    path = f"/api/core/settings/{row['id']}/"
    assert (await owner.patch(path, {"value": {"M3U_EPG": "10.9.8.0/24"}})).status == 200
    await server.house.core.events.idle()  # each process reads the lists again when it hears of it
    yield
    assert (await owner.patch(path, {"value": {"M3U_EPG": None}})).status == 200
    await server.house.core.events.idle()


class TestATuner:
    async def test_every_address_of_it_tells_of_itself_and_of_its_own_channels(
        self, server: Server, shop: Shop
    ) -> None:
        ids: dict[str, str] = {}
        for prefix, (name, channels, end) in prefixes(shop).items():
            base = server.url + prefix
            told = (await server.get(f"{prefix}/discover.json")).json()
            expected = {"FriendlyName": name, "BaseURL": base, "LineupURL": f"{base}/lineup.json"}
            assert {key: told[key] for key in expected} == expected
            ids[prefix] = told["DeviceID"]
            urls = [f"{server.url}/proxy/ts/stream/{uuid}{end}" for uuid in channels]
            assert [row["URL"] for row in (await server.get(f"{prefix}/lineup.json")).json()] == urls
            m3u = (await server.get(f"{prefix}/lineup.m3u")).text()
            assert [line for line in m3u.splitlines() if not line.startswith("#")] == urls
            xml = ET.fromstring((await server.get(f"{prefix}/lineup.xml")).body)
            assert [one.text for one in xml.iter("URL")] == urls
            device = ET.fromstring((await server.get(f"{prefix}/device.xml")).body)
            assert device.findtext(f"{UPNP}DeviceID") == told["DeviceID"]
            assert device.findtext(f"{UPNP}BaseURL") == base
            status = (await server.get(f"{prefix}/lineup_status.json")).json()
            assert status == {"ScanInProgress": 0, "ScanPossible": 0, "Source": "Cable", "SourceList": ["Cable"]}
            for method in ("GET", "POST"):
                scan = await server.ask(method, f"{prefix}/lineup.post?scan=start")
                assert (scan.status, scan.body) == (200, b"")
        assert ids[""] == ids["/hdhr"]
        assert len(set(ids.values())) == len(ids) - 1

    async def test_the_reference_has_the_plain_one_too(self, server: Server, shop: Shop) -> None:
        for name in REST_TUNER:
            mine, plain = await server.get(f"/api/hdhr/{name}"), await server.get(f"/hdhr/{name}")
            assert (mine.status, mine.text().replace("/api/hdhr", "/hdhr")) == (200, plain.text())

    async def test_other_documents_are_not_found(self, server: Server, shop: Shop) -> None:
        for prefix in prefixes(shop):
            if prefix:
                answer = await server.get(f"{prefix}/nothing.json")
                assert (prefix, answer.status, answer.json()) == (prefix, 404, {"error": "Not found"})
        for path in ("/auto/v99", "/tuner0/v99", "/auto/x"):
            answer = await server.get(path)
            assert (answer.status, answer.headers["x-hdhomerun-error"]) == (404, "801 Unknown Channel")
            assert answer.json() == {"error": "Not found"}

    async def test_networks_that_are_not_admitted_get_nothing(self, server: Server, shop: Shop, closed: None) -> None:
        for prefix in prefixes(shop):
            for name in TUNER:
                answer = await server.get(f"{prefix}/{name}")
                assert (answer.status, answer.json()) == (403, FORBIDDEN), f"{prefix}/{name}"
            answer = await server.post(f"{prefix}/lineup.post")
            assert (answer.status, answer.json()) == (403, FORBIDDEN), prefix
        for name in REST_TUNER:
            assert (await server.get(f"/api/hdhr/{name}")).json() == FORBIDDEN


def plain(answer: Answer) -> str:
    """The text of a guide; addresses of the day apart."""
    body = gzip.decompress(answer.body) if answer.body[:2] == b"\x1f\x8b" else answer.body
    return body.decode()


class TestPlaylistsAndGuides:
    async def test_every_address_of_the_guide_is_the_same_guide(self, server: Server, shop: Shop) -> None:
        for profile, names in (("", ["News", "Cartoons"]), ("/kids", ["Cartoons"])):
            texts = {plain(await server.get(f"/output/{name}{profile}")) for name in ("epg", "epg.gz")}
            if not profile:
                texts |= {plain(await server.get(f"/output/{name}")) for name in ("epg.xml", "epg.xml.gz")}
            [text] = texts
            found = [one.findtext("display-name") for one in ET.fromstring(text).iter("channel")]
            assert found == names

    async def test_what_is_packed_says_so(self, server: Server, shop: Shop) -> None:
        for path in ("/output/epg.gz", "/output/epg.xml.gz", "/output/epg.gz/kids"):
            answer = await server.ask("GET", path, headers={"Accept-Encoding": "identity"})
            assert (answer.status, answer.headers["content-type"]) == (200, "application/gzip")
            assert gzip.decompress(answer.body).startswith(b"<?xml")

    async def test_a_playlist_is_asked_for_with_an_empty_body_alone(self, server: Server, shop: Shop) -> None:
        for path, count in (("/output/m3u", 2), ("/output/m3u/kids", 1)):
            asked = await server.get(path)
            assert len(re.findall(r"(?m)^http", asked.text())) == count
            for body in (b"", b"{}"):
                posted = await server.ask("POST", path, data=body)
                assert (posted.status, posted.text()) == (200, asked.text())
            for body in (b'{"a":1}', b"x"):
                refused = await server.ask("POST", path, data=body)
                assert (refused.status, refused.json()) == (403, FORBIDDEN)

    async def test_an_unknown_profile_is_not_found(self, server: Server, shop: Shop) -> None:
        for path in ("/output/m3u/nobody", "/output/epg/nobody", "/output/epg.gz/nobody"):
            answer = await server.get(path)
            assert (answer.status, answer.json()) == (404, {"error": "Not found"})
        answer = await server.post("/output/m3u/nobody")
        assert (answer.status, answer.json()) == (404, {"error": "Not found"})

    async def test_networks_that_are_not_admitted_get_nothing(self, server: Server, shop: Shop, closed: None) -> None:
        paths = [f"/output/{name}" for name in ("m3u", "m3u/kids", "epg", "epg/kids", "epg.gz", "epg.gz/kids")]
        for path in [*paths, "/output/epg.xml", "/output/epg.xml.gz"]:
            answer = await server.get(path)
            assert (answer.status, answer.json()) == (403, FORBIDDEN), path
        assert (await server.post("/output/m3u")).json() == FORBIDDEN


class TestTheXtreamFace:
    FORMS = ("get.php", "panel_api.php", "player_api.php", "xmltv.php")

    async def test_a_form_is_as_good_as_a_query(self, server: Server, owner: Client, shop: Shop) -> None:
        sent = {"username": "anna", "password": "walnut-harbour-8", "user_level": 1}
        sent["custom_properties"] = {"xc_password": "tin.lantern-42"}
        assert (await owner.post("/api/accounts/users/", sent)).status == 201
        login = {"username": "anna", "password": "tin.lantern-42"}
        for name in self.FORMS:
            asked = await server.get(f"/{name}", params=login)
            posted = await server.ask("POST", f"/{name}", data=login)
            assert asked.status == posted.status == 200, asked.text()
            assert timeless(posted) == timeless(asked)

    async def test_a_wrong_login_is_refused_in_its_own_words(self, server: Server, shop: Shop) -> None:
        wrong = {"username": "nobody", "password": "nothing at all"}
        for name in self.FORMS[:2]:  # more failures at once would be throttled
            answer = await server.ask("POST", f"/{name}", data=wrong)
            assert (answer.status, answer.json()) == (401, {"error": "Unauthorized"})
        answer = await server.ask("POST", "/streaming/timeshift.php", data=wrong)
        assert (answer.status, answer.json()) == (401, {"error": "Invalid credentials"})
        for path in ("/live/nobody/x/1.ts", "/timeshift/nobody/x/60/2026-01-01:10-00/1.ts"):
            answer = await server.get(path)
            assert (answer.status, answer.json()) == (401, {"error": "Invalid credentials"})


def timeless(answer: Answer) -> Any:
    """What does not change from one second to the next."""
    if "json" not in answer.headers["content-type"]:
        return plain(answer)
    found = json.loads(answer.body)
    if isinstance(found, dict):
        for name in ("timestamp_now", "time_now"):
            found.get("server_info", {}).pop(name, None)
        found.get("user_info", {}).pop("exp_date", None)
    return found

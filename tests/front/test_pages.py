"""What the front serves itself: the UI's files, health, metrics."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from polycast.core.module import HealthLine
from polycast.front.status import HealthPage, MetricsPage
from polycast.front.ui import UiFiles
from tests.fakes.asgi import AsgiClient
from tests.front.toys import CountedIds, Door, HandClock, Toys

INDEX = b'<html><meta name="style-nonce" content="{{nonce}}"><script src="/assets/a-1.js"></script></html>'


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(INDEX)
    (tmp_path / "favicon.svg").write_bytes(b"<svg/>")
    (tmp_path / "assets" / "a-1.js").write_bytes(b"let a")
    (tmp_path / "assets" / "a-1.js.br").write_bytes(b"BR")
    (tmp_path / "assets" / "a-1.js.gz").write_bytes(b"GZ")
    (tmp_path / "assets" / "a-1.js.map").write_bytes(b"{}")
    (tmp_path / "assets" / "b.css").write_bytes(b"a{}")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (tmp_path / "assets" / "link").symlink_to(tmp_path / "secret.txt")
    return tmp_path


def client_for(folder: Path) -> AsgiClient:
    return AsgiClient(Toys(pages=[UiFiles(folder, ids=CountedIds())]).front)


class TestTheUi:
    @pytest.mark.parametrize("path", ["/", "/app", "/app/", "/app/live/guide", "/app/a.b/c"])
    async def test_is_one_page_with_its_own_nonce(self, built: Path, path: str) -> None:
        client = client_for(built)
        first, second = await client.get(path), await client.get(path)
        assert b'content="id-000000000000000001"' in first.content
        assert "style-src 'self' 'nonce-id-000000000000000001'" in first.headers["content-security-policy"]
        assert b"id-000000000000000002" in second.content
        assert first.headers["cache-control"] == "no-cache"

    async def test_has_assets_that_never_change(self, built: Path) -> None:
        client = client_for(built)
        plain = await client.get("/assets/a-1.js")
        assert (plain.content, plain.headers["content-type"]) == (b"let a", "text/javascript; charset=utf-8")
        assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
        again = await client.get("/assets/a-1.js", headers={"if-none-match": plain.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")

    @pytest.mark.parametrize(
        ("accepted", "encoding", "content"),
        [
            ("gzip, deflate, br", "br", b"BR"),
            ("gzip", "gzip", b"GZ"),
            ("br;q=0, gzip;q=0.5", "gzip", b"GZ"),
            ("identity", None, b"let a"),
        ],
    )
    async def test_sends_what_was_compressed_beforehand(
        self, built: Path, accepted: str, encoding: str | None, content: bytes
    ) -> None:
        answer = await client_for(built).get("/assets/a-1.js", headers={"accept-encoding": accepted})
        assert (answer.headers.get("content-encoding"), answer.content) == (encoding, content)
        assert answer.headers["vary"] == "accept-encoding"

    @pytest.mark.parametrize(
        "path", ["/assets/none.js", "/assets/link", "/assets/a-1.js.map", "/assets/a-1.js.br", "/secret.txt", "/assets"]
    )
    async def test_has_nothing_else(self, built: Path, path: str) -> None:
        assert (await client_for(built).get(path)).status_code == 404

    async def test_says_how_to_build_it(self, tmp_path: Path) -> None:
        answer = await client_for(tmp_path / "none").get("/")
        assert answer.status_code == 200
        assert "make run" in answer.text

    async def test_is_seen_when_it_is_built_later(self, tmp_path: Path) -> None:
        client = client_for(tmp_path)
        assert "not built" in (await client.get("/")).text
        (tmp_path / "favicon.svg").write_bytes(b"<svg/>")
        (tmp_path / "index.html").write_bytes(INDEX)
        os.utime(tmp_path / "index.html")
        assert b"/assets/a-1.js" in (await client.get("/")).content
        assert (await client.get("/favicon.svg")).content == b"<svg/>"

    async def test_is_only_read(self, built: Path) -> None:
        assert (await client_for(built).post("/")).status_code == 405


class Doctor:
    """Health lines that a test sets, and how often they were asked for."""

    def __init__(self) -> None:
        self.lines: Sequence[HealthLine] = [HealthLine(name="database", ok=True, text="at /data/polycast.db")]
        self.asked = 0

    async def health(self) -> Sequence[HealthLine]:
        self.asked += 1
        return self.lines

    async def broken(self) -> Sequence[HealthLine]:
        raise ZeroDivisionError


class House:
    """A front with its health and metrics pages."""

    def __init__(self) -> None:
        self.doctor = Doctor()
        self.clock = HandClock()
        self.is_ready = True
        self.healths = {"core": self.doctor.health}
        page = HealthPage(
            self.healths, is_ready=lambda: self.is_ready, identity=Door(), clock=self.clock, version="1.2"
        )
        metrics = MetricsPage(lambda: "polycast_up 1\n", identity=Door())
        self.front = Toys(pages=[page, metrics]).front

    def client(self, **headers: str) -> AsgiClient:
        return AsgiClient(self.front, peer="203.0.113.5", headers=headers)


@pytest.fixture
def house() -> House:
    return House()


class TestHealth:
    async def test_is_short_for_strangers(self, house: House) -> None:
        answer = await house.client().get("/healthz")
        assert answer.status_code == 200
        assert answer.json() == {"status": "ok", "version": "1.2", "checks": [{"name": "database", "ok": True}]}
        assert answer.headers["cache-control"] == "no-store"

    async def test_is_told_in_full_to_who_may_read(self, house: House) -> None:
        told = [
            (await house.client(**{"x-api-key": "watcher"}).get("/healthz")).json(),
            (await AsgiClient(house.front).get("/healthz")).json(),
        ]
        assert [answer["checks"][0]["text"] for answer in told] == ["at /data/polycast.db"] * 2

    async def test_is_still_told_with_a_wrong_key(self, house: House) -> None:
        assert (await house.client(**{"x-api-key": "wrong"}).get("/healthz")).status_code == 200

    async def test_is_degraded_when_a_line_is(self, house: House) -> None:
        house.doctor.lines = [HealthLine(name="disk", ok=False, text="full")]
        answer = await house.client().get("/healthz")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")

    async def test_says_that_it_starts(self, house: House) -> None:
        house.is_ready = False
        house.front.ready = False
        answer = await house.client().get("/healthz")
        assert (answer.status_code, answer.json()) == (503, {"status": "starting"})

    async def test_is_looked_at_once_a_second(self, house: House) -> None:
        for _ in range(5):
            await house.client().get("/healthz")
        assert house.doctor.asked == 1
        house.clock.at += house.clock.at.resolution * 1_000_000
        await house.client().get("/healthz")
        assert house.doctor.asked == 2

    async def test_survives_a_broken_check(self, caplog: pytest.LogCaptureFixture) -> None:
        house = House()
        house.healths["bad"] = house.doctor.broken
        page = HealthPage(house.healths, is_ready=lambda: True, identity=Door(), clock=HandClock(), version="1")
        answer = await AsgiClient(Toys(pages=[page]).front).get("/healthz")
        assert answer.json()["checks"][1] == {
            "name": "bad",
            "ok": False,
            "text": "its health check failed; see the log",
        }
        assert "health of bad failed" in caplog.text

    async def test_answers_head(self, house: House) -> None:
        answer = await house.client().request("HEAD", "/healthz")
        assert (answer.status_code, answer.content) == (200, b"")


class TestMetrics:
    async def test_are_for_this_machine_and_for_who_may_read(self, house: House) -> None:
        assert (await AsgiClient(house.front).get("/metrics")).text == "polycast_up 1\n"
        assert (await house.client(**{"x-api-key": "watcher"}).get("/metrics")).status_code == 200
        assert (await house.client().get("/metrics")).status_code == 401
        assert (await house.client(**{"x-api-key": "reader"}).get("/metrics")).status_code == 403

    # A reverse proxy on this machine must not make the whole world local.
    @pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip"])
    async def test_are_not_for_who_comes_through_a_proxy(self, house: House, header: str) -> None:
        client = AsgiClient(house.front, headers={header: "127.0.0.1"})
        assert (await client.get("/metrics")).status_code == 401

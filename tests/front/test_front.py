"""The front door with two toy dialects behind it."""

import logging

import pytest

from polycast.core.identity.caller import Caller
from polycast.core.module import Dialect, Slash
from polycast.front.app import Front, log_served
from polycast.front.paths import ClaimedTwice
from polycast.front.peers import Peers
from polycast.front.rates import Buckets
from tests.fakes.asgi import AsgiClient
from tests.front.toys import CountedIds, HandClock, Toys, spell_plain

TRAVERSALS = [
    "/toy/../bytes/short",
    "/toy/./notes/1/",
    "/..",
    "/.",
    "/../../etc/passwd",
    "/toy/..",
    "/toy/%2e%2e/bytes/short",
    "/toy/%2E%2E/bytes/short",
    "/toy/.%2e/bytes/short",
    "/toy/%2e./bytes/short",
    "/toy/%2e/notes/1/",
    "/toy/..;/bytes/short",
    "/toy/..;x=1/bytes/short",
    "/toy/.;/notes/",
    "/toy/%2e%2e;a/b",
    "/toy/..%2fbytes/short",
    "/toy/..%2Fbytes/short",
    "/toy%2fnotes/1/",
    "/toy%2Fnotes/1/",
    "/toy/..%5cbytes",
    "/toy/..%5Cbytes",
    "/toy/..\\bytes",
    "/toy\\..\\bytes",
    "\\toy",
    "/toy/notes\\1",
    "/toy/%00",
    "/toy/notes/1%00.ts",
    "/toy/%0a",
    "/toy/%0d%0aSet-Cookie:x",
    "/toy/%1f",
    "/toy/%7f",
    "/toy/%7F/",
    "/toy/%c2%80",
    "/toy/%ff",
    "/toy/%c0%ae%c0%ae/bytes/short",
    "/toy/%c0%af",
    "/toy/%e0%80%ae/",
    "/toy/%",
    "/toy/%2",
    "/toy/%zz",
    "/toy/%u002e",
    "/toy/%ed%a0%80",
    "/toy//../bytes/short",
    "//..//toy/",
    "/toy/" + "a" * 9000,
    "toy/notes/1/",
    "",
]


@pytest.fixture
def toys() -> Toys:
    return Toys()


@pytest.fixture
def client(toys: Toys) -> AsgiClient:
    return AsgiClient(toys.front)


class TestAPathThatReadersUnderstandDifferently:
    @pytest.mark.parametrize("path", TRAVERSALS)
    async def test_is_refused(self, client: AsgiClient, path: str) -> None:
        answer = await client.get(path)
        assert answer.status_code == 400
        assert answer.json()["code"] == "bad_path"

    async def test_is_decoded_only_once(self, client: AsgiClient) -> None:
        answer = await client.get("/bytes/secret/%252e%252e")
        assert "'name': '%2e%2e'" in answer.text

    async def test_counts_two_slashes_as_one(self, client: AsgiClient) -> None:
        assert (await client.get("//toy///notes//1/")).json() == {"text": "one"}


class TestTheLongestClaim:
    async def test_wins_before_patterns(self, client: AsgiClient) -> None:
        assert (await client.get("/toy/x/5")).status_code == 301
        assert (await client.get("/toy/x/5/")).json() == {"toy": "unknown_path"}

    @pytest.mark.parametrize("name", ["5", "5.ts", "77.mp4", "1.m3u8"])
    async def test_leaves_digits_to_the_pattern(self, client: AsgiClient, name: str) -> None:
        assert name in (await client.get(f"/ann/secret/{name}")).text

    @pytest.mark.parametrize("path", ["/ann/secret/5.avi", "/ann/secret/x", "/ann/5", "/a/b/c/5", "/TOY/", "/"])
    async def test_leaves_the_rest_to_nobody(self, client: AsgiClient, path: str) -> None:
        answer = await client.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


class TestEachDialect:
    async def test_words_its_own_404_and_405(self, client: AsgiClient) -> None:
        assert (await client.get("/toy/notes/0/")).json() == {"toy": "not_found"}
        assert (await client.get("/bytes/none")).text == "unknown_path"
        wrong = await client.delete("/toy/notes/")
        assert (wrong.status_code, wrong.headers["allow"], wrong.json()) == (
            405,
            "POST",
            {"toy": "method_not_allowed"},
        )
        wrong = await client.post("/bytes/short")
        assert (wrong.status_code, wrong.headers["allow"], wrong.text) == (405, "GET, HEAD", "method_not_allowed")

    async def test_words_what_the_front_refuses(self, client: AsgiClient) -> None:
        answer = await client.post("/toy/notes/", content=b"x" * 1001)
        assert (answer.status_code, answer.json()) == (413, {"toy": "too_large"})

    async def test_has_its_faults_logged_once(self, client: AsgiClient, caplog: pytest.LogCaptureFixture) -> None:
        answer = await client.get("/toy/fault/")
        assert (answer.status_code, answer.json()) == (500, {"toy": "unexpected"})
        assert [record.exc_info is not None for record in caplog.records] == [True]
        assert answer.headers["x-request-id"] in caplog.text


class TestAFaultOfADialectOfBytes:
    async def test_is_worded_and_logged_once(self, client: AsgiClient, caplog: pytest.LogCaptureFixture) -> None:
        answer = await client.get("/bytes/fault")
        assert (answer.status_code, answer.text) == (500, "unexpected")
        assert [record.getMessage() for record in caplog.records] == [
            "request id-000000000000000001 failed in toy.bytes at /bytes/fault"
        ]

    async def test_in_the_middle_of_an_answer_cuts_it(
        self, client: AsgiClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        answer = await client.get("/bytes/late")
        assert (answer.status_code, answer.content) == (200, b"begun")
        assert len(caplog.records) == 1

    async def test_of_a_socket_closes_it(self, client: AsgiClient, caplog: pytest.LogCaptureFixture) -> None:
        async with client.socket("/toy/broken/") as session:
            assert (await session.message())["type"] == "websocket.accept"
            assert await session.message() == {"type": "websocket.close", "code": 1011, "reason": "unexpected"}
        assert len(caplog.records) == 1


class TestASlash:
    async def test_is_added_for_get_with_the_query(self, client: AsgiClient) -> None:
        answer = await client.get("/toy/notes/1?a=b%2Fc")
        assert (answer.status_code, answer.headers["location"]) == (301, "/toy/notes/1/?a=b%2Fc")

    async def test_is_not_added_where_the_route_has_none(self, client: AsgiClient) -> None:
        assert (await client.get("/toy/plain")).json() == {"text": "plain"}

    async def test_is_not_needed_to_write(self, client: AsgiClient) -> None:
        assert (await client.post("/toy/notes", json={"text": "a"})).status_code == 201

    async def test_is_taken_away_where_the_dialect_wants_none(self, client: AsgiClient) -> None:
        answer = await client.put("/bytes/upload/?x=1", content=b"a")
        assert (answer.status_code, answer.headers["location"]) == (307, "/bytes/upload?x=1")

    async def test_never_leads_to_another_host(self, client: AsgiClient) -> None:
        for path in ("//evil.example/x", "/toy//evil.example"):
            answer = await client.get(path)
            assert not answer.headers.get("location", "/").startswith("//")


class TestHead:
    async def test_answers_like_get_without_the_body(self, client: AsgiClient) -> None:
        answer = await client.request("HEAD", "/toy/notes/1/")
        assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "14")

    async def test_ends_a_stream_that_would_never_end(self, client: AsgiClient, toys: Toys) -> None:
        answer = await client.request("HEAD", "/bytes/endless")
        assert (answer.status_code, answer.content) == (200, b"")
        assert toys.streams.open == 0


class TestABody:
    @pytest.mark.parametrize("announce", [True, False])
    async def test_of_a_route_that_takes_more_is_read(self, client: AsgiClient, announce: bool) -> None:
        answer = await client.put("/bytes/upload", content=b"x" * 200_000, announce=announce)
        assert answer.text == "200000"

    @pytest.mark.parametrize("announce", [True, False])
    async def test_beyond_the_limit_is_refused(self, client: AsgiClient, announce: bool) -> None:
        answer = await client.put("/bytes/upload", content=b"x" * 200_001, announce=announce)
        assert (answer.status_code, answer.text) == (413, "too_large")

    @pytest.mark.parametrize("length", ["-1", "1e3", "x", "+5", "0x10"])
    async def test_with_a_strange_length_is_refused(self, client: AsgiClient, length: str) -> None:
        answer = await client.post("/toy/notes/", headers={"content-length": length})
        assert answer.status_code == 400


class TestWhoAsks:
    async def test_is_the_peer_when_it_is_no_proxy_of_ours(self, toys: Toys) -> None:
        claims = {
            "x-forwarded-for": "9.9.9.9",
            "x-forwarded-proto": "https",
            "x-forwarded-host": "evil.example",
            "x-request-id": "chosen-by-client",
        }
        told = (await AsgiClient(toys.front, headers=claims, peer="203.0.113.5").get("/toy/")).json()
        assert told == {
            "ip": "203.0.113.5",
            "origin": "http://testserver",
            "url": "http://testserver/toy/",
            "id": "id-000000000000000001",
        }

    async def test_is_what_a_trusted_proxy_says(self) -> None:
        toys = Toys(trusted=["10.0.0.0/8"])
        claims = {
            "x-forwarded-for": "1.1.1.1, 203.0.113.9, 10.0.0.7",
            "x-forwarded-proto": "https",
            "x-forwarded-host": "tv.example",
            "x-request-id": "proxy-says-5",
        }
        answer = await AsgiClient(toys.front, headers=claims, peer="::ffff:10.0.0.1").get("/toy/")
        assert answer.json() == {
            "ip": "203.0.113.9",
            "origin": "https://tv.example",
            "url": "https://tv.example/toy/",
            "id": "proxy-says-5",
        }
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert answer.headers["x-request-id"] == "proxy-says-5"

    @pytest.mark.parametrize("host", ["a b", "a/b", "a@b", "a\\b", "[::1", "a:b", "a:1:2", "<x>"])
    async def test_must_name_a_host(self, toys: Toys, host: str) -> None:
        assert (await AsgiClient(toys.front, headers={"host": host}).get("/toy/")).status_code == 400


class TestEveryAnswer:
    @pytest.mark.parametrize("path", ["/toy/", "/nothing", "/toy/nothing/", "/bytes/short", "/toy/.."])
    async def test_has_the_security_headers(self, client: AsgiClient, path: str) -> None:
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"] == "frame-ancestors 'self'"
        assert len(headers["x-request-id"]) == 21

    async def test_of_a_caller_is_kept_by_no_cache(self, toys: Toys) -> None:
        signed_in = await AsgiClient(toys.front, headers={"x-api-key": "reader"}).get("/toy/mine/")
        assert signed_in.headers["cache-control"] == "no-store"
        assert "cache-control" not in (await AsgiClient(toys.front).get("/toy/")).headers

    async def test_is_logged_by_its_template(
        self, client: AsgiClient, toys: Toys, caplog: pytest.LogCaptureFixture
    ) -> None:
        await client.get("/ann/secret/5.ts?token=abc")
        [served] = toys.served
        assert (served.route, served.dialect, served.status) == ("/{user}/{password}/{name}", "toy.bytes", 200)
        with caplog.at_level(logging.INFO, "polycast.access"):
            log_served(served)
        assert "secret" not in caplog.text
        assert "abc" not in caplog.text
        assert "/{user}/{password}/{name}" in caplog.text


class TestWhoAsksTooOften:
    @pytest.fixture
    def toys(self) -> Toys:
        return Toys(rates={"normal": 5, "costly": 2})

    async def test_is_told_to_wait_in_the_words_of_the_dialect(self, client: AsgiClient, toys: Toys) -> None:
        for _ in range(5):
            assert (await client.get("/toy/")).status_code == 200
        answer = await client.get("/toy/")
        assert (answer.status_code, answer.json()) == (429, {"toy": "too_many"})
        assert answer.headers["retry-after"] == "12"
        assert answer.headers["x-ratelimit-remaining"] == "0"
        toys.clock.at += toys.clock.at.resolution * 12_000_000
        assert (await client.get("/toy/")).status_code == 200

    async def test_has_a_bucket_of_each_class(self, client: AsgiClient) -> None:
        assert [(await client.get("/toy/costly/")).status_code for _ in range(3)] == [200, 200, 429]
        assert (await client.get("/toy/")).status_code == 200

    async def test_is_counted_by_credential_not_by_address(self, toys: Toys) -> None:
        ann = AsgiClient(toys.front, headers={"x-api-key": "reader"}, peer="203.0.113.5")
        for _ in range(5):
            await ann.get("/toy/mine/")
        assert (await ann.get("/toy/mine/")).status_code == 429
        assert (await AsgiClient(toys.front, peer="203.0.113.5").get("/toy/")).status_code == 200

    # A new made-up key for each try must not bring a new bucket.
    async def test_is_counted_by_address_with_wrong_credentials(self, toys: Toys) -> None:
        tries = [
            await AsgiClient(toys.front, headers={"x-api-key": f"guess{number}"}).get("/toy/mine/")
            for number in range(6)
        ]
        assert [answer.status_code for answer in tries] == [401] * 5 + [429]

    def test_is_forgotten_before_memory_fills(self) -> None:
        buckets = Buckets(HandClock(), capacity=3)
        for key in "abcd":
            buckets.take(key, 5)
        assert len(buckets) == 3
        assert buckets.take("d", 5) == 3
        assert buckets.take("a", 5) == 4

    async def test_is_counted_on_unknown_paths_too(self, client: AsgiClient) -> None:
        for number in range(5):
            await client.get(f"/toy/none{number}/")
        assert (await client.get("/toy/")).status_code == 429

    async def test_has_600_a_minute_when_it_is_our_own_page(self, toys: Toys) -> None:
        page = AsgiClient(toys.front, headers={"cookie": "a=b; polycast_session=x"})
        answers = [(await page.get("/toy/mine/")).status_code for _ in range(601)]
        assert answers == [200] * 600 + [429]


class TestAFrontThatIsNotReady:
    async def test_says_so_in_the_words_of_the_dialect(self, client: AsgiClient, toys: Toys) -> None:
        toys.front.ready = False
        answer = await client.get("/toy/")
        assert (answer.status_code, answer.json(), answer.headers["retry-after"]) == (503, {"toy": "starting"}, "2")


class TestASocket:
    async def test_reaches_its_dialect(self, client: AsgiClient) -> None:
        async with client.socket("/toy/ws/", headers={"x-api-key": "reader"}) as session:
            assert (await session.message())["type"] == "websocket.accept"
            await session.send_text("hello")
            assert (await session.message())["text"] == "reader: hello"

    @pytest.mark.parametrize(
        ("path", "status"), [("/toy/ws/", 401), ("/toy/none", 404), ("/none", 404), ("/x/..", 400)]
    )
    async def test_is_refused_with_a_status(self, client: AsgiClient, path: str, status: int) -> None:
        async with client.socket(path) as session:
            assert (await session.message())["status"] == status


class TestTwoEqualClaims:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("/api/x/", "/api/x"),
            ("/api/*", "/api/*"),
            ("/Items/*", "/items/*"),
            ("/{a}/{b}/{digits}", "/{user}/{pass}/{id}"),
        ],
    )
    def test_stop_the_start(self, toys: Toys, one: str, other: str) -> None:
        app = Toys().front._table.find("/toy/").app  # type: ignore[union-attr]

        def dialect(name: str, claim: str) -> Dialect:
            return Dialect(name=name, claims=[claim], app=app, slash=Slash.EXACT, spell=spell_plain)  # type: ignore[arg-type]

        with pytest.raises(ClaimedTwice, match=r"b\.y and a\.x both claim"):
            Front([dialect("a.x", one), dialect("b.y", other)], clock=HandClock(), ids=CountedIds(), peers=Peers())


def test_first_words_are_those_that_no_user_may_have(toys: Toys) -> None:
    assert toys.front.first_words() == {"toy", "bytes"}
    assert Caller().is_anonymous

"""A JSON dialect as its clients meet it, without the front and without a socket."""

from collections.abc import AsyncIterator, MutableMapping
from enum import StrEnum
from typing import Annotated, Any

import pytest
from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.errors import Busy, NotFound, NotSignedIn
from polycast.core.http import (
    Answer,
    Cookie,
    Media,
    Request,
    Response,
    Upload,
    WebSocket,
    delete,
    get,
    json_dialect,
    line,
    patch,
    post,
    problem_details,
    stream_list,
    websocket,
)
from polycast.core.http.dialects import JsonDialect
from polycast.core.identity.caller import OPEN, SIGNED_IN, Caller, Credential, Policy
from tests.fakes.asgi import AsgiClient


class Kind(StrEnum):
    FILM = "film"
    SHOW = "show"


class ThingNew(Struct, kw_only=True):
    name: Annotated[str, line(20)]
    number: float | None = None
    kind: Kind = Kind.FILM
    tags: list[str] = []


class ThingPatch(Struct, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=20)] | UnsetType = UNSET
    logo_id: int | UnsetType | None = UNSET


class Thing(Struct, kw_only=True):
    id: int
    name: str


class Picture(Struct, kw_only=True):
    file: Upload
    name: str = ""


class Things:
    """The one service of the toy."""

    async def get(self, thing_id: int) -> Thing:
        if thing_id > 100:
            raise NotFound("Thing")
        return Thing(id=thing_id, name="one")


@get("/api/things/", policy=SIGNED_IN)
async def listed(caller: Caller, page: int = 1, kind: Kind | None = None) -> dict[str, Any]:
    return {"who": caller.username, "page": page, "kind": kind}


@get("/api/things/all/", policy=OPEN)
async def streamed() -> Response:
    async def rows() -> AsyncIterator[Thing]:
        for number in range(3):
            yield Thing(id=number, name="x")

    return stream_list(rows())


@get("/api/things/{thing_id}/", policy=OPEN)
async def one(thing_id: int, things: Things) -> Thing:
    return await things.get(thing_id)


@post("/api/things/", policy=SIGNED_IN, sent=ThingNew, status=201)
async def create(sent: ThingNew, request: Request) -> Answer[Thing]:
    cookie = Cookie(name="seen", value="1", max_age=60)
    return Answer(Thing(id=1, name=sent.name), headers={"Location": str(request.url)}, cookies=[cookie])


@patch("/api/things/{thing_id}/", policy=OPEN, sent=ThingPatch)
async def change(thing_id: int, sent: ThingPatch) -> dict[str, Any]:
    return {"logo": "kept" if sent.logo_id is UNSET else sent.logo_id}


@delete("/api/things/{thing_id}/", policy=OPEN, status=204)
async def drop(thing_id: int) -> None:
    if thing_id == 7:
        raise Busy("The shelf", retry_after=3)
    if thing_id == 8:
        raise ZeroDivisionError("secret inside")


@post("/api/pictures/", policy=OPEN, sent=Picture, media=[Media.MULTIPART], body_limit=1000)
async def picture(sent: Picture) -> dict[str, Any]:
    return {"size": len(sent.file.content), "name": sent.name, "as": sent.file.filename}


@get("/api/files/{rest:path}", policy=OPEN)
async def file(rest: str) -> str:
    return rest


@websocket("/ws/", policy=SIGNED_IN)
async def socket(socket: WebSocket, caller: Caller) -> None:
    await socket.accept()
    await socket.send_text(caller.username)
    if await socket.receive_text() == "fail":
        raise NotFound("Channel")
    await socket.close()


class Door:
    async def authenticate(self, scope: MutableMapping[str, Any], policy: Policy) -> Caller:
        for name, value in scope["headers"]:
            if name == b"x-api-key":
                return Caller(user_id=1, username=value.decode(), credential=Credential.API_KEY)
        if policy.anonymous:
            return Caller()
        raise NotSignedIn


HANDLERS = [listed, streamed, one, create, change, drop, picture, file, socket]


@pytest.fixture
def dialect() -> JsonDialect:
    return json_dialect(HANDLERS, services={"things": Things()}, identity=Door(), spell=problem_details)


@pytest.fixture
def client(dialect: JsonDialect) -> AsgiClient:
    return AsgiClient(dialect, headers={"x-api-key": "ann"})


class TestAHandler:
    async def test_gets_its_path_caller_services_and_query(self, client: AsgiClient) -> None:
        assert (await client.get("/api/things/?page=3&kind=show")).json() == {"who": "ann", "page": 3, "kind": "show"}
        assert (await client.get("/api/things/5/")).json() == {"id": 5, "name": "one"}

    async def test_answers_with_status_headers_and_cookies(self, client: AsgiClient) -> None:
        answer = await client.post("/api/things/", json={"name": "  Ca\u0301fe  ", "extra": 1})
        assert answer.status_code == 201
        assert answer.json() == {"id": 1, "name": "Cáfe"}
        assert answer.headers["location"] == "http://testserver/api/things/"
        assert answer.headers["set-cookie"] == "seen=1; HttpOnly; Max-Age=60; Path=/; SameSite=lax"

    async def test_may_answer_without_a_body(self, client: AsgiClient) -> None:
        answer = await client.delete("/api/things/1/")
        assert (answer.status_code, answer.content) == (204, b"")
        assert "content-length" not in answer.headers

    async def test_may_stream_a_list(self, client: AsgiClient) -> None:
        assert [row["id"] for row in (await client.get("/api/things/all/")).json()] == [0, 1, 2]

    async def test_tells_absent_from_null(self, client: AsgiClient) -> None:
        assert (await client.patch("/api/things/1/", json={})).json() == {"logo": "kept"}
        assert (await client.patch("/api/things/1/", json={"logo_id": None})).json() == {"logo": None}

    async def test_takes_the_rest_of_a_path(self, client: AsgiClient) -> None:
        assert (await client.get("/api/files/a/b.txt")).json() == "a/b.txt"

    async def test_gets_a_file_from_a_form(self, client: AsgiClient) -> None:
        answer = await client.upload("/api/pictures/", file=("a.png", b"12345", "image/png"), fields={"name": "A"})
        assert answer.json() == {"size": 5, "name": "A", "as": "a.png"}

    async def test_reads_a_large_body_too(self, client: AsgiClient) -> None:
        answer = await client.post("/api/things/", json={"name": "a", "tags": ["tag"] * 100_000})
        assert answer.status_code == 201
        answer = await client.post("/api/things/", json={"name": "a", "tags": [5] * 200_000})
        assert len(answer.json()["problems"]) == 100

    async def test_has_its_time_told(self) -> None:
        told: list[tuple[str, str, int, bool]] = []

        def observe(method: str, route: str, status: int, seconds: float) -> None:
            told.append((method, route, status, seconds >= 0))

        app = json_dialect(
            [one], services={"things": Things()}, identity=Door(), spell=problem_details, observe=observe
        )
        await AsgiClient(app).get("/api/things/5/")
        assert told == [("GET", "/api/things/{thing_id}/", 200, True)]


class TestOptions:
    async def test_names_all_methods_of_a_path(self, client: AsgiClient) -> None:
        answer = await client.request("OPTIONS", "/api/things/5/")
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["allow"] == "DELETE, GET, HEAD, PATCH, OPTIONS"

    async def test_of_an_unknown_path_do_not_exist(self, client: AsgiClient) -> None:
        assert (await client.request("OPTIONS", "/api/none/")).status_code == 404


class TestAFailure:
    @pytest.mark.parametrize(
        ("method", "path", "status", "code"),
        [
            ("GET", "/api/nothing/", 404, "unknown_path"),
            ("GET", "/api/things/word/", 404, "unknown_path"),
            ("GET", "/api/things/99999999999999999999/", 404, "unknown_path"),
            ("GET", "/api/things/101/", 404, "not_found"),
            ("PUT", "/api/things/", 405, "method_not_allowed"),
            ("DELETE", "/api/things/7/", 503, "busy"),
            ("GET", "/api/things/?page=x", 400, "invalid"),
        ],
    )
    async def test_is_spelled_by_the_dialect(
        self, client: AsgiClient, method: str, path: str, status: int, code: str
    ) -> None:
        answer = await client.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == code

    async def test_names_the_methods_allowed(self, client: AsgiClient) -> None:
        assert (await client.put("/api/things/")).headers["allow"] == "GET, HEAD, POST"

    async def test_names_the_time_to_wait(self, client: AsgiClient) -> None:
        assert (await client.delete("/api/things/7/")).headers["retry-after"] == "3"

    async def test_tells_every_problem_of_a_body(self, client: AsgiClient) -> None:
        answer = await client.post("/api/things/", json={"number": "x", "kind": "song", "tags": [1, "a", None]})
        told = {(problem["path"], problem["code"]) for problem in answer.json()["problems"]}
        assert told == {
            ("name", "required"),
            ("number", "not_a_number"),
            ("kind", "not_a_choice"),
            ("tags.0", "not_a_string"),
            ("tags.2", "null"),
        }

    async def test_asks_for_a_credential_before_it_reads(self, dialect: JsonDialect) -> None:
        answer = await AsgiClient(dialect).post("/api/things/", content=b"not json")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="api"'

    @pytest.mark.parametrize(
        ("content", "kind", "status", "code"),
        [
            (b"{", "application/json", 400, "bad_body"),
            (b'{"name":"\xff"}', "application/json", 400, "bad_body"),
            (b'{"name":"\\ud800"}', "application/json", 400, "bad_body"),
            (b"[" * 65 + b"]" * 65, "application/json", 400, "bad_body"),
            (b"NaN", "application/json", 400, "bad_body"),
            (b"<a/>", "text/xml", 415, "unsupported_media"),
            (b'{"name":"' + b"a" * 1_100_000 + b'"}', "application/json", 413, "too_large"),
        ],
    )
    async def test_of_reading_says_what_could_not_be_read(
        self, client: AsgiClient, content: bytes, kind: str, status: int, code: str
    ) -> None:
        answer = await client.post("/api/things/", content=content, headers={"content-type": kind})
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    async def test_of_ours_says_nothing_and_logs_once(
        self, client: AsgiClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        answer = await client.delete("/api/things/8/")
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert len(caplog.records) == 1
        assert "secret inside" in caplog.text

    async def test_limits_an_upload(self, client: AsgiClient) -> None:
        answer = await client.upload("/api/pictures/", file=("a.png", b"1" * 2000, "image/png"))
        assert answer.status_code == 413


class TestASocket:
    async def test_knows_its_caller(self, client: AsgiClient) -> None:
        async with client.socket("/ws/") as session:
            assert (await session.message())["type"] == "websocket.accept"
            assert (await session.message())["text"] == "ann"
            await session.send_text("fail")
            assert await session.message() == {"type": "websocket.close", "code": 4404, "reason": "not_found"}

    async def test_is_refused_in_the_words_of_the_dialect(self, dialect: JsonDialect) -> None:
        async with AsgiClient(dialect).socket("/ws/") as session:
            assert (await session.message())["status"] == 401
            assert b'"code":"not_signed_in"' in (await session.message())["body"]


class TestABuild:
    def test_tells_its_routes(self, dialect: JsonDialect) -> None:
        assert [(route.method, route.path) for route in dialect.routes][-2:] == [
            ("GET", "/api/files/{rest:path}"),
            ("WS", "/ws/"),
        ]

    def test_fails_when_a_service_is_missing(self) -> None:
        with pytest.raises(TypeError, match="'things' is neither a service"):
            json_dialect(HANDLERS, services={}, identity=Door(), spell=problem_details)

    def test_fails_when_a_path_parameter_is_not_taken(self) -> None:
        @get("/a/{b}", policy=OPEN)
        async def lost() -> None: ...

        with pytest.raises(TypeError, match="does not take b"):
            json_dialect([lost], services={}, identity=Door(), spell=problem_details)

    def test_fails_when_a_query_parameter_has_the_name_of_a_service(self) -> None:
        @get("/a", policy=OPEN)
        async def torn(queue: str = "") -> None: ...

        with pytest.raises(TypeError, match="'queue' is both a service and a query parameter"):
            json_dialect([torn], services={"queue": object()}, identity=Door(), spell=problem_details)

    async def test_may_ignore_case_but_not_in_ids(self) -> None:
        @get("/Items/{name}/Images", policy=OPEN)
        async def images(name: str) -> str:
            return name

        app = json_dialect([images], services={}, identity=Door(), spell=problem_details, ignore_case=True)
        assert (await AsgiClient(app).get("/ITEMS/aBc/images")).json() == "aBc"

"""What a body may be written in, and what happens to one that is written badly."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec import Struct

from polycast.core.errors import NotFound
from polycast.core.http import (
    Media,
    Request,
    Response,
    StreamingResponse,
    Upload,
    byte_dialect,
    byte_route,
    json_dialect,
    parts_of,
    post,
    problem_details,
)
from polycast.core.identity.caller import OPEN, Caller
from tests.core.http.test_json_dialect import Door
from tests.fakes.asgi import AsgiClient

ALL = [Media.JSON, Media.FORM, Media.MULTIPART]
FORM = "application/x-www-form-urlencoded"
EDGE = "multipart/form-data; boundary=edge"


class Note(Struct, kw_only=True):
    text: str
    tags: list[str] = []


class Files(Struct, kw_only=True):
    torrents: list[Upload] = []
    urls: str = ""


@post("/any/", policy=OPEN, sent=Note, media=ALL)
async def anyhow(sent: Note) -> Note:
    return sent


@post("/json/", policy=OPEN, sent=Note)
async def only_json(sent: Note) -> Note:
    return sent


@post("/files/", policy=OPEN, sent=Files, media=[Media.MULTIPART, Media.FORM])
async def files(sent: Files) -> list[Any]:
    return [sent.urls, *([file.filename, file.content_type, len(file.content)] for file in sent.torrents)]


@post("/parts/", policy=OPEN, body_limit=10_000_000)
async def parts(request: Request) -> list[Any]:
    found = []
    async for part in parts_of(request.receive, request.headers["content-type"], 10_000_000):
        if part.filename == "skipped":
            continue
        size = 0
        async for chunk in part.chunks:
            size += len(chunk)
        found.append([part.name, part.filename, size])
    return found


@pytest.fixture
def client() -> AsgiClient:
    handlers = [anyhow, only_json, files, parts]
    return AsgiClient(json_dialect(handlers, services={}, identity=Door(), spell=problem_details))


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    file = f'; filename="{filename}"' if filename is not None else ""
    return f'--edge\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"


class TestABody:
    @pytest.mark.parametrize(
        ("kind", "content"),
        [
            ("application/json", b'{"text":"a","tags":["b","c"]}'),
            ("application/json; charset=UTF-8", b'{"text":"a","tags":["b","c"]}'),
            ("application/merge-patch+json", b'{"text":"a","tags":["b","c"]}'),
            ("", b'{"text":"a","tags":["b","c"]}'),
            (FORM, b"text=a&tags=b&tags=c"),
            (EDGE, part("text", b"a") + part("tags", b"b") + part("tags", b"c") + b"--edge--\r\n"),
            (
                'multipart/form-data; boundary="edge"',
                part("text", b"a") + part("tags", b"b") + part("tags", b"c") + b"--edge--\r\n",
            ),
        ],
    )
    async def test_may_be_written_in_what_the_route_takes(self, client: AsgiClient, kind: str, content: bytes) -> None:
        answer = await client.post("/any/", content=content, headers={"content-type": kind} if kind else None)
        assert answer.json() == {"text": "a", "tags": ["b", "c"]}

    @pytest.mark.parametrize(
        ("kind", "content"),
        [
            (FORM, b"text=a"),
            ("text/plain", b"a"),
            ("application/json; charset=utf-16", b"{}"),
            ("application/xml", b"<a/>"),
        ],
    )
    async def test_may_not_be_written_in_anything_else(self, client: AsgiClient, kind: str, content: bytes) -> None:
        answer = await client.post("/json/", content=content, headers={"content-type": kind})
        assert answer.status_code == 415

    # Home Assistant's aiohttp calls a POST without a body "application/octet-stream".
    @pytest.mark.parametrize("kind", ["application/json", FORM, "", "application/octet-stream"])
    async def test_that_is_empty_lacks_what_is_required(self, client: AsgiClient, kind: str) -> None:
        answer = await client.post("/any/", headers={"content-type": kind} if kind else None)
        assert [(problem["path"], problem["code"]) for problem in answer.json()["problems"]] == [("text", "required")]

    @pytest.mark.parametrize(
        ("kind", "content"),
        [
            ("multipart/form-data", b"x"),
            ("multipart/form-data; boundary=" + "x" * 300, b"x"),
            (EDGE, b"no boundary at all"),
            (EDGE, part("text", b"a")),
            (EDGE, b"--edge\r\nContent-Disposition: form-data\r\n\r\nx\r\n--edge--\r\n"),
            (EDGE, b"--edge\r\n" + b"X: y\r\n" * 50 + b"\r\nx\r\n--edge--\r\n"),
            (EDGE, part("text", b"\xff") + b"--edge--\r\n"),
            (EDGE, part("text", b"a") * 1100 + b"--edge--\r\n"),
            (FORM, b"text=%ff"),
            (FORM, b"text=\xff"),
            (FORM, b"&".join([b"a=1"] * 1001)),
        ],
    )
    async def test_that_is_badly_written_is_refused(self, client: AsgiClient, kind: str, content: bytes) -> None:
        answer = await client.post("/any/", content=content, headers={"content-type": kind})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_body")


class TestFiles:
    async def test_may_be_several_under_one_name(self, client: AsgiClient) -> None:
        content = (
            part("urls", b"x")
            + part("torrents", b"12", "a%22b")
            + part("torrents", b"345", "100%.nzb")
            + b"--edge--\r\n"
        )
        answer = await client.post("/files/", content=content, headers={"content-type": EDGE})
        assert answer.json() == [
            "x",
            ['a"b', "application/octet-stream", 2],
            ["100%.nzb", "application/octet-stream", 3],
        ]

    async def test_must_be_files(self, client: AsgiClient) -> None:
        content = part("torrents", b"just text") + b"--edge--\r\n"
        answer = await client.post("/files/", content=content, headers={"content-type": EDGE})
        assert answer.json()["problems"][0] == {
            "path": "torrents.0",
            "code": "not_a_file",
            "params": {},
            "text": "Must be a file.",
        }

    async def test_may_be_read_without_being_held(self, client: AsgiClient) -> None:
        content = part("one", b"x" * 3_000_000, "big") + part("two", b"y" * 500, "skipped") + part("three", b"z")
        answer = await client.post("/parts/", content=content + b"--edge--\r\n", headers={"content-type": EDGE})
        assert answer.json() == [["one", "big", 3_000_000], ["three", None, 1]]


class TestAByteDialect:
    @pytest.fixture
    def client(self) -> AsgiClient:
        async def named(request: Request, caller: Caller) -> Response:
            return Response(f"{caller.is_anonymous} {request.path_params}")

        async def lost(request: Request, caller: Caller) -> Response:
            raise NotFound("Channel")

        async def cut(request: Request, caller: Caller) -> Response:
            async def rows() -> AsyncIterator[bytes]:
                yield b"begun"
                raise NotFound("Late")

            return StreamingResponse(rows())

        routes = [
            byte_route("/Items/{item_id}/File", named, policy=OPEN),
            byte_route("/dav/{rest:path}", named, policy=OPEN, methods=["GET", "PROPFIND", "OPTIONS"]),
            byte_route("/lost", lost, policy=OPEN),
            byte_route("/cut", cut, policy=OPEN),
        ]
        return AsgiClient(byte_dialect(routes, identity=Door(), spell=problem_details, ignore_case=True))

    async def test_finds_a_route_whatever_the_case(self, client: AsgiClient) -> None:
        assert (await client.get("/items/aB/FILE")).text == "True {'item_id': 'aB'}"

    async def test_takes_methods_of_its_own(self, client: AsgiClient) -> None:
        assert (await client.request("PROPFIND", "/dav/a/b/")).text == "True {'rest': 'a/b/'}"
        wrong = await client.put("/dav/a")
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD, OPTIONS, PROPFIND")

    async def test_words_its_failures(self, client: AsgiClient) -> None:
        assert (await client.get("/lost")).json()["detail"] == "Channel was not found."

    async def test_does_not_word_what_comes_too_late(self, client: AsgiClient) -> None:
        with pytest.raises(NotFound):
            await client.get("/cut")

    def test_has_each_route_once(self) -> None:
        async def none(request: Request, caller: Caller) -> Response:
            return Response()

        with pytest.raises(ValueError, match="GET /a is there twice"):
            byte_dialect(
                [byte_route("/a", none, policy=OPEN), byte_route("/a", none, policy=OPEN)],
                identity=Door(),
                spell=problem_details,
            )

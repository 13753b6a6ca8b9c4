"""Files over HTTP, whole and in parts, to clients that behave and to those that do not."""

import asyncio
import re
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polycast.core.errors import NotFound
from polycast.core.files import FileAnswer, Span, Unsatisfiable, parse_range

BODY = bytes(range(256)) * 10_000  # 2.56 MB: three pieces


class Answer:
    """What came back."""

    def __init__(self, messages: list[dict[str, Any]]) -> None:
        self.status: int = messages[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
        self.body = b"".join(message.get("body", b"") for message in messages[1:])
        self.pieces = len(messages) - 1


@pytest.fixture
def film(tmp_path: Path) -> Path:
    (tmp_path / "film.mkv").write_bytes(BODY)
    return tmp_path / "film.mkv"


async def ask(path: Path, *, method: str = "GET", content_type: str = "video/x-matroska", **headers: str) -> Answer:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)
        await asyncio.sleep(0)

    async def receive() -> Any:
        await asyncio.Event().wait()

    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = FileAnswer(path, content_type=content_type, name="Ein Film ł öä.mkv")
    await answer({"type": "http", "method": method, "headers": raw}, receive, send)
    return Answer(sent)


class TestAFile:
    async def test_comes_whole_without_a_range(self, film: Path) -> None:
        answer = await ask(film)
        assert (answer.status, answer.body) == (200, BODY)
        assert answer.headers["content-length"] == str(len(BODY))
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"] == (
            "inline; filename=\"Ein Film _ __.mkv\"; filename*=UTF-8''Ein%20Film%20%C5%82%20%C3%B6%C3%A4.mkv"
        )

    async def test_shows_only_its_head_to_head(self, film: Path) -> None:
        answer = await ask(film, method="HEAD", range="bytes=5-9")
        assert (answer.status, answer.body, answer.headers["content-length"]) == (206, b"", "5")

    @pytest.mark.parametrize(
        ("header", "start", "end"),
        [("bytes=0-0", 0, 1), ("bytes=5-9", 5, 10), ("bytes=100-", 100, len(BODY)), ("bytes=-7", len(BODY) - 7, len(BODY)),
         ("bytes=0-999999999", 0, len(BODY)), ("bytes=-99999999", 0, len(BODY)), ("bytes=1-5, 3-9 ,10-11", 1, 12),
         ("BYTES = 2-3", 2, 4), ("bytes=9-9,99999999-", 9, 10)],
    )  # fmt: skip
    async def test_comes_in_part(self, film: Path, header: str, start: int, end: int) -> None:
        answer = await ask(film, range=header)
        assert (answer.status, answer.body) == (206, BODY[start:end])
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(BODY)}"
        assert answer.headers["content-length"] == str(end - start)

    async def test_comes_in_several_parts(self, film: Path) -> None:
        answer = await ask(film, range="bytes=20-29,0-4,-3")
        assert answer.status == 206
        boundary = answer.headers["content-type"].partition("boundary=")[2]
        parts = answer.body.split(f"\r\n--{boundary}".encode())
        assert [part.partition(b"\r\n\r\n")[2] for part in parts[1:-1]] == [BODY[:5], BODY[20:30], BODY[-3:]]
        assert re.findall(rb"Content-Range: bytes (\S+)/", answer.body) == [b"0-4", b"20-29", b"2559997-2559999"]
        assert int(answer.headers["content-length"]) == len(answer.body)

    @pytest.mark.parametrize("header", ["bytes=99999999-", "bytes=-0", "bytes=2560000-2560001"])
    async def test_tells_who_asks_beyond_its_end_its_size(self, film: Path, header: str) -> None:
        answer = await ask(film, range=header)
        assert (answer.status, answer.headers["content-range"], answer.body) == (416, f"bytes */{len(BODY)}", b"")

    @pytest.mark.parametrize("header", ["bytes=", "bytes=-", "bytes=5-2", "lines=1-2", "bytes=a-b", "bytes 1-2", "bytes=1-2-3",
                                        "bytes=" + ",".join(["1-2"] * 9), "bytes=٣-٤".encode().decode("latin-1")])  # fmt: skip
    async def test_ignores_a_range_it_does_not_understand(self, film: Path, header: str) -> None:
        assert (await ask(film, range=header)).status == 200

    async def test_of_a_kind_that_runs_scripts_is_boxed_in(self, film: Path) -> None:
        answer = await ask(film, content_type="image/svg+xml")
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")

    async def test_that_is_gone_is_not_found(self, tmp_path: Path) -> None:
        for path in (tmp_path / "gone", tmp_path):
            with pytest.raises(NotFound):
                await ask(path)

    async def test_that_is_empty_is_an_empty_answer(self, tmp_path: Path) -> None:
        (tmp_path / "empty").touch()
        assert ((await ask(tmp_path / "empty")).status, (await ask(tmp_path / "empty")).body) == (200, b"")
        assert (await ask(tmp_path / "empty", range="bytes=0-")).status == 416


class TestAClientThatHasAnOlderCopy:
    async def test_is_told_that_it_still_holds(self, film: Path) -> None:
        known = (await ask(film)).headers
        assert (await ask(film, if_none_match=f'"other", W/{known["etag"]}')).status == 304
        assert (await ask(film, if_modified_since=known["last-modified"])).status == 304

    async def test_gets_the_whole_file_when_it_has_changed(self, film: Path) -> None:
        known = (await ask(film)).headers
        film.write_bytes(BODY[::-1] + b"x")
        assert (await ask(film, if_none_match=known["etag"])).status == 200
        assert (await ask(film, range="bytes=0-4", if_range=known["etag"])).status == 200
        assert (await ask(film, if_match=known["etag"])).status == 412

    async def test_goes_on_where_it_stopped_when_it_has_not(self, film: Path) -> None:
        known = (await ask(film)).headers
        assert (await ask(film, range="bytes=5-", if_range=known["etag"])).status == 206
        assert (await ask(film, range="bytes=5-", if_range=known["last-modified"])).status == 206
        early = format_datetime(datetime.now(UTC) - timedelta(days=9), usegmt=True)
        assert (await ask(film, range="bytes=5-", if_range=early)).status == 200
        assert (await ask(film, range="bytes=5-", if_range="W/" + known["etag"])).status == 200


class TestAClientThatLeaves:
    async def test_is_not_sent_the_rest(self, film: Path) -> None:
        sent = 0

        async def send(message: Any) -> None:
            nonlocal sent
            sent += 1
            await asyncio.sleep(0)

        async def receive() -> Any:
            return {"type": "http.disconnect"}

        await FileAnswer(film, content_type="video/mp4")(
            {"type": "http", "method": "GET", "headers": []}, receive, send
        )
        assert sent < 4  # head and three pieces would be all

    async def test_by_cancellation_leaves_nothing_open(self, film: Path) -> None:
        stalled = asyncio.Event()

        async def send(message: Any) -> None:
            if "body" in message:
                stalled.set()
                await asyncio.Event().wait()

        async def receive() -> Any:
            await asyncio.Event().wait()

        task = asyncio.create_task(
            FileAnswer(film, content_type="video/mp4")({"type": "http", "method": "GET", "headers": []}, receive, send)  # type: ignore[arg-type]
        )
        await stalled.wait()
        task.cancel()
        await asyncio.wait([task])
        links = [str(entry.resolve()) for entry in Path("/proc/self/fd").iterdir()]
        assert str(film) not in links


class TestManyRanges:
    def test_cost_nothing(self) -> None:
        started = time.process_time()
        assert parse_range("bytes=" + "0-0," * 10_000, 100) is None
        assert time.process_time() - started < 0.02

    @given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8), st.integers(0, 40))
    def test_cover_exactly_what_was_asked(self, asked: list[tuple[int, int]], size: int) -> None:
        ordered = [(min(pair), max(pair)) for pair in asked]
        wanted = {at for first, last in ordered for at in range(first, last + 1) if at < size}
        try:
            spans = parse_range("bytes=" + ",".join(f"{first}-{last}" for first, last in ordered), size)
        except Unsatisfiable:
            assert not wanted
            return
        assert spans is not None
        assert [at for span in spans for at in range(span.start, span.end)] == sorted(wanted)
        assert all(isinstance(span, Span) and span.size_bytes > 0 for span in spans)

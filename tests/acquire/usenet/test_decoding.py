"""Articles and NZB files, as they are posted and as they are broken."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polycast.acquire.usenet.model import Reason, RefusedPost
from polycast.acquire.usenet.nzb import name_in, read_nzb
from polycast.acquire.usenet.yenc import BadArticle, decode
from tests.fakes.news_server import News, PostedFile, nzb, yenc


class TestAnArticle:
    @given(st.binary(min_size=1, max_size=2000))
    def test_any_bytes_come_back(self, data: bytes) -> None:
        body = yenc(data, name="a b.mkv", part=2, parts=3, start=100, size=100 + len(data) + 7)
        part = decode(body.replace(b"\r\n.", b"\r\n.."))
        assert (part.data, part.start, part.file_size, part.name) == (data, 100, 107 + len(data), "a b.mkv")

    def test_a_single_one_needs_no_part_line(self) -> None:
        body = yenc(b"hello", name="x", part=1, parts=1, start=0, size=5)
        whole = b"\r\n".join(line for line in body.split(b"\r\n") if not line.startswith(b"=ypart"))
        assert decode(whole.replace(b"pcrc32", b"crc32")).data == b"hello"

    def test_uuencode_is_understood(self) -> None:
        assert decode(b"begin 644 x.txt\r\n%:&5L;&\\\r\n`\r\nend\r\n").data == b"hello"

    @pytest.mark.parametrize(
        "change",
        [
            lambda body: body[: len(body) // 2],
            lambda body: body.replace(b"=ybegin", b"=ybroken"),
            lambda body: body.replace(b"end=", b"end=9"),
            lambda body: body.replace(b"pcrc32=", b"pcrc32=1"),
            lambda body: body[:200] + b"x" + body[201:],
            lambda body: body.replace(b"size=1000 name", b"size=10 name"),
            lambda body: b"",
        ],
    )
    def test_a_damaged_one_is_told(self, change) -> None:
        body = yenc(random.Random(1).randbytes(1000), name="x", part=1, parts=1, start=0, size=1000)
        with pytest.raises(BadArticle):
            decode(change(body))


class TestAnNzb:
    def test_is_read_with_its_head(self) -> None:
        news = News()
        files = [news.post("Film & Co.mkv", b"x" * 20_000), news.post("Film.par2", b"y")]
        found = read_nzb([nzb(files, title="A Film", password="sesam", category="movies")], file_name="other.nzb")
        assert (found.name, found.password, found.category, found.posted_at) == (
            "A Film",
            "sesam",
            "movies",
            1700000000,
        )
        assert [(file.name, len(file.segments)) for file in found.files] == [("Film & Co.mkv", 3), ("Film.par2", 1)]
        assert found.files[0].segments[0].message_id == files[0].segments[0][0]

    def test_its_own_name_may_hold_the_password(self) -> None:
        found = read_nzb([nzb([News().post("a.mkv", b"x")])], file_name="My Film{{sesam}}.nzb", password="other")
        assert (found.name, found.password) == ("My Film", "sesam")

    def test_doubles_gaps_disorder_and_a_missing_namespace_are_put_up_with(self) -> None:
        document = b"""<nzb><file subject='"a.mkv" (1/4)'><segments>
            <segment number="3" bytes="x">three@x</segment><segment number="1">&lt;one@x&gt;</segment>
            <segment number="1">again@x</segment><segment number="no">no@x</segment><segment number="4">fo ur</segment>
            </segments></file><file subject="empty"><segments/></file></nzb>"""
        (file,) = read_nzb([document], file_name="x").files
        assert [(one.number, one.message_id) for one in file.segments] == [(1, "one@x"), (3, "three@x")]
        assert file.has_gaps

    def test_a_file_for_each_article_is_one_file(self) -> None:
        files = [PostedFile(f'"film.mkv" yEnc ({number}/50)', [(f"{number}@x", 10)]) for number in range(50, 1, -1)]
        (file,) = read_nzb([nzb(files)], file_name="x").files
        assert [one.number for one in file.segments] == list(range(2, 51))
        assert (file.name, file.expected, file.has_gaps) == ("film.mkv", 50, True)

    @pytest.mark.parametrize(
        "document",
        [
            b"",
            b"<html><body>Login</body></html>",
            b"<nzb></nzb>",
            b"not xml",
            nzb([News().post("a", b"x")])[:-30],
            b'<!DOCTYPE nzb [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><nzb><file subject="&b;"/></nzb>',
        ],
    )
    def test_what_is_none_is_refused(self, document: bytes) -> None:
        with pytest.raises(RefusedPost) as refused:
            read_nzb([document], file_name="x")
        assert refused.value.reason is Reason.INVALID

    @pytest.mark.parametrize(
        ("subject", "name"),
        [
            ('[01/20] - "Some Film (2020).mkv" yEnc (1/500)', "Some Film (2020).mkv"),
            ("some.film.part01.rar yEnc (01/99)", "some.film.part01.rar"),
            ("nothing at all", ""),
        ],
    )
    def test_the_name_is_in_the_subject(self, subject: str, name: str) -> None:
        assert name_in(subject) == name

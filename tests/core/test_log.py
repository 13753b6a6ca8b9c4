"""A log that people and machines can read, and that tells no secret."""

import io
import json
import logging
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polycast.core.log import REQUEST_ID, KnownSecrets, Redactor, setup_logging

CANARY = "kan4ri.Vogel!"


@pytest.fixture
def known() -> KnownSecrets:
    secrets = KnownSecrets()
    for secret in (CANARY, "p@ss/wörd geheim", "short"):
        secrets.add(secret)
    return secrets


@pytest.fixture
def redactor(known: KnownSecrets) -> Redactor:
    return Redactor(known)


@pytest.fixture
def restored():
    """The root logger as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


@pytest.fixture
def written(known: KnownSecrets, restored):
    """Sets the log up and gives what it writes."""

    def start(kind: str) -> io.StringIO:
        stream = io.StringIO()
        setup_logging("info", kind, known, stream)
        return stream

    return start


LOG = logging.getLogger("polycast.test")


class TestALineWithASecret:
    @pytest.mark.parametrize(
        ("line", "left"),
        [
            ("http://bob:hunter2@prov.test:80/x", "http://***@prov.test:80/x"),
            ("rtsp://bob:p@ss:w@cam.test/1", "rtsp://***@cam.test/1"),
            ("GET /live/bob/hunter2/12.ts", "GET /live/***/***/12.ts"),
            ("http://prov.test/movie/bob/hunter2/9.mkv?x", "http://prov.test/movie/***/***/9.mkv?x"),
            ("opened 'http://prov.test:8080/bob/hunter2/77'", "opened 'http://prov.test:8080/***/***/77'"),
            ("/get.php?username=bob&password=hunter2&type=m3u", "/get.php?username=***&password=***&type=m3u"),
            ("/stream?id=3&t=abc#x", "/stream?id=3&t=***#x"),
            ("?api_key=123&x=1", "?api_key=***&x=1"),
            ("{'password': 'hunter2', 'a': 1}", "{'password': '***', 'a': 1}"),
            ('{"server_password":"hunter2"}', '{"server_password":"***"}'),
            ("Authorization: Bearer abc.def", "Authorization: ***"),
            ("sent Basic dXNlcjpwYXNz now", "sent Basic *** now"),
            ("Cookie: a=1; SID=xyz", "Cookie: ***"),
            ("X-Plex-Token=abcd", "X-Plex-Token=***"),
            ("client_secret = hunter2, next", "client_secret = ***, next"),
            ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_123 end", "jwt *** end"),
            ("hash 0123456789abcdef0123456789ABCDEF.", "hash ***."),
            ("key dGhpcyBpcyBhIHNlY3JldCBrZXkgMTIzNDU2Nzg5MA== end", "key *** end"),
            (f"x{CANARY}y and {CANARY}{CANARY}", "x***y and ******"),
            ("p@ss/wörd geheim", "***"),
            ("at p%40ss/w%C3%B6rd%20geheim", "at ***"),
            ("at p%40ss%2Fw%C3%B6rd%20geheim", "at ***"),
            ("at p%40ss%2Fw%C3%B6rd+geheim", "at ***"),
        ],
    )
    def test_loses_the_secret_alone(self, redactor: Redactor, line: str, left: str) -> None:
        assert redactor.text(line) == left

    @pytest.mark.parametrize(
        "line",
        [
            "recording 12 started on channel 2.1, 48 kbit/s",
            "GET /api/channels/12/ 200 in 3 ms",
            "channel 6f1c2a52-3d53-4cb0-8a6e-0b3b7cd9f0a1 tuned",
            "polycast.live.relay.some_module_with_a_very_long_name_indeed failed",
            "/usr/lib/python3.11/site-packages/polycast/core/storage/database.py",
            "a short one: short",
            "setup_code: 482-113-905",
            "",
        ],
    )
    def test_without_one_stays_as_it_is(self, redactor: Redactor, line: str) -> None:
        assert redactor.text(line) == line

    @given(st.text(max_size=80), st.text(max_size=80))
    def test_loses_it_between_any_two_texts(self, before: str, after: str) -> None:
        known = KnownSecrets()
        known.add(CANARY)
        assert CANARY not in Redactor(known).text(before + CANARY + after)

    @pytest.mark.parametrize(
        "unit", ["a", "=", "://", "token", "a@", "/live/", "eyJa.", "x://", "password=", "aB3", "?t=", " "]
    )
    def test_is_cleaned_quickly_however_odd(self, redactor: Redactor, unit: str) -> None:
        start = time.process_time()
        redactor.text(unit * (32_000 // len(unit)))
        assert time.process_time() - start < 1

    def test_is_cut_when_it_is_endless(self, redactor: Redactor) -> None:
        assert len(redactor.text("ab " * 1_000_000)) < 33_000


class TestTheTextLog:
    def test_has_one_line_for_each_record_with_its_request(self, written) -> None:
        stream = written("text")
        token = REQUEST_ID.set("r-1")
        LOG.info("tuned %s", "News", extra={"channel": 2.1, "why": "first client"})
        REQUEST_ID.reset(token)
        LOG.debug("not shown")
        LOG.warning("later")
        first, second = stream.getvalue().splitlines()
        assert first.endswith("Z INFO polycast.test [r-1] tuned News channel=2.1 why='first client'")
        assert second.endswith("WARNING polycast.test later")

    def test_cannot_be_made_to_hold_a_false_line(self, written) -> None:
        stream = written("text")
        LOG.info("name %s", "x\n2026 ERROR polycast fake\r\x1b[31m", extra={"a": "b\nc"})
        assert len(stream.getvalue().splitlines()) == 1
        assert "\x1b" not in stream.getvalue()

    def test_shows_where_an_error_came_from_without_its_secrets(self, written) -> None:
        stream = written("text")
        try:
            raise ValueError(f"cannot open http://u:{CANARY}@h/\nERROR fake")
        except ValueError:
            LOG.exception("failed")
        text = stream.getvalue()
        assert CANARY not in text
        assert all(line.startswith("  | ") for line in text.splitlines()[1:])
        assert "test_log.py" in text


class TestTheJsonLog:
    def test_has_one_object_for_each_record(self, written) -> None:
        stream = written("json")
        token = REQUEST_ID.set("r-2")
        LOG.error(
            "x %s", f"a\n{CANARY}", extra={"path": "/live/u/p/1.ts", "api_key": "zz", "tags": ["a", {"pwd": "b"}]}
        )
        REQUEST_ID.reset(token)
        line = json.loads(stream.getvalue())
        assert {name: line[name] for name in line if name != "time"} == {
            "level": "error",
            "logger": "polycast.test",
            "message": "x a\n***",
            "request": "r-2",
            "path": "/live/***/***/1.ts",
            "api_key": "***",
            "tags": ["a", {"pwd": "***"}],
        }

    def test_carries_a_traceback_inside(self, written) -> None:
        stream = written("json")
        try:
            raise KeyError(CANARY)
        except KeyError:
            LOG.exception("failed")
        [line] = stream.getvalue().splitlines()
        assert CANARY not in line
        assert "KeyError" in json.loads(line)["trace"]

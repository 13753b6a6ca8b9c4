"""The log, what helpers get, and the newest version. Source: specs/monitor.md 3.10, 4.11."""

import asyncio
import io
import json
import logging
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from polycast.core.identity.scopes import Role
from polycast.core.log import KnownSecrets
from polycast.monitor.journal.bundle import sanitized, stripped
from polycast.monitor.journal.service import Journal
from polycast.monitor.updates.service import numbers
from tests.fakes.clock import FakeClock
from tests.fakes.http_upstream import Upstream
from tests.monitor.test_telling import rooms_of
from tests.monitor.world import until, world
from tests.server import running


def code(answer: Any) -> tuple[int, str]:
    return answer.status, answer.json()["detail"]["code"]


def unzipped(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


class TestTheLog:
    async def test_it_tells_what_happened_and_no_secret(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            await here.owner.post("/api/settings", {"apprise_gotify": "gotify.example/tokenoftheirs1"})
            here.dvr.watch("206", "ESPN", "TV")
            logging.getLogger("polycast.monitor.watch").warning("a gotify failed: tokenoftheirs1")
            lines = await until(lambda: said(here, "Watching ESPN on TV"))
            assert any("a gotify failed: ***" in line for line in lines)
            assert not any("tokenoftheirs1" in line for line in lines)
            assert len((await here.owner.get("/api/logs?lines=1")).json()["lines"]) == 1
            wrong = await here.owner.get("/api/logs?lines=1001")
            assert (wrong.status, wrong.json()["detail"][0]["loc"]) == (422, ["query", "lines"])
            file = await here.owner.get("/api/logs/download")
            assert file.headers["content-disposition"] == 'attachment; filename="channelwatch.log"'
            assert "Watching ESPN on TV" in file.text()
            member = await here.server.client(Role.MEMBER)
            assert code(await member.get("/api/logs")) == (403, "ERR_AUTH_FORBIDDEN")
            assert code(await member.get("/api/logs/download")) == (403, "ERR_AUTH_FORBIDDEN")

    async def test_without_one_there_is_nothing_to_download(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            assert code(await owner.get("/api/logs/download")) == (404, "ERR_LOG_NOT_FOUND")
            assert (await owner.get("/api/logs")).json() == {"lines": []}

    async def test_a_full_file_becomes_the_older_of_two_and_that_one_goes_in_time(self, tmp_path: Path) -> None:
        clock = FakeClock()
        journal = Journal(tmp_path, KnownSecrets(), clock=clock, keep_days=lambda: 7)
        journal.path.write_text("x" * (2 * 1024 * 1024 + 1) + "\n")
        journal.note("first")
        assert (await journal.tail(1))[0].endswith("first")
        older = tmp_path / "channelwatch.log.1"
        assert older.stat().st_size > 2 * 1024 * 1024
        clock.move(timedelta(days=8, seconds=older.stat().st_mtime - clock.now().timestamp()))
        journal.note("second")
        assert [line.rpartition(" ")[2] for line in await journal.tail(9)] == ["first", "second"]
        assert not older.exists()


async def said(here: Any, text: str) -> list[str] | None:
    lines: list[str] = (await here.get("/api/logs"))["lines"]
    return lines if any(text in line for line in lines) else None


class TestTheDebugBundle:
    async def test_it_holds_neither_secrets_nor_addresses(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            hook = {"url": "https://hooks.example/services/T0/B0/abcdef", "secret": "hook-secret-1", "enabled": True}
            saved = await here.owner.post("/api/settings", {"apprise_email": "u:pass@example.org", "webhooks": [hook]})
            assert saved.status == 200, saved.text()
            here.dvr.watch("206", "ESPN", "TV", ip="192.168.1.45")
            logging.getLogger("polycast.monitor").warning("lost 192.168.1.45 and fe80::1 at http://dvr.example:8089/x by ada@example.org")  # fmt: skip
            await until(lambda: said(here, "lost"))
            answer = await here.owner.get("/api/v1/debug/bundle")
            assert answer.headers["content-type"] == "application/zip"
            files = unzipped(answer.body)
            operator = await here.server.client(Role.OPERATOR)
            assert code(await operator.get("/api/v1/debug/bundle")) == (403, "ERR_AUTH_FORBIDDEN")
            port = here.dvr.port
        assert list(files) == ["manifest.json", "settings_sanitized.json", "logs/app.log", "health_snapshot.json"]
        manifest = json.loads(files["manifest.json"])
        assert (manifest["type"], manifest["dvr_count"], manifest["files"]) == ("channelwatch_debug_bundle", 1, list(files))  # fmt: skip
        assert "lost [REDACTED_IP] and [REDACTED_IP] at [REDACTED_URL] by [REDACTED_MAIL]" in files["logs/app.log"].decode()  # fmt: skip
        everything = b"".join(files.values()).decode()
        for secret in ("pass@", "abcdef", "hook-secret", "192.168.1.45", "127.0.0.1", str(port), "/shares"):
            assert secret not in everything, secret
        [dvr] = json.loads(files["settings_sanitized.json"])["dvr_servers"]
        assert (dvr["name"], dvr["host"], dvr["port"]) == ("Living Room", "****", "****")

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("at 12:30:45 and 2001:db8::1", "at 12:30:45 and [REDACTED_IP]"),
            ("[2001:db8::1]:8089", "[[REDACTED_IP]]:8089"),
            ("2026-04-21T07:00:00+00:00 ::1", "2026-04-21T07:00:00+00:00 [REDACTED_IP]"),
            ("version 2026.04.20.0213", "version 2026.04.20.0213"),
            ("rtsp://u:p@10.0.0.1/x.", "[REDACTED_URL]"),
        ],
    )
    def test_what_counts_as_an_address(self, text: str, shown: str) -> None:
        assert stripped(text) == shown

    def test_settings_that_nobody_knows_are_shown_without_addresses(self) -> None:
        assert sanitized({"someday": {"at": "http://10.0.0.1/"}, "other_token": "x"}) == {
            "someday": {"at": "[REDACTED_URL]"},
            "other_token": "****",
        }


class TestReports:
    async def test_one_is_made_here_and_sent_by_nobody(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner, operator = await server.client(Role.OWNER), await server.client(Role.OPERATOR)
            config = (await owner.get("/api/v1/support/report-config")).json()
            assert (config["submission_available"], config["offline_package_available"]) == (False, True)
            sent = {"summary": "No alerts from 10.1.2.3", "description": "see http://10.1.2.3/", "include_logs": False}
            dry = (await owner.post("/api/v1/support/report-dry-run", sent)).json()
            assert (dry["report"]["summary"], dry["log"], dry["submitted"]) == (
                "No alerts from [REDACTED_IP]",
                [],
                False,
            )
            package = await owner.post("/api/v1/support/offline-package", sent)
            assert json.loads(unzipped(package.body)["report.json"])["description"] == "see [REDACTED_URL]"
            for path in ("report-dry-run", "offline-package"):
                empty = await owner.post(f"/api/v1/support/{path}", {"summary": " "})
                assert code(empty) == (422, "ERR_SUPPORT_REPORT_PAYLOAD_INVALID")
                huge = await owner.post(f"/api/v1/support/{path}", {"summary": "x", "description": "y" * 70_000})
                assert code(huge) == (413, "ERR_SUPPORT_REPORT_REQUEST_TOO_LARGE")
                assert code(await operator.post(f"/api/v1/support/{path}", sent)) == (403, "ERR_AUTH_FORBIDDEN")
            assert code(await operator.get("/api/v1/support/report-config")) == (403, "ERR_AUTH_FORBIDDEN")


class TestUpdates:
    async def test_a_newer_version_is_told_and_never_installed(self, tmp_path: Path) -> None:
        box = Upstream()
        release = {"tag_name": "v99.1", "body": "notes"}

        async def answer(_asked: Any, writer: asyncio.StreamWriter) -> None:
            body = json.dumps(release).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()

        box.on("/latest", answer)
        await box.start()
        try:
            async with running(tmp_path, monitor__update_url=f"http://127.0.0.1:{box.port}/latest") as server:
                owner = await server.client(Role.OWNER)
                before = (await owner.get("/api/v1/update/status")).json()
                assert (before["latest"], before["update_available"], before["check_available"]) == (None, False, True)
                checked = (await owner.post("/api/v1/update/check")).json()
                assert (checked["latest"], checked["update_available"], checked["image_required"]) == (
                    "99.1",
                    True,
                    True,
                )
                assert (await owner.get("/api/v1/update/status")).json() == checked
                release["tag_name"] = "<script>"
                assert code(await owner.post("/api/v1/update/check")) == (502, "ERR_UPDATE_CHECK_FAILED")
                for path in ("apply", "rollback"):
                    refused = await owner.post(f"/api/v1/update/{path}", {"version": "99.1"})
                    assert code(refused) == (409, "ERR_UPDATE_IMAGE_REQUIRED")
                assert code(await owner.get("/api/v1/update/jobs/7")) == (404, "ERR_UPDATE_JOB_NOT_FOUND")
                operator = await server.client(Role.OPERATOR)
                assert code(await operator.post("/api/v1/update/check")) == (403, "ERR_AUTH_FORBIDDEN")
        finally:
            await box.stop()

    async def test_without_an_address_nobody_is_asked(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            assert code(await owner.post("/api/v1/update/check")) == (502, "ERR_UPDATE_CHECK_FAILED")
            assert (await owner.get("/api/v1/update/status")).json()["check_available"] is False

    def test_versions_are_compared_by_their_numbers(self) -> None:
        assert numbers("1.10") > numbers("v1.9.9")
        assert numbers("2.0") == numbers("2")
        assert numbers("1.2-rc1") == numbers("1.2.0")


async def test_the_vault_tells_the_log_its_secrets(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        known = rooms_of(here).vault.known
        await here.owner.patch(f"/api/v1/dvrs/{here.dvr_id}", {"api_key": "the-dvrs-own-key"})
        assert known.hide("a the-dvrs-own-key b") == "a *** b"

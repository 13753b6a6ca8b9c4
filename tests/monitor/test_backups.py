"""Archives in the original's form, out, in, and hostile. Source: specs/monitor.md 4.10, 7.2."""

import io
import json
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pysqlite3
from cryptography.fernet import Fernet

from polycast.core.identity.scopes import Role
from tests.monitor.test_house_keeping import rooms
from tests.monitor.test_support import code, unzipped
from tests.monitor.world import until, world
from tests.server import Client, running

DOWNLOAD, RESTORE = "/api/v1/backup/download", "/api/v1/backup/restore"
PASSPHRASE = {"X-Backup-Passphrase": "correct horse battery"}


async def restore(client: Client, body: bytes, headers: dict[str, str] | None = None) -> Any:
    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(body), filename="backup.zip", content_type="application/zip")
    return await client.ask("POST", RESTORE, data=form, headers=headers or {})


def zipped(members: dict[str, bytes | str], top: str = "channelwatch_backup_20260421T070000Z/") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(top + name, content)
    return target.getvalue()


def database(path: Path, *statements: str) -> bytes:
    with closing(pysqlite3.connect(str(path))) as connection:
        connection.executescript(";".join(statements))
        connection.commit()
    return path.read_bytes()


def manifest(**more: Any) -> str:
    return json.dumps({"backup_schema_version": 1, "settings_schema_version": 7, "files": [], **more})


class TestOurOwn:
    async def test_with_a_passphrase_all_of_it_comes_back_on_an_empty_server(self, tmp_path: Path) -> None:
        async with world(tmp_path / "old") as here:
            hook = {"url": "https://hooks.example/a/long-secret-path", "secret": "hook-secret", "enabled": True}
            sent = {"apprise_discord": "123456/abcdefghijkl", "webhooks": [hook], "cw_alert_cooldown": 17}
            assert (await here.owner.post("/api/settings", sent)).status == 200
            await here.owner.patch(f"/api/v1/dvrs/{here.dvr_id}", {"api_key": "dvr-secret", "group_name": "Home"})
            await here.owner.post("/api/v1/monitor/rules", {"name": "Kids", "body": {"match": {"devices": ["kids"]}}})
            here.dvr.watch("206", "ESPN", "TV")
            await until(here.messages)
            got = await here.owner.get(DOWNLOAD, headers=PASSPHRASE)
            assert got.status == 200, got.text()
            name = got.headers["content-disposition"].partition('"')[2].rstrip('"')
            plain = await here.owner.get(DOWNLOAD)
            history = await here.messages()
            stored_key = rooms(here.server).vault.path.read_bytes().strip()
        files = unzipped(got.body)
        stem = name.removesuffix(".zip")
        assert {one.partition("/")[0] for one in files} == {stem}
        names = sorted(one.partition("/")[2] for one in files)
        assert names == [
            "backup_manifest.json", "channelwatch.db", "sensitive_keys/SECURITY_WARNING.txt",
            "sensitive_keys/encryption.key", f"session_state_{here.dvr_id}.json", "settings.json",
        ]  # fmt: skip
        assert stored_key not in got.body
        settings = json.loads(files[f"{stem}/settings.json"])
        sealed = settings["dvr_servers"][0]["api_key"]
        assert Fernet(stored_key).decrypt(sealed.removeprefix("fernet:").encode()) == b"dvr-secret"
        everything = b"".join(files.values()) + b"".join(unzipped(plain.body).values())
        for secret in (b"abcdefghijkl", b"hook-secret", b"dvr-secret", b"long-secret-path"):
            assert secret not in everything
        assert not any("sensitive" in one for one in unzipped(plain.body))
        async with running(tmp_path / "new") as server:
            owner = await server.client(Role.OWNER)
            wrong = await restore(owner, got.body, {"X-Backup-Passphrase": "another passphrase"})
            assert code(wrong) == (400, "ERR_RESTORE_INVALID_ZIP")
            assert (await owner.get("/api/v1/dvrs")).json() == []
            answer = await restore(owner, got.body, PASSPHRASE)
            assert answer.status == 200, answer.text()
            body = answer.json()
            assert body["message"] == "Restore completed. Core process hot-reloaded."
            assert body["manifest"]["settings_schema_version"] == 7
            assert (body["imported"]["servers"], body["imported"]["rules"], body["warnings"]) == (1, 1, [])
            [dvr] = await rooms(server).servers.active()
            assert (dvr.dvr_id, dvr.group_name, rooms(server).servers.key_of(dvr)) == (
                here.dvr_id,
                "Home",
                "dvr-secret",
            )
            prefs = (await rooms(server).book.load()).known
            assert (prefs.apprise_discord, prefs.cw_alert_cooldown) == ("123456/abcdefghijkl", 17)
            assert (prefs.webhooks[0].url, prefs.webhooks[0].secret) == (hook["url"], "hook-secret")
            lines = (await owner.get("/api/activity-history?sort=asc")).json()["items"]
            assert [line["message"] for line in lines][: len(history)] == history
            again = await restore(owner, got.body, PASSPHRASE)
            assert again.json()["imported"]["activities"] == 0
            kept = sorted((tmp_path / "new" / "data" / "monitor" / "backups").iterdir())
            assert [one.name.startswith("pre-restore.") for one in kept] == [True, True]

    async def test_without_one_the_secrets_of_the_server_stay(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            await owner.post("/api/settings", {"apprise_discord": "123456/abcdefghijkl", "cw_alert_cooldown": 17})
            got = await owner.get(DOWNLOAD)
            await owner.post("/api/settings", {"cw_alert_cooldown": 99})
            assert (await restore(owner, got.body)).status == 200
            prefs = (await rooms(server).book.load()).known
            assert (prefs.apprise_discord, prefs.cw_alert_cooldown) == ("123456/abcdefghijkl", 17)
            assert code(await owner.get(DOWNLOAD, headers={"X-Backup-Passphrase": "short"})) == (422, "ERR_BACKUP_CREATE_FAILED")  # fmt: skip
            operator = await server.client(Role.OPERATOR)
            assert code(await operator.get(DOWNLOAD)) == (403, "ERR_AUTH_FORBIDDEN")
            assert code(await restore(operator, got.body)) == (403, "ERR_AUTH_FORBIDDEN")


class TestAnOriginal:
    async def test_settings_servers_secrets_history_and_users_are_taken_over(self, tmp_path: Path) -> None:
        key = Fernet.generate_key()
        sealed = "fernet:" + Fernet(key).encrypt(b"dvr-secret").decode()
        stored = database(
            tmp_path / "channelwatch.db",
            "CREATE TABLE activity_event (id TEXT, dvr_id TEXT, dvr_name TEXT, event_type TEXT, title TEXT, message TEXT,"
            " timestamp TEXT, extra TEXT, is_test INTEGER)",
            "INSERT INTO activity_event VALUES ('a-1', 'dvr_aef6d698', 'Den', 'watching_channel', 'Watching Channel',"
            " 'Watching ESPN on TV', '2026-04-21 07:00:00.123456', '{\"stream_count\": 1}', 0)",
            "INSERT INTO activity_event VALUES ('', 'x', 'x', 'x', 'x', 'no id', '2026-04-21', NULL, 0)",
            "CREATE TABLE users (id INTEGER, username TEXT, password_hash TEXT, role TEXT)",
            "INSERT INTO users VALUES (1, 'hopper', '$2b$12$abc', 'viewer'), (2, 'Owner', '$2b$12$abc', 'admin')",
            "CREATE TABLE alembic_version (version_num TEXT)",
        )
        settings = {
            "_version": 7, "tz": "Europe/Berlin", "cw_alert_cooldown": 60, "apprise_gotify": "gotify.example/tok1",
            "auth_mode": "none", "api_key": "their-shared-key-of-old", "ds_warning_threshold_gb": "lots",
            "dvr_servers": [
                {"id": "dvr_aef6d698", "name": "Den", "host": "192.168.1.1", "port": 8089, "api_key": sealed},
                {"id": "dvr_00000001", "name": "Moved", "host": "192.168.1.2", "port": 8089, "deleted_at": "2026-11-01T00:00:00+00:00"},
                {"host": "169.254.169.254", "port": 80},
            ],
            "webhooks": [{"url": sealed, "secret": ""}],
        }  # fmt: skip
        made = zipped(
            {
                "settings.json": json.dumps(settings), "channelwatch.db": stored, "sensitive_keys/encryption.key": key,
                "sensitive_keys/SECURITY_WARNING.txt": "careful", "session_state_dvr_aef6d698.json": "{}",
                "backup_manifest.json": manifest(created_by="channelwatch-ui"),
            }
        )  # fmt: skip
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            answer = await restore(owner, made)
            assert answer.status == 200, answer.text()
            imported = answer.json()["imported"]
            assert imported == {"settings": 3, "servers": 2, "rules": 0, "activities": 1, "users": 1}
            warnings = "\n".join(answer.json()["warnings"])
            for word in ("ds_warning_threshold_gb", "webhooks", "Owner is there already", "hopper needs a new password", "169.254.169.254"):  # fmt: skip
                assert word in warnings, word
            listed = (await owner.get("/api/v1/dvrs")).json()
            assert [(one["id"], one["name"]) for one in listed] == [("dvr_aef6d698", "Den")]
            assert [one["id"] for one in (await owner.get("/api/dvrs/archived")).json()["archived"]] == ["dvr_00000001"]
            [dvr, _] = await rooms(server).servers.all()
            assert rooms(server).servers.key_of(dvr) == "dvr-secret"
            prefs = (await rooms(server).book.load()).known
            assert (prefs.tz, prefs.apprise_gotify, prefs.auth_mode) == ("Europe/Berlin", "gotify.example/tok1", "")
            [line] = (await owner.get("/api/v1/dvrs/dvr_aef6d698/activity-history")).json()["items"]
            assert (line["id"], line["timestamp"], line["extra"]) == ("a-1", "2026-04-21T07:00:00.123456+00:00", {"stream_count": 1})  # fmt: skip
            users = (await owner.get("/api/v1/auth/users")).json()["items"]
            assert [(one["username"], one["role"]) for one in users] == [("owner", "admin"), ("hopper", "viewer")]
            # A hash that nobody here can check is no password.
            login = await server.post("/api/v1/auth/login", {"username": "hopper", "password": "x" * 12})
            assert code(login) == (401, "ERR_AUTH_CREDENTIALS_INVALID")

    async def test_history_of_versions_before_the_database(self, tmp_path: Path) -> None:
        old = [{"id": "j-1", "type": "disk_alert", "title": "Low", "message": "Low Disk", "timestamp": 1777000000}, 7, {"id": "j-2"}]  # fmt: skip
        made = zipped({"settings.json": "{}", "activity_history.json": json.dumps(old)}, top="")
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            assert (await restore(owner, made)).json()["imported"]["activities"] == 1
            [line] = (await owner.get("/api/activity-history")).json()["items"]
            assert (line["type"], line["message"], line["icon"]) == ("disk_alert", "Low Disk", "bell")


def bomb() -> bytes:
    return zipped({"settings.json": b"{}" + b" " * (40 * 1024 * 1024)})


def linked() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        info = zipfile.ZipInfo("b/settings.json")
        info.external_attr = 0o120777 << 16
        packed.writestr(info, "/etc/passwd")
    return target.getvalue()


def damaged() -> bytes:
    made = bytearray(zipped({"settings.json": json.dumps({"tz": "UTC", "x": "y" * 500})}))
    at = made.index(b"settings.json") + len(b"settings.json") + 20
    made[at] ^= 0xFF
    return bytes(made)


class TestHostileArchives:
    async def test_nothing_of_them_is_used(self, tmp_path: Path) -> None:
        view = database(
            tmp_path / "view.db", "CREATE TABLE t (x)",
            "CREATE VIEW activity (event_type, title, message, timestamp, id) AS SELECT 'a','b','c','2026-01-01','v' FROM t",
            "INSERT INTO t VALUES (1)",
        )  # fmt: skip
        bad: dict[str, bytes] = {
            "no zip": b"PK-nonsense" * 10,
            "empty": b"",
            "bomb": bomb(),
            "link": linked(),
            "check sum": damaged(),
            "traversal": zipped({"../settings.json": "{}"}),
            "absolute": zipped({"settings.json": "{}"}, top="/etc/"),
            "unknown member": zipped({"settings.json": "{}", "run.sh": "#!/bin/sh"}),
            "no settings": zipped({"backup_manifest.json": manifest()}),
            "settings no object": zipped({"settings.json": "[1]"}),
            "deep": zipped({"settings.json": "[" * 100_000}),
            "database no database": zipped({"settings.json": "{}", "channelwatch.db": b"SQLite format 3\x00" + b"x" * 4000}),
            "key no key": zipped({"settings.json": "{}", "sensitive_keys/encryption.key": "short"}),
            "many": zipped({"settings.json": "{}", **{f"session_state_{n}.json": "{}" for n in range(300)}}),
        }  # fmt: skip
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            await owner.post("/api/settings", {"cw_alert_cooldown": 17})
            for what, body in bad.items():
                answer = await restore(owner, body)
                assert code(answer) == (400, "ERR_RESTORE_INVALID_ZIP"), what
            ahead = zipped({"settings.json": '{"cw_alert_cooldown": 1}', "backup_manifest.json": manifest(settings_schema_version=8)})  # fmt: skip
            assert code(await restore(owner, ahead)) == (409, "ERR_RESTORE_SCHEMA_AHEAD")
            later = zipped({"settings.json": '{"_version": 8, "cw_alert_cooldown": 1}'})
            assert code(await restore(owner, later)) == (409, "ERR_RESTORE_SCHEMA_AHEAD")
            no_form = await owner.ask("POST", RESTORE, data=b"PK", headers={"Content-Type": "application/zip"})
            assert code(no_form) == (400, "ERR_RESTORE_INVALID_ZIP")
            other = aiohttp.FormData()
            other.add_field("other", b"x", filename="x")
            assert code(await owner.ask("POST", RESTORE, data=other)) == (400, "ERR_RESTORE_INVALID_ZIP")
            assert (await rooms(server).book.load()).known.cw_alert_cooldown == 17
            seen = await restore(owner, zipped({"settings.json": "{}", "channelwatch.db": view}))
            assert seen.json()["imported"]["activities"] == 0, "a view is code of its maker"

    async def test_columns_that_compute_are_not_read(self, tmp_path: Path) -> None:
        endless = database(
            tmp_path / "endless.db",
            "CREATE TABLE t (id TEXT, event_type TEXT, title TEXT, message TEXT, timestamp TEXT GENERATED ALWAYS AS (printf('%s', id)))",
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 1000) INSERT INTO t (id) SELECT x FROM n",
        )  # fmt: skip
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            answer = await restore(owner, zipped({"settings.json": "{}", "channelwatch.db": endless}))
            assert answer.json()["imported"]["activities"] == 0


async def test_an_archive_that_is_too_large_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        owner = await server.client(Role.OWNER)
        assert code(await restore(owner, b"PK" + b"\x00" * (64 * 1024 * 1024 + 200_000))) == (400, "ERR_RESTORE_INVALID_ZIP")  # fmt: skip

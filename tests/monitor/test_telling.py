"""What reaches people, once, and what does not. Source: specs/monitor.md 4.3, 4.4, 5.7, 5.9."""

import asyncio
import hashlib
import hmac
import json
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from polycast.monitor.watch.outage import WHAT, Outage
from tests.fakes.channels_dvr import channels_dvr
from tests.fakes.mail_server import mail_server
from tests.monitor.world import World, inbox, opened, trust_inbox, until, world
from tests.server import running

HOOK = {"secret": "shared-with-them", "enabled": True}


async def delivered(here: World, count: int, **query: str) -> Any:
    found = await here.get("/api/v1/notification-log", params=query)
    return found["items"] if found["total"] >= count else None


class TestASignedWebhook:
    async def test_its_body_is_compact_typed_and_signed(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            url = f"http://127.0.0.1:{here.inbox.port}/hook"
            await trust_inbox(
                here, apprise_custom="", webhooks=[{**HOOK, "url": url}, {**HOOK, "url": url, "payload": "v2"}]
            )
            here.dvr.schedule("1-a", "Recording (Scheduled) of lies", starts_in=3600)
            await until(lambda: delivered(here, 2))
            first, second = sorted(here.inbox.asked, key=lambda asked: len(asked.body))
        body = json.loads(first.body)
        assert first.body == json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        assert (body["eventType"], body["instanceName"], body["dvr_name"]) == (
            "recording.scheduled",
            "ChannelWatch",
            "Living Room",
        )
        assert list(body) == ["eventType", "timestamp", "instanceName", "instanceUrl", "version", "deliveryId", "dvr_id", "dvr_name", "data"]  # fmt: skip
        signed = hmac.new(b"shared-with-them", first.body, hashlib.sha256).hexdigest()
        assert first.headers["x-channelwatch-signature"] == f"sha256={signed}"
        assert first.headers["x-channelwatch-delivery"] == body["deliveryId"]
        assert first.headers["x-channelwatch-event"] == "recording.scheduled"
        full = json.loads(second.body)
        assert (full["schemaVersion"], full["severity"]) == (2, "info")
        assert full["event"]["recording"]["title"] == "Recording (Scheduled) of lies"

    async def test_without_a_secret_it_is_not_sent(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            url = f"http://127.0.0.1:{here.inbox.port}/hook"
            await trust_inbox(here, apprise_custom="", webhooks=[{"url": url, "enabled": True}])
            here.dvr.watch("206", "ESPN", "TV")
            [row] = await until(lambda: delivered(here, 1))
            assert here.inbox.asked == []
        assert (row["status"], row["provider_type"]) == ("failed", "webhook")
        assert "no secret" in row["error"]

    async def test_while_settings_are_read_again_the_old_ones_hold(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            url = f"http://127.0.0.1:{here.inbox.port}/hook"
            await trust_inbox(here, apprise_custom="", webhooks=[{**HOOK, "url": url}])
            rooms = rooms_of(here)
            await here.server.idle()
            rooms.book.reread()
            rooms.servers.reread()
            # Nothing may be decided by defaults in this moment: a message on its way would be told to have no destination.
            assert [hook.url for hook in rooms.book.now.webhooks] == [url]
            assert [server.dvr_id for server in rooms.servers.known] == [here.dvr_id]

    async def test_settings_changed_while_they_are_read_are_read_once_more(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            book = rooms_of(here).book
            slow = SlowReads(book._db)
            book._db = slow
            book.reread()
            reading = asyncio.ensure_future(book.load())
            await slow.has_read.wait()
            await book.put(cw_alert_cooldown=17)
            slow.may_go.set()
            assert (await reading).known.cw_alert_cooldown == 17
            assert book.now.cw_alert_cooldown == 17


class SlowReads:
    """A database whose readers dawdle on their way back."""

    def __init__(self, db: Any) -> None:
        self._db = db
        self.write = db.write
        self.has_read, self.may_go = asyncio.Event(), asyncio.Event()

    async def read(self, *args: Any, **named: Any) -> Any:
        found = await self._db.read(*args, **named)
        self.has_read.set()
        await self.may_go.wait()
        return found


class TestPlacesThatAreRefused:
    async def test_loopback_private_and_metadata_addresses_get_no_connection(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            places = (
                f"json://127.0.0.1:{here.inbox.port}/notify",
                f"json://localhost:{here.inbox.port}/notify",
                f"json://0x7f000001:{here.inbox.port}/notify",
                f"json://[::ffff:127.0.0.1]:{here.inbox.port}/notify",
                "json://169.254.169.254/latest",
                "json://192.168.77.77/notify",
            )
            for place in places:
                answer = await here.owner.post("/api/settings", {"apprise_custom": place})
                assert answer.status == 200
                tried = await here.owner.post("/api/v1/monitor/destinations/custom/test")
                assert tried.json()["success"] is False, place
            assert here.inbox.connections == 0
            preview = "/api/v1/notifications/destination-safety/preview"
            for url, status in (
                ("http://169.254.169.254/x", "blocked_never"),
                ("http://127.0.0.1/x", "blocked_loopback"),
                ("http://192.168.1.5:5678/x", "local_untrusted"),
                ("https://hooks.example.com/services/T0/B0/secret", "public_safe"),
                ("ftp://example.com/", "unsupported"),
            ):
                assert (await here.owner.post(preview, {"source": "webhook", "url": url})).json()["status"] == status, (
                    url
                )


class TestMail:
    async def test_it_goes_out_over_the_server_that_is_set_and_no_header_can_be_slipped_in(
        self, tmp_path: Path
    ) -> None:
        async with world(tmp_path) as here, mail_server(tmp_path) as box:
            place = {"source": "email", "scheme": "smtp", "host": "127.0.0.1", "port": box.port}
            sent = {
                "trusted_notification_destinations": [place],
                "apprise_email": f"user=watch%40example.org&smtp=127.0.0.1&port={box.port}&mode=insecure",
                "apprise_email_to": "ada@example.org",
                "cw_template_use_default": False,
                "cw_template_title": "{channel_name}",
            }
            answer = await here.owner.post("/api/settings", sent)
            assert answer.status == 200, answer.text()
            here.dvr.watch("206", "ESPN\\r\\nBcc: eve@example.org", "<b>TV</b>")
            await until(lambda: mails(box, 1))
            [mail] = box.taken
        assert mail["To"] == "ada@example.org"
        assert "Bcc" not in mail
        html = mail.get_body(("html",)).get_content()
        assert "<b>" not in html.replace("<strong>", "").replace("<br />", "")
        assert "&lt;b&gt;TV&lt;/b&gt;" in html


async def mails(box: Any, count: int) -> bool:
    return len(box.taken) >= count


class TestADvrThatDies:
    async def test_one_alert_and_one_recovery(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            await trust_inbox(here, dvr_health_alert_delay_seconds=30, webhooks=[])
            await here.dvr.die()
            await until(lambda: unreachable(here))
            # The delay is half a minute at least; the row that remembers the outage is made older instead of waiting.
            await age_outage(here)
            await until(lambda: said(here, "DVR Unreachable"))
            here.dvr._tasks.clear()
            await here.dvr.start()
            await until(lambda: said(here, "DVR Unreachable", "DVR Recovered"))
            await until(lambda: opened(here))
            assert await said(here, "DVR Unreachable", "DVR Recovered")
            bodies = [json.loads(asked.body)["title"] for asked in here.inbox.asked]
            incidents = await here.get("/api/v1/monitor/incidents")
        assert bodies == ["⚠️ DVR Unreachable", "✅ DVR Recovered"]
        [incident] = incidents["items"]
        assert (incident["kind"], incident["state"], incident["severity"]) == ("health", "resolved", "critical")


async def unreachable(here: World) -> bool:
    return (await here.dvr_get())["connected"] is False


async def said(here: World, *titles: str) -> bool:
    return [line["title"] for line in await here.lines(type="health")] == list(titles)


async def age_outage(here: World) -> None:
    """Let the outage have begun a minute ago."""
    engine = rooms_of(here).engine
    now = rooms_of(here)._core.clock.now()
    found = engine.cooldowns.value(here.dvr_id, WHAT, Outage)
    assert found is not None
    engine.cooldowns.set(here.dvr_id, WHAT, now, replace(found, since=found.since - timedelta(minutes=1)))


def rooms_of(here: World) -> Any:
    daemon = next(one for module in here.server.house.modules for one in module.daemons if one.name == "monitor.watch")
    return daemon.run.__self__._make.__self__


class TestARestart:
    async def test_nothing_is_told_twice(self, tmp_path: Path) -> None:
        async with inbox() as box:
            async with world(tmp_path) as here:
                dvr = here.dvr
                here.inbox = box
                await trust_inbox(here)
                dvr.watch("206", "ESPN", "Apple TV")
                dvr.schedule("1-a", "Evening News", starts_in=0)
                dvr.start_recording("1-a")
                await until(lambda: delivered(here, 2))
                port, before = dvr.port, len(box.asked)
                kept = {"activity": dict(dvr.activity), "jobs": dict(dvr.jobs), "started_at": dvr.started_at}
            async with restarted(tmp_path, port, kept) as again:
                await until(lambda: back(again, here.dvr_id))
                assert len(box.asked) == before
                client = again[0]
                history = (await client.get("/api/activity-history")).json()
        assert sorted(item["message"].partition(":")[0] for item in history["items"]) == ["Recording (Manual)", "Watching ESPN on Apple TV"]  # fmt: skip


@asynccontextmanager
async def restarted(tmp_path: Path, port: int, kept: dict[str, Any]) -> Any:
    """The same data directory and the same DVR, in the state it was in."""
    async with channels_dvr(port) as dvr:
        for name, value in kept.items():
            setattr(dvr, name, value)
        async with running(tmp_path) as server:
            yield await server.client(), dvr


async def back(again: Any, dvr_id: str) -> bool:
    body = (await again[0].get(f"/api/v1/dvrs/{dvr_id}/health")).json()
    return bool(body["monitoring_status"] == "healthy" and body["session_state_size"] == 2)

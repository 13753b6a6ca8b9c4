"""Apprise, confined: what it says arrives, and it reaches nothing that our own client would not."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from polycast.core.clock import SystemClock
from polycast.core.messengers import Message, Messengers, Sent, Tone, open_messengers
from polycast.core.net import Outbound, Trust, open_net
from polycast.core.settings.model import NetSettings
from tests.fakes.http_upstream import Upstream, ok, status, upstream

MESSAGE = Message(title="Disk full", text="The recordings disk has 1 GB left — ääh.", tone=Tone.WARNING)


@pytest.fixture
async def messengers() -> AsyncIterator[Messengers]:
    async with open_messengers() as made:
        yield made


@pytest.fixture
async def service() -> AsyncIterator[Upstream]:
    async with upstream() as running:
        running.on("/hook", ok(b"{}", content_type="application/json"))
        yield running


@pytest.fixture
async def out() -> AsyncIterator[Outbound]:
    async with open_net(NetSettings(trusted_hosts=("127.0.0.1",)), SystemClock()) as net:
        yield net.client(Trust.SOURCE, owner="test.messengers")


class TestItArrives:
    async def test_at_a_service_with_its_own_form(
        self, messengers: Messengers, service: Upstream, out: Outbound
    ) -> None:
        sent = await messengers.send(f"json://127.0.0.1:{service.port}/hook", MESSAGE, out=out)
        assert sent == Sent(ok=True, service="JSON")
        (asked,) = service.asked
        said = msgspec.json.decode(asked.body)
        assert (asked.method, said["title"], said["message"], said["type"]) == (
            "POST",
            MESSAGE.title,
            MESSAGE.text,
            "warning",
        )

    async def test_several_at_once_each_at_its_own(
        self, messengers: Messengers, service: Upstream, out: Outbound
    ) -> None:
        for number in range(4):
            service.on(f"/{number}", ok(b"{}", content_type="application/json"))
        for number in range(4):
            assert (await messengers.send(f"json://127.0.0.1:{service.port}/{number}", MESSAGE, out=out)).ok
        assert [asked.path for asked in service.asked] == ["/0", "/1", "/2", "/3"]


class TestItDoesNot:
    @pytest.mark.parametrize(
        ("url", "reason"),
        [
            ("json://169.254.169.254/latest", "refused"),
            ("json://[::1]:9/x", "refused"),
            ("json://0x7f000001/x", "refused"),
            ("mailto://a:b@example.org", "address"),
            ("mqtt://127.0.0.1/topic", "address"),
            ("syslog://", "address"),
            ("nothing-of-the-kind", "address"),
            ("unheardof://somewhere", "address"),
        ],
    )
    async def test_go_where_it_must_not(self, messengers: Messengers, out: Outbound, url: str, reason: str) -> None:
        sent = await messengers.send(url, MESSAGE, out=out)
        assert (sent.ok, sent.reason) == (False, reason)
        assert sent.text

    async def test_reach_loopback_for_anybody(self, messengers: Messengers, service: Upstream) -> None:
        async with open_net(NetSettings(), SystemClock()) as net:
            out = net.client(Trust.SOURCE, owner="test.messengers")
            sent = await messengers.send(f"json://127.0.0.1:{service.port}/hook", MESSAGE, out=out)
        assert (sent.ok, sent.reason, service.connections) == (False, "refused", 0)

    async def test_hide_what_the_service_answered(
        self, messengers: Messengers, service: Upstream, out: Outbound
    ) -> None:
        service.on("/hook", status(403))
        sent = await messengers.send(f"json://127.0.0.1:{service.port}/hook", MESSAGE, out=out)
        assert sent == Sent(ok=False, service="JSON", reason="status", text="The service answered 403.")

"""Telling people and programs outside what became of an entry. In the worker, tried again when it fails."""

from typing import Any, Final

import msgspec

from polycast.acquire.arrs.owner import Report
from polycast.acquire.config.service import Configs
from polycast.core.clock import Clock
from polycast.core.jobs import Run
from polycast.core.net import API, Body, Net, Trust
from polycast.core.net.errors import BadAnswer
from polycast.core.secrets import Tokens

COLORS: Final = {"download_complete": 0x2ECC71, "download_failed": 0xE74C3C}
TITLES: Final = {
    "download_complete": "Download complete",
    "download_failed": "Download failed",
    "repair_pending": "Repair waits for a decision",
    "repair_complete": "Repair complete",
    "repair_failed": "Repair failed",
    "repair_cancelled": "Repair cancelled",
}


class Reports:
    """A Discord-shaped webhook, a callback for programs, and the one that came with a request."""

    def __init__(self, *, configs: Configs, net: Net, tokens: Tokens, clock: Clock) -> None:
        self._configs = configs
        self._net = net
        self._tokens = tokens
        self._clock = clock

    async def send(self, payload: Report, run: Run) -> None:
        """The job `acquire.report`."""
        told = (await self._configs.read()).notifications
        wanted = told.enabled and (not told.events or payload.event in told.events)
        if wanted and told.webhook_url:
            await self._post(told.webhook_url, Trust.SOURCE, _embed(payload))
        if wanted and told.callback_url:
            await self._post(told.callback_url, Trust.SOURCE, _callback(payload))
        if payload.callback_url:
            await self._post(payload.callback_url, Trust.USER, _callback(payload))

    async def _post(self, url: str, trust: Trust, body: dict[str, Any]) -> None:
        net = self._net.client(trust, owner="acquire.reports", limits=API)
        raw = msgspec.json.encode(body)
        headers = {
            "Content-Type": "application/json",
            "X-Polycast-Signature": self._tokens.mac(raw, purpose="acquire.report").hex(),
        }
        answer = await net.fetch(url, method="POST", headers=headers, body=Body(data=raw))
        if answer.status >= 400:
            raise BadAnswer(f"It answered {answer.status}.", reason="status", status=answer.status)


def _embed(report: Report) -> dict[str, Any]:
    lines = [report.title, f"Category: {report.category or 'none'}", report.error]
    return {
        "embeds": [
            {
                "title": TITLES.get(report.event, report.event),
                "description": "\n".join(line for line in lines if line),
                "color": COLORS.get(report.event, 0x3498DB),
            }
        ]
    }


def _callback(report: Report) -> dict[str, Any]:
    failed = report.event.endswith("failed")
    return {
        "hash": report.info_hash,
        "name": report.title,
        "status": "error" if failed else "success",
        "event": report.event,
        "category": report.category,
        "debrid": report.provider,
        "content_path": report.path,
        "error": report.error,
        "message": TITLES.get(report.event, report.event),
    }

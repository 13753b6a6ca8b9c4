"""HDHomeRun tuners and their RECORD engine. Source: specs/monitor.md 4.12."""

from typing import Any

from polycast.core.net import Outbound
from polycast.monitor.providers.reading import listing, mapping, number, text
from polycast.monitor.sessions.model import SessionKind
from polycast.monitor.watch.polled import Seen, Viewing


class HdHomeRun:
    """One device; it knows no sign-in."""

    def __init__(self, out: Outbound, url: str) -> None:
        self._out = out
        self._url = url

    async def look(self) -> Seen:
        info = mapping(await self._out.json("GET", self._url + "/discover.json", type=Any))
        rows = [mapping(one) for one in listing(await self._out.json("GET", self._url + "/status.json", type=Any))]
        viewings = [
            Viewing(
                key=text(one.get("Resource"), 40),
                kind=SessionKind.CHANNEL,
                channel_number=text(one.get("VctNumber"), 40),
                channel_name=text(one.get("VctName")),
                device=text(one.get("TargetIP"), 64),
                ip=text(one.get("TargetIP"), 64),
                source=text(one.get("Resource"), 40),
            )
            for one in rows
            if text(one.get("TargetIP")) and text(one.get("VctNumber"), 40)
        ]
        total = number(info.get("TotalSpace"))
        return Seen(
            version=text(info.get("FirmwareVersion") or info.get("Version"), 60),
            name=text(info.get("FriendlyName")),
            viewings=viewings,
            disk_total=int(total) if total > 0 else None,
            disk_free=int(number(info.get("FreeSpace"))) if total > 0 else None,
            details={
                text(
                    one.get("Resource"), 40
                ): f"{text(one.get('VctNumber'), 40) or 'idle'}, signal {number(one.get('SignalStrengthPercent')):g} %, quality {number(one.get('SignalQualityPercent')):g} %"
                for one in rows[:16]
            },
        )

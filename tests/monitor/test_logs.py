"""A DVR's own log and line-up as news. Source: specs/monitor.md 4.1.8, 5.13."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from polycast.monitor.preferences.model import LogRule
from polycast.monitor.watch import channels as watching
from polycast.monitor.watch.lineups import compared, read_lineup
from polycast.monitor.watch.logs import MOST_TOLD, LogTail, news, parsed
from tests.monitor.world import World, trust_inbox, until, world

LOG = """2026/04/26 18:30:00.123456 [DVR] Starting job 1-a NBC Nightly News on ch=[512]
2026/04/26 18:30:01.000000 [ERR] Error running job 1-a:
    tuner busy
    no lock
stray line
2026/04/26 18:30:02 [SYS] Starting Channels DVR v2026.04.20.0213
"""


def line(number: int, category: str = "ERR", said: str = "it broke") -> str:
    return f"2026/04/26 18:{number // 60:02d}:{number % 60:02d}.0 [{category}] {said} {number}"


class TestReading:
    def test_lines_without_a_head_belong_to_the_one_before(self) -> None:
        first, second, third = parsed("tail of an older one\n" + LOG)
        assert (first.category, third.category) == ("DVR", "SYS")
        assert second.text == "Error running job 1-a:\n    tuner busy\n    no lock\nstray line"

    def test_only_what_is_new_is_news(self) -> None:
        tail = LogTail()
        assert tail.fresh("\n".join(map(line, range(5)))) == []
        assert [one.text for one in tail.fresh("\n".join(map(line, range(2, 8))))] == [
            "it broke 5",
            "it broke 6",
            "it broke 7",
        ]
        assert tail.fresh("\n".join(map(line, range(2, 8)))) == []
        assert tail.fresh("") == []
        assert len(tail.fresh("\n".join(map(line, range(100, 103))))) == 3

    @pytest.mark.parametrize(
        ("rule", "count"),
        [
            (LogRule(name="any"), 3),
            (LogRule(name="errors", category="err"), 1),
            (LogRule(name="starts", starts_with="Starting"), 2),
            (LogRule(name="pattern", pattern=r"tuner\s+busy"), 1),
            (LogRule(name="endless", pattern=r"(a+)+$"), 0),
            (LogRule(name="off", enabled=False), 0),
        ],
    )
    def test_rules_mean_lines(self, rule: LogRule, count: int) -> None:
        assert len(news(parsed(LOG), [rule])) == count

    def test_a_flood_is_told_in_sum(self) -> None:
        found = news(parsed("\n".join(map(line, range(100)))), [LogRule(name="any")])
        assert (len(found), found[-1].text) == (MOST_TOLD + 1, f"{100 - MOST_TOLD} more lines match")


class TestLineUps:
    def test_what_came_went_and_moved(self) -> None:
        before = read_lineup(devices(("1", "2", "News"), ("2", "5.1", "Film")))
        after = read_lineup(devices(("1", "3", "News"), ("9", "13.1", "Action")))
        [one] = compared(before, after)
        assert one.text == "PBS: added 13.1 Action; removed 5.1 Film; renumbered 3 News"
        assert compared(after, after) == []
        assert read_lineup({"no": "list"}) == {}


def devices(*channels: tuple[str, str, str], **more: Any) -> list[dict[str, Any]]:
    listed = [
        {"ID": key, "GuideNumber": number, "GuideName": name, "Favorite": 1, **more} for key, number, name in channels
    ]
    return [{"DeviceID": "M3U-PBS", "FriendlyName": "PBS", "DeviceAuth": "secret", "Channels": listed}]


async def test_they_are_followed_at_a_real_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOG", timedelta(milliseconds=200))
    monkeypatch.setattr(watching, "LINEUP", timedelta(milliseconds=200))
    async with world(tmp_path) as here:
        here.dvr.log_lines.extend(LOG.splitlines())
        here.dvr.devices = devices(("1", "2", "News"))
        await trust_inbox(
            here, lineup_watch=True, log_rules=[{"name": "Trouble", "category": "ERR", "severity": "warning"}]
        )
        await until(lambda: asked(here, "GET /log", "GET /devices"))
        here.dvr.log_lines.append(line(1))
        here.dvr.log_lines.append(line(2, "DVR"))
        here.dvr.devices = devices(("1", "2", "News"), ("2", "5.1", "Film"))
        lines = await until(lambda: told(here))
        assert lines == {("Trouble", "[ERR] it broke 1"), ("Line-up Changed", "PBS: added 5.1 Film")}
        await until(lambda: sent(here))
        assert [json.loads(one.body)["title"] for one in here.inbox.asked] == ["Trouble"]
        [incident] = (await here.get("/api/v1/monitor/incidents"))["items"]
        assert (incident["title"], incident["severity"]) == ("Trouble", "warning")


async def asked(here: World, *paths: str) -> bool:
    return all(here.dvr.asked.count(path) >= 2 for path in paths)


async def told(here: World) -> Any:
    found = {(one["title"], one["message"]) for one in await here.lines()}
    return found if len(found) >= 2 else None


async def sent(here: World) -> bool:
    return bool(here.inbox.asked)

"""Pure rules: targets, ids, the activity grammar, templates, quiet hours, versions, disks, forecasts, feeds."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from polycast.core.net import HostList
from polycast.core.xmlin import read_xml
from polycast.monitor.alerts.severity import GIB, DiskMemory, Severity, is_news, severity_of
from polycast.monitor.alerts.templates import BadTemplate, problems_of, render
from polycast.monitor.feeds.making import Entry, atom, calendar, rss
from polycast.monitor.history.charts import foretell
from polycast.monitor.history.model import Activity
from polycast.monitor.outbox.planning import is_within
from polycast.monitor.preferences.checks import redacted_url
from polycast.monitor.preferences.model import Preferences, Quiet
from polycast.monitor.providers.channels.grammar import Kind, parse_activity, read_duration, source_of
from polycast.monitor.servers.model import dvr_id_of
from polycast.monitor.servers.targets import BadTarget, check_target
from polycast.monitor.servers.versions import Range, judge

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("host", "port", "wanted"),
    [
        ("192.168.1.1", 8089, "dvr_aef6d698"),
        ("192.168.1.100", 8089, "dvr_7b8079ac"),
        ("dvr.local", 8089, "dvr_e1b92638"),
        ("CHANNELSDVR.LOCAL", 8089, "dvr_6ed91433"),
        ("dvr.local", 57000, "dvr_836678c7"),
        ("::1", 8089, "dvr_6244d64f"),
        ("[::1]", 8089, "dvr_6244d64f"),
        ("2001:DB8::1", 8089, "dvr_2e679e72"),
        ("[2001:db8::1]", 8089, "dvr_2e679e72"),
    ],
)
def test_ids_are_those_of_the_original(host: str, port: int, wanted: str) -> None:
    assert dvr_id_of(host, port) == wanted


@pytest.mark.parametrize(
    "host",
    [
        "", "http://x", "a/b", "a?b", "a#b", "u@h", "a b", "127.0.0.1", "::1", "169.254.169.254", "224.0.0.1", "0.0.0.0",
        "fe80::1", "::", "ff02::1", "localhost", "x.localhost", "metadata.google.internal", "metadata", "0x7f000001",
        "2130706433", "127.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "a\\b", "240.0.0.1",
    ],
)  # fmt: skip
def test_these_are_never_watched(host: str) -> None:
    with pytest.raises(BadTarget):
        check_target(host, 8089, trusted=HostList())


@pytest.mark.parametrize(
    "host", ["192.168.1.2", "10.0.0.1", "100.64.0.9", "8.8.8.8", "fd00::1", "dvr", "dvr.local", "tv.example.org"]
)
def test_these_may_be(host: str) -> None:
    assert check_target(host, 8089, trusted=HostList()) == host


@pytest.mark.parametrize(
    ("key", "text", "kind", "device", "ip"),
    [
        ("1-stream-TVE-xfinity_x-192.168.1.45", "Watching ch206 ESPN from Apple TV (192.168.1.45): buf=0% drop=0%", Kind.CHANNEL, "Apple TV", "192.168.1.45"),
        ("x", "Watching ch13.1 ACTION NETWORK from Bedroom", Kind.CHANNEL, "Bedroom", ""),
        ("x", "Watching ch7 ABC from 192.168.1.50", Kind.CHANNEL, "", "192.168.1.50"),
        ("x", "Watching channel 42 ESPN from TV", Kind.CHANNEL, "TV", ""),
        ("x", "Watching ch7 ABC from TV (fe80::1)", Kind.CHANNEL, "TV", "fe80::1"),
        ("7B2A-file-9296-192.168.1.50", "Watching Lost - Season 3, Episode 20 from TV at 4m1s", Kind.VOD, "TV", "192.168.1.50"),
        ("ab-cd-ef-file-42-fe80::1", "Streaming Movie from X", Kind.VOD, "X", "fe80::1"),
        ("rec", "Recording ch206 ESPN for Evening News until 7:30 PM: buf=0%", Kind.RECORDING, "", ""),
        ("z", "Transcoding 5", Kind.OTHER, "", ""),
        ("z", "", Kind.OTHER, "", ""),
    ],
)  # fmt: skip
def test_an_activity_is_understood(key: str, text: str, kind: Kind, device: str, ip: str) -> None:
    found = parse_activity(key, text)
    assert (found.kind, found.device, found.ip) == (kind, device, ip)


def test_sources_and_durations() -> None:
    assert source_of("1-stream-TVE-xfinity_x-10.0.0.1") == "TVE (Xfinity)"
    assert source_of("1-stream-M3U-PBS-10.0.0.1") == "PBS"
    assert source_of("dvr-stream-10A1B2C3-10.0.0.1") == "Tuner (10A1B2C3)"
    assert source_of("nothing") == "Unknown source"
    assert read_duration("1h2m3.5s") == timedelta(hours=1, minutes=2, seconds=3)
    assert read_duration("soon") is None


class TestTemplates:
    def test_prefix_suffix_case_slices_and_blocks(self) -> None:
        values = {
            "channel_name": "espn",
            "genres": ["News", "Sport", "More"],
            "recording_status": "failed",
            "title": "",
        }
        assert render("{Channel: <channel_name!u>!}", values) == "Channel: ESPN!"
        assert render("{genres:[:2]}|{genres:[0]}|{genres}", values) == "News, Sport|News|News, Sport, More"
        assert render("a{ (<title>)}\n{title}\n<failed>bad</failed><started>good</started>", values) == "a\nbad"

    def test_a_value_is_never_read_as_a_template(self) -> None:
        assert render("{title}", {"title": "{server_url}<failed>"}) == "{server_url}<failed>"

    @pytest.mark.parametrize(
        "template", ["{nope}", "{}", "{title", "{title!x}", "{title.__class__}", "<failed>x", "{title:[]}", "{0}"]
    )
    def test_what_is_wrong_is_told_and_never_rendered(self, template: str) -> None:
        assert problems_of(template)
        with pytest.raises(BadTemplate):
            render(template, {"title": "x"})


class TestQuietHours:
    def test_a_night_belongs_to_the_evening_it_began_on(self) -> None:
        friday = Quiet(weekdays=(4,), start="22:00", end="07:00")
        zone = ZoneInfo("Europe/Berlin")
        assert is_within(friday, datetime(2026, 11, 20, 23, 0, tzinfo=zone))
        assert is_within(friday, datetime(2026, 11, 21, 6, 59, tzinfo=zone))
        assert not is_within(friday, datetime(2026, 11, 21, 7, 0, tzinfo=zone))
        assert not is_within(friday, datetime(2026, 11, 21, 23, 0, tzinfo=zone))


class TestVersions:
    @pytest.mark.parametrize(
        ("version", "compatible", "word"),
        [
            ("2026.04.20.0213", True, None),
            ("2024.01.01", True, None),
            ("2023.12.31.9999", False, "below the tested range"),
            ("2026.08.07.0346", True, None),
            ("2026.08.07.0347", False, "above the tested range"),
            ("banana", None, "unknown"),
            ("", None, None),
        ],
    )
    def test_are_compared_as_dates(self, version: str, compatible: bool | None, word: str | None) -> None:
        found = judge(version, Range(min="2024.01.01", max="2026.08.07.0346"))
        assert found.is_compatible is compatible
        assert (word is None) == (found.warning is None)
        assert word is None or word in str(found.warning)


class TestDisks:
    def test_limits_are_strict_and_critical_comes_first(self) -> None:
        prefs = Preferences()
        total = 1000 * GIB
        assert severity_of(total, 100 * GIB, prefs) is Severity.NORMAL
        assert severity_of(total, 100 * GIB - 1, prefs) is Severity.WARNING
        assert severity_of(total, 50 * GIB - 1, prefs) is Severity.CRITICAL
        assert severity_of(100 * GIB, 24 * GIB, prefs) is Severity.CRITICAL
        assert severity_of(0, 0, prefs) is Severity.NORMAL
        assert severity_of(None, None, prefs) is Severity.NORMAL

    def test_the_same_again_is_news_only_when_it_got_worse_after_a_while(self) -> None:
        prefs, total = Preferences(), 1000 * GIB
        memory = DiskMemory(severity=Severity.WARNING, free=90 * GIB, percent=9.0, at=NOW)
        later = NOW + timedelta(hours=2)
        assert not is_news(memory, Severity.WARNING, total, 90 * GIB, later, prefs)
        assert not is_news(memory, Severity.WARNING, total, 80 * GIB, NOW + timedelta(minutes=5), prefs)
        assert is_news(memory, Severity.WARNING, total, 88 * GIB, later, prefs)
        assert is_news(memory, Severity.CRITICAL, total, 40 * GIB, NOW, prefs)
        assert is_news(None, Severity.WARNING, total, 90 * GIB, NOW, prefs)

    def test_a_forecast_is_not_bent_by_one_clean_up(self) -> None:
        free = [(NOW + timedelta(hours=hour), (500 - hour) * float(GIB)) for hour in range(100)]
        free[60:] = [(at, value + 100 * GIB) for at, value in free[60:]]
        found = foretell(free, NOW + timedelta(hours=99))
        assert found is not None
        assert found.gib_per_day == pytest.approx(24, abs=60)
        assert foretell(free[:5], NOW) is None


class TestFeeds:
    def test_they_are_read_by_those_who_read_such_things(self) -> None:
        nasty = Activity(
            uuid="u1", dvr_id="d", dvr_name="D", event_type="system", title="a;b,c\\ <b>&\x01", message="x\r\nATTENDEE:evil", at=NOW
        )  # fmt: skip
        entry = Entry(
            dvr_id="d", dvr_name="D", job_id="1", title="News\nEND:VEVENT", channel="NBC", scheduled="Today", starts_at=NOW,
            ends_at=NOW + timedelta(minutes=30),
        )  # fmt: skip
        written = calendar([entry, entry], [nasty], NOW)
        assert all(len(line) <= 75 for line in written.split(b"\r\n"))
        events = icalendar.Calendar.from_ical(written).walk("VEVENT")
        assert [str(one["UID"]) for one in events] == ["recording-d-1@channelwatch"] * 2 + ["activity-u1@channelwatch"]
        assert events[1]["STATUS"] == "TENTATIVE"
        assert "ATTENDEE" not in events[2]
        for body in (rss([nasty], "http://x/?a=1&b=2", NOW), atom([nasty], "http://x/", NOW)):
            assert read_xml(body) is not None


def test_a_webhook_address_keeps_its_secret() -> None:
    assert (
        redacted_url("https://hooks.slack.com/services/T000/B000/XXXXsecret?x=1")
        == "https://hooks.slack.com/services/****/****/****"
    )
    assert redacted_url("https://user:pw@h.example/api/webhooks/12345/tok") == "https://h.example/api/webhooks/****/tok"

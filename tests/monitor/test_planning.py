"""Where an alert goes: routing, quiet hours, silences, the rate over all. Source: specs/monitor.md 5.9."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from polycast.core.errors import Storage
from polycast.monitor.alerts.model import Alert, AlertKind
from polycast.monitor.alerts.rules import Match, Silence
from polycast.monitor.outbox.breaker import FAILURES, REST, Breaker
from polycast.monitor.outbox.planning import Planner
from polycast.monitor.preferences.model import Preferences, Quiet
from polycast.monitor.vault import Vault

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
ALERT = Alert(
    kind=AlertKind.CHANNEL, event_type="channel.watching.start", dvr_id="dvr_1", dvr_name="A", title="t", text="x", at=NOW,
    facts={"device": {"name": "TV", "ip": ""}},
)  # fmt: skip
PREFS = Preferences(tz="UTC", apprise_telegram="token/chat", apprise_gotify="host/token", global_rate_limit=2)


def planner() -> Planner:
    numbers = itertools.count()
    return Planner(new_id=lambda: str(next(numbers)))


def statuses(found: Planner, alert: Alert, prefs: Preferences, **more: object) -> dict[str, str]:
    return {one.destination.channel: one.status for one in found.plan(alert, prefs, now=NOW, **more)}  # type: ignore[arg-type]


def test_what_the_table_does_not_say_is_on_unless_it_is_strict() -> None:
    routed = replace(PREFS, notification_routing={"dvr_1": {"channel": {"gotify": False}}})
    assert statuses(planner(), ALERT, routed) == {"telegram": "pending", "gotify": "suppressed_route"}
    one_named = replace(PREFS, notification_routing={"dvr_1": {"channel": {"gotify": True}}}, _routing_strict=True)
    assert statuses(planner(), ALERT, one_named) == {"telegram": "suppressed_route", "gotify": "pending"}


def test_quiet_hours_hold_all_but_what_is_bad_enough() -> None:
    quiet = replace(PREFS, quiet_hours=(Quiet(channels=("telegram",), start="22:00", end="07:00"),))
    assert statuses(planner(), ALERT, quiet) == {"telegram": "suppressed_quiet", "gotify": "pending"}
    critical = replace(ALERT, severity="critical")
    assert statuses(planner(), critical, quiet) == {"telegram": "pending", "gotify": "pending"}


def test_a_silence_keeps_what_matches_quiet() -> None:
    silence = Silence(
        id=1, match=Match(devices=("tv",)), comment="", made_by="", starts_at=NOW, ends_at=NOW + timedelta(hours=1)
    )
    assert set(statuses(planner(), ALERT, PREFS, silences=[silence]).values()) == {"suppressed_quiet"}
    other = replace(silence, match=Match(devices=("radio",)))
    assert set(statuses(planner(), ALERT, PREFS, silences=[other]).values()) == {"pending"}


def test_the_rate_counts_alerts_and_spares_the_critical() -> None:
    found = planner()
    for _ in range(2):
        assert set(statuses(found, ALERT, PREFS).values()) == {"pending"}
    assert set(statuses(found, ALERT, PREFS).values()) == {"suppressed_rate"}
    assert found.held_back == 1
    assert set(statuses(found, replace(ALERT, severity="critical"), PREFS).values()) == {"pending"}
    assert set(statuses(found, replace(ALERT, is_test=True), PREFS).values()) == {"pending"}
    later = found.plan(ALERT, PREFS, now=NOW + timedelta(minutes=6))
    assert {one.status for one in later} == {"pending"}


def test_a_destination_that_keeps_failing_rests_and_is_then_tried_once() -> None:
    breaker = Breaker()
    for _ in range(FAILURES):
        assert not breaker.is_open(timedelta())
        breaker.failed(timedelta())
    assert breaker.is_open(REST - timedelta(seconds=1))
    assert not breaker.is_open(REST)
    breaker.failed(REST)
    assert breaker.is_open(REST * 2 - timedelta(seconds=1))
    breaker.succeeded()
    assert not breaker.is_open(REST)


def test_a_key_file_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "monitor")
    sealed = vault.seal("secret")
    assert sealed.startswith("fernet:")
    assert vault.open(sealed) == "secret"
    assert vault.path.stat().st_mode & 0o077 == 0
    vault.path.chmod(0o644)
    assert vault.open(sealed) == ""
    assert vault.is_lost(sealed)
    with pytest.raises(Storage):
        vault.seal("another")

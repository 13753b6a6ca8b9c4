"""The flat settings of the watch: one typed field a key. Source: specs/monitor.md 2.8."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import Meta, Struct

from polycast.core.events import Audience, Event
from polycast.core.identity.scopes import Scope

SCHEMA_VERSION: Final = 7
Seconds = Annotated[int, Meta(ge=0, le=31_536_000)]
Cache = Annotated[int, Meta(ge=0, le=604_800)]
Percent = Annotated[float, Meta(ge=0, le=100)]
Gigabytes = Annotated[float, Meta(ge=0)]
Text = Annotated[str, Meta(max_length=4096)]
Template = Annotated[str, Meta(max_length=20_000)]

SECRETS: Final = (
    "apprise_pushover",
    "apprise_discord",
    "apprise_email",
    "apprise_email_to",
    "apprise_telegram",
    "apprise_slack",
    "apprise_gotify",
    "apprise_matrix",
    "apprise_custom",
    "ics_feed_token",
    "rss_feed_token",
    "error_reporting_dsn",
    "ds_test_route_override",
    "ingest_token",
    "mqtt_password",
)
ADMIN_ONLY: Final = frozenset(
    {
        "auth_mode",
        "rbac_enabled",
        "api_key",
        "ics_feed_token",
        "rss_feed_token",
        "trusted_notification_destinations",
        "ingest_enabled",
        "ingest_token",
        "mqtt",
        "mqtt_password",
    }
)


class Webhook(Struct, frozen=True, kw_only=True):
    """Where our own signed messages go. `url` and `secret` are sealed at rest."""

    id: str = ""
    url: Text = ""
    secret: Text = ""
    enabled: bool = False
    payload: Literal["v1", "v2"] = "v1"
    format: Literal["channelwatch", "slack", "discord", "ntfy", "homeassistant", "template"] = "channelwatch"
    template: Template = ""
    standard_headers: bool = False


class TrustedDestination(Struct, frozen=True, kw_only=True):
    """A private place that notifications may go to."""

    source: Literal["apprise_custom", "webhook", "email"]
    scheme: Literal["http", "https", "smtp"] = "http"
    host: Annotated[str, Meta(min_length=1, max_length=253)]
    port: Annotated[int, Meta(ge=1, le=65535)]
    label: str = ""


class Quiet(Struct, frozen=True, kw_only=True):
    """Hours in which somebody is left alone; what is held comes as one message at the end."""

    id: str = ""
    channels: tuple[str, ...] = ()  # of destinations; empty for all
    weekdays: tuple[Annotated[int, Meta(ge=0, le=6)], ...] = (0, 1, 2, 3, 4, 5, 6)  # Monday 0, of the evening
    start: Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "22:00"
    end: Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "07:00"
    tz: str = ""  # empty: the watch's own
    floor: Literal["warning", "critical", "none"] = "critical"  # this severity and above pass
    enabled: bool = True


class Digest(Struct, frozen=True, kw_only=True):
    """A summary by mail or any other destination."""

    enabled: bool = False
    every: Literal["daily", "weekly"] = "daily"
    weekday: Annotated[int, Meta(ge=0, le=6)] = 0
    at: Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "08:00"
    channels: tuple[str, ...] = ()


class LogRule(Struct, frozen=True, kw_only=True):
    """Which lines of a DVR's own log are news. All that is set must hold; a pattern is a regular expression."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    category: Annotated[str, Meta(max_length=12)] = ""  # "ERR", "DVR"; empty for all
    starts_with: Annotated[str, Meta(max_length=200)] = ""
    pattern: Annotated[str, Meta(max_length=1000)] = ""
    severity: Literal["info", "warning", "critical"] = "info"  # above info an incident is opened and people are told
    enabled: bool = True


class Mqtt(Struct, frozen=True, kw_only=True):
    """The broker that hears of every server, for Home Assistant and the like. `mqtt_password` stands beside it."""

    enabled: bool = False
    host: Annotated[str, Meta(max_length=253)] = ""
    port: Annotated[int, Meta(ge=1, le=65535)] = 1883
    tls: bool = False
    username: Annotated[str, Meta(max_length=250)] = ""
    topic: Annotated[str, Meta(min_length=1, max_length=100, pattern="^[^#+\\x00/]+(/[^#+\\x00/]+)*$")] = (
        "polycast/monitor"
    )
    discovery_prefix: Annotated[str, Meta(max_length=100, pattern="^[^#+\\x00]*$")] = "homeassistant"  # empty: none


class Preferences(Struct, frozen=True, kw_only=True):
    """Every key that means something here; secrets are in the clear in memory only."""

    tz: str = "America/Los_Angeles"
    log_level: Annotated[int, Meta(ge=1, le=2)] = 1
    log_retention_days: Annotated[int, Meta(ge=1, le=3650)] = 7
    history_retention_days: Annotated[int, Meta(ge=1, le=3650)] = 90
    alert_channel_watching: bool = True
    alert_vod_watching: bool = True
    alert_disk_space: bool = True
    alert_recording_events: bool = True
    alert_dvr_health: bool = True
    dvr_alert_unreachable: bool = True
    dvr_alert_recovered: bool = True
    dvr_health_alert_delay_seconds: Annotated[int, Meta(ge=30, le=3600)] = 120
    stream_count: bool = True
    monitor_stale_seconds: Annotated[int, Meta(ge=1, le=86_400)] = 300
    cw_channel_name: bool = True
    cw_channel_number: bool = True
    cw_program_name: bool = True
    cw_device_name: bool = True
    cw_device_ip: bool = True
    cw_stream_source: bool = True
    cw_image_source: str = "PROGRAM"
    cw_alert_cooldown: Seconds = 300
    cw_min_watch_seconds: Seconds = 0
    cw_ignore_devices: tuple[str, ...] = ()
    cw_ignore_channels: tuple[str, ...] = ()
    vod_alert_cooldown: Seconds = 300
    vod_title: bool = True
    vod_episode_title: bool = True
    vod_summary: bool = True
    vod_duration: bool = True
    vod_progress: bool = True
    vod_image: bool = True
    vod_rating: bool = True
    vod_genres: bool = True
    vod_cast: bool = True
    vod_device_name: bool = True
    vod_device_ip: bool = True
    vod_significant_threshold: Seconds = 300
    rd_alert_scheduled: bool = True
    rd_alert_started: bool = True
    rd_alert_completed: bool = True
    rd_alert_cancelled: bool = True
    rd_alert_failed: bool = True
    rd_alert_skipped: bool = False
    rd_alert_missed: bool = True
    rd_alert_interrupted: bool = True
    rd_program_name: bool = True
    rd_program_desc: bool = True
    rd_duration: bool = True
    rd_channel_name: bool = True
    rd_channel_number: bool = True
    rd_type: bool = True
    ds_threshold_percent: Percent = 10
    ds_threshold_gb: Gigabytes = 50
    ds_warning_threshold_percent: Percent = 10
    ds_warning_threshold_gb: Gigabytes = 50
    ds_critical_threshold_percent: Percent = 5
    ds_critical_threshold_gb: Gigabytes = 25
    ds_alert_cooldown: Seconds = 3600
    ds_startup_grace_seconds: Seconds = 10
    ds_worsening_delta_gb: Gigabytes = 1
    ds_worsening_delta_percent: Percent = 1.0
    ds_alert_recovered: bool = False
    ds_test_route_override: Text = ""
    cw_template_title: Template = ""
    cw_template_body: Template = ""
    cw_template_use_default: bool = True
    vod_template_title: Template = ""
    vod_template_body: Template = ""
    vod_template_use_default: bool = True
    rd_template_title: Template = ""
    rd_template_body: Template = ""
    rd_template_use_default: bool = True
    ds_template_title: Template = ""
    ds_template_body: Template = ""
    ds_template_use_default: bool = True
    channel_cache_ttl: Cache = 86_400
    program_cache_ttl: Cache = 86_400
    vod_cache_ttl: Cache = 86_400
    job_cache_ttl: Cache = 3600
    global_rate_limit: Annotated[int, Meta(ge=1, le=100_000)] = 20
    global_rate_window: Annotated[int, Meta(ge=10, le=86_400)] = 300
    stream_card_image: Literal["program", "channel", "none"] = "program"
    recording_card_image: Literal["program", "none"] = "program"
    apprise_pushover: Text = ""
    apprise_discord: Text = ""
    apprise_email: Text = ""
    apprise_email_to: Text = ""
    apprise_telegram: Text = ""
    apprise_slack: Text = ""
    apprise_gotify: Text = ""
    apprise_matrix: Text = ""
    apprise_custom: Text = ""
    webhooks: tuple[Webhook, ...] = ()
    trusted_notification_destinations: tuple[TrustedDestination, ...] = ()
    notification_routing: Mapping[str, Mapping[str, Mapping[str, bool]]] = {}
    _routing_strict: bool = False
    api_key: str = ""  # shown only; the key itself is one of the core's
    auth_mode: Literal["", "api_key", "rbac", "none"] = ""
    rbac_enabled: bool = False
    multi_dvr_v2_enabled: bool = True
    security_setup_completed: bool | None = None
    ics_feed_enabled: bool = False
    ics_feed_token: Text = ""
    rss_feed_enabled: bool = False
    rss_feed_token: Text = ""
    error_reporting_dsn: Text = ""
    _version: int = SCHEMA_VERSION
    quiet_hours: tuple[Quiet, ...] = ()
    digest: Digest = Digest()
    heartbeat_targets: tuple[Text, ...] = ()
    ingest_enabled: bool = False
    ingest_token: Text = ""
    log_rules: tuple[LogRule, ...] = ()
    lineup_watch: bool = False
    mqtt: Mqtt = Mqtt()
    mqtt_password: Text = ""

    @property
    def routing_is_strict(self) -> bool:
        return self._routing_strict


ALERT_OVERRIDES: Final = frozenset(
    name
    for name in Preferences.__struct_fields__
    if name.startswith(("alert_", "cw_", "vod_", "rd_", "ds_", "dvr_")) or name == "stream_count"
)


class MonitorPreferencesChanged(Event, frozen=True, kw_only=True):
    """Some settings of the watch have new values."""

    name: ClassVar[str] = "monitor.settings_changed"

    keys: list[str]

    def audience(self) -> Audience:
        return Audience(scope=Scope.MONITOR_WRITE)


class Stored(Struct, frozen=True, kw_only=True):
    """The settings as they are: typed, and what nobody here knows."""

    known: Preferences
    unknown: Mapping[str, Any]
    revision: int

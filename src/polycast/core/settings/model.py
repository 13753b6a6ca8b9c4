"""The core's part of the settings tree. Each module adds a section of its own (`Module.settings`).

A field's `Meta` carries what people see: `title`, `description`, and in `extra` the `unit`, `restart` (takes effect
at the next start) and `host` (set by the host only: environment or polycast.toml, never in the UI).
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct


class SecretText:
    """A text that is never printed; `plain` hands it out."""

    __slots__ = ("plain",)

    def __init__(self, plain: str) -> None:
        self.plain = plain

    def __bool__(self) -> bool:
        return bool(self.plain)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretText) and other.plain == self.plain

    def __hash__(self) -> int:
        return hash(self.plain)

    def __repr__(self) -> str:
        return "***" if self.plain else "''"


def _meta(
    title: str, description: str, *, unit: str = "", restart: bool = False, host: bool = False, **limits: Any
) -> Meta:
    return Meta(title=title, description=description, extra={"unit": unit, "restart": restart, "host": host}, **limits)


Port = Annotated[int, Meta(ge=0, le=65535)]


class NetSettings(Struct, frozen=True, kw_only=True):
    """What outbound requests may reach, and how."""

    trusted_hosts: Annotated[
        tuple[str, ...],
        _meta("Trusted hosts", "Hosts that addresses given by an administrator may reach although they are loopback."),
    ] = ()
    user_agent: Annotated[str, _meta("User agent", "What outbound requests call themselves by default.")] = "Polycast"
    proxy: Annotated[SecretText, _meta("Proxy", "HTTP proxy for outbound requests, as a URL; empty for none.")] = (
        SecretText("")
    )
    connections_per_host: Annotated[
        int, _meta("Connections per host", "How many requests one outside host gets at once.", ge=1, le=256)
    ] = 16


class MediaSettings(Struct, frozen=True, kw_only=True):
    """Tools and caches for pictures and sound."""

    ffmpeg: Annotated[
        str,
        _meta("ffmpeg", "Absolute path of the ffmpeg to use; empty for the one that comes with Polycast.", host=True),
    ] = ""
    probe_children: Annotated[
        int, _meta("Probe processes", "How many files are looked into at once.", restart=True, ge=1, le=16)
    ] = 1
    image_cache_bytes: Annotated[
        int, _meta("Image cache", "How much disk resized pictures may take.", unit="bytes", ge=16 * 1024**2)
    ] = 2 * 1024**3


class BackupSettings(Struct, frozen=True, kw_only=True):
    """When backups are made and how many are kept."""

    cron: Annotated[str, _meta("Schedule", "Five fields, local time; empty for none.", restart=True)] = "0 3 * * *"
    keep: Annotated[int, _meta("Keep", "How many scheduled backups stay.", ge=1, le=365)] = 7
    passphrase: Annotated[
        SecretText, _meta("Passphrase", "With one, backups are encrypted and hold the stored credentials too.")
    ] = SecretText("")


class CoreSettings(Struct, frozen=True, kw_only=True):
    """The settings of the house itself; the root of the tree."""

    data_dir: Annotated[Path, _meta("Data directory", "Everything that must survive.", restart=True, host=True)] = Path(
        "data"
    )
    host: Annotated[str, _meta("Address", "The address to listen on.", restart=True, host=True)] = "127.0.0.1"
    port: Annotated[Port, _meta("Port", "The port to listen on.", restart=True, host=True)] = 8000
    extra_ports: Annotated[
        tuple[Port, ...], _meta("Extra ports", "More ports that serve the same.", restart=True, host=True)
    ] = ()
    database_url: Annotated[
        SecretText,
        _meta("Database", "postgresql://…; empty for SQLite in the data directory.", restart=True, host=True),
    ] = SecretText("")
    media_dirs: Annotated[
        tuple[Path, ...], _meta("Media folders", "Folders that libraries may use.", restart=True, host=True)
    ] = ()
    workers: Annotated[
        int, _meta("Workers", "Worker processes of this server; 0 for none.", restart=True, host=True, ge=0, le=8)
    ] = 1
    public_url: Annotated[str, _meta("Public address", "Used in mails and webhooks; empty for no links there.")] = ""
    trusted_proxies: Annotated[
        tuple[str, ...], _meta("Trusted proxies", "Networks whose X-Forwarded-* headers count.", host=True)
    ] = ()
    time_zone: Annotated[str, _meta("Time zone", "IANA name; schedules are in it.")] = "UTC"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        _meta("Log level", "How much is written.", restart=True, host=True),
    ] = "info"
    log_format: Annotated[
        Literal["text", "json"], _meta("Log format", "text for people, json for machines.", restart=True, host=True)
    ] = "text"
    admin_username: Annotated[str, _meta("First owner", "Made at start when there is no user.", host=True)] = ""
    admin_password: Annotated[SecretText, _meta("First owner's password", "Only for the first start.", host=True)] = (
        SecretText("")
    )
    admin_email: Annotated[str, _meta("First owner's e-mail", "May be empty.", host=True)] = ""
    ballast_bytes: Annotated[
        int,
        _meta(
            "Reserve",
            "Disk kept back in the data directory, given up when the disk is full; 0 for none.",
            unit="bytes",
            restart=True,
            host=True,
            ge=0,
        ),
    ] = 256 * 1024**2
    net: NetSettings = NetSettings()
    media: MediaSettings = MediaSettings()
    backup: BackupSettings = BackupSettings()

"""What the host decides about radio hosting."""

from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct


def _meta(title: str, description: str, *, host: bool = False, restart: bool = False, **limits: Any) -> Meta:
    return Meta(title=title, description=description, extra={"host": host, "restart": restart}, **limits)


class RadioSettings(Struct, frozen=True, kw_only=True):
    """`POLYCAST_RADIO__...`, `[radio]` in polycast.toml."""

    public_host: Annotated[
        str, _meta("Public host", "The name that listeners and DJs connect to; empty for that of the public address.")
    ] = ""
    port_pool_min: Annotated[int, _meta("First port", "Accounts get their ports from here on.", ge=1024, le=65000)] = (
        10000
    )
    port_pool_max: Annotated[int, _meta("Last port", "Accounts get their ports up to here.", ge=1024, le=65535)] = 14999
    block_size: Annotated[int, _meta("Ports of an account", "How many ports in a row.", ge=6, le=200)] = 20
    broadcast: Annotated[
        bool, _meta("On air", "Run stations on this server; off, it only keeps the books.", host=True, restart=True)
    ] = True
    engine: Annotated[
        Literal["embedded"], _meta("Distribution", "What listeners connect to: the edge in this server.")
    ] = "embedded"
    player: Annotated[
        Literal["embedded"], _meta("Player", "What mixes the programme: one child process for each station.")
    ] = "embedded"
    allowed_targets: Annotated[
        tuple[str, ...],
        _meta("Allowed targets", "Private hosts that customers' relays, webhooks and restreams may reach."),
    ] = ()
    history_days: Annotated[int, _meta("History", "Days that the full log is kept.", ge=7, le=4000)] = 400
    backup_dir: Annotated[
        Path, _meta("Backup folder", "Relative to the data directory, or absolute.", host=True, restart=True)
    ] = Path("radio/backups")
    restore_dir: Annotated[Path, _meta("Restore folder", "Backups put here are restored.", host=True, restart=True)] = (
        Path("radio/restore")
    )
    keep_final_backup: Annotated[bool, _meta("Final backup", "Save an account once more before it is deleted.")] = False
    mail_enabled: Annotated[bool, _meta("Mail", "Send mail to customers.")] = True
    default_language: Annotated[str, _meta("Language", "Of mails to customers who have chosen none.")] = "en"

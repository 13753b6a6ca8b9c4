"""What the host decides about the watch."""

from datetime import timedelta
from typing import Annotated, Final

from msgspec import Meta, Struct

from polycast.core.settings import SecretText

APPRISE: Final = ("pushover", "discord", "email", "email_to", "telegram", "slack", "gotify", "matrix", "custom")


def _meta(title: str, description: str, *env: str, host: bool = False, unit: str = "") -> Meta:
    return Meta(title=title, description=description, extra={"env": env, "host": host, "unit": unit})


class MonitorSettings(Struct, frozen=True, kw_only=True):
    """`POLYCAST_MONITOR__...`, `[monitor]` in polycast.toml."""

    disable_auth: Annotated[
        bool,
        _meta(
            "Open to everybody",
            "Opens the watch's own routes, and nothing else, to everybody in private networks.",
            "CW_DISABLE_AUTH",
            host=True,
        ),
    ] = False
    api_key: Annotated[
        SecretText, _meta("First shared key", "Made at start when there is none.", "CW_API_KEY", host=True)
    ] = SecretText("")
    dvr_servers: Annotated[
        str,
        _meta("Servers", "Name@host:port, several with commas; added at start.", "CHANNELS_DVR_SERVERS", host=True),
    ] = ""
    dvr_host: Annotated[str, _meta("Server", "A single server.", "CHANNELS_DVR_HOST", host=True)] = ""
    dvr_port: Annotated[int, _meta("Port", "Of the single server.", "CHANNELS_DVR_PORT", host=True)] = 8089
    dvr_name: Annotated[str, _meta("Name", "Of the single server.", "CHANNELS_DVR_NAME", host=True)] = ""
    tested_from: Annotated[str, _meta("Tested from", "Oldest version of Channels DVR that is known to work.")] = (
        "2024.01.01"
    )
    tested_to: Annotated[str, _meta("Tested to", "Newest version of Channels DVR that is known to work.")] = (
        "2026.08.07.0346"
    )
    update_url: Annotated[
        str,
        _meta(
            "Newest version", "An address that answers with JSON naming the newest `version` or `tag_name`. Empty: nobody is asked.",
            host=True,
        ),
    ] = ""  # fmt: skip
    list_all_providers: Annotated[
        bool, _meta("List all servers", "Shows servers of other kinds to clients that expect Channels DVRs.")
    ] = False


PROBE_EVERY: Final = timedelta(seconds=15)

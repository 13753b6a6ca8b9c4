"""The original's names of settings, and ours."""

from typing import Final

KEYS: Final = {
    "library.server_name": "general.serverName",
    "library.watched_percent": "playback.watchedPercent",
    "library.min_resume_percent": "playback.minResumePercent",
    "library.movie_provider": "metadata.movieProvider",
    "library.tv_provider": "metadata.tvProvider",
    "library.metadata_language": "metadata.language",
    "library.title_mode": "display.titleMode",
    "library.lan_subnets": "network.lanSubnets",
    "library.jellyfin_enabled": "jellyfin.enabled",
    "library.telemetry": "telemetry.enabled",
    "library.settle_s": "library.settleSeconds",
    "library.missing_days": "library.missingDays",
    "library.watch": "library.watch",
    "library.allow_deletion": "library.allowMediaDeletion",
}
ALIASES: Final = {theirs: ours for ours, theirs in KEYS.items()}

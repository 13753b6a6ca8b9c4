"""Where panels and pages are, as seen by whoever asks."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from polycast.radio.dialects.admin import wire_company
from polycast.radio.settings import RadioSettings


class Addresses:
    """Absolute addresses: by the public one where it is set, else by the request's own host."""

    def __init__(self, *, public_url: Callable[[], str], settings: Callable[[], RadioSettings]) -> None:
        self._public_url = public_url
        self._settings = settings

    def base(self, scope: Mapping[str, Any]) -> str:
        """`https://radio.example`, without a slash at its end."""
        return (self._public_url() or str(scope.get("state", {}).get("origin", ""))).rstrip("/")

    def host(self, scope: Mapping[str, Any]) -> str:
        """The name that listeners and DJs connect to."""
        settings = self._settings()
        return settings.public_host or (urlsplit(self.base(scope)).hostname or "localhost")

    def panel(self, scope: Mapping[str, Any]) -> str:
        """The base of every account's panel: a path on the one origin; no panel has a port of its own."""
        return f"{self.base(scope)}/radio"

    def host_shown(self, scope: Mapping[str, Any]) -> wire_company.HostShown:
        """What the host has set, for an admin to see."""
        own = self._settings()
        return wire_company.HostShown(
            public_host=own.public_host,
            base_url=self.base(scope),
            port_pool_min=own.port_pool_min,
            port_pool_max=own.port_pool_max,
            block_size=own.block_size,
            engine=own.engine,
            player=own.player,
            allowed_targets=list(own.allowed_targets),
            history_days=own.history_days,
            mail_enabled=own.mail_enabled,
            default_language=own.default_language,
            backup_dir=str(own.backup_dir),
            restore_dir=str(own.restore_dir),
        )

"""What a new station begins with: a default playlist, an AutoDJ, and one channel."""

import re
import unicodedata
from typing import Any, Final

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, Problem
from polycast.core.secrets import Secrets, TokenForm, Tokens
from polycast.core.storage import Unit
from polycast.radio.accounts.leases import free_pair
from polycast.radio.accounts.model import Account
from polycast.radio.stations.store import StationStore

SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,40}")
RESERVED: Final = frozenset({"api", "auth", "login", "public", "panel", "openapi", "hls"})
LIBRARY: Final = "All music"
AUTODJ: Final = "AutoDJ"
LAST: Final = 1_000_000  # the AutoDJ's priority: after everybody
BITRATE: Final = 128  # kbit/s
PASSWORD: Final = 16  # characters; encoders have small fields


class Making:
    """Adds whole stations in a unit."""

    def __init__(self, *, store: StationStore, secrets: Secrets, tokens: Tokens, clock: Clock) -> None:
        self._store = store
        self._secrets = secrets
        self._tokens = tokens
        self._clock = clock

    def station(self, unit: Unit, account: Account, title: str, *, is_default: bool = False, **more: Any) -> int:
        """A station with all it needs to be on air. Raises: Invalid, when the account's ports are used up."""
        now = self._clock.now()
        slug = more.pop("slug", "") or self.free_slug(unit, title if not is_default else account.username)
        defaults: dict[str, Any] = {
            "timezone": account.timezone,
            "charset": "UTF-8",
            "meta_format": "{artist} - {title}",
            "crossfade_mode": "smart",
            "random_mode": "balanced",
            "resume_after_live": "resume",
            "eq_gains": [],
            "geo_mode": "off",
            "geo_countries": [],
            "geo_networks": [],
            "geo_agents": [],
            "widget": {},
        }
        station_id = self._store.insert(
            unit,
            account_id=account.id,
            slug=slug,
            title=title,
            is_default=is_default,
            password_sealed=self._sealed("radio.station"),
            created_at=now,
            **(defaults | more),
        )
        self._store.add_default_playlist(unit, station_id, LIBRARY, now)
        self._store.insert_dj(
            unit,
            station_id=station_id,
            name=AUTODJ,
            cat="auto",
            meta_source="stream",
            priority=LAST,
            created_at=now,
        )
        return station_id

    def channel(self, unit: Unit, account: Account, station_id: int, **values: Any) -> int:
        """A channel with passwords of its own. Raises: Invalid ("port_busy"), when the account's ports are used up."""
        port = values.pop("port", 0) or self.free_port(unit, account)
        defaults: dict[str, Any] = {
            "bitrate": min(BITRATE, account.limits.limit_bitrate or BITRATE),
            "s_type": account.server_type,
            "s_format": "mp3",
            "mount_point": "/stream",
        }
        return self._store.insert_channel(
            unit,
            station_id=station_id,
            port=port,
            password_sealed=self._sealed("radio.channel"),
            admin_password_sealed=self._sealed("radio.channel"),
            created_at=self._clock.now(),
            **(defaults | values),
        )

    def first(self, unit: Unit, account: Account) -> int:
        """The station that a new account begins with."""
        title = account.first_name or account.username
        station_id = self.station(unit, account, title, is_default=True)
        self.channel(unit, account, station_id, port=account.ports.default_channel_port)
        return station_id

    def free_port(self, unit: Unit, account: Account) -> int:
        """The first of a free pair of the account's ports. Raises: Invalid."""
        port = free_pair(account.ports, self._store.ports_of(unit, account.id))
        if port is None:
            raise Invalid([Problem("port", "port_busy")])
        return port

    def free_slug(self, unit: Unit, text: str) -> str:
        """A slug like `text` that nobody has."""
        base = slug_of(text)
        taken = self._store.slugs_like(unit, base) | RESERVED
        slug, number = base, 1
        while slug in taken:
            number += 1
            slug = f"{base[:36]}-{number}"
        return slug

    def password(self) -> str:
        """A new one for encoders."""
        return self._tokens.new(TokenForm.LETTERS)[:PASSWORD]

    def _sealed(self, context: str) -> bytes:
        return self._secrets.seal(self.password(), context=context)


def slug_of(text: str) -> str:
    """Letters and digits of `text`, as a slug of two characters at least."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:38].strip("-")
    return slug if len(slug) >= 2 else f"radio-{slug}".strip("-")

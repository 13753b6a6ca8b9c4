"""Who may listen to a station: by token, by country, by address, by program."""

from ipaddress import ip_network

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.identity.caller import Caller
from polycast.core.secrets import Tokens
from polycast.core.storage import Database, Unit
from polycast.radio.engine.store import AudienceStore
from polycast.radio.panel.service import Panel
from polycast.radio.stations.access import Access
from polycast.radio.stations.store import StationStore

MODES = ("off", "allow", "deny")


class GeoRules(Struct, frozen=True, kw_only=True):
    """`countries` are let in or kept out as `mode` says; `ips` and `agents` are kept out unless it is off."""

    mode: str = "off"
    countries: list[str] = []
    ips: list[str] = []
    agents: list[str] = []


class Gatekeeping:
    """Asked by external stream servers, and set by the station's owner."""

    def __init__(
        self, *, db: Database, stations: StationStore, audience: AudienceStore, access: Access, panel: Panel,
        tokens: Tokens, clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._stations = stations
        self._audience = audience
        self._access = access
        self._panel = panel
        self._tokens = tokens
        self._clock = clock

    async def admits(self, channel_id: int, token: str) -> bool:
        """Whether somebody with this token may hear the channel. Raises: NotFound for no such channel."""
        return await self._db.read(self._admits, channel_id, token)

    def _admits(self, unit: Unit, channel_id: int, token: str) -> bool:
        channel = self._stations.channel(unit, channel_id)
        if channel is None:
            raise NotFound("The channel")
        if not channel.allow_auth_listeners_only:
            return True
        known = self._audience.tokens(unit, channel.station_id, now=self._clock.now())
        return bool(token) and self._tokens.hash(token) in known

    async def geo(self, caller: Caller, station_id: int) -> GeoRules:
        """Raises: NotFound."""
        return await self._db.read(self._geo, caller, station_id)

    def _geo(self, unit: Unit, caller: Caller, station_id: int) -> GeoRules:
        station = self._access.own(unit, caller, station_id, write=False).station
        return GeoRules(
            mode=station.geo_mode,
            countries=station.geo_countries,
            ips=station.geo_networks,
            agents=station.geo_agents,
        )

    async def set_geo(self, caller: Caller, station_id: int, rules: GeoRules) -> GeoRules:
        """Held against everybody who comes from now on. Raises: NotFound; Invalid; NotAllowed ("feature_disabled")."""
        problems = [Problem("mode", "invalid_choice")] if rules.mode not in MODES else []
        problems += [Problem("ips", "invalid")] if any(not _is_network(one) for one in rules.ips) else []
        if problems:
            raise Invalid(problems)
        values = {
            "geo_mode": rules.mode,
            "geo_countries": rules.countries,
            "geo_networks": rules.ips,
            "geo_agents": rules.agents,
        }
        await self._panel.update_station(caller, station_id, values)
        return await self.geo(caller, station_id)


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True

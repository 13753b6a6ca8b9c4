"""The ways to play a target, in the order they are tried."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.storage import Database, Unit
from polycast.live.preferences.groups import ProxySettings, StreamSettings
from polycast.live.preferences.model import PROXY, REDIRECT, OutputProfile
from polycast.live.preferences.service import Preferences
from polycast.live.relay.course import Key
from polycast.live.relay.model import Format, Target
from polycast.live.relay.store import RelayStore
from polycast.live.sources.upstreams.service import Upstream, Upstreams

SICK: Final = 300  # of 1000: such a stream is tried after the others


class How(Struct, frozen=True, kw_only=True):
    """How the bytes of a stream are read. Without a command: by ourselves."""

    name: str = PROXY
    command: str = ""
    parameters: str = ""
    user_agent: str | None = None

    @property
    def is_redirect(self) -> bool:
        return self.name == REDIRECT and not self.command


class Candidate(Struct, frozen=True, kw_only=True):
    """One way to play."""

    key: Key
    upstream: Upstream
    how: How


class Plan(Struct, frozen=True, kw_only=True):
    """Everything a session needs to know before its next step."""

    target: Target
    candidates: tuple[Candidate, ...]
    settings: ProxySettings

    def of(self, key: Key) -> Candidate:
        return next(candidate for candidate in self.candidates if candidate.key == key)


class Candidates:
    """Reads plans; each is one look at the database, so that changes hold from the next attempt on."""

    def __init__(
        self, *, db: Database, store: RelayStore, upstreams: Upstreams, preferences: Preferences, clock: Clock
    ) -> None:
        self._db = db
        self._store = store
        self._upstreams = upstreams
        self._preferences = preferences
        self._clock = clock

    async def target(self, ref: str) -> Target:
        """A channel by its UUID, or a stream by its hash. Raises: NotFound."""
        found = await self._db.read(self._find, ref)
        if found is None:
            raise NotFound("Channel")
        return found

    async def channel(self, channel_id: int) -> Target:
        """Raises: NotFound."""
        found = await self._db.read(self._store.channel_of, channel_id)
        if found is None:
            raise NotFound("Channel")
        return found

    async def plan(self, target: Target) -> Plan:
        return await self._db.read(self._plan, target)

    async def output_profile(self, profile_id: int) -> OutputProfile:
        """Raises: NotFound, for one that is not there or switched off."""
        found = await self._db.read(self._store.output_profile, profile_id)
        if found is None:
            raise NotFound("Output profile")
        return found

    async def default_format(self) -> Format:
        """What clients get that ask for nothing."""
        return Format((await self._preferences.group(StreamSettings)).default_output_format)

    async def streams(self, target: Target) -> list[tuple[int, str]]:
        """(id, name) of every stream, in the order of failover."""
        if target.channel_id is None:
            return [(target.stream_id or 0, target.name)]
        return await self._db.read(self._store.streams_of, target.channel_id)

    def _find(self, unit: Unit, ref: str) -> Target | None:
        if len(ref) == 64 and all(ch in "0123456789abcdef" for ch in ref):
            return self._store.stream(unit, bytes.fromhex(ref))
        return self._store.channel(unit, ref)

    def _plan(self, unit: Unit, target: Target) -> Plan:
        proxy = self._preferences.group_in(unit, ProxySettings)
        stream_settings = self._preferences.group_in(unit, StreamSettings)
        if target.channel_id is not None:
            target = self._store.channel_of(unit, target.channel_id) or target
            ways = self._upstreams.of_channel(unit, target.channel_id or 0)
        else:
            ways = self._upstreams.of_stream(unit, target.stream_id or 0)
        health = self._store.health(unit, list({way.stream_id for way in ways}), self._clock.now())
        ways.sort(key=lambda way: health.get(way.stream_id, 1000) < SICK)  # stable: else as people ordered them
        default_agent = self._store.user_agent(unit, stream_settings.default_user_agent)
        hows: dict[int | None, How] = {}
        found = []
        for way in ways:
            profile_id = target.stream_profile_id or way.stream_profile_id or stream_settings.default_stream_profile
            if profile_id not in hows:
                hows[profile_id] = self._how(unit, profile_id)
            how = hows[profile_id]
            agent = how.user_agent or way.user_agent or default_agent
            how = How(name=how.name, command=how.command, parameters=how.parameters, user_agent=agent)
            found.append(Candidate(key=_key(way), upstream=way, how=how))
        return Plan(target=target, candidates=tuple(found), settings=_narrowed(proxy, target.options))

    def _how(self, unit: Unit, profile_id: int | None) -> How:
        row = self._store.profile(unit, profile_id)
        if row is None:
            return How()
        return How(name=row.name, command=row.command, parameters=row.parameters, user_agent=row.agent)


def _key(way: Upstream) -> Key:
    digest = hashlib.sha256(way.url.encode()).hexdigest()[:16]
    return Key(stream_id=way.stream_id, profile_id=way.account_profile_id, address=digest)


def _narrowed(settings: ProxySettings, options: Mapping[str, Any]) -> ProxySettings:
    """The settings with those that a channel has of its own."""
    fields = {name: getattr(settings, name) for name in ProxySettings.__struct_fields__}
    return ProxySettings(**fields | {name: value for name, value in options.items() if name in fields})

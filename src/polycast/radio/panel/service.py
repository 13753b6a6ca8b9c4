"""Stations, channels and DJs as their owner sets them."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotAllowed, NotFound, Problem
from polycast.core.identity.caller import Caller
from polycast.core.secrets import Secrets, Unsealable
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.model import Account
from polycast.radio.events import StationChanged, StationRemoved, StationTold
from polycast.radio.panel.rules import RESTREAM_FLAGS, channel_problems, dj_problems, station_problems
from polycast.radio.stations.access import Access, Seen
from polycast.radio.stations.making import Making
from polycast.radio.stations.model import NETWORKS, Channel, Dj
from polycast.radio.stations.store import StationStore

STATION_CONTEXT: Final = "radio.station"
CHANNEL_CONTEXT: Final = "radio.channel"
DJ_CONTEXT: Final = "radio.dj"


class StationView(Struct, frozen=True, kw_only=True):
    """A station with its channels and DJs; passwords are there for its owner alone."""

    seen: Seen
    channels: list[Channel]
    djs: list[Dj]
    password: str
    channel_passwords: dict[int, tuple[str, str]]  # source, admin
    dj_passwords: dict[int, str]
    restreams: dict[int, dict[str, dict[str, Any]]]  # channel -> network -> columns, keys open

    def __repr__(self) -> str:
        return f"StationView({self.seen.station.id})"


class Panel:
    """What broadcasters do with their stations."""

    def __init__(
        self, *, db: Database, store: StationStore, making: Making, access: Access, secrets: Secrets, clock: Clock
    ) -> None:
        self._db = db
        self._store = store
        self._making = making
        self._access = access
        self._secrets = secrets
        self._clock = clock

    async def stations(self, caller: Caller) -> list[StationView]:
        """The caller's own; the public ones for strangers."""
        return await self._db.read(self._stations, caller)

    def _stations(self, unit: Unit, caller: Caller) -> list[StationView]:
        return [self._view(unit, seen) for seen in self._access.listed(unit, caller)]

    async def station(self, caller: Caller, station_id: int) -> StationView:
        """Raises: NotFound."""
        return await self._db.read(self._one, caller, station_id)

    async def by_slug(self, caller: Caller, slug: str) -> StationView:
        """Raises: NotFound."""
        return await self._db.read(self._by_slug, caller, slug)

    def _by_slug(self, unit: Unit, caller: Caller, slug: str) -> StationView:
        return self._view(unit, self._access.see_slug(unit, caller, slug))

    def _one(self, unit: Unit, caller: Caller, station_id: int) -> StationView:
        return self._view(unit, self._access.see(unit, caller, station_id))

    def _view(self, unit: Unit, seen: Seen) -> StationView:
        channels = self._store.channels(unit, [seen.station.id])
        djs = self._store.djs(unit, [seen.station.id])
        password, of_channels, of_djs = "", {}, {}
        outputs: dict[int, dict[str, dict[str, Any]]] = {}
        if seen.is_own:
            password = self._open(self._store.sealed_password(unit, seen.station.id), STATION_CONTEXT)
            sealed = self._store.sealed_of_channels(unit, [one.id for one in channels])
            of_channels = {
                key: (self._open(own, CHANNEL_CONTEXT), self._open(admin, CHANNEL_CONTEXT))
                for key, (own, admin) in sealed.items()
            }
            mine = self._store.sealed_of_djs(unit, [one.id for one in djs])
            of_djs = {key: self._open(text, DJ_CONTEXT) for key, text in mine.items()}
        for row in self._store.restreams(unit, [one.id for one in channels]):
            shown = row | {"key": self._open(row["key_sealed"], "radio.restream") if seen.is_own else ""}
            outputs.setdefault(row["channel_id"], {})[row["network"]] = shown
        return StationView(
            seen=seen,
            channels=channels,
            djs=djs,
            password=password,
            channel_passwords=of_channels,
            dj_passwords=of_djs,
            restreams=outputs,
        )

    def _open(self, sealed: bytes | None, context: str) -> str:
        try:
            return "" if sealed is None else self._secrets.open(sealed, context=context)
        except Unsealable:
            return ""

    async def create_station(self, caller: Caller, values: Mapping[str, Any], *, owner: int | None) -> StationView:
        """A station of the caller's own account, or of `owner`'s. Raises: NotFound; Invalid ("limit_stations")."""
        return await self._db.write(self._create_station, caller, values, owner)

    def _create_station(self, unit: Unit, caller: Caller, values: Mapping[str, Any], owner: int | None) -> StationView:
        account = self._access.owner(unit, caller, owner)
        problems = station_problems(values, is_new=True)
        number, _ = self._store.counts(unit, account.id)
        if 0 < account.limits.limit_stations <= number:
            problems.append(Problem("non_field_errors", "limit_stations"))
        if (slug := values.get("slug")) and self._store.by_slug(unit, str(slug)) is not None:
            problems.append(Problem("slug", "unique"))
        if problems:
            raise Invalid(problems)
        given = dict(values)
        password = given.pop("password", "")
        station_id = self._making.station(unit, account, str(given.pop("title")), is_default=number == 0, **given)
        if password:
            self._seal_station(unit, station_id, str(password))
        unit.publish(StationChanged(account_id=account.id, station_id=station_id))
        return self._one(unit, caller, station_id)

    async def update_station(self, caller: Caller, station_id: int, values: Mapping[str, Any]) -> StationView:
        """Raises: NotFound; Invalid; NotAllowed ("feature_disabled")."""
        return await self._db.write(self._update_station, caller, station_id, values)

    def _update_station(self, unit: Unit, caller: Caller, station_id: int, values: Mapping[str, Any]) -> StationView:
        seen = self._access.own(unit, caller, station_id)
        problems = station_problems(values, is_new=False)
        other = self._store.by_slug(unit, str(values["slug"])) if values.get("slug") else None
        if other is not None and other.id != station_id:
            problems.append(Problem("slug", "unique"))
        if problems:
            raise Invalid(problems)
        if values.get("minisite_display") and not seen.account.features.website_enabled:
            raise NotAllowed("feature_disabled", "feature_disabled")
        if str(values.get("geo_mode", "off")) != "off" and not seen.account.features.geoblocking_enabled:
            raise NotAllowed("feature_disabled", "feature_disabled")
        given = dict(values)
        if password := given.pop("password", ""):
            self._seal_station(unit, station_id, str(password))
        self._store.update(unit, station_id, **given)
        self._changed(unit, seen)
        return self._one(unit, caller, station_id)

    def _seal_station(self, unit: Unit, station_id: int, password: str) -> None:
        self._store.update(unit, station_id, password_sealed=self._secrets.seal(password, context=STATION_CONTEXT))

    async def delete_station(self, caller: Caller, station_id: int) -> None:
        """Raises: NotFound."""
        await self._db.write(self._delete_station, caller, station_id)

    def _delete_station(self, unit: Unit, caller: Caller, station_id: int) -> None:
        seen = self._access.own(unit, caller, station_id)
        self._store.delete(unit, station_id)
        unit.publish(StationRemoved(account_id=seen.account.id, station_id=station_id))

    async def tell(self, caller: Caller, station_id: int, what: str, *, target: int = 0) -> None:
        """`start`, `stop`: what its owner wants from now on; `restart`, `skip`, ...: once. Raises: NotFound."""
        await self._db.write(self._tell, caller, station_id, what, target)

    def _tell(self, unit: Unit, caller: Caller, station_id: int, what: str, target: int) -> None:
        seen = self._access.own(unit, caller, station_id)
        if what in ("start", "stop"):
            self._store.update(unit, station_id, is_started=what == "start")
            self._changed(unit, seen)
            return
        unit.publish(StationTold(account_id=seen.account.id, station_id=station_id, what=what, target_id=target))

    async def create_channel(self, caller: Caller, station_id: int, values: Mapping[str, Any]) -> int:
        """Its key. Raises: NotFound; Invalid ("limit_streams", "limit_bitrate", "port_busy", ...)."""
        return await self._db.write(self._create_channel, caller, station_id, values)

    def _create_channel(self, unit: Unit, caller: Caller, station_id: int, values: Mapping[str, Any]) -> int:
        seen = self._access.own(unit, caller, station_id)
        problems = channel_problems(seen.account, values, is_new=True)
        problems += self._port_problems(unit, seen.account, values.get("port"), None)
        problems += self._mount_problems(unit, seen.account, values, None)
        _, number = self._store.counts(unit, seen.account.id)
        if 0 < seen.account.limits.limit_streams <= number:
            problems.append(Problem("non_field_errors", "limit_streams"))
        if problems:
            raise Invalid(problems)
        given, outputs, passwords = _split(values)
        channel_id = self._making.channel(unit, seen.account, station_id, **given)
        self._put_secrets(unit, seen.account, channel_id, outputs, passwords)
        self._changed(unit, seen)
        return channel_id

    async def update_channel(self, caller: Caller, channel_id: int, values: Mapping[str, Any]) -> Channel:
        """Raises: as `create_channel`."""
        return await self._db.write(self._update_channel, caller, channel_id, values)

    def _update_channel(self, unit: Unit, caller: Caller, channel_id: int, values: Mapping[str, Any]) -> Channel:
        seen, channel = self._access.own_channel(unit, caller, channel_id)
        problems = channel_problems(seen.account, values, is_new=False)
        problems += self._port_problems(unit, seen.account, values.get("port"), channel.port)
        problems += self._mount_problems(unit, seen.account, values, channel)
        if problems:
            raise Invalid(problems)
        given, outputs, passwords = _split(values)
        self._store.update_channel(unit, channel_id, **given)
        self._put_secrets(unit, seen.account, channel_id, outputs, passwords)
        self._changed(unit, seen)
        return self._access.own_channel(unit, caller, channel_id)[1]

    async def delete_channel(self, caller: Caller, channel_id: int) -> None:
        """Raises: NotFound."""
        await self._db.write(self._delete_channel, caller, channel_id)

    def _delete_channel(self, unit: Unit, caller: Caller, channel_id: int) -> None:
        seen, _ = self._access.own_channel(unit, caller, channel_id)
        self._store.delete_channel(unit, channel_id)
        self._changed(unit, seen)

    def _put_secrets(
        self, unit: Unit, account: Account, channel_id: int, outputs: Mapping[str, dict[str, Any]],
        passwords: Mapping[str, str],
    ) -> None:  # fmt: skip
        for column, text in passwords.items():
            sealed = self._secrets.seal(text, context=CHANNEL_CONTEXT)
            self._store.update_channel(unit, channel_id, **{f"{column}_sealed": sealed})
        for network, values in outputs.items():
            if values.get("enabled") and not getattr(account.features, RESTREAM_FLAGS.get(network, ""), True):
                raise NotAllowed("feature_disabled", "feature_disabled")
            given = dict(values)
            if "key" in given:
                given["key_sealed"] = self._secrets.seal(str(given.pop("key")), context="radio.restream")
            self._store.put_restream(unit, channel_id, network, given)

    def _port_problems(self, unit: Unit, account: Account, port: Any, before: int | None) -> list[Problem]:
        if not port or port == before:
            return []
        if not account.ports.port_range_min <= port < account.ports.port_range_max:
            return [Problem("port", "port_out_of_range")]
        taken = set(self._store.ports_of(unit, account.id)) - {before or 0}
        return [Problem("port", "port_busy")] if any(abs(port - one) <= 1 for one in taken) else []

    def _mount_problems(
        self, unit: Unit, account: Account, values: Mapping[str, Any], before: Channel | None
    ) -> list[Problem]:
        port = values.get("port") or (before.port if before else 0)
        mount = values.get("mount_point") or (before.mount_point if before else "/stream")
        others = self._store.channels_of_account(unit, account.id)
        is_taken = any(
            one.port == port and one.mount_point == mount and (before is None or one.id != before.id) for one in others
        )
        return [Problem("mount_point", "unique")] if port and is_taken else []

    async def create_dj(self, caller: Caller, station_id: int, values: Mapping[str, Any]) -> int:
        """Its key; an encoder's or browser's DJ gets a port. Raises: NotFound; Invalid."""
        return await self._db.write(self._create_dj, caller, station_id, values)

    def _create_dj(self, unit: Unit, caller: Caller, station_id: int, values: Mapping[str, Any]) -> int:
        seen = self._access.own(unit, caller, station_id)
        if problems := dj_problems(values, is_new=True):
            raise Invalid(problems)
        given = {"cat": "real", "meta_source": "stream"} | dict(values)
        password = str(given.pop("password", "") or self._making.password())
        if given["cat"] in ("real", "ws"):
            given["port"] = self._making.free_port(unit, seen.account)
        dj_id = self._store.insert_dj(
            unit,
            station_id=station_id,
            password_sealed=self._secrets.seal(password, context=DJ_CONTEXT),
            created_at=self._clock.now(),
            **given,
        )
        self._changed(unit, seen)
        return dj_id

    async def update_dj(self, caller: Caller, dj_id: int, values: Mapping[str, Any]) -> None:
        """Raises: NotFound; Invalid."""
        await self._db.write(self._update_dj, caller, dj_id, values)

    def _update_dj(self, unit: Unit, caller: Caller, dj_id: int, values: Mapping[str, Any]) -> None:
        seen, dj = self._access.own_dj(unit, caller, dj_id)
        given = dict(values)
        if problems := dj_problems(given, is_new=False):
            raise Invalid(problems)
        given.pop("cat", None)
        if dj.cat == "auto":
            given.pop("priority", None)  # after everybody, always
        if password := given.pop("password", ""):
            given["password_sealed"] = self._secrets.seal(str(password), context=DJ_CONTEXT)
        self._store.update_dj(unit, dj_id, **given)
        self._changed(unit, seen)

    async def delete_dj(self, caller: Caller, dj_id: int) -> None:
        """Raises: NotFound; Invalid ("autodj")."""
        await self._db.write(self._delete_dj, caller, dj_id)

    def _delete_dj(self, unit: Unit, caller: Caller, dj_id: int) -> None:
        seen, dj = self._access.own_dj(unit, caller, dj_id)
        if dj.cat == "auto":
            raise Invalid([Problem("non_field_errors", "autodj")])
        self._store.delete_dj(unit, dj_id)
        self._changed(unit, seen)

    async def own(self, caller: Caller, station_id: int) -> Seen:
        """Raises: NotFound, when it is another's."""
        return await self._db.read(self._own, caller, station_id)

    def _own(self, unit: Unit, caller: Caller, station_id: int) -> Seen:
        return self._access.own(unit, caller, station_id, write=False)

    async def dj_station(self, caller: Caller, dj_id: int) -> int:
        """The station of one's own DJ. Raises: NotFound."""
        return (await self._db.read(self._access.own_dj, caller, dj_id))[1].station_id

    async def relay_station(self, caller: Caller, dj_id: int) -> int:
        """The station of one's own relay. Raises: NotFound, also for a DJ of another kind."""
        dj = (await self._db.read(self._access.own_dj, caller, dj_id))[1]
        if dj.cat != "server":
            raise NotFound("The relay")
        return dj.station_id

    async def station_of_channel(self, channel_id: int) -> int:
        """Raises: NotFound."""
        found = await self._db.read(self._store.channel, channel_id)
        if found is None:
            raise NotFound("The channel")
        return found.station_id

    async def station_of_dj(self, dj_id: int) -> int:
        """Raises: NotFound."""
        found = await self._db.read(self._store.dj, dj_id)
        if found is None:
            raise NotFound("The DJ")
        return found.station_id

    async def free_port(self, caller: Caller) -> int:
        """Of the caller's own block. Raises: NotFound; Invalid."""
        return await self._db.read(self._free_port, caller)

    def _free_port(self, unit: Unit, caller: Caller) -> int:
        return self._making.free_port(unit, self._access.owner(unit, caller, None))

    def _changed(self, unit: Unit, seen: Seen) -> None:
        unit.publish(StationChanged(account_id=seen.account.id, station_id=seen.station.id))


def _split(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, Any]], dict[str, str]]:
    """A channel's columns, its outputs to social networks, and its passwords."""
    given, passwords = dict(values), {}
    outputs: dict[str, dict[str, Any]] = {}
    for name in ("password", "admin_password"):
        if text := given.pop(name, ""):
            passwords[name] = str(text)
    for network in NETWORKS:
        for field, column in (("url", "url"), ("key", "key"), ("enabled", "enabled")):
            name = f"{network}_stream_{field}"
            if name in given:
                outputs.setdefault(network, {})[column] = given.pop(name)
    return given, outputs, passwords

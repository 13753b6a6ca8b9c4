"""Whose station it is, and who may look at it: asked here for everything on the station side."""

from msgspec import Struct

from polycast.core.errors import NotFound
from polycast.core.identity.caller import Caller
from polycast.core.storage import Unit
from polycast.radio.accounts.model import Account, Kind, Status
from polycast.radio.accounts.store import AccountStore
from polycast.radio.accounts.who import KIND_OF_ROLE, refuse_silenced, who_of
from polycast.radio.stations.model import Channel, Dj, Station
from polycast.radio.stations.store import StationStore


class Seen(Struct, frozen=True, kw_only=True):
    """A station, as far as somebody may see it."""

    station: Station
    account: Account
    is_own: bool  # the owner's, their reseller's, or an admin's


class Access:
    """Looks a station up for a caller. A foreign one is not found; so is one that is not public, or silent."""

    def __init__(self, *, accounts: AccountStore, stations: StationStore) -> None:
        self._accounts = accounts
        self._stations = stations

    def see(self, unit: Unit, caller: Caller, station_id: int) -> Seen:
        """For reading. Raises: NotFound."""
        station = self._stations.get(unit, station_id)
        return self._seen(unit, caller, station)

    def see_slug(self, unit: Unit, caller: Caller, slug: str) -> Seen:
        """For reading, by slug. Raises: NotFound."""
        return self._seen(unit, caller, self._stations.by_slug(unit, slug))

    def own(self, unit: Unit, caller: Caller, station_id: int, *, write: bool = True) -> Seen:
        """For its owner alone. Raises: NotSignedIn; NotFound; NotAllowed ("account_suspended") for writing."""
        who = who_of(caller)
        station = self._stations.get(unit, station_id)
        account = None if station is None else self._accounts.get(unit, station.account_id)
        if station is None or account is None or not who.may_see(account):
            raise NotFound("The station")
        if write:
            refuse_silenced(account)
        return Seen(station=station, account=account, is_own=True)

    def own_channel(self, unit: Unit, caller: Caller, channel_id: int) -> tuple[Seen, Channel]:
        """Raises: as `own`."""
        who_of(caller)
        channel = self._stations.channel(unit, channel_id)
        if channel is None:
            raise NotFound("The channel")
        return self.own(unit, caller, channel.station_id), channel

    def own_dj(self, unit: Unit, caller: Caller, dj_id: int) -> tuple[Seen, Dj]:
        """Raises: as `own`."""
        who_of(caller)
        dj = self._stations.dj(unit, dj_id)
        if dj is None:
            raise NotFound("The DJ")
        return self.own(unit, caller, dj.station_id), dj

    def owner(self, unit: Unit, caller: Caller, account_id: int | None) -> Account:
        """The account that a new station is for: the caller's own, or one that they may see. Raises: NotFound."""
        who = who_of(caller)
        wanted = who.id if account_id is None else account_id
        account = None if wanted is None else self._accounts.get(unit, wanted)
        found = who.see(account, Kind.BROADCASTER)
        refuse_silenced(found)
        return found

    def listed(self, unit: Unit, caller: Caller) -> list[Seen]:
        """Every station that the caller may see: their own, or for strangers the public ones."""
        who = None
        if not caller.is_anonymous and caller.role in KIND_OF_ROLE:
            who = who_of(caller)
        found = []
        accounts = self._accounts.many(unit, sorted({s.account_id for s in self._stations.all(unit)}))
        for station in self._stations.all(unit):
            account = accounts.get(station.account_id)
            if account is None:
                continue
            is_own = who is not None and who.may_see(account)
            if is_own or (who is None and _is_public(station, account)):
                found.append(Seen(station=station, account=account, is_own=is_own))
        return found

    def _seen(self, unit: Unit, caller: Caller, station: Station | None) -> Seen:
        account = None if station is None else self._accounts.get(unit, station.account_id)
        if station is None or account is None:
            raise NotFound("The station")
        has_place = not caller.is_anonymous and caller.role in KIND_OF_ROLE
        is_own = has_place and who_of(caller).may_see(account)
        if not is_own and not _is_public(station, account):
            raise NotFound("The station")
        return Seen(station=station, account=account, is_own=is_own)


def _is_public(station: Station, account: Account) -> bool:
    return station.public and account.status is Status.ACTIVE

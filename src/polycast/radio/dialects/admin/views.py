"""Accounts as this API shows them, with what stands around them."""

from collections.abc import Sequence

from polycast.radio.accounts.around import Around, Surveys
from polycast.radio.accounts.model import Account, Kind
from polycast.radio.dialects.admin import wire


class Views:
    """From accounts to what is sent."""

    def __init__(self, surveys: Surveys) -> None:
        self._surveys = surveys

    async def broadcaster(self, account: Account) -> wire.Broadcaster:
        [around] = await self._surveys.around([account])
        return wire.broadcaster(account, _surroundings(around))

    async def broadcasters(self, accounts: Sequence[Account]) -> list[wire.Broadcaster]:
        found = await self._surveys.around(accounts)
        return [wire.broadcaster(one, _surroundings(around)) for one, around in zip(accounts, found, strict=True)]

    async def rows(self, accounts: Sequence[Account]) -> list[wire.BroadcasterRow]:
        found = await self._surveys.around(accounts)
        return [wire.broadcaster_row(one, _surroundings(around)) for one, around in zip(accounts, found, strict=True)]

    async def reseller(self, account: Account) -> wire.Reseller:
        return (await self.resellers([account]))[0]

    async def resellers(self, accounts: Sequence[Account]) -> list[wire.Reseller]:
        owned = await self._surveys.owned(accounts)
        return [wire.Reseller.of(one, owned=owned.get(one.id, 0)) for one in accounts]

    async def profile(self, account: Account) -> wire.Shown:
        if account.kind is not Kind.RESELLER:
            return wire.shown(wire.Profile.of(account))
        owned = await self._surveys.owned([account])
        return wire.shown(wire.ResellerProfile.of(account, owned=owned.get(account.id, 0)))


def _surroundings(around: Around) -> wire.Surroundings:
    owner = None if around.owner is None else wire.Reseller.of(around.owner, owned=around.owner_accounts)
    return wire.Surroundings(
        owner=owner, stations=around.stations, listeners=around.listeners, traffic_bytes=around.traffic_bytes
    )

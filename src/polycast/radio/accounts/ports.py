"""What accounts need of the other features of radio hosting."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from polycast.core.storage import Unit
from polycast.radio.accounts.model import Account, Ports


class PortPool(Protocol):
    """Where an account's ports come from."""

    async def free(self) -> Sequence[Ports]:
        """A few blocks that nobody holds and that could be listened on a moment ago, the lowest first."""
        ...

    def used_in(self, unit: Unit, account_id: int) -> Collection[int]:
        """First ports of the pairs that the account's channels and DJs have."""
        ...


class Letters(Protocol):
    """Mail to customers."""

    def put(self, unit: Unit, account: Account, email_type: str, values: Mapping[str, str] = {}) -> None:
        """Write to `account` in this commit; whether it is sent at all is the mail room's to say."""
        ...


class Caps(Protocol):
    """What the licence says."""

    def is_full(self, unit: Unit, accounts: int) -> bool:
        """Whether there may be no more than `accounts`."""
        ...


class Rationing(Protocol):
    """Who pauses what is beyond an account's limits."""

    def ration(self, unit: Unit, account: Account) -> None:
        """Pause the newest stations and channels beyond the limits, wake those within."""
        ...

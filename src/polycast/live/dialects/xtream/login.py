"""Who asks: a user name with a device password, in the query, a form or the path."""

from collections.abc import Mapping
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

from msgspec import Struct

from polycast.core.errors import NotSignedIn
from polycast.core.http import BadBody, Request, read_body
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.live.outputs.access import Endpoint, NetworkAccess
from polycast.live.people.model import Person
from polycast.live.people.service import People

BODY_BYTES: Final = 16 * 1024
MOST_FIELDS: Final = 100


class Devices(Protocol):
    """All that this dialect needs of identity."""

    async def authenticate_device(self, username: str, password: str, *, address: str) -> Caller: ...


class Login(Struct, frozen=True, kw_only=True):
    """A user who is in, and what they showed: players are told both again."""

    caller: Caller
    person: Person
    username: str
    password: str

    @property
    def may_catch_up(self) -> bool:
        return self.person.custom_properties.get("catchup_enabled") is not False

    def __repr__(self) -> str:
        return f"Login({self.username!r})"


class Door:
    """Lets users in, from where they may come."""

    def __init__(self, *, devices: Devices, people: People, access: NetworkAccess) -> None:
        self._devices = devices
        self._people = people
        self._access = access

    async def enter(self, nobody: Caller, username: str, password: str, endpoint: Endpoint, *, what: str = "") -> Login:
        """`nobody` is the request's caller, before anybody is known.

        Raises: NotSignedIn; NotAllowed ("network"); TooMany.
        """
        await self._access.require(endpoint, nobody, what=what)
        if not username or not password:
            raise NotSignedIn
        caller = await self._devices.authenticate_device(username, password, address=nobody.address)
        caller.require(Scope.LIVE_PLAY)
        await self._access.require(endpoint, caller, what=what)
        if caller.user_id is None:
            raise NotSignedIn
        person = await self._people.get(caller.user_id)
        return Login(caller=caller, person=person, username=username, password=password)


async def asked(request: Request) -> Mapping[str, str]:
    """The query, and what a form adds to it: some players post everything. Raises: BadBody."""
    values: dict[str, Any] = dict(request.query_params)
    if request.method != "POST":
        return values
    body = await read_body(request.receive, BODY_BYTES)
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise BadBody("the form cannot be read", form="form") from error
    return dict(pairs) | values

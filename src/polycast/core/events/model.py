"""What an event is, who may see it, and who listens."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct

from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.scopes import Scope

if TYPE_CHECKING:
    from polycast.core.storage.unit import Unit


class Audience(Struct, frozen=True):
    """Who may be told: holders of a scope, one user, one tenant, or (all None) everyone signed in.

    What is given must all be so: a scope and a user mean that user, while they hold the scope.
    """

    scope: Scope | None = None
    user_id: int | None = None
    tenant_id: int | None = None

    def admits(self, caller: Caller) -> bool:
        """Whether `caller` may see it. An administrator of the server sees every tenant's, nobody another user's."""
        if caller.credential is Credential.INTERNAL:
            return True
        if caller.is_anonymous or (self.scope is not None and not caller.has(self.scope)):
            return False
        if self.user_id is not None and caller.user_id != self.user_id:
            return False
        return self.tenant_id is None or caller.tenant_id == self.tenant_id or caller.has(Scope.CORE_ADMIN)


class Event(Struct, frozen=True, kw_only=True):
    """A fact. A subclass names itself: `class GuideRefreshed(Event): name: ClassVar = "live.guide_refreshed"`.

    The struct is the publisher's contract: names and fields are added, never changed. A listener in
    another module declares its own struct with the same `name` and the few fields that it reads.
    """

    name: ClassVar[str]
    coalesce: ClassVar[str | None] = None  # for `tell`: the field whose value joins messages ("" = all of them)

    def audience(self) -> Audience:
        """Who may see it on a socket. Listeners inside the server see everything."""
        return Audience(scope=Scope.CORE_READ)


class Delivery(StrEnum):
    """How a listener is served."""

    ONCE = "once"  # stored cursor; (unit, event) in one transaction; each event once, in order, on one node
    HERE = "here"  # every web process, from now on, for what it holds in memory


class Listener(Struct, frozen=True, kw_only=True):
    """Somebody who does something when an event has happened."""

    name: str  # "live.drop_output_cache"; also the name of its cursor
    event: type[Event]
    once: "Callable[[Unit, Any], None] | None" = None  # exactly one of the two is given
    here: Callable[[Any], Awaitable[None]] | None = None

    @property
    def delivery(self) -> Delivery:
        return Delivery.ONCE if self.once else Delivery.HERE

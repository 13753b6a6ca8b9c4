"""Taking back a change of many channels, within a day, as long as nobody has changed them since."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.ids import Ids
from polycast.core.storage import Database, Unit
from polycast.live.lineup.model import Channel, Facts, Override
from polycast.live.lineup.store_undos import UndoStore
from polycast.live.lineup.writing import PLAIN, ChannelWriter


class State(Struct, frozen=True, array_like=True):
    """All of a channel that a bulk change can touch."""

    base: Facts
    override: Override | None
    plain: tuple[int | bool, ...]  # the columns of PLAIN

    @classmethod
    def of(cls, channel: Channel) -> "State":
        return cls(channel.base, channel.override, tuple(getattr(channel, name) for name in PLAIN))


class Turned(Struct, frozen=True, array_like=True):
    """A channel before and after."""

    channel_id: int
    before: State
    after: State


class Undone(Struct, frozen=True, kw_only=True):
    """What was taken back."""

    count: int
    text: str


class Undos:
    """Remembers and takes back."""

    def __init__(self, *, db: Database, writer: ChannelWriter, store: UndoStore, clock: Clock, ids: Ids) -> None:
        self._db = db
        self._writer = writer
        self._store = store
        self._clock = clock
        self._ids = ids

    async def undo(self, caller: Caller, token: str) -> Undone:
        """Give channels back what they had.

        Raises: NotAllowed; NotFound for a token that is used, a day old or none of ours; Conflict when a channel has
        changed since or is gone.
        """
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._undo, token)

    def remember(self, unit: Unit, text: str, before: Mapping[int, Channel]) -> str | None:
        """The token to take back what has just been done to these channels; None when nothing differs."""
        now = self._writer.store.by_ids(unit, list(before))
        turned = [Turned(one.id, State.of(before[one.id]), State.of(one)) for one in now]
        turned = [one for one in turned if one.before != one.after]
        if not turned:
            return None
        token = self._ids.nanoid()
        self._store.put(unit, token, text, msgspec.msgpack.encode(turned), self._clock)
        return token

    def _undo(self, unit: Unit, token: str) -> Undone:
        found = self._store.take(unit, token, self._clock)
        if found is None:
            raise NotFound("The change")
        text, body = found
        turned = msgspec.msgpack.decode(body, type=list[Turned])
        now = {one.id: one for one in self._writer.store.by_ids(unit, [one.channel_id for one in turned])}
        if any(one.channel_id not in now or State.of(now[one.channel_id]) != one.after for one in turned):
            raise Conflict("The channels have changed since; nothing was taken back.", reason="changed")
        self._check_targets(unit, turned)
        based = {one.channel_id: one.before.base.number for one in turned if _moved_base(one)}
        pinned = {one.channel_id: _pin(one.before) for one in turned if _moved_pin(one)}
        self._writer.store.set_numbers(unit, based, self._clock.now())
        self._writer.store.pin_numbers(unit, pinned, self._clock.now())
        for one in turned:
            if one.channel_id in based or one.channel_id in pinned:
                continue
            values = dict(zip(PLAIN, one.before.plain, strict=True))
            self._writer.write(
                unit, now[one.channel_id], base=one.before.base, override=one.before.override, values=values
            )
        self._writer.changed(unit, [one.channel_id for one in turned])
        return Undone(count=len(turned), text=text)

    def _check_targets(self, unit: Unit, turned: Sequence[Turned]) -> None:
        """Raises: Conflict when a group, logo or guide that a channel had is gone."""
        held = [one.before.base for one in turned] + [o for one in turned if (o := one.before.override)]
        if self._writer.lost_targets(unit, held):
            raise Conflict("A group, logo or guide that the channels had is gone.", reason="changed")


def _moved_base(one: Turned) -> bool:
    """Whether nothing but the channel's own number has changed: thousands of those are written in one go."""
    before, after = one.before, one.after
    is_bare = before.override is None and after.override is None and before.plain == after.plain
    return is_bare and replace(before.base, number=None) == replace(after.base, number=None)


def _moved_pin(one: Turned) -> bool:
    """Whether nothing but the number of the override has changed."""
    before, after = one.before, one.after
    if before.base != after.base or before.plain != after.plain:
        return False
    return replace(before.override or Override(), number=None) == replace(after.override or Override(), number=None)


def _pin(state: State) -> int | None:
    return None if state.override is None else state.override.number

"""Changes of many channels as our own pages make them: shown first, then done, then taken back if need be."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType

from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.live.lineup.channels import as_override
from polycast.live.lineup.edits import ChannelEdits, GuideChoice
from polycast.live.lineup.model import FACTS, Channel, ChannelPatch, ChannelQuery, Visibility
from polycast.live.lineup.numbers import shown
from polycast.live.lineup.ordering import dealt, placed
from polycast.live.lineup.undo import Undos
from polycast.live.lineup.writing import PLAIN, ChannelWriter
from polycast.live.regexes import Budget, Pattern, Replacement, compile_pattern

FIRST: Final = 50  # changes that an answer shows
NAME_LIMIT: Final = 512
TVG_LIMIT: Final = 255
SECONDS: Final = 5.0  # for an expression on all names


class Change(Struct, frozen=True, kw_only=True):
    """One field of one channel. `refused`: why it stays as it is."""

    channel_id: int
    name: str
    field: str
    before: str
    after: str
    refused: str | None = None


class Changed(Struct, frozen=True, kw_only=True):
    """What was changed, or would be. `undo` takes it back; None when nothing was done."""

    undo: str | None
    count: int  # channels
    first: Sequence[Change]
    refused: int


class Move(Struct, frozen=True, kw_only=True):
    """Channels, or all of some groups in their order, go behind one (None: first) or to a number (thousandths)."""

    channel_ids: Sequence[int] = ()
    group_ids: Sequence[int] = ()
    after_id: int | None = None
    number: int | None = None


class Edit(Struct, frozen=True, kw_only=True):
    """What of many channels is to change: the same values for all, and a replacement in one text field."""

    channel_ids: Sequence[int]
    values: ChannelPatch = ChannelPatch()
    find: str = ""
    replace: str = ""
    field: str = "name"  # name, tvg_id
    ignore_case: bool = False


class BulkChanges:
    """Moves and edits. Of auto-created channels it is the override that is written."""

    def __init__(self, *, db: Database, writer: ChannelWriter, edits: ChannelEdits, undos: Undos) -> None:
        self._db = db
        self._writer = writer
        self._edits = edits
        self._undos = undos

    async def move(self, caller: Caller, move: Move, *, dry_run: bool = False) -> Changed:
        """Raises: NotAllowed; NotFound for an unknown `after_id`."""
        caller.require(Scope.LIVE_ADMIN)
        if dry_run:
            return await self._db.read(self._previewed_move, move)
        return await self._db.write(self._move, move)

    async def edit(self, caller: Caller, edit: Edit, *, dry_run: bool = False) -> Changed:
        """Raises: NotAllowed; Invalid for a bad expression or a value that does not exist; TooSlow."""
        caller.require(Scope.LIVE_ADMIN)
        pattern = None
        if edit.find:
            pattern = compile_pattern(edit.find, flags="i" if edit.ignore_case else "", path="find")
        if dry_run:
            return await self._db.read(self._previewed_edit, edit, pattern)
        return await self._db.write(self._edit, edit, pattern)

    async def set_guides(self, caller: Caller, choices: Sequence[GuideChoice], text: str) -> Changed:
        """Give channels their guides; `text` says what was done when it is taken back. Raises: NotAllowed."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._set_guides, choices, text)

    def _set_guides(self, unit: Unit, choices: Sequence[GuideChoice], text: str) -> Changed:
        before = {one.id: one for one in self._writer.store.by_ids(unit, [one.channel_id for one in choices])}
        done = self._edits.set_guides_in(unit, choices)
        guides = [(before[one.id].effective.guide_channel_id, one.effective.guide_channel_id) for one in done]
        names = {
            one.id: one.name
            for one in self._writer.links.guides(unit, [g or 0 for pair in guides for g in pair]).values()
        }
        changes = [
            Change(
                channel_id=one.id,
                name=one.effective.name,
                field="guide_id",
                before=names.get(old or 0, ""),
                after=names.get(new or 0, ""),
            )
            for one, (old, new) in zip(done, guides, strict=True)
        ]
        undo = self._undos.remember(unit, text, {one.id: before[one.id] for one in done})
        return Changed(undo=undo, count=len(done), first=changes[:FIRST], refused=0)

    def _previewed_move(self, unit: Unit, move: Move) -> Changed:
        numbers = self._numbers(unit, move)
        changes = self._number_changes(unit, numbers)
        return Changed(undo=None, count=len(numbers), first=changes, refused=0)

    def _move(self, unit: Unit, move: Move) -> Changed:
        numbers = self._numbers(unit, move)
        changes = self._number_changes(unit, numbers)
        before = {one.id: one for one in self._writer.store.by_ids(unit, list(numbers))}
        if numbers:
            self._writer.renumber(unit, numbers)
        undo = self._undos.remember(unit, f"Numbers of {len(numbers)} channels", before)
        return Changed(undo=undo, count=len(numbers), first=changes, refused=0)

    def _numbers(self, unit: Unit, move: Move) -> dict[int, int | None]:
        """New numbers by channel. Raises: NotFound."""
        rows = self._writer.store.numbered(unit)
        moved = list(dict.fromkeys([*move.channel_ids, *self._of_groups(unit, move.group_ids)]))
        if move.number is not None:
            return dict(placed(rows, moved, move.number))
        after = move.after_id
        if after is not None and after not in {row_id for row_id, _ in rows}:
            raise NotFound("The channel")
        if after in moved:
            # Behind one of themselves: behind the last that stays in front of it.
            order = [row_id for row_id, _ in rows]
            front = [one for one in order[: order.index(after)] if one not in set(moved)]
            after = front[-1] if front else None
        return dict(dealt(rows, moved, after))

    def _of_groups(self, unit: Unit, group_ids: Sequence[int]) -> list[int]:
        found: list[int] = []
        for group_id in group_ids:
            query = ChannelQuery(group_id=group_id, visibility=Visibility.ALL)
            found.extend(self._writer.store.ids(unit, query))
        return found

    def _number_changes(self, unit: Unit, numbers: Mapping[int, int | None]) -> list[Change]:
        first = sorted(numbers, key=lambda one: numbers[one] or 0)[:FIRST]
        return [
            Change(
                channel_id=one.id,
                name=one.effective.name,
                field="number",
                before=shown(one.effective.number) or "",
                after=shown(numbers[one.id]) or "",
            )
            for one in self._writer.store.by_ids(unit, first)
        ]

    def _previewed_edit(self, unit: Unit, edit: Edit, pattern: Pattern | None) -> Changed:
        patches, changes, refused = self._planned(unit, edit, pattern)
        return Changed(undo=None, count=len(patches), first=changes[:FIRST], refused=refused)

    def _edit(self, unit: Unit, edit: Edit, pattern: Pattern | None) -> Changed:
        patches, changes, refused = self._planned(unit, edit, pattern)
        before = {one.id: one for one in self._writer.store.by_ids(unit, list(patches))}
        for channel_id, patch in patches.items():
            channel = before[channel_id]
            self._writer.apply(unit, channel, as_override(channel, patch) if channel.auto_created else patch)
        self._writer.changed(unit, list(patches))
        undo = self._undos.remember(unit, f"Edit of {len(patches)} channels", before)
        return Changed(undo=undo, count=len(patches), first=changes[:FIRST], refused=refused)

    def _planned(
        self, unit: Unit, edit: Edit, pattern: Pattern | None
    ) -> tuple[dict[int, ChannelPatch], list[Change], int]:
        """What would change, by channel; each field of it; how many channels stay because it is refused."""
        if problems := self._writer.problems(unit, edit.values):
            raise Invalid(problems)
        if edit.field not in ("name", "tvg_id"):
            raise Invalid([Problem("field", "not_a_choice", {"value": edit.field})])
        words, budget = self._words(unit, edit.values), Budget(SECONDS)
        text = Replacement(edit.replace)
        patches: dict[int, ChannelPatch] = {}
        changes: list[Change] = []
        refused = 0
        for channel in self._writer.store.by_ids(unit, list(dict.fromkeys(edit.channel_ids))):
            new = _differing(channel, edit.values)
            if pattern is not None:
                old = getattr(channel.effective, edit.field)
                limit = NAME_LIMIT if edit.field == "name" else TVG_LIMIT
                made = pattern.replace(text, old, budget).strip()[:limit]
                if not made and edit.field == "name":
                    refused += 1
                    changes.append(_refused(channel, edit.field, old, "The name would be empty."))
                elif made != old:
                    new[edit.field] = made
            changes.extend(_shown(channel, new, words))
            if new:
                patches[channel.id] = ChannelPatch(**new)
        return patches, changes, refused

    def _words(self, unit: Unit, values: ChannelPatch) -> dict[tuple[str, int], str]:
        """Names of the rows that the new values point at."""
        found: dict[tuple[str, int], str] = {}
        if isinstance(values.group_id, int):
            names = self._writer.links.group_names(unit, [values.group_id])
            found.update({("group_id", one): name for one, name in names.items()})
        if isinstance(values.guide_channel_id, int):
            guides = self._writer.links.guides(unit, [values.guide_channel_id])
            found.update({("guide_channel_id", one): guide.name for one, guide in guides.items()})
        return found


FIELDS: Final[Mapping[str, str]] = {"guide_channel_id": "guide_id", "is_hidden": "enabled"}  # as our pages name them


def _differing(channel: Channel, values: ChannelPatch) -> dict[str, Any]:
    """The given values that differ from what counts now."""
    new: dict[str, Any] = {}
    for name in (*FACTS, *PLAIN):
        value = getattr(values, name)
        now = getattr(channel.effective if name in FACTS else channel, name)
        if not isinstance(value, UnsetType) and value != now:
            new[name] = value
    return new


def _shown(channel: Channel, new: Mapping[str, Any], words: Mapping[tuple[str, int], str]) -> list[Change]:
    return [
        Change(
            channel_id=channel.id,
            name=channel.effective.name,
            field=FIELDS.get(name, name),
            before=_text(name, getattr(channel.effective if name in FACTS else channel, name), words),
            after=_text(name, value, words),
        )
        for name, value in new.items()
    ]


def _text(name: str, value: Any, words: Mapping[tuple[str, int], str]) -> str:
    if value is None or value is UNSET:
        return ""
    if name == "is_hidden":
        return "no" if value else "yes"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return words.get((name, value), str(value)) if isinstance(value, int) else str(value)


def _refused(channel: Channel, field: str, before: str, why: str) -> Change:
    name = channel.effective.name
    return Change(channel_id=channel.id, name=name, field=field, before=before, after="", refused=why)

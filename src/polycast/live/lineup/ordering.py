"""Who gets which number when rows of the line-up are moved. Pure; numbers are thousandths."""

from collections.abc import Sequence

from polycast.live.lineup.numbers import WHOLE

Numbered = tuple[int, int | None]  # channel id, number


def dealt(rows: Sequence[Numbered], moved: Sequence[int], after_id: int | None) -> dict[int, int]:
    """New numbers when `moved`, in this order, go behind `after_id` (None: first).

    `rows` are all channels by number, those without one last. The numbers there are stay the same ones; only who has
    them changes. Moved channels that had none push the others up as far as the next gap.
    """
    chosen = set(moved)
    number_of = dict(rows)
    fixed = [row_id for row_id, _ in rows if row_id not in chosen]
    at = 0 if after_id is None else fixed.index(after_id) + 1
    order = [*fixed[:at], *(one for one in moved if one in number_of), *fixed[at:]]
    held = [one for one in order if number_of[one] is not None]
    numbers = [number for _, number in rows if number is not None]
    new = dict(zip(held, numbers, strict=True))
    for place, one in enumerate(order):
        if one in chosen and number_of[one] is None:
            new = _pushed(order, place, one, new)
    return {one: number for one, number in new.items() if number != number_of[one]}


def _pushed(order: Sequence[int], place: int, one: int, new: dict[int, int]) -> dict[int, int]:
    """`new` with a number for `one`: the next whole one behind its neighbour."""
    before = next((new[other] for other in reversed(order[:place]) if other in new), 0)
    wanted = before // WHOLE * WHOLE + WHOLE
    found = {**new, one: wanted}
    taken = wanted
    for other in order[place + 1 :]:
        if other not in new:
            continue
        if new[other] > taken:
            break
        taken = taken // WHOLE * WHOLE + WHOLE
        found[other] = taken
    return found


def placed(rows: Sequence[Numbered], moved: Sequence[int], start: int) -> dict[int, int]:
    """New numbers when `moved` get whole numbers from `start` on; others in the way go up to the next gaps."""
    chosen = set(moved)
    known = dict(rows)
    present = [one for one in moved if one in known]
    new = {one: start + place * WHOLE for place, one in enumerate(present)}
    taken = set(new.values())
    free = start + len(present) * WHOLE
    for one, number in rows:
        if one in chosen or number is None or number < start:
            continue
        if number not in taken:
            taken.add(number)
            continue
        while free in taken:
            free += WHOLE
        new[one] = free
        taken.add(free)
    return {one: number for one, number in new.items() if number != known[one]}

"""Numbers when rows move."""

import pytest

from polycast.live.lineup.ordering import Numbered, dealt, placed


def numbered(*whole: int | None) -> list[Numbered]:
    """Channels 1, 2, 3 ... with these numbers."""
    return [(at + 1, None if number is None else number * 1000) for at, number in enumerate(whole)]


class TestRowsAreMoved:
    @pytest.mark.parametrize(
        ("rows", "moved", "after", "new"),
        [
            (numbered(1, 2, 3, 4), [1], 3, {2: 1000, 3: 2000, 1: 3000}),
            (numbered(1, 2, 3, 4), [4], None, {4: 1000, 1: 2000, 2: 3000, 3: 4000}),
            (numbered(1, 2, 3, 4), [2], 1, {}),
            (numbered(1, 5, 9), [1], 3, {2: 1000, 3: 5000, 1: 9000}),
            (numbered(1, 2, 3, 4, 5), [4, 1], 2, {2: 1000, 4: 2000, 1: 3000, 3: 4000}),
            (numbered(1, 2, 4, None), [4], 1, {4: 2000, 2: 3000}),
            (numbered(None, None), [1], None, {1: 1000}),
        ],
    )
    def test_the_same_numbers_are_dealt_out_again(
        self, rows: list[Numbered], moved: list[int], after: int | None, new: dict[int, int]
    ) -> None:
        assert dealt(rows, moved, after) == new


class TestRowsGoToANumber:
    @pytest.mark.parametrize(
        ("rows", "moved", "start", "new"),
        [
            (numbered(1, 2, 3), [3], 10, {3: 10_000}),
            (numbered(1, 2, 3, 7), [1], 2, {1: 2000, 2: 3000, 3: 4000}),
            (numbered(1, 2, 3), [1, 3], 1, {3: 2000, 2: 3000}),
        ],
    )
    def test_who_is_in_the_way_goes_up_to_the_next_gap(
        self, rows: list[Numbered], moved: list[int], start: int, new: dict[int, int]
    ) -> None:
        assert placed(rows, moved, start * 1000) == new

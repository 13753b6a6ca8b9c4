"""The state machine against every order of events that chance can think of."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from polycast.live.relay.course import ENDED, FOLLOWS, Bounds, Course, GiveUp, Key, State, Try, Wait, backoff_s

KEYS = st.integers(1, 4).map(lambda count: [Key(one, 1, f"address {one}") for one in range(count)])
STEPS = st.lists(
    st.tuples(st.sampled_from(["deliver", "fail", "wait", "seat", "slow", "stop", "end"]), st.floats(0, 40)),
    max_size=60,
)


def followed(course: Course, keys: Sequence[Key], now: float) -> tuple[float, Key | None]:
    """Do what the course says until something is tried; (when, what), None when it gives up."""
    while True:
        move = course.next(keys, now)
        if isinstance(move, GiveUp):
            return now, None
        if isinstance(move, Try):
            course.trying(move.keys[0], now)
            return now, move.keys[0]
        now += max(move.seconds, 0.001)


class TestAChannelWhoseStreamsAllFail:
    @given(keys=KEYS)
    def test_it_gives_up_after_every_stream_had_its_tries(self, keys: list[Key]) -> None:
        course, now = Course(Bounds(max_retries=3, max_switches=100, init_grace_s=1000), 0.0), 0.0
        tried: list[Key] = []
        while True:
            now, key = followed(course, keys, now)
            if key is None:
                break
            tried.append(key)
            now += 0.01
            course.failed(now)
        assert [tried.count(key) for key in keys] == [4] * len(keys)

    @given(keys=KEYS)
    def test_no_stream_is_tried_again_before_the_others(self, keys: list[Key]) -> None:
        course, now = Course(Bounds(), 0.0), 0.0
        seen: list[Key] = []
        for _ in range(len(keys)):
            now, key = followed(course, keys, now)
            assert key is not None
            seen.append(key)
            course.failed(now)
        assert sorted(seen, key=lambda key: key.stream_id) == keys

    def test_a_single_stream_is_asked_ever_more_seldom(self) -> None:
        keys = [Key(1, 1, "address")]
        course, now = Course(Bounds(), 0.0), 0.0
        now, _ = followed(course, keys, now)
        course.delivered(now)
        waits = []
        for _ in range(7):
            course.failed(now)
            move = course.next(keys, now)
            assert isinstance(move, Wait)
            waits.append(move.seconds)
            now += move.seconds
            now, _ = followed(course, keys, now)
        assert waits == [1, 2, 4, 8, 16, 30, 30]

    def test_it_gives_up_when_the_outage_is_too_long(self) -> None:
        keys = [Key(1, 1, "address")]
        course, now = Course(Bounds(longest_outage_s=300), 0.0), 0.0
        now, key = followed(course, keys, now)
        course.delivered(now)
        while key is not None:
            course.failed(now)
            now, key = followed(course, keys, now)
        assert 300 < now < 340


class TestAStreamThatPlayedWell:
    def test_it_is_asked_again_at_once_when_it_is_the_only_one(self) -> None:
        keys = [Key(1, 1, "address")]
        course = Course(Bounds(), 0.0)
        course.trying(keys[0], 0.0)
        for second in range(40):
            course.delivered(float(second))
        course.failed(40.0)
        assert course.next(keys, 40.0) == Try((keys[0],))

    def test_the_next_one_comes_before_it(self) -> None:
        keys = [Key(1, 1, "one"), Key(2, 1, "two")]
        course = Course(Bounds(), 0.0)
        course.trying(keys[0], 0.0)
        for second in range(40):
            course.delivered(float(second))
        course.failed(40.0)
        assert course.next(keys, 40.0) == Try((keys[1],))

    def test_what_failed_before_it_was_stable_is_forgotten(self) -> None:
        keys = [Key(1, 1, "one"), Key(2, 1, "two")]
        course = Course(Bounds(max_switches=1), 0.0)
        for turn in range(20):
            now, key = followed(course, keys, turn * 100.0)
            assert key is not None
            course.delivered(now)
            course.delivered(now + 31)
            course.failed(now + 31)


class TestTwoProfilesWithOneAddress:
    def test_the_address_is_asked_once_a_round(self) -> None:
        keys = [Key(1, 1, "same"), Key(1, 2, "same")]
        course = Course(Bounds(), 0.0)
        course.trying(keys[0], 0.0)
        course.failed(0.0)
        assert isinstance(course.next(keys, 0.0), Wait)


class TestTheState:
    @given(keys=KEYS, steps=STEPS)
    def test_it_never_goes_where_it_may_not(self, keys: list[Key], steps: list[tuple[str, float]]) -> None:
        course, now = Course(Bounds(), 0.0), 0.0
        before = course.state(now)
        assert before is State.INITIALIZING
        for what, seconds in steps:
            now += seconds
            if course.current is None and course.state(now) not in ENDED | {State.STOPPING}:
                move = course.next(keys, now)
                if isinstance(move, Try):
                    course.trying(move.keys[0], now)
            match what:
                case "deliver" if course.current is not None:
                    course.delivered(now)
                case "fail":
                    course.failed(now)
                case "seat":
                    course.seated()
                case "slow":
                    course.slow(seconds > 20)
                case "stop":
                    course.stopping()
                case "end":
                    course.ended(in_error=seconds > 20)
                case _:
                    pass
            after = course.state(now)
            assert after is before or after in FOLLOWS[before], (before, after)
            before = after

    def test_quiet_is_buffering_and_bytes_end_it(self) -> None:
        course = Course(Bounds(), 0.0)
        course.trying(Key(1, 1, "a"), 0.0)
        course.seated()
        assert course.state(0.0) is State.CONNECTING
        course.delivered(1.0)
        assert course.state(1.5) is State.ACTIVE
        assert course.state(2.5) is State.BUFFERING
        course.delivered(3.0)
        assert course.state(3.0) is State.ACTIVE

    def test_a_switch_keeps_clients_and_connects_anew(self) -> None:
        keys = [Key(1, 1, "one"), Key(2, 1, "two")]
        course = Course(Bounds(), 0.0)
        course.trying(keys[0], 0.0)
        course.seated()
        course.delivered(1.0)
        course.failed(2.0)
        assert course.state(2.0) is State.CONNECTING
        course.trying(keys[1], 2.0)
        course.delivered(2.5)
        assert course.state(2.5) is State.ACTIVE


def test_the_backoff_doubles_to_half_a_minute() -> None:
    assert [backoff_s(rounds) for rounds in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]

"""What plays next: a simulated week over the change to summer time and back, rotations, clocks, jingles."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from polycast.radio.engine.air import simulate
from polycast.radio.engine.picking.drawing import Draws
from polycast.radio.engine.picking.grid import at_wall, between, current
from polycast.radio.engine.picking.model import Kind, Memory, Pick, Shelf
from polycast.radio.engine.picking.picker import Picker
from polycast.radio.ports import Planned
from polycast.radio.stations.model import Station, Track
from polycast.radio.stations.programme import (
    GridEvent,
    Jingle,
    JingleScheme,
    Playlist,
    Programme,
    Queued,
    Rotation,
    RotationItem,
    TrackRequest,
)

START = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)  # two days before summer time begins in Berlin
DAYS = frozenset(range(7))
WEEKS = frozenset({1, 2, 3, 4})


def track(number: int, *, seconds: int = 200, author: str = "", **more: Any) -> Track:
    return Track(
        id=number,
        station_id=1,
        path=f"{number}.mp3",
        author=author or f"Artist {number % 17}",
        title=f"Title {number}",
        length_ms=seconds * 1000,
        mtime=START,
        added_at=START - timedelta(days=90),
        **more,
    )


def playlist(number: int, name: str, **more: Any) -> Playlist:
    values = {"is_default": False, "is_random": False, "directory_name": "", "current_order": 0}
    return Playlist(id=number, station_id=1, name=name, created_at=START, **(values | more))


def event(number: int, at: time, **more: Any) -> GridEvent:
    values: dict[str, Any] = {
        "name": f"event {number}",
        "periodicity": "periodic",
        "cast_type": "playlist",
        "break_track": True,
        "start_playlist_from_beginning": False,
        "start_date": None,
        "finish_date": None,
        "finish_time": None,
        "weekdays": DAYS,
        "weeks": WEEKS,
        "playlist_id": None,
        "playlist_after_id": None,
        "rotation_after_id": None,
        "dj_id": None,
        "rotation_id": None,
        "allow_jingles": True,
        "allow_song_requests": True,
        "allow_jingles_after": True,
        "allow_song_requests_after": True,
        "color": "",
        "color2": "",
        "timezone": "Europe/Berlin",
    }
    return GridEvent(id=number, station_id=1, start_time=at, **(values | more))


def jingle(number: int, category: int | None = None) -> Jingle:
    return Jingle(
        id=number,
        station_id=1,
        category_id=category,
        name=f"J{number}",
        path=f"{number}.mp3",
        length_ms=5000,
        size_bytes=1,
        gain_db=None,
        created_at=START,
    )


def scheme(number: int, **more: Any) -> JingleScheme:
    values: dict[str, Any] = {
        "name": "",
        "enabled": True,
        "jingle_id": 1,
        "category_id": None,
        "block_id": None,
        "every_tracks": 0,
        "every_minutes": 0,
        "minutes": [],
        "times": [],
        "date_from": None,
        "date_to": None,
        "weekdays": frozenset(),
        "interrupt": False,
        "mix_level": 0,
        "random_from_category": False,
        "no_repeat": False,
    }
    return JingleScheme(id=number, station_id=1, **(values | more))


def rotation(kind: str, items: list[RotationItem], *, shuffled: bool = False, fallback: int | None = 1) -> Rotation:
    return Rotation(
        id=1,
        station_id=1,
        name="R",
        type=kind,
        shuffled=shuffled,
        fallback_playlist_id=fallback,
        items=items,
    )


def picker(
    tracks: list[Track], *, station: dict[str, Any] | None = None, wishes: dict[str, Any] | None = None, **more: Any
) -> Picker:
    lists = more.pop("playlists", [playlist(1, "All music", is_default=True)])
    entries = more.pop("entries", {1: [one.id for one in tracks]})
    values: dict[str, Any] = {"rotations": [], "grid": [], "jingles": [], "schemes": [], "blocks": []}
    programme = Programme(station_id=1, playlists=lists, entries=entries, **(values | more))
    setting = {"timezone": "Europe/Berlin"} | (station or {})
    home = Station(id=1, account_id=1, slug="s", title="S", created_at=START, **setting)
    shelf = Shelf(station=home, programme=programme, tracks={one.id: one for one in tracks}, **(wishes or {}))
    return Picker(shelf, Memory(), Draws("seed"))


def on_at(planned: list[Planned], at: datetime) -> Planned:
    """What began last."""
    return [one for one in planned if one.kind != "event" and one.at <= at][-1]


class TestAWeekWithAChangeOfTheClock:
    @pytest.mark.parametrize(
        ("zone", "first"),
        [
            ("Europe/Berlin", datetime(2026, 3, 27, 12, tzinfo=UTC)),  # forward
            ("Europe/Berlin", datetime(2026, 10, 23, 12, tzinfo=UTC)),  # back
            ("America/New_York", datetime(2026, 3, 6, 12, tzinfo=UTC)),
            ("America/Sao_Paulo", datetime(2026, 11, 1, 12, tzinfo=UTC)),  # no change any more
            ("Australia/Lord_Howe", datetime(2026, 10, 2, 12, tzinfo=UTC)),  # by half an hour
        ],
    )
    def test_every_event_that_breaks_in_begins_to_the_second(self, zone: str, first: datetime) -> None:
        tracks = [track(number, seconds=150 + number % 90) for number in range(1, 200)]
        shows = [track(1000 + number) for number in range(4)]
        times = [time(2, 30), time(7, 0, 15), time(13, 45), time(23, 59, 30)]
        made = picker(
            tracks + shows,
            station={"timezone": zone},
            playlists=[playlist(1, "All music", is_default=True)] + [playlist(10 + n, f"P{n}") for n in range(4)],
            entries={1: [one.id for one in tracks]} | {10 + n: [1000 + n] for n in range(4)},
            grid=[event(n + 1, at, playlist_id=10 + n, timezone=zone) for n, at in enumerate(times)],
        )
        place = ZoneInfo(zone)
        for day in range(7):
            begin = first + timedelta(days=day)
            planned = simulate(made, begin, begin + timedelta(days=1))
            heard = {one.at: one.track_id for one in planned if one.kind == "track"}
            for n, clock in enumerate(times):
                for date_ in (begin.astimezone(place).date() + timedelta(days=k) for k in (0, 1)):
                    due = model_of_wall(date_, clock, place)
                    if begin < due < begin + timedelta(days=1):
                        assert heard.get(due) == 1000 + n, (zone, due)


def model_of_wall(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Found another way: minute by minute through the day, the first moment that shows the time or a later one."""
    at = datetime.combine(day, time(0), tzinfo=UTC) - timedelta(hours=15)
    wanted = datetime.combine(day, clock)
    step = timedelta(seconds=15)
    while at.astimezone(zone).replace(tzinfo=None) < wanted:
        at += step
    return at


class TestTheWall:
    def test_a_time_that_is_skipped_is_at_the_end_of_the_gap(self) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        assert at_wall(date(2026, 3, 29), time(2, 30), berlin) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)

    def test_a_time_that_comes_twice_is_the_first(self) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        assert at_wall(date(2026, 10, 25), time(2, 30), berlin) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    def test_days_after_the_28th_are_week_four_only_when_all_weeks_are_chosen(self) -> None:
        some = event(1, time(8), weeks=frozenset({4}), timezone="UTC")
        all_weeks = event(1, time(8), timezone="UTC")
        month = (datetime(2026, 5, 20, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
        assert [one.start.day for one in between([some], *month)] == list(range(22, 29))
        assert [one.start.day for one in between([all_weeks], *month)][-1] == 31

    def test_a_onetime_event_hides_the_periodic_one_at_its_time(self) -> None:
        daily = event(1, time(8), timezone="UTC")
        once = event(2, time(8), periodicity="onetime", start_date=date(2026, 5, 21), timezone="UTC")
        found = between([daily, once], datetime(2026, 5, 20, tzinfo=UTC), datetime(2026, 5, 23, tzinfo=UTC))
        assert [one.event.id for one in found] == [1, 2, 1]

    def test_what_follows_a_show_lasts_until_the_next_event(self) -> None:
        show = event(
            1, time(8), cast_type="radioshow", finish_time=time(9), playlist_id=1, playlist_after_id=2, timezone="UTC"
        )
        found = between([show, event(2, time(12), timezone="UTC")], START.replace(hour=0), START.replace(hour=23))
        assert [(one.event.id, one.start.hour, one.is_after) for one in found] == [
            (1, 8, False),
            (1, 9, True),
            (2, 12, False),
        ]
        assert current([show], START.replace(hour=9, minute=30)) is not None


class TestRotations:
    def test_seven_to_three_is_exactly_that_in_every_ten(self) -> None:
        tracks = [track(number) for number in range(1, 61)]
        made = picker(
            tracks,
            playlists=[
                playlist(1, "All", is_default=True),
                playlist(2, "A", is_random=True),
                playlist(3, "B", is_random=True),
            ],
            entries={1: [], 2: list(range(1, 31)), 3: list(range(31, 61))},
            rotations=[
                rotation(
                    "weighted", [RotationItem(playlist=2, weight=7), RotationItem(playlist=3, weight=3)], shuffled=True
                )
            ],
            grid=[event(1, time(0), cast_type="rotation", rotation_id=1)],
        )
        at, lists = START, []
        for _ in range(300):
            pick = made.after(at)
            lists.append(pick.playlist_id)
            at += pick.length
        for begin in range(0, 300, 10):
            assert Counter(lists[begin : begin + 10]) == {2: 7, 3: 3}

    def test_blocks_come_in_a_loop_and_a_wait_is_filled(self) -> None:
        tracks = [track(number, seconds=120) for number in range(1, 11)]
        items = [
            RotationItem(order=1, block="playlist", playlist=2, count=2),
            RotationItem(order=2, block="jingle", jingle=1),
            RotationItem(order=3, block="wait", length=3),
            RotationItem(order=4, block="track", track=9),
        ]
        made = picker(
            tracks,
            playlists=[playlist(1, "All", is_default=True), playlist(2, "A"), playlist(3, "Filler")],
            entries={1: [], 2: [1, 2, 3, 4], 3: [7, 8]},
            jingles=[jingle(1)],
            rotations=[rotation("sequential", items, fallback=3)],
            grid=[event(1, time(0), cast_type="rotation", rotation_id=1)],
        )
        at, seen = START, []
        for _ in range(12):
            pick = made.after(at)
            seen.append(pick.track.id if pick.track else f"j{pick.jingle.id}" if pick.jingle else "")
            at += pick.length
        assert seen == [1, 2, "j1", 7, 8, 9, 3, 4, "j1", 7, 8, 9]

    def test_strict_slots_of_a_clock_begin_to_the_second_and_back_timed_ones_end_so(self) -> None:
        tracks = [track(number, seconds=170) for number in range(1, 60)] + [track(99, seconds=60)]
        items = [
            RotationItem(order=1, block="playlist", playlist=2, start_sec=0, length=1800),
            RotationItem(order=2, block="jingle", jingle=1, start_sec=1800, length=60, timing="strict"),
            RotationItem(order=3, block="playlist", playlist=2, start_sec=1860, length=1440),
            RotationItem(order=4, block="track", track=99, start_sec=3300, length=300, timing="back"),
        ]
        made = picker(
            tracks,
            playlists=[playlist(1, "All", is_default=True), playlist(2, "A"), playlist(3, "F")],
            entries={1: [], 2: list(range(1, 50)), 3: list(range(50, 60))},
            jingles=[jingle(1)],
            rotations=[rotation("clock", items, fallback=3)],
            grid=[event(1, time(0), cast_type="rotation", rotation_id=1)],
        )
        planned = simulate(made, START + timedelta(seconds=1), START + timedelta(hours=24))
        jingles = [one.at for one in planned if one.kind == "jingle"]
        assert jingles == [START + timedelta(minutes=30, hours=n) for n in range(24)]
        news = [one.at for one in planned if one.track_id == 99]
        assert news == [START + timedelta(minutes=59, hours=n) for n in range(24)]


class TestAList:
    def test_a_bag_gives_each_once_before_any_comes_again(self) -> None:
        made = picker([track(number) for number in range(1, 31)], station={"random_mode": "permutation"})
        at, seen = START, []
        for _ in range(120):
            pick = made.after(at)
            assert pick.track is not None
            seen.append(pick.track.id)
            at += pick.length
        for begin in range(0, 120, 30):
            assert sorted(seen[begin : begin + 30]) == list(range(1, 31))
        for border in (30, 60, 90):
            assert not set(seen[border - 10 : border]) & set(seen[border : border + 10])

    def test_balanced_keeps_artists_apart_and_rests_tracks(self) -> None:
        made = picker([track(number) for number in range(1, 201)])
        at, plays = START, []
        for _ in range(400):
            pick = made.after(at)
            assert pick.track is not None
            plays.append((at, pick.track))
            at += pick.length
        for index, (when, one) in enumerate(plays):
            lately = [other for _, other in plays[max(0, index - 10) : index]]
            assert one.author not in {other.author for other in lately}
            assert not [1 for then, other in plays[:index] if other.id == one.id and when - then < timedelta(hours=2)]

    def test_with_one_track_it_is_repeated_and_says_why(self) -> None:
        made = picker([track(1)])
        first, second = made.after(START), made.after(START + timedelta(minutes=4))
        assert first.track is second.track
        assert second.why == "playlist All music: everything was played within two hours: the one longest ago"

    def test_nothing_is_silence_and_a_broken_file_is_nothing(self) -> None:
        assert picker([]).after(START).kind is Kind.SILENCE
        assert picker([track(1, state="broken")]).after(START).kind is Kind.SILENCE
        assert picker([], station={"fallback_file": "f.mp3"}).after(START).kind is Kind.FALLBACK


class TestBeforeTheProgramme:
    def test_jingle_then_queue_then_wish_then_list(self) -> None:
        made = picker(
            [track(number) for number in range(1, 50)],
            jingles=[jingle(1)],
            schemes=[scheme(1, every_tracks=2)],
            station={"request_every": 3},
            wishes={
                "queue": [Queued(id=7, station_id=1, track_id=5, immediately=False, added_at=START)],
                "requests": [
                    TrackRequest(
                        id=9,
                        station_id=1,
                        track_id=6,
                        at=START,
                        played_at=None,
                        person="",
                        message="",
                        address="",
                        moderated=True,
                    )
                ],
            },
        )
        first = made.after(START)
        assert (first.track.id if first.track else 0, first.queued_id, first.why) == (5, 7, "from the queue")

    def test_jingles_of_an_hour_that_interrupt_come_to_the_second(self) -> None:
        made = picker(
            [track(number, seconds=233) for number in range(1, 50)],
            jingles=[jingle(1)],
            schemes=[scheme(1, minutes=[0, 20, 40], interrupt=True)],
        )
        planned = simulate(made, START, START + timedelta(hours=6))
        jingles = [one.at for one in planned if one.kind == "jingle"]
        assert jingles == [
            START + timedelta(minutes=20 * n)
            for n in range(1, 18 + 1)
            if START + timedelta(minutes=20 * n) <= jingles[-1]
        ]
        assert len(jingles) >= 17

    def test_a_day_of_the_same_seed_is_the_same_day(self) -> None:
        def day() -> list[Planned]:
            return simulate(picker([track(n) for n in range(1, 100)]), START, START + timedelta(days=1))

        assert day() == day()


def test_a_pick_is_as_long_as_its_cues_say() -> None:
    cued = Pick(kind=Kind.TRACK, why="", track=track(1, seconds=200, cue_in=1.5, cue_out=190.0, region_end=100.0))
    assert cued.length == timedelta(seconds=98.5)

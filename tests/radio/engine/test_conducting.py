"""What the conductor tells the player: cued ahead, to the second, and anew when the programme has changed."""

from datetime import UTC, datetime, time, timedelta

from polycast.radio.engine.conducting import Conductor
from polycast.radio.engine.files import Opened, Unplayable
from polycast.radio.engine.model import Playing
from polycast.radio.engine.picking.model import Pick, Shelf
from polycast.radio.player.wire import Began, Cue, Drop, Ended, Order
from polycast.radio.stations.model import Track
from tests.fakes.clock import FakeClock
from tests.radio.engine.test_picking import event, picker, playlist, track

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Notes:
    """A player's desk, a diary and a shelf, which remember what they were told."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.orders: list[Order] = []
        self.began_: list[Playing] = []
        self.ended_: list[tuple[int, float]] = []
        self.broken_: list[int] = []
        self.relay: int | None = None
        self.missing: set[int] = set()

    def order(self, order: Order, descriptor: int | None = None) -> None:
        self.orders.append(order)

    async def of(self, station_id: int) -> Shelf:
        return self.shelf

    async def open(self, shelf: Shelf, pick: Pick) -> Opened:
        if pick.track is not None and pick.track.id in self.missing:
            raise Unplayable("gone")
        return Opened(descriptor=-1, gain_db=-2.0)

    def began(self, playing: Playing) -> None:
        self.began_.append(playing)

    def ended(self, playing: Playing, seconds: float) -> None:
        self.ended_.append((playing.id, seconds))

    def broken(self, track: Track) -> None:
        self.broken_.append(track.id)

    def relayed(self, dj_id: int | None) -> None:
        self.relay = dj_id


def conductor(notes: Notes, clock: FakeClock) -> Conductor:
    return Conductor(station_id=1, shelves=notes, files=notes, diary=notes, clock=clock, seed="seed")  # type: ignore[arg-type]


def cues(notes: Notes) -> list[Cue]:
    return [one for one in notes.orders if isinstance(one, Cue)]


class TestAskedForTheNext:
    async def test_it_cues_one_and_no_second_until_that_begins(self) -> None:
        clock = FakeClock(NOON)
        notes = Notes(picker([track(number) for number in range(1, 20)]).shelf)
        made = conductor(notes, clock)
        await made.wanted(notes, 0.0)
        await made.wanted(notes, 0.0)
        [cue] = cues(notes)
        assert (cue.at, cue.gain_db) == (None, -2.0)
        playing = made.began(notes, Began(cue.id, 200.0), listeners=3)
        assert playing is not None
        assert (playing.listeners, notes.began_) == (3, [playing])
        await made.wanted(notes, 20.0)
        assert len(cues(notes)) == 2
        made.ended(Ended(cue.id, "end", 199.5))
        assert notes.ended_ == [(cue.id, 199.5)]

    async def test_files_that_are_missing_are_marked_and_passed_over(self) -> None:
        notes = Notes(picker([track(1), track(2), track(3)], station={"random_mode": "permutation"}).shelf)
        notes.missing = {1, 2}
        made = conductor(notes, FakeClock(NOON))
        await made.wanted(notes, 0.0)
        assert len(cues(notes)) == 1
        assert set(notes.broken_) <= {1, 2}

    async def test_five_that_do_not_play_in_a_row_bring_the_fallback_file(self) -> None:
        tracks = [track(number) for number in range(1, 40)]
        notes = Notes(picker(tracks, station={"fallback_file": "f.mp3"}).shelf)
        made = conductor(notes, FakeClock(NOON))
        for _ in range(5):
            await made.wanted(notes, 0.0)
            made.ended(Ended(cues(notes)[-1].id, "broken"))
        await made.wanted(notes, 0.0)
        assert made.ahead is not None
        assert made.ahead.pick.why == "5 files in a row did not play"
        assert len(notes.broken_) == 5


class TestAnEventOfTheSchedule:
    def shelf(self) -> Shelf:
        show = event(1, time(12, 0, 10), playlist_id=2, timezone="UTC")
        lists = [playlist(1, "All", is_default=True), playlist(2, "Show")]
        return picker([track(1), track(2)], playlists=lists, entries={1: [1], 2: [2]}, grid=[show]).shelf

    async def test_is_cued_before_its_second_and_what_was_to_follow_is_dropped(self) -> None:
        clock = FakeClock(NOON)
        notes = Notes(self.shelf())
        made = conductor(notes, clock)
        await made.wanted(notes, 0.0)
        made.began(notes, Began(cues(notes)[0].id, 200.0), listeners=0)
        await made.wanted(notes, 15.0)
        await made.look_ahead(notes)
        timed = cues(notes)[-1]
        assert timed.at == 10.0
        clock.move(timedelta(seconds=10))
        made.began(notes, Began(timed.id, 100.0), listeners=0)
        assert isinstance(notes.orders[-1], Drop)
        assert made.on is not None
        assert made.on.pick.track is not None
        assert made.on.pick.track.id == 2

    async def test_after_a_jump_of_the_clock_everything_is_planned_anew(self) -> None:
        clock = FakeClock(NOON)
        notes = Notes(self.shelf())
        made = conductor(notes, clock)
        await made.wanted(notes, 0.0)
        await made.look_ahead(notes)
        assert len(cues(notes)) == 2
        clock._start += timedelta(hours=1)
        await made.look_ahead(notes)
        assert [one.id for one in notes.orders if isinstance(one, Drop)] == [cues(notes)[0].id, cues(notes)[1].id]

    async def test_what_waits_under_a_long_live_show_is_exchanged_when_its_event_is_over(self) -> None:
        clock = FakeClock(NOON - timedelta(minutes=1))
        notes = Notes(self.shelf())
        made = conductor(notes, clock)
        await made.wanted(notes, 0.0)
        clock.move(timedelta(minutes=3))
        await made.look_ahead(notes)
        assert made.ahead is not None
        assert made.ahead.pick.track is not None
        assert made.ahead.pick.track.id == 2

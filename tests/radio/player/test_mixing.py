"""The mixer by itself, faster than time: no gaps, fades where they belong, what lies over the music, broken files."""

from collections.abc import Callable

import numpy as np
import pytest

from polycast.radio.player.mixing import Item, Mixer
from polycast.radio.player.reading import Broken
from polycast.radio.player.sound import CEILING, RATE, Block, Limiter, Tone, level
from polycast.radio.player.wire import Began, Cue, Ended, Report, Silent, Want
from tests.fakes.radio_sounds import heard, pitches, silence_at_most, tone


class Piece:
    """Sound from memory."""

    def __init__(self, sound: np.ndarray, *, breaks_at: int | None = None) -> None:
        self.sound = sound
        self.at = 0
        self.breaks_at = breaks_at
        self.is_closed = False

    @property
    def length_s(self) -> float:
        return self.sound.shape[1] / RATE

    @property
    def played_s(self) -> float:
        return self.at / RATE

    @property
    def left_s(self) -> float:
        return self.length_s - self.played_s

    def read(self, count: int) -> Block:
        if self.breaks_at is not None and self.at >= self.breaks_at:
            raise Broken("bad frame")
        found = self.sound[:, self.at : self.at + count]
        self.at += found.shape[1]
        return found

    def close(self) -> None:
        self.is_closed = True


class Studio:
    """A mixer and what it said."""

    def __init__(self, *, mode: str = "off", crossfade_s: float = 3.0) -> None:
        self.told: list[Report] = []
        self.mixer = Mixer(self.told.append)
        self.mixer.mode = mode
        self.mixer.crossfade_s = crossfade_s
        self.now = 0.0

    def cue(self, number: int, piece: Piece, **more: object) -> Piece:
        self.mixer.cue(Item(Cue(id=number, **more), piece))  # type: ignore[arg-type]
        return piece

    def play(self, seconds: float, *, meanwhile: Callable[[], None] = lambda: None) -> np.ndarray:
        blocks = []
        for _ in range(round(seconds * 10)):
            meanwhile()
            blocks.append(self.mixer.block(self.now))
            self.now += 0.1
        return np.concatenate(blocks, axis=1)[0]

    def said(self, kind: type[Report]) -> list[Report]:
        return [one for one in self.told if isinstance(one, kind)]


class TestOneAfterAnother:
    def test_nothing_is_lost_between_pieces_that_end_within_a_block(self) -> None:
        studio = Studio()
        studio.cue(1, Piece(tone(440, 2.03)))
        studio.cue(2, Piece(tone(880, 2.0)))
        sound = studio.play(4.0)
        assert heard(sound) == [440, 880]
        assert silence_at_most(sound) <= 0.02
        assert [one.id for one in studio.said(Began)] == [1, 2]  # type: ignore[union-attr]
        assert (studio.said(Ended)[0].why, round(studio.said(Ended)[0].played_s, 2)) == ("end", 2.03)  # type: ignore[union-attr]

    @pytest.mark.parametrize("mode", ["fade", "mix", "smart"])
    def test_pieces_cross_over(self, mode: str) -> None:
        studio = Studio(mode=mode, crossfade_s=2.0)
        first = studio.cue(1, Piece(tone(440, 8.0)))
        studio.cue(2, Piece(tone(880, 8.0)))
        sound = studio.play(13.0)
        assert silence_at_most(sound) == 0.0
        assert studio.said(Ended)[0].id == 1  # type: ignore[union-attr]
        assert first.is_closed
        both = np.abs(np.fft.rfft(sound[int(6.8 * RATE) : int(7.2 * RATE)]))
        assert min(both[round(440 * 0.4)], both[round(880 * 0.4)]) > 50

    def test_a_piece_that_must_not_fade_does_not(self) -> None:
        studio = Studio(mode="smart")
        studio.cue(1, Piece(tone(440, 6.0)))
        studio.cue(2, Piece(tone(880, 6.0)), fades=False)
        assert heard(studio.play(11.0)) == [440, 880]
        assert abs(studio.said(Ended)[0].played_s - 6.0) < 0.01  # type: ignore[union-attr]

    def test_the_next_is_asked_for_twenty_seconds_ahead_and_again_while_nobody_answers(self) -> None:
        studio = Studio()
        studio.cue(1, Piece(tone(440, 30.0)))
        studio.play(9.0)
        assert studio.said(Want) == []
        studio.play(6.0)
        assert 2 <= len(studio.said(Want)) <= 3

    def test_a_file_that_breaks_is_left_for_the_next_at_once(self) -> None:
        studio = Studio()
        studio.cue(1, Piece(tone(440, 5.0), breaks_at=2 * RATE))
        studio.cue(2, Piece(tone(880, 5.0)))
        sound = studio.play(4.0)
        assert heard(sound) == [440, 880]
        assert silence_at_most(sound) <= 0.1
        assert studio.said(Ended)[0].why == "broken"  # type: ignore[union-attr]


class TestToTheSecond:
    def test_what_has_a_time_cuts_in_at_it(self) -> None:
        studio = Studio()
        studio.cue(1, Piece(tone(440, 20.0)))
        studio.cue(2, Piece(tone(880, 5.0)), at=3.0)
        windows = pitches(studio.play(6.0))
        assert set(windows[:30]) == {440}
        assert set(windows[34:]) == {880}
        assert studio.said(Ended)[0] == Ended(1, "cut", 3.0)

    def test_a_jingle_over_the_music_lowers_it_and_lets_it_up_again(self) -> None:
        studio = Studio()
        studio.cue(1, Piece(tone(440, 20.0)))
        studio.cue(2, Piece(tone(2000, 2.0)), at=3.0, mix_level=20)
        sound = studio.play(8.0)

        def music(at: float) -> float:
            piece = sound[int(at * RATE) : int((at + 0.5) * RATE)]
            return float(np.abs(np.fft.rfft(piece))[220])

        assert music(4.0) == pytest.approx(music(1.0) * 0.2, rel=0.05)
        assert music(6.5) == pytest.approx(music(1.0), rel=0.05)
        assert [one.id for one in studio.said(Ended)] == [2]  # type: ignore[union-attr]

    def test_what_is_dropped_is_not_heard(self) -> None:
        studio = Studio()
        studio.cue(1, Piece(tone(440, 20.0)))
        late = studio.cue(2, Piece(tone(880, 5.0)), at=3.0)
        studio.mixer.drop(2)
        assert heard(studio.play(5.0)) == [440]
        assert late.is_closed


class TestSilence:
    def test_is_told_once_and_its_end_too(self) -> None:
        studio = Studio()
        studio.mixer.silence_s = 2.0
        studio.cue(1, Piece(np.zeros((2, 3 * RATE), dtype=np.float32)))
        studio.cue(2, Piece(tone(440, 3.0)))
        studio.play(5.0)
        assert [round(one.seconds, 1) for one in studio.said(Silent)] == [2.0, 0.0]  # type: ignore[union-attr]


class TestTheChain:
    def test_the_limiter_holds_the_ceiling_and_leaves_the_quiet_alone(self) -> None:
        limiter = Limiter()
        quiet = tone(440, 0.1, level=0.5)
        assert limiter(quiet) is quiet
        for _ in range(20):
            assert float(np.abs(limiter(tone(440, 0.1, level=2.0))).max()) <= CEILING + 1e-6

    def test_the_equaliser_turns_up_and_the_filter_takes_out_rumble(self) -> None:
        up = Tone(dc_filter=False, eq_gains=[0, 0, 0, 0, 0, 12, 0, 0, 0, 0])
        assert level(up(tone(1000, 0.5, level=0.1))) > 3 * level(tone(1000, 0.5, level=0.1))
        out = Tone(dc_filter=True, eq_gains=[])
        shifted = np.full((2, RATE), 0.3, dtype=np.float32)
        assert abs(float(out(shifted)[0, -1000:].mean())) < 0.01

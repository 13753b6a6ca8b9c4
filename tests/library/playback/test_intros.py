"""Intros: what the episodes of a season share, found by listening to them; and what chapters say."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from polycast.core.identity.scopes import Role
from polycast.core.jobs.model import Tick
from polycast.core.media import Probed, ProbedChapter
from polycast.library.playback.intros import of_chapters, of_neighbours, shared
from tests.library.media import _folder, put
from tests.library.playback.cinema import ffmpeg
from tests.server import running

# A note a second and another voice at half that pace; the melodies around it are others.
THEME = (
    "0.4*sin(2*PI*t*220*pow(2,floor(mod(floor(t)*7.7,12))/12))"
    "+0.3*sin(2*PI*t*440*pow(2,floor(mod(floor(t/2)*5.3,12))/12))"
)


def episode(number: int, before: int) -> Path:
    """160 seconds of a melody of its own, with the theme of 20 seconds after `before` seconds."""
    place = _folder() / f"episode-{number}.mkv"
    beat = f"floor(t*{1 + number * 0.23})"
    own = f"0.5*sin(2*PI*t*{190 + 31 * number}*pow(2,floor(mod({beat}*{beat}*{number * 3.1 + 1.7},12))/12))"
    ffmpeg(
        "-f", "lavfi", "-i", f"aevalsrc='{own}':s=22050:d={before}", "-f", "lavfi", "-i", f"aevalsrc='{THEME}':s=22050:d=20",
        "-f", "lavfi", "-i", f"aevalsrc='{own}':s=22050:d={140 - before}",
        "-f", "lavfi", "-i", "color=size=64x36:rate=1:duration=160",
        "-filter_complex", "[0:a][1:a][2:a]concat=n=3:v=0:a=1[sound]", "-map", "3:v", "-map", "[sound]",
        "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-b:a", "64k", str(place),
    )  # fmt: skip
    return place


@pytest.mark.slow
class TestASeason:
    async def test_the_theme_is_found_where_each_episode_has_it(self, tmp_path: Path) -> None:
        shows = tmp_path / "media" / "shows"
        starts = {1: 4, 2: 11, 3: 7}
        for number, before in starts.items():
            put(shows, f"Theme (2001)/Season 1/Theme - S01E0{number}.mkv", episode(number, before))
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            await owner.post("/v1/libraries", {"name": "Shows", "type": "tv", "paths": [str(shows)]})
            await server.idle()
            await server.house.core.db.write(lambda unit: unit.enqueue("library.find_intros", Tick()))
            await server.idle()
            [show] = (await owner.get("/v1/shows")).json()["items"]
            episodes = (await owner.get(f"/v1/shows/{show['id']}/seasons/1/episodes")).json()["items"]
            found = {}
            for one in episodes:
                sent = {"mediaType": "episode", "mediaId": one["id"]}
                session = (await owner.post("/v1/playback/sessions", sent)).json()
                found[one["episodeNumber"]] = [mark for mark in session["segments"] if mark["type"] == "intro"]
        assert set(found) == {1, 2, 3}
        for number, marks in found.items():
            [mark] = marks
            assert abs(mark["start"] - starts[number]) < 3, (number, mark)
            assert abs(mark["end"] - starts[number] - 20) < 3, (number, mark)
            assert (mark["source"], mark["confidence"]) == ("fingerprint", 99)


class TestFingerprints:
    def test_what_is_shared_is_found_at_its_place(self) -> None:
        random = np.random.default_rng(7)
        theme = random.integers(0, 2**32, 200, dtype=np.uint32)
        first = np.concatenate([random.integers(0, 2**32, 50, dtype=np.uint32), theme])
        second = np.concatenate([random.integers(0, 2**32, 300, dtype=np.uint32), theme])
        run = shared(first, second)
        assert run is not None
        assert abs(run[0] - 50) <= 16
        assert abs(run[1] - 250) <= 16

    def test_two_that_share_nothing_share_nothing(self) -> None:
        random = np.random.default_rng(8)
        first, second = (random.integers(0, 2**32, 400, dtype=np.uint32) for _ in range(2))
        assert shared(first, second) is None
        assert of_neighbours(first, [second, second[:5], second[:0]], "intro") is None

    def test_silence_is_no_theme(self) -> None:
        quiet = np.full(400, 627_964_279, dtype=np.uint32)
        assert shared(quiet, quiet) is None


class TestChapters:
    def test_titles_in_many_languages_say_what_they_are(self) -> None:
        titles = ("Vorspann", "Chapter 1", "Opening", "Previously on Lost", "Abspann", "The Intro Man")
        chapters = [
            ProbedChapter(start=timedelta(seconds=at), end=timedelta(seconds=at + 1), title=title)
            for at, title in enumerate(titles)
        ]
        probed = Probed(
            container="matroska", size_bytes=1, duration=None, bitrate_bps=None, streams=[], chapters=chapters
        )
        assert [(one.kind, one.start.seconds) for one in of_chapters(probed)] == [
            ("intro", 0),
            ("intro", 2),
            ("recap", 3),
            ("credits", 4),
        ]

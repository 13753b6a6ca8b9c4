"""Statistics, royalty reports, playlists as files. Source: `specs/radio.md` 3.14, 5.12, 5.13."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import aiohttp
import pytest
import pytest_asyncio

from polycast.core.storage import Unit
from polycast.radio.tables import history, minutes, sessions, tracks
from tests.radio.panel.world import V2, Station, customer
from tests.radio.world import NOBODY, NOT_FOUND, World

pytestmark = pytest.mark.asyncio(loop_scope="package")
DAY = datetime(2026, 3, 29, 10, tzinfo=UTC)  # Berlin's clock goes forward on it
WHEN = "date1=2026-03-29&date2=2026-03-30"


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def at(books: World) -> Station:
    """Two plays of one song and one of another; three who listened, one of them for a moment only."""
    station = await customer(books, "countfm")
    await station.owner.put(f"{V2}/servers/{station.server}/", {"timezone": "Europe/Berlin"})
    song, other = await station.track("=Song", artist="Ana"), await station.track("Other", artist="Bo")

    def past(unit: Unit) -> None:
        def play(after_s: int, pk: int, author: str, title: str, ears: int) -> None:
            at = DAY + timedelta(seconds=after_s)
            values = {"author": author, "title": title, "isrc": "DE1", "length_ms": 100_000, "n_listeners": ears}
            unit.insert(history, station_id=station.server, at=at, track_id=pk, metadata=title, **values)

        def heard(after_s: int, seconds: int, address: str, country: str) -> None:
            at = DAY + timedelta(seconds=after_s)
            values = {"address": address, "country": country, "player": "VLC", "sent_bytes": seconds * 16_000}
            unit.insert(sessions, station_id=station.server, at=at, length_ms=seconds * 1000, **values)

        play(0, song["id"], "Ana", "=Song", 1)
        play(100, other["id"], "Bo", "Other", 2)
        play(200, song["id"], "Ana", "=Song", 1)
        heard(-50, 120, "1.1.1.1", "DE")  # the first play
        heard(90, 200, "2.2.2.2", "FR")  # the end of the first, the second, the third
        heard(10, 3, "3.3.3.3", "FR")  # no listener
        for minute in range(4):
            at = DAY + timedelta(minutes=minute)
            unit.execute(
                minutes.insert().values(station_id=station.server, at=at, listeners=minute, unique_listeners=minute)
            )
        unit.execute(tracks.update().where(tracks.c.id == song["id"]).values(auto_up=3))

    await books.server.house.core.db.write(past)
    return station


def cells(book: bytes) -> list[list[str]]:
    """What a workbook's sheet says."""
    name = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with ZipFile(io.BytesIO(book)) as packed:
        assert packed.testzip() is None
        sheet = ET.fromstring(packed.read("xl/worksheets/sheet1.xml"))
        for part in packed.namelist():
            ET.fromstring(packed.read(part))
    return [["".join(cell.itertext()) for cell in row.iter(f"{name}c")] for row in sheet.iter(f"{name}row")]


class TestStatistics:
    async def test_everything_in_one_line(self, at: Station) -> None:
        assert await at.status("GET", f"stats/summary/?server={at.server}&{WHEN}") == (200, {
            "date1": "2026-03-29", "date2": "2026-03-30", "listeners": 0, "listeners_peak": 3, "average_seconds": 160,
            "sessions": 2, "unique": 2, "listening_hours": 0.09, "traffic": 5_120_000,
        })  # fmt: skip

    async def test_by_country_player_hour_and_day(self, at: Station) -> None:
        asked = f"?server={at.server}&{WHEN}"
        rows = (await at.status("GET", f"stats/countries/{asked}"))[1]
        assert [(row["name"], row["sessions"]) for row in rows] == [("FR", 1), ("DE", 1)]
        [vlc] = (await at.status("GET", f"stats/players/{asked}"))[1]
        assert (vlc["name"], vlc["unique"], vlc["traffic"]) == ("VLC", 2, 5_120_000)
        hour = {"at": "2026-03-29 12:00", "average": 1.5, "peak": 3, "hours": 0.1}  # summer time since that night
        assert (await at.status("GET", f"stats/hourly/{asked}"))[1] == [hour]
        assert (await at.status("GET", f"stats/daily/{asked}"))[1] == [hour | {"at": "2026-03-29"}]
        assert await at.status("GET", f"stats/map/?server={at.server}") == (200, [])

    async def test_listening_hours(self, at: Station) -> None:
        asked = f"listening_hours/?server={at.server}"
        assert (await at.public.get(f"{V2}/{asked}")).json() == {"total_time": 0, "dates": []}
        found = (await at.public.get(f"{V2}/{asked}&{WHEN}")).json()
        assert found == {
            "total_time": 0.09,
            "dates": [{"date": "2026-03-29", "time": 0.09}, {"date": "2026-03-30", "time": 0.0}],
        }
        book = await at.public.get(f"{V2}/{asked}&{WHEN}&excel=1")
        assert cells(book.body) == [["Date", "Hours"], ["2026-03-29", "0.09"], ["2026-03-30", "0.0"], ["", "0.09"]]

    async def test_tracks(self, at: Station) -> None:
        asked = f"?server={at.server}&{WHEN}"
        rows = (await at.public.get(f"{V2}/track_stats/{asked}")).json()
        assert [(row["title"], row["plays"], row["listeners"], row["score"]) for row in rows] == [
            ("=Song", 2, 2, 3), ("Other", 1, 2, 0),
        ]  # fmt: skip
        assert (await at.public.get(f"{V2}/track_stats/best/{asked}")).json() == rows
        assert (await at.public.get(f"{V2}/track_stats/worst/{asked}")).json() == rows[::-1]
        for word in ("best", "worst"):
            book = await at.public.get(f"{V2}/track_stats/{word}_excel/{asked}")
            assert len(cells(book.body)) == 3
        assert cells(book.body)[2][:3] == ["Ana", "=Song", "2"]
        table = (await at.public.get(f"{V2}/track_stats/csv/{asked}")).body.decode("utf-8-sig")
        assert list(csv.reader(io.StringIO(table)))[1][:3] == ["Ana", "'=Song", "2"]  # nothing is computed


class TestRoyalties:
    async def test_who_heard_which_recording(self, at: Station) -> None:
        got = await at.owner.get(f"{V2}/royalties/?server={at.server}&{WHEN}")
        assert got.headers["aggregate-tuning-hours"] == "0.09"
        assert [line.split("\t") for line in got.body.decode().splitlines()] == [
            ["NAME_OF_SERVICE", "TRANSMISSION_CATEGORY", "FEATURED_ARTIST", "SOUND_RECORDING_TITLE", "ISRC", "ALBUM_TITLE",
             "MARKETING_LABEL", "ACTUAL_TOTAL_PERFORMANCES"],
            ["countfm", "A", "Ana", "=Song", "DE1", "", "", "3"],
            ["countfm", "A", "Bo", "Other", "DE1", "", "", "1"],
        ]  # fmt: skip
        book = cells((await at.owner.get(f"{V2}/royalties/?server={at.server}&{WHEN}&format=xlsx")).body)
        assert book[1][-3:] == ["100", "2", "3"]
        table = await at.owner.get(f"{V2}/royalties/?server={at.server}&{WHEN}&format=csv")
        assert table.headers["content-type"] == "text/csv; charset=utf-8"

    @pytest.mark.parametrize(
        ("more", "body"),
        [
            ("&format=pdf", {"format": ["invalid_choice"]}),
            ("&date1=2026-13-01", {"date1": ["invalid"]}),
            ("&date1=2026-01-01&date2=2025-01-01", {"date2": ["invalid"]}),
            ("&date1=2025-12-01&date2=2026-06-01", {"date2": ["invalid"]}),
        ],
    )
    async def test_what_is_wrong(self, at: Station, more: str, body: Any) -> None:
        assert await at.status("GET", f"royalties/?server={at.server}{more}") == (400, body)

    async def test_is_nobody_elses_business(self, at: Station) -> None:
        for path in ("stats/summary", "stats/countries", "stats/players", "stats/hourly", "stats/daily", "stats/map",
                     "royalties"):  # fmt: skip
            asked = f"{path}/?server={at.server}&{WHEN}"
            assert await at.status("GET", asked, by=at.other) == (404, NOT_FOUND), path
            assert await at.status("GET", asked, by=at.public) == (401, NOBODY), path
            if path != "stats/map":
                assert await at.status("GET", f"{path}/") == (400, {"server": ["required"]})


class TestPlaylistsAsFiles:
    async def test_an_m3u_of_another_program_is_read(self, at: Station) -> None:
        lines = ["#EXTM3U", "#EXTINF:2,Ana - Song", "C:\\Music\\=Song.mp3", "/elsewhere/OTHER.MP3", "gone.mp3"]
        form = aiohttp.FormData({"name": "Imported", "server": str(at.server)})
        form.add_field("m3u", "\r\n".join(lines).encode(), filename="old.m3u", content_type="audio/x-mpegurl")
        got = await at.owner.ask("POST", f"{V2}/playlists/", data=form)
        made = got.json()
        assert (got.status, made["tracks_num"], made["imported"], made["missing"]) == (201, 2, 2, ["gone.mp3"])
        book = await at.public.get(f"{V2}/playlists/{made['id']}/excel/?lang=de")
        rows = cells(book.body)
        assert rows[0] == ["Nr.", "Datei", "Interpret", "Titel", "Länge", "Hinzugefügt"]
        assert [row[2:5] for row in rows[1:]] == [["Ana", "=Song", "00:02"], ["Bo", "Other", "00:02"]]
        empty = aiohttp.FormData({"name": "Empty", "server": str(at.server)})
        empty.add_field("m3u", b"#EXTM3U\n", filename="old.m3u")
        got = await at.owner.ask("POST", f"{V2}/playlists/", data=empty)
        assert (got.status, got.json()) == (400, {"m3u": ["empty"]})
        assert (await at.public.get(f"{V2}/playlists/999999/excel/")).json() == NOT_FOUND
